//! Reads reports one after the other and puts aside what they say.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};

use serde_json::Value;

use super::fields::{Fields, Wrong, shown};
use super::item::Item;
use super::merged::Merged;
use super::problem::{Problem, Trouble};
use super::read::{Single, read};
use super::totals::{Tallies, Tally, Totals};
use crate::policy::Date;
use crate::report::safe_json::{page_line, present};
use crate::source::repository_name;
use crate::verdict::Outcome;

/// The reports that were read so far.
pub struct Gathered {
    /// When they are merged, in seconds since 1970 in UTC.
    at: i64,
    /// A line of JSON for each repository.
    aside: BufWriter<File>,
    totals: Totals,
    problems: Vec<Problem>,
    /// The repositories, each with its file for a name.
    seen: Tallies,
    expected: Vec<String>,
    outcome: Outcome,
}

impl Gathered {
    /// The largest report, in bytes.
    pub const LARGEST: usize = 256 << 20;

    /// No report yet. `at` is now, in seconds since 1970 in UTC. Fails if no temporary file can be
    /// made.
    pub fn new(at: i64) -> io::Result<Self> {
        Ok(Self {
            at,
            aside: BufWriter::new(tempfile::tempfile()?),
            totals: Totals::default(),
            problems: Vec::new(),
            seen: Tallies::new(),
            expected: Vec::new(),
            outcome: Outcome::Passes,
        })
    }

    /// Expects a report of each repository in `list`: one name or address a line. Empty lines
    /// and those that begin with `#` do not count.
    pub fn expect(&mut self, list: &[u8]) {
        let list = String::from_utf8_lossy(list);
        let lines = list.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        self.expected.extend(lines.map(|line| shown(repository_name(line).as_bytes())));
    }

    /// Adds the report in `file`, which has this `content`. Fails if it cannot be put aside.
    pub fn add(&mut self, file: &[u8], content: io::Result<Vec<u8>>) -> io::Result<()> {
        let file = shown(file);
        let problem =
            |trouble, repository, reason| Problem { trouble, file: Some(file.clone()), repository, reason };
        let content = match content {
            Ok(content) if content.len() > Self::LARGEST => {
                let reason = format!("it is larger than {} MiB", Self::LARGEST >> 20);
                self.problems.push(problem(Trouble::Unreadable, None, reason));
                return Ok(());
            }
            Ok(content) => content,
            Err(error) => {
                self.problems.push(problem(Trouble::Unreadable, None, shown(error.to_string().as_bytes())));
                return Ok(());
            }
        };
        let read = read(&content).and_then(|single| {
            let head = Head::read(&single, &file);
            let head = head.map_err(|Wrong(field)| (Trouble::Damaged, format!("it has no valid `{field}`")));
            Ok((head?, single.items))
        });
        let (head, items) = match read {
            Ok(read) => read,
            Err((trouble, reason)) => {
                self.problems.push(problem(trouble, None, reason));
                return Ok(());
            }
        };
        if let Some(first) = self.seen.get(&head.name) {
            let reason = format!("{} is of the same repository", first.name);
            self.problems.push(problem(Trouble::Duplicate, Some(head.name), reason));
            return Ok(());
        }
        self.seen.insert(head.name.clone(), Tally { name: file, ..Tally::default() });
        self.put(head, &items)
    }

    fn put(&mut self, head: Head, items: &[Item]) -> io::Result<()> {
        let today = Date::of_second(self.at);
        self.outcome = match (self.outcome, head.verdict) {
            (Outcome::Incomplete, _) | (_, Outcome::Incomplete | Outcome::Interrupted) => Outcome::Incomplete,
            (Outcome::Blocks, _) => Outcome::Blocks,
            (_, verdict) => verdict,
        };
        let detail = Some(head.verdict.name().to_owned());
        let mut row = Tally { name: head.name, detail, gaps: head.gaps, ..Tally::default() };
        let mut findings = Vec::with_capacity(items.len());
        for item in items {
            let stands = item.in_tip.unwrap_or(head.whole_files);
            self.totals.count(&mut row, item, stands, today);
            let state = match (item.blocking, &item.entry) {
                (true, _) if head.later => "later",
                (true, _) => "blocks",
                (false, Some(_)) => "allowed",
                (false, None) => "passes",
            };
            findings.push(item.json(state, stands));
        }
        self.totals.add(row);
        let mut object = head.json;
        if let Value::Object(fields) = &mut object {
            fields.insert("findings".to_owned(), Value::Array(findings));
        }
        let comma = if self.totals.repositories.len() > 1 { "," } else { "" };
        self.aside.write_all(comma.as_bytes())?;
        self.aside.write_all(page_line(&object)?.as_bytes())
    }

