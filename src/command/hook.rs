//! `dtguard hook`: runs one stage, for git, pre-commit or prek.

use std::path::PathBuf;

use super::change::{of_commits, staged};
use super::context::Context;
use super::run::Run;
use super::{agent, arriving, in_force, leaving, message};
use crate::cli::{HookArgs, HookStage};
use crate::error::Error;
use crate::install::Stage;
use crate::report::Scope;
use crate::scan::scan_files;
use crate::source::{HookScope, Invocation, Since, Watch, commits, heads_of_merge, top_of_work_tree};
use crate::verdict::Outcome;

pub(super) fn run(context: &Context<'_>, arguments: &HookArgs) -> Result<Outcome, Error> {
    let files = || arguments.arguments.iter().map(PathBuf::from).collect();
    let HookStage::Git(stage) = arguments.stage else { return agent::run(context, &arguments.arguments) };
    match stage {
        Stage::PreCommit => each(context, Invocation::read(files()).scopes()),
        // pre-commit and prek do not run these.
        Stage::PreMergeCommit => {
            let repository = context.repository()?;
            let run = staged(context, repository, &heads_of_merge(), &Watch::default())?;
            run.report_usual(context)
        }
        Stage::PreApplypatch => each(context, vec![HookScope::Staged]),
        Stage::CommitMsg => message::commit_msg(context, &arguments.arguments, false),
        Stage::ApplypatchMsg => message::commit_msg(context, &arguments.arguments, true),
        Stage::PrepareCommitMsg => match arguments.arguments.get(1..) {
            Some([source, of]) if source == "commit" && of == "HEAD" => {
                message::amend(context, context.repository()?)
            }
            _ => Ok(Outcome::Passes),
        },
        Stage::PostCommit => message::post_commit(context),
        Stage::PostMerge => message::post_merge(context),
        Stage::PrePush => match leaving::pre_push(context, &arguments.arguments)? {
            Some(outcome) => Ok(outcome),
            None => each(context, Invocation::read(files()).scopes_of_push()),
        },
        Stage::PreReceive => arriving::pre_receive(context),
        Stage::Update => arriving::update(context, &arguments.arguments),
    }
}

/// Scans each of `scopes`. The worst outcome counts.
fn each(context: &Context<'_>, scopes: Vec<HookScope>) -> Result<Outcome, Error> {
    let mut outcome = Outcome::Passes;
    for scope in scopes {
        outcome = outcome.max(match scope {
            HookScope::Staged => staged_change(context)?,
            HookScope::Commits(since, to) => range(context, &since, &to)?.report_usual(context)?,
            HookScope::Files(paths) => files_named(context, &paths)?.report_usual(context)?,
        });
    }
    Ok(outcome)
}

/// Scans the staged change; if the commit replaces HEAD, also what HEAD added.
fn staged_change(context: &Context<'_>) -> Result<Outcome, Error> {
    let repository = context.repository()?;
    let outcome = staged(context, repository, &[], &Watch::default())?.report_usual(context)?;
    if outcome == Outcome::Passes && repository.amends() {
        return message::amend(context, repository);
    }
    Ok(outcome)
}

fn range(context: &Context<'_>, since: &Since, to: &str) -> Result<Run, Error> {
    let repository = context.repository()?;
    let rules = match since {
        Since::Revision(_) => String::new(),
        // Commits that were searched before are skipped.
        _ => in_force::rules_at(context, repository, to)?,
    };
    let commits = commits(repository, since, to, &rules)?;
    of_commits(context, repository, &commits, to, &Watch::default())
}

fn files_named(context: &Context<'_>, paths: &[PathBuf]) -> Result<Run, Error> {
    let policy = in_force::load_or_above(context, None, in_force::in_work_tree)?;
    let scanned = scan_files(paths, top_of_work_tree().ok().as_deref())?;
    Ok(Run::new(Scope::Files, scanned, policy))
}
