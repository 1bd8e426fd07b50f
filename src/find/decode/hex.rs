//! Runs of hexadecimal digits.

use std::ops::Range;

use super::super::container::Container;
use super::super::encoding::Encoding;
use super::decoded::Decoded;
use super::map::Map;
use super::runs::{byte_runs, runs, widened};
use super::text::{AROUND, SHORTEST, is_text};

/// How the containers begin in hex, see [`super::base64`].
const PACKED: [&[u8]; 5] = [b"1f8b08", b"504b0304", b"fd377a585a", b"28b52ffd", b"425a68"];

/// Hands out possible text in hex, and containers. Each run of its digits is within a run of
/// base64.
pub(super) fn each(text: &[u8], of_base64: &[Range<usize>], out: &mut dyn FnMut(Decoded)) {
    for wider in of_base64 {
        let digits = text.get(wider.clone()).unwrap_or_default();
        for run in byte_runs(digits, 2 * (SHORTEST - 3), |byte| byte.is_ascii_hexdigit()) {
            texts(digits.get(run.clone()).unwrap_or_default(), wider.start + run.start, out);
        }
    }
}

/// Hands out what `digits`, the first of which stands at `start`, could hold.
fn texts(digits: &[u8], start: usize, out: &mut dyn FnMut(Decoded)) {
    // As many numbers as digits are enough: behind the last pair stands no byte.
    let marked = digits.get(..10).is_some_and(|head| {
        PACKED
            .iter()
            .any(|start| head.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start)))
    });
    let head =
        |most: usize| -> Vec<u8> { (0..most).map_while(|number| byte_at(digits, number * 2)).collect() };
    let bare =
        Container::may_be_bare(&head(18), digits.len() / 2).then(|| Container::of(&head(512))).flatten();
    let packed = marked || bare.is_some();
    if packed {
        whole(digits, start, 0..digits.len(), bare == Some(Container::Deflate), out);
    }
    for alignment in 0..2 {
        let digits = digits.get(alignment..).unwrap_or_default();
        let is_text = |number: usize| byte_at(digits, number * 2).is_some_and(is_text);
        let text = runs(digits.len(), SHORTEST - 3, is_text);
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
