//! A short report, for output behind `remote: ` and for notices.

use super::gaps::write_gaps;
use super::group::groups;
use super::summary::summary;
use super::text::{advises, count, count_kinds, opens, place};
use super::{Page, Report, Role, sanitize};
use crate::token::Revocation;

/// How many tokens, and places of a token, are listed.
const LISTED: usize = 10;
const PLACES: usize = 3;

/// Like [`write_compact`], with what each kind opens and the next command for each token.
pub fn write_agent_report(page: &mut Page, headline: &str, report: &Report<'_>) {
    write_compact(page, headline, report);
    let groups = groups(report);
    for group in &groups {
        page.text(0, Role::Plain, &opens(group.kind, &format!("{} opens:", group.kind.name)));
    }
    let tokens = groups.iter().filter(|group| !group.kind.is_rule()).flat_map(|group| &group.tokens);
    if tokens.clone().next().is_some() {
        page.say("Step by step, if it is a live one:");
    }
    tokens
        .take(LISTED)
        .for_each(|token| page.command(&format!("dtguard respond {}", token.first.allow_name())));
}

/// Writes `headline` with the number of blocking tokens for `{}`, then each token with its
/// first places and how to revoke it. If nothing blocks, writes the summary.
pub fn write_compact(page: &mut Page, headline: &str, report: &Report<'_>) {
    let groups = groups(report);
    let tokens: Vec<_> =
        groups.iter().flat_map(|group| group.tokens.iter().map(|token| (group.kind, token))).collect();
    if !tokens.is_empty() {
        let number = count_kinds(tokens.iter().map(|(kind, _)| *kind), "Dynatrace token");
        page.text(0, Role::Alarm, &headline.replacen("{}", &number, 1));
    }
    let listed = if report.verbose { tokens.len() } else { LISTED };
    for (kind, token) in tokens.iter().take(listed) {
        let without = if kind.is_rule() { "" } else { " without an identifier" };
        let name = token.first.identifier.as_deref();
        let name = name.map_or(without.to_owned(), |name| format!(" {}", sanitize(name.as_bytes())));
        page.line(0, Role::Heading, &format!("{}{name} [{}]", kind.name, kind.severity));
        for finding in token.findings.iter().take(PLACES) {
            page.line(2, Role::Place, &place(finding));
        }
        if let Some(more) = token.findings.len().checked_sub(PLACES).filter(|more| *more > 0) {
            page.line(2, Role::Plain, &format!("and {}", count(more, "more place")));
        }
        if let Some(way) = kind.revoke.first() {
            let text = format!(
                "{} {}",
                advises(kind, "Revoke it:"),
                way.describe(token.first.identifier.as_deref())
            );
            match way {
                Revocation::Call { .. } => page.line(2, Role::Command, &text),
                Revocation::Step(_) => page.text(2, Role::Plain, &text),
            }
        }
    }
    if let Some(more) = tokens.len().checked_sub(listed).filter(|more| *more > 0) {
        page.line(0, Role::Plain, &format!("and {}", count(more, "more token")));
    }
    write_gaps(page, report);
    if tokens.is_empty() {
        page.text(0, Role::Dim, &summary(report));
    }
}
