//! The files of other tools, and how to read each.

use super::item::{Item, Lookup, Malformed};
use super::{gitleaks, lines, rules, secrets_baseline, talisman};

/// The format of another tool's allowlist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// Expressions of git-secrets, one a line.
    GitAllowed,
    /// Fingerprints of gitleaks and betterleaks: `commit:file:rule:line`.
    GitleaksIgnore,
    /// The allowlists in a configuration of gitleaks or betterleaks.
    GitleaksConfig,
    /// Findings in a baseline of detect-secrets.
    SecretsBaseline,
    /// Globs and, under `[secrets]`, expressions of ripsecrets.
    SecretsIgnore,
    /// Files and expressions of talisman.
    Talisman,
}

impl Format {
    /// The files to search for at the top of a work tree.
    pub(super) const FILES: [(&'static str, Self); 9] = [
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

/// Everything that `text` allows. Fails with the line, counted from 1 if known, and what is
/// wrong there.
pub(super) fn read(format: Format, text: &str, lookup: &Lookup<'_>) -> Result<Vec<Item>, Malformed> {
    match format {
        Format::GitAllowed => Ok(lines::gitallowed(text)),
        Format::SecretsIgnore => Ok(lines::secretsignore(text)),
        Format::GitleaksIgnore => Ok(gitleaks::ignored(text, lookup)),
        Format::GitleaksConfig => {
            let mut items = gitleaks::allowlists(text)?;
            items.extend(rules::of_gitleaks(text)?);
            items.sort_by_key(|item| item.line);
            Ok(items)
        }
        Format::SecretsBaseline => secrets_baseline::read(text, lookup),
        Format::Talisman => talisman::read(text, lookup),
    }
}

/// The names of the files to search for.
pub fn known_files() -> impl Iterator<Item = &'static str> {
    Format::FILES.iter().map(|(name, _)| *name)
}
