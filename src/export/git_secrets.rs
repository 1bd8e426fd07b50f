//! For git-secrets: `git secrets --add-provider -- dtguard patterns --for git-secrets`.
//!
//! It hands all lines to `grep -w` and `git grep -w`, which want no letter, digit or
//! `_` on either side of a match. A token may well have some (`Api-Token%20dt0c01…`,
//! `TOKEN_dt0c01…`), so the expressions take in what stands there. They are few,
//! because git-secrets joins them into one, and bounded before the token, because
//! without a bound a long line of letters takes time in the square of its length.

use super::expression::few;

/// Letters before the prefix that belong to no boundary.
const GLUED: &str = "[0-9A-Z_a-z]{0,32}";
/// What follows the token.
const REST: &str = "[0-9A-Z_a-z]*";

/// One expression a line.
pub(super) fn provider() -> String {
    few().map(|expression| format!("{GLUED}{expression}{REST}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::{KINDS, UNKNOWN, specimen};

    #[test]
    fn each_line_is_one_word_and_every_kind_fits_one_of_them() {
        let provider = provider();
        assert!(provider.lines().all(|line| !line.is_empty() && !line.contains(char::is_whitespace)));
        let lines: Vec<_> =
            provider.lines().map(|line| regex::Regex::new(&format!("^(?:{line})$")).unwrap()).collect();
        for kind in KINDS.iter().filter(|kind| !kind.prefixes.is_empty()).chain([&UNKNOWN]) {
            for seed in 0..50 {
                for (before, after) in [("", ""), ("20", ""), ("TOKEN_", "abc"), ("3D", "_1")] {
                    let text = format!("{before}{}{after}", specimen(kind, seed).text);
                    assert!(lines.iter().any(|line| line.is_match(&text)), "{} {seed}", kind.id);
                }
            }
        }
    }
}
