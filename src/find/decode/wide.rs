//! UTF-16 and UTF-32, with or without a byte order mark: each character of a
//! token is one byte among NULs.

use super::super::{Encoding, Match};
use super::{LONGEST, begins_token, read};
use crate::token::PREFIX;

/// The UTF-16 token whose `d` stands at `start`; the same for both byte orders,
/// since only the bytes between the characters count.
pub(in crate::find) fn read_utf16(haystack: &[u8], start: usize) -> Option<Match> {
    read_wide(haystack, start, 2, Encoding::Utf16)
}

/// The UTF-32 token whose `d` stands at `start`, likewise.
pub(in crate::find) fn read_utf32(haystack: &[u8], start: usize) -> Option<Match> {
    read_wide(haystack, start, 4, Encoding::Utf32)
}

fn read_wide(haystack: &[u8], start: usize, width: usize, encoding: Encoding) -> Option<Match> {
    // The last unit may lack its NULs: in big endian they stand before it.
    let text = haystack.get(start..)?;
    let narrow = |most: usize| -> Vec<u8> {
        text.chunks(width)
            .take(most)
            .map_while(|unit| unit.split_first().filter(|(_, rest)| rest.iter().all(|byte| *byte == 0)))
            .map(|(byte, _)| *byte)
            .collect()
    };
    if !begins_token(&narrow(PREFIX + 1)) {
        return None;
    }
    let narrow = narrow(LONGEST);
    read(&narrow, encoding, |number| {
        // Behind the last character nothing is taken that may not be there.
        let end = start + number * width;
        Some(if number == 0 { start } else { end - (width - 1) })
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::{Certainty, Encoding, find};
    use crate::token::{KINDS, specimen};

    fn wide(text: &str, width: usize, big: bool) -> Vec<u8> {
        let unit = |c: char| {
            let mut bytes = u32::from(c).to_le_bytes()[..width].to_vec();
            if big {
                bytes.reverse();
            }
            bytes
        };
        text.chars().flat_map(unit).collect()
    }

    #[test]
    fn a_token_of_each_prefixed_kind_is_found_in_utf16_and_utf32_of_both_byte_orders() {
        for kind in KINDS.iter().filter(|kind| !kind.prefixes.is_empty()) {
            let token = specimen(kind, 1);
            for (width, encoding) in [(2, Encoding::Utf16), (4, Encoding::Utf32)] {
                for big in [false, true] {
                    for (before, after) in [("", ""), ("\u{feff}x=", "\r\n"), ("\u{4e16}\n", "\u{e9}")] {
                        let text = wide(&format!("{before}{}{after}", token.text), width, big);
                        let found = find(&text);
                        assert_eq!(found.len(), 1, "{} {width} {big}", kind.id);
                        assert_eq!(
                            (found[0].encoding, found[0].certainty),
                            (Some(encoding), Certainty::Issued)
                        );
                        assert_eq!(found[0].identifier.as_deref(), token.identifier());
                        let start = before.chars().count() * width + if big { width - 1 } else { 0 };
                        assert_eq!(found[0].span, start..start + (token.text.len() - 1) * width + 1);
                    }
                }
            }
        }
    }
}
