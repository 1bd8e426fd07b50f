//! Rewrites a file through a new one beside it, so that it is complete at every moment.

use std::fs::{File, Metadata};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::source::SourceError;

/// The new content of a file. Dropping it removes it and leaves the file unchanged.
#[derive(Debug)]
pub struct Replacement {
    path: PathBuf,
    old: Metadata,
    new: NamedTempFile,
}

impl Replacement {
    /// Opens the file at `path` for reading, and a new one beside it for writing.
    ///
    /// # Errors
    ///
    /// If it cannot be read, is no file, is a link, or has another name: the content there
    /// would stay unchanged.
    pub fn of(path: &Path) -> Result<(File, Self), SourceError> {
        let failed = |error| SourceError::of_file(path, error);
        let old = path.symlink_metadata().map_err(failed)?;
        if old.is_symlink() {
            return Err(SourceError::link(path));
        }
        if !old.is_file() {
            return Err(failed(io::Error::other("it is no file")));
        }
        if names(&old) > 1 {
            return Err(SourceError::linked(path));
        }
        let file = File::open(path).map_err(failed)?;
        // Another user of the folder may have replaced it meanwhile.
        let opened = file.metadata().map_err(failed)?;
        if !is_same(&old, &opened) {
            return Err(SourceError::changed(path));
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let new = tempfile::Builder::new().prefix(".dtguard-").tempfile_in(folder).map_err(failed)?;
        Ok((file, Self { path: path.to_path_buf(), old, new }))
    }

    /// Gives it the file's name and mode, and its owner if this user may.
    ///
    /// # Errors
    ///
    /// If the file has changed since it was opened, or writing fails.
    pub fn put(self) -> Result<(), SourceError> {
        let Self { path, old, new } = self;
        let failed = |error| SourceError::of_file(&path, error);
        keep_owner(new.as_file(), &old);
        new.as_file().set_permissions(old.permissions()).map_err(failed)?;
        new.as_file().sync_all().map_err(failed)?;
        if !path.symlink_metadata().is_ok_and(|now| is_same(&old, &now)) {
            return Err(SourceError::changed(&path));
        }
        new.persist(&path).map(drop).map_err(|error| failed(error.error))
    }
}

impl Write for Replacement {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.new.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.new.flush()
    }
}

/// Whether the file is unchanged between these two.
fn is_same(before: &Metadata, after: &Metadata) -> bool {
    let same = |of: &Metadata| (of.file_type(), of.len(), of.modified().ok(), number(of));
    same(before) == same(after)
}

#[cfg(unix)]
fn number(file: &Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt as _;
    (file.dev(), file.ino())
}

#[cfg(not(unix))]
fn number(_: &Metadata) -> (u64, u64) {
    (0, 0)
}

#[cfg(unix)]
fn names(file: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::nlink(file)
}

#[cfg(not(unix))]
fn names(_: &Metadata) -> u64 {
    1
}

/// Only root can change a file's owner; an owner can give it to one of their groups.
#[cfg(unix)]
fn keep_owner(new: &File, old: &Metadata) {
    use std::os::unix::fs::{MetadataExt as _, fchown};
    if fchown(new, Some(old.uid()), Some(old.gid())).is_err() {
        let _the_users_own = fchown(new, None, Some(old.gid()));
    }
}

#[cfg(not(unix))]
fn keep_owner(_: &File, _: &Metadata) {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn names_in(folder: &Path) -> usize {
        fs::read_dir(folder).unwrap().count()
    }

    #[test]
    fn what_is_not_put_in_place_leaves_the_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        fs::write(&path, "old").unwrap();
        let (_, mut new) = Replacement::of(&path).unwrap();
        new.write_all(b"new").unwrap();
        drop(new);
        assert_eq!((fs::read(&path).unwrap(), names_in(folder.path())), (b"old".to_vec(), 1));
        let (_, mut new) = Replacement::of(&path).unwrap();
        new.write_all(b"new").unwrap();
        new.put().unwrap();
        assert_eq!((fs::read(&path).unwrap(), names_in(folder.path())), (b"new".to_vec(), 1));
    }

    #[test]
    fn lines_that_somebody_adds_meanwhile_are_not_lost() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        fs::write(&path, "old").unwrap();
        let (_, mut new) = Replacement::of(&path).unwrap();
        new.write_all(b"new").unwrap();
        fs::write(&path, "old and more").unwrap();
        assert!(new.put().unwrap_err().to_string().contains("changed"));
        assert_eq!((fs::read(&path).unwrap(), names_in(folder.path())), (b"old and more".to_vec(), 1));
    }
}
