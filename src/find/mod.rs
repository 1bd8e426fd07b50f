//! Bytes in, matches out. Nothing here knows a path, a git or a colour.
//!
//! [`find`] runs in two steps. The prefilter passes once over the bytes and
//! yields the few places where a token could begin or be named; it has no false
//! negative. Each place is then read by the matcher of its hint: [`format`] for
//! the prefixed family, [`context`] for the old formats, which only the text
//! around them tells from any other word. Then [`decode`] hands out what could
//! be written in some encoding, [`container`] what is packed, and each of that is
//! searched in the same way.

mod changed;
mod container;
mod context;
mod decode;
mod encoding;
mod format;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzzing;
mod glue;
mod jwt;
mod locate;
mod mask;
mod masking;
mod prefilter;
mod search;
mod window;

use std::fmt;
use std::num::NonZeroUsize;
use std::ops::Range;

use crate::token::{Fingerprint, Kind, PREFIX, Shape, is_filler, is_sample, kind_of_prefix};
use decode::Decoded;

pub use changed::{is_clean_base, is_still_clean};
pub use container::{Container, Unread};
pub use decode::glues;
pub use encoding::{Encoding, Encodings};
pub use glue::{Glue, Sign};
pub use locate::{Locator, Position};
pub use mask::{MASK, blur, mask, masked};
pub use masking::{Masker, Masking};
pub use search::{Found, Missed, find, search, search_stream};
pub use window::Window;

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
    /// How it is written.
    pub encodings: Encodings,
    /// Where it stands in a container, where it does.
    pub inside: Option<Inside>,
    /// The whole token, in bytes from the start of what was searched; of one in a
    /// container all of that.
    pub span: Range<usize>,
    /// Its secret part, likewise; of an encoded token all of it.
    pub secret: Range<usize>,
    /// The parts of that, in order, where something stands between them that is not
    /// secret; none: all of it is.
    parts: Vec<Range<usize>>,
}

/// A place in a member of a container.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Inside {
    /// The member's name, behind those of the containers in which its own lies; see
    /// [`Inside::path`].
    pub member: Vec<u8>,
    /// Its line there, counted from 1.
    pub line: NonZeroUsize,
    /// Its column there, counted from 1 in characters.
    pub column: NonZeroUsize,
}

impl Inside {
    /// `member` of what is itself the member `outer`: with `!/` between them, as
    /// Java writes it, where both have names.
    fn path(outer: &[u8], member: &[u8]) -> Vec<u8> {
        let between: &[u8] = if outer.is_empty() || member.is_empty() { b"" } else { b"!/" };
        [outer, between, member].concat()
    }

    fn within(mut self, outer: &[u8]) -> Self {
        self.member = Self::path(outer, &self.member);
        self
    }
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
        Some(Self {
            kind,
            certainty,
            identifier,
            fingerprint,
            encodings: Encodings::default(),
            inside: None,
            span,
            secret,
            parts: Vec::new(),
        })
    }

    /// What of it is secret, in order.
    pub fn secrets(&self) -> &[Range<usize>] {
        if self.parts.is_empty() { std::slice::from_ref(&self.secret) } else { &self.parts }
    }

    /// What makes it the same token as another.
    pub fn key(&self) -> (&'static str, Fingerprint) {
        (self.kind.id, self.fingerprint)
    }

    /// It, written in `encoding` where it stands, with the fingerprint of what that
    /// decodes to.
    fn encoded(mut self, fingerprint: Fingerprint, encoding: Encoding) -> Self {
        self.fingerprint = fingerprint;
        self.encodings = self.encodings.within(encoding);
        self
    }

    /// Whether its parts, which stand in `bytes`, have the shape in which its kind is
    /// issued, whatever follows them; of one that is all secret, whether it is no word.
    fn is_drawn(&self, bytes: &[u8]) -> bool {
        let Some(secret) = bytes.get(self.secret.clone()) else { return false };
        let public = self.identifier.as_deref().and_then(|id| id.split_once('.')).map(|(_, public)| public);
        match self.kind.shape {
            shape @ Shape::Dotted { .. } => shape.is_issued(public.unwrap_or_default().as_bytes(), secret),
            Shape::Whole => {
                let letters: Vec<u8> = secret.iter().filter(|byte| !byte.is_ascii_digit()).copied().collect();
                // Rows of prefixes are a list, not parts of a secret.
                context::is_random(&letters)
                    && !secret.windows(PREFIX).any(|part| kind_of_prefix(part).is_some())
            }
            Shape::Jwt => true,
            Shape::Bare { .. } => false,
        }
    }

    /// Whether it is a token although it stands in `decoded` only because pieces were
    /// joined that may have nothing to do with each other: it is drawn, and no row of
    /// words.
    fn is_sure(&self, decoded: &Decoded) -> bool {
        let least = match self.kind.shape {
            Shape::Dotted { .. } => 4,
            Shape::Whole => 1,
            Shape::Jwt | Shape::Bare { .. } => 0,
        };
        // Words have few numbers, and lines that were broken at some width one length.
        let secret = decoded.bytes.get(self.secret.clone()).unwrap_or_default();
        self.is_drawn(&decoded.bytes) && (numbers(secret) >= least || decoded.map.is_even(&self.span))
    }
}

