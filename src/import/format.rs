//! Which tool a file belongs to, and so how to read it.

use super::item::{Item, Lookup, Malformed};
use super::{gitleaks, lines, secrets_baseline, talisman};

/// How a file says what another tool lets pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
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

/// All that `text` lets pass.
/// Fails with the line, counted from 1 where there is one, and what is not understood there.
pub(super) fn read(format: Format, text: &str, lookup: &Lookup<'_>) -> Result<Vec<Item>, Malformed> {
    match format {
        Format::GitAllowed => Ok(lines::gitallowed(text)),
        Format::SecretsIgnore => Ok(lines::secretsignore(text)),
        Format::GitleaksIgnore => Ok(gitleaks::ignored(text, lookup)),
        Format::GitleaksConfig => gitleaks::allowlists(text),
        Format::SecretsBaseline => secrets_baseline::read(text, lookup),
        Format::Talisman => talisman::read(text, lookup),
    }
}

/// The names of the files that are looked for.
pub fn known_files() -> impl Iterator<Item = &'static str> {
    Format::FILES.iter().map(|(name, _)| *name)
}
