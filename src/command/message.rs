//! `dtguard hook commit-msg`, `prepare-commit-msg`, `post-commit` and `post-merge`: checks
//! messages, amended commits and finished commits.

use std::ffi::OsString;
use std::path::Path;

use super::context::Context;
use super::in_force::{self, InForce};
use super::run::Run;
use crate::error::Error;
use crate::policy::FILE_NAME;
use crate::report::{Page, Report, Scope, noun, write_compact, write_message_mending, write_report_with};
use crate::scan::{Gap, Scanned, scan_amended, scan_commits, scan_message};
use crate::source::{Cleanup, CommitAdditions, Repository, SourceError, Watch, last_commit, read_path};
use crate::text::lines;
use crate::verdict::Outcome;

/// Scans the message that git is about to commit. `git am` commits it as it is, with its
/// comments.
pub(super) fn commit_msg(
    context: &Context<'_>,
    arguments: &[OsString],
    is_of_patch: bool,
) -> Result<Outcome, Error> {
    let file = match arguments {
        [file] => Path::new(file),
        _ => {
            let got = format!("{} arguments", arguments.len());
            return Err(SourceError::hook_input("the file with the message", &got).into());
        }
    };
    let message = read_path(file)?.unwrap_or_default();
    let repository = context.repository()?;
    // The repository's rules hold for its messages, too. Most have no policy of their own.
    let staged = repository.may_stage(FILE_NAME).then(|| repository.staged()).transpose()?;
    let policy = match &staged {
        Some(staged) => in_force::of_staged(context, repository, staged)?,
        None => in_force::load_or_above(context, Some(repository), || Ok(None))?,
    };
    // Asks git what it removes only if something was found.
    let scanned = scan_message(&message);
    if is_clean(&scanned) {
        return clean(context, scanned, policy);
    }
    let cleanup = (!is_of_patch).then(|| Cleanup::of(repository));
    let mut scanned = cleanup.as_ref().map_or(scanned, |cleanup| scan_message(&cleanup.committed(&message)));
    if is_clean(&scanned) {
        return clean(context, scanned, policy);
    }
    let staged = staged.map_or_else(|| repository.staged(), Ok)?;
    // Unread index entries hide which policy will be committed.
    staged
        .unread
        .iter()
        .for_each(|unread| scanned.add_gap(Gap::unreadable(&unread.path, None, &unread.error)));
    Run::new(Scope::Message, scanned, policy).report(context, |page, report| {
        let mut blocking = report.judged.blocking.iter().map(|(finding, _)| finding.place.line.get());
        let is_in_comment = |cleanup: &Cleanup| {
            blocking
                .any(|line| lines(&message).nth(line - 1).is_some_and(|line| cleanup.may_be_comment(line)))
        };
        let in_comment = cleanup.as_ref().is_some_and(is_in_comment);
        let file = file.as_os_str().as_encoded_bytes();
        let what = what(report);
        write_report_with(page, report, |page| write_message_mending(page, what, file, in_comment));
    })
}

fn is_clean(scanned: &Scanned) -> bool {
    scanned.findings.is_empty() && scanned.gaps.is_empty()
}

/// Ends a run on a message in which nothing was found. It is audited. A policy that cannot be
/// read might forbid what is in it.
fn clean(context: &Context<'_>, scanned: Scanned, policy: InForce) -> Result<Outcome, Error> {
    let is_read = policy.unread.is_empty();
    let run = Run::new(Scope::Message, scanned, policy);
    if is_read { run.conclude(context, Ok, |_, _| Ok(())) } else { run.report_usual(context) }
}

