//! `dtguard hook`: what git runs, and what pre-commit and prek run for it.

use std::path::PathBuf;

use super::change::{of_commits, staged};
use super::run::Run;
use super::terminal::Terminal;
use super::{arriving, in_force, leaving, message};
use crate::cli::{Global, HookArgs};
use crate::error::Error;
use crate::install::Stage;
use crate::report::Scope;
use crate::scan::scan_files;
use crate::source::{
    HookScope, Invocation, Preference, Repository, Since, Watch, commits, heads_of_merge, top_of_work_tree,
};
use crate::verdict::Outcome;

pub(super) fn run(terminal: &Terminal, global: &Global, arguments: &HookArgs) -> Result<Outcome, Error> {
    let preference = arguments.reader.into();
    let files = || arguments.arguments.iter().map(PathBuf::from).collect();
    match arguments.stage {
        Stage::PreCommit => each(terminal, global, preference, Invocation::read(files()).scopes()),
        // Frameworks have no part in these.
        Stage::PreMergeCommit => {
            let run = staged(global, preference, &heads_of_merge(), &Watch::default())?;
            run.report_usual(terminal, global)
        }
        Stage::PreApplypatch => each(terminal, global, preference, vec![HookScope::Staged]),
        Stage::CommitMsg | Stage::ApplypatchMsg => {
            message::commit_msg(terminal, global, preference, &arguments.arguments)
        }
        Stage::PrepareCommitMsg => match arguments.arguments.get(1..) {
            Some([source, of]) if source == "commit" && of == "HEAD" => {
                message::amend(terminal, global, preference)
            }
            _ => Ok(Outcome::Passes),
        },
        Stage::PostCommit => message::post_commit(terminal, global, preference),
        Stage::PostMerge => message::post_merge(terminal, global, preference),
        Stage::PrePush => match leaving::pre_push(terminal, global, preference, &arguments.arguments)? {
            Some(outcome) => Ok(outcome),
            None => each(terminal, global, preference, Invocation::read(files()).scopes_of_push()),
        },
        Stage::PreReceive => arriving::pre_receive(terminal, global, preference),
        Stage::Update => arriving::update(terminal, global, preference, &arguments.arguments),
    }
}

/// Scans each of `scopes`; the worst outcome is that of all.
fn each(
    terminal: &Terminal,
    global: &Global,
    preference: Preference,
    scopes: Vec<HookScope>,
) -> Result<Outcome, Error> {
    let mut outcome = Outcome::Passes;
    for scope in scopes {
        let run = match scope {
            HookScope::Staged => staged(global, preference, &[], &Watch::default())?,
            HookScope::Commits(since, to) => range(global, preference, &since, &to)?,
            HookScope::Files(paths) => files_named(global, &paths)?,
        };
        outcome = outcome.max(run.report_usual(terminal, global)?);
    }
    Ok(outcome)
}

fn range(global: &Global, preference: Preference, since: &Since, to: &str) -> Result<Run, Error> {
    let repository = Repository::open(preference)?;
    let commits = commits(&repository, since, to)?;
    of_commits(global, &repository, &commits, to, &Watch::default())
}

fn files_named(global: &Global, paths: &[PathBuf]) -> Result<Run, Error> {
    let policy = in_force::load_or_above(global, None, in_force::in_work_tree)?;
    let scanned = scan_files(paths, top_of_work_tree().ok().as_deref())?;
    Ok(Run::new(Scope::Files, scanned, policy))
}
