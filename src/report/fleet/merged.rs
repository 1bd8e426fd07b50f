//! The merged report as a JSON document, `docs/fleet.schema.json`.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write};

use serde_json::Value;

use super::problem::Problem;
use super::totals::{Tally, Totals};
use crate::policy::Date;
use crate::report::curl::Curl;
use crate::report::safe_json::{page_line, present};
use crate::report::text::zulu;
use crate::token::by_name;
use crate::verdict::Outcome;

/// The format's version. Fields may be added without raising it.
const VERSION: u32 = 1;
/// How many days before its end an exception counts as one that ends soon.
const SOON: u16 = 30;

/// How many bytes are copied at once.
const PIECE: usize = 64 << 10;

/// The reports of many repositories as one.
pub struct Merged {
    pub(super) at: i64,
    pub(super) aside: File,
    pub(super) totals: Totals,
    pub(super) problems: Vec<Problem>,
    pub(super) outcome: Outcome,
}

impl Merged {
    /// How the run ends: incomplete if a report is missing or says so itself; it blocks if one
    /// of them does.
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// The reports that are not part of it.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Writes it as JSON, one repository a line.
    pub fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        let head = page_line(&self.head())?;
        let head = head.trim_end().strip_suffix('}').unwrap_or_default();
        writeln!(out, "{head},\"repositories\":[")?;
        let mut aside = &self.aside;
        aside.seek(SeekFrom::Start(0))?;
        // Not `io::copy`, which is far more code.
        let mut piece = vec![0; PIECE];
        loop {
            let length = aside.read(&mut piece)?;
            if length == 0 {
                break;
            }
            out.write_all(piece.get(..length).unwrap_or_default())?;
        }
        out.write_all(b"]}\n")
    }

    /// When it was merged.
    pub(super) fn today(&self) -> Date {
        Date::of_second(self.at)
    }

    /// How many repositories have findings that block.
    pub(super) fn with_blocking(&self) -> usize {
        self.totals.repositories.values().filter(|row| row.blocking.all > 0).count()
    }

    /// How many repositories were not scanned, or not all of them.
    pub(super) fn incomplete(&self) -> usize {
        let complete = [Outcome::Passes, Outcome::Blocks].map(|outcome| Some(outcome.name()));
        let rows = self.totals.repositories.values();
        self.problems.len() + rows.filter(|row| !complete.contains(&row.detail.as_deref())).count()
    }

    /// All fields but the repositories.
    fn head(&self) -> Value {
        let Totals { blocking, .. } = self.totals;
        object! {
            "version": VERSION,
            "tool": object! { "name": "dtguard", "version": env!("CARGO_PKG_VERSION") },
            "merged": zulu(self.at),
            "verdict": self.outcome.name(),
            "exit_code": self.outcome.exit_code(),
            "counts": object! {
                "repositories": self.totals.repositories.len(),
                "with_blocking": self.with_blocking(),
                "incomplete": self.incomplete(),
                "blocking": blocking.all,
                "in_tip": blocking.stand,
                "only_in_history": blocking.past(),
                "tokens": self.totals.tokens.len(),
                "passing": self.totals.passing,
                "gaps": self.totals.gaps,
            },
            "problems": self.problems.iter().map(Problem::json).collect::<Vec<_>>(),
            "kinds": self.totals.kinds.iter().map(kind).collect::<Vec<_>>(),
            "exceptions": self.totals.exceptions.iter().map(|one| self.exception(one)).collect::<Vec<_>>(),
        }
    }

    fn exception(&self, (key, tally): (&String, &Tally)) -> Value {
        let [expires, repository, entry] = parts(key);
        present(object! {
            "repository": repository,
            "entry": entry,
            "reason": tally.name,
            "owner": tally.detail,
            "expires": expires,
            "state": self.state(expires),
            "findings": tally.blocking.all + tally.passing,
        })
    }

    /// Whether an entry that expires on this day is valid: `expired`, `soon` or `valid`.
    pub(super) fn state(&self, expires: &str) -> &'static str {
        let today = self.today();
        match expires {
            _ if *expires < *today.to_string() => "expired",
            _ if *expires <= *today.plus(SOON).to_string() => "soon",
            _ => "valid",
        }
    }
}

/// A kind, with the ways to revoke a token of it; `{id}` in them stands for its identifier.
fn kind((id, of): (&String, &Tally)) -> Value {
    let ways = by_name(id).map(|known| known.revoke).unwrap_or_default().iter().map(|way| {
        let command = Curl::of(*way, Some("{id}")).map(|curl| curl.lines.join("\n"));
        present(object! { "text": way.describe(Some("{id}")), "scope": way.scope(), "command": command })
    });
    object! {
        "id": id,
        "name": of.name,
        "severity": of.detail,
        "blocking": of.blocking.all,
        "passing": of.passing,
        "revoke": ways.collect::<Vec<_>>(),
    }
}

/// The day, the repository and the place in the key of an exception.
pub(super) fn parts(key: &str) -> [&str; 3] {
    let mut parts = key.split('\n');
    [(); 3].map(|()| parts.next().unwrap_or_default())
}
