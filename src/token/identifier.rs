//! Token identifiers: the part of a token that may be shown.

use super::catalogue::{KINDS, Kind, UNKNOWN, by_prefix};

/// The length of a prefix.
pub const PREFIX: usize = 6;
/// The length of a dotted token's secret part.
pub const SECRET: usize = 64;
/// The length of the secret part of a [`Shape::Whole`](super::Shape::Whole).
pub const WHOLE: usize = 24;
/// The longest public part.
pub const LONGEST_PUBLIC: usize = 128;

/// A parsed token identifier, `prefix.public`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identifier<'a> {
    /// The kind of the prefix; [`UNKNOWN`] if the catalogue does not have it.
    pub kind: &'static Kind,
    /// The public part.
    pub public: &'a str,
}

impl<'a> Identifier<'a> {
    /// Parses `prefix.public`. The prefix may be in any letter case.
    pub fn parse(text: &'a str) -> Option<Self> {
        let (prefix, public) = text.split_once('.')?;
        let fits =
            (1..=LONGEST_PUBLIC).contains(&public.len()) && public.bytes().all(|byte| is_public(&byte));
        let kind = kind_of_prefix(prefix.as_bytes()).filter(|_| fits)?;
        Some(Self { kind, public })
    }

    /// Whether it names one token only, so that an allow entry for it cannot hide another. It
    /// does not if the public part names an environment or a client, which outlives the token.
    pub fn names_one_token(&self) -> bool {
        self.kind.shape.public_is_drawn(self.public.as_bytes())
    }

    /// Why it does not name one token only, if so.
    pub fn why_not_one_token(&self) -> Option<String> {
        if self.names_one_token() {
            return None;
        }
        let (lengths, length) = (self.kind.shape.drawn_lengths(), self.public.len());
        Some(if lengths.is_empty() || self.kind.id == UNKNOWN.id {
            "this identifier names an environment or a client, not one token: the entry would hide its next token too"
                .to_owned()
        } else if lengths.contains(&length) {
            "this identifier has characters that are in no identifier of its kind".to_owned()
        } else {
            let lengths = lengths.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ");
            format!(
                "this identifier has {length} characters behind its prefix, and those of its kind have {lengths}"
            )
        })
    }
}

/// The kind of `prefix`, in any letter case; none if it does not have the form of the family.
pub fn kind_of_prefix(prefix: &[u8]) -> Option<&'static Kind> {
    let lower: [u8; PREFIX] = prefix.try_into().ok()?;
    let lower = lower.map(|byte| byte.to_ascii_lowercase());
    let family = matches!(lower, [b'd', b't', b'0', letter, a, b]
        if letter.is_ascii_alphabetic() && a.is_ascii_digit() && b.is_ascii_digit());
    family.then(|| by_prefix(&lower).unwrap_or(&UNKNOWN))
}

/// Whether public parts can contain `byte`.
pub fn is_public(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || *byte == b'-'
}

/// All prefixes of the catalogue, for a message.
pub fn known_prefixes() -> String {
    KINDS.iter().flat_map(|kind| kind.prefixes.iter().copied()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_has_a_prefix_of_the_family_and_a_public_part() {
        let parsed =
            Identifier::parse("dt0s16.TYUHJKNM").map(|id| (id.kind.id, id.public, id.names_one_token()));
        assert_eq!(parsed, Some(("dynatrace-platform-token", "TYUHJKNM", true)));
        for text in
            ["", "dt0c01", "dt0c01.", "dt0c1.ABC", "xt0c01.ABC", "dt0c01.A_B", "dt0c01.A.B", "dt001.ABC"]
        {
            assert_eq!(Identifier::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_name_of_an_environment_or_client_is_not_that_of_one_token() {
        for text in
            ["dt0a01.abc12345", "dt0s08.powerbi-prod", "dt0s18.powerbi-prod", "dt0s06.dtctl", "dt0c01.abc"]
        {
            assert!(!Identifier::parse(text).is_some_and(|id| id.names_one_token()), "{text}");
        }
        assert!(Identifier::parse("dt0z99.ABCDEFGH").is_some_and(|id| id.names_one_token()));
    }
}
