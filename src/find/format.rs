//! The prefixed family: `prefix.public.secret`, and `dt0a02.secret`.

use super::matched::{Certainty, Match};
use crate::token::{LONGEST_PUBLIC, PREFIX, SECRET, Shape, UNKNOWN, WHOLE, is_public, kind_of_prefix};

/// The token whose prefix begins at `start`, if there is one.
///
/// It needs no boundary on either side: `Api-Token%20dt0c01…` and a token joined to the text
/// after it are real. If more characters could belong to the secret part than it has, the first
/// ones count, and the token is no longer `issued`.
pub(super) fn read(haystack: &[u8], start: usize) -> Option<Match> {
    let prefix = haystack.get(start..start + PREFIX)?;
    let body = haystack.get(start + PREFIX..)?.strip_prefix(b".")?;
    let kind = kind_of_prefix(prefix)?;
    let body_start = start + PREFIX + 1;
    let lower = !prefix.iter().any(u8::is_ascii_uppercase);
    let dotted = dotted(body);

    if kind.shape == Shape::Whole {
        let run = run(body, WHOLE + 1, u8::is_ascii_alphanumeric);
        // What stands behind a second dot is no secret of this kind, but the
        // documented expression takes it for one: it is masked with the rest.
        let length = dotted.map_or(WHOLE, |(_, secret)| secret + SECRET);
        let issued = lower && run == WHOLE && dotted.is_none();
        let span = start..body_start + length;
        return (run >= WHOLE || dotted.is_some())
            .then(|| Match::new(haystack, kind, certainty(issued), span.clone(), body_start..span.end))
            .flatten();
    }
    let (public, secret) = dotted?;
    let (public_part, secret_part) = (body.get(..public)?, body.get(secret..secret + SECRET)?);
    if begins_again(public_part) {
        return None;
    }
    let glued =
        body.get(secret + SECRET).is_some_and(|next| next.is_ascii_uppercase() || next.is_ascii_digit());
    let issued = lower && *kind != UNKNOWN && !glued && kind.shape.is_issued(public_part, secret_part);
    let secret_start = body_start + secret;
    let span = start..secret_start + SECRET;
    Match::new(haystack, kind, certainty(issued), span.clone(), secret_start..span.end)
}

fn certainty(issued: bool) -> Certainty {
    if issued { Certainty::Issued } else { Certainty::Format }
}

/// The length of the public part and the offset of the secret part in `body`
/// (what follows `prefix.`), if at least 64 characters could be a secret.
fn dotted(body: &[u8]) -> Option<(usize, usize)> {
    let public = run(body, LONGEST_PUBLIC, is_public);
    if public == 0 || body.get(public) != Some(&b'.') {
        return None;
    }
    let secret = public + 1;
    (run(body.get(secret..)?, SECRET, u8::is_ascii_alphanumeric) == SECRET).then_some((public, secret))
}

/// Whether `public` ends with a prefix: of identifiers without anything between them the
/// last one is the token's.
fn begins_again(public: &[u8]) -> bool {
    public
        .last_chunk()
        .is_some_and(|end: &[u8; PREFIX]| end.starts_with(b"dt0") && kind_of_prefix(end).is_some())
}

/// How many bytes at the start of `text` are `allowed`, at most `limit`.
fn run(text: &[u8], limit: usize, allowed: fn(&u8) -> bool) -> usize {
    text.iter().take(limit).take_while(|byte| allowed(byte)).count()
}

#[cfg(test)]
mod tests {
    use super::super::{Certainty, find};
    use super::{LONGEST_PUBLIC, PREFIX, UNKNOWN};
    use crate::token::{KINDS, Kind, Shape, by_name, specimen};

    fn certainties(text: &str) -> Vec<Certainty> {
        find(text.as_bytes()).iter().map(|found| found.certainty).collect()
    }

    #[test]
    fn a_generated_token_of_each_prefixed_kind_is_issued_wherever_it_stands() {
        for kind in KINDS.iter().filter(|kind| !kind.prefixes.is_empty()) {
            for seed in 0..100 {
                let token = specimen(kind, seed);
                for (before, after) in [
                    ("", ""),
                    ("x", "\n"),
                    ("%20", "&x=1"),
                    ("\\n", "\""),
                    ("_", "_"),
                    ("=3D", "\r\n"),
                    ("\0", "\u{e9}"),
                ] {
                    let text = format!("{before}{}{after}", token.text);
                    let found = find(text.as_bytes());
                    assert_eq!(found.len(), 1, "{} {seed} {before:?}", kind.id);
                    assert_eq!(found[0].certainty, Certainty::Issued, "{} {seed}", kind.id);
                    assert_eq!(found[0].kind, kind);
                    assert_eq!(found[0].identifier.as_deref(), token.identifier());
                    assert_eq!(&text[found[0].secret.clone()], token.secret());
                    assert_eq!(&text[found[0].span.clone()], token.text);
                }
            }
        }
    }

