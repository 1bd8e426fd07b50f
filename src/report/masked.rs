//! What was masked and what was not, for people.

use super::text::count;
use super::{Page, Role, sanitize};
use crate::find::Masking;

/// Writes how many texts were masked, each a `noun`, in how many `of` all files.
pub fn write_masked(page: &mut Page, (texts, noun): (usize, &str), masked: usize, of: usize) {
    let texts = if texts == 0 { format!("no {noun}") } else { count(texts, noun) };
    let files = if masked == 0 || masked == of {
        count(of, "file")
    } else {
        format!("{masked} of {}", count(of, "file"))
    };
    page.line(0, Role::Dim, &format!("dtguard: masked {texts} in {files}"));
}

/// Writes why the content called `name` was not `done`, or which part of it was not scanned.
pub fn write_unmasked(page: &mut Page, done: &str, name: &str, masking: &Masking) {
    let name = sanitize(name.as_bytes());
    let (what, hint) = match masking.refused {
        Some(container) => {
            let why = if masking.missed.is_empty() { "holds a token" } else { "could not be scanned" };
            (
                format!("{name} was not {done}: it is {} and {why}", container.name()),
                "Nothing can be masked in a container: unpack it and mask what was in it.",
            )
        }
        None => (format!("{name} was {done}, but not all of it could be scanned"), ""),
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
