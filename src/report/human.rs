//! The report for the person whose commit was blocked.

use super::gaps::write_gaps;
use super::group::{Group, Token, groups};
use super::passing::write_passing;
use super::summary::summary;
use super::text::{advises, count, count_kinds, noun, opens, place};
use super::{Page, Report, Role, Scope, sanitize};
use crate::find::Certainty;
use crate::finding::{Excerpt, Finding, History, Part};
use crate::policy::{Date, Entry};
use crate::token::{Kind, Revocation, Shape};

/// How many tokens of a kind, and how many places of a token, are listed.
const LISTED: usize = 5;

/// Writes what blocks, kind by kind, then what to do, then the summary.
pub fn write_report(page: &mut Page, report: &Report<'_>) {
    write_report_with(page, report, |_| {});
}

/// Like [`write_report`]. If something blocks, `advise` adds what to do about it.
pub fn write_report_with(page: &mut Page, report: &Report<'_>, advise: impl FnOnce(&mut Page)) {
    let groups = groups(report);
    if !groups.is_empty() {
        let kinds = groups.iter().flat_map(|group| group.tokens.iter().map(|_| group.kind));
        write_headline(page, report, &count_kinds(kinds, "Dynatrace token"));
        for group in &groups {
            page.blank();
            write_group(page, report, group);
        }
        page.blank();
        write_way_out(page, report);
        advise(page);
        if report.unstaged_policy_allows {
            let file = sanitize(report.policy_file.as_bytes());
            let why = format!("The {file} in the work tree would allow this, but it is not staged:");
            page.text(0, Role::Notice, &why);
            page.command(&format!("git add :/{file}"));
        }
        page.blank();
    }
    if report.verbose {
        write_passing(page, report);
    }
    write_gaps(page, report);
    if report.coverage.unreachable > 0 {
        let tokens = count(report.coverage.unreachable, "token");
        page.text(0, Role::Notice, &format!("dtguard: {tokens} more in objects that no ref and no reflog reaches (dtguard scan --history --unreachable lists them)"));
    }
    if report.interrupted {
        page.text(0, Role::Alarm, "dtguard: interrupted: only part of the input was scanned");
    }
    page.text(0, Role::Dim, &summary(report));
}

fn write_headline(page: &mut Page, report: &Report<'_>, tokens: &str) {
    let (alarm, rest) = match report.scope {
        Scope::Staged if report.is_scan => {
            ("dtguard: this commit would be blocked,", format!("it adds {tokens}"))
        }
        Scope::Staged | Scope::Merge => ("dtguard: commit blocked,", format!("it adds {tokens}")),
        Scope::Commits(1) => ("dtguard: blocked,", format!("this commit adds {tokens}")),
        Scope::Commits(commits) => ("dtguard: blocked,", format!("these {commits} commits add {tokens}")),
        Scope::Push { .. } => ("dtguard: push blocked,", format!("it brings {tokens}")),
        Scope::Message => ("dtguard: commit blocked,", format!("its message holds {tokens}")),
        Scope::Files => ("dtguard: blocked,", format!("these files hold {tokens}")),
        Scope::Diff => ("dtguard: blocked,", format!("this diff adds {tokens}")),
        Scope::Event => ("dtguard: blocked,", format!("this event holds {tokens}")),
        Scope::History(_) => ("dtguard: blocked,", format!("this history holds {tokens}")),
    };
    let alarm = match report.enforced_from {
        Some(day) => format!("dtguard: would block from {day} on,"),
        None => alarm.to_owned(),
    };
    if alarm.len() + 1 + rest.len() <= page.room(0) {
        page.pieces(0, &[(Role::Alarm, &alarm), (Role::Heading, &format!(" {rest}"))])
    } else {
        page.line(0, Role::Alarm, &alarm);
        page.text(0, Role::Heading, &rest)
    }
}

fn write_group(page: &mut Page, report: &Report<'_>, group: &Group<'_>) {
    let Group { kind, tokens } = group;
    page.text(0, Role::Heading, &format!("{} [{}]", kind.name, kind.severity));
    let listed = if report.verbose { tokens.len() } else { LISTED };
    let is_sample = |token: &Token<'_>| token.first.certainty == Certainty::Sample;
    let last_sample = tokens.iter().take(listed).rposition(is_sample);
    for (number, token) in tokens.iter().take(listed).enumerate() {
        write_token(page, report.verbose, token);
        if Some(number) == last_sample {
            write_sample_advice(page, report);
        }
    }
    if let Some(more) = tokens.len().checked_sub(listed).filter(|more| *more > 0) {
        let more = count(more, "more token");
        let all = match report.scope {
            Scope::Staged if report.is_scan => " (all of them: dtguard -v scan --staged)",
            Scope::Staged => " (all of them: dtguard -v hook pre-commit)",
            _ => "",
        };
        page.text(2, Role::Plain, &format!("and {more} of this kind{all}"));
    }
    page.text(2, Role::Plain, &opens(kind, "Opens:"));
    let live: Vec<&Token<'_>> = tokens.iter().filter(|token| !is_sample(token)).take(listed).collect();
    if !live.is_empty() {
        write_revocation(page, kind, &live);
    }
    write_allow(page, tokens, listed);
}