/// Scans a commit that replaces HEAD: what HEAD added and the index still holds. pre-commit
/// does not see that.
pub(super) fn amend(context: &Context<'_>, repository: &Repository) -> Result<Outcome, Error> {
    let Some((brought, unread)) = repository.amended()? else { return Ok(Outcome::Passes) };
    let policy = in_force::of_staged(context, repository, &repository.staged()?)?;
    let scanned = scan_amended(repository, &brought, &unread, &Watch::default())?;
    Run::new(Scope::Staged, scanned, policy).report(context, |page, report| {
        // pre-commit reported what passes.
        if report.judged.blocking.is_empty() && report.gaps.is_empty() {
            return;
        }
        write_report_with(page, report, |page| {
            page.say("HEAD contains it already, and this commit keeps it. After removing it:");
            page.command("git add FILE && git commit --amend");
        });
    })
}

/// Reports a token in the commit that was just made. git runs no earlier hook with
/// `--no-verify`, and none for cherry-pick, revert and rebase.
pub(super) fn post_commit(context: &Context<'_>) -> Result<Outcome, Error> {
    let notice = || -> Result<(), Error> {
        let repository = context.repository()?;
        let commits = last_commit(repository)?;
        let is_first = commits.first().is_some_and(|commit| commit.parents.is_empty());
        notice(context, repository, &commits, |page, report| {
            write_compact(page, "dtguard: the commit that was just made holds {}", report);
            page.say(&format!(
                "{} Take the {} out now, while this is the last commit:",
                not_blocked(report),
                what(report)
            ));
            page.command("git add FILE && git commit --amend");
            let back = if is_first { "git update-ref -d HEAD" } else { "git reset --soft HEAD^" };
            page.command(&format!("{back}   (undoes the commit and keeps the change)"));
        })
    };
    Ok(passes(context, notice()))
}

/// Reports a token in what was just merged or pulled. git runs no hook before a fast-forward.
pub(super) fn post_merge(context: &Context<'_>) -> Result<Outcome, Error> {
    let notice = || -> Result<(), Error> {
        let repository = context.repository()?;
        let commits = repository.last_merged()?;
        notice(context, repository, &commits, |page, report| {
            write_compact(page, "dtguard: the merge brought {}", report);
            page.say(&format!(
                "{} Undo the merge, and take the {} out of the branch that brought it:",
                not_blocked(report),
                what(report)
            ));
            page.command("git reset --keep ORIG_HEAD");
        })
    };
    Ok(passes(context, notice()))
}

/// What advice calls that which blocks.
fn what(report: &Report<'_>) -> &'static str {
    noun(report.judged.blocking.iter().map(|(finding, _)| *finding))
}

/// Why it is there. Before the policy's day no hook blocks, and pre-push may have another day.
fn not_blocked(report: &Report<'_>) -> &'static str {
    match report.enforced_from {
        Some(_) => "No hook blocked it.",
        None => "No hook could block it; pre-push will, if it is installed.",
    }
}

/// A notice blocks nothing, even if it fails.
fn passes(context: &Context<'_>, notice: Result<(), Error>) -> Outcome {
    if let Err(error) = notice {
        context.error(&error, false);
    }
    Outcome::Passes
}

/// Scans `commits`, newest first, and lets `write` report what would block.
fn notice(
    context: &Context<'_>,
    repository: &Repository,
    commits: &[CommitAdditions],
    write: impl FnOnce(&mut Page, &Report<'_>),
) -> Result<(), Error> {
    let Some(commit) = commits.first() else { return Ok(()) };
    let own = || Ok(repository.file_of_commit(commit.commit, FILE_NAME)?);
    let policy = in_force::load_or_above(context, Some(repository), own)?;
    let scanned = scan_commits(repository, commits, &Watch::default())?;
    let run = Run::new(Scope::Commits(commits.len()), scanned, policy);
    // The commits exist already: nothing can be blocked.
    run.conclude(
        context,
        |verdict| Ok(verdict.let_through("told")),
        |report, _| {
            if !report.judged.blocking.is_empty() {
                context.show(|page| write(page, report));
            } else if report.count_unreadable() > 0 {
                context.show(|page| write_compact(page, "", report));
            }
            Ok(())
        },
    )?;
    Ok(())
}
