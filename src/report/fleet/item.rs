//! A finding of a report, reduced to what a merged report says of it.

use serde_json::Value;

use super::fields::{Fields, Wrong};
use crate::policy::Date;
use crate::report::safe_json::present;
use crate::token::Fingerprint;

/// A finding. All text can be shown as it is.
pub(super) struct Item {
    pub(super) kind: String,
    pub(super) kind_name: String,
    pub(super) severity: String,
    pub(super) fingerprint: Fingerprint,
    pub(super) identifier: Option<String>,
    /// Whether it is among those that block.
    pub(super) blocking: bool,
    /// Whether a branch or tag holds it; none if the report is not of a history.
    pub(super) in_tip: Option<bool>,
    /// When it was committed, if that is known.
    pub(super) since: Option<Date>,
    pub(super) entry: Option<Entry>,
    certainty: Option<String>,
    part: String,
    path: Option<String>,
    member: Option<String>,
    line: u64,
    commit: Option<String>,
}

/// The allow entry of a finding.
pub(super) struct Entry {
    pub(super) place: String,
    pub(super) reason: String,
    pub(super) owner: Option<String>,
    pub(super) expires: Option<Date>,
}

impl Item {
    pub(super) fn read(fields: &Fields<'_>, blocking: bool) -> Result<Self, Wrong> {
        let text = |name| fields.text(name)?.ok_or(Wrong(name));
        let history = fields.optional("history")?;
        let in_tip = |history: &Fields<'_>| Ok(history.flag("in_tip")? || history.flag("staged")?);
        let since = |history: &Fields<'_>| history.day("author_date");
        Ok(Self {
            kind: text("kind")?,
            kind_name: text("kind_name")?,
            severity: text("severity")?,
            fingerprint: text("fingerprint")?.parse().map_err(|_| Wrong("fingerprint"))?,
            // It gets into a command that is copied.
            identifier: fields.word("identifier", |c| c.is_ascii_alphanumeric() || ".-_".contains(c))?,
            blocking,
            in_tip: history.as_ref().map(in_tip).transpose()?,
            since: history.as_ref().map(since).transpose()?.flatten(),
            entry: fields.optional("allow_entry")?.as_ref().map(Entry::read).transpose()?,
            certainty: fields.text("certainty")?,
            part: text("part")?,
            path: fields.name("path", "path_bytes")?,
            member: fields.name("member", "member_bytes")?,
            line: fields.number("line")?,
            commit: fields.word("commit", |c| c.is_ascii_hexdigit())?,
        })
    }

    /// Its object; `state` is the name of what it does.
    pub(super) fn json(&self, state: &str, stands: bool) -> Value {
        let entry = self.entry.as_ref();
        present(object! {
            "kind": self.kind,
            "identifier": self.identifier,
            "fingerprint": self.fingerprint.to_string(),
            "state": state,
            "stands": stands,
            "since": self.since.map(|day| day.to_string()),
            "certainty": self.certainty,
            "part": Some(&self.part).filter(|part| *part != "content"),
            "path": self.path,
            "member": self.member,
            "line": self.line,
            "commit": self.commit,
            "owner": entry.and_then(|entry| entry.owner.as_deref()),
            "reason": entry.map(|entry| &*entry.reason),
            "expires": entry.and_then(|entry| entry.expires).map(|day| day.to_string()),
        })
    }
}

impl Entry {
    fn read(fields: &Fields<'_>) -> Result<Self, Wrong> {
        Ok(Self {
            place: fields.text("place")?.unwrap_or_default(),
            reason: fields.text("reason")?.unwrap_or_default(),
            owner: fields.text("owner")?,
            expires: fields.day("expires")?,
        })
    }
}
