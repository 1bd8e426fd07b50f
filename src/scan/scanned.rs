//! The result of a scan: findings, coverage and gaps.

use super::{Coverage, Gap};
use crate::finding::Finding;

/// How many unreadable objects are listed. A clone that omits big files may lack a million.
const LISTED: usize = 100;

/// The result of a scan, before a policy judges it.
#[derive(Debug, Clone, Default)]
pub struct Scanned {
    /// In the order of the scope, then of place.
    pub findings: Vec<Finding>,
    /// How much was searched.
    pub coverage: Coverage,
    /// What was not: all parts of containers, and the first hundred unreadable files and
    /// objects.
    pub gaps: Vec<Gap>,
    /// How many further unreadable files and objects there are.
    pub unlisted: usize,
    /// Whether the scan was interrupted.
    pub interrupted: bool,
}

impl Scanned {
    /// Adds the result `other`.
    pub fn add(&mut self, other: Self) {
        self.findings.extend(other.findings);
        self.coverage.add(other.coverage);
        other.gaps.into_iter().for_each(|gap| self.add_gap(gap));
        self.unlisted += other.unlisted;
        self.interrupted |= other.interrupted;
    }

    /// Adds a gap, or only counts it if enough are listed.
    pub fn add_gap(&mut self, gap: Gap) {
        let is_full =
            || self.unlisted > 0 || self.gaps.iter().filter(|gap| gap.is_unreadable()).count() >= LISTED;
        if gap.is_unreadable() && is_full() {
            self.unlisted += 1;
        } else {
            self.gaps.push(gap);
        }
    }

    /// How many gaps there are, listed or not.
    pub fn count_gaps(&self) -> usize {
        self.gaps.len() + self.unlisted
    }
}

impl From<Gap> for Scanned {
    fn from(gap: Gap) -> Self {
        Self { gaps: vec![gap], ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::Cause;

    #[test]
    fn of_what_cannot_be_read_the_first_hundred_are_listed_and_the_rest_is_counted() {
        let cause = Cause::Unreadable { object: None, reason: "missing".to_owned(), hint: String::new() };
        let mut all = Scanned::default();
        for number in 0..250 {
            all.add(Scanned::from(Gap::new(number.to_string().as_bytes(), None, cause.clone())));
        }
        assert_eq!((all.gaps.len(), all.unlisted, all.count_gaps()), (100, 150, 250));
        assert_eq!(all.gaps[99].path, b"99");
    }
}
