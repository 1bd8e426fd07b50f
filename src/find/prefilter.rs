//! Finds where a token could be in plain text.
//!
//! The contract: every token that any matcher accepts has a literal of this table at a place
//! from which that matcher reads it. A hit alone proves nothing. The pass over the text finds
//! the three rarest characters of each literal; this file compares the rest.

/// The matcher for a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::find) enum Hint {
    /// The first three characters of a prefix, in any letter case.
    Family,
    /// Part of a name that may stand before a token of an old format.
    Name,
    /// The host to which license keys are sent.
    LicenseHost,
    /// The dot before a JSON Web Token's claims, which begin with `{"`.
    Jwt,
}

/// A literal, and how many of its bytes precede the last of the three that the pass finds.
type Literal = (&'static [u8], usize, Hint);

const FAMILIES: [Literal; 4] = [
    (b"dt0", 2, Hint::Family),
    (b"DT0", 2, Hint::Family),
    (b"Dt0", 2, Hint::Family),
    (b"dT0", 2, Hint::Family),
];
const TOKENS: [Literal; 2] = [(b"oken", 3, Hint::Name), (b"OKEN", 3, Hint::Name)];
const KEYS: [Literal; 7] = [
    (b"_KEY", 3, Hint::Name),
    (b"_key", 3, Hint::Name),
    (b"-key", 3, Hint::Name),
    (b"-KEY", 3, Hint::Name),
    (b"piKey", 4, Hint::Name),
    (b"essKey", 5, Hint::Name),
    (b".eyJ", 2, Hint::Jwt),
];
const SEEDS: [Literal; 4] = [
    (b"eed-auth", 4, Hint::Name),
    (b"EED_AUTH", 4, Hint::Name),
    (b"EED-AUTH", 4, Hint::Name),
    (b"eed_auth", 4, Hint::Name),
];
const PASSWORDS: [Literal; 4] = [
    (b"ocker-pass", 6, Hint::Name),
    (b"OCKER_PASS", 6, Hint::Name),
    (b"ocker_pass", 6, Hint::Name),
    (b"OCKER-PASS", 6, Hint::Name),
];
const HOSTS: [Literal; 1] = [(b"mcsvc.dynatrace.com", 6, Hint::LicenseHost)];

/// The hit whose three rarest characters end at `at`, if there is one: for [`Hint::Name`] and
/// [`Hint::LicenseHost`] the offset behind the literal, for the others the one at which it
/// begins.
pub(super) fn hit(text: &[u8], at: usize) -> Option<(Hint, usize)> {
    let literals: &[Literal] = match text.get(at)? {
        b'0' => &FAMILIES,
        b'n' | b'N' => &TOKENS,
        b'y' | b'Y' => &KEYS,
        b'a' | b'A' => &SEEDS,
        b'p' | b'P' => &PASSWORDS,
        _ => &HOSTS,
    };
    literals.iter().find_map(|(literal, before, hint)| {
        let start = at.checked_sub(*before)?;
        let rest = text.get(start..)?;
        let is_there = rest.first() == literal.first() && rest.starts_with(literal);
        let behind = matches!(hint, Hint::Name | Hint::LicenseHost);
        is_there.then(|| (*hint, if behind { start + literal.len() } else { start }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::find::decode::Marks;

    #[test]
    fn each_literal_is_hit_wherever_it_stands() {
        let literals = [&FAMILIES[..], &TOKENS, &KEYS, &SEEDS, &PASSWORDS, &HOSTS].concat();
        for (literal, _, hint) in literals {
            for before in 0..140 {
                for behind in [0, 1, 70] {
                    let text = [&b".".repeat(before)[..], literal, &b".".repeat(behind)].concat();
                    let found = Marks::of(&text, false).hits;
                    let name = String::from_utf8_lossy(literal);
                    assert_eq!(found.len(), 1, "{name} after {before}");
                    assert_eq!(found[0].0, hint);
                    let end = if matches!(hint, Hint::Name | Hint::LicenseHost) { literal.len() } else { 0 };
                    assert_eq!(found[0].1, before + end, "{name}");
                }
            }
        }
    }
}
