//! For trufflehog.

use std::fmt::Write as _;

use super::expression::all;

/// Custom detectors, a kind each. They verify nothing: that would send the token.
pub(super) fn config() -> String {
    let mut text = String::from("detectors:\n");
    for (kind, expression) in all() {
        let _infallible = write!(text, "  # {}\n  - name: {}\n    keywords:\n", kind.name, kind.id);
        for word in expression.keyword {
            let _infallible = writeln!(text, "      - {word}");
        }
        // What the tool takes for the secret is the first group. XXXX was typed, not drawn.
        let regex = expression.captured(false);
        let _infallible = writeln!(text, "    regex:\n      token: '{regex}'\n    entropy: 3.0");
    }
    text
}
