//! `dtguard hook commit-msg`, `prepare-commit-msg`, `post-commit` and `post-merge`: the
//! message on its way into a commit, the commit that is made anew, and what was made.

use std::ffi::OsString;
use std::path::Path;

use super::hook::{Done, judge};
use super::terminal::{Page, Terminal};
use super::{Outcome, audit, policy};
use crate::cli::Global;
use crate::error::Error;
use crate::finding::Finding;
use crate::policy::{Date, FILE_NAME, Judged};
use crate::report::{Report, Role, Scope, write_compact, write_message_mending, write_report};
use crate::scan::{Coverage, Scanned, scan_additions, scan_commits};
use crate::source::{
    Brought, Cleanup, CommitAdditions, Preference, Repository, SourceError, last_commit, read_path,
};

pub(super) fn commit_msg(
    terminal: &Terminal,
    global: &Global,
    preference: Preference,
    arguments: &[OsString],
) -> Result<Outcome, Error> {
    let file = match arguments {
        [file] => Path::new(file),
        _ => {
            let got = format!("{} arguments", arguments.len());
            return Err(SourceError::Told { wanted: "the file with the message", got }.into());
        }
    };
    let message = read_path(file)?.unwrap_or_default();
    // What git leaves out of it is asked only where there is something to leave out.
    if Finding::in_message(&message, None).is_empty() {
        return clean(terminal, &message);
    }
    let repository = Repository::open(preference)?;
    let message = Cleanup::of(&repository).committed(&message);
    let findings = Finding::in_message(&message, None);
    if findings.is_empty() {
        return clean(terminal, &message);
    }
    let changes = repository.staged()?;
    let policy =
        policy::load(global, Some(&repository), || Ok(repository.staged_file(FILE_NAME, &changes)?))?;
    let coverage = Coverage { bytes: message.len() as u64, ..Coverage::default() };
    let done =
        Done { scope: Scope::Message, scanned: Scanned { findings, coverage, gaps: Vec::new() }, policy };
    Ok(judge(terminal, global, &done, |page, report| {
        write_report(page, report)?;
        if report.judged.blocking.is_empty() {
            return Ok(());
        }
        write_message_mending(page, file.as_os_str().as_encoded_bytes())
    }))
}

/// A message with nothing in it: there is a line to leave, if any is wanted.
fn clean(terminal: &Terminal, message: &[u8]) -> Result<Outcome, Error> {
    let coverage = Coverage { bytes: message.len() as u64, ..Coverage::default() };
    let scanned = Scanned { coverage, ..Scanned::default() };
    let policy = policy::without_own(None)?;
    Ok(audit::leave(terminal, &policy, (Scope::Message, &scanned), &Judged::default(), Outcome::Passes))
}

/// A commit that takes HEAD's place: what HEAD brought and the index still holds, which
/// pre-commit does not see.
pub(super) fn amend(terminal: &Terminal, global: &Global, preference: Preference) -> Result<Outcome, Error> {
    let repository = Repository::open(preference)?;
    let Some(Brought { additions, new_paths }) = repository.amended()? else { return Ok(Outcome::Passes) };
    let changes = repository.staged()?;
    let policy =
        policy::load(global, Some(&repository), || Ok(repository.staged_file(FILE_NAME, &changes)?))?;
    let added: Vec<_> = additions.into_iter().map(|addition| (addition, None)).collect();
    let mut scanned = scan_additions(&repository, &added)?;
    scanned.findings.extend(new_paths.iter().flat_map(|path| Finding::in_path(path, None)));
    let done = Done { scope: Scope::Staged, scanned, policy };
    Ok(judge(terminal, global, &done, |page, report| {
        // What passes was reported by pre-commit.
        if report.judged.blocking.is_empty() && report.gaps.is_empty() {
            return Ok(());
        }
        write_report(page, report)?;
        page.text(0, Role::Plain, "The commit to amend holds it already. Once it is taken out:")?;
        page.line(4, Role::Command, "git add FILE && git commit --amend")
    }))
}

/// Reports a token in the commit that was just made: `--no-verify`, cherry-pick,
/// revert and rebase ask no hook before.
pub(super) fn post_commit(
    terminal: &Terminal,
    global: &Global,
    preference: Preference,
) -> Result<Outcome, Error> {
    let notice = || -> Result<(), Error> {
        let repository = Repository::open(preference)?;
        let commits = last_commit(&repository)?;
        let is_first = commits.first().is_some_and(|commit| commit.parents.is_empty());
        notice(terminal, global, &repository, &commits, |page, report| {
            write_compact(page, "dtguard: the commit that was just made holds {}", report)?;
            page.text(0, Role::Plain, "No hook could stop it; pre-push will, where it is installed. Take the token out now, while it is the last commit:")?;
            page.line(4, Role::Command, "git add FILE && git commit --amend")?;
            let back = if is_first { "git update-ref -d HEAD" } else { "git reset --soft HEAD^" };
            page.line(4, Role::Command, &format!("{back}   (takes the commit back and keeps the change)"))
        })
    };
    Ok(passes(terminal, notice()))
}

/// Reports a token in what was just merged or pulled: no hook runs before a
/// fast-forward.
pub(super) fn post_merge(
    terminal: &Terminal,
    global: &Global,
    preference: Preference,
) -> Result<Outcome, Error> {
    let notice = || -> Result<(), Error> {
        let repository = Repository::open(preference)?;
        let commits = repository.last_merged()?;
        notice(terminal, global, &repository, &commits, |page, report| {
            write_compact(page, "dtguard: the merge brought {}", report)?;
            page.text(0, Role::Plain, "No hook could stop it; pre-push will, where it is installed. Take the merge back and the token out of the branch that brought it:")?;
            page.line(4, Role::Command, "git reset --keep ORIG_HEAD")
        })
    };
    Ok(passes(terminal, notice()))
}

/// A notice stops nothing, not even where it fails.
fn passes(terminal: &Terminal, notice: Result<(), Error>) -> Outcome {
    if let Err(error) = notice {
        terminal.error(&error, false);
    }
    Outcome::Passes
}

/// Has `write` report what blocks in `commits`, the newest first.
fn notice(
    terminal: &Terminal,
    global: &Global,
    repository: &Repository,
    commits: &[CommitAdditions],
    write: impl FnOnce(&mut Page<'_>, &Report<'_>) -> std::io::Result<()>,
) -> Result<(), Error> {
    let Some(commit) = commits.first() else { return Ok(()) };
    let scanned = scan_commits(repository, commits)?;
    let own = || Ok(repository.file_of_commit(commit.commit, FILE_NAME)?);
    let policy = match scanned.findings.is_empty() {
        true => policy::without_own(Some(repository))?,
        false => policy::load(global, Some(repository), own)?,
    };
    let judged = policy.judge_all(&scanned.findings, Date::today());
    let scope = Scope::Commits(commits.len());
    audit::leave_notice(terminal, &policy, (scope, &scanned), &judged);
    if judged.blocking.is_empty() {
        return Ok(());
    }
    let report = Report {
        scope,
        coverage: scanned.coverage,
        gaps: &scanned.gaps,
        gaps_block: false,
        judged,
        policy_file: policy.file(),
        verbose: global.verbose,
        interrupted: false,
    };
    terminal.tell(|page| write(page, &report));
    Ok(())
}
