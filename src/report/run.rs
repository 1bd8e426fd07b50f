//! The result of a run: the one input of all renderers.

use crate::policy::{Date, Judged};
use crate::scan::{Coverage, Gap, Scanned};
use crate::source::ObjectId;
use crate::verdict::{Outcome, Verdict};

/// What a run scanned. The wording of reports depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The staged change.
    Staged,
    /// The staged change while a merge is under way.
    Merge,
    /// The commits of a range.
    Commits(usize),
    /// What a push brings.
    Push {
        /// How many commits the receiver does not have.
        commits: usize,
        /// How many annotated tags.
        tags: usize,
    },
    /// The message of the commit that is being made.
    Message,
    /// Whole files.
    Files,
    /// What a unified diff adds.
    Diff,
    /// An event of a coding assistant.
    Event,
    /// All objects; with the number of commits.
    History(usize),
}

impl Scope {
    /// Its name in machine formats.
    pub fn name(self) -> &'static str {
        match self {
            Self::Staged => "staged",
            Self::Merge => "merge",
            Self::Commits(_) => "commits",
            Self::Push { .. } => "push",
            Self::Message => "message",
            Self::Files => "files",
            Self::Diff => "diff",
            Self::Event => "event",
            Self::History(_) => "history",
        }
    }

    /// The number of commits, for scopes of commits.
    pub fn commits(self) -> Option<usize> {
        match self {
            Self::Commits(commits) | Self::History(commits) | Self::Push { commits, .. } => Some(commits),
            Self::Staged | Self::Merge | Self::Message | Self::Files | Self::Diff | Self::Event => None,
        }
    }
}

/// The result of a run.
#[derive(Clone)]
pub struct Report<'a> {
    /// What was searched.
    pub scope: Scope,
    /// How much was searched.
    pub coverage: Coverage,
    /// What could not be read.
    pub gaps: &'a [Gap],
    /// How many further gaps there are.
    pub unlisted: usize,
    /// Whether parts of containers that could not be searched block.
    pub unread_blocks: bool,
    /// The findings, judged.
    pub judged: &'a Judged<'a>,
    /// The policy file's name, for hints.
    pub policy_file: &'a str,
    /// Whether to list all places.
    pub verbose: bool,
    /// Whether the run is a scan, so that no hook blocks anything.
    pub is_scan: bool,
    /// Whether the policy in the work tree would let everything pass, but is not staged.
    pub unstaged_policy_allows: bool,
    /// Whether the run was interrupted.
    pub interrupted: bool,
    /// If findings only block from a later day on: that day.
    pub enforced_from: Option<Date>,
}

impl<'a> Report<'a> {
    /// The report on what was `scanned` in `scope`, and on its `verdict`.
    pub fn new(scope: Scope, scanned: &'a Scanned, verdict: &'a Verdict<'a>, policy_file: &'a str) -> Self {
        Self {
            scope,
            coverage: scanned.coverage,
            gaps: &scanned.gaps,
            unlisted: scanned.unlisted,
            unread_blocks: verdict.unread_blocks,
            judged: &verdict.judged,
            policy_file,
            verbose: false,
            unstaged_policy_allows: false,
            is_scan: false,
            interrupted: scanned.interrupted,
            enforced_from: verdict.enforced_from,
        }
    }

    /// Whether `gap` blocks.
    pub fn is_blocked_by(&self, gap: &Gap) -> bool {
        gap.is_unreadable() || self.unread_blocks
    }

    /// Whether a run with this `outcome` scanned everything that it had to.
    pub fn is_complete(&self, outcome: Outcome) -> bool {
        outcome.is_complete() && self.count_unreadable() == 0
    }

    /// How many gaps there are.
    pub fn count_gaps(&self) -> usize {
        self.gaps.len() + self.unlisted
    }

    /// How many of them are files and objects that cannot be read at all.
    pub fn count_unreadable(&self) -> usize {
        self.unlisted + self.gaps.iter().filter(|gap| gap.is_unreadable()).count()
    }
}

/// Facts about the run itself. The caller supplies all of them; no renderer reads a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunInfo<'a> {
    /// The program's version.
    pub version: &'a str,
    /// When it began, as seconds since 1970 in UTC.
    pub started: i64,
    /// When it ended, likewise.
    pub ended: i64,
    /// Its outcome.
    pub outcome: Outcome,
    /// The repository that it scanned, if it is known.
    pub repository: Option<&'a RepositoryInfo>,
}

/// The name and the state of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryInfo {
    /// Host and path of its remote, without credentials; without a remote its folder's name.
    pub name: String,
    /// The commit of HEAD; none on an unborn branch.
    pub head: Option<ObjectId>,
}
