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

/// The access token whose header ends before `dot`, if its claims name Dynatrace.
pub(super) fn read(haystack: &[u8], dot: usize) -> Option<Match> {
    let header = run(haystack.get(..dot)?.iter().rev());
    let claims = run(haystack.get(dot + 1..)?.iter());
    let second_dot = dot + 1 + claims;
    let signature = run(haystack.get(second_dot + 1..)?.iter());
    if header < 10 || claims < 20 || signature < 20 || haystack.get(second_dot) != Some(&b'.') {
        return None;
    }
    let claims = BASE64URL.decode(haystack.get(dot + 1..second_dot)?).ok()?;
    let says = |text: &str| memmem::find(&claims, text.as_bytes()).is_some();
    let ours = says("\"iss\"") && says("sso") && says("dynatrace") || says("\"dt0s");
    let kind = by_name("dynatrace-oauth-access-token").filter(|_| ours)?;
    let span = dot - header..second_dot + 1 + signature;
    Match::new(haystack, kind, Certainty::Context, span.clone(), span)
}

/// How many base64url characters `bytes` begins with, at most [`LONGEST_PART`].
fn run<'a>(bytes: impl Iterator<Item = &'a u8>) -> usize {
    bytes.take(LONGEST_PART).take_while(|byte| is_base64url(byte)).count()
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
