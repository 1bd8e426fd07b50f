//! The record of a push that break-glass let through.

use std::collections::BTreeMap;
use std::io;

use serde_json::Value;

use super::safe_json;
use super::text::{masked_text, utc};
use crate::find::mask;
use crate::finding::Finding;
use crate::source::{ObjectId, RefUpdate};

/// A push that passed for a reason.
#[derive(Debug)]
pub struct Passage<'a> {
    /// The time, as seconds since 1970 in UTC.
    pub second: i64,
    /// Who pushed: names of environment variables with their values.
    pub who: &'a [(&'static str, String)],
    /// The reason that was given.
    pub reason: &'a str,
    /// What was pushed.
    pub updates: &'a [RefUpdate],
    /// What would have blocked it.
    pub findings: &'a [&'a Finding],
}

impl Passage<'_> {
    /// The record as one line of JSON in ASCII, with its line feed. Names and typed text are
    /// masked.
    pub fn to_line(&self) -> io::Result<String> {
        safe_json::line(&object! {
            "version": 1,
            "event": "break-glass",
            "time": utc(self.second),
            "who": self.who.iter().map(|(name, value)| (*name, mask(value))).collect::<BTreeMap<_, _>>(),
            "reason": mask(self.reason),
            "refs": self.updates.iter().map(reference).collect::<Vec<_>>(),
            "findings": self.findings.iter().map(|one| finding(one)).collect::<Vec<_>>(),
        })
    }
}

fn reference(update: &RefUpdate) -> Value {
    let id = |id: Option<ObjectId>| id.map(|id| id.to_string());
    object! { "ref": masked_text(&update.name), "old": id(update.old), "new": id(update.new) }
}

fn finding(finding: &Finding) -> Value {
    object! {
        "kind": finding.kind.id,
        "identifier": finding.identifier,
        "fingerprint": finding.fingerprint.to_string(),
        "commit": finding.place.commit.map(|commit| commit.to_string()),
        "path": masked_text(&finding.place.path),
        "line": finding.place.line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::scan_message;
    use crate::token::{KINDS, specimen};

    #[test]
    fn whatever_was_typed_stays_one_line_and_shows_no_secret() {
        let line = safe_json::line(&"a\"\\\n\u{e4}\u{1f600}\x1b\x7f").unwrap();
        assert_eq!(line, r#""a\"\\\n\u00e4\ud83d\ude00\u001b\u007f""#.to_owned() + "\n");
        let token = specimen(&KINDS[0], 1);
        let passage = Passage {
            second: 86_400 + 3_661,
            who: &[("USER", "me".to_owned())],
            reason: &format!("hotfix\n{}", token.text),
            updates: &[],
            findings: &[&scan_message(token.text.as_bytes()).findings[0]],
        };
        let line = passage.to_line().unwrap();
        assert_eq!(line.matches('\n').count(), 1);
        assert!(!line.contains(token.secret()) && line.contains(token.identifier().unwrap()), "{line}");
        assert!(line.contains("\"time\":\"1970-01-02T01:01:01Z\",\"who\":{\"USER\":\"me\"}"), "{line}");
    }
}
