//! Finds OAuth2 access tokens: JSON Web Tokens of Dynatrace's single sign-on.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use regex::bytes::Regex;

use super::matched::{Certainty, Match};
use crate::token::by_name;

/// The longest part that is read; real ones have one to two thousand bytes.
const LONGEST_PART: usize = 16 * 1024;

const BASE64URL: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Claims whose issuer is Dynatrace's single sign-on, or whose audience is a
/// client of it.
#[expect(clippy::expect_used, reason = "the expression is a constant; tests use it")]
static OURS: LazyLock<Regex> = LazyLock::new(|| {
    let issuer = r#""iss"\s*:\s*"https?:\\?/\\?/sso[a-zA-Z0-9.-]*\.dynatrace(?:labs)?\.com[:/\\"]"#;
    let audience = r#""aud"\s*:\s*\[?\s*"dt0s"#;
    Regex::new(&format!("(?-u){issuer}|{audience}")).expect("the expression compiles")
});

/// The access token whose header ends before `dot`, if its claims name Dynatrace.
pub(super) fn read(haystack: &[u8], dot: usize) -> Option<Match> {
    let header = run(haystack.get(..dot)?.iter().rev());
    let claims = run(haystack.get(dot + 1..)?.iter());
    let second_dot = dot + 1 + claims;
    let signature = run(haystack.get(second_dot + 1..)?.iter());
    if header < 10 || signature < 20 || haystack.get(second_dot) != Some(&b'.') {
        return None;
    }
    let claims = BASE64URL.decode(haystack.get(dot + 1..second_dot)?).ok()?;
    let kind = by_name("dynatrace-oauth-access-token").filter(|_| OURS.is_match(&claims))?;
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
        let encode = |claims: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(claims);
        for other in [
            r#"{"iss":"https://login.example.com","sub":"someone"}"#,
            r#"{"iss":"https://sso.example.com","sub":"someone","groups":["dynatrace-users"]}"#,
        ] {
            assert_eq!(find(token.replace(claims, &encode(other)).as_bytes()), []);
        }
        for own in [
            r#"{"iss": "https://sso-sprint.dynatracelabs.com:443", "sub":"someone"}"#,
            r#"{"sub":"someone","aud":["dt0s02.ABCDEFGH"]}"#,
        ] {
            assert_eq!(find(token.replace(claims, &encode(own)).as_bytes()).len(), 1);
        }
    }

    #[test]
    fn the_whole_of_an_access_token_is_found_and_none_without_its_parts() {
        let long = format!(r#"{{"iss":"https://sso.dynatrace.com:443","groups":"{}"}}"#, "g".repeat(9000));
        let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(long);
        let token = |header: usize, between: &str, signature: usize| {
            format!("{}.{claims}{between}{}", "h".repeat(header), "s".repeat(signature))
        };
        let whole = token(10, ".", 20);
        assert_eq!(find(whole.as_bytes())[0].span, 0..whole.len());
        for other in [token(9, ".", 20), token(10, ".", 19), token(10, ":", 20)] {
            assert_eq!(find(other.as_bytes()), []);
        }
    }
}
