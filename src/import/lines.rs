//! Files with one expression or glob per line.

use super::expression;
use super::item::{Item, Meaning, WHOLE_FILES};

/// A line with the comment above it and the other lines of its group.
pub(super) struct Said<'a> {
    /// Counted from 1.
    pub number: usize,
    pub text: &'a str,
    pub reason: Option<&'a str>,
}

/// The lines of `text` that are neither empty nor comments.
pub(super) fn said(text: &str) -> impl Iterator<Item = Said<'_>> {
    let mut reason = None;
    text.lines().zip(1..).filter_map(move |(line, number)| {
        let line = line.trim_start_matches('\u{feff}').trim_end();
        match line.trim_start().strip_prefix('#') {
            Some(comment) => reason = Some(comment.trim_start_matches('#').trim()),
            None if line.trim().is_empty() => reason = None,
            None => return Some(Said { number, text: line, reason }),
        }
        None
    })
}

/// `.gitallowed` of git-secrets.
pub(super) fn gitallowed(text: &str) -> Vec<Item> {
    said(text).flat_map(|line| expression::items(line.number, line.text, line.reason)).collect()
}

/// `.secretsignore` of ripsecrets.
pub(super) fn secretsignore(text: &str) -> Vec<Item> {
    let mut secrets = false;
    let mut items = Vec::new();
    for line in said(text) {
        match line.text.trim() {
            "[secrets]" => secrets = true,
            header if header.starts_with('[') && header.ends_with(']') => secrets = false,
            expression if secrets => items.extend(expression::items(line.number, expression, line.reason)),
            glob => items.push(Item::new(line.number, glob, line.reason, Meaning::Cannot(WHOLE_FILES))),
        }
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_is_the_reason_of_the_lines_below_it_up_to_an_empty_one() {
        let text = "a\n# one\nb\nc\n\nd\n## two\r\ne\n#\nf\n";
        let said: Vec<_> = said(text).map(|line| (line.number, line.text, line.reason)).collect();
        let one = Some("one");
        assert_eq!(
            said,
            [
                (1, "a", None),
                (3, "b", one),
                (4, "c", one),
                (6, "d", None),
                (8, "e", Some("two")),
                (10, "f", Some(""))
            ]
        );
    }

    #[test]
    fn a_glob_becomes_no_entry_and_an_expression_below_its_heading_does() {
        let items = secretsignore("tests/*\n[secrets]\ndt0s16\\.QRSTUVWX\n");
        assert_eq!(items[0].meaning, Meaning::Cannot(WHOLE_FILES));
        assert_eq!(items[1].meaning, Meaning::Tokens(vec!["dt0s16.QRSTUVWX".to_owned()]));
    }
}
