//! `dtguard explain`: the catalogue for people.

use std::collections::HashSet;

use super::curl::Curl;
use super::page::wrap;
use super::text::{advises, opens};
use super::{Page, Role};
use crate::token::{Kind, Revocation};

/// The columns that a name needs.
const NAME: usize = 24;

/// Writes one row for each of `kinds`. On a narrow page the name has its own lines.
pub fn write_kinds(page: &mut Page, kinds: &[Kind]) {
    for kind in kinds {
        let label = format!("{:26} ", kind.label());
        let severity = format!("{:8} ", kind.severity);
        let row = [(Role::Token, &*label), (Role::Plain, &*severity)];
        let indent = label.len() + severity.len();
        if page.width() < indent + NAME {
            page.pieces(0, &[row[0], (Role::Plain, severity.trim_end())]);
            page.text(2, Role::Heading, kind.name);
            continue;
        }
        let mut name = wrap(kind.name, page.room(indent)).into_iter();
        page.pieces(0, &[row[0], row[1], (Role::Heading, &name.next().unwrap_or_default())]);
        name.for_each(|rest| page.line(indent, Role::Heading, &rest));
    }
    page.blank();
    page.text(0, Role::Dim, "dtguard explain PREFIX shows what a kind gives access to and how to revoke it.");
}

/// Writes all about one kind. Its calls contain `identifier`.
pub fn write_kind(page: &mut Page, kind: &Kind, identifier: Option<&str>) {
    page.text(0, Role::Heading, kind.name);
    let label = if kind.is_rule() { "a rule of the policy".to_owned() } else { kind.label() };
    page.text(2, Role::Plain, &format!("Kind: {} ({label})", kind.id));
    if let Some(identifier) = identifier {
        page.text(2, Role::Plain, &format!("Identifier: {identifier}"));
    }
    page.text(2, Role::Plain, &opens(kind, "Opens:"));
    page.text(2, Role::Plain, &format!("Severity: {}", kind.severity));
    if !kind.note.is_empty() {
        page.text(2, Role::Plain, &format!("Note: {}", kind.note));
    }
    page.text(2, Role::Plain, advises(kind, "Revoke:"));
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
    if kind.is_rule() {
        return;
    }
    page.text(2, Role::Plain, &format!("Shape: {}. Sources:", kind.evidence));
    for source in kind.sources {
        page.text(4, Role::Dim, source.title);
        if !source.address.is_empty() {
            page.line(6, Role::Dim, &format!("https://{}", source.address));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::KINDS;

    #[test]
    fn the_table_fits_a_narrow_terminal_and_cuts_no_name() {
        colored::control::set_override(false);
        for width in [80, 60, 40] {
            let mut page = Page::new(width);
            write_kinds(&mut page, KINDS);
            let text = page.into_text();
            assert!(text.lines().all(|line| line.chars().count() <= width), "{width}: {text}");
            let words: Vec<_> = text.split_whitespace().collect();
            let words = words.join(" ");
            for kind in KINDS {
                assert!(kind.name.split(' ').all(|word| words.contains(word)), "{}", kind.name);
                assert!(width >= 80 || words.contains(kind.name), "{width}: {}", kind.name);
            }
        }
    }
}
