//! Hexadecimal digits: a run of them, or pairs with something between them
//! (`64 74 30`, `64:74:30`, `0x64, 0x74, 0x30`).

use std::ops::Range;

use super::super::encoding::Encoding;
use super::decoded::Decoded;
use super::map::{Builder, Map};
use super::stretch::{runs, stretches, widened};
use super::text::{AROUND, SHORTEST, is_text};

/// How the containers begin in hex, see [`super::base64`].
const PACKED: [&[u8]; 5] = [b"1f8b08", b"504b0304", b"fd377a585a", b"28b52ffd", b"425a68"];
/// The most bytes between two pairs: `,`, a line break, an indentation, `0x`.
const LONGEST_GAP: usize = 40;

/// Hands out what could be text in hex, and containers. A run of its digits lies in
/// one of `wider`.
pub(super) fn each(text: &[u8], wider: &[Range<usize>], out: &mut dyn FnMut(Decoded)) {
    for wider in wider {
        let digits = text.get(wider.clone()).unwrap_or_default();
        for run in runs(digits, 2 * (SHORTEST - 3), |byte| byte.is_ascii_hexdigit()) {
            texts(digits.get(run.clone()).unwrap_or_default(), wider.start + run.start, out);
        }
    }
    pairs(text, out);
}

/// Hands out what `digits`, the first of which stands at `start`, could hold.
fn texts(digits: &[u8], start: usize, out: &mut dyn FnMut(Decoded)) {
    // As many numbers as digits are enough: behind the last pair stands no byte.
    let packed = digits.get(..10).is_some_and(|head| {
        PACKED
            .iter()
            .any(|start| head.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start)))
    });
    if packed {
        whole(digits, start, 0..digits.len(), false, out);
    }
    for alignment in 0..2 {
        let digits = digits.get(alignment..).unwrap_or_default();
        let is_text = |number: usize| byte_at(digits, number * 2).is_some_and(is_text);
        let text = stretches(digits.len(), SHORTEST - 3, is_text);
        for window in widened(text, AROUND, digits.len()) {
            whole(digits, start + alignment, window, packed && alignment == 0, out);
        }
    }
}

/// Hands out the bytes of these numbers, `part` as in [`Decoded`].
fn whole(digits: &[u8], start: usize, numbers: Range<usize>, part: bool, out: &mut dyn FnMut(Decoded)) {
    let map = Map::Even { start: start + numbers.start * 2, step: 2, size: 2 };
    let bytes = numbers.filter_map(|number| byte_at(digits, number * 2)).collect();
    out(Decoded { encoding: Encoding::Hex, bytes, map, part });
}

/// The byte whose two digits stand at `at`.
fn byte_at(text: &[u8], at: usize) -> Option<u8> {
    let digit = |at: usize| text.get(at).and_then(|byte| char::from(*byte).to_digit(16));
    u8::try_from(digit(at)? * 16 + digit(at + 1)?).ok()
}

/// Hands out each row of at least [`SHORTEST`] pairs with gaps between them.
fn pairs(text: &[u8], out: &mut dyn FnMut(Decoded)) {
    // The shortest row has three bytes a pair: eight bytes from one of these places on
    // lie in it, with a pair to follow. Shorter steps would only take time.
    let step = (SHORTEST - 3) * 3 - 16;
    let mut from = 0;
    let mut probe = 0;
    while probe + 8 < text.len() {
        let part = |at: &usize| text.get(*at).is_some_and(|byte| is_part(*byte));
        // They may all stand in one gap. To look on from more places would only take
        // time; so would asking for one after the other.
        let start = if (probe..probe + 8).fold(true, |all, at| all & part(&at)) {
            (probe..probe + 8 + LONGEST_GAP).take_while(part).find(|at| is_pair(text, *at))
        } else {
            None
        };
        let Some(start) = start.filter(|at| next_pair(text, at + 2).is_some()) else {
            probe += step;
            continue;
        };
        let first = first_pair(text, start, from);
        from = row(text, first, out);
        probe = from.max(probe + step);
    }
}

/// Whether a pair of digits stands at `at`, with none before and behind it.
fn is_pair(text: &[u8], at: usize) -> bool {
    let digit = |at: usize| text.get(at).is_some_and(u8::is_ascii_hexdigit);
    let before = at.checked_sub(1).is_some_and(digit);
    digit(at) && digit(at + 1) && !digit(at + 2) && !before
}

/// Where the pair begins that follows one which ends at `end`, if only a gap is
/// between them.
fn next_pair(text: &[u8], end: usize) -> Option<usize> {
    let gap = text.get(end..text.len().min(end + LONGEST_GAP))?;
    let blanks = gap.iter().take_while(|byte| is_gap(**byte)).count();
    let sign = match gap.get(blanks..blanks + 2) {
        Some(b"0x" | b"0X") => 2,
        _ => 0,
    };
    let next = end + blanks + sign;
    is_pair(text, next).then_some(next)
}

/// Whether a row has such bytes. To take others for some would only take time.
fn is_part(byte: u8) -> bool {
    #[expect(clippy::indexing_slicing, reason = "computed at compile time")]
    static PART: [bool; 256] = {
        let mut table = [false; 256];
        let mut byte = 0_u8;
        while byte < 128 {
            table[byte as usize] = byte.is_ascii_hexdigit() || is_gap(byte) || matches!(byte, b'x' | b'X');
            byte += 1;
        }
        table
    };
    PART.get(usize::from(byte)).copied().unwrap_or_default()
}

const fn is_gap(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b',' | b':' | b';' | b'-' | b'\\')
}

/// The first pair of the row to which the one at `start` belongs; none begins
/// before `from`. To look for each farther back than a gap and a pair are long would
/// only take time.
fn first_pair(text: &[u8], start: usize, from: usize) -> usize {
    let mut first = start;
    while let Some(before) = (from..first).rev().take(LONGEST_GAP + 4).find(|at| is_pair(text, *at)) {
        if next_pair(text, before + 2) != Some(first) {
            break;
        }
        first = before;
    }
    first
}

/// Hands out the row that begins at `first` if it is long enough; where its last pair
/// stands.
fn row(text: &[u8], first: usize, out: &mut dyn FnMut(Decoded)) -> usize {
    let mut row = Builder::default();
    let mut at = first;
    loop {
        if let Some(byte) = byte_at(text, at) {
            row.escaped(byte, at, 2);
        }
        match next_pair(text, at + 2) {
            Some(next) => at = next,
            None => break,
        }
    }
    if row.bytes.len() >= SHORTEST - 3 {
        let (bytes, map) = row.finish();
        out(Decoded { encoding: Encoding::Hex, bytes, map, part: false });
    }
    at
}
