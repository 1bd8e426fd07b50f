//! Tokens that are not written in plain text.
//!
//! Each decoder finds the stretches of a text that could be written in its
//! encoding and hold a token, and hands them out decoded, with a [`Map`] back to
//! the bytes they were written in. What is decoded is searched like any text,
//! encodings within it too. A decoder passes over everything else as fast as it
//! can: most text is written in nothing.

mod base32;
mod base64;
mod cells;
mod decoded;
mod ebcdic;
mod escape;
mod glue;
mod hex;
mod map;
mod marked;
mod numbers;
mod pieces;
mod signs;
mod stretch;
#[cfg(test)]
mod tests;
mod text;
mod wide;

pub(super) use base64::decode_all as decode_base64;
pub(super) use decoded::Decoded;
pub use glue::glues;
use signs::Signs;
pub(super) use stretch::stretches;
pub(super) use text::goes_on;

/// Hands out each stretch of `text` that could hold a token in some encoding.
/// `parted` says that `text` comes from joining pieces: they are not joined again.
/// `begun` are the places where a prefix begins that no token follows as it is. Returns
/// whether all was read.
pub(super) fn each(text: &[u8], parted: bool, begun: &[usize], out: &mut dyn FnMut(Decoded)) -> bool {
    let signs = Signs::of(text);
    let joined = if parted { Vec::new() } else { pieces::each(text, &signs, out) };
    let runs = base64::all(text);
    let all = base64::each(text, &runs, &joined, out);
    hex::each(text, &runs, out);
    base32::each(text, &runs, out);
    numbers::each(text, out);
    let lines = lines(text, &signs);
    cells::each(text, &lines, out);
    marked::each(text, &lines, &signs.ascii85, out);
    ebcdic::each(text, out);
    if signs.nul {
        wide::each(text, out);
    }
    escape::each(text, &signs, out);
    all & (parted || glue::each(text, begins(begun, &signs), out))
}

/// Where lines begin that may be those of a dump, or those before uuencode and base85.
fn lines(text: &[u8], signs: &Signs) -> Vec<usize> {
    let first = matches!(text, [b'0' | b'b' | b'G', ..]).then_some(0);
    first.into_iter().chain(signs.lines.iter().copied()).collect()
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
        "base64" => {
            base64::each(text, &base64::all(text), &[], out);
        }
        "base32" => base32::each(text, &base64::all(text), out),
        "hex" => {
            hex::each(text, &base64::all(text), out);
            numbers::each(text, out);
        }
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
