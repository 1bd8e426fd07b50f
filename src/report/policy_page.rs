//! The effective policy, for people.

use super::{Page, Role, sanitize};
use crate::find::Rules;
use crate::policy::{Answer, Audit, Date, Entry, Forbidden, Policy, StageDay, Target};

/// Writes layers, settings, entries and grants, each with its file and line.
pub fn write_policy(page: &mut Page, policy: &Policy, today: Date) {
    page.line(0, Role::Heading, "Layers, the highest first");
    for layer in policy.layers() {
        page.line(2, Role::Plain, &format!("{:13}{}", layer.level.name(), shown(&layer.file)));
    }
    if policy.layers().is_empty() {
        page.line(2, Role::Plain, "no policy file: all is as built in");
    }
    page.blank();
    page.line(0, Role::Heading, "Settings");
    let stage = |day: &StageDay| format!("enforce.stages.{}", day.stage);
    let names = policy.settings().iter().map(|one| one.setting.name().len());
    let width = names.chain(policy.stages().iter().map(|day| stage(day).len())).max();
    let width = width.unwrap_or_default();
    for one in policy.settings() {
        let place = one.stated_at.as_deref().map_or("built in".to_owned(), shown);
        write_setting(page, width, one.setting.name(), &one.value.to_string(), &place);
    }
    for day in policy.stages() {
        write_setting(page, width, &stage(day), &day.from.to_string(), &shown(&day.stated_at));
    }
    page.blank();
    page.line(0, Role::Heading, "Allow entries");
    for entry in policy.entries() {
        write_entry(page, 2, entry, today);
    }
    if policy.entries().is_empty() {
        page.line(2, Role::Plain, "none");
    }
    if !policy.forbidden().is_empty() {
        page.blank();
        page.line(0, Role::Heading, "Forbidden besides tokens");
        policy.forbidden().iter().for_each(|rule| write_rule(page, 2, rule));
    }
    if !policy.audits().is_empty() {
        page.blank();
        page.line(0, Role::Heading, "Audit");
        policy.audits().iter().for_each(|audit| write_audit(page, audit));
    }
    page.blank();
    page.line(0, Role::Heading, &format!("What {} may do", shown(policy.file())));
    let limits = policy.granted().limits();
    if limits.is_empty() {
        page.line(2, Role::Plain, "all that a policy can");
    }
    for limit in limits {
        page.text(2, Role::Plain, &format!("{} ({})", limit.what, shown(&limit.stated_at)));
    }
}

fn write_setting(page: &mut Page, width: usize, name: &str, value: &str, place: &str) {
    let row = format!("{name:width$} {value:10} {place}");
    if row.chars().count() <= page.room(2) {
        page.line(2, Role::Plain, &row);
    } else {
        page.line(2, Role::Plain, &format!("{name:width$} {value}"));
        page.line(4, Role::Plain, place);
    }
}

fn write_audit(page: &mut Page, audit: &Audit) {
    let target = match &audit.target {
        Target::File(path) => shown(&path.display().to_string()),
        Target::Syslog => "syslog".to_owned(),
    };
    let required = if audit.required { ", required" } else { "" };
    page.line(2, Role::Plain, &format!("{target}{required} ({})", shown(&audit.stated_at)));
}

/// Writes an entry: its subject, its place, and its details.
pub fn write_entry(page: &mut Page, indent: usize, entry: &Entry, today: Date) {
    let (key, subject) = entry.subject();
    let kinds = entry.kinds().map(|kinds| format!(" for {}", kinds.join(", "))).unwrap_or_default();
    let head = format!("{}: {key} {}{kinds}", shown(&entry.stated_at), shown(&subject));
    page.line(indent, Role::Place, &head);
    let mut about = shown(&entry.reason);
    if let Some(owner) = &entry.owner {
        about += &format!("; owner: {}", shown(owner));
    }
    match entry.expires {
        Some(last) if entry.is_expired(today) => about += &format!("; expired after {last}"),
        Some(last) => about += &format!("; until {last}"),
        None => {}
    }
    page.text(indent + 2, Role::Plain, &about);
    if let Some(why) = entry.too_wide() {
        page.text(indent + 2, Role::Notice, &format!("Too wide: {why}."));
    }
}

/// Writes a rule: its id, its place, and what it forbids where.
pub fn write_rule(page: &mut Page, indent: usize, rule: &Forbidden) {
    let kind = rule.kind();
    let head = format!("{}: {} [{}]", shown(&rule.stated_at), rule.id(), kind.severity);
    page.line(indent, Role::Place, &head);
    // Who may read the policy may read its patterns; a token in one is masked.
    let said = |text: &str| Rules::default().during(|| shown(text));
    page.line(indent + 2, Role::Plain, &format!("pattern: {}", said(&rule.pattern)));
    if let Some(paths) = rule.paths() {
        page.line(indent + 2, Role::Plain, &format!("paths: {}", shown(&paths.join(", "))));
    }
    page.text(indent + 2, Role::Plain, &said(kind.name));
    for way in kind.revoke {
        page.text(indent + 2, Role::Plain, &format!("What to do: {}", said(&way.describe(None))));
    }
}

/// Writes how the policy answers a question about `name`.
pub fn write_answer(page: &mut Page, name: &str, answer: &Answer<'_>, today: Date) {
    let verdict = match (answer.passes, answer.allow.first()) {
        (Some(effective), _) => {
            let place = effective.stated_at.as_deref().map_or("built in".to_owned(), shown);
            format!("passes: {} = \"{}\" ({place})", effective.setting.name(), effective.value)
        }
        (None, Some(_)) => "allowed by".to_owned(),
        (None, None) => "blocks".to_owned(),
    };
    let role = if answer.blocks() { Role::Alarm } else { Role::Heading };
    page.pieces(0, &[(Role::Heading, &format!("{}: ", shown(name))), (role, &verdict)]);
    let entries = |page: &mut Page, entries: &[&Entry]| {
        entries.iter().for_each(|entry| write_entry(page, 2, entry, today));
    };
    entries(page, &answer.allow);
    if !answer.expired.is_empty() {
        page.line(2, Role::Notice, "Expired:");
        entries(page, &answer.expired);
    }
    if !answer.in_places.is_empty() {
        page.line(2, Role::Plain, "Allowed in these places:");
        entries(page, &answer.in_places);
    }
}

fn shown(text: &str) -> String {
    sanitize(text.as_bytes())
}
