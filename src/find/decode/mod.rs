//! Finds tokens that are not in plain text.
//!
//! Each decoder finds the parts of a text that could be in its encoding and hold a token. It
//! hands them out decoded, with a [`Map`] back to the original bytes. The decoded text is
//! searched like any other, also for encodings. A decoder skips everything else as fast as it
//! can, because most text is not encoded.

mod base32;
mod base64;
mod bits;
mod blocks;
mod cells;
mod decoded;
mod document;
mod ebcdic;
mod escape;
mod glue;
mod headed;
mod hex;
mod joined;
mod joint;
mod joints;
mod map;
mod marks;
mod numbers;
mod runs;
#[cfg(test)]
mod tests;
mod text;
mod utf16_32;

pub(super) use base64::decode_all as decode_base64;
pub(super) use decoded::Decoded;
pub use glue::glues;
pub(super) use joint::is_continuation;
pub(super) use marks::Marks;
pub(super) use runs::runs;
pub(super) use text::{goes_on, is_value};

/// Hands out each part of `text` that could hold a token in some encoding.
/// `parted` says that `text` was joined from pieces: they are not joined again.
/// `begun` are the offsets of prefixes without a token in plain text. Returns whether all
/// was read.
pub(super) fn each(
    text: &[u8],
    marks: &Marks,
    parted: bool,
    begun: &[usize],
    out: &mut dyn FnMut(Decoded),
) -> bool {
    let pieces = if parted { Vec::new() } else { joined::each(text, marks, out) };
    let runs = base64::all(text, &marks.pass.values, |run| marks.may_hold(run));
    let all = base64::each(text, &runs, &pieces, out);
    hex::each(text, &runs, out);
    base32::each(text, &marks.pass.values, out);
    numbers::each(text, &marks.pass.numbers, marks.any_text, out);
    let lines = lines(text, marks);
    cells::each(text, &lines, out);
    headed::each(text, &lines, &marks.ascii85, out);
    ebcdic::each(text, out);
    if marks.document && !parted {
        document::each(text, out);
    }
    if marks.pass.nul {
        utf16_32::each(text, out);
    }
    escape::each(text, marks, out);
    all & (parted || glue::each(text, begins(begun, marks), out))
}

/// Where a line of a dump may begin, or the header of uuencode or base85.
fn lines(text: &[u8], marks: &Marks) -> Vec<usize> {
    let first = matches!(text, [b'0' | b'b' | b'G', ..]).then_some(0);
    first.into_iter().chain(marks.lines.iter().copied()).collect()
}

/// The offsets of prefixes, with glue in them and without.
fn begins(begun: &[usize], marks: &Marks) -> Vec<usize> {
    let mut all = [begun, &marks.broken].concat();
    all.sort_unstable();
    all.dedup();
    all
}

/// Where the first secret part with glue begins that may go on after the end of the text;
/// `begun` as in [`each`].
pub(super) fn unfinished(text: &[u8], marks: &Marks, begun: &[usize]) -> Option<usize> {
    glue::unfinished(text, begins(begun, marks))
}

/// As [`each`], with only the decoder of this name.
#[cfg(any(test, fuzzing))]
pub(super) fn alone(decoder: &str, text: &[u8], out: &mut dyn FnMut(Decoded)) {
    let marks = Marks::of(text, false);
    let runs = base64::all(text, &marks.pass.values, |run| marks.may_hold(run));
    match decoder {
        "base64" => {
            base64::each(text, &runs, &[], out);
        }
        "base32" => base32::each(text, &marks.pass.values, out),
        "dumped" => {
            let lines = lines(text, &marks);
            base32::each(text, &marks.pass.values, out);
            numbers::each(text, &marks.pass.numbers, false, out);
            cells::each(text, &lines, out);
            headed::each(text, &lines, &marks.ascii85, out);
            ebcdic::each(text, out);
        }
        "hex" => {
            hex::each(text, &runs, out);
            numbers::each(text, &marks.pass.numbers, false, out);
        }
        "utf16_32" => utf16_32::each(text, out),
        "escape" => escape::each(text, &marks, out),
        "glue" => {
            let begun: Vec<usize> = memchr::memmem::find_iter(text, b"dt0").collect();
            glue::each(text, begins(&begun, &marks), out);
        }
        "joined" => drop(joined::each(text, &marks, out)),
        other => unreachable!("no decoder {other}"),
    }
}
