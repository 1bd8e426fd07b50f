//! The effective policy for programs: `dtguard policy show --json`.

use std::io::{self, Write};

use serde_json::Value;

use super::safe_json;
use crate::find::{Rules, mask};
use crate::policy::{Audit, Date, Entry, Forbidden, Policy, Target};

/// The format's version. Fields may be added without raising it.
const VERSION: u32 = 1;

/// Writes `policy` as JSON.
pub fn write_policy_json(out: &mut impl Write, policy: &Policy, today: Date) -> io::Result<()> {
    let layers = policy.layers().iter();
    let setting = |name: &str, value: String, place: Option<&str>| {
        object! { "name": name, "value": value, "place": place }
    };
    let settings = policy
        .settings()
        .iter()
        .map(|one| setting(one.setting.name(), one.value.to_string(), one.stated_at.as_deref()));
    let stages = policy.stages().iter().map(|day| {
        setting(&format!("enforce.stages.{}", day.stage), day.from.to_string(), Some(&day.stated_at))
    });
    let limits = policy.granted().limits().into_iter();
    let document = object! {
        "version": VERSION,
        "digest": policy.digest(),
        "layers": list(layers.map(|one| object! { "level": one.level.name(), "file": mask(&one.file) })),
        "settings": list(settings.chain(stages)),
        "allow": list(policy.entries().iter().map(|one| allow_entry(one, today))),
        "forbid": list(policy.forbidden().iter().map(rule)),
        "audit": list(policy.audits().iter().map(audit)),
        "limits": list(limits.map(|one| object! { "what": one.what, "place": mask(&one.stated_at) })),
    };
    safe_json::write(out, &document)
}

fn list(items: impl Iterator<Item = Value>) -> Vec<Value> {
    items.collect()
}

fn rule(rule: &Forbidden) -> Value {
    let kind = rule.kind();
    object! {
        "id": rule.id(),
        // Who may read the policy may read its patterns.
        "pattern": Rules::default().during(|| mask(&rule.pattern)),
        "description": mask(kind.name),
        "advice": kind.revoke.first().map(|way| mask(&way.describe(None))),
        "severity": kind.severity.name(),
        "paths": rule.paths().map(|paths| paths.iter().map(|path| mask(path)).collect::<Vec<_>>()),
        "level": rule.level.name(),
        "place": mask(&rule.stated_at),
    }
}

fn audit(audit: &Audit) -> Value {
    let file = match &audit.target {
        Target::File(path) => Some(mask(&path.display().to_string())),
        Target::Syslog => None,
    };
    object! {
        "file": file,
        "syslog": audit.target == Target::Syslog,
        "required": audit.required,
        "place": mask(&audit.stated_at),
    }
}

fn allow_entry(entry: &Entry, today: Date) -> Value {
    let (by, subject) = entry.subject();
    object! {
        "by": by,
        "subject": mask(&subject),
        "kinds": entry.kinds(),
        "reason": mask(&entry.reason),
        "owner": entry.owner.as_deref().map(mask),
        "expires": entry.expires.map(|last| last.to_string()),
        "expired": entry.is_expired(today),
        "too_wide": entry.too_wide(),
        "level": entry.level.name(),
        "place": mask(&entry.stated_at),
    }
}
