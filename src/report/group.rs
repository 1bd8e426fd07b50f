//! Groups what blocks by kind and token.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::Report;
use crate::finding::Finding;
use crate::policy::Entry;
use crate::token::{Fingerprint, Kind};

/// The blocking tokens of one kind.
pub(super) struct Group<'a> {
    pub(super) kind: &'static Kind,
    pub(super) tokens: Vec<Token<'a>>,
}

/// A blocking token with all its places.
pub(super) struct Token<'a> {
    pub(super) first: &'a Finding,
    pub(super) expired: Option<&'a Entry>,
    pub(super) findings: Vec<&'a Finding>,
}

/// Groups what blocks by kind, the most severe first, and then by token.
pub(super) fn groups<'a>(report: &Report<'a>) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    let mut places: HashMap<(&str, Fingerprint, Option<&str>), (usize, usize)> = HashMap::new();
    for (finding, expired) in &report.judged.blocking {
        let key = (finding.kind.id, finding.fingerprint, finding.identifier.as_deref());
        let known =
            places.get(&key).and_then(|(group, token)| groups.get_mut(*group)?.tokens.get_mut(*token));
        if let Some(token) = known {
            token.findings.push(finding);
            continue;
        }
        let token = Token { first: finding, expired: *expired, findings: vec![finding] };
        let group = groups.iter().position(|group| group.kind == finding.kind).unwrap_or_else(|| {
            groups.push(Group { kind: finding.kind, tokens: Vec::new() });
            groups.len() - 1
        });
        if let Some(tokens) = groups.get_mut(group).map(|group| &mut group.tokens) {
            places.insert(key, (group, tokens.len()));
            tokens.push(token);
        }
    }
    groups.sort_by_key(|group| Reverse(group.kind.severity));
    groups
}
