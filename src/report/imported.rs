//! The result of an import, for people.

use super::text::count;
use super::{Page, Role, sanitize};
use crate::import::{Applied, Item, Meaning, Placed, known_files};

/// Writes which entries were added to the file called `policy`, or would be in a dry run, and
/// what to check by hand.
pub fn write_imported(page: &mut Page, items: &[Placed], applied: &Applied, policy: &str, dry_run: bool) {
    page.say(&summary(items, applied, &sanitize(policy.as_bytes()), dry_run));
    applied.added.iter().for_each(|name| page.line(4, Role::Token, name));
    let others = items.iter().filter(|placed| placed.item.meaning == Meaning::NotOurs).count();
    if others > 0 {
        page.say(&format!("Not needed, because they are not about Dynatrace tokens: {others}."));
    }
    let left = || items.iter().filter(|placed| matches!(placed.item.meaning, Meaning::Cannot(_)));
    if left().next().is_some() {
        let rules = count(left().count(), "rule");
        page.text(0, Role::Notice, &format!("Check by hand: {rules} that no entry can replace:"));
    }
    for Placed { place, item: Item { line, said, meaning, .. } } in left() {
        let line = if *line > 0 { format!(":{line}") } else { String::new() };
        let place = format!("{}{line}  {}", sanitize(place.as_bytes()), sanitize(said.as_bytes()));
        page.line(2, Role::Place, &place);
        if let Meaning::Cannot(why) = meaning {
            page.text(4, Role::Plain, why);
        }
    }
}

fn summary(items: &[Placed], applied: &Applied, policy: &str, dry_run: bool) -> String {
    if items.is_empty() {
        let files = known_files().collect::<Vec<_>>().join(", ");
        return format!(
            "dtguard: nothing to import. Without file names, this reads {files} and git's setting secrets.allowed."
        );
    }
    let known = match applied.known {
        0 => String::new(),
        known => format!("; {known} were there already"),
    };
    match applied.added.len() {
        0 => format!(
            "dtguard: nothing to add{}.",
            if known.is_empty() { String::new() } else { format!(" to {policy}{known}") }
        ),
        added => {
            let would = if dry_run { "would add" } else { "added" };
            format!("dtguard: {would} {} in {policy}{known}.", count(added, "entry"))
        }
    }
}
