//! Files of the file system, named by a caller.

use std::fs;
use std::path::{Path, PathBuf};

use super::SourceError;
use super::environment::top_above;

/// The content of the file at `path`; of a symbolic link its target, which is
/// what git stores; none for a folder (a submodule) or a special file.
///
/// # Errors
///
/// [`SourceError::File`] if it does not exist or cannot be read.
pub fn read_path(path: &Path) -> Result<Option<Vec<u8>>, SourceError> {
    let failed = |error| SourceError::File { path: path.display().to_string(), error };
    let metadata = fs::symlink_metadata(path).map_err(failed)?;
    if metadata.is_symlink() {
        let target = fs::read_link(path).map_err(failed)?;
        Ok(Some(target.into_os_string().into_encoded_bytes()))
    } else if metadata.is_file() {
        fs::read(path).map(Some).map_err(failed)
    } else {
        Ok(None)
    }
}

/// The top of the work tree around the current folder.
///
/// # Errors
///
/// [`SourceError::NoWorkTree`] if there is none.
pub fn top_of_work_tree() -> Result<PathBuf, SourceError> {
    let here = std::env::current_dir().map_err(|error| SourceError::File { path: ".".to_owned(), error })?;
    top_above(&here).ok_or(SourceError::NoWorkTree(here))
}
