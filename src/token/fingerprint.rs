//! Fingerprints: names for secrets that do not reveal them.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest as _, Sha256};

/// SHA-256 of a token's secret part, written as 64 lower-case hex digits.
///
/// The shortest secret in the catalogue has 15 characters out of 62 (89 bits), so nobody can
/// find a secret by trying.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// The fingerprint of `secret`, a token's secret part alone.
    pub fn of(secret: &[u8]) -> Self {
        Self(Sha256::digest(secret).into())
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Fingerprint {
    type Err = ();

    /// Parses 64 hex digits of either case.
    fn from_str(text: &str) -> Result<Self, ()> {
        let bytes = crate::hex::decode(text.as_bytes()).ok_or(())?;
        bytes.try_into().map(Self).map_err(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_read_back_from_its_text_is_the_same() {
        let fingerprint = Fingerprint::of(b"some secret");
        assert_eq!(fingerprint.to_string().parse(), Ok(fingerprint));
        assert_eq!(fingerprint.to_string().to_uppercase().parse(), Ok(fingerprint));
    }

    #[test]
    fn text_that_is_no_fingerprint_is_refused() {
        let good = Fingerprint::of(b"x").to_string();
        for text in ["", "abc", &good[1..], &format!("{good}0"), &good.replace('7', "g")] {
            if text != good {
                assert_eq!(text.parse::<Fingerprint>(), Err(()), "{text}");
            }
        }
    }
}
