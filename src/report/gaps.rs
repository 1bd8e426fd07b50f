//! What could not be read, for people.

use super::text::{count, gap_cause, gap_name};
use super::{Page, Report, Role, sanitize};
use crate::finding::Part;
use crate::scan::Gap;

/// How many gaps, and how many hints, are listed.
const LISTED: usize = 5;

/// Writes what could not be read and why.
pub fn write_gaps(page: &mut Page, report: &Report<'_>) {
    let (unreadable, unread): (Vec<&Gap>, Vec<&Gap>) =
        report.gaps.iter().partition(|gap| gap.is_unreadable());
    if !unreadable.is_empty() {
        let number = match report.count_unreadable() {
            1 => "this".to_owned(),
            number => format!("these {number}"),
        };
        page.text(0, Role::Alarm, &format!("dtguard: blocked, cannot read {number}:"));
        write_list(page, report, &unreadable, report.unlisted);
        write_hints(page, &unreadable);
    }
    if unread.is_empty() {
        return;
    }
    let (alarm, role) = if report.unread_blocks { ("blocked, ", Role::Alarm) } else { ("", Role::Notice) };
    let parts = count(unread.len(), "part");
    page.text(0, role, &format!("dtguard: {alarm}{parts} could not be scanned:"));
    write_list(page, report, &unread, 0);
    if report.unread_blocks {
        let file = sanitize(report.policy_file.as_bytes());
        page.say(&format!("What to do: commit what can be read, or let such parts pass: take unread = \"block\" out of {file}."));
    }
}

/// Writes the first of `gaps`; there are `unlisted` others.
fn write_list(page: &mut Page, report: &Report<'_>, gaps: &[&Gap], unlisted: usize) {
    let listed = if report.verbose { gaps.len() } else { LISTED };
    for gap in gaps.iter().take(listed) {
        let commit = gap.commit.filter(|_| gap.part != Part::CommitMessage);
        let commit = commit.map(|commit| format!("commit {:.12} ", commit.to_string())).unwrap_or_default();
        let (name, cause) = (sanitize(&gap_name(gap)), gap_cause(gap));
        page.line(2, Role::Place, &format!("{commit}{name} ({})", sanitize(cause.as_bytes())));
    }
    let more = gaps.len().saturating_sub(listed);
    match (more, unlisted) {
        (0, 0) => {}
        (0, unlisted) => page.text(2, Role::Plain, &format!("and {unlisted} more")),
        (more, 0) => page.text(2, Role::Plain, &format!("and {more} more (dtguard -v lists them all)")),
        (more, unlisted) => {
            let listed = more + listed;
            let more = more + unlisted;
            page.text(2, Role::Plain, &format!("and {more} more (dtguard -v lists the first {listed})"));
        }
    }
}

/// Writes how to fix `gaps`: each command and each explanation once.
fn write_hints(page: &mut Page, gaps: &[&Gap]) {
    let mut hints: Vec<&str> = Vec::new();
    for hint in gaps.iter().map(|gap| gap.hint()).filter(|hint| !hint.is_empty()) {
        let is_known = hints.iter().any(|known| {
            known.lines().next() == hint.lines().next() || known.lines().last() == hint.lines().last()
        });
        if !is_known && hints.len() < LISTED {
            hints.push(hint);
        }
    }
    if hints.is_empty() {
        return;
    }
    page.say("What to do:");
    let lines = hints.iter().flat_map(|hint| hint.lines());
    lines.for_each(|line| page.command(&sanitize(line.as_bytes())));
}
