//! The merged report for people, in a few lines.

use super::Merged;
use crate::report::{Page, Role, count};

/// How many repositories and problems are listed.
const LISTED: usize = 20;

impl Merged {
    /// Writes the summary.
    pub fn write_summary(&self, page: &mut Page) {
        let rows = self.totals.repositories.values();
        let rows: Vec<_> = rows.filter(|row| row.blocking.all > 0 || row.gaps > 0).collect();
        if !rows.is_empty() {
            page.line(0, Role::Heading, "   blocks  in history    gaps  repository");
        }
        for row in rows.iter().take(LISTED) {
            let (all, past, gaps, name) = (row.blocking.all, row.blocking.past(), row.gaps, &row.name);
            let numbers = format!("{all:>9}  {past:>10}  {gaps:>6}  ");
            page.pieces(0, &[(Role::Plain, &numbers), (Role::Place, name)]);
        }
        if let Some(more) = rows.len().checked_sub(LISTED).filter(|more| *more > 0) {
            let text = format!("and {} (--format json and html list all)", count(more, "more repository"));
            page.text(2, Role::Plain, &text);
        }
        self.write_problems(page);
        page.text(0, Role::Heading, &self.sentence());
    }

    /// Writes what is missing.
    pub fn write_problems(&self, page: &mut Page) {
        if self.problems.is_empty() {
            return;
        }
        let number = count(self.problems.len(), "report");
        page.text(0, Role::Alarm, &format!("dtguard: {number} could not be merged:"));
        for problem in self.problems.iter().take(LISTED) {
            page.line(
                2,
                Role::Place,
                &format!("{} ({}: {})", problem.subject(), problem.trouble, problem.reason),
            );
        }
        if let Some(more) = self.problems.len().checked_sub(LISTED).filter(|more| *more > 0) {
            page.text(2, Role::Plain, &format!("and {more} more (--format json and html list all)"));
        }
        page.say("What to do: scan these repositories again, each with dtguard scan --history --format json --output FILE, then merge again.");
    }

    /// All of it in one sentence.
    pub(super) fn sentence(&self) -> String {
        let totals = &self.totals;
        let (repositories, blocking) = (totals.repositories.len(), totals.blocking);
        let scanned = count(repositories, "repository");
        let found = match blocking.all {
            0 => "no Dynatrace token that blocks".to_owned(),
            all => format!(
                "{} in {}, {} still in a branch or tag",
                count(all, "finding"),
                count(self.with_blocking(), "repository"),
                blocking.stand
            ),
        };
        let gaps = match self.incomplete() {
            0 => String::new(),
            1 => "; 1 repository is missing or incomplete".to_owned(),
            number => format!("; {number} repositories are missing or incomplete"),
        };
        format!("dtguard: merged reports of {scanned}: {found}{gaps}")
    }
}
