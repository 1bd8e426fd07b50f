//! For `grep -E -f` and `git grep -E -f`.

use super::expression::all;

/// One expression a line.
pub(super) fn patterns() -> String {
    all().map(|(_, expression)| expression.plain() + "\n").collect()
}
