//! Files of the file system, named by a caller.

use std::fs;
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};

use super::SourceError;
use super::environment::{current_folder, top};

/// The content of the file at `path`; of a symbolic link its target, which is
/// what git stores; none for the folder of a submodule, which is a repository of
/// its own.
///
/// # Errors
///
/// [`SourceError::File`] if it does not exist, cannot be read or is another
/// folder or a special file.
pub fn read_path(path: &Path) -> Result<Option<Vec<u8>>, SourceError> {
    let failed = |error| SourceError::File { path: path.display().to_string(), error };
    let metadata = fs::symlink_metadata(path).map_err(failed)?;
    if metadata.is_symlink() {
        let target = fs::read_link(path).map_err(failed)?;
        Ok(Some(target.into_os_string().into_encoded_bytes()))
    } else if metadata.is_file() {
        fs::read(path).map(Some).map_err(failed)
    } else if path.join(".git").symlink_metadata().is_ok() {
        Ok(None)
    } else {
        Err(failed(Error::new(ErrorKind::InvalidInput, "it is neither a file nor a link")))
    }
}

/// The top of the work tree that git's environment names, else of the one around
/// the current folder.
///
/// # Errors
///
/// [`SourceError::NoWorkTree`] if there is none.
pub fn top_of_work_tree() -> Result<PathBuf, SourceError> {
    let here = current_folder()?;
    top(&here).ok_or(SourceError::NoWorkTree(here))
}
