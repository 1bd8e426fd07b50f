//! The stages for which `[enforce.stages]` names a day of their own.

use serde::Deserialize;

use super::Date;

named! {
    /// A stage that blocks: a hook of git or of a coding assistant, or a scan.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    pub enum EnforcedStage {
        /// `git commit`
        PreCommit = "pre-commit",
        /// `git merge`
        PreMergeCommit = "pre-merge-commit",
        /// `git am`
        PreApplypatch = "pre-applypatch",
        /// The message of `git am`
        ApplypatchMsg = "applypatch-msg",
        /// The message of a commit
        CommitMsg = "commit-msg",
        /// `git commit --amend`
        PrepareCommitMsg = "prepare-commit-msg",
        /// `git push`
        PrePush = "pre-push",
        /// A push that arrives
        PreReceive = "pre-receive",
        /// One reference of it
        Update = "update",
        /// An event of a coding assistant
        Agent = "agent",
        /// `dtguard scan`
        Scan = "scan",
    }
}

/// The day from which a stage blocks, where it has one of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageDay {
    /// The stage.
    pub stage: EnforcedStage,
    /// The first day on which findings block in it.
    pub from: Date,
    /// The file and line that say so.
    pub stated_at: String,
}
