//! Creates private files outside every repository.

use std::path::Path;

use tempfile::NamedTempFile;

use super::named::top_of_work_tree;
use crate::source::SourceError;

/// A new file at `path` that only this user can read, where the system has modes. Dropping it
/// removes it unless it is kept.
///
/// # Errors
///
/// If anything exists at `path`, even a link or a terminal, or if its folder is in a work tree
/// or a repository, where git may add the file.
pub fn private_file(path: &Path) -> Result<NamedTempFile, SourceError> {
    let failed = |error| SourceError::of_file(path, error);
    let Some(name) = path.file_name().filter(|_| path.as_os_str() != "-") else {
        return Err(SourceError::not_private(path, "it is no new file"));
    };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = folder.canonicalize().map_err(failed)?;
    if is_of_repository(&folder) {
        return Err(SourceError::not_private(path, "it would be in a repository, where git may pick it up"));
    }
    if folder.join(name).symlink_metadata().is_ok() {
        return Err(SourceError::not_private(path, "it is there already, and others may read it"));
    }
    tempfile::Builder::new().prefix(name).rand_bytes(0).tempfile_in(&folder).map_err(failed)
}

/// Whether `folder` is in a work tree or a repository, or may be.
fn is_of_repository(folder: &Path) -> bool {
    let is_in_own = || {
        top_of_work_tree()
            .and_then(|top| top.canonicalize().map_err(|error| SourceError::of_file(&top, error)))
    };
    folder.ancestors().any(|outer| outer.join(".git").symlink_metadata().is_ok())
        || !git2::Repository::discover(folder).is_err_and(|error| error.code() == git2::ErrorCode::NotFound)
        // Its git folder may be elsewhere.
        || is_in_own().is_ok_and(|top| folder.starts_with(top))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_file_with_secrets_is_made_in_no_repository_and_over_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let here = folder.path();
        git2::Repository::init(here.join("tree")).unwrap();
        git2::Repository::init_bare(here.join("bare")).unwrap();
        fs::create_dir(here.join("tree/inner")).unwrap();
        fs::write(here.join("there"), "").unwrap();
        for path in [
            "tree/x",
            "tree/inner/x",
            "tree/.git/x",
            "tree/.git/refs/x",
            "bare/x",
            "bare/refs/x",
            "there",
            "no/x",
        ] {
            assert!(private_file(&here.join(path)).is_err(), "{path}");
        }
        assert!(private_file(Path::new("-")).is_err());
        let file = private_file(&here.join("new")).unwrap();
        assert!(here.join("new").is_file());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(file.as_file().metadata().unwrap().permissions().mode() & 0o777, 0o600);
            std::os::unix::fs::symlink("elsewhere", here.join("link")).unwrap();
            assert!(private_file(&here.join("link")).is_err());
        }
        drop(file);
        assert!(!here.join("new").exists());
    }
}
