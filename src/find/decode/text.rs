//! Which text could hold a token, and how much of it belongs together.

use std::ops::Range;

/// The fewest characters that hold a token and its name or prefix: the shortest are a
/// tenant token (31) and an old one with its name (`token=` and 21). Fewer
/// hold no token.
pub(super) const SHORTEST: usize = 27;
/// How much of the text around encoded text is decoded with it, in bytes: the name of an
/// old token is no farther away.
pub(super) const AROUND: usize = 1100;
/// The same for encodings that leave most characters as they are: only a name that other
/// products use too needs text from farther away.
pub(super) const BESIDE: usize = 320;

/// Whether `byte` is text as tokens and what is around them are: ASCII that
/// prints, blanks and line breaks, and the NULs of wide characters.
pub(super) fn is_text(byte: u8) -> bool {
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
pub(in crate::find) fn is_value(byte: u8) -> bool {
    #[expect(clippy::indexing_slicing, reason = "computed at compile time")]
    static VALUE: [bool; 256] = {
        let mut table = [false; 256];
        let mut byte = 0_u8;
        while byte < 128 {
            table[byte as usize] = is_of_value(byte);
            byte += 1;
        }
        table
    };
    VALUE.get(usize::from(byte)).copied().unwrap_or_default()
}

/// The same, for other tables.
pub(super) const fn is_of_value(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'+' | b'/')
}

/// Whether `text` has so many digits and capitals as tokens with a prefix, and as what holds any
/// token in base64 or hex. Long names in code and paths have fewer.
pub(super) fn is_like_encoded(text: &[u8]) -> bool {
    const LEAST: usize = 4;
    let (eights, rest) = text.as_chunks();
    let mut all = rest.iter().filter(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase()).count();
    all >= LEAST
        || eights.iter().any(|eight| {
            all += digits_and_capitals(u64::from_le_bytes(*eight));
            all >= LEAST
        })
}

/// How many of these eight bytes are digits or capitals, compared at once.
fn digits_and_capitals(eight: u64) -> usize {
    const ONES: u64 = u64::MAX / 255;
    // The highest bit of each byte that is at least this one, if it is of ASCII.
    let least = |byte: u8| (eight & (ONES * 0x7f)) + ONES * u64::from(0x80 - byte);
    let within = |first: u8, last: u8| least(first) & !least(last + 1);
    let found = (within(b'0', b'9') | within(b'A', b'Z')) & !eight & (ONES * 0x80);
    if found == 0 { 0 } else { found.count_ones() as usize }
}

/// The byte before `at`, the one there and two behind it; 0 for those that `text` lacks.
pub(super) fn around(text: &[u8], at: usize) -> [u8; 4] {
    match at.checked_sub(1).and_then(|before| text.get(before..)?.first_chunk()) {
        Some(four) => *four,
        None => at_end(text, at),
    }
}

/// As [`around`], where one of them is beyond an end of `text`.
#[cold]
fn at_end(text: &[u8], at: usize) -> [u8; 4] {
    let by = |number: usize| (at + number).checked_sub(1).and_then(|at| text.get(at)).copied();
    [0, 1, 2, 3].map(|number| by(number).unwrap_or_default())
}

/// `range` with [`BESIDE`] bytes of `text` on both sides, and behind that with what is
/// left of a value: cut off it could have the length of another.
pub(super) fn beside(range: &Range<usize>, text: &[u8]) -> Range<usize> {
    let end = text.len().min(range.end + BESIDE);
    let rest = text.get(end..).unwrap_or_default();
    let left = rest.iter().take(64).take_while(|byte| is_value(**byte)).count();
    range.start.saturating_sub(BESIDE)..end + left
}

/// Whether `rest` goes on with the word that ends before it.
pub fn goes_on(rest: &[u8]) -> bool {
    let in_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    match rest {
        [b'.' | b':' | b'-', next, ..] | [next, ..] => in_word(next),
        [] => false,
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD_NO_PAD;

    use super::*;
    use crate::token::{KINDS, Shape, specimen};

    #[test]
    fn digits_and_capitals_are_counted_among_any_bytes() {
        for byte in 0..=255_u8 {
            for other in [0, b'9', b'a', 0xff] {
                let eight = [byte, other, other, byte, other, other, other, byte];
                let of = |byte: u8| usize::from(byte.is_ascii_digit() || byte.is_ascii_uppercase());
                let counted = digits_and_capitals(u64::from_le_bytes(eight));
                assert_eq!(counted, eight.into_iter().map(of).sum::<usize>(), "{byte} and {other}");
            }
        }
    }

    #[test]
    fn no_kind_of_token_and_no_encoding_of_it_has_as_few_digits_and_capitals_as_code() {
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        for kind in KINDS {
            for seed in 0..crate::effort::cases(200, 5_000) {
                let token = specimen(kind, seed).text;
                let named = format!("token={token}");
                let encoded = STANDARD_NO_PAD.encode(&named);
                let mut all = vec![hex(named.as_bytes()), STANDARD_NO_PAD.encode(&encoded), encoded];
                if !kind.prefixes.is_empty() || kind.shape == Shape::Jwt {
                    all.push(token);
                }
                assert!(all.iter().all(|text| is_like_encoded(text.as_bytes())), "{} {seed}", kind.id);
            }
        }
        assert!(!is_like_encoded(b"SomeName\n    .with_a_method_of_its_own"));
    }
}
