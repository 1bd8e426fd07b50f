//! Bytes in, matches out. Nothing here knows a path, a git or a colour.
//!
//! [`find`] runs in two steps. The prefilter passes once over the bytes and
//! yields the few places where a token could begin or be named; it has no false
//! negative. Each place is then read by the matcher of its hint: [`format`] for
//! the prefixed family, [`context`] for the old formats, which only the text
//! around them tells from any other word.

mod context;
mod format;
mod jwt;
mod mask;
mod prefilter;

use std::fmt;
use std::ops::Range;

use crate::token::{Fingerprint, Kind, is_filler, is_sample};

pub use jwt::LONGEST as LONGEST_MATCH;
pub use mask::{MASK, mask, masked};
use prefilter::Hint;

/// How sure it is that a match is a live token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Certainty {
    /// It fits the shape in which Dynatrace issues its kind.
    Issued,
    /// It fits the documented expression, or the family in any letter case or
    /// with an unknown prefix, but not the issued shape.
    Format,
    /// A token of an old format, told by the text around it.
    Context,
    /// Dynatrace printed it in its own documentation.
    Sample,
    /// Its secret part was typed, not drawn: `XXXX`, `0000`, `12345678`.
    Filler,
}

impl Certainty {
    /// All of them, surest first.
    pub const ALL: [Self; 5] = [Self::Issued, Self::Format, Self::Context, Self::Sample, Self::Filler];

    /// The word for it in policies and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Issued => "issued",
            Self::Format => "format",
            Self::Context => "context",
            Self::Sample => "sample",
            Self::Filler => "filler",
        }
    }
}

impl fmt::Display for Certainty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A token in the searched bytes. It says where the secret part stands and
/// holds no byte of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// What kind of token it is.
    pub kind: &'static Kind,
    /// How sure that is.
    pub certainty: Certainty,
    /// Prefix and public part as they were written; none where all is secret.
    pub identifier: Option<String>,
    /// SHA-256 of the secret part.
    pub fingerprint: Fingerprint,
    /// The whole token, in bytes from the start of what was searched.
    pub span: Range<usize>,
    /// Its secret part, likewise.
    pub secret: Range<usize>,
}

impl Match {
    /// The match of `kind` at `span`, whose secret part is `secret`. `certainty`
    /// is what the surroundings say; the secret part itself can still make it a
    /// filler or a sample. None if a range lies outside the haystack.
    fn new(
        haystack: &[u8],
        kind: &'static Kind,
        certainty: Certainty,
        span: Range<usize>,
        secret: Range<usize>,
    ) -> Option<Self> {
        let bytes = haystack.get(secret.clone())?;
        let identifier = haystack
            .get(span.start..secret.start)?
            .strip_suffix(b".")
            .filter(|id| id.contains(&b'.'))
            .map(|id| String::from_utf8_lossy(id).into_owned());
        let fingerprint = Fingerprint::of(bytes);
        let certainty = if is_filler(kind.shape, bytes) {
            Certainty::Filler
        } else if is_sample(fingerprint) {
            Certainty::Sample
        } else {
            certainty
        };
        Some(Self { kind, certainty, identifier, fingerprint, span, secret })
    }
}

/// All tokens in `haystack`, in the order in which they stand.
///
/// Whatever the documented expression
/// `dt0[a-zA-Z]{1}[0-9]{2}\.[A-Z0-9]{24}\.[A-Z0-9]{64}` matches is among them.
pub fn find(haystack: &[u8]) -> Vec<Match> {
    let mut matches: Vec<Match> = Vec::new();
    for (hint, at) in prefilter::hits(haystack) {
        let found = match hint {
            Hint::Family => format::read(haystack, at),
            Hint::Name => context::read(haystack, at),
            Hint::LicenseHost => context::read_license(haystack, at),
            Hint::Jwt => jwt::read(haystack, at),
        };
        matches.extend(found);
    }
    matches.sort_by_key(|found| (found.span.start, found.span.end));
    matches.dedup_by(|later, earlier| later.secret == earlier.secret);
    matches
}
