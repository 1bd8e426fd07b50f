//! What a finding is. It cannot hold a secret part.

use std::num::NonZeroUsize;
use std::ops::Range;

use crate::find::{Certainty, MASK, Match, masked};
use crate::source::{ObjectId, line_around};
use crate::token::{Fingerprint, Kind};

/// A token at a place.
#[derive(Debug, Clone)]
pub struct Finding {
    /// What kind of token it is.
    pub kind: &'static Kind,
    /// How sure that is.
    pub certainty: Certainty,
    /// The token identifier, safe to show; none where all of the token is secret.
    pub identifier: Option<String>,
    /// SHA-256 of the secret part.
    pub fingerprint: Fingerprint,
    /// Where it stands.
    pub place: Place,
    /// The line around it, all secret parts masked.
    pub excerpt: Excerpt,
}

/// Where something stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The path from the top of the repository, in git's bytes.
    pub path: Vec<u8>,
    /// The line, counted from 1; line feeds part lines.
    pub line: NonZeroUsize,
    /// The column, counted from 1: characters where the line is UTF-8 up to
    /// here, else bytes.
    pub column: NonZeroUsize,
    /// The commit that adds it, if the scope is a range of commits.
    pub commit: Option<ObjectId>,
}

/// A token and what stands before and behind it on its line, all of it masked
/// and cut to what could ever fit a terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// Up to [`Excerpt::CONTEXT`] bytes before the token, blanks at the line's
    /// start left out.
    pub before: String,
    /// The token: its identifier and the mask.
    pub token: String,
    /// Up to [`Excerpt::CONTEXT`] bytes behind it.
    pub after: String,
}

impl Excerpt {
    /// How much of the line is kept on each side, in bytes.
    pub const CONTEXT: usize = 120;

    fn new(content: &[u8], line: Range<usize>, found: &Match, all: &[Match]) -> Self {
        let start = line.start.max(found.span.start.saturating_sub(Self::CONTEXT));
        let end = line.end.max(found.span.end).min(found.span.end + Self::CONTEXT);
        let show = |range| blur(&String::from_utf8_lossy(&masked(content, range, all)));
        Self {
            before: show(start.min(found.span.start)..found.span.start).trim_start().to_owned(),
            token: found
                .identifier
                .as_ref()
                .map_or(MASK.to_owned(), |identifier| format!("{identifier}.{MASK}")),
            after: show(found.span.end..end).trim_end().to_owned(),
        }
    }
}

/// `text` with each run of 20 or more letters and digits that holds both masked
/// too: a neighbour on the line may be a secret that is not ours to know.
fn blur(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_alphanumeric()) {
        let (skipped, tail) = rest.split_at(start);
        let end = tail
            .find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '+' | '/' | '='))
            .unwrap_or(tail.len());
        let (run, after) = tail.split_at(end);
        let secret = run.len() >= 20
            && run.bytes().any(|b| b.is_ascii_digit())
            && run.bytes().any(|b| b.is_ascii_alphabetic());
        out.push_str(skipped);
        out.push_str(if secret { MASK } else { run });
        rest = after;
    }
    out + rest
}

impl Finding {
    /// The finding for `found` in `content`, whose matches are `all`.
    pub fn new(content: &[u8], path: &[u8], commit: Option<ObjectId>, found: &Match, all: &[Match]) -> Self {
        let line = line_around(content, found.span.start);
        let feeds = content.get(..line.start).map_or(0, |before| memchr::memchr_iter(b'\n', before).count());
        let before = content.get(line.start..found.span.start).unwrap_or_default();
        let column = std::str::from_utf8(before).map_or(before.len(), |text| text.chars().count());
        Self {
            kind: found.kind,
            certainty: found.certainty,
            identifier: found.identifier.clone(),
            fingerprint: found.fingerprint,
            place: Place {
                path: path.to_vec(),
                line: NonZeroUsize::MIN.saturating_add(feeds),
                column: NonZeroUsize::MIN.saturating_add(column),
                commit,
            },
            excerpt: Excerpt::new(content, line, found, all),
        }
    }

    /// What an allow entry names this token by: its identifier where that names
    /// one token only, else its fingerprint.
    pub fn allow_name(&self) -> String {
        match &self.identifier {
            Some(identifier) if self.kind.shape.identifier_is_unique() => identifier.clone(),
            _ => self.fingerprint.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::find::find;
    use crate::token::{KINDS, specimen};

    fn findings(content: &[u8]) -> Vec<Finding> {
        let all = find(content);
        all.iter().map(|found| Finding::new(content, b"f", None, found, &all)).collect()
    }

    #[test]
    fn a_place_counts_lines_and_characters_from_one() {
        let token = specimen(&KINDS[0], 1).text;
        let text = format!("a\n\u{e4}\u{f6}={token}\r\n{token}");
        let places: Vec<_> =
            findings(text.as_bytes()).iter().map(|f| (f.place.line.get(), f.place.column.get())).collect();
        assert_eq!(places, [(2, 4), (3, 1)]);
        let latin1 = [b"\xe4\xf6=", token.as_bytes()].concat();
        assert_eq!(findings(&latin1)[0].place.column.get(), 4);
    }

    #[test]
    fn no_field_of_a_finding_holds_a_secret_part_of_its_own_or_a_neighbours() {
        for kind in KINDS.iter().filter(|kind| !kind.prefixes.is_empty()) {
            let (one, two) = (specimen(kind, 1), specimen(kind, 2));
            let other = "aB3".repeat(12);
            for text in [
                format!("{} {}", one.text, two.text),
                format!("x={}{}", one.text, two.text),
                format!("{other},{},{other}", one.text),
            ] {
                let shown = format!("{:?}", findings(text.as_bytes()));
                for secret in [one.secret(), two.secret(), &other] {
                    assert!(!shown.contains(&secret[..20]), "{} in {text}", kind.id);
                }
            }
        }
    }

    #[test]
    fn the_excerpt_of_a_long_line_is_short() {
        let text = "x ".repeat(500_000) + &specimen(&KINDS[0], 1).text + &" y".repeat(500_000);
        let excerpt = &findings(text.as_bytes())[0].excerpt;
        assert!(excerpt.before.len() <= Excerpt::CONTEXT && excerpt.after.len() <= Excerpt::CONTEXT);
    }
}
