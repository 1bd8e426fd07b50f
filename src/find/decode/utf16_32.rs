//! UTF-16 and UTF-32, with or without a byte order mark: each character of a
//! token is one byte among NULs. Both byte orders are read alike: they differ only in
//! whether the NULs follow the character or precede it.

use std::ops::Range;

use super::super::encoding::Encoding;
use super::decoded::Decoded;
use super::map::Map;
use super::runs::{runs, widened};
use super::text::{AROUND, SHORTEST, is_text};

/// The replacement for a character that is not ASCII.
const OTHER: u8 = 0xff;

/// Hands out the text in UTF-16 and UTF-32.
pub(super) fn each(text: &[u8], out: &mut dyn FnMut(Decoded)) {
    for (width, encoding) in [(2, Encoding::Utf16), (4, Encoding::Utf32)] {
        for start in 0..width {
            of_width(text, start, width, encoding, out);
        }
    }
}

fn of_width(text: &[u8], start: usize, width: usize, encoding: Encoding, out: &mut dyn FnMut(Decoded)) {
    let characters = text.len().saturating_sub(start).div_ceil(width);
    let nuls =
        |from: usize| text.get(from..from + width - 1).is_some_and(|near| near.iter().all(|byte| *byte == 0));
    // The NULs stand behind the character or, in big endian, before it.
    let character = |number: usize| {
        let at = start + number * width;
        let alone = nuls(at + 1) || at.checked_sub(width - 1).is_some_and(nuls);
        text.get(at).copied().filter(|_| alone).unwrap_or(OTHER)
    };
    // NULs are text only near other text: UTF-16 in UTF-16. Longer rows of NULs
    // hold no token.
    let is_text = |number: usize| match character(number) {
        0 => (number.saturating_sub(8)..number + 9)
            .any(|near| character(near) != 0 && is_text(character(near))),
        byte => is_text(byte),
    };
    // Of UTF-16 in UTF-16 in UTF-16 one byte in eight is no NUL.
    let dense = |run: &Range<usize>| {
        let others = run.clone().filter(|number| character(*number) != 0).count();
        others >= (run.len() / 8).saturating_sub(2).max(SHORTEST - 3)
    };
    for window in widened(runs(characters, SHORTEST - 3, is_text).filter(dense), AROUND, characters) {
        let map = Map::Even { start: start + window.start * width, step: width, size: 1 };
        out(Decoded { encoding, bytes: window.map(character).collect(), map, part: false });
    }
}
