//! Masks secret parts in a text.

use std::ops::Range;

use super::{Match, find};

/// The mask of a secret part of any length.
pub const MASK: &str = "********";

/// `text` with the secret part of every token in it masked.
pub fn mask(text: &str) -> String {
    String::from_utf8_lossy(&masked(text.as_bytes(), 0..text.len(), &find(text.as_bytes()))).into_owned()
}

/// The bytes of `range` in `text`, with the secret parts of `matches` masked, even if the range
/// cuts them.
pub fn masked(text: &[u8], range: Range<usize>, matches: &[Match]) -> Vec<u8> {
    let mut out = Vec::with_capacity(range.len());
    let mut at = range.start;
    for secret in matches.iter().flat_map(Match::secrets) {
        if secret.end <= at || secret.start >= range.end {
            continue;
        }
        out.extend_from_slice(text.get(at..secret.start).unwrap_or_default());
        out.extend_from_slice(MASK.as_bytes());
        at = secret.end;
    }
    out.extend_from_slice(text.get(at.min(range.end)..range.end).unwrap_or_default());
    out
}

/// `text` with every possible secret of another service masked.
pub fn blur(text: &str) -> String {
    let in_run = |c: char| c.is_ascii_alphanumeric() || matches!(c, '=' | '_' | '-');
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(in_run) {
        let (skipped, tail) = rest.split_at(start);
        let (run, after) = tail.split_at(tail.find(|c| !in_run(c)).unwrap_or(tail.len()));
        out.push_str(skipped);
        // A name keeps its sign of assignment: it is not part of the value.
        for (number, piece) in run.split('=').enumerate() {
            out.push_str(if number > 0 { "=" } else { "" });
            out.push_str(if looks_secret(piece) { MASK } else { piece });
        }
        rest = after;
    }
    out + rest
}

/// Whether `run` looks random: eight or more characters without `_` or `-` that mix letters
/// and digits, or twenty or more with a digit and both letter cases.
fn looks_secret(run: &str) -> bool {
    let digit = |text: &str| text.bytes().any(|byte| byte.is_ascii_digit());
    let upper = |text: &str| text.bytes().any(|byte| byte.is_ascii_uppercase());
    let lower = |text: &str| text.bytes().any(|byte| byte.is_ascii_lowercase());
    run.len() >= 20 && digit(run) && upper(run) && lower(run)
        || run.split(['_', '-']).any(|part| part.len() >= 8 && digit(part) && (upper(part) || lower(part)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::{KINDS, specimen};

    #[test]
    fn no_secret_part_stays_in_masked_text() {
        for kind in KINDS.iter().filter(|kind| !kind.prefixes.is_empty()) {
            let (one, two) = (specimen(kind, 1), specimen(kind, 2));
            let text = mask(&format!("a={} b={}", one.text, two.text));
            assert!(!text.contains(one.secret()) && !text.contains(two.secret()), "{}", kind.id);
            assert_eq!(text.matches(MASK).count(), 2);
        }
    }

    #[test]
    fn what_could_be_a_neighbours_secret_is_blurred_and_names_are_not() {
        for secret in [
            "xoxb-123456789012-AbCdEfGhIj1",
            "sk_live_4eC39HqLyjWDarjt",
            "hunter2secret",
            "0123456789abcdef0123",
            "x=4eC39HqLyjWDarjt",
            "aB1-cD2-eF3-gH4-iJ5_",
        ] {
            assert!(blur(secret).contains(MASK), "{secret}");
        }
        for name in [
            "OTEL_EXPORTER_OTLP_HEADERS_2=",
            "my-dynatrace-env-v1",
            "https://abc.live.dynatrace.com/api/v2/",
            "2026-11-21",
            "aB1",
            "aB1-cD2-eF3-gH4-iJ5",
            "aBc-cDe-eFg-gHi-iJk-kLm",
            "Authorization: Api-Token ",
        ] {
            assert_eq!(blur(name), name);
        }
    }

    #[test]
    fn copies_of_an_encoded_token_with_nothing_between_them_are_all_masked() {
        use base64::Engine as _;
        for kind in KINDS.iter().filter(|kind| !kind.prefixes.is_empty()) {
            let text = format!(" {} ", specimen(kind, 1).text.repeat(4));
            let text = base64::engine::general_purpose::STANDARD.encode(text);
            assert_eq!(find(text.as_bytes()).len(), 4, "{}", kind.id);
            assert_eq!(find(mask(&text).as_bytes()), [], "{}", kind.id);
        }
    }

    #[test]
    fn a_secret_part_cut_by_the_range_is_masked_too() {
        let token = specimen(&KINDS[0], 1);
        let text = token.text.as_bytes();
        let matches = find(text);
        for cut in 0..text.len() {
            for piece in [masked(text, 0..cut, &matches), masked(text, cut..text.len(), &matches)] {
                let piece = String::from_utf8_lossy(&piece).into_owned();
                let rest = piece.replace(MASK, "").replace(token.identifier().unwrap(), "");
                assert!(!rest.chars().any(|c| token.secret().contains(c)) || cut <= token.secret_at, "{cut}");
            }
        }
    }
}
