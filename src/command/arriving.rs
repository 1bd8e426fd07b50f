//! `dtguard hook pre-receive` and `update`: checks a push on the server that receives it.

use std::ffi::OsString;
use std::io::Write as _;

use super::context::Context;
use super::in_force::{self, PassedOver};
use super::input;
use super::run::Run;
use crate::error::Error;
use crate::finding::Finding;
use crate::policy::{Date, FILE_NAME, Policy, Unwritten, now};
use crate::report::{Page, Passage, Report, Role, Scope, sanitize, write_compact, write_push_mending};
use crate::scan::scan_push;
use crate::source::{
    ObjectId, Pushed, Receiver, RefUpdate, Repository, Watch, git_says, push_option, pushed, who,
};
use crate::verdict::{Outcome, Verdict};

/// The width of `remote: `, which git puts before each line of a server.
const MARGIN: usize = 8;
/// `git push -o dtguard.break-glass=REASON`
const BREAK_GLASS: &str = "dtguard.break-glass";
/// The file in the receiving repository that records each break-glass push.
const AUDIT_FILE: &str = "dtguard-audit.jsonl";

pub(super) fn pre_receive(context: &Context<'_>) -> Result<Outcome, Error> {
    let updates = RefUpdate::of_pre_receive(&input::of_hook(false)?)?;
    receive(context, &updates, context.is_quiet())
}

/// Like pre-receive, for one reference of a push. Other references may have passed already.
pub(super) fn update(context: &Context<'_>, arguments: &[OsString]) -> Result<Outcome, Error> {
    let update = RefUpdate::of_update(arguments)?;
    receive(context, &[update], !context.global.verbose || context.is_quiet())
}

fn receive(context: &Context<'_>, updates: &[RefUpdate], quiet: bool) -> Result<Outcome, Error> {
    let repository = context.repository()?;
    // Never what is pushed: the references are still the old ones.
    let (policy, passed_over) = in_force::load_here(context, repository)?;
    let pushed = pushed(repository, updates, Receiver::Here, "", |_, _| {})?;
    if let Some(passed_over) = &passed_over {
        context.show_behind(MARGIN, |page| write_passed_over(page, passed_over));
    }
    let mut unread = None;
    if context.global.policy.is_none() {
        let known = passed_over.map(|passed_over| passed_over.content);
        unread = cannot_go_on_with(&policy.policy, repository, &pushed, known.as_deref());
    }
    let scanned = scan_push(repository, &pushed, updates, &Watch::default())?;
    let scope = Scope::Push { commits: pushed.commits.len(), tags: pushed.tags.len() };
    let break_glass = BreakGlass::of(&policy.policy, unread.is_none() && policy.unread.is_empty());
    let mut run = Run::new(scope, scanned, policy);
    if let Some((commit, error)) = unread {
        run.add_unread_policy(Some(commit), &error);
    }
    let show = |report: &Report<'_>, verdict: &Verdict<'_>| {
        write_received(context, &break_glass, (&pushed, report), quiet, verdict);
        Ok(())
    };
    let waive = |verdict| let_through(verdict, &break_glass, updates);
    run.conclude(context, waive, show)
}

/// Applies break-glass: where the policy grants it and the push asks for it, what blocks
/// passes, and that is recorded.
fn let_through<'v>(
    verdict: Verdict<'v>,
    break_glass: &BreakGlass,
    updates: &[RefUpdate],
) -> Result<Verdict<'v>, Error> {
    match break_glass.reason() {
        Some(reason) if verdict.outcome() != Outcome::Passes => {
            record(reason, updates, &verdict.blocking())?;
            Ok(verdict.let_through("break-glass"))
        }
        _ => Ok(verdict),
    }
}

