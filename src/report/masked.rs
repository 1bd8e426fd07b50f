//! What could not be masked, for people.

use super::{Page, Role, sanitize};
use crate::find::Masking;

/// Writes why the content that is called `name` was not copied, or what of it nobody
/// looked into.
pub fn write_unmasked(page: &mut Page, name: &str, masking: &Masking) {
    let name = sanitize(name.as_bytes());
    let (what, hint) = match masking.refused {
        Some(container) => {
            let why = if masking.missed.is_empty() { "holds a token" } else { "could not be looked into" };
            (
                format!("{name} was not copied: it is {} and {why}", container.name()),
                "Nothing can be masked in a container: unpack it and mask what was in it.",
            )
        }
        None => (format!("{name} was copied, but not all of it could be looked into"), ""),
    };
    page.pieces(0, &[(Role::Alarm, "dtguard: "), (Role::Heading, &what)]);
    if !hint.is_empty() {
        page.text(4, Role::Plain, hint);
    }
    for missed in &masking.missed {
        let member = if missed.member.is_empty() { name.clone() } else { sanitize(&missed.member) };
        page.line(4, Role::Place, &format!("{member} ({})", missed.why));
    }
}