fn write_sample_advice(page: &mut Page, report: &Report<'_>) {
    let file = sanitize(report.policy_file.as_bytes());
    let text = format!("To let the documentation's samples pass for good, write into {file}:");
    page.text(4, Role::Plain, &text);
    page.line(6, Role::Command, "[certainty]");
    page.line(6, Role::Command, "sample = \"pass\"");
}

/// Writes the places of a token, not all of them if it is not `verbose`.
pub(super) fn write_token(page: &mut Page, verbose: bool, token: &Token<'_>) {
    let listed = if verbose { token.findings.len() } else { LISTED };
    for (number, finding) in token.findings.iter().take(listed).enumerate() {
        page.line(2, Role::Place, &place(finding));
        if number == 0 && finding.place.part != Part::Path {
            write_excerpt(page, finding);
        }
        if let Some(history) = &finding.history {
            page.text(4, Role::Dim, &past(history, verbose));
        }
    }
    if let Some(more) = token.findings.len().checked_sub(listed).filter(|more| *more > 0) {
        page.text(2, Role::Plain, &format!("and {}", count(more, "more place")));
    }
    if let Some(note) = note(token) {
        page.text(4, Role::Notice, &note);
    }
}

/// The history of a token: `added 2019-05-01, in 3 versions, still in HEAD; reached by main, v1
/// and 2 more refs`.
pub(super) fn past(history: &History, all: bool) -> String {
    let added =
        history.author_date.map(|date| format!("added {}, ", Date::of_second(date))).unwrap_or_default();
    let tip = match (history.in_tip, history.staged) {
        (true, _) => "still in HEAD",
        (false, true) => "staged",
        (false, false) => "no longer in HEAD",
    };
    let versions = count(history.versions, "version");
    if history.is_only_staged() {
        return format!("in {versions}, staged; in no commit");
    }
    let listed = if all { history.refs.len() } else { LISTED.min(history.refs.len()) };
    let (named, more) = history.refs.split_at_checked(listed).unwrap_or_default();
    let short = |name: &Vec<u8>| {
        let short = name.strip_prefix(b"refs/heads/").or_else(|| name.strip_prefix(b"refs/"));
        sanitize(short.unwrap_or(name))
    };
    let mut named: Vec<String> = named.iter().map(short).collect();
    if !more.is_empty() {
        named.push(count(more.len(), "more ref"));
    }
    let reached = if named.is_empty() { "by no ref".to_owned() } else { format!("by {}", named.join(", ")) };
    format!("{added}in {versions}, {tip}; reached {reached}")
}

/// A note about one token, beyond what its kind says.
pub(super) fn note(token: &Token<'_>) -> Option<String> {
    if let Some(Entry { expires: Some(last), stated_at, owner, .. }) = token.expired {
        let owner = owner.as_ref().map(|owner| format!(" Its owner is {}.", sanitize(owner.as_bytes())));
        let (place, owner) = (sanitize(stated_at.as_bytes()), owner.unwrap_or_default());
        return Some(format!("It was allowed at {place} until {last}; that entry has expired.{owner}"));
    }
    match token.first.certainty {
        Certainty::Sample => Some("This is the sample token from Dynatrace's own documentation, not a live one.".to_owned()),
        Certainty::Format => Some("It has a token's format but not the exact shape in which this kind is issued: made up, damaged, or new.".to_owned()),
        Certainty::Context if matches!(token.first.kind.shape, Shape::Bare { .. }) => {
            Some("It has no prefix: the text around it identifies it.".to_owned())
        }
        Certainty::Filler => Some("Its secret part looks typed; this policy blocks such tokens too.".to_owned()),
        Certainty::Context | Certainty::Issued | Certainty::Rule => None,
    }
}

/// Writes the line with the token, shortened on both sides until it fits.
fn write_excerpt(page: &mut Page, finding: &Finding) {
    let Excerpt { before, token, after } = &finding.excerpt;
    let [before, token, after] = [before, token, after].map(|text| sanitize(text.as_bytes()));
    let room = page.room(4).saturating_sub(token.chars().count());
    let after_room = room.saturating_sub(before.chars().count()).max(room / 3);
    let after = cut(&after, after_room, false);
    let before = cut(&before, room.saturating_sub(after.chars().count()), true);
    page.pieces(4, &[(Role::Plain, &before), (Role::Token, &token), (Role::Plain, &after)]);
}

