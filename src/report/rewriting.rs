//! What to do with the expressions that remove tokens from a history, for people.

use super::mend::quoted;
use super::text::{count, masked_bytes};
use super::{Page, Role, sanitize};
use crate::scan::{Beyond, Rewriting};

/// How many places without an expression are listed.
const LISTED: usize = 20;

/// Writes what the file at `path` contains and what it does not.
pub fn write_rewriting(page: &mut Page, path: &str, rewriting: &Rewriting) {
    let written = rewriting.expressions.count();
    if written > 0 {
        let (shown, path) = (sanitize(path.as_bytes()), quoted(path.as_bytes()));
        page.blank();
        let heading = format!("{} for git filter-repo in {shown}", count(written, "expression"));
        page.pieces(0, &[(Role::Alarm, "dtguard: "), (Role::Heading, &heading)]);
        page.say("This file holds the secret parts: only you can read it. Delete it as soon as the history is rewritten.");
        page.say("Revoke the tokens first: existing clones keep them. Then, in a fresh clone:");
        page.command(&format!("git filter-repo --replace-text {path} --replace-message {path}"));
        page.command("dtguard scan --history");
        page.command(&format!("rm {path}"));
        page.say("Then force the push, and let all who cloned it clone it again.");
    }
    if rewriting.beyond.is_empty() {
        return;
    }
    page.blank();
    page.pieces(0, &[(Role::Alarm, "dtguard: "), (Role::Heading, "no expression covers these places")]);
    for (token, place, why) in rewriting.beyond.iter().take(LISTED) {
        page.line(2, Role::Plain, &format!("{token} in {} ({why})", sanitize(&masked_bytes(place))));
    }
    if let Some(more) = rewriting.beyond.len().checked_sub(LISTED).filter(|more| *more > 0) {
        page.line(2, Role::Plain, &format!("and {more} more"));
    }
    if rewriting.beyond.iter().any(|(_, _, why)| matches!(why, Beyond::Packed | Beyond::Binary)) {
        page.say("To find the path of an object, and to take that file out of the whole history:");
        page.command("git log --all --find-object=OBJECT --name-only");
        page.command("git filter-repo --invert-paths --path PATH");
    }
    if rewriting.beyond.iter().any(|(_, _, why)| *why == Beyond::Header) {
        page.say("A name or an address in a header is replaced by a mailmap:");
        page.command("git filter-repo --mailmap FILE");
    }
    if rewriting.beyond.iter().any(|(_, _, why)| *why == Beyond::Name) {
        page.say("A file, or a branch, gets another name:");
        page.command("git filter-repo --path-rename OLD:NEW");
        page.command("git branch -m OLD NEW");
    }
}
