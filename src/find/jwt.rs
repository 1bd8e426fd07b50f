//! OAuth2 access tokens: JSON Web Tokens that Dynatrace's single sign-on issued.

use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use memchr::memmem;

use super::{Certainty, Match};
use crate::token::by_name;

/// The longest part that is read; real ones have one to two thousand bytes.
const LONGEST_PART: usize = 16 * 1024;

const BASE64URL: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The access token that begins at `start`, if its claims name Dynatrace.
pub(super) fn read(haystack: &[u8], start: usize) -> Option<Match> {
    if start.checked_sub(1).and_then(|before| haystack.get(before)).is_some_and(is_base64url) {
        return None;
    }
    let header = part(haystack, start, 10)?;
    let claims = part(haystack, header + 1, 20).filter(|_| haystack.get(header) == Some(&b'.'))?;
    let end = part(haystack, claims + 1, 20).filter(|_| haystack.get(claims) == Some(&b'.'))?;
    let claims = BASE64URL.decode(haystack.get(header + 1..claims)?).ok()?;
    let says = |text: &str| memmem::find(&claims, text.as_bytes()).is_some();
    let ours = says("\"iss\"") && says("sso") && says("dynatrace") || says("\"dt0s");
    let kind = by_name("dynatrace-oauth-access-token").filter(|_| ours)?;
    Match::new(haystack, kind, Certainty::Context, start..end, start..end)
}

/// The end of the part of at least `least` base64url characters at `start`.
fn part(haystack: &[u8], start: usize, least: usize) -> Option<usize> {
    let length = haystack.get(start..)?.iter().take(LONGEST_PART).take_while(|b| is_base64url(b)).count();
    (length >= least).then_some(start + length)
}

fn is_base64url(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;

    use super::super::{Certainty, find};
    use crate::token::{by_name, specimen};

    #[test]
    fn an_access_token_of_dynatrace_is_found_and_one_of_another_issuer_is_not() {
        let kind = by_name("dynatrace-oauth-access-token").unwrap();
        let token = specimen(kind, 1).text;
        let found = find(format!("Authorization: Bearer {token}\n").as_bytes());
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].kind, found[0].certainty), (kind, Certainty::Context));

        let claims = token.split('.').nth(1).unwrap();
        let other = base64::engine::general_purpose::URL_SAFE_NO_PAD
            .encode(r#"{"iss":"https://login.example.com","sub":"someone"}"#);
        assert_eq!(find(token.replace(claims, &other).as_bytes()), []);
    }
}
