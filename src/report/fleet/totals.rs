//! The numbers of a merged report.

use std::collections::{BTreeMap, HashSet};

use super::item::Item;
use crate::policy::Date;
use crate::token::Fingerprint;

/// The ages of findings, each with the most days that it means.
pub(super) const AGES: [(&str, u16); 4] = [
    ("Up to 30 days", 30),
    ("31 to 90 days", 90),
    ("91 days to 1 year", 365),
    ("More than 1 year", u16::MAX),
];

/// What is counted over all repositories.
#[derive(Default)]
pub(super) struct Totals {
    /// Findings that block.
    pub(super) blocking: Places,
    pub(super) passing: usize,
    pub(super) gaps: u64,
    /// The tokens that block.
    pub(super) tokens: HashSet<Fingerprint>,
    /// By the id of the kind.
    pub(super) kinds: BTreeMap<String, OfKind>,
    /// By the owner of the entry: findings that it lets pass, and that it let pass until it
    /// expired.
    pub(super) owners: BTreeMap<Option<String>, (usize, usize)>,
    /// Findings that block, by [`AGES`]; the last are those without a date.
    pub(super) ages: [usize; AGES.len() + 1],
    /// Findings that block, by the month in which they were committed.
    pub(super) months: BTreeMap<String, Places>,
    /// Entries that expire, by day, repository and place.
    pub(super) exceptions: BTreeMap<(Date, String, String), Exception>,
    pub(super) repositories: Vec<Row>,
}

/// Where findings are now.
#[derive(Default, Clone, Copy)]
pub(super) struct Places {
    pub(super) all: usize,
    /// In a branch or tag.
    pub(super) stand: usize,
}

impl Places {
    fn add(&mut self, stands: bool) {
        self.all += 1;
        self.stand += usize::from(stands);
    }

    /// Only in the history.
    pub(super) fn past(self) -> usize {
        self.all - self.stand
    }
}

/// The findings of a kind.
#[derive(Default)]
pub(super) struct OfKind {
    pub(super) name: String,
    pub(super) severity: String,
    pub(super) blocking: Places,
    pub(super) passing: usize,
}

/// An entry that expires, or did.
#[derive(Default)]
pub(super) struct Exception {
    pub(super) reason: String,
    pub(super) owner: Option<String>,
    pub(super) findings: usize,
}

/// A repository.
pub(super) struct Row {
    pub(super) name: String,
    pub(super) blocking: Places,
    pub(super) gaps: u64,
    pub(super) verdict: &'static str,
}

impl Totals {
    /// Counts a finding of `row` on the day `today`.
    pub(super) fn count(&mut self, row: &mut Row, item: &Item, stands: bool, today: Date) {
        let kind = self.kinds.entry(item.kind.clone()).or_default();
        if kind.name.is_empty() {
            kind.name = item.kind_name.clone();
            kind.severity = item.severity.clone();
        }
        if item.blocking {
            self.blocking.add(stands);
            kind.blocking.add(stands);
            row.blocking.add(stands);
            self.tokens.insert(item.fingerprint);
            let age = |since: Date| AGES.iter().position(|(_, days)| today <= since.plus(*days));
            let age = item.since.map_or(AGES.len(), |since| age(since).unwrap_or(AGES.len() - 1));
            self.ages.iter_mut().skip(age).take(1).for_each(|count| *count += 1);
            if let Some(since) = item.since {
                let month = since.to_string().chars().take(7).collect();
                self.months.entry(month).or_default().add(stands);
            }
        } else {
            self.passing += 1;
            kind.passing += 1;
        }
        let Some(entry) = &item.entry else { return };
        let (passing, expired) = self.owners.entry(entry.owner.clone()).or_default();
        *(if item.blocking { expired } else { passing }) += 1;
        if let Some(expires) = entry.expires {
            let exception =
                self.exceptions.entry((expires, row.name.clone(), entry.place.clone())).or_default();
            exception.reason.clone_from(&entry.reason);
            exception.owner.clone_from(&entry.owner);
            exception.findings += 1;
        }
    }
}
