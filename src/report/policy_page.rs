//! The policy as it counts, for people.

use std::io::{self, Write};

use super::{Layout, Role, sanitize};
use crate::policy::{Answer, Audit, Date, Entry, Policy, Target};

/// Writes the layers, the settings, the entries and what is granted, each with its
/// file and line.
///
/// # Errors
///
/// If it cannot be written.
pub fn write_policy<W: Write>(layout: &mut Layout<W>, policy: &Policy, today: Date) -> io::Result<()> {
    layout.line(0, Role::Heading, "Layers, the highest first")?;
    for layer in policy.layers() {
        layout.line(2, Role::Plain, &format!("{:13}{}", layer.level.name(), shown(&layer.file)))?;
    }
    if policy.layers().is_empty() {
        layout.line(2, Role::Plain, "no policy file: all is as built in")?;
    }
    layout.gap()?;
    layout.line(0, Role::Heading, "Settings")?;
    for one in policy.settings() {
        let place = one.place.as_deref().map_or("built in".to_owned(), shown);
        let value = one.value.to_string();
        layout.line(2, Role::Plain, &format!("{:20}{value:8}{place}", one.setting.name()))?;
    }
    layout.gap()?;
    layout.line(0, Role::Heading, "Allow entries")?;
    for entry in policy.entries() {
        write_entry(layout, 2, entry, today)?;
    }
    if policy.entries().is_empty() {
        layout.line(2, Role::Plain, "none")?;
    }
    if !policy.audits().is_empty() {
        layout.gap()?;
        layout.line(0, Role::Heading, "Audit")?;
        policy.audits().iter().try_for_each(|audit| write_audit(layout, audit))?;
    }
    layout.gap()?;
    layout.line(0, Role::Heading, &format!("What {} may do", shown(policy.file())))?;
    let limits = policy.granted().limits();
    if limits.is_empty() {
        layout.line(2, Role::Plain, "all that a policy can")?;
    }
    limits.iter().try_for_each(|limit| {
        layout.line(2, Role::Plain, &format!("{} ({})", limit.what, shown(&limit.place)))
    })
}

fn write_audit<W: Write>(layout: &mut Layout<W>, audit: &Audit) -> io::Result<()> {
    let target = match &audit.target {
        Target::File(path) => shown(&path.display().to_string()),
        Target::Syslog => "syslog".to_owned(),
    };
    let required = if audit.required { ", required" } else { "" };
    layout.line(2, Role::Plain, &format!("{target}{required} ({})", shown(&audit.place)))
}

/// Writes an entry: what it names, where it stands, and what there is to know of it.
///
/// # Errors
///
/// If it cannot be written.
pub fn write_entry<W: Write>(
    layout: &mut Layout<W>,
    indent: usize,
    entry: &Entry,
    today: Date,
) -> io::Result<()> {
    let (key, subject) = entry.subject();
    let kinds = entry.kinds().map(|kinds| format!(" for {}", kinds.join(", "))).unwrap_or_default();
    let head = format!("{}: {key} {}{kinds}", shown(&entry.place), shown(&subject));
    layout.line(indent, Role::Place, &head)?;
    let mut about = shown(&entry.reason);
    if let Some(owner) = &entry.owner {
        about += &format!("; owner: {}", shown(owner));
    }
    match entry.expires {
        Some(last) if entry.is_expired(today) => about += &format!("; expired after {last}"),
        Some(last) => about += &format!("; until {last}"),
        None => {}
    }
    layout.text(indent + 2, Role::Plain, &about)?;
    match entry.too_wide() {
        Some(why) => layout.text(indent + 2, Role::Notice, &format!("Too wide: {why}.")),
        None => Ok(()),
    }
}

/// Writes what the policy says to a question about `name`.
///
/// # Errors
///
/// If it cannot be written.
pub fn write_answer<W: Write>(
    layout: &mut Layout<W>,
    name: &str,
    answer: &Answer<'_>,
    today: Date,
) -> io::Result<()> {
    let verdict = match (answer.passes, answer.allow.first()) {
        (Some(effective), _) => {
            let place = effective.place.as_deref().map_or("built in".to_owned(), shown);
            format!("passes: {} = \"{}\" ({place})", effective.setting.name(), effective.value)
        }
        (None, Some(_)) => "allowed by".to_owned(),
        (None, None) => "blocks".to_owned(),
    };
    let role = if answer.blocks() { Role::Alarm } else { Role::Heading };
    layout.pieces(0, &[(Role::Heading, &format!("{}: ", shown(name))), (role, &verdict)])?;
    let entries = |layout: &mut Layout<W>, entries: &[&Entry]| {
        entries.iter().try_for_each(|entry| write_entry(layout, 2, entry, today))
    };
    entries(layout, &answer.allow)?;
    if !answer.expired.is_empty() {
        layout.line(2, Role::Notice, "Expired:")?;
        entries(layout, &answer.expired)?;
    }
    if !answer.in_places.is_empty() {
        layout.line(2, Role::Plain, "Allowed in these places:")?;
        entries(layout, &answer.in_places)?;
    }
    Ok(())
}

fn shown(text: &str) -> String {
    sanitize(text.as_bytes())
}
