//! Which policy a run goes by.

use std::path::Path;

use crate::cli::Global;
use crate::error::Error;
use crate::policy::{FILE_NAME, Policy};
use crate::source::{SourceError, git_says, read_path, top_of_work_tree};

/// The policy of `--policy`, else the one that `repository` finds, else none.
pub(super) fn load(
    global: &Global,
    repository: impl FnOnce() -> Result<Option<Vec<u8>>, Error>,
) -> Result<Policy, Error> {
    let (name, content) = match &global.policy {
        Some(path) => (path.display().to_string(), read(path)?),
        None => (FILE_NAME.to_owned(), repository()?.unwrap_or_else(|| b"version = 1\n".to_vec())),
    };
    Ok(Policy::parse_bytes(&name, &content)?)
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path)
        .map_err(|error| Error::Source(SourceError::File { path: path.display().to_string(), error }))
}

/// The content of the policy file in the work tree around the current folder.
pub(super) fn in_work_tree() -> Result<Option<Vec<u8>>, Error> {
    let Ok(top) = top_of_work_tree() else { return Ok(None) };
    in_top(&top)
}

/// As [`in_work_tree`], of the one around `folder`.
pub(super) fn in_work_tree_of(folder: Option<&Path>) -> Result<Option<Vec<u8>>, Error> {
    let Some(folder) = folder else { return in_work_tree() };
    let top = git_says(Some(folder), &["rev-parse", "--show-toplevel"]);
    top.map_or(Ok(None), |top| in_top(&top))
}

fn in_top(top: &Path) -> Result<Option<Vec<u8>>, Error> {
    let path = top.join(FILE_NAME);
    if path.symlink_metadata().is_err() {
        return Ok(None);
    }
    Ok(read_path(&path)?)
}
