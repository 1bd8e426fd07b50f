//! The shapes of Dynatrace's tokens.
//!
//! A random part is RFC 4648 base32 in upper case without padding: 5 bytes become 8 characters,
//! 15 become 24, 40 become 64. The operator's generator, the OneAgent installer's masking and
//! the EdgeConnect documentation agree on this.

/// How a token of one kind is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// `prefix.public.secret`. Prefix and public part are the identifier, which is safe to show
    /// and log.
    Dotted {
        /// The public parts that Dynatrace issues, the most common first.
        public: &'static [Public],
        /// Whether the secret part is 64 lower-case hex digits; otherwise it is 64 characters
        /// of base32.
        hex: bool,
    },
    /// `prefix.secret`, 24 letters and digits; all of it is secret.
    Whole,
    /// `length` letters and digits without a prefix, with `_` and `-` if `dashes`. Only the
    /// text around it identifies it.
    Bare {
        /// The number of characters, all of them secret.
        length: usize,
        /// Whether it can contain `_` and `-`.
        dashes: bool,
    },
    /// A JSON Web Token issued by Dynatrace's single sign-on.
    Jwt,
    /// What a rule of the policy forbids; Dynatrace issues no token of this shape.
    Rule,
}

/// The public part of a dotted token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Public {
    /// This many characters of base32.
    Base32(usize),
    /// This many upper-case letters and digits.
    Alnum(usize),
    /// A name that somebody chose: letters, digits and `-`, up to 128 of them.
    Name,
    /// An environment's id or UUID: lower-case letters, digits and `-`, up to 64.
    Environment,
}

impl Public {
    fn fits(self, text: &[u8]) -> bool {
        match self {
            Self::Base32(length) => text.len() == length && text.iter().all(is_base32),
            Self::Alnum(length) => {
                text.len() == length && text.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
            }
            Self::Name => fits_name(text, 128, u8::is_ascii_alphanumeric),
            Self::Environment => fits_name(text, 64, |b| b.is_ascii_lowercase() || b.is_ascii_digit()),
        }
    }
}

fn fits_name(text: &[u8], longest: usize, allowed: fn(&u8) -> bool) -> bool {
    text.len() <= longest
        && text.first().is_some_and(allowed)
        && text.iter().all(|b| allowed(b) || *b == b'-')
}

fn is_base32(byte: &u8) -> bool {
    matches!(byte, b'A'..=b'Z' | b'2'..=b'7')
}

impl Shape {
    /// Whether Dynatrace issues tokens of this shape with these two parts. `public` is empty if
    /// the shape has none. Always true for a [`Shape::Jwt`], whose parts show nothing.
    pub fn is_issued(self, public: &[u8], secret: &[u8]) -> bool {
        match self {
            Self::Dotted { public: issued, hex } => {
                issued.iter().any(|part| part.fits(public))
                    && secret.len() == 64
                    && if hex {
                        secret.iter().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(b))
                    } else {
                        secret.iter().all(is_base32)
                    }
            }
            Self::Whole => secret.len() == 24 && secret.iter().all(u8::is_ascii_alphanumeric),
            Self::Bare { length, dashes } => {
                secret.len() == length
                    && secret.iter().all(|b| b.is_ascii_alphanumeric() || dashes && matches!(b, b'_' | b'-'))
            }
            Self::Jwt => true,
            Self::Rule => false,
        }
    }

    /// Whether `public` was generated at random, so that it belongs to one token only.
    pub fn public_is_drawn(self, public: &[u8]) -> bool {
        match self {
            Self::Dotted { public: parts, .. } => parts
                .iter()
                .any(|part| matches!(part, Public::Base32(_) | Public::Alnum(_)) && part.fits(public)),
            _ => false,
        }
    }

    /// The lengths of random public parts.
    pub(super) fn drawn_lengths(self) -> Vec<usize> {
        let Self::Dotted { public, .. } = self else { return Vec::new() };
        let drawn = public.iter().filter_map(|part| match part {
            Public::Base32(length) | Public::Alnum(length) => Some(*length),
            Public::Name | Public::Environment => None,
        });
        let mut lengths: Vec<_> = drawn.collect();
        lengths.sort_unstable();
        lengths
    }

    /// The fewest distinct characters in a random secret part of this shape, with a wide
    /// margin. In 200,000 generated ones base32 had at least 21, hex at least 12.
    fn fewest_distinct(self) -> usize {
        match self {
            Self::Dotted { hex: false, .. } => 12,
            _ => 8,
        }
    }
}

/// Whether `secret` was typed and not generated: it has too few distinct characters, or a run
/// of eight that are equal or count up (`XXXXXXXX`, `12345678`).
///
/// A generated base32 secret has such a run about twice in a thousand million.
pub fn is_filler(shape: Shape, secret: &[u8]) -> bool {
    let mut seen = [false; 256];
    for byte in secret {
        if let Some(slot) = seen.get_mut(usize::from(*byte)) {
            *slot = true;
        }
    }
    let distinct = seen.iter().filter(|seen| **seen).count();
    distinct < shape.fewest_distinct() || longest_run(secret, 0) >= 8 || longest_run(secret, 1) >= 8
}

/// The length of the longest run in which each byte is the previous one plus `step`.
fn longest_run(text: &[u8], step: u8) -> usize {
    let mut longest = 0;
    let mut run = 0;
    let mut wanted = None;
    for byte in text {
        run = if wanted == Some(*byte) { run + 1 } else { 1 };
        wanted = byte.checked_add(step);
        longest = longest.max(run);
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE32: Shape = Shape::Dotted { public: &[Public::Base32(8)], hex: false };
    const HEX: Shape = Shape::Dotted { public: &[Public::Environment], hex: true };

    #[test]
    fn typed_secrets_are_filler() {
        for secret in [
            "X".repeat(64),
            "0".repeat(64),
            "ABCDEFGHIJK".repeat(6),
            "QWERTZ234567ABCD2Q7K".to_owned() + "12345678",
        ] {
            assert!(is_filler(BASE32, secret.as_bytes()), "{secret}");
        }
        assert!(is_filler(HEX, "abcd1234".repeat(8).get(1..).unwrap_or("").replace('a', "b").as_bytes()));
    }

    #[test]
    fn a_run_of_seven_is_no_filler() {
        assert_eq!(longest_run(b"xABCDEFGx", 1), 7);
        assert_eq!(longest_run(b"77777770", 0), 7);
        assert_eq!(longest_run(b"", 0), 0);
    }

    #[test]
    fn a_character_that_was_never_issued_makes_a_part_not_issued() {
        let secret = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".repeat(2);
        assert!(BASE32.is_issued(b"AB234567", secret.as_bytes()));
        assert!(!BASE32.is_issued(b"AB234568", secret.as_bytes()));
        assert!(!BASE32.is_issued(b"AB23456", secret.as_bytes()));
        assert!(!BASE32.is_issued(b"AB234567", secret.replace('7', "9").as_bytes()));
    }
}
