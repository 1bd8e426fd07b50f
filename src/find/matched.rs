//! A match: a token in searched bytes.

use std::num::NonZeroUsize;
use std::ops::Range;

use super::encoding::{Encoding, Encodings};
use crate::token::{Fingerprint, Kind, is_filler, is_sample};

named! {
    /// How certain it is that a match is a live token.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Certainty {
        /// It has the shape in which Dynatrace issues its kind.
        Issued = "issued",
        /// It matches the documented expression, or the family in any letter case or with an
        /// unknown prefix, but not the issued shape.
        Format = "format",
        /// A token of an old format, identified by the text around it.
        Context = "context",
        /// A rule of the policy forbids it. No setting lets it pass as a whole.
        Rule = "rule",
        /// Dynatrace published it in its own documentation.
        Sample = "sample",
        /// Its secret part was typed, not generated: `XXXX`, `0000`, `12345678`.
        Filler = "filler",
    }
}

/// A token in the searched bytes. It has the range of the secret part and no byte of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// The kind of the token.
    pub kind: &'static Kind,
    /// How certain it is.
    pub certainty: Certainty,
    /// Prefix and public part as they were written; none where all is secret.
    pub identifier: Option<String>,
    /// SHA-256 of the secret part.
    pub fingerprint: Fingerprint,
    /// Its encodings.
    pub encodings: Encodings,
    /// Its place in a container, if it is in one.
    pub member: Option<MemberPlace>,
    /// The part of a format in which it stands, in that format's words; of one in a container
    /// the part of its member. Empty where the format has none.
    pub inside: String,
    /// The whole token, as a range of the searched bytes; for one in a container, the whole
    /// container.
    pub span: Range<usize>,
    /// Its secret part, likewise; for an encoded token the whole range.
    pub secret: Range<usize>,
    /// The parts of the secret, in order, if something that is not secret separates them;
    /// otherwise empty.
    pub(super) parts: Vec<Range<usize>>,
}

/// A place in a member of a container.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MemberPlace {
    /// The member's name, after those of the containers around it; see
    /// [`MemberPlace::nested`].
    pub path: Vec<u8>,
    /// Its line there, counted from 1.
    pub line: NonZeroUsize,
    /// Its column there, counted from 1 in characters.
    pub column: NonZeroUsize,
}

impl MemberPlace {
    /// The path of `member` in the member `outer`: with `!/` between them, as Java writes
    /// it, if both have names.
    pub(super) fn nested(outer: &[u8], member: &[u8]) -> Vec<u8> {
        let between: &[u8] = if outer.is_empty() || member.is_empty() { b"" } else { b"!/" };
        [outer, between, member].concat()
    }

    pub(super) fn within(mut self, outer: &[u8]) -> Self {
        self.path = Self::nested(outer, &self.path);
        self
    }
}

impl Match {
    /// The match of `kind` at `span`, whose secret part is `secret`. `certainty`
    /// is what the surroundings say; the secret part itself can still make it a
    /// filler or a sample. `None` if a range is outside the haystack.
    pub(super) fn new(
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
            member: None,
            inside: String::new(),
            span,
            secret,
            parts: Vec::new(),
        })
    }

    /// The match of a rule's `kind` at `span` in `haystack`, of which `secret` is masked. `None` if
    /// a range is outside.
    pub(super) fn of_rule(
        haystack: &[u8],
        kind: &'static Kind,
        span: Range<usize>,
        secret: Range<usize>,
    ) -> Option<Self> {
        let fingerprint = Fingerprint::of(haystack.get(secret.clone())?);
        Some(Self {
            kind,
            certainty: Certainty::Rule,
            identifier: None,
            fingerprint,
            encodings: Encodings::default(),
            member: None,
            inside: String::new(),
            span,
            secret,
            parts: Vec::new(),
        })
    }

    /// The ranges of it that are secret, in order.
    pub fn secrets(&self) -> &[Range<usize>] {
        if self.parts.is_empty() { std::slice::from_ref(&self.secret) } else { &self.parts }
    }

    /// The id of the rule that found it; empty for a token of Dynatrace.
    pub(super) fn rule(&self) -> &'static str {
        if self.kind.is_rule() { self.kind.id } else { "" }
    }

    /// Two matches with the same key are the same token.
    pub fn key(&self) -> (&'static str, Fingerprint) {
        (self.kind.id, self.fingerprint)
    }

    /// The match in `encoding`, with the fingerprint of the decoded secret.
    pub(super) fn encoded(mut self, fingerprint: Fingerprint, encoding: Encoding) -> Self {
        self.fingerprint = fingerprint;
        self.encodings = self.encodings.within(encoding);
        self
    }
}
