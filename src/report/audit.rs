//! The line that is left behind where a push was let through with tokens in it.

use std::fmt::Write as _;

use crate::find::mask;
use crate::finding::Finding;
use crate::policy::Date;
use crate::source::RefUpdate;

/// A push that was let through for a reason.
#[derive(Debug)]
pub struct Passage<'a> {
    /// When, as seconds since 1970 in UTC.
    pub second: u64,
    /// Who pushed: names of variables and what they say.
    pub who: &'a [(&'static str, String)],
    /// The reason that was given.
    pub reason: &'a str,
    /// What was pushed.
    pub updates: &'a [RefUpdate],
    /// What would have blocked it.
    pub findings: &'a [&'a Finding],
}

impl Passage<'_> {
    /// It as one line of JSON, line feed and all, in ASCII. Version 1.
    pub fn to_line(&self) -> String {
        let time = self.second % 86_400;
        let date = Date::of_second(i64::try_from(self.second).unwrap_or_default());
        let time = format!("{date}T{:02}:{:02}:{:02}Z", time / 3600, time / 60 % 60, time % 60);
        let who: Vec<_> =
            self.who.iter().map(|(name, value)| format!("{}:{}", text(name), text(value))).collect();
        let refs: Vec<_> = self.updates.iter().map(reference).collect();
        let findings: Vec<_> = self.findings.iter().map(|found| finding(found)).collect();
        format!(
            "{{\"version\":1,\"event\":\"break-glass\",\"time\":{},\"who\":{{{}}},\"reason\":{},\"refs\":[{}],\"findings\":[{}]}}\n",
            text(&time),
            who.join(","),
            text(self.reason),
            refs.join(","),
            findings.join(",")
        )
    }
}

fn reference(update: &RefUpdate) -> String {
    let id = |id: Option<_>| id.map_or("null".to_owned(), |id| text(&format!("{id}")));
    let name = String::from_utf8_lossy(&update.name);
    format!("{{\"ref\":{},\"old\":{},\"new\":{}}}", text(&name), id(update.old), id(update.new))
}

fn finding(found: &Finding) -> String {
    let or_null = |value: Option<String>| value.map_or("null".to_owned(), |value| text(&value));
    format!(
        "{{\"kind\":{},\"identifier\":{},\"fingerprint\":{},\"commit\":{},\"path\":{},\"line\":{}}}",
        text(found.kind.id),
        or_null(found.identifier.clone()),
        text(&found.fingerprint.to_string()),
        or_null(found.place.commit.map(|commit| commit.to_string())),
        text(&String::from_utf8_lossy(&found.place.path)),
        found.place.line
    )
}

/// `text` as a JSON string, with the secret parts of tokens masked: names and
/// reasons are what somebody typed.
fn text(text: &str) -> String {
    let mut out = String::from("\"");
    for c in mask(text).chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            ' '..='~' => out.push(c),
            _ => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| {
                let _infallible = write!(out, "\\u{unit:04x}");
            }),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::scan_message;
    use crate::token::{KINDS, specimen};

    #[test]
    fn whatever_was_typed_stays_one_line_and_shows_no_secret() {
        assert_eq!(text("a\"\\\n\u{e4}\u{1f600}\x1b"), r#""a\"\\\u000a\u00e4\ud83d\ude00\u001b""#);
        let token = specimen(&KINDS[0], 1);
        let passage = Passage {
            second: 86_400 + 3_661,
            who: &[("USER", "me".to_owned())],
            reason: &format!("hotfix\n{}", token.text),
            updates: &[],
            findings: &[&scan_message(token.text.as_bytes()).findings[0]],
        };
        let line = passage.to_line();
        assert_eq!(line.matches('\n').count(), 1);
        assert!(!line.contains(token.secret()) && line.contains(token.identifier().unwrap()), "{line}");
        assert!(line.contains("\"time\":\"1970-01-02T01:01:01Z\",\"who\":{\"USER\":\"me\"}"), "{line}");
    }
}
