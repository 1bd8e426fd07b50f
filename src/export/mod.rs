//! The catalogue, written for others to read: people, and other tools.

mod detect_secrets;
mod expression;
mod git_secrets;
mod gitleaks;
mod grep;
mod markdown;
mod talisman;
mod trufflehog;

use clap::ValueEnum;

pub use markdown::catalogue as markdown;

/// A tool that can take the catalogue as rules of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Tool {
    /// A provider of git-secrets: one expression a line.
    GitSecrets,
    /// A configuration of gitleaks or betterleaks, in TOML.
    Gitleaks,
    /// Custom detectors of trufflehog, in YAML.
    Trufflehog,
    /// A plugin of detect-secrets, in Python.
    DetectSecrets,
    /// What to put into .talismanrc, in YAML.
    Talisman,
    /// Expressions for grep -E -f, one a line.
    Grep,
}

/// The kinds that an expression can match, as rules for `tool`. The others have
/// no rule in another tool: only the text around them identifies them.
pub fn patterns(tool: Tool) -> String {
    match tool {
        Tool::GitSecrets => git_secrets::provider(),
        Tool::Gitleaks => gitleaks::config(),
        Tool::Trufflehog => trufflehog::config(),
        Tool::DetectSecrets => detect_secrets::plugin(),
        Tool::Talisman => talisman::config(),
        Tool::Grep => grep::patterns(),
    }
}
