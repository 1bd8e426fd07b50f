//! base64 and base64url, at each of the four alignments that a run of their
//! characters can have.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, Match, MatchKind};

use super::super::container::Container;
use super::super::encoding::Encoding;
use super::decoded::Decoded;
use super::map::Map;
use super::runs::{byte_runs, widened};
use super::text::{AROUND, SHORTEST, is_text};

/// Groups of four that lie whole in the shortest token with its name.
const GROUPS: usize = (SHORTEST - 2) / 3;
/// The fewest digits in which a token can be.
pub(super) const LEAST: usize = GROUPS * 4;
/// How the containers begin in base64 and base64url: gzip, zip, xz, zstd, bzip2, PDF, SQLite,
/// git packs, 7z, rar and office documents with a password; behind those lzma and zlib, which
/// few bytes show. They are no text, so nothing else would have them decoded.
const PACKED: [&str; 30] = [
    "H4sI", "UEsDB", "/Td6WFo", "_Td6WFo", "KLUv/", "KLUv_", "Qlpo", "JVBERi0", "U1FMaXRl", "UEFDSwAA",
    "N3q8ryc", "UmFyIRoH", "0M8R4KGx", "XQAA", "eAE", "eAF", "eAG", "eAH", "eF4", "eF5", "eF6", "eF7", "eJw",
    "eJx", "eJy", "eJz", "eNo", "eNp", "eNq", "eNr",
];
/// How many of them are signature enough.
const CLEAR: usize = 13;
/// How many of them are decoded in one run, each to its end.
const MOST: usize = 64;

#[expect(clippy::expect_used, reason = "the literals are constants; tests use them")]
static SEARCHER: LazyLock<AhoCorasick> = LazyLock::new(|| {
    // Only this kind of search goes in vector steps.
    AhoCorasick::builder()
        .kind(Some(AhoCorasickKind::NoncontiguousNFA))
        .match_kind(MatchKind::LeftmostFirst)
        .build(PACKED)
        .expect("the literals build")
});

/// The runs of base64 and base64url in these runs of characters of values that are long enough
/// to hold a token, and that `may_hold` one.
pub(super) fn all(
    text: &[u8],
    values: &[Range<usize>],
    may_hold: impl Fn(&[u8]) -> bool,
) -> Vec<Range<usize>> {
    let may_hold = |run: &Range<usize>| text.get(run.clone()).is_some_and(&may_hold);
    let within = |values: &Range<usize>| {
        let runs = byte_runs(text.get(values.clone()).unwrap_or_default(), LEAST, is_digit);
        let start = values.start;
        runs.map(move |run| start + run.start..start + run.end)
    };
    // Most are names, and are left before they are read once more.
    values.iter().filter(|run| may_hold(run)).flat_map(within).filter(may_hold).collect()
}

/// Whether it is a digit of base64 or base64url.
fn is_digit(byte: u8) -> bool {
    #[expect(clippy::indexing_slicing, reason = "computed at compile time")]
    static DIGITS: [bool; 256] = {
        let mut table = [false; 256];
        let mut byte = 0_u8;
        while byte < 128 {
            table[byte as usize] = byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
            byte += 1;
        }
        table
    };
    DIGITS.get(usize::from(byte)).copied().unwrap_or_default()
}

/// Hands out what could be text in base64 in these runs, and containers. What lies in
/// the ranges of `joined`, which are sorted, was handed out over its line breaks
/// already. Returns whether all was read.
pub(super) fn each(
    text: &[u8],
    runs: &[Range<usize>],
    joined: &[Range<usize>],
    out: &mut dyn FnMut(Decoded),
) -> bool {
    // What is made to begin like a container at each few bytes would take too much.
    let mut trials = text.len() / 1024 + 64;
    for run in runs {
        let Some(digits) = text.get(run.clone()) else { continue };
        let values = values(digits);
        // Of deflate nothing but what it unpacks to says that it is whole, and nothing but
        // where it begins that it is that.
        let deflate = bare(&values, &mut trials) == Some(Container::Deflate);
        let within = joined.partition_point(|range| range.end <= run.start);
        let known = joined.get(within).is_some_and(|range| range.start <= run.start && run.end <= range.end);
        if known && !deflate {
            continue;
        }
        // Where the first container could begin, for each alignment.
        let mut containers = [values.len(); 4];
        let first = deflate.then_some(0);
        for (number, start) in first.into_iter().chain(packed(digits, &values, &mut trials)).enumerate() {
            let bytes = decode(values.get(start..).unwrap_or_default());
            let map = of_groups(run.start + start);
            let part = number > 0 || deflate;
            out(Decoded { encoding: Encoding::Base64, bytes, map, part });
            if let Some(first) = containers.get_mut(start % 4) {
                *first = start.min(*first);
            }
        }
        for (alignment, container) in containers.into_iter().enumerate() {
            texts(&values, alignment, container, run.start, out);
        }
    }
    trials > 0
}

/// The container in these values, if it is one with a short signature and `trials` are left.
fn bare(values: &[u8], trials: &mut usize) -> Option<Container> {
    // Less than these could hold no token.
    let groups: &[[u8; 4]; 6] = values.as_chunks().0.first_chunk()?;
    let head = groups.map(decode_group);
    if !Container::may_be_bare(head.as_flattened(), values.len() * 6 / 8) {
        return None;
    }
    *trials = trials.checked_sub(1)?;
    Container::of(&decode(values.get(..512).unwrap_or(values)))
}

