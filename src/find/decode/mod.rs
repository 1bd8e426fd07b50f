//! Prefixed tokens that are not written in plain text. Each decoder reads on from
//! a place where an encoded `dt0` begins, no further than a token can reach, and
//! maps what it finds back to the bytes it was written in.

pub(super) mod base64;
pub(super) mod wide;

use super::{Encoding, Match, format};
use crate::token::{PREFIX, kind_of_prefix};

/// The longest token of the family, in characters: prefix, public part and secret
/// part with their dots, and one more to tell where it ends.
const LONGEST: usize = 6 + 1 + 128 + 1 + 64 + 1;

/// Whether `decoded` begins with a prefix of the family and a dot, so that it is
/// worth decoding further.
fn begins_token(decoded: &[u8]) -> bool {
    decoded.get(PREFIX) == Some(&b'.') && decoded.get(..PREFIX).and_then(kind_of_prefix).is_some()
}

/// The token with which `decoded` begins, told as it stands in the haystack:
/// `place` gives the byte in which the decoded byte of this number begins, or ends
/// if it is asked for the number behind the last one.
fn read(decoded: &[u8], encoding: Encoding, place: impl Fn(usize) -> Option<usize>) -> Option<Match> {
    let found = format::read(decoded, 0)?;
    let span = place(found.span.start)?..place(found.span.end)?;
    // Identifier and secret part share characters here: all of it is masked.
    Some(Match { span: span.clone(), secret: span, encoding: Some(encoding), ..found })
}
