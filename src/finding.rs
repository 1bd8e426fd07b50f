//! A finding: a token at a place. No field can hold a secret part.

use std::num::NonZeroUsize;
use std::ops::Range;

use crate::find::{Certainty, Encodings, Locator, MASK, Match, MemberPlace, Position, blur, find, masked};
use crate::source::ObjectId;
use crate::token::{Fingerprint, Identifier, Kind};

/// A token at a place.
#[derive(Debug, Clone)]
pub struct Finding {
    /// What kind of token it is.
    pub kind: &'static Kind,
    /// How certain it is that this is a token.
    pub certainty: Certainty,
    /// How it is written.
    pub encodings: Encodings,
    /// The token identifier, safe to show; none if the whole token is secret.
    pub identifier: Option<String>,
    /// SHA-256 of the secret part.
    pub fingerprint: Fingerprint,
    /// Where it stands.
    pub place: Place,
    /// The line around it, all secret parts masked.
    pub excerpt: Excerpt,
    /// What a history says about it, for scans of a history: the finding then stands for all of
    /// its places.
    pub history: Option<Box<History>>,
}

/// The identity of a token.
pub type Token = (&'static str, Fingerprint);

/// Where a token stands in a history.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// When the author wrote the commit that added it, in seconds since 1970 in UTC; none if no
    /// commit holds it.
    pub author_date: Option<i64>,
    /// How many versions of files and messages hold it.
    pub versions: usize,
    /// Whether a ref's tip still holds it.
    pub in_tip: bool,
    /// Whether the index of a work tree holds it.
    pub staged: bool,
    /// The refs that reach it, in git's bytes, sorted.
    pub refs: Vec<Vec<u8>>,
}

impl History {
    /// Whether an index holds it and no commit does.
    pub fn is_only_staged(&self) -> bool {
        self.staged && !self.in_tip && self.author_date.is_none() && self.refs.is_empty()
    }
}

/// A place in a content or a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The path from the top of the repository, in git's bytes.
    pub path: Vec<u8>,
    /// The line, counted from 1. Line feeds separate lines.
    pub line: NonZeroUsize,
    /// The column in characters, counted from 1. In a line that is not UTF-8 each stray byte
    /// counts as one.
    pub column: NonZeroUsize,
    /// The commit that adds it, for scans of commits; for a tag's message the tag.
    pub commit: Option<ObjectId>,
    /// The part of it that holds the token.
    pub part: Part,
    /// The member of a container that holds the token; line and column count within it. Empty
    /// if the container has one unnamed content, as gzip does.
    pub member: Option<Vec<u8>>,
    /// The part of the content in the words of its format, such as the message of a mailbox;
    /// empty if the format has none.
    pub inside: String,
}

named! {
    /// What a [`Place`] counts lines and columns in.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Part {
        /// The content at the path.
        Content = "content",
        /// The path itself.
        Path = "path",
        /// The message of a commit, or the message that is being written. It has no path.
        CommitMessage = "commit-message",
        /// The message of a tag. The path is the ref's name, if known.
        TagMessage = "tag-message",
    }
}

/// The origin of a content.
#[derive(Debug, Clone, Copy, Default)]
pub struct Origin<'a> {
    /// The path from the top of the repository, in git's bytes.
    pub path: &'a [u8],
    /// The commit that adds it, if the scope is a range of commits.
    pub commit: Option<ObjectId>,
}

/// A token with the text before and after it on its line, all of it masked and cut to what
/// could fit a terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// Up to [`Excerpt::CONTEXT`] bytes before the token, without leading blanks.
    pub before: String,
    /// The token: identifier and mask.
    pub token: String,
    /// Up to [`Excerpt::CONTEXT`] bytes after it.
    pub after: String,
}

impl Excerpt {
    /// How much of the line is kept on each side, in bytes.
    pub const CONTEXT: usize = 120;

    /// The token without its surroundings.
    fn alone(found: &Match) -> Self {
        Self { before: String::new(), token: masked_token(found), after: String::new() }
    }

