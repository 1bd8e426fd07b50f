//! What a policy file says: its tables, read strictly.

use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

use super::PolicyError;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PolicyFile {
    pub version: Spanned<i64>,
    #[serde(default)]
    pub certainty: CertaintyTable,
    #[serde(default)]
    pub coverage: CoverageTable,
    #[serde(default)]
    pub server: ServerTable,
    #[serde(default)]
    pub allow: Vec<Spanned<AllowTable>>,
}

/// `[certainty]`: which certainties block.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CertaintyTable {
    pub issued: Option<Spanned<Action>>,
    pub format: Option<Spanned<Action>>,
    pub context: Option<Spanned<Action>>,
    pub sample: Option<Spanned<Action>>,
    pub filler: Option<Spanned<Action>>,
}

/// `[coverage]`: what happens where something could not be looked at.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CoverageTable {
    /// What is encrypted, damaged or too large in archives.
    pub unread: Option<Action>,
}

/// `[server]`: what holds in a repository that receives pushes.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ServerTable {
    /// Whether a push option with a reason lets a push through.
    pub break_glass: Option<bool>,
}

/// What happens to findings of a certainty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Action {
    Block,
    Pass,
}

/// `[[allow]]`: one entry.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AllowTable {
    pub id: Option<Spanned<String>>,
    pub fingerprint: Option<Spanned<String>>,
    pub path: Option<Spanned<String>>,
    pub kinds: Option<Spanned<Vec<Spanned<String>>>>,
    pub reason: Option<Spanned<String>>,
    pub owner: Option<Spanned<String>>,
    pub expires: Option<Spanned<Datetime>>,
}

/// Reads `text`, which came from `file`.
pub(super) fn parse(file: &str, text: &str) -> Result<PolicyFile, PolicyError> {
    toml::from_str(text).map_err(|error| {
        let message = error.message();
        let help =
            if message.contains("missing field `version`") { "begin the file with: version = 1" } else { "" };
        PolicyError::new(file, text, error.span(), message, help)
    })
}
