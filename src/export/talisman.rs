//! For talisman: the part of `.talismanrc` with patterns of one's own.

use std::fmt::Write as _;

use super::expression::{all, left_out};

/// Custom patterns.
pub(super) fn config() -> String {
    let mut text = String::from(
        "# Dynatrace tokens, printed by: dtguard patterns --for talisman\n\
         # Left out, because only the text around them identifies them:\n",
    );
    text += &left_out("#   ");
    text += "custom_patterns:\n";
    for (_, expression) in all() {
        let _infallible = writeln!(text, "- '{}'", expression.plain());
    }
    text
}
