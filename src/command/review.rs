//! `dtguard baseline --review`: goes through the tokens that a repository already holds, one by
//! one, with somebody at a terminal. Each answer is written at once, so that a review can be
//! stopped and taken up again.

use std::collections::{HashMap, HashSet};
use std::io::{self, Write as _};

use super::context::Context;
use super::entries::{OwnFile, remind_to_stage, still_holds};
use super::in_force;
use super::policy::write_gaps;
use super::progress::Progress;
use crate::cli::BaselineArgs;
use crate::error::Error;
use crate::find::find;
use crate::finding::Finding;
use crate::policy::{Allowance, Change, Date, Entry, Judged, Unwritten, add_entry};
use crate::report::{Role, count, sanitize, write_reviewed};
use crate::scan::scan_history;
use crate::source::{Record, SourceError};
use crate::token::Fingerprint;
use crate::verdict::Outcome;

/// The record of the tokens that shall keep blocking: a fingerprint on each line.
const KEPT: &str = "kept";

pub(super) fn run(context: &Context<'_>, arguments: &BaselineArgs) -> Result<Outcome, Error> {
    let in_force = in_force::load(context, None, in_force::in_work_tree)?;
    let progress = Progress::start("objects", context.global.quiet);
    let scanned = scan_history(context.repository()?, progress.watch(), false);
    if progress.end() {
        return Ok(Outcome::Interrupted);
    }
    let (scanned, _) = scanned?;
    write_gaps(context, &scanned);
    let judged = in_force.judge_all(&scanned.findings, Date::today());
    let mut kept = Kept::read(context)?;
    let (before, open): (Vec<_>, Vec<_>) = tokens(&judged).into_iter().partition(|token| kept.has(token));
    let mut review = Review { context, owner: arguments.owner.clone(), expires: arguments.expires };
    let mut done = Done::default();
    for (number, token) in open.iter().enumerate() {
        let findings: Vec<_> = token.findings.iter().map(|(finding, _)| *finding).collect();
        context.show(|page| write_reviewed(page, (number + 1, open.len()), &findings, token.expired()));
        match review.answer(token)? {
            Answer::Written => done.written += 1,
            Answer::Keep => {
                kept.add(token)?;
                done.kept += 1;
            }
            Answer::Later => done.later += 1,
            Answer::Stop => {
                done.later += open.len() - number;
                break;
            }
        }
    }
    if open.is_empty() && before.is_empty() {
        context.show(|page| page.say("dtguard: nothing to review: nothing in the history blocks"));
        return Ok(Outcome::Passes);
    }
    review.write_done(&done, (before.len(), &kept.record));
    Ok(Outcome::Passes)
}

/// A token that blocks: what an allow entry for it would name.
struct Token<'j> {
    name: String,
    /// Each with the expired entry that allowed it.
    findings: Vec<(&'j Finding, Option<&'j Entry>)>,
}

impl<'j> Token<'j> {
    fn expired(&self) -> Option<&'j Entry> {
        self.findings.iter().find_map(|(_, entry)| *entry)
    }

    fn fingerprints(&self) -> impl Iterator<Item = Fingerprint> {
        self.findings.iter().map(|(finding, _)| finding.fingerprint)
    }

    fn is_in_use(&self) -> bool {
        let current = |finding: &Finding| {
            finding.history.as_ref().is_some_and(|history| history.in_tip || history.staged)
        };
        self.findings.iter().any(|(finding, _)| current(finding))
    }
}

/// What blocks, token by token; first those that the current files hold.
fn tokens<'j>(judged: &Judged<'j>) -> Vec<Token<'j>> {
    let mut numbers: HashMap<String, usize> = HashMap::new();
    let mut tokens: Vec<Token<'j>> = Vec::new();
    for (finding, entry) in &judged.blocking {
        let name = finding.allow_name();
        let number = *numbers.entry(name.clone()).or_insert(tokens.len());
        match tokens.get_mut(number) {
            Some(token) => token.findings.push((finding, *entry)),
            None => tokens.push(Token { name, findings: vec![(finding, *entry)] }),
        }
    }
    tokens.sort_by_key(|token| !token.is_in_use());
    tokens
}