/// From the bytes to the digits from `start` on.
fn of_groups(start: usize) -> Map {
    Map::Groups { start, digits: 4, bytes: 3 }
}

/// Where containers could begin in `digits`, which have these values.
fn packed(digits: &[u8], values: &[u8], trials: &mut usize) -> Vec<usize> {
    let is_one = |found: &Match| {
        let values = values.get(found.start()..).unwrap_or_default();
        found.pattern().as_usize() < CLEAR || bare(values, trials).is_some()
    };
    SEARCHER.find_iter(digits).filter(is_one).take(MOST).map(|found| found.start()).collect()
}

/// Hands out the texts that the digits of these `values`, the first of which stands at
/// `start`, hold if a group of four begins with the one of the number `alignment`. From
/// the one of the number `container` on they may be a part of one.
fn texts(values: &[u8], alignment: usize, container: usize, start: usize, out: &mut dyn FnMut(Decoded)) {
    let values = values.get(alignment..).unwrap_or_default();
    let groups = values.as_chunks().0;
    let is_text = |group: usize| groups.get(group).is_some_and(is_text_group);
    // Text that is long enough has a group of one of these numbers, and three more on
    // one side of it. Its exact end does not matter: the margin is far wider.
    let nul = |group: usize| groups.get(group) == Some(&[0; 4]);
    let text = (GROUPS - 1..groups.len()).step_by(GROUPS).filter(|group| {
        is_text(*group)
            && ((group - 3..*group).all(is_text) || (*group..group + 4).all(is_text))
            // Even UTF-32 has no nine NULs behind each other; the head of a container has.
            && !(group.saturating_sub(16)..group + 2).all(nul)
    });
    let text = text.map(|group| group + 1 - GROUPS..group + GROUPS);
    for window in widened(text, AROUND / 3, groups.len()) {
        // The last group may be cut short.
        let end = if window.end == groups.len() { values.len() } else { window.end * 4 };
        let bytes = decode(values.get(window.start * 4..end).unwrap_or_default());
        let map = of_groups(start + alignment + window.start * 4);
        let part = alignment + window.start * 4 >= container;
        out(Decoded { encoding: Encoding::Base64, bytes, map, part });
    }
}

/// Whether a group of four values holds text. It saves time: what is decoded though it
/// is no text holds no token.
fn is_text_group(group: &[u8; 4]) -> bool {
    // Where the highest bits of its three bytes are: none of ASCII has one.
    let highest = u32::from_le_bytes([0b10_0000, 0b1000, 0b10, 0]);
    u32::from_le_bytes(*group) & highest == 0 && decode_group(*group).into_iter().all(is_text)
}

/// What each of `digits`, all of base64 or base64url, stands for.
fn values(digits: &[u8]) -> Vec<u8> {
    // Written so that it compiles to a few vector instructions.
    let value = |digit: &u8| match *digit {
        digit @ b'a'.. => digit - b'a' + 26,
        b'_' => 63,
        digit @ b'A'.. => digit - b'A',
        digit @ b'0'.. => digit - b'0' + 52,
        b'/' => 63,
        _ => 62,
    };
    digits.iter().map(value).collect()
}

/// What `digits`, all of base64, hold; a last group of less than four too.
pub fn decode_all(digits: &[u8]) -> Vec<u8> {
    decode(&values(digits))
}

fn decode(values: &[u8]) -> Vec<u8> {
    let (groups, rest) = values.as_chunks();
    let mut bytes = vec![0; values.len() * 6 / 8];
    let (whole, end) = bytes.as_chunks_mut();
    for (out, group) in whole.iter_mut().zip(groups) {
        *out = decode_group(*group);
    }
    let mut last = [0; 4];
    last.iter_mut().zip(rest).for_each(|(to, value)| *to = *value);
    end.iter_mut().zip(decode_group(last)).for_each(|(to, byte)| *to = byte);
    bytes
}

fn decode_group(group: [u8; 4]) -> [u8; 3] {
    // Twice two neighbours are moved together at once; their bits never meet.
    let values = u32::from_be_bytes(group);
    let values = values & 0x003f_003f | (values & 0x3f00_3f00) >> 2;
    let [_, bytes @ ..] = (values & 0xfff | values >> 4 & 0xff_f000).to_be_bytes();
    bytes
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

    use super::*;

    #[test]
    fn each_digit_of_both_alphabets_is_read() {
        let bytes: Vec<u8> = (0..=255).rev().chain(0..=255).collect();
        for length in [bytes.len() - 2, bytes.len() - 1, bytes.len()] {
            for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
                let text = engine.encode(&bytes[..length]);
                assert_eq!(decode_all(text.as_bytes()), bytes[..length]);
                assert!(text.bytes().all(is_digit));
            }
        }
        assert!(![b'=', b' ', b'\n', b'.', b',', 0, 0xff].into_iter().any(is_digit));
    }

    #[test]
    fn the_shortest_text_is_found_wherever_it_stands_among_other_bytes() {
        let text: Vec<u8> = (b'A'..).take(GROUPS * 3 + 2).collect();
        for before in 0..80 {
            for behind in 0..30 {
                let bytes = [&vec![0xff; before][..], &text, &vec![0xff; behind]].concat();
                let encoded = STANDARD_NO_PAD.encode(&bytes);
                let mut found = 0;
                each(encoded.as_bytes(), std::slice::from_ref(&(0..encoded.len())), &[], &mut |decoded| {
                    found += usize::from(memchr::memmem::find(&decoded.bytes, &text).is_some());
                });
                assert_eq!(found, 1, "{before} {behind}");
            }
        }
    }
}
