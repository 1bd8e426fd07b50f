//! Generated tokens, for tests and proofs. None is written down anywhere.

use super::{Kind, Public, Shape, UNKNOWN};

/// A generated token that no environment knows.
pub struct Specimen {
    /// The whole token.
    pub text: String,
    /// The offset of the secret part in `text`; it ends with the text.
    pub secret_at: usize,
}

impl Specimen {
    /// The secret part.
    pub fn secret(&self) -> &str {
        self.text.get(self.secret_at..).unwrap_or_default()
    }

    /// Prefix and public part, if the kind has them.
    pub fn identifier(&self) -> Option<&str> {
        self.text.get(..self.secret_at)?.strip_suffix('.').filter(|id| id.contains('.'))
    }
}

/// A token of `kind` in its first shape; the same for the same `seed`. If a kind has several
/// prefixes, the seed chooses one.
pub fn specimen(kind: &Kind, seed: u64) -> Specimen {
    let mut draw = Draw(seed ^ 0x9e37_79b9_7f4a_7c15);
    let prefix = match kind.prefixes {
        [] if *kind == UNKNOWN => "dt0z99",
        [] => "",
        prefixes => prefixes.get(draw.below(prefixes.len())).copied().unwrap_or_default(),
    };
    let (public, secret) = match kind.shape {
        Shape::Dotted { public, hex } => {
            let public = match public.first() {
                Some(Public::Base32(length) | Public::Alnum(length)) => draw.text(BASE32, *length),
                Some(Public::Name) => format!("team-{}", draw.text(LOWER, 6)),
                Some(Public::Environment) => draw.text(LOWER, 3) + &draw.text(DIGITS, 5),
                None => String::new(),
            };
            (format!("{prefix}.{public}."), draw.text(if hex { HEX } else { BASE32 }, 64))
        }
        Shape::Whole => (format!("{prefix}."), draw.text(ALNUM, 24)),
        Shape::Bare { length, dashes } => {
            (String::new(), draw.mixed(if dashes { ALNUM_DASHES } else { ALNUM }, length))
        }
        Shape::Jwt => (String::new(), jwt(&mut draw)),
        // The policy alone says what its rules find.
        Shape::Rule => (String::new(), String::new()),
    };
    Specimen { secret_at: public.len(), text: public + &secret }
}

fn jwt(draw: &mut Draw) -> String {
    use base64::Engine as _;
    let encode = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
    let header = encode(r#"{"alg":"ES256","kid":"1"}"#);
    let claims = format!(
        r#"{{"iss":"https://sso.dynatrace.com:443","sub":"{}","exp":1600000000}}"#,
        draw.text(LOWER, 12)
    );
    format!("{header}.{}.{}", encode(&claims), draw.text(ALNUM, 86))
}

const BASE32: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const HEX: &[u8] = b"0123456789abcdef";
const LOWER: &[u8] = b"abcdefghijklmnopqrstuvwxyz";
const DIGITS: &[u8] = b"0123456789";
const ALNUM: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const ALNUM_DASHES: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

/// SplitMix64: small, and sufficient for text that protects nothing.
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }

    fn text(&mut self, alphabet: &[u8], length: usize) -> String {
        (0..length)
            .filter_map(|_| alphabet.get(self.below(alphabet.len())))
            .map(|byte| char::from(*byte))
            .collect()
    }

    /// Like [`Draw::text`], repeated until the text has both cases and a digit, as nearly all
    /// tokens of the old formats do.
    fn mixed(&mut self, alphabet: &[u8], length: usize) -> String {
        loop {
            let text = self.text(alphabet, length);
            if text.bytes().any(|b| b.is_ascii_lowercase())
                && text.bytes().any(|b| b.is_ascii_uppercase())
                && text.bytes().any(|b| b.is_ascii_digit())
            {
                return text;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::KINDS;
    use super::*;

    #[test]
    fn a_specimen_fits_the_issued_shape_of_its_kind() {
        for kind in KINDS {
            for seed in 0..200 {
                let token = specimen(kind, seed);
                let public =
                    token.identifier().and_then(|id| id.split_once('.')).map_or("", |(_, public)| public);
                assert!(
                    kind.shape.is_issued(public.as_bytes(), token.secret().as_bytes()),
                    "{} {seed}",
                    kind.id
                );
            }
        }
    }
}
