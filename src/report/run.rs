//! What there is to say about a run: the one input of all renderers.

use crate::policy::Judged;
use crate::scan::{Coverage, Gap};

/// What a run looked at, as far as the wording goes.
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
        /// How many commits that the receiver does not have.
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
    /// All objects, with so many commits.
    History(usize),
}

impl Scope {
    /// The word for it in machine formats.
    pub fn name(self) -> &'static str {
        match self {
            Self::Staged => "staged",
            Self::Merge => "merge",
            Self::Commits(_) => "commits",
            Self::Push { .. } => "push",
            Self::Message => "message",
            Self::Files => "files",
            Self::Diff => "diff",
            Self::History(_) => "history",
        }
    }

    /// How many commits it has, if it is of commits.
    pub fn commits(self) -> Option<usize> {
        match self {
            Self::Commits(commits) | Self::History(commits) | Self::Push { commits, .. } => Some(commits),
            Self::Staged | Self::Merge | Self::Message | Self::Files | Self::Diff => None,
        }
    }
}

/// All there is to say about what a run found.
pub struct Report<'a> {
    /// What it looked at.
    pub scope: Scope,
    /// How much of it.
    pub coverage: Coverage,
    /// What could not be looked at.
    pub gaps: &'a [Gap],
    /// Whether that blocks.
    pub gaps_block: bool,
    /// What was found there.
    pub judged: Judged<'a>,
    /// The policy file, for hints.
    pub policy_file: &'a str,
    /// Whether to list every place rather than the first of many.
    pub verbose: bool,
    /// Whether it was stopped before it was done.
    pub interrupted: bool,
}

/// What there is to say about the run itself. The caller decides all of it; no
/// renderer looks at a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunInfo<'a> {
    /// The program's version.
    pub version: &'a str,
    /// When it began, as seconds since 1970 in UTC.
    pub started: i64,
    /// When it ended, likewise.
    pub ended: i64,
    /// What it came to.
    pub outcome: Outcome,
}

/// What a run came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Nothing that blocks.
    Passes,
    /// Something could not be looked at, and the policy wants that to block.
    Incomplete,
    /// At least one token blocks.
    Blocks,
    /// Somebody stopped it before it was done.
    Interrupted,
}

impl Outcome {
    /// The exit code of every subcommand that comes to it.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Passes => 0,
            Self::Blocks => 1,
            Self::Incomplete => 2,
            Self::Interrupted => 130,
        }
    }

    /// Whether all was looked at that had to be.
    pub fn is_complete(self) -> bool {
        matches!(self, Self::Passes | Self::Blocks)
    }

    /// The word for it in machine formats.
    pub fn name(self) -> &'static str {
        match self {
            Self::Passes => "passes",
            Self::Blocks => "blocks",
            Self::Incomplete => "incomplete",
            Self::Interrupted => "interrupted",
        }
    }
}
