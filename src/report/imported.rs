//! The result of an import, for people.

use super::text::count;
use super::{Page, Role, sanitize};
use crate::import::{Applied, Item, Meaning, Placed, known_files};

/// Writes which entries were added to the file called `policy`, or would be in a dry run, and
/// what to check by hand.
pub fn write_imported(page: &mut Page, items: &[Placed], applied: &Applied, policy: &str, dry_run: bool) {
    page.say(&summary(items, applied, &sanitize(policy.as_bytes()), dry_run));
    applied.added.iter().for_each(|name| page.line(4, Role::Token, name));
    applied.rules.iter().for_each(|id| page.line(4, Role::Token, id));
    let known = items.iter().filter(|placed| placed.item.meaning == Meaning::BuiltIn).count();
    if known > 0 {
        page.say(&format!("Not needed, because dtguard finds these by itself: {known}."));
    }
    let others = items.iter().filter(|placed| placed.item.meaning == Meaning::NotOurs).count();
    if others > 0 {
        page.say(&format!("Not needed, because they are not about Dynatrace tokens: {others}."));
    }
    let left = || items.iter().filter(|placed| placed.item.meaning.why_not().is_some());
    if left().next().is_some() {
        let lines = count(left().count(), "line");
        page.text(0, Role::Notice, &format!("Check by hand: {lines} that became no entry and no rule:"));
    }
    for Placed { place, item: Item { line, said, meaning, .. } } in left() {
        let line = if *line > 0 { format!(":{line}") } else { String::new() };
        let place = format!("{}{line}  {}", sanitize(place.as_bytes()), sanitize(said.as_bytes()));
        page.line(2, Role::Place, &place);
        if let Some(why) = meaning.why_not() {
            page.text(4, Role::Plain, &sanitize(why.as_bytes()));
        }
    }
}

fn summary(items: &[Placed], applied: &Applied, policy: &str, dry_run: bool) -> String {
    if items.is_empty() {
        let files = known_files().collect::<Vec<_>>().join(", ");
        return format!(
            "dtguard: nothing to import. Without file names, this reads {files} and git's settings secrets.allowed, secrets.patterns and secrets.providers."
        );
    }
    let known = match applied.known {
        0 => String::new(),
        known => format!("; {known} were there already"),
    };
    match (applied.added.len(), applied.rules.len()) {
        (0, 0) => format!(
            "dtguard: nothing to add{}.",
            if known.is_empty() { String::new() } else { format!(" to {policy}{known}") }
        ),
        (entries, rules) => {
            let would = if dry_run { "would add" } else { "added" };
            let all = [(entries, "entry"), (rules, "rule")].into_iter().filter(|(some, _)| *some > 0);
            let all = all.map(|(some, noun)| count(some, noun)).collect::<Vec<_>>().join(" and ");
            format!("dtguard: {would} {all} in {policy}{known}.")
        }
    }
}
