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

/// How many bytes are ruled out at once.
const BLOCK: usize = 16;

/// Hands out the text in UTF-16 and UTF-32.
pub(super) fn each(text: &[u8], out: &mut dyn FnMut(Decoded)) {
    of_regions(text, &regions(text), out);
}

/// The regions that contain all text in which a NUL stands beside each character. Such text fills
/// two blocks at least, and a character stands in one of those: the blocks at its ends, which it may
/// share with something else, are too short for all.
fn regions(text: &[u8]) -> Vec<Range<usize>> {
    let (blocks, _) = text.as_chunks::<BLOCK>();
    // Without a branch or a table, so that it compiles to a few vector instructions.
    let is_text = |byte: u8| {
        (byte.wrapping_sub(b' ') < 0x5f) | (byte == 0) | (byte == b'\t') | (byte == b'\n') | (byte == b'\r')
    };
    let all_text = |number: usize| {
        blocks.get(number).is_some_and(|block| block.iter().fold(true, |all, byte| all & is_text(*byte)))
    };
    let is_wide = |block: &[u8; BLOCK]| {
        let nuls = block.iter().map(|byte| u8::from(*byte == 0)).sum::<u8>();
        (BLOCK as u8 / 2 - 1..BLOCK as u8).contains(&nuls)
    };
    let texts = runs(blocks.len(), 2, all_text)
        .filter(|run| blocks.get(run.clone()).is_some_and(|blocks| blocks.iter().any(is_wide)));
    widened(texts, 1, blocks.len() + 1)
        .into_iter()
        .map(|run| run.start * BLOCK..text.len().min(run.end * BLOCK))
        .collect()
}

/// As [`each`], in these `regions`.
fn of_regions(text: &[u8], regions: &[Range<usize>], out: &mut dyn FnMut(Decoded)) {
    if regions.is_empty() {
        return;
    }
    for (width, encoding) in [(2, Encoding::Utf16), (4, Encoding::Utf32)] {
        for start in 0..width {
            of_width(text, regions, start, width, encoding, out);
        }
    }
}

fn of_width(
    text: &[u8],
    regions: &[Range<usize>],
    start: usize,
    width: usize,
    encoding: Encoding,
    out: &mut dyn FnMut(Decoded),
) {
    // How many characters begin before `end`.
    let count = |end: usize| end.saturating_sub(start).div_ceil(width);
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
    let texts = regions.iter().flat_map(|region| {
        let (first, end) = (count(region.start), count(region.end));
        runs(end - first, SHORTEST - 3, move |number| is_text(first + number))
            .map(move |run| first + run.start..first + run.end)
    });
    for window in widened(texts.filter(dense), AROUND, count(text.len())) {
        let map = Map::Even { start: start + window.start * width, step: width, size: 1 };
        out(Decoded { encoding, bytes: window.map(character).collect(), map, part: false });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::find::tests::Numbers;

    /// What is handed out of `text` in these `regions`.
    fn decoded(text: &[u8], regions: &[Range<usize>]) -> Vec<(Encoding, Vec<u8>)> {
        let mut all = Vec::new();
        of_regions(text, regions, &mut |decoded| all.push((decoded.encoding, decoded.bytes)));
        all
    }

    #[test]
    fn wide_text_is_found_wherever_it_begins_and_ends_in_other_bytes() {
        let mut numbers = Numbers(0x16);
        let mut found = 0;
        for round in 0..crate::effort::cases(4_000, 100_000) {
            let mut text = Vec::new();
            for _ in 0..numbers.below(5) {
                let length = numbers.below(100);
                match numbers.below(4) {
                    0 => text.extend((0..length).map(|_| numbers.below(256) as u8)),
                    1 => text.extend(std::iter::repeat_n(0, length)),
                    2 => text.extend(std::iter::repeat_n(b'x', length)),
                    // Once or twice wider, in either order of bytes.
                    _ => {
                        let (nuls, after) = ([1, 3, 7][numbers.below(3)], numbers.below(2) == 0);
                        for _ in 0..length {
                            let letter = b'A' + numbers.below(26) as u8;
                            let wide = std::iter::repeat_n(0, nuls);
                            text.extend(std::iter::once(letter).filter(|_| after));
                            text.extend(wide);
                            text.extend(std::iter::once(letter).filter(|_| !after));
                        }
                    }
                }
            }
            let whole = 0..text.len();
            let all = decoded(&text, &[whole]);
            assert_eq!(decoded(&text, &regions(&text)), all, "{round}: {}", text.escape_ascii());
            found += all.len();
        }
        assert!(found > 1_000, "{found} texts were compared");
    }
}
