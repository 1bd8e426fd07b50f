//! Drafts allow entries for what a scan found.

use std::collections::HashMap;

use crate::find::mask;
use crate::finding::{Finding, Part};

/// An allow entry without its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The token's identifier, or its fingerprint where that names no token.
    pub token: String,
    /// Stands for the reason. The policy is refused until somebody writes one.
    pub placeholder: String,
}

/// A draft for each token of `findings`, in their order.
pub fn entries_for<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> Vec<Draft> {
    let mut numbers: HashMap<String, usize> = HashMap::new();
    let mut tokens: Vec<(String, &Finding, usize)> = Vec::new();
    for finding in findings {
        let token = finding.allow_name();
        let number = *numbers.entry(token.clone()).or_insert(tokens.len());
        match tokens.get_mut(number) {
            Some((_, _, places)) => *places += 1,
            None => tokens.push((token, finding, 1)),
        }
    }
    let draft = |(token, first, places): (String, &Finding, usize)| {
        let more = match places {
            1 => String::new(),
            2 => " and in 1 more place".to_owned(),
            _ => format!(" and in {} more places", places - 1),
        };
        let placeholder =
            format!("TODO: why is this no secret? ({}, {}{more})", first.kind.name, place(first));
        Draft { token, placeholder }
    };
    tokens.into_iter().map(draft).collect()
}

fn place(finding: &Finding) -> String {
    let path: String =
        String::from_utf8_lossy(&finding.place.path).chars().filter(|c| !c.is_control()).collect();
    let path = mask(&path);
    match finding.place.part {
        Part::Content => format!("{path}:{}", finding.place.line),
        Part::Path => format!("the name of {path}"),
        Part::CommitMessage | Part::TagMessage => "a message".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Origin;
    use crate::policy::{Allowance, Policy, add_missing};
    use crate::token::{by_name, specimen};

    fn findings(path: &str, text: &str) -> Vec<Finding> {
        Finding::of_text(text.as_bytes(), &Origin { path: path.as_bytes(), commit: None })
    }

    #[test]
    fn each_token_gets_one_entry_which_is_refused_until_its_reason_is_written() {
        let access = specimen(by_name("dt0c01").unwrap(), 1);
        let agent = specimen(by_name("dt0a01").unwrap(), 1);
        let found = findings("d/a.env", &format!("{}\n{}\n{}\n", access.text, agent.text, access.text));
        let drafts = entries_for(&found);
        assert_eq!(drafts.len(), 2);
        assert_eq!(drafts[0].token, access.identifier().unwrap());
        assert!(drafts[0].placeholder.contains("d/a.env:1 and in 1 more place"), "{}", drafts[0].placeholder);
        assert_eq!(drafts[1].token.len(), 64, "an agent's identifier names no token");
        let allowances: Vec<_> = drafts
            .iter()
            .map(|Draft { token, placeholder }| Allowance {
                token,
                reason: placeholder,
                owner: None,
                expires: None,
            })
            .collect();
        let text = add_missing("p.toml", "", &allowances).unwrap().text;
        let error = Policy::parse("p.toml", &text).unwrap_err().to_string();
        assert!(error.starts_with("p.toml:5:10: this reason is still to be written"), "{error}");
        assert!(!text.contains(access.secret()) && !text.contains(agent.secret()));
        let written = text.replace("TODO: why is this no secret?", "expired");
        let policy = Policy::parse("p.toml", &written).unwrap();
        assert!(found.iter().all(|finding| policy.lets_pass(finding, "2026-01-01".parse().unwrap())));
    }
}