    /// The result. What was expected and is not there is a problem, and so is no report at all.
    /// Fails if not all could be put aside.
    pub fn finish(mut self) -> io::Result<Merged> {
        self.expected.sort();
        self.expected.dedup();
        for name in std::mem::take(&mut self.expected) {
            if !self.seen.contains_key(&name) {
                let (trouble, reason) =
                    (Trouble::Missing, "no report is of it, so it was not scanned".to_owned());
                self.problems.push(Problem { trouble, file: None, repository: Some(name), reason });
            }
        }
        if self.seen.is_empty() && self.problems.is_empty() {
            let reason = "no report was given".to_owned();
            self.problems.push(Problem { trouble: Trouble::Missing, file: None, repository: None, reason });
        }
        if !self.problems.is_empty() {
            self.outcome = Outcome::Incomplete;
        }
        let aside = self.aside.into_inner().map_err(io::IntoInnerError::into_error)?;
        let Self { at, totals, problems, outcome, .. } = self;
        Ok(Merged { at, aside, totals, problems, outcome })
    }
}

/// What a report says of its run.
struct Head {
    name: String,
    verdict: Outcome,
    gaps: u64,
    /// Whether it scanned whole files, so that what it found stands in them.
    whole_files: bool,
    /// Whether its findings block from a later day on.
    later: bool,
    json: Value,
}

impl Head {
    /// `file` names a repository that the report does not name.
    fn read(single: &Single, file: &str) -> Result<Self, Wrong> {
        let fields = Fields(&single.head);
        let (scope, counts) = (fields.object("scope")?, fields.object("counts")?);
        let kind = scope.text("kind")?.ok_or(Wrong("scope"))?;
        let verdict = fields.text("verdict")?;
        let verdict = Outcome::ALL.into_iter().find(|outcome| verdict.as_deref() == Some(outcome.name()));
        let verdict = verdict.ok_or(Wrong("verdict"))?;
        let enforced_from = fields.day("enforced_from")?;
        let coverage = fields.object("coverage")?;
        let repository = fields.optional("repository")?;
        let named = repository.as_ref().map(|named| named.text("name")).transpose()?.flatten();
        let named = named.filter(|name| !name.is_empty());
        let head = repository.as_ref().map(|named| named.word("head", |c| c.is_ascii_hexdigit()));
        let name = named.unwrap_or_else(|| file.strip_suffix(".json").unwrap_or(file).to_owned());
        let gaps = coverage.list("gaps")?.iter().map(gap).collect::<Result<Vec<_>, Wrong>>()?;
        fields.day("ended")?;
        let json = present(object! {
            "name": name,
            "file": file,
            "head": head.transpose()?.flatten(),
            "version": fields.object("tool")?.text("version")?,
            "ended": fields.text("ended")?,
            "scope": kind,
            "verdict": verdict.name(),
            "enforced_from": enforced_from.map(|day| day.to_string()),
            "files": coverage.number("files")?,
            "bytes": coverage.number("bytes")?,
            "gap_count": counts.number("gaps")?,
            "gaps": gaps,
        });
        Ok(Self {
            name,
            verdict,
            gaps: counts.number("gaps")?,
            whole_files: kind == "files",
            later: enforced_from.is_some(),
            json,
        })
    }
}

fn gap(fields: &Fields<'_>) -> Result<Value, Wrong> {
    let unreadable = fields.flag("unreadable")?;
    Ok(present(object! {
        "path": fields.name("path", "path_bytes")?,
        "member": fields.name("member", "member_bytes")?,
        "part": fields.text("part")?.filter(|part| part != "content"),
        "commit": fields.word("commit", |c| c.is_ascii_hexdigit())?,
        "reason": fields.text("reason")?,
        "hint": fields.text("hint")?,
        "unreadable": Some(unreadable).filter(|unreadable| *unreadable),
    }))
}
