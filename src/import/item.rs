//! The items of another tool's file.

use sha1::Digest;

use crate::find::{Match, blur, find, mask};
use crate::finding::allow_name;
use crate::policy::{NewRule, Unwritten};

/// Reads the content of a path of the repository: in the commit, or without one in the work
/// tree. None if it does not exist.
pub(super) type Lookup<'a> = dyn Fn(Option<&str>, &str) -> Option<Vec<u8>> + 'a;

/// An item: what one place in a file allows or forbids.
#[derive(Debug, PartialEq, Eq)]
pub struct Item {
    /// The line, counted from 1; 0 if unknown.
    pub line: usize,
    /// Its text, without secrets.
    pub said: String,
    /// Its reason, if the file gives one.
    pub reason: Option<String>,
    /// What becomes of it.
    pub meaning: Meaning,
}

/// What becomes of an item.
#[derive(Debug, PartialEq, Eq)]
pub enum Meaning {
    /// Entries for these tokens, by identifier or fingerprint.
    Tokens(Vec<String>),
    /// A rule, which forbids.
    Rule(NewRule),
    /// No rule: dtguard finds these by itself.
    BuiltIn,
    /// No rule, for this reason: its pattern is refused.
    Refused(String),
    /// No entry: it is not about Dynatrace tokens.
    NotOurs,
    /// No entry, for this reason.
    Cannot(&'static str),
}

/// Why a glob becomes no entry.
pub(super) const WHOLE_FILES: &str =
    "it allows everything in some files: write an [[allow]] entry with `path` and `kinds`";

impl Meaning {
    /// Why nothing came of it, if people have to check it.
    pub fn why_not(&self) -> Option<&str> {
        match self {
            Self::Cannot(why) => Some(why),
            Self::Refused(why) => Some(why),
            _ => None,
        }
    }
}

impl Item {
    /// An item in `line` with the text `said`, which may hold secrets.
    pub(super) fn new(line: usize, said: &str, reason: Option<&str>, meaning: Meaning) -> Self {
        let reason = reason.map(|text| mask(text.trim())).filter(|text| Unwritten::of(text).is_none());
        Self { line, said: blur(&mask(said)), reason, meaning }
    }
}

/// A mistake in a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Malformed {
    /// The line, counted from 1; 0 if unknown.
    pub(super) line: usize,
    /// What is wrong, without secrets.
    pub(super) message: String,
}

/// The name of the token `found` in an entry.
fn name(found: &Match) -> String {
    allow_name(found.identifier.as_deref(), found.fingerprint)
}

/// The names of the tokens in `content` that `wanted` accepts, each once.
pub(super) fn names(content: &[u8], wanted: impl Fn(&Match) -> bool) -> Vec<String> {
    let mut names: Vec<_> = find(content).iter().filter(|found| wanted(found)).map(name).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Entries for the tokens in `content` that `wanted` accepts, if there are any.
pub(super) fn tokens(content: &[u8], wanted: impl Fn(&Match) -> bool) -> Meaning {
    let names = names(content, wanted);
    if names.is_empty() { Meaning::NotOurs } else { Meaning::Tokens(names) }
}

/// A hash in lower-case hex digits. detect-secrets stores the SHA-1 of a secret.
pub(super) fn hex<D: Digest>(bytes: &[u8]) -> String {
    D::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
