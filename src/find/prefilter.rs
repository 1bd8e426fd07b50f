//! One SIMD pass that says where a token could be.
//!
//! The contract: every token that any matcher accepts has a literal of this
//! table at a place from which that matcher reads it. A hit promises nothing.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

/// Which matcher reads the place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hint {
    /// The first three characters of a prefix, in any letter case.
    Family,
    /// Part of a name that may stand before a token of an old format.
    Name,
    /// The host to which license keys are sent.
    LicenseHost,
    /// The dot before a JSON Web Token's claims, which begin with `{"`.
    Jwt,
}

/// No literal may end with the start of another or contain it: hits do not
/// overlap, so the second would be lost.
const LITERALS: [(&str, Hint); 22] = [
    ("dt0", Hint::Family),
    ("DT0", Hint::Family),
    ("Dt0", Hint::Family),
    ("dT0", Hint::Family),
    ("oken", Hint::Name),
    ("OKEN", Hint::Name),
    ("_KEY", Hint::Name),
    ("_key", Hint::Name),
    ("-key", Hint::Name),
    ("-KEY", Hint::Name),
    ("piKey", Hint::Name),
    ("essKey", Hint::Name),
    ("eed-auth", Hint::Name),
    ("EED_AUTH", Hint::Name),
    ("EED-AUTH", Hint::Name),
    ("eed_auth", Hint::Name),
    ("ocker-pass", Hint::Name),
    ("OCKER_PASS", Hint::Name),
    ("ocker_pass", Hint::Name),
    ("OCKER-PASS", Hint::Name),
    ("mcsvc.dynatrace.com", Hint::LicenseHost),
    (".eyJ", Hint::Jwt),
];

#[expect(clippy::expect_used, reason = "the literals are constants; a test builds them")]
static SEARCHER: LazyLock<AhoCorasick> = LazyLock::new(|| {
    // Nearly all bytes are passed over by the SIMD search that this automaton
    // has in front, so the one that is built fastest is best.
    AhoCorasick::builder()
        .kind(Some(AhoCorasickKind::NoncontiguousNFA))
        .match_kind(MatchKind::LeftmostFirst)
        .build(LITERALS.map(|(literal, _)| literal))
        .expect("the literals build")
});

/// The places worth reading: for [`Hint::Name`] and [`Hint::LicenseHost`] the
/// offset behind the literal, for the others the one at which it begins.
pub(super) fn hits(haystack: &[u8]) -> impl Iterator<Item = (Hint, usize)> {
    SEARCHER.find_iter(haystack).filter_map(|found| {
        let (_, hint) = LITERALS.get(found.pattern().as_usize())?;
        Some(match hint {
            Hint::Name | Hint::LicenseHost => (*hint, found.end()),
            _ => (*hint, found.start()),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_literal_hides_another() {
        for (one, _) in LITERALS {
            for (other, _) in LITERALS {
                if one == other {
                    continue;
                }
                assert!(!one.contains(other), "{one} contains {other}");
                for length in 1..one.len().min(other.len()) {
                    assert!(!one.ends_with(&other[..length]), "{one} ends as {other} begins");
                }
            }
        }
    }

    #[test]
    fn each_literal_is_hit_wherever_it_stands() {
        for (literal, hint) in LITERALS {
            for before in 0..70 {
                let text = ".".repeat(before) + literal + &".".repeat(70 - before);
                let found: Vec<_> = hits(text.as_bytes()).collect();
                assert_eq!(found.len(), 1, "{literal} after {before}");
                assert_eq!(found[0].0, hint);
            }
        }
    }
}
