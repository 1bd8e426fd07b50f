//! Tokens that are not written in plain text.
//!
//! Each decoder finds the stretches of a text that could be written in its
//! encoding and hold a token, and hands them out decoded, with a [`Map`] back to
//! the bytes they were written in. What is decoded is searched like any text,
//! encodings within it too. A decoder passes over everything else as fast as it
//! can: most text is written in nothing.

mod base64;
mod decoded;
mod escape;
mod glue;
mod hex;
mod map;
mod pieces;
mod signs;
mod stretch;
#[cfg(test)]
mod tests;
mod wide;

use std::ops::Range;

pub(super) use base64::decode_all as decode_base64;
pub(super) use decoded::Decoded;
pub use glue::glues;
pub(super) use map::Map;
use signs::Signs;
pub(super) use stretch::stretches;

/// The fewest characters that hold a token with what tells it: the shortest are a
/// tenant token (31) and an old one behind its name (`token=` and 21). To look at
/// fewer would only take time.
const SHORTEST: usize = 27;
/// How much of the text around a stretch is decoded with it, in bytes: what tells
/// a token of an old format stands no farther from it, so that more would only take
/// time.
const AROUND: usize = 1100;
/// The same for what is mostly written as it is: only what is named by a name that
/// others use too is told from further away.
const BESIDE: usize = 320;

/// Hands out each stretch of `text` that could hold a token in some encoding.
/// `parted` says that `text` comes from joining pieces: they are not joined again.
/// `begun` are the places where a prefix begins that no token follows as it is. Returns
/// whether all was read.
pub(super) fn each(text: &[u8], parted: bool, begun: &[usize], out: &mut dyn FnMut(Decoded)) -> bool {
    let signs = Signs::of(text);
    let joined = if parted { Vec::new() } else { pieces::each(text, &signs, out) };
    let runs = base64::all(text);
    base64::each(text, &runs, &joined, out);
    hex::each(text, &runs, out);
    if signs.nul {
        wide::each(text, out);
    }
    escape::each(text, &signs, out);
    parted || glue::each(text, begins(begun, &signs), out)
}

/// The places where a prefix begins: as it is, and with glue in it.
fn begins(begun: &[usize], signs: &Signs) -> Vec<usize> {
    let mut all = [begun, &signs.broken].concat();
    all.sort_unstable();
    all.dedup();
    all
}

/// Where the first secret part begins that may go on behind the text, over glue; `begun` as
/// in [`each`].
pub(super) fn open(text: &[u8], begun: &[usize]) -> Option<usize> {
    glue::open(text, begins(begun, &Signs::of(text)))
}

/// As [`each`], with the decoder of this name alone.
#[cfg(any(test, fuzzing))]
pub(super) fn alone(decoder: &str, text: &[u8], out: &mut dyn FnMut(Decoded)) {
    match decoder {
        "base64" => base64::each(text, &base64::all(text), &[], out),
        "hex" => hex::each(text, &base64::all(text), out),
        "wide" => wide::each(text, out),
        "escape" => escape::each(text, &Signs::of(text), out),
        "glue" => {
            let begun: Vec<usize> = memchr::memmem::find_iter(text, b"dt0").collect();
            glue::each(text, begins(&begun, &Signs::of(text)), out);
        }
        "pieces" => drop(pieces::each(text, &Signs::of(text), out)),
        other => unreachable!("no decoder {other}"),
    }
}

/// Whether `byte` is text as tokens and what is around them are: ASCII that
/// prints, blanks and line breaks, and the NULs of wide characters.
fn is_text(byte: u8) -> bool {
    #[expect(clippy::indexing_slicing, reason = "computed at compile time")]
    static TEXT: [bool; 256] = {
        let mut table = [false; 256];
        let mut byte = 0_u8;
        while byte < 128 {
            table[byte as usize] = matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r' | 0);
            byte += 1;
        }
        table
    };
    TEXT.get(usize::from(byte)).copied().unwrap_or_default()
}

/// Whether `byte` is of those that tokens and their encodings are made of.
fn is_value(byte: u8) -> bool {
    #[expect(clippy::indexing_slicing, reason = "computed at compile time")]
    static VALUE: [bool; 256] = {
        let mut table = [false; 256];
        let mut byte = 0_u8;
        while byte < 128 {
            table[byte as usize] =
                byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'+' | b'/');
            byte += 1;
        }
        table
    };
    VALUE.get(usize::from(byte)).copied().unwrap_or_default()
}

/// `range` with [`BESIDE`] bytes of `text` on both sides, and behind that with what is
/// left of a value: cut off it could have the length of another.
fn beside(range: &Range<usize>, text: &[u8]) -> Range<usize> {
    let end = text.len().min(range.end + BESIDE);
    let rest = text.get(end..).unwrap_or_default();
    let left = rest.iter().take(64).take_while(|byte| is_value(**byte)).count();
    range.start.saturating_sub(BESIDE)..end + left
}