/// The tokens that shall keep blocking, by an earlier review too.
struct Kept {
    record: Record,
    fingerprints: HashSet<Fingerprint>,
}

impl Kept {
    fn read(context: &Context<'_>) -> Result<Self, Error> {
        let nowhere = || SourceError::of_file(KEPT, io::ErrorKind::NotFound.into());
        let record = Record::of(context.repository()?, KEPT).ok_or_else(nowhere)?;
        let fingerprints = record.read().lines().filter_map(|line| line.parse().ok()).collect();
        Ok(Self { record, fingerprints })
    }

    fn has(&self, token: &Token<'_>) -> bool {
        token.fingerprints().all(|one| self.fingerprints.contains(&one))
    }

    fn add(&mut self, token: &Token<'_>) -> Result<(), Error> {
        self.fingerprints.extend(token.fingerprints());
        let mut lines: Vec<String> = self.fingerprints.iter().map(|one| format!("{one}\n")).collect();
        lines.sort();
        let path = || self.record.path().display().to_string();
        self.record.write(&lines.concat()).map_err(|error| Error::Write { path: path(), error })
    }
}

/// What was answered for a token.
enum Answer {
    /// Revoked, or a false alarm: it has an entry.
    Written,
    Keep,
    Later,
    Stop,
}

/// How many tokens were answered, and how.
#[derive(Default)]
struct Done {
    written: usize,
    kept: usize,
    later: usize,
}

struct Review<'c> {
    context: &'c Context<'c>,
    /// What the next entry gets if nothing is typed: the option's value or what was typed last.
    owner: Option<String>,
    expires: Option<Date>,
}

