//! Text without the secret parts.

use std::ops::Range;

use super::{Match, find};

/// What stands in the place of a secret part: always this long, whatever the
/// secret's length.
pub const MASK: &str = "********";

/// `text` with the secret part of every token in it masked.
pub fn mask(text: &str) -> String {
    String::from_utf8_lossy(&masked(text.as_bytes(), 0..text.len(), &find(text.as_bytes()))).into_owned()
}

/// The bytes of `range` in `text`, with the secret part of each of `matches`
/// masked; one that is cut by the range's edge is masked as far as it reaches.
pub fn masked(text: &[u8], range: Range<usize>, matches: &[Match]) -> Vec<u8> {
    let mut out = Vec::with_capacity(range.len());
    let mut at = range.start;
    for secret in matches.iter().map(|found| &found.secret) {
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
