//! What other tools let pass, turned into allow entries.
//!
//! The others allow places and expressions; an entry here allows one token. So only
//! what names a token, or stands where one still stands, becomes an entry. The rest is
//! handed back with its line and the reason, for people to look at.

mod apply;
mod error;
mod expression;
mod gather;
mod gitleaks;
mod lines;
mod secrets_baseline;
mod talisman;

use sha1::{Digest as _, Sha1};

use crate::find::{Match, blur, find, mask};
use crate::finding::allow_name;

pub use apply::{Applied, apply};
pub use error::ImportError;
pub use gather::{Placed, known, named};

/// What reads the content of a path of the repository: as it is in the commit, or
/// without one in the work tree. None if there is none.
type Lookup<'a> = dyn Fn(Option<&str>, &str) -> Option<Vec<u8>> + 'a;

/// How a file says what another tool lets pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    /// Expressions of git-secrets, one a line.
    GitAllowed,
    /// Fingerprints of gitleaks and betterleaks: `commit:file:rule:line`.
    GitleaksIgnore,
    /// The allowlists in a configuration of gitleaks or betterleaks.
    GitleaksConfig,
    /// Findings that detect-secrets knows.
    SecretsBaseline,
    /// Globs and, under `[secrets]`, expressions of ripsecrets.
    SecretsIgnore,
    /// Files and expressions of talisman.
    Talisman,
}

impl Format {
    /// The files that are looked for at the top of a work tree.
    const FILES: [(&'static str, Self); 9] = [
        (".gitallowed", Self::GitAllowed),
        (".gitleaksignore", Self::GitleaksIgnore),
        (".betterleaksignore", Self::GitleaksIgnore),
        (".gitleaks.toml", Self::GitleaksConfig),
        (".betterleaks.toml", Self::GitleaksConfig),
        ("gitleaks.toml", Self::GitleaksConfig),
        (".secrets.baseline", Self::SecretsBaseline),
        (".secretsignore", Self::SecretsIgnore),
        (".talismanrc", Self::Talisman),
    ];
}

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

impl Item {
    /// What stands in `line` as `said`, which holds secrets perhaps.
    fn new(line: usize, said: &str, reason: Option<&str>, meaning: Meaning) -> Self {
        let reason = reason.map(|text| mask(text.trim())).filter(|text| {
            // A reason that somebody has yet to write is none.
            !text.is_empty() && !text.to_ascii_uppercase().starts_with("TODO")
        });
        Self { line, said: blur(&mask(said)), reason, meaning }
    }
}

/// All that `text` lets pass.
///
/// # Errors
///
/// The line, counted from 1 where there is one, and what is not understood there.
fn read(format: Format, text: &str, lookup: &Lookup<'_>) -> Result<Vec<Item>, Malformed> {
    match format {
        Format::GitAllowed => Ok(lines::gitallowed(text)),
        Format::SecretsIgnore => Ok(lines::secretsignore(text)),
        Format::GitleaksIgnore => Ok(gitleaks::ignored(text, lookup)),
        Format::GitleaksConfig => gitleaks::allowlists(text),
        Format::SecretsBaseline => secrets_baseline::read(text, lookup),
        Format::Talisman => talisman::read(text, lookup),
    }
}

/// A place in a file that is not understood.
#[derive(Debug, PartialEq, Eq)]
struct Malformed {
    /// The line, counted from 1; 0 where none is to blame.
    line: usize,
    /// What is wrong, without secrets.
    message: String,
}

/// What an entry names the token `found` by.
fn name(found: &Match) -> String {
    allow_name(found.identifier.as_deref(), found.fingerprint)
}

/// Names of the tokens in `content` that `wanted` picks, each once.
fn names(content: &[u8], wanted: impl Fn(&Match) -> bool) -> Vec<String> {
    let mut names: Vec<_> = find(content).iter().filter(|found| wanted(found)).map(name).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// SHA-1 in lower-case hex digits: what detect-secrets knows of a secret.
fn sha1(bytes: &[u8]) -> String {
    Sha1::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
