//! For talisman: the part of `.talismanrc` with patterns of one's own.

use super::expression::few;

/// Custom patterns. It has no names for them.
pub(super) fn config() -> String {
    let patterns = few().map(|expression| format!("- '{expression}'\n"));
    ["custom_patterns:\n".to_owned()].into_iter().chain(patterns).collect()
}
