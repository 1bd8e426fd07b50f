//! The policy as it counts, for programs: `dtguard policy show --json`.

use std::io::{self, Write};

use serde::Serialize;

use super::safe_json;
use crate::find::mask;
use crate::policy::{Date, Entry, Limit, Policy, Target};

/// The format's version. Fields may be added without raising it.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    digest: String,
    layers: Vec<LayerObject>,
    settings: Vec<SettingObject<'a>>,
    allow: Vec<EntryObject>,
    audit: Vec<AuditObject>,
    limits: Vec<LimitObject>,
}

#[derive(Serialize)]
struct LayerObject {
    level: &'static str,
    file: String,
}

#[derive(Serialize)]
struct SettingObject<'a> {
    name: &'static str,
    value: String,
    place: Option<&'a str>,
}

#[derive(Serialize)]
struct EntryObject {
    by: &'static str,
    subject: String,
    kinds: Option<Vec<String>>,
    reason: String,
    owner: Option<String>,
    expires: Option<String>,
    expired: bool,
    too_wide: Option<&'static str>,
    level: &'static str,
    place: String,
}

#[derive(Serialize)]
struct AuditObject {
    file: Option<String>,
    syslog: bool,
    required: bool,
    place: String,
}

#[derive(Serialize)]
struct LimitObject {
    what: String,
    place: String,
}

/// Writes `policy` as JSON.
pub fn write_policy_json(out: &mut impl Write, policy: &Policy, today: Date) -> io::Result<()> {
    let layers = policy.layers().iter();
    let settings = policy.settings().iter();
    let limits = policy.granted().limits();
    let document = Document {
        version: VERSION,
        digest: policy.digest(),
        layers: layers
            .map(|layer| LayerObject { level: layer.level.name(), file: mask(&layer.file) })
            .collect(),
        settings: settings
            .map(|one| SettingObject {
                name: one.setting.name(),
                value: one.value.to_string(),
                place: one.stated_at.as_deref(),
            })
            .collect(),
        allow: policy.entries().iter().map(|entry| entry_object(entry, today)).collect(),
        audit: policy
            .audits()
            .iter()
            .map(|audit| AuditObject {
                file: match &audit.target {
                    Target::File(path) => Some(mask(&path.display().to_string())),
                    Target::Syslog => None,
                },
                syslog: audit.target == Target::Syslog,
                required: audit.required,
                place: mask(&audit.stated_at),
            })
            .collect(),
        limits: limits
            .into_iter()
            .map(|Limit { what, stated_at }| LimitObject { what, place: mask(&stated_at) })
            .collect(),
    };
    safe_json::write(out, &document)
}

fn entry_object(entry: &Entry, today: Date) -> EntryObject {
    let (by, subject) = entry.subject();
    EntryObject {
        by,
        subject: mask(&subject),
        kinds: entry.kinds().map(<[String]>::to_vec),
        reason: mask(&entry.reason),
        owner: entry.owner.as_deref().map(mask),
        expires: entry.expires.map(|last| last.to_string()),
        expired: entry.is_expired(today),
        too_wide: entry.too_wide(),
        level: entry.level.name(),
        place: mask(&entry.stated_at),
    }
}
