//! Writes imported entries into a policy.

use std::collections::BTreeSet;

use super::{ImportError, Meaning, Placed};
use crate::policy::{Allowance, Date, Extended, NewRule, add_missing, add_rules};

/// Values for entries whose file does not give them.
#[derive(Debug, Default)]
pub struct Rest<'a> {
    /// The reason of entries without one.
    pub reason: Option<&'a str>,
    /// Who is responsible for them.
    pub owner: Option<&'a str>,
    /// The last day on which they are valid.
    pub expires: Option<Date>,
}

/// A policy with the imported entries.
#[derive(Debug, Default)]
pub struct Applied {
    /// The new text of the policy.
    pub text: String,
    /// The tokens that got an entry.
    pub added: Vec<String>,
    /// The ids of the rules that were added.
    pub rules: Vec<String>,
    /// How many entries and rules were there already; they are unchanged.
    pub known: usize,
}

impl Applied {
    /// Whether there is something to write.
    pub fn is_changed(&self) -> bool {
        !(self.added.is_empty() && self.rules.is_empty())
    }
}

/// `text`, the policy read from `file`, with an entry for each token of `items` that has none.
/// `rest` supplies values that the items lack. Fails if a reason is missing, or if the policy
/// has a mistake.
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
    let mut new: Vec<&NewRule> = Vec::new();
    for Placed { item, .. } in items {
        if let Meaning::Rule(rule) = &item.meaning
            && !new.iter().any(|known| known.pattern == rule.pattern)
        {
            new.push(rule);
        }
    }
    let Extended { text, added } = add_missing(file, text, &allowances)?;
    let Extended { text, added: rules } = add_rules(file, &text, &new)?;
    match added.iter().filter(|token| unexplained.contains(token)).count() {
        0 => {
            let known = allowances.len() + new.len() - added.len() - rules.len();
            Ok(Applied { text, known, added, rules })
        }
        lacking => Err(ImportError::refused(
            format!("nothing was written: {lacking} of the entries would have no reason, and each needs one"),
            "dtguard import --reason \"<why>\"",
        )),
    }
}
