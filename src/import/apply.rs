//! Writing what was read into a policy.

use std::collections::BTreeSet;

use super::{ImportError, Meaning, Placed};
use crate::policy::{Allowance, add_entry};

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
/// none. `reason` is for those that have none of their own.
///
/// # Errors
///
/// If a reason is missing, or the policy is no valid one before or after.
pub fn apply(file: &str, text: &str, items: &[Placed], reason: Option<&str>) -> Result<Applied, ImportError> {
    let mut applied = Applied { text: text.to_owned(), ..Applied::default() };
    let mut seen = BTreeSet::new();
    let mut unexplained = 0;
    for Placed { item, .. } in items {
        let Meaning::Tokens(tokens) = &item.meaning else { continue };
        for token in tokens {
            if !seen.insert(token) {
                continue;
            }
            let allowance = Allowance {
                token,
                reason: item.reason.as_deref().or(reason).unwrap_or("still to be said"),
                owner: None,
                expires: None,
            };
            let edited = add_entry(file, &applied.text, &allowance)?;
            if edited.replaced {
                applied.known += 1;
                continue;
            }
            unexplained += usize::from(item.reason.is_none() && reason.is_none());
            applied.text = edited.text;
            applied.added.push(token.clone());
        }
    }
    if unexplained > 0 { Err(ImportError::NoReason(unexplained)) } else { Ok(applied) }
}
