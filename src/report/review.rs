//! A token in a review of what a repository already holds.

use super::group::Token;
use super::human::write_token;
use super::text::opens;
use super::{Page, Role};
use crate::finding::Finding;
use crate::policy::Entry;

/// Writes number `number` of `all` tokens: its kind, its places, the way to revoke it. `expired`
/// is the entry that allowed it.
pub fn write_reviewed(
    page: &mut Page,
    (number, all): (usize, usize),
    findings: &[&Finding],
    expired: Option<&Entry>,
) {
    let Some(first) = findings.first() else { return };
    let token = Token { first, expired, findings: findings.to_vec() };
    page.blank();
    page.text(0, Role::Heading, &format!("{number} of {all}: {} [{}]", first.kind.name, first.kind.severity));
    write_token(page, false, &token);
    page.text(2, Role::Plain, &opens(first.kind, "Opens:"));
    if first.kind.is_rule() {
        let ways = first.kind.revoke.iter();
        return ways
            .for_each(|way| page.text(2, Role::Plain, &format!("What to do: {}", way.describe(None))));
    }
    page.pieces(
        2,
        &[(Role::Plain, "Revoke it: "), (Role::Command, &format!("dtguard respond {}", first.allow_name()))],
    );
}
