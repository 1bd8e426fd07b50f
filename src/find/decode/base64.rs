//! base64 and base64url, at each of the three alignments that a token can have in
//! what was encoded, on one line or wrapped with any indentation.

use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::super::{Encoding, Match};
use super::{LONGEST, begins_token, read};

const STANDARD: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// As many characters as hold a prefix and its dot at any alignment.
const FEW: usize = 16;

/// The token in base64 whose first character, or the first that says enough, is at
/// `start`. `skipped` characters of its group of four stand before that one; they
/// hold the text before the token and the first bits of its `d`.
pub(in crate::find) fn read_base64(haystack: &[u8], start: usize, skipped: usize) -> Option<Match> {
    // Whole bytes of other text stand before the token's first one.
    let other = skipped * 3 / 4;
    let (decoded, _) = decode(haystack, start, skipped, FEW)?;
    if !begins_token(decoded.get(other..)?) {
        return None;
    }
    let (decoded, places) = decode(haystack, start, skipped, (LONGEST * 4).div_ceil(3) + 4)?;
    read(decoded.get(other..)?, Encoding::Base64, |number| {
        let bits = (number + other) * 8;
        match number {
            0 => Some(start),
            _ => places.get(bits.div_ceil(6).checked_sub(1)?).map(|last| last + 1),
        }
    })
    .filter(|found| found.span.start < found.span.end)
}

/// Up to `wanted` characters from `start` on, decoded, and where each stands; the
/// `skipped` ones before them are made up.
fn decode(haystack: &[u8], start: usize, skipped: usize, wanted: usize) -> Option<(Vec<u8>, Vec<usize>)> {
    let mut digits = vec![b'A'; skipped];
    let mut places = vec![start; skipped];
    let mut at = start;
    while digits.len() < wanted {
        match haystack.get(at) {
            Some(byte) if is_digit(*byte) => {
                digits.push(match byte {
                    b'-' => b'+',
                    b'_' => b'/',
                    byte => *byte,
                });
                places.push(at);
                at += 1;
            }
            Some(b'\r' | b'\n' | b'\\' | b'"') => at = behind_line_break(haystack, at)?,
            _ => break,
        }
    }
    // A group of one character says nothing.
    if digits.len() % 4 == 1 {
        digits.pop();
    }
    let mut decoded = STANDARD.decode(&digits).ok()?;
    // The token's first character has lost bits to what was made up.
    *decoded.get_mut(skipped * 3 / 4)? = b'd';
    Some((decoded, places))
}

fn is_digit(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

/// The place where the next line of wrapped base64 begins, if one does: behind a
/// line break, real or written as `\n`, and the blanks and quotes around it.
fn behind_line_break(haystack: &[u8], at: usize) -> Option<usize> {
    let text = haystack.get(at..haystack.len().min(at + 128))?;
    let mut broken = false;
    let mut rest = text;
    loop {
        rest = match rest {
            [b'\\', b'n' | b'r', rest @ ..] => {
                broken = true;
                rest
            }
            [b'\n', rest @ ..] => {
                broken = true;
                rest
            }
            [b'\r' | b' ' | b'\t' | b'"' | b'\\' | b'+', rest @ ..] => rest,
            [byte, ..] if broken && is_digit(*byte) => return Some(at + text.len() - rest.len()),
            _ => return Some(haystack.len()),
        };
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;

    use super::super::super::{Certainty, Encoding, find};
    use crate::token::{KINDS, specimen};

    #[test]
    fn a_token_of_each_prefixed_kind_is_found_in_base64_at_each_alignment() {
        for kind in KINDS.iter().filter(|kind| !kind.prefixes.is_empty()) {
            for seed in 0..20 {
                let token = specimen(kind, seed);
                for before in ["", "u", "u:", "u: ", "{\"k\":\"", "\u{e9}\u{e9}"] {
                    for after in ["", "\n", "\"}", "\u{e9}x"] {
                        let plain = format!("{before}{}{after}", token.text);
                        for engine in [
                            &base64::engine::general_purpose::STANDARD,
                            &base64::engine::general_purpose::URL_SAFE_NO_PAD,
                        ] {
                            let text = format!("k: {}\n", engine.encode(&plain));
                            let found = find(text.as_bytes());
                            assert_eq!(found.len(), 1, "{} {before:?} {after:?} {text}", kind.id);
                            assert_eq!(found[0].encoding, Some(Encoding::Base64));
                            assert_eq!(found[0].certainty, Certainty::Issued, "{} {seed} {after:?}", kind.id);
                            assert_eq!(found[0].identifier.as_deref(), token.identifier());
                            let start = 3 + before.len() * 4 / 3;
                            assert!(
                                found[0].span.start.abs_diff(start) <= 2 && found[0].span.end <= text.len()
                            );
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn wrapped_base64_is_read_over_its_line_breaks() {
        let token = specimen(&KINDS[0], 1);
        let encoded = base64::engine::general_purpose::STANDARD.encode(format!("id:{}", token.text));
        for width in [19, 60, 64, 76] {
            let lines: Vec<&str> =
                encoded.as_bytes().chunks(width).map(|line| std::str::from_utf8(line).unwrap()).collect();
            for joint in ["\n", "\r\n", "\n    ", "\\n", "\\n\" +\n  \"", "\n\t"] {
                let found = find(format!("data: |\n  {}\nnext: x", lines.join(joint)).as_bytes());
                assert_eq!(found.len(), 1, "{width} {joint:?}");
            }
        }
        // Two values on two lines are not one.
        let (one, two) = encoded.split_at(60);
        assert_eq!(find(format!("a: {one}\nb: {two}").as_bytes()), []);
    }
}
