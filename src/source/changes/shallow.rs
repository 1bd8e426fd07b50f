//! The boundary of a shallow clone: git lists no commit behind it and reports no error.

use std::collections::HashMap;

use crate::source::readers::Plumbing;
use crate::source::{Lineage, ObjectId, SourceError};
use crate::text::lines;

/// Restores the parents of the boundary commits among `commits`, which git lists without
/// parents. `range` are the arguments that listed the commits, `left_out` those of them
/// that exclude commits.
/// Fails with [`SourceError::shallow`] if commits of the range may be missing: unless all
/// restored parents are excluded, that cannot be known here.
pub fn restore_parents(
    git: &Plumbing,
    commits: &mut [Lineage],
    range: &[&str],
    left_out: &[&str],
) -> Result<(), SourceError> {
    if commits.iter().all(|(_, parents)| !parents.is_empty()) {
        return Ok(());
    }
    // The only format that shows parents as the commit itself names them.
    let raw = git.run(&[&["rev-list", "--max-parents=0", "--pretty=raw"], range].concat())?;
    let mut real = real_parents(&raw)?;
    let parents: Vec<String> = real.values().flatten().map(ObjectId::to_string).collect();
    if parents.is_empty() {
        return Ok(());
    }
    let parents: Vec<&str> = parents.iter().map(String::as_str).collect();
    match git.run(&[&["rev-list", "--max-count=1"], parents.as_slice(), left_out].concat()) {
        Ok(behind) if behind.is_empty() => {}
        // It is here and in the range, or not here at all.
        Ok(_) | Err(SourceError::Git { exited: true, .. }) => return Err(SourceError::shallow()),
        Err(error) => return Err(error),
    }
    for (commit, parents) in commits {
        if let Some(real) = real.remove(commit) {
            *parents = real;
        }
    }
    Ok(())
}

/// Reads what `git rev-list --pretty=raw` printed; messages are indented in it.
fn real_parents(raw: &[u8]) -> Result<HashMap<ObjectId, Vec<ObjectId>>, SourceError> {
    let unexpected = || SourceError::unexpected("rev-list");
    let mut real = HashMap::new();
    let mut last = None;
    for line in lines(raw) {
        if let Some(id) = line.strip_prefix(b"commit ") {
            last = Some(ObjectId::from_hex(id).ok_or_else(unexpected)?);
        } else if let Some(id) = line.strip_prefix(b"parent ") {
            let parent = ObjectId::from_hex(id).ok_or_else(unexpected)?;
            real.entry(last.ok_or_else(unexpected)?).or_insert_with(Vec::new).push(parent);
        }
    }
    Ok(real)
}
