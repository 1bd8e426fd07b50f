//! `dtguard hook`: what git runs, and what pre-commit and prek run for it.

use std::env;
use std::path::PathBuf;

use super::terminal::Terminal;
use super::{Outcome, policy};
use crate::cli::{Global, HookArgs, Reader};
use crate::error::Error;
use crate::find::Certainty;
use crate::finding::Finding;
use crate::policy::{Date, FILE_NAME, Policy, Verdict};
use crate::report::{Report, Role, Scope, Summary, write_report};
use crate::scan::{Scanned, scan_additions, scan_files};
use crate::source::{Preference, Repository, additions, commits, top_of_work_tree};

/// What this run is to look at.
enum Task {
    /// The change that git is about to commit.
    Staged,
    /// The commits that the second revision reaches and the first does not.
    Range(String, String),
    /// These files, whole.
    Files(Vec<PathBuf>),
}

impl Task {
    /// In a commit, and in every hook that has no arguments of its own, that is
    /// the staged change, whatever else the environment says. Outside of a
    /// commit pre-commit and prek name a range (`--from-ref`, pre-push) or files
    /// (`--all-files`, `--files`): nothing is staged there, and a look at the
    /// staged change would be a false all-clear.
    fn new(arguments: &HookArgs) -> Self {
        let in_commit = env::var_os("GIT_INDEX_FILE").is_some();
        let revision = |name| env::var(name).ok().filter(|revision| !revision.is_empty());
        match (revision("PRE_COMMIT_FROM_REF"), revision("PRE_COMMIT_TO_REF")) {
            _ if in_commit => Self::Staged,
            (Some(from), Some(to)) => Self::Range(from, to),
            _ if arguments.arguments.is_empty() => Self::Staged,
            _ => Self::Files(arguments.arguments.iter().map(PathBuf::from).collect()),
        }
    }
}

pub(super) fn run(terminal: &Terminal, global: &Global, arguments: &HookArgs) -> Result<Outcome, Error> {
    let preference = match arguments.reader {
        Reader::Fastest => Preference::Fastest,
        Reader::Libgit2 => Preference::Libgit2,
        Reader::Git => Preference::Git,
    };
    let (scope, scanned, policy) = match Task::new(arguments) {
        Task::Staged => {
            let repository = Repository::open(preference)?;
            let changes = repository.staged()?;
            let policy = policy::load(global, || Ok(repository.staged_file(FILE_NAME, &changes)?))?;
            let added: Vec<_> = additions(&changes).into_iter().map(|addition| (addition, None)).collect();
            (Scope::Staged, scan_additions(&repository, preference, &added)?, policy)
        }
        Task::Range(from, to) => {
            let repository = Repository::open(preference)?;
            let commits = commits(&repository, &from, &to)?;
            let policy = policy::load(global, || Ok(repository.committed_file(&to, FILE_NAME)?))?;
            let added: Vec<_> = commits
                .iter()
                .flat_map(|commit| {
                    commit.additions.iter().map(|addition| (addition.clone(), Some(commit.commit)))
                })
                .collect();
            (Scope::Commits(commits.len()), scan_additions(&repository, preference, &added)?, policy)
        }
        Task::Files(paths) => {
            let policy = policy::load(global, policy::in_work_tree)?;
            (Scope::Files, scan_files(&paths, top_of_work_tree().ok().as_deref())?, policy)
        }
    };
    Ok(judge(terminal, global, scope, &scanned, &policy))
}

fn judge(terminal: &Terminal, global: &Global, scope: Scope, scanned: &Scanned, policy: &Policy) -> Outcome {
    let today = Date::today();
    let mut summary = Summary::default();
    let mut blocking = Vec::new();
    for finding in &scanned.findings {
        match policy.judge(finding, today) {
            Verdict::Blocks(expired) => blocking.push((finding, expired)),
            Verdict::Allowed(_) => summary.allowed += 1,
            Verdict::Passes if finding.certainty == Certainty::Filler => summary.fillers += 1,
            Verdict::Passes => summary.passed += 1,
        }
    }
    let outcome = if blocking.is_empty() { Outcome::Passes } else { Outcome::Blocks };
    if outcome == Outcome::Passes && terminal.quiet {
        return outcome;
    }
    let unstaged = scope == Scope::Staged && global.policy.is_none() && would_pass(&blocking, today);
    let report = Report {
        scope,
        coverage: scanned.coverage,
        blocking,
        summary,
        policy_file: policy.file(),
        verbose: global.verbose,
    };
    terminal.tell(|page| {
        write_report(page, &report)?;
        if unstaged {
            page.text(
                0,
                Role::Notice,
                &format!("The {FILE_NAME} in the work tree would allow this, but it is not staged:"),
            )?;
            page.line(4, Role::Command, &format!("git add {FILE_NAME}"))?;
        }
        Ok(())
    });
    outcome
}

/// Whether the policy in the work tree, not staged yet, lets all of it pass.
fn would_pass(blocking: &[(&Finding, Option<&crate::policy::Entry>)], today: Date) -> bool {
    let Ok(Some(content)) = policy::in_work_tree() else { return false };
    let Ok(policy) = Policy::parse_bytes(FILE_NAME, &content) else { return false };
    !blocking.is_empty()
        && blocking.iter().all(|(finding, _)| !matches!(policy.judge(finding, today), Verdict::Blocks(_)))
}
