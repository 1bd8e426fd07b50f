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
    pub(super) kinds: Tallies,
    /// By the owner of the entry, empty without one: findings that it lets pass, and that block
    /// since it expired.
    pub(super) owners: Tallies,
    /// Findings that block, by [`AGES`]; the last are those without a date.
    pub(super) ages: [usize; AGES.len() + 1],
    /// Findings that block, by the month in which they were committed.
    pub(super) months: Tallies,
    /// By entries that expire: day, repository and place in lines.
    pub(super) exceptions: Tallies,
    /// The repositories, the worst first: each by its rank.
    pub(super) repositories: Tallies,
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

/// Findings by what they have in common. One type for all of them keeps the program small.
pub(super) type Tallies = BTreeMap<String, Tally>;

/// Findings that have something in common.
#[derive(Default)]
pub(super) struct Tally {
    /// The name of the kind or repository, or the reason of the entry.
    pub(super) name: String,
    /// The severity of the kind, the verdict on the repository, or the owner of the entry.
    pub(super) detail: Option<String>,
    pub(super) blocking: Places,
    pub(super) passing: usize,
    /// What could not be scanned of the repository.
    pub(super) gaps: u64,
}

impl Tally {
    fn add(&mut self, blocking: bool, stands: bool) {
        if blocking {
            self.blocking.add(stands);
        } else {
            self.passing += 1;
        }
    }
}

impl Totals {
    /// Adds a repository after its findings.
    pub(super) fn add(&mut self, row: Tally) {
        self.gaps = self.gaps.saturating_add(row.gaps);
        let (blocking, gaps) = (usize::MAX - row.blocking.all, u64::MAX - row.gaps);
        self.repositories.insert(format!("{blocking:020} {gaps:020} {}", row.name), row);
    }

    /// Counts a finding of `row` on the day `today`.
    pub(super) fn count(&mut self, row: &mut Tally, item: &Item, stands: bool, today: Date) {
        let kind = self.kinds.entry(item.kind.clone()).or_default();
        if kind.name.is_empty() {
            kind.name.clone_from(&item.kind_name);
            kind.detail = Some(item.severity.clone());
        }
        kind.add(item.blocking, stands);
        if item.blocking {
            self.blocking.add(stands);
            row.blocking.add(stands);
            self.tokens.insert(item.fingerprint);
            let age = |since: Date| AGES.iter().position(|(_, days)| today <= since.plus(*days));
            let age = item.since.map_or(AGES.len(), |since| age(since).unwrap_or(AGES.len() - 1));
            self.ages.iter_mut().skip(age).take(1).for_each(|count| *count += 1);
            if let Some(since) = item.since {
                let month = since.to_string().chars().take(7).collect();
                self.months.entry(month).or_default().add(true, stands);
            }
        } else {
            self.passing += 1;
        }
        let Some(entry) = &item.entry else { return };
        let owner = entry.owner.clone().unwrap_or_default();
        self.owners.entry(owner).or_default().add(item.blocking, stands);
        if let Some(expires) = entry.expires {
            let key = format!("{expires}\n{}\n{}", row.name, entry.place);
            let exception = self.exceptions.entry(key).or_default();
            exception.name.clone_from(&entry.reason);
            exception.detail.clone_from(&entry.owner);
            exception.add(item.blocking, stands);
        }
    }
}
