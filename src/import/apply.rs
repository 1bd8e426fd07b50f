//! Writing what was read into a policy.

use std::collections::BTreeSet;

use super::{ImportError, Meaning, Placed};
use crate::policy::{Allowance, Date, Extended, add_missing};

/// What entries say that no other tool's file says.
#[derive(Debug, Default)]
pub struct Rest<'a> {
    /// The reason of those that have none of their own.
    pub reason: Option<&'a str>,
    /// Who answers for them.
    pub owner: Option<&'a str>,
    /// The last day on which they hold.
    pub expires: Option<Date>,
}

/// A policy with what could be turned into entries.
#[derive(Debug, Default)]
pub struct Applied {
    /// The new text of the policy.
    pub text: String,
    /// The names of the tokens that have an entry now.
    pub added: Vec<String>,
    /// How many had one already; theirs is as it was.
    pub known: usize,
}

/// `text`, the policy read from `file`, with an entry for each token of `items` that has
/// none. `rest` says what the items do not say themselves.
/// Fails if a reason is missing, or the policy is no valid one.
pub fn apply(file: &str, text: &str, items: &[Placed], rest: &Rest<'_>) -> Result<Applied, ImportError> {
    let mut seen = BTreeSet::new();
    let mut allowances = Vec::new();
    let mut unexplained = BTreeSet::new();
    for Placed { item, .. } in items {
        let Meaning::Tokens(tokens) = &item.meaning else { continue };
        for token in tokens.iter().filter(|token| seen.insert(token.as_str())) {
            let reason = item.reason.as_deref().or(rest.reason).unwrap_or_else(|| {
                unexplained.insert(token);
                "still to be said"
            });
            allowances.push(Allowance { token, reason, owner: rest.owner, expires: rest.expires });
        }
    }
    let Extended { text, added } = add_missing(file, text, &allowances)?;
    match added.iter().filter(|token| unexplained.contains(token)).count() {
        0 => Ok(Applied { text, known: allowances.len() - added.len(), added }),
        lacking => Err(ImportError::refused(
            format!("nothing was written: {lacking} of the entries would have no reason, and each needs one"),
            "dtguard import --reason \"<why>\"",
        )),
    }
}