/// Reports how the push ends.
fn write_received(
    context: &Context<'_>,
    break_glass: &BreakGlass,
    (pushed, report): (&Pushed, &Report<'_>),
    quiet: bool,
    verdict: &Verdict<'_>,
) {
    match verdict.outcome() {
        Outcome::Passes if let Some(day) = verdict.enforced_from => context.show_behind(MARGIN, |page| {
            write_compact(page, &format!("dtguard: would block this push from {day} on, it brings {{}}"), report);
        }),
        Outcome::Passes if verdict.is_remarkable() => context.show_behind(MARGIN, |page| {
            write_compact(page, "dtguard: let through by break-glass: {}", report);
            page.text(0, Role::Notice, &format!("This push, its reason and these findings were recorded in {AUDIT_FILE} of the repository."));
        }),
        Outcome::Passes if quiet && report.gaps.is_empty() => {}
        Outcome::Passes => context.show_behind(MARGIN, |page| write_compact(page, "", report)),
        _ => context.show_behind(MARGIN, |page| {
            write_compact(page, "dtguard: push blocked, it brings {}", report);
            let blocking = verdict.blocking();
            if !blocking.is_empty() {
                write_push_mending(page, pushed, &blocking);
            }
            page.text(0, Role::Notice, &break_glass.advice());
        }),
    }
}

/// Break-glass: a push that passes in spite of findings, for a recorded reason.
struct BreakGlass {
    granted: bool,
    /// Whether every policy could be read. An unread one might forbid break-glass.
    is_known: bool,
    /// The reason in the push option, if it was given.
    asked: Option<String>,
    /// The policy file's name in messages.
    file: String,
}

impl BreakGlass {
    fn of(policy: &Policy, is_known: bool) -> Self {
        let (granted, asked) = (policy.grants_break_glass() && is_known, push_option(BREAK_GLASS));
        Self { granted, is_known, asked, file: sanitize(policy.file().as_bytes()) }
    }

    /// The reason, if break-glass is granted and the reason says something.
    fn reason(&self) -> Option<&str> {
        self.asked.as_deref().filter(|reason| self.granted && Unwritten::of(reason).is_none())
    }

    /// What to write about break-glass to somebody whose push is blocked.
    fn advice(&self) -> String {
        let file = &self.file;
        match (self.granted, self.asked.is_some()) {
            (true, true) => {
                format!("Break-glass needs a reason: git push -o {BREAK_GLASS}=\"<why>\"")
            }
            (true, false) => {
                format!(
                    "In an emergency: git push -o {BREAK_GLASS}=\"<why>\" (who, what and why is recorded)"
                )
            }
            (false, true) if !self.is_known => {
                "Break-glass is granted only where each policy can be read.".to_owned()
            }
            (false, true) => {
                format!("Break-glass is not granted here: {file} of this repository does not grant it.")
            }
            (false, false) => String::new(),
        }
    }
}

/// Says that the repository's own policy does not count, and why.
fn write_passed_over(page: &mut Page, passed_over: &PassedOver) {
    page.text(0, Role::Notice, &format!("dtguard: {FILE_NAME} of this repository is ignored: a policy above it no longer grants what it says. Only the policies above count until a granted one is pushed:"));
    for line in passed_over.error.to_string().lines().chain(passed_over.error.help().lines()) {
        page.line(4, Role::Plain, &sanitize(line.as_bytes()));
    }
}

/// The commit whose policy would become the repository's and is broken, with the error. It
/// would block every later push, even its own correction. A policy that is `known` and already
/// ignored may stay.
fn cannot_go_on_with(
    policy: &Policy,
    repository: &Repository,
    pushed: &Pushed,
    known: Option<&[u8]>,
) -> Option<(ObjectId, Error)> {
    let head = repository.head_name();
    pushed.tips.iter().filter(|tip| head.as_ref() == Some(&tip.name)).find_map(|tip| {
        let error = match repository.file_of_commit(tip.commit, FILE_NAME) {
            Err(error) => error.into(),
            Ok(Some(content)) if known != Some(&content) => {
                policy.with_own(&content, Date::today()).err()?.into()
            }
            Ok(_) => return None,
        };
        Some((tip.commit, error))
    })
}

/// Appends the findings and the reason to the audit file.
fn record(reason: &str, updates: &[RefUpdate], findings: &[&Finding]) -> Result<(), Error> {
    let file = git_says(None, &["rev-parse", "--absolute-git-dir"])?.join(AUDIT_FILE);
    let who = who(&["REMOTE_USER", "GL_USER", "GL_USERNAME", "SSH_USER", "USER", "USERNAME"]);
    let line = Passage { second: now(), who: &who, reason, updates, findings }.to_line()?;
    std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(&file)
        .and_then(|mut open| open.write_all(line.as_bytes()).and_then(|()| open.sync_all()))
        .map_err(|error| Error::Write { path: file.display().to_string(), error })
}