    /// `all` is sorted by start; its matches are at most `longest` bytes long.
    fn new(content: &[u8], line: &Range<usize>, found: &Match, all: &[Match], longest: usize) -> Self {
        let start = line.start.max(found.span.start.saturating_sub(Self::CONTEXT));
        let end = line.end.max(found.span.end).min(found.span.end + Self::CONTEXT);
        let near = nearby(all, start..end, longest);
        let show = |range| {
            let mut text = String::from_utf8_lossy(&masked(content, range, near)).into_owned();
            if found.encodings.width() > 1 {
                text.retain(|c| c != '\0');
            }
            blur(&text)
        };
        Self {
            before: show(start.min(found.span.start)..found.span.start).trim_start().to_owned(),
            token: masked_token(found),
            after: show(found.span.end..end).trim_end().to_owned(),
        }
    }
}

/// The token as it may be shown.
fn masked_token(found: &Match) -> String {
    found.identifier.as_ref().map_or(MASK.to_owned(), |identifier| format!("{identifier}.{MASK}"))
}

/// The matches of `all` that can overlap `range`. `all` is sorted by start; its matches are at
/// most `longest` bytes long.
fn nearby(all: &[Match], range: Range<usize>, longest: usize) -> &[Match] {
    let first = all.partition_point(|found| found.span.start + longest < range.start);
    let last = all.partition_point(|found| found.span.start < range.end);
    all.get(first..last).unwrap_or(all)
}

impl Finding {
    /// The findings for the matches `found` in `content`, which begins at `start`. `found` is a
    /// part of `all`, the matches of that content; both are in order.
    pub fn all<'m>(
        content: &[u8],
        start: Position,
        origin: &Origin<'_>,
        found: impl IntoIterator<Item = &'m Match>,
        all: &[Match],
    ) -> Vec<Self> {
        let mut locator = Locator::new(content, start);
        let longest = all.iter().map(|found| found.span.len()).max().unwrap_or_default();
        found
            .into_iter()
            .map(|found| {
                let (line, column) = locator.locate(found.span.start, found.encodings.width());
                let place = Place {
                    path: origin.path.to_vec(),
                    line,
                    column,
                    commit: origin.commit,
                    part: Part::Content,
                    member: None,
                    inside: found.inside.clone(),
                };
                let member = found.member.clone().filter(|_| found.encodings.is_packed());
                let (place, excerpt) = match member {
                    Some(MemberPlace { path, line, column }) => {
                        (Place { member: Some(path), line, column, ..place }, Excerpt::alone(found))
                    }
                    None => (place, Excerpt::new(content, locator.line(), found, all, longest)),
                };
                Self {
                    kind: found.kind,
                    certainty: found.certainty,
                    encodings: found.encodings.clone(),
                    identifier: found.identifier.clone(),
                    fingerprint: found.fingerprint,
                    place,
                    excerpt,
                    history: None,
                }
            })
            .collect()
    }

    /// Searches `content` and returns its findings.
    pub fn of_text(content: &[u8], origin: &Origin<'_>) -> Vec<Self> {
        let all = find(content);
        Self::all(content, Position::default(), origin, &all, &all)
    }

    /// The identity of its token.
    pub fn token(&self) -> Token {
        (self.kind.id, self.fingerprint)
    }

    /// The name of the token in an allow entry: its identifier if that is unique, else its
    /// fingerprint.
    pub fn allow_name(&self) -> String {
        allow_name(self.identifier.as_deref(), self.fingerprint)
    }
}

/// The name of a token in an allow entry, see [`Finding::allow_name`].
pub fn allow_name(identifier: Option<&str>, fingerprint: Fingerprint) -> String {
    identifier
        .filter(|text| Identifier::parse(text).is_some_and(|identifier| identifier.names_one_token()))
        .map_or_else(|| fingerprint.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::{KINDS, specimen};

    fn findings(content: &[u8]) -> Vec<Finding> {
        Finding::of_text(content, &Origin { path: b"f", commit: None })
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
