//! base32, in upper or lower case, at each of the eight alignments that a run of its characters
//! can have.

use std::ops::Range;

use super::super::encoding::Encoding;
use super::decoded::Decoded;
use super::map::Map;
use super::runs::{byte_runs, widened};
use super::text::{AROUND, SHORTEST, is_text};

/// The fewest characters that hold a token.
pub(super) const LEAST: usize = (SHORTEST - 3) * 8 / 5;
/// Of so many groups of eight one lies whole in a token.
const GROUPS: usize = LEAST / 8 - 1;

/// Hands out possible text in base32, in these long runs of characters of values.
pub(super) fn each(text: &[u8], values: &[Range<usize>], out: &mut dyn FnMut(Decoded)) {
    for wider in values.iter().filter(|wider| wider.len() >= LEAST) {
        let digits = text.get(wider.clone()).unwrap_or_default();
        let upper = |byte: u8| byte.is_ascii_uppercase() | matches!(byte, b'2'..=b'7');
        let lower = |byte: u8| byte.is_ascii_lowercase() | matches!(byte, b'2'..=b'7');
        for run in byte_runs(digits, LEAST, upper).chain(byte_runs(digits, LEAST, lower)) {
            let start = wider.start + run.start;
            let digits = digits.get(run).unwrap_or_default();
            (0..8).for_each(|alignment| texts(digits.get(alignment..), start + alignment, out));
        }
    }
}

/// Hands out the texts in `digits`, the first of which stands at `start`.
fn texts(digits: Option<&[u8]>, start: usize, out: &mut dyn FnMut(Decoded)) {
    let groups = digits.unwrap_or_default().chunks(8);
    // Even UTF-32 has no five NULs behind each other.
    let is_text_group = |group: &[u8]| {
        let bytes = decode(group).0;
        bytes.into_iter().all(is_text) && bytes != [0; 5]
    };
    let some = groups.clone().enumerate().step_by(GROUPS).filter(|(_, group)| is_text_group(group));
    let some = some.map(|(group, _)| group..group + 1);
    for window in widened(some, AROUND / 5, groups.len()) {
        let within = groups.clone().skip(window.start).take(window.len());
        let bytes = within.flat_map(|group| decode(group).0.into_iter().take(decode(group).1)).collect();
        let map = Map::Groups { start: start + window.start * 8, digits: 8, bytes: 5 };
        out(Decoded { encoding: Encoding::Base32, bytes, map, part: false });
    }
}

/// The bytes of a group of eight digits or less, and how many those are.
fn decode(group: &[u8]) -> ([u8; 5], usize) {
    let value = |digit: &u8| match digit {
        b'2'..=b'7' => digit - b'2' + 26,
        letter => (letter | 0x20).wrapping_sub(b'a') & 31,
    };
    let number = group.iter().fold(0_u64, |number, digit| number << 5 | u64::from(value(digit)));
    let [_, _, _, bytes @ ..] = (number << (5 * (8 - group.len().min(8)))).to_be_bytes();
    (bytes, group.len() * 5 / 8)
}
