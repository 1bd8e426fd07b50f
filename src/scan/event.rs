//! Scans the event of a coding assistant: all of it as text, and each text in it for itself.

use std::collections::HashSet;

use memchr::memmem;
use serde_json::Value;

use super::content::scan_whole;
use super::gap::gaps;
use super::{Gap, Scanned};
use crate::find::{Found, Position, blur, mask, search};
use crate::finding::{Finding, Origin, Token};

/// The shortest token, in bytes.
const SHORTEST: usize = 16;
/// How much of a key is shown, in characters.
const LONGEST_KEY: usize = 60;
/// How many levels of JSON are read that stands in a text of JSON.
const NESTED: usize = 8;

/// Scans the event `raw`, which is about the file `path`; `event` is the same, if it is JSON.
/// Keys and texts are searched as they are written and as they are meant.
pub fn scan_event(raw: &[u8], event: Option<&Value>, path: &[u8]) -> Scanned {
    let origin = Origin { path, commit: None };
    let mut scanned = scan_whole(raw, &origin);
    let (Some(event), true) = (event, has_more(raw, &scanned)) else { return scanned };
    let escapes = memmem::find(raw, b"\\u").is_some() || memmem::find(raw, b"\\/").is_some();
    let mut texts = Texts { origin, all: escapes || !scanned.findings.is_empty(), ..Texts::default() };
    texts.add(event, "", NESTED);
    // The place in a text says more than the one in the whole event.
    let known: HashSet<Token> = texts.findings.iter().map(Finding::token).collect();
    scanned.findings.retain(|finding| !known.contains(&finding.token()));
    scanned.findings.splice(0..0, texts.findings);
    texts.gaps.retain(|gap| scanned.gaps.iter().all(|known| known.cause != gap.cause));
    texts.gaps.into_iter().for_each(|gap| scanned.add_gap(gap));
    scanned
}

/// Whether to search the texts in `raw` one by one: they may be written with escapes, and each
/// finding among what was `scanned` needs the field that holds it.
fn has_more(raw: &[u8], scanned: &Scanned) -> bool {
    !scanned.findings.is_empty() || memchr::memchr(b'\\', raw).is_some()
}

/// The texts of an event.
#[derive(Default)]
struct Texts<'o> {
    origin: Origin<'o>,
    /// Whether to search also those that are written without an escape.
    all: bool,
    findings: Vec<Finding>,
    gaps: Vec<Gap>,
}

impl Texts<'_> {
    /// Searches the texts in `value`, which is in the field `at`.
    fn add(&mut self, value: &Value, at: &str, nested: usize) {
        match value {
            Value::String(text) => self.search(text, at, nested),
            Value::Array(items) => {
                items.iter().enumerate().for_each(|(n, item)| self.add(item, &format!("{at}[{n}]"), nested));
            }
            Value::Object(fields) => {
                for (key, field) in fields {
                    self.search(key, at, 0);
                    let key = named(key);
                    self.add(field, &if at.is_empty() { key } else { format!("{at}.{key}") }, nested);
                }
            }
            _ => {}
        }
    }

    /// Searches `text`, and the texts in it if it is JSON itself.
    fn search(&mut self, text: &str, at: &str, nested: usize) {
        if text.len() < SHORTEST || !self.all && !is_written_with_an_escape(text) {
            return;
        }
        let Found { matches, missed } = search(text.as_bytes());
        let start = Position::default();
        let mut found = Finding::all(text.as_bytes(), start, &self.origin, &matches, &matches);
        found.iter_mut().for_each(|finding| {
            let inside = std::mem::take(&mut finding.place.inside);
            finding.place.inside = if inside.is_empty() { at.to_owned() } else { format!("{at}, {inside}") };
        });
        self.gaps.extend(gaps(&self.origin, missed));
        let before = self.findings.len();
        if let Some(nested) = nested.checked_sub(1)
            && text.trim_start().starts_with(['{', '['])
            && let Ok(value) = serde_json::from_str::<Value>(text)
        {
            self.add(&value, at, nested);
        }
        let inner = self.findings.get(before..).unwrap_or_default();
        let known: HashSet<Token> = inner.iter().map(Finding::token).collect();
        self.findings.extend(found.into_iter().filter(|finding| !known.contains(&finding.token())));
    }
}

/// A key as a report shows it: a long one can hold anything, so it is masked before it is cut.
fn named(key: &str) -> String {
    if key.len() < SHORTEST {
        return key.to_owned();
    }
    blur(&mask(key)).chars().take(LONGEST_KEY).collect()
}

fn is_written_with_an_escape(text: &str) -> bool {
    text.bytes().any(|byte| byte < b' ' || byte == b'"' || byte == b'\\')
}
