//! What a file of another tool lets pass, item by item.

use sha1::Digest;

use crate::find::{Match, blur, find, mask};
use crate::finding::allow_name;
use crate::policy::Unwritten;

/// What reads the content of a path of the repository: as it is in the commit, or
/// without one in the work tree. None if there is none.
pub(super) type Lookup<'a> = dyn Fn(Option<&str>, &str) -> Option<Vec<u8>> + 'a;

/// What a file lets pass in one place.
#[derive(Debug, PartialEq, Eq)]
pub struct Item {
    /// The line, counted from 1; 0 where it has none.
    pub line: usize,
    /// What stands there, without secrets.
    pub said: String,
    /// Why it is let pass, if the file says it.
    pub reason: Option<String>,
    /// What becomes of it.
    pub meaning: Meaning,
}

/// What an item becomes.
#[derive(Debug, PartialEq, Eq)]
pub enum Meaning {
    /// Entries for these tokens, by identifier or fingerprint.
    Tokens(Vec<String>),
    /// Nothing, because it has nothing to do with Dynatrace tokens.
    NotOurs,
    /// Nothing, because of this.
    Cannot(&'static str),
}

/// Why a glob becomes no entry.
pub(super) const WHOLE_FILES: &str =
    "it lets whatever stands in some files pass: write an [[allow]] entry with `path` and `kinds`";

impl Item {
    /// What stands in `line` as `said`, which holds secrets perhaps.
    pub(super) fn new(line: usize, said: &str, reason: Option<&str>, meaning: Meaning) -> Self {
        let reason = reason.map(|text| mask(text.trim())).filter(|text| Unwritten::of(text).is_none());
        Self { line, said: blur(&mask(said)), reason, meaning }
    }
}

/// A place in a file that is not understood.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Malformed {
    /// The line, counted from 1; 0 where none is to blame.
    pub(super) line: usize,
    /// What is wrong, without secrets.
    pub(super) message: String,
}

/// What an entry names the token `found` by.
fn name(found: &Match) -> String {
    allow_name(found.identifier.as_deref(), found.fingerprint)
}

/// Names of the tokens in `content` that `wanted` picks, each once.
pub(super) fn names(content: &[u8], wanted: impl Fn(&Match) -> bool) -> Vec<String> {
    let mut names: Vec<_> = find(content).iter().filter(|found| wanted(found)).map(name).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Entries for the tokens in `content` that `wanted` picks, if there are any.
pub(super) fn tokens(content: &[u8], wanted: impl Fn(&Match) -> bool) -> Meaning {
    let names = names(content, wanted);
    if names.is_empty() { Meaning::NotOurs } else { Meaning::Tokens(names) }
}

/// A hash in lower-case hex digits: SHA-1 is what detect-secrets knows of a secret.
pub(super) fn hex<D: Digest>(bytes: &[u8]) -> String {
    D::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
