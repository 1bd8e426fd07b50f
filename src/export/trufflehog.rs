//! For trufflehog: `trufflehog git file://. --config=dynatrace.yaml`.

use std::fmt::Write as _;

use super::expression::{all, left_out};
use crate::token::{KINDS, UNKNOWN};

/// Custom detectors, a kind each. They verify nothing: that would send the token.
pub(super) fn config() -> String {
    let mut text = String::from(
        "# Dynatrace tokens, printed by: dtguard patterns --for trufflehog\n\
         # Use: trufflehog git file://. --config=FILE --results=verified,unknown,unverified\n\
         # Left out, because only the text around them identifies them:\n",
    );
    text += &left_out("#   ");
    text += "detectors:\n";
    for (kind, expression) in all() {
        let _infallible = write!(text, "  # {}\n  - name: {}\n    keywords:\n", kind.name, kind.id);
        for word in expression.keyword {
            let _infallible = writeln!(text, "      - {word}");
        }
        // What the tool takes for the secret is the first group: the whole token.
        let regex = format!("({})", expression.plain().replace('(', "(?:"));
        let _infallible = writeln!(text, "    regex:\n      token: '{regex}'");
        if *kind == UNKNOWN {
            let known: Vec<_> = KINDS.iter().flat_map(|kind| kind.prefixes).copied().collect();
            let _infallible = writeln!(
                text,
                "    # These have a detector of their own.\n    exclude_regexes_match:\n      - '^(?:{})\\.'",
                known.join("|")
            );
        }
    }
    text
}
