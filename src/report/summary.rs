//! The summary: one line that says what was scanned and what was found.

use std::collections::HashSet;

use super::text::{count, count_kinds};
use super::{Report, Scope};
use crate::find::Certainty;
use crate::finding::{Finding, Token};
use crate::scan::Coverage;

/// The summary line.
pub(super) fn summary(report: &Report<'_>) -> String {
    let judged = &report.judged;
    let mut found = Vec::new();
    if !judged.blocking.is_empty() {
        let tokens = tokens(judged.blocking.iter().map(|(finding, _)| *finding));
        found.push(match report.enforced_from {
            Some(day) => format!("{tokens} would be blocked, from {day} on"),
            None if report.is_scan && report.scope == Scope::Staged => format!("{tokens} would be blocked"),
            None => format!("{tokens} blocked"),
        });
    }
    let passing = |by_entry: bool| {
        let some = judged.passing.iter().filter(move |(_, entry)| entry.is_some() == by_entry);
        some.map(|(finding, _)| *finding)
    };
    if judged.allowed > 0 {
        found.push(format!("{} allowed by policy", tokens(passing(true))));
    }
    if judged.fillers > 0 {
        found.push(count(judged.fillers, "filler"));
    }
    if judged.passed > 0 {
        let passed = passing(false).filter(|finding| finding.certainty != Certainty::Filler);
        found.push(format!("{} passed by [certainty]", tokens(passed)));
    }
    let unreadable = report.count_unreadable();
    let empty = match report.scope {
        Scope::Push { commits, tags } => commits + tags + report.coverage.files == 0,
        Scope::Message | Scope::Event => false,
        _ => report.coverage.files == 0,
    };
    match (empty, found.is_empty()) {
        (true, true) if report.interrupted => "dtguard: stopped before anything was scanned".to_owned(),
        (false, true) if report.interrupted => format!("dtguard: stopped after {}", scanned(report)),
        (true, true) if unreadable > 0 => "dtguard: nothing could be read".to_owned(),
        (true, true) => format!("dtguard: {}", scanned(report)),
        (true, false) => format!("dtguard: {}", found.join(", ")),
        (false, true) if unreadable > 0 => {
            format!("dtguard: no Dynatrace token in what could be read, {}", scanned(report))
        }
        (false, true) => format!("dtguard: no Dynatrace token in {}", scanned(report)),
        (false, false) => format!("dtguard: scanned {}: {}", scanned(report), found.join(", ")),
    }
}

/// How many tokens `findings` are of, and in how many places if that is a different number.
pub(super) fn tokens<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> String {
    let (mut kinds, mut seen, mut places) = (Vec::new(), HashSet::<Token>::new(), 0);
    for finding in findings {
        places += 1;
        if seen.insert(finding.token()) {
            kinds.push(finding.kind);
        }
    }
    let tokens = count_kinds(kinds, "token");
    if seen.len() == places { tokens } else { format!("{tokens} in {}", count(places, "place")) }
}

/// What was scanned.
fn scanned(report: &Report<'_>) -> String {
    let Coverage { files, lines, lines_at_most, submodules, .. } = report.coverage;
    let most = if lines_at_most { "at most " } else { "" };
    let change = |what: String| {
        format!("{what} with {} and {most}{}", count(files, "changed file"), count(lines, "added line"))
    };
    match (report.scope, files) {
        (Scope::Staged | Scope::Merge, 0) => nothing("this change adds no content"),
        (Scope::Staged | Scope::Merge, _) => {
            format!("{} with {most}{}", count(files, "staged file"), count(lines, "added line"))
        }
        (Scope::Commits(0), _) => nothing("no commits in this range"),
        (Scope::Commits(commits), _) => change(count(commits, "commit")),
        (Scope::Push { commits: 0, tags: 0 }, 0) => {
            nothing("this push brings nothing that the receiver lacks")
        }
        (Scope::Push { commits, tags: 0 }, _) => change(count(commits, "commit")),
        (Scope::Push { commits, tags }, _) => {
            change(format!("{}, {}", count(commits, "commit"), count(tags, "tag")))
        }
        (Scope::Message, _) => "the message".to_owned(),
        (Scope::Event, _) => "the event".to_owned(),
        (Scope::Files, 0) if submodules > 0 => {
            format!("only {}, which have their own hooks", count(submodules, "submodule"))
        }
        (Scope::Files, 0) => {
            "there are no tracked files to scan (--untracked and --ignored add others)".to_owned()
        }
        (Scope::Files, _) => {
            let left_out = match submodules {
                0 => String::new(),
                some => format!(", without {} (--recurse-submodules)", count(some, "submodule")),
            };
            format!("{} with {}{left_out}", count(files, "file"), count(lines, "line"))
        }
        (Scope::Diff, 0) => nothing("there is no diff"),
        (Scope::Diff, _) => format!("a diff of {} with {}", count(files, "file"), count(lines, "added line")),
        (Scope::History(commits), _) => {
            format!("{} with {} of files", count(commits, "commit"), count(files, "version"))
        }
    }
}

fn nothing(why: &str) -> String {
    format!("{why}, so there was nothing to scan")
}