impl Review<'_> {
    /// Asks until there is an answer. The end of the input means to stop.
    fn answer(&mut self, token: &Token<'_>) -> Result<Answer, Error> {
        loop {
            let Some(typed) = self.ask("[r]evoked, [f]alse alarm, [k]eep blocking, [l]ater, [s]top?")? else {
                return Ok(Answer::Stop);
            };
            let usual = match typed.to_ascii_lowercase().as_str() {
                "r" | "revoked" => Some("revoked"),
                "f" | "false alarm" => None,
                "k" | "keep" | "keep blocking" => return Ok(Answer::Keep),
                "l" | "later" => return Ok(Answer::Later),
                "s" | "stop" | "q" | "quit" => return Ok(Answer::Stop),
                _ => {
                    self.explain();
                    continue;
                }
            };
            match self.entry(token, usual) {
                Ok(Some(())) => return Ok(Answer::Written),
                Ok(None) => return Ok(Answer::Stop),
                // What was typed is refused, or the policy cannot be written: both can be mended.
                Err(error @ (Error::Usage { .. } | Error::Policy(_) | Error::Write { .. })) => {
                    self.context.error(&error, false);
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn explain(&self) {
        self.context.show(|page| {
            for (answer, meaning) in [
                ("r", "it was revoked: it may pass, and an entry says so"),
                ("f", "it is no secret: it may pass, and an entry says why"),
                ("k", "it blocks, and no later review asks about it"),
                ("l", "it blocks, and the next review asks again"),
                ("s", "stop here; the next review goes on with this token"),
            ] {
                page.row(&format!("  {answer}"), 6, Role::Plain, meaning);
            }
        });
    }

    /// Asks for the values of an entry and writes it. None at the end of the input.
    fn entry(&mut self, token: &Token<'_>, usual: Option<&str>) -> Result<Option<()>, Error> {
        let Some(reason) = self.value("Reason", usual, |typed| Ok(typed.to_owned()))? else {
            return Ok(None);
        };
        let owner = self.owner.clone().unwrap_or_else(|| NOBODY.to_owned());
        let Some(owner) = self.value("Owner", Some(&owner), |typed| Ok(typed.to_owned()))? else {
            return Ok(None);
        };
        let last = self.expires.map_or(FOREVER.to_owned(), |last| last.to_string());
        let Some(last) = self.value("Last day, as YYYY-MM-DD", Some(&last), last_day)? else {
            return Ok(None);
        };
        self.owner = Some(owner).filter(|owner| owner != NOBODY);
        self.expires = last;
        let file = OwnFile::open(self.context)?;
        let allowance = Allowance {
            token: &token.name,
            reason: &reason,
            owner: self.owner.as_deref(),
            expires: self.expires,
        };
        let edited = add_entry(&file.name, &file.text, &allowance)?;
        if let Change::Changed(values) = &edited.change {
            still_holds(values)?;
        }
        file.check(&edited.text)?;
        file.write(&edited.text)?;
        Ok(Some(()))
    }

    /// Asks for a value until `parse` takes it. An empty line means the `usual` one.
    fn value<T>(
        &self,
        what: &str,
        usual: Option<&str>,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Option<T>, Error> {
        loop {
            let question = usual.map_or(format!("{what}:"), |usual| format!("{what} [{usual}]:"));
            let Some(typed) = self.ask(&question)? else { return Ok(None) };
            let value = if typed.is_empty() { usual.unwrap_or_default() } else { &typed };
            let refused = if find(value.as_bytes()).is_empty() {
                match Unwritten::of(value) {
                    Some(unwritten) => format!("this is {}", unwritten.name()),
                    None => match parse(value) {
                        Ok(value) => return Ok(Some(value)),
                        Err(refused) => refused,
                    },
                }
            } else {
                "this holds a token, with its secret part; a policy is committed".to_owned()
            };
            self.context.say(Role::Notice, &refused);
        }
    }

    /// A line that somebody types, without the blanks around it. None at the end of the input.
    fn ask(&self, question: &str) -> Result<Option<String>, Error> {
        let mut out = io::stderr().lock();
        let _nobody_listens = write!(out, "{question} ").and_then(|()| out.flush());
        drop(out);
        let mut line = Vec::new();
        let failed = |error| SourceError::of_file("standard input", error);
        io::BufRead::read_until(&mut io::stdin().lock(), b'\n', &mut line).map_err(failed)?;
        if line.is_empty() {
            self.context.show(|page| page.blank());
            return Ok(None);
        }
        Ok(Some(String::from_utf8_lossy(&line).trim().to_owned()))
    }

    fn write_done(&self, done: &Done, (before, record): (usize, &Record)) {
        let Done { written, kept, later } = done;
        self.context.show(|page| {
            page.blank();
            page.say(&format!("dtguard: wrote {}", count(*written, "entry")));
            if kept + before + later > 0 {
                page.say(&format!(
                    "Still blocking: {kept} kept now, {before} kept before, {later} for later"
                ));
            }
            if *written > 0 {
                remind_to_stage(self.context, page);
            }
            if *later > 0 {
                page.say("To go on:");
                page.command("dtguard baseline --review");
            }
            if kept + before > 0 {
                page.text(0, Role::Dim, "To be asked again about tokens kept blocking, remove:");
                let record = sanitize(record.path().as_os_str().as_encoded_bytes());
                page.line(4, Role::Dim, &record);
            }
        });
    }
}

/// What stands for no value in a question.
const NOBODY: &str = "nobody";
const FOREVER: &str = "none";

fn last_day(typed: &str) -> Result<Option<Date>, String> {
    if typed == FOREVER {
        return Ok(None);
    }
    let day: Date = typed.parse().map_err(|_| "this is no day: write YYYY-MM-DD, or none".to_owned())?;
    if day < Date::today() {
        return Err("that day is over, so the entry would allow nothing".to_owned());
    }
    Ok(Some(day))
}
