//! `dtguard explain`: the catalogue for a person at a terminal.

use std::collections::HashSet;

use super::curl::Curl;
use super::page::wrap;
use super::{Page, Role};
use crate::token::{Kind, Revocation};

/// Writes `kinds`, a line each.
pub fn write_kinds(page: &mut Page, kinds: &[Kind]) {
    for kind in kinds {
        let label = format!("{:26} ", kind.label());
        let severity = format!("{:8} ", kind.severity);
        let indent = label.len() + severity.len();
        let mut name = wrap(kind.name, page.room(indent)).into_iter();
        let first = name.next().unwrap_or_default();
        page.pieces(0, &[(Role::Token, &label), (Role::Plain, &severity), (Role::Heading, &first)]);
        name.for_each(|rest| page.line(indent, Role::Heading, &rest));
    }
    page.blank();
    page.text(0, Role::Dim, "dtguard explain PREFIX shows what a kind gives access to and how to revoke it.");
}

/// Writes all about one kind; `identifier` is filled into its calls.
pub fn write_kind(page: &mut Page, kind: &Kind, identifier: Option<&str>) {
    page.text(0, Role::Heading, kind.name);
    page.text(2, Role::Plain, &format!("Kind: {} ({})", kind.id, kind.label()));
    if let Some(identifier) = identifier {
        page.text(2, Role::Plain, &format!("Identifier: {identifier}"));
    }
    page.text(2, Role::Plain, &format!("Opens: {}", kind.opens));
    page.text(2, Role::Plain, &format!("Severity: {}", kind.severity));
    if !kind.note.is_empty() {
        page.text(2, Role::Plain, &format!("Note: {}", kind.note));
    }
    page.text(2, Role::Plain, "Revoke:");
    let mut variables = Vec::new();
    for way in kind.revoke {
        let text = way.describe(identifier);
        match way {
            Revocation::Call { scope, .. } => {
                page.command(&text);
                page.text(6, Role::Dim, &format!("(with a token that has the scope {scope})"));
                if let Some(curl) = Curl::of(*way, identifier) {
                    curl.lines.iter().for_each(|line| page.line(6, Role::Command, line));
                    variables.extend(curl.variables);
                }
            }
            Revocation::Step(_) => page.text(4, Role::Plain, &text),
        }
    }
    let mut seen = HashSet::new();
    variables.retain(|(variable, _)| seen.insert(*variable));
    for (variable, what) in variables {
        page.text(4, Role::Dim, &format!("${variable}: {what}"));
    }
    page.text(2, Role::Plain, &format!("Shape: {}. Sources:", kind.evidence));
    for source in kind.sources {
        page.text(4, Role::Dim, source.title);
        if !source.address.is_empty() {
            page.line(6, Role::Dim, &format!("https://{}", source.address));
        }
    }
}