/// Shortens `text` to `room` characters of its start or its end; `...` marks the cut.
fn cut(text: &str, room: usize, keep_end: bool) -> String {
    let length = text.chars().count();
    if length <= room {
        return text.to_owned();
    }
    if room < 4 {
        return String::new();
    }
    let kept = room - 3;
    match keep_end {
        true => "...".chars().chain(text.chars().skip(length - kept)).collect(),
        false => text.chars().take(kept).collect::<String>() + "...",
    }
}

fn write_revocation(page: &mut Page, kind: &Kind, tokens: &[&Token<'_>]) {
    let it = if tokens.len() > 1 { "each one that" } else { "it if it" };
    page.text(2, Role::Plain, advises(kind, &format!("Revoke {it} ever left this machine:")));
    let takes_identifier = kind.revoke.first().is_some_and(|way| way.describe(Some("\0")).contains('\0'));
    // A rotation has several steps in order. Other kinds have one best way; `dtguard explain`
    // lists the rest.
    let (named, ways) = match takes_identifier {
        true => (tokens.iter().map(|token| token.first.identifier.as_deref()).collect(), 1),
        false => (vec![None], kind.revoke.len()),
    };
    for identifier in named {
        for way in kind.revoke.iter().take(ways) {
            match way {
                Revocation::Call { .. } => page.command(&way.describe(identifier)),
                Revocation::Step(_) => page.text(4, Role::Plain, &way.describe(identifier)),
            }
        }
    }
    if let Some(scope) = kind.revoke.first().and_then(|way| way.scope()) {
        page.text(4, Role::Dim, &format!("(with a token that has the scope {scope})"));
    }
    if let Some(token) = tokens.first().filter(|_| !kind.is_rule()) {
        page.line(2, Role::Plain, "Step by step:");
        page.command(&format!("dtguard respond {}", token.first.allow_name()));
    }
}

fn write_allow(page: &mut Page, tokens: &[Token<'_>], listed: usize) {
    let it = if tokens.len() > 1 { "each one that" } else { "it if it" };
    page.text(2, Role::Plain, &format!("Allow {it} is no secret:"));
    for token in tokens.iter().take(listed) {
        // Nothing meaningful can be pasted here, so the program must refuse the placeholder.
        let expires = if token.expired.is_some() { " --expires YYYY-MM-DD" } else { "" };
        let name = token.first.allow_name();
        let command = format!("dtguard allow {name} --reason \"<why>\"{expires}");
        page.command(&command);
    }
}

/// Writes what to do, if the scope alone decides that.
fn write_way_out(page: &mut Page, report: &Report<'_>) {
    let noun = noun(report.judged.blocking.iter().map(|(finding, _)| *finding));
    let text = match report.scope {
        Scope::Push { .. } | Scope::Message | Scope::Event => return,
        Scope::Staged if noun == "text" => {
            "What to do: take the text out, then git add the file and commit again."
        }
        Scope::Staged => {
            "What to do: take the token out, let the program read it from the environment or a secret store, then git add the file and commit again."
        }
        Scope::Merge => {
            "What to do: if the other branch brings the token, take it out there, or git merge --abort; if you brought it in while merging, take it out, git add the file and continue with git merge --continue."
        }
        Scope::Files if noun == "text" => "What to do: take the text out.",
        Scope::Files => {
            "What to do: take the token out and let the program read it from the environment or a secret store."
        }
        Scope::Diff => "What to do: take the token out before the change is merged.",
        Scope::History(_) if noun == "text" => {
            "What to do: take the text out of the files; to take it out of the history too, rewrite that (dtguard scan --history --format filter-repo) and have everybody clone it again."
        }
        Scope::History(_) => {
            "What to do: revoke each token first: every clone of the repository has it. Then take it out of the files; to take it out of the history too, rewrite that (dtguard scan --history --format filter-repo) and have everybody clone it again."
        }
        Scope::Commits(_) => {
            "What to do: take the token out of the commit that adds it (git commit --amend for the last one, git rebase -i for an older one). A later commit that removes it leaves it in the history."
        }
    };
    page.say(&text.replace("the token", &format!("the {noun}")));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_says_that_it_cut() {
        assert_eq!(cut("abcdefgh", 8, true), "abcdefgh");
        assert_eq!(cut("abcdefgh", 6, true), "...fgh");
        assert_eq!(cut("abcdefgh", 6, false), "abc...");
        assert_eq!(cut("abcdefgh", 2, false), "");
    }
}
