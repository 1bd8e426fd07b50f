//! What both a hook and a scan search: the staged change, and commits.

use super::context::Context;
use super::in_force;
use super::run::Run;
use crate::error::Error;
use crate::policy::FILE_NAME;
use crate::report::Scope;
use crate::scan::{scan_commits, scan_staged};
use crate::source::{CommitAdditions, ObjectId, Repository, Watch};

/// Scans the staged change. `heads` are about to be merged; their commits, or those of a merge
/// that stopped, are scanned too.
pub(super) fn staged(
    context: &Context<'_>,
    repository: &Repository,
    heads: &[ObjectId],
    watch: &Watch,
) -> Result<Run, Error> {
    let staged = repository.staged()?;
    let policy = in_force::of_staged(context, repository, &staged)?;
    let heads = if heads.is_empty() { repository.merge_heads()? } else { heads.to_vec() };
    let scanned = scan_staged(repository, &staged, &repository.merged(&heads)?, watch)?;
    Ok(Run::new(if heads.is_empty() { Scope::Staged } else { Scope::Merge }, scanned, policy))
}

/// Scans what `commits` add, by the policy at `tip`.
pub(super) fn of_commits(
    context: &Context<'_>,
    repository: &Repository,
    commits: &[CommitAdditions],
    tip: &str,
    watch: &Watch,
) -> Result<Run, Error> {
    let policy =
        in_force::load_or_above(
            context,
            Some(repository),
            || Ok(repository.committed_file(tip, FILE_NAME)?),
        )?;
    let scanned = scan_commits(repository, commits, watch)?;
    Ok(Run::new(Scope::Commits(commits.len()), scanned, policy))
}
