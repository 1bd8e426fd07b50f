//! Lists of commits with their parents, from git.

use crate::source::{Lineage, ObjectId, Repository, SourceError};
use crate::text::lines;

/// The commits that `tips` reach and `left_out` do not. Unknown ids are ignored.
pub fn rev_list(
    repository: &Repository,
    options: &[&str],
    tips: &[ObjectId],
    left_out: &[ObjectId],
) -> Result<Vec<Lineage>, SourceError> {
    let left_out = left_out.iter().map(|id| format!("^{id}\n"));
    let input: String = tips.iter().map(|id| format!("{id}\n")).chain(left_out).collect();
    let arguments = [&["rev-list", "--parents", "--ignore-missing", "--stdin"], options].concat();
    listed(&repository.plumbing().run_with(&arguments, input.into_bytes())?)
}

/// Parses the output of `git rev-list --parents`.
pub fn listed(list: &[u8]) -> Result<Vec<Lineage>, SourceError> {
    let unexpected = || SourceError::unexpected("rev-list");
    lines(list)
        .map(|line| {
            let mut ids = line.split(|byte| *byte == b' ').map(ObjectId::from_hex);
            let commit = ids.next().flatten().ok_or_else(unexpected)?;
            Ok((commit, ids.collect::<Option<_>>().ok_or_else(unexpected)?))
        })
        .collect()
}
