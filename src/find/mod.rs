//! Finds tokens in bytes. This room knows no path, no git and no colour.
//!
//! [`find`] has two steps. One pass over the bytes yields the few offsets where a token, its
//! name or an encoding could begin; it has no false negative. A matcher then reads each of
//! them: [`format`] for the prefixed family, [`context`] for the old formats, which only the
//! text around them identifies. Then [`decode`] hands out possible encodings and [`container`]
//! packed content, and both are searched in the same way.

mod changed;
mod container;
mod context;
mod decode;
mod encoding;
mod expressions;
mod format;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzzing;
mod glue;
mod jwt;
mod locate;
mod mask;
mod masking;
mod matched;
mod names;
mod outline;
mod outward;
mod prefilter;
mod rule;
mod search;
mod triple;
mod window;

pub use changed::{is_clean_base, is_still_clean};
pub use container::{Container, Unread};
pub use decode::glues;
pub use encoding::{Encoding, Encodings};
pub use expressions::SecretExpressions;
pub use glue::{Evidence, Glue};
pub use locate::{Locator, Position};
pub use mask::{MASK, blur, mask, masked};
pub use masking::{MaskKey, Masker, Masking, Style};
pub use matched::{Certainty, Match, MemberPlace};
pub use rule::{Expression, LONGEST_MATCH, Refusal, Rule, Rules, SECRET_GROUP};
pub use search::{Found, Missed, find, search, search_window};
pub use window::{Window, Windows};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::{KINDS, specimen};

    /// Numbers that are the same in every run.
    pub(in crate::find) struct Numbers(pub(super) u64);

    impl Numbers {
        pub(super) fn below(&mut self, bound: usize) -> usize {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            (self.0 % bound as u64) as usize
        }

        /// So many bytes at most, and one part, of these `parts`.
        pub(super) fn text(&mut self, parts: &[&str], most: usize) -> String {
            let length = self.below(most);
            let mut text = String::new();
            while text.len() < length {
                text.push_str(parts[self.below(parts.len())]);
            }
            text
        }
    }

    /// Text made of what tokens are made of, whole ones among it.
    fn rubble(numbers: &mut Numbers) -> String {
        let mut text = String::new();
        for _ in 0..=numbers.below(12) {
            match numbers.below(9) {
                0 => text.push_str("dt0"),
                1 => text.push_str(["dt0c01", "dt0A02", "dt0a02", "dt0z99", "DT0S16"][numbers.below(5)]),
                2 | 3 => text.push('.'),
                4 => text
                    .push_str(&"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"[numbers.below(12)..].repeat(3)[..24]),
                5 => text.push_str(&"Q7ZWERTY2345UIOPASDFGHJKLXCVBNM6"[numbers.below(8)..].repeat(3)[..64]),
                6 => text.push_str(&specimen(&KINDS[numbers.below(KINDS.len())], numbers.0).text),
                7 => {
                    text.push_str([" ", "x", "_", "\n", "%20", "9", "\u{e9}", "Api-Token "][numbers.below(8)])
                }
                _ => text.push_str(&"abcdefghijklmnopqrstuvwxyz0123456789"[..numbers.below(36)]),
            }
        }
        text
    }

    #[test]
    fn whatever_the_documented_expression_matches_is_found() {
        let documented =
            regex::bytes::Regex::new(r"(?-u)^dt0[a-zA-Z]{1}[0-9]{2}\.[A-Z0-9]{24}\.[A-Z0-9]{64}").unwrap();
        let mut numbers = Numbers(0x5eed);
        let mut matched = 0;
        let rounds = crate::effort::cases(6_000, 30_000);
        for round in 0..rounds {
            let text = rubble(&mut numbers);
            let found = find(text.as_bytes());
            for at in 0..text.len() {
                let Some(wanted) = documented.find(&text.as_bytes()[at..]) else { continue };
                matched += 1;
                let covered = found.iter().any(|found| found.span == (at..at + wanted.end()));
                assert!(covered, "round {round}: {at}");
            }
        }
        assert!(matched > rounds / 30, "{matched} matches were compared");
    }

    #[test]
    fn no_input_makes_the_finder_panic_or_leave_its_bounds() {
        use ::base64::Engine as _;
        let mut numbers = Numbers(7);
        let mut found_encoded = 0;
        let rounds = crate::effort::cases(10_000, 60_000);
        for round in 0..rounds {
            let text = rubble(&mut numbers);
            let mut bytes = match round % 4 {
                0 => ::base64::engine::general_purpose::STANDARD.encode(&text).into_bytes(),
                1 => text.bytes().flat_map(|byte| [byte, 0]).collect(),
                2 => text.bytes().flat_map(|byte| [0, 0, 0, byte]).collect(),
                _ => text.into_bytes(),
            };
            if !bytes.is_empty() && round % 3 > 0 {
                let at = numbers.below(bytes.len());
                bytes[at] = numbers.below(256) as u8;
                bytes.truncate(numbers.below(bytes.len()) + 1);
            }
            for found in find(&bytes) {
                assert!(found.span.start <= found.secret.start && found.secret.end <= found.span.end);
                assert!(found.span.start < found.span.end && found.span.end <= bytes.len());
                found_encoded += u64::from(!found.encodings.is_plain());
            }
        }
        assert!(found_encoded > rounds / 60, "{found_encoded} encoded tokens were found");
    }
}
