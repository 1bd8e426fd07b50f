//! For `grep -E -f` and `git grep -E -f`.

use super::expression::few;

/// One expression a line.
pub(super) fn patterns() -> String {
    few().map(|expression| expression + "\n").collect()
}