/// How many numbers stand in `text`.
fn numbers(text: &[u8]) -> usize {
    text.split(|byte| !byte.is_ascii_digit()).filter(|digits| !digits.is_empty()).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::{KINDS, specimen};

    /// Numbers that are the same in every run.
    pub(in crate::find) struct Numbers(pub(super) u64);

    impl Numbers {
        pub(super) fn below(&mut self, bound: usize) -> usize {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            (self.0 % bound as u64) as usize
        }
    }

    /// Text made of what tokens are made of, whole ones among it.
    fn rubble(numbers: &mut Numbers) -> String {
        let mut text = String::new();
        for _ in 0..=numbers.below(12) {
            match numbers.below(9) {
                0 => text.push_str("dt0"),
                1 => text.push_str(["dt0c01", "dt0A02", "dt0a02", "dt0z99", "DT0S16"][numbers.below(5)]),
                2 | 3 => text.push('.'),
                4 => text
                    .push_str(&"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"[numbers.below(12)..].repeat(3)[..24]),
                5 => text.push_str(&"Q7ZWERTY2345UIOPASDFGHJKLXCVBNM6"[numbers.below(8)..].repeat(3)[..64]),
                6 => text.push_str(&specimen(&KINDS[numbers.below(KINDS.len())], numbers.0).text),
                7 => {
                    text.push_str([" ", "x", "_", "\n", "%20", "9", "\u{e9}", "Api-Token "][numbers.below(8)])
                }
                _ => text.push_str(&"abcdefghijklmnopqrstuvwxyz0123456789"[..numbers.below(36)]),
            }
        }
        text
    }

    #[test]
    fn whatever_the_documented_expression_matches_is_found() {
        let documented =
            regex::bytes::Regex::new(r"(?-u)^dt0[a-zA-Z]{1}[0-9]{2}\.[A-Z0-9]{24}\.[A-Z0-9]{64}").unwrap();
        let mut numbers = Numbers(0x5eed);
        let mut matched = 0;
        let rounds = crate::effort::cases(6_000, 30_000);
        for round in 0..rounds {
            let text = rubble(&mut numbers);
            let found = find(text.as_bytes());
            for at in 0..text.len() {
                let Some(wanted) = documented.find(&text.as_bytes()[at..]) else { continue };
                matched += 1;
                let covered = found.iter().any(|found| found.span == (at..at + wanted.end()));
                assert!(covered, "round {round}: {at}");
            }
        }
        assert!(matched > rounds / 30, "{matched} matches were compared");
    }

    #[test]
    fn no_input_makes_the_finder_panic_or_leave_its_bounds() {
        use ::base64::Engine as _;
        let mut numbers = Numbers(7);
        let mut found_encoded = 0;
        let rounds = crate::effort::cases(10_000, 60_000);
        for round in 0..rounds {
            let text = rubble(&mut numbers);
            let mut bytes = match round % 4 {
                0 => ::base64::engine::general_purpose::STANDARD.encode(&text).into_bytes(),
                1 => text.bytes().flat_map(|byte| [byte, 0]).collect(),
                2 => text.bytes().flat_map(|byte| [0, 0, 0, byte]).collect(),
                _ => text.into_bytes(),
            };
            if !bytes.is_empty() && round % 3 > 0 {
                let at = numbers.below(bytes.len());
                bytes[at] = numbers.below(256) as u8;
                bytes.truncate(numbers.below(bytes.len()) + 1);
            }
            for found in find(&bytes) {
                assert!(found.span.start <= found.secret.start && found.secret.end <= found.span.end);
                assert!(found.span.start < found.span.end && found.span.end <= bytes.len());
                found_encoded += u64::from(!found.encodings.is_plain());
            }
        }
        assert!(found_encoded > rounds / 60, "{found_encoded} encoded tokens were found");
    }
}
