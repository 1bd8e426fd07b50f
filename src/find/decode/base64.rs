//! base64 and base64url, at each of the four alignments that a run of their
//! characters can have.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::super::encoding::Encoding;
use super::stretch::{stretches, widened};
use super::{AROUND, Decoded, Map, SHORTEST, is_text};

/// Groups of four that lie whole in the shortest token with its name.
const GROUPS: usize = (SHORTEST - 2) / 3;
/// What no character of base64 stands for.
const NONE: u8 = 0xff;

/// What each byte stands for in base64 and base64url alike.
#[expect(clippy::indexing_slicing, reason = "computed at compile time")]
static VALUES: [u8; 256] = {
    let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut values = [NONE; 256];
    let mut value = 0;
    while value < digits.len() {
        values[digits[value] as usize] = value as u8;
        value += 1;
    }
    values[b'-' as usize] = 62;
    values[b'_' as usize] = 63;
    values
};

/// How the containers begin in base64 and base64url: gzip, zip, xz, zstd and bzip2.
/// They are no text, so nothing else would have them decoded.
const PACKED: [&str; 7] = ["H4sI", "UEsDB", "/Td6WFo", "_Td6WFo", "KLUv/", "KLUv_", "Qlpo"];
/// How many of them are decoded in one run, each to its end.
const MOST: usize = 64;

#[expect(clippy::expect_used, reason = "the literals are constants; tests use them")]
static SEARCHER: LazyLock<AhoCorasick> = LazyLock::new(|| {
    // As in the prefilter: only this kind of search goes in vector steps.
    AhoCorasick::builder()
        .kind(Some(AhoCorasickKind::NoncontiguousNFA))
        .match_kind(MatchKind::LeftmostFirst)
        .build(PACKED)
        .expect("the literals build")
});

fn value(digit: u8) -> u8 {
    VALUES.get(usize::from(digit)).copied().unwrap_or(NONE)
}

/// Hands out what could be text in base64, and containers. What lies in the ranges
/// of `joined`, which are sorted, was handed out over its line breaks already.
pub(super) fn each(text: &[u8], joined: &[Range<usize>], out: &mut dyn FnMut(Decoded)) {
    let is_digit = |at: usize| text.get(at).is_some_and(|byte| value(*byte) != NONE);
    // To look at shorter runs, or at one twice, would only take time.
    for run in stretches(text.len(), GROUPS * 4, is_digit) {
        let within = joined.partition_point(|range| range.end <= run.start);
        if joined.get(within).is_some_and(|range| range.start <= run.start && run.end <= range.end) {
            continue;
        }
        let Some(digits) = text.get(run.clone()) else { continue };
        for (number, start) in packed(digits).enumerate() {
            let bytes = decode_all(digits.get(start..).unwrap_or_default());
            let map = Map::Base64 { start: run.start + start };
            out(Decoded { encoding: Encoding::Base64, bytes, map, part: number > 0 });
        }
        for alignment in 0..4 {
            texts(digits, alignment, run.start, out);
        }
    }
}

/// Where containers could begin in `digits`.
fn packed(digits: &[u8]) -> impl Iterator<Item = usize> {
    SEARCHER.find_iter(digits).take(MOST).map(|found| found.start())
}

/// Hands out the texts that `digits`, the first of which stands at `start`, hold
/// if a group of four begins with the one of the number `alignment`.
fn texts(digits: &[u8], alignment: usize, start: usize, out: &mut dyn FnMut(Decoded)) {
    let digits = digits.get(alignment..).unwrap_or_default();
    let groups = digits.len() / 4;
    let text =
        stretches(groups, GROUPS, |group| digits.get(group * 4..group * 4 + 4).is_some_and(is_text_group));
    for window in widened(text, AROUND / 3, groups) {
        // The last group may be cut short.
        let end = if window.end == groups { digits.len() } else { window.end * 4 };
        let bytes = decode_all(digits.get(window.start * 4..end).unwrap_or_default());
        let map = Map::Base64 { start: start + alignment + window.start * 4 };
        out(Decoded { encoding: Encoding::Base64, bytes, map, part: false });
    }
}

/// Whether a group of four holds text: most that do not show it in their first byte.
/// It saves time: what is decoded though it is no text holds no token.
fn is_text_group(group: &[u8]) -> bool {
    let [a, b, c, d] = group else { return false };
    let (a, b) = (value(*a), value(*b));
    is_text(a << 2 | b >> 4) && {
        let (c, d) = (value(*c), value(*d));
        is_text(b << 4 | c >> 2) && is_text(c << 6 | d)
    }
}

fn decode_group(group: &[u8]) -> Option<[u8; 3]> {
    let [a, b, c, d] = *group.first_chunk::<4>()?;
    let (a, b, c, d) = (value(a), value(b), value(c), value(d));
    // The parts of a byte have no bit in common.
    Some([a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d])
}

/// What `digits`, all of base64, hold; a last group of less than four too.
pub(in crate::find) fn decode_all(digits: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0; digits.len() / 4 * 3];
    for (out, group) in bytes.chunks_exact_mut(3).zip(digits.chunks_exact(4)) {
        if let Some(decoded) = decode_group(group) {
            out.copy_from_slice(&decoded);
        }
    }
    let rest = digits.chunks_exact(4).remainder();
    let mut last = [b'A'; 4];
    last.iter_mut().zip(rest).for_each(|(to, digit)| *to = *digit);
    let whole = (rest.len() * 6) / 8;
    bytes.extend(decode_group(&last).into_iter().flatten().take(whole));
    bytes
}
