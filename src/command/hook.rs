//! `dtguard hook`: what git runs, and what pre-commit and prek run for it.

use std::path::PathBuf;

use super::terminal::{Page, Terminal};
use super::{Outcome, audit, message, policy, push};
use crate::cli::{Global, HookArgs};
use crate::error::Error;
use crate::finding::Finding;
use crate::install::Stage;
use crate::policy::{Date, FILE_NAME, Judged, Policy};
use crate::report::{Report, Role, Scope, write_report};
use crate::scan::{Scanned, scan_additions, scan_commits, scan_files};
use crate::source::{
    Asked, ObjectId, Preference, Repository, Since, Task, additions, commits, heads_of_merge, new_paths,
    people, top_of_work_tree,
};

/// What one task came to.
pub(super) struct Done {
    pub(super) scope: Scope,
    pub(super) scanned: Scanned,
    pub(super) policy: Policy,
}

pub(super) fn run(terminal: &Terminal, global: &Global, arguments: &HookArgs) -> Result<Outcome, Error> {
    let preference = arguments.reader.into();
    let files = || arguments.arguments.iter().map(PathBuf::from).collect();
    match arguments.stage {
        Stage::PreCommit => tasks(terminal, global, preference, Asked::read(files()).tasks()),
        // Frameworks have no part in these.
        Stage::PreMergeCommit => {
            let done = staged(global, preference, &heads_of_merge())?;
            Ok(judge(terminal, global, &done, told))
        }
        Stage::PreApplypatch => tasks(terminal, global, preference, vec![Task::Staged]),
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
        Stage::PrePush => match push::pre_push(terminal, global, preference, &arguments.arguments)? {
            Some(outcome) => Ok(outcome),
            None => tasks(terminal, global, preference, Asked::read(files()).tasks_of_push()),
        },
        Stage::PreReceive => push::pre_receive(terminal, global, preference),
        Stage::Update => push::update(terminal, global, preference, &arguments.arguments),
    }
}

fn tasks(
    terminal: &Terminal,
    global: &Global,
    preference: Preference,
    tasks: Vec<Task>,
) -> Result<Outcome, Error> {
    let mut outcome = Outcome::Passes;
    for task in tasks {
        let done = match task {
            Task::Staged => staged(global, preference, &[])?,
            Task::Commits(since, to) => range(global, preference, &since, &to)?,
            Task::Files(paths) => files_named(global, &paths)?,
        };
        outcome = outcome.max(judge(terminal, global, &done, told));
    }
    Ok(outcome)
}

/// The staged change; with `heads` that are about to be merged, or those of a merge that
/// stopped, the commits that these bring too.
pub(super) fn staged(global: &Global, preference: Preference, heads: &[ObjectId]) -> Result<Done, Error> {
    let repository = Repository::open(preference)?;
    let changes = repository.staged()?;
    let policy =
        policy::load(global, Some(&repository), || Ok(repository.staged_file(FILE_NAME, &changes)?))?;
    let added: Vec<_> = additions(&changes).into_iter().map(|addition| (addition, None)).collect();
    let mut scanned = scan_additions(&repository, &added)?;
    scanned.findings.extend(new_paths(&changes).flat_map(|path| Finding::in_path(path, None)));
    scanned.findings.extend(Finding::in_message(&people(), None));
    let heads = if heads.is_empty() { repository.merge_heads()? } else { heads.to_vec() };
    let brought = scan_commits(&repository, &repository.merged(&heads)?)?;
    // What the staged change holds too was found there.
    let is_new =
        |finding: &Finding| scanned.findings.iter().all(|one| one.fingerprint != finding.fingerprint);
    let more: Vec<_> = brought.findings.into_iter().filter(is_new).collect();
    scanned.findings.extend(more);
    scanned.gaps.extend(brought.gaps);
    Ok(Done { scope: if heads.is_empty() { Scope::Staged } else { Scope::Merge }, scanned, policy })
}

fn range(global: &Global, preference: Preference, since: &Since, to: &str) -> Result<Done, Error> {
    let repository = Repository::open(preference)?;
    let commits = commits(&repository, since, to)?;
    let policy = policy::load(global, Some(&repository), || Ok(repository.committed_file(to, FILE_NAME)?))?;
    let scanned = scan_commits(&repository, &commits)?;
    Ok(Done { scope: Scope::Commits(commits.len()), scanned, policy })
}

fn files_named(global: &Global, paths: &[PathBuf]) -> Result<Done, Error> {
    let policy = policy::load(global, None, policy::in_work_tree)?;
    let scanned = scan_files(paths, top_of_work_tree().ok().as_deref())?;
    Ok(Done { scope: Scope::Files, scanned, policy })
}

fn told(page: &mut Page<'_>, report: &Report<'_>) -> std::io::Result<()> {
    write_report(page, report)
}

impl Done {
    /// What there is to say of it and what it comes to; it leaves its line in the audit.
    pub(super) fn judged<'a>(
        &'a self,
        terminal: &Terminal,
        global: &Global,
        interrupted: bool,
    ) -> (Report<'a>, Outcome) {
        let judged = self.policy.judge_all(&self.scanned.findings, Date::today());
        let gaps_block = self.policy.gaps_block() && !self.scanned.gaps.is_empty();
        let outcome = match judged.blocking.is_empty() {
            _ if interrupted => Outcome::Interrupted,
            false => Outcome::Blocks,
            true if gaps_block => Outcome::Incomplete,
            true => Outcome::Passes,
        };
        let outcome = audit::leave(terminal, &self.policy, (self.scope, &self.scanned), &judged, outcome);
        let report = Report {
            scope: self.scope,
            coverage: self.scanned.coverage,
            gaps: &self.scanned.gaps,
            gaps_block,
            judged,
            policy_file: self.policy.file(),
            verbose: global.verbose,
            interrupted,
        };
        (report, outcome)
    }

    /// Whether nobody wants to hear of a run that came to `outcome`.
    pub(super) fn is_silent(&self, terminal: &Terminal, outcome: Outcome) -> bool {
        outcome == Outcome::Passes && terminal.quiet && self.scanned.gaps.is_empty()
    }
}

/// Judges what was found, and has it told by `write`.
pub(super) fn judge(
    terminal: &Terminal,
    global: &Global,
    done: &Done,
    write: impl FnOnce(&mut Page<'_>, &Report<'_>) -> std::io::Result<()>,
) -> Outcome {
    let (report, outcome) = done.judged(terminal, global, false);
    if done.is_silent(terminal, outcome) {
        return outcome;
    }
    let of_change = matches!(done.scope, Scope::Staged | Scope::Merge);
    let not_staged = of_change
        && global.policy.is_none()
        && unstaged_policy_allows(&done.policy, &report.judged, Date::today());
    terminal.tell(|page| {
        write(page, &report)?;
        if not_staged {
            page.text(
                0,
                Role::Notice,
                &format!("The {FILE_NAME} in the work tree would allow this, but it is not staged:"),
            )?;
            page.line(4, Role::Command, &format!("git add :/{FILE_NAME}"))?;
        }
        Ok(())
    });
    outcome
}

/// Whether the policy in the work tree lets all of it pass, so that staging it is
/// all that is missing.
fn unstaged_policy_allows(policy: &Policy, judged: &Judged<'_>, today: Date) -> bool {
    let Ok(Some(content)) = policy::in_work_tree() else { return false };
    let Ok(policy) = policy.with_own(&content, today) else { return false };
    !judged.blocking.is_empty() && judged.blocking.iter().all(|(finding, _)| policy.lets_pass(finding, today))
}
