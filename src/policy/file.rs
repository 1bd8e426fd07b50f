//! The tables of a policy file, read strictly. `docs/policy.schema.json` says the same for
//! editors; a test compares both.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

use super::settings::{Action, Setting};
use super::{EnforcedStage, PolicyError};

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
    pub expiry: ExpiryTable,
    #[serde(default)]
    pub enforce: EnforceTable,
    pub audit: Option<Spanned<AuditTable>>,
    pub grant: Option<Spanned<GrantTable>>,
    #[serde(default)]
    pub allow: Vec<Spanned<AllowTable>>,
    #[serde(default)]
    pub forbid: Vec<Spanned<ForbidTable>>,
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

/// `[coverage]`: what happens where something could not be scanned.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CoverageTable {
    /// The action for encrypted, damaged or too large parts of archives.
    pub unread: Option<Spanned<Action>>,
}

/// `[server]`: settings of a repository that receives pushes.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ServerTable {
    /// Whether a push option with a reason lets a push pass.
    pub break_glass: Option<Spanned<bool>>,
}

/// `[expiry]`: warnings about entries that are about to expire.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExpiryTable {
    /// How many days before its last one an entry is reported; 0 means never.
    pub warn_days: Option<Spanned<i64>>,
}

/// `[enforce]`: the start of blocking.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EnforceTable {
    /// The first day on which findings block.
    pub from: Option<Spanned<Datetime>>,
    /// The same for single stages, in place of `from`.
    #[serde(default)]
    pub stages: BTreeMap<EnforcedStage, Spanned<Datetime>>,
}

/// `[audit]`: targets for the audit line of each run.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AuditTable {
    pub file: Option<Spanned<String>>,
    pub syslog: Option<Spanned<bool>>,
    pub required: Option<bool>,
}

/// `[grant]`: what the layers below may do.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GrantTable {
    /// The sorts of allow entries that they may write; none if absent.
    pub allow: Option<Spanned<Vec<Spanned<Sort>>>>,
    /// The kinds of tokens that they may allow; by default all that this layer may.
    pub kinds: Option<Spanned<Vec<Spanned<String>>>>,
    /// What each of their entries must have.
    #[serde(default)]
    pub require: Vec<Spanned<Requirement>>,
    /// How many days from today the last day of an entry may be.
    pub longest_days: Option<Spanned<i64>>,
    /// The settings that they may loosen; none if absent.
    pub loosen: Option<Spanned<Vec<Spanned<Setting>>>>,
}

named! {
    /// The subject of an allow entry.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
    #[serde(rename_all = "lowercase")]
    pub(super) enum Sort {
        Id = "id",
        Fingerprint = "fingerprint",
        Path = "path",
        Commit = "commit",
    }
}

/// What a layer demands of entries below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Requirement {
    Owner,
    Expires,
}

/// `[[allow]]`: one entry.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AllowTable {
    pub id: Option<Spanned<String>>,
    pub fingerprint: Option<Spanned<String>>,
    pub path: Option<Spanned<String>>,
    pub commit: Option<Spanned<String>>,
    pub kinds: Option<Spanned<Vec<Spanned<String>>>>,
    pub reason: Option<Spanned<String>>,
    pub owner: Option<Spanned<String>>,
    pub expires: Option<Spanned<Datetime>>,
}

/// `[[forbid]]`: one rule of the team's own.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ForbidTable {
    pub id: Spanned<String>,
    pub pattern: Spanned<String>,
    pub description: Option<Spanned<String>>,
    pub advice: Option<Spanned<String>>,
    pub severity: Option<Spanned<String>>,
    pub paths: Option<Spanned<Vec<Spanned<String>>>>,
}

/// Reads `text`, which came from `file`.
pub(super) fn parse(file: &str, text: &str) -> Result<PolicyFile, PolicyError> {
    toml::from_str(text).map_err(|error| {
        let message = error.message();
        let (message, help) = match message.split_once(", expected ") {
            Some((unknown, known)) if message.starts_with("unknown ") => {
                (unknown.replacen("variant", "value", 1), format!("write {known}"))
            }
            _ if message.contains("missing field `version`") => {
                (message.to_owned(), "begin the file with: version = 1".to_owned())
            }
            _ => (message.to_owned(), String::new()),
        };
        PolicyError::new(file, text, error.span(), &message, &help)
    })
}