    /// `text` in lower case, in upper case, and with every other character in each.
    fn cases(text: &str) -> [String; 3] {
        let (lower, upper) = (text.to_lowercase(), text.to_uppercase());
        let mixed = lower.chars().zip(upper.chars()).enumerate();
        let mixed = mixed.map(|(at, (lower, upper))| if at % 2 == 0 { upper } else { lower }).collect();
        [lower, upper, mixed]
    }

    #[test]
    fn a_token_in_any_letter_case_is_found_whatever_its_public_part() {
        let drawn = specimen(&KINDS[0], 3).text;
        let dotted = |kind: &&Kind| matches!(kind.shape, Shape::Dotted { .. });
        for kind in KINDS.iter().chain([&UNKNOWN]).filter(dotted) {
            let token = specimen(kind, 1);
            let (prefix, secret) = (&token.text[..PREFIX], token.secret());
            let public = token.identifier().unwrap().split_once('.').unwrap().1;
            for public in [public, "dtctl-prod", "abc", &drawn[7..19], "a", &"abc-D1".repeat(5)] {
                for secret in cases(secret).iter().map(String::as_str).chain([secret]) {
                    for prefix in cases(prefix).iter().map(String::as_str).chain([prefix]) {
                        let text = format!("x={prefix}.{public}.{secret};");
                        let found = find(text.as_bytes());
                        assert_eq!(found.len(), 1, "{} {public} {prefix}", kind.id);
                        assert_eq!(&text[found[0].secret.clone()], secret);
                        assert!(matches!(found[0].certainty, Certainty::Issued | Certainty::Format));
                    }
                }
            }
        }
        let tenant = specimen(by_name("dt0a02").unwrap(), 1).text;
        assert!(cases(&tenant).iter().all(|text| certainties(text).len() == 1));
        assert_eq!(certainties(&drawn.replace("dt0c01", "dt0q77")), [Certainty::Format]);
        assert_eq!(certainties(&drawn.to_lowercase()), [Certainty::Format]);
    }

    #[test]
    fn a_token_glued_to_what_follows_is_found_as_format() {
        let token = specimen(&KINDS[0], 3).text;
        assert_eq!(certainties(&format!("{token}ABC")), [Certainty::Format]);
        assert_eq!(certainties(&format!("{token}abc")), [Certainty::Issued]);
        let tenant = specimen(by_name("dt0a02").unwrap(), 3).text;
        assert_eq!(certainties(&format!("{tenant}A")), [Certainty::Format]);
    }

    #[test]
    fn an_identifier_alone_or_a_short_secret_is_no_finding() {
        for kind in KINDS {
            let token = specimen(kind, 4);
            if let Some(identifier) = token.identifier() {
                assert_eq!(certainties(identifier), [], "{}", kind.id);
                assert_eq!(certainties(&token.text[..token.text.len() - 1]), [], "{}", kind.id);
            }
        }
        assert_eq!(certainties("dt0c01.abc123.abcdefjhij1234567890"), []);
    }

    #[test]
    fn what_only_resembles_a_token_is_no_finding() {
        let upper = specimen(&KINDS[0], 8).secret().to_owned();
        for secret in [&upper, &upper.to_lowercase()] {
            for text in [
                format!("dt0c01..{secret}"),
                format!("dt0c01.ABCDEFGH:{secret}"),
                format!("dt0c01.ABC_DEFG.{secret}"),
                format!("dt0c01.ABCDEFGH.{}", &secret[1..]),
                format!("dt0c01.ABCDEFGH.{}-{}", &secret[..30], &secret[30..]),
                format!("dt0c1.ABCDEFGH.{secret}"),
                format!("dt0c01.{}.{secret}", "a".repeat(LONGEST_PUBLIC + 1)),
            ] {
                assert_eq!(certainties(&text), [], "{text}");
            }
        }
    }

    #[test]
    fn a_tenant_token_has_no_identifier_whatever_stands_behind_it() {
        let tenant = specimen(by_name("dt0a02").unwrap(), 1).text.to_uppercase().replace("DT0A02", "dt0a02");
        let secret = specimen(&KINDS[0], 1);
        let text = format!("{tenant}.{}", secret.secret());
        let found = find(text.as_bytes());
        assert_eq!((found.len(), found[0].certainty), (1, Certainty::Format));
        assert_eq!((found[0].identifier.as_deref(), found[0].secret.clone()), (None, 7..text.len()));
    }

    #[test]
    fn two_tokens_without_anything_between_them_are_both_found() {
        let (one, two) = (specimen(&KINDS[0], 5).text, specimen(&KINDS[0], 6).text);
        assert_eq!(find(format!("{one}{two}").as_bytes()).len(), 2);
        assert_eq!(find(format!("dt0c01.{one}").as_bytes()).len(), 1);
        // A token that begins in a public part is not confused with text that only looks like one.
        let secret = "Q7ZW".repeat(16);
        let kinds =
            |text: String| find(text.as_bytes()).iter().map(|found| found.kind.id).collect::<Vec<_>>();
        assert_eq!(kinds(format!("dt0c01.ABCDEFGHdt0a02.{secret}")), [by_name("dt0a02").unwrap().id]);
        assert_eq!(kinds(format!("dt0c01.ABCDEFGHIJKLMNOPQRdt0xyz.{secret}")), [KINDS[0].id]);
    }
}
