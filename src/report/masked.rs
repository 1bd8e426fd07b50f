//! What could not be masked, for people.

use std::io::{self, Write};

use super::{Layout, Role, sanitize};
use crate::find::Masking;

/// Writes why the content that is called `name` was not copied, or what of it nobody
/// looked into.
///
/// # Errors
///
/// What `layout` gives.
pub fn write_unmasked<W: Write>(layout: &mut Layout<W>, name: &str, masking: &Masking) -> io::Result<()> {
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
    layout.pieces(0, &[(Role::Alarm, "dtguard: "), (Role::Heading, &what)])?;
    if !hint.is_empty() {
        layout.text(4, Role::Plain, hint)?;
    }
    masking.missed.iter().try_for_each(|missed| {
        let member = if missed.member.is_empty() { name.clone() } else { sanitize(&missed.member) };
        layout.line(4, Role::Place, &format!("{member} ({})", missed.why))
    })
}
