//! The files of the work tree and of a commit.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use crate::source::paths::path_from_bytes;
use crate::source::{Addition, ObjectId, Repository, SourceError};

/// A file to scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Where it lies.
    pub file: PathBuf,
    /// Its path from the top of the repository, in git's bytes, if it is tracked.
    pub path: Option<Vec<u8>>,
    /// Its blob in the index, to be scanned where the file is missing, as in a sparse
    /// checkout.
    pub staged: Option<ObjectId>,
}

/// Which untracked files are listed too.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Others {
    /// Those that no ignore rule names.
    pub untracked: bool,
    /// Those that one names.
    pub ignored: bool,
}

/// A list of files.
#[derive(Debug, Default)]
pub struct Listing {
    /// Each once.
    pub files: Vec<Listed>,
    /// How many folders are submodules or other repositories of their own, and were
    /// left out.
    pub repositories: usize,
}

impl Listing {
    /// Adds what is in `other`.
    pub fn add(&mut self, other: Self) {
        self.files.extend(other.files);
        self.repositories += other.repositories;
    }
}

impl Repository {
    /// Whether it has no work tree.
    ///
    /// # Errors
    ///
    /// If git cannot be asked.
    pub fn is_bare(&self) -> Result<bool, SourceError> {
        let bare = self.plumbing().run(&["rev-parse", "--is-inside-work-tree"])?;
        Ok(bare.trim_ascii() != b"true")
    }

    /// The files below `folder`, a folder in the work tree whose top is `top`: those that
    /// are tracked, and `others`.
    ///
    /// # Errors
    ///
    /// If git cannot list them.
    pub fn list_files(&self, top: &Path, folder: &Path, others: Others) -> Result<Listing, SourceError> {
        let mut listing = Listing::default();
        let mut known = HashSet::new();
        let here = |options: &[&str]| {
            let options = ["ls-files", "-z", "--full-name"].iter().chain(options).map(OsString::from);
            let mut only = OsString::from(":(top,literal)");
            only.push(folder.strip_prefix(top).unwrap_or(folder));
            self.plumbing().run(&options.chain(["--".into(), only]).collect::<Vec<_>>())
        };
        let unexpected = || SourceError::Format { command: "ls-files".to_owned() };
        for line in here(&["--cached", "--stage"])?.split(|byte| *byte == 0).filter(|line| !line.is_empty()) {
            let (meta, path) =
                memchr::memchr(b'\t', line).map(|tab| line.split_at(tab)).ok_or_else(unexpected)?;
            let path = path.get(1..).unwrap_or_default();
            if meta.starts_with(b"160000") {
                listing.repositories += 1;
            } else if known.insert(path.to_vec()) {
                let staged = meta.split(|byte| *byte == b' ').nth(1).and_then(ObjectId::from_hex);
                let file = top.join(path_from_bytes(path.to_vec()).ok_or_else(unexpected)?);
                listing.files.push(Listed { file, path: Some(path.to_vec()), staged });
            }
        }
        let wanted: &[&[&str]] = match (others.untracked, others.ignored) {
            (false, false) => &[],
            (true, false) => &[&["--others", "--exclude-standard"]],
            (false, true) => &[&["--others", "--ignored", "--exclude-standard"]],
            (true, true) => &[&["--others"]],
        };
        for options in wanted {
            for path in here(options)?.split(|byte| *byte == 0).filter(|path| !path.is_empty()) {
                if path.ends_with(b"/") {
                    listing.repositories += 1;
                } else if known.insert(path.to_vec()) {
                    let file = top.join(path_from_bytes(path.to_vec()).ok_or_else(unexpected)?);
                    listing.files.push(Listed { file, path: Some(path.to_vec()), staged: None });
                }
            }
        }
        Ok(listing)
    }

    /// The files of the commit or tree that `revision` means, each as if it were new.
    ///
    /// # Errors
    ///
    /// [`SourceError::NoRevision`] if there is no such thing.
    pub fn files_at(&self, revision: &str) -> Result<(ObjectId, Vec<Addition>), SourceError> {
        let id = |name: &str| {
            let found = self.plumbing().run(&["rev-parse", "--verify", "--quiet", "--end-of-options", name]);
            let id = found.map_err(|error| self.unknown(revision, error))?;
            ObjectId::from_hex(id.trim_ascii())
                .ok_or_else(|| SourceError::Format { command: "rev-parse".to_owned() })
        };
        let tree = id(&format!("{revision}^{{tree}}"))?;
        let files = self.files_of(tree)?;
        let added = files.into_iter().map(|(path, new)| Addition { path, new, size: None, old: Vec::new() });
        Ok((id(&format!("{revision}^{{}}"))?, added.collect()))
    }
}

/// All files below `folder`, without git's own folders. Links are not followed.
///
/// # Errors
///
/// [`SourceError::File`] if a folder cannot be read.
pub fn list_folder(folder: &Path) -> Result<Listing, SourceError> {
    let mut listing = Listing::default();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let failed = |error| SourceError::of_file(&folder, error);
        let mut entries =
            fs::read_dir(&folder).map_err(failed)?.collect::<Result<Vec<_>, _>>().map_err(failed)?;
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.file_name()));
        for entry in entries {
            let kind = entry.file_type().map_err(failed)?;
            if kind.is_dir() && entry.file_name() != ".git" {
                folders.push(entry.path());
            } else if kind.is_file() || kind.is_symlink() {
                listing.files.push(Listed { file: entry.path(), path: None, staged: None });
            }
        }
    }
    listing.files.sort_by(|one, other| one.file.cmp(&other.file));
    Ok(listing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Preference;
    use crate::source::testing::{git, open, write};

    #[test]
    fn each_submodule_and_each_repository_within_is_counted_as_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path();
        git(top, &["init", "--quiet"], b"");
        git(top, &["config", "core.worktree", top.to_str().unwrap()], b"");
        let id = write(top, b"text");
        for (mode, path) in [("100644", "f"), ("160000", "s1"), ("160000", "s2"), ("160000", "s3")] {
            git(top, &["update-index", "--add", "--cacheinfo", &format!("{mode},{id},{path}")], b"");
        }
        for name in ["r1", "r2", "r3"] {
            fs::create_dir(top.join(name)).unwrap();
            git(&top.join(name), &["init", "--quiet"], b"");
            git(&top.join(name), &["commit", "--quiet", "--allow-empty", "-m", "m"], b"");
        }
        let repository = open(top, Preference::Fastest);
        let list = |untracked| {
            repository
                .list_files(top, top, Others { untracked, ignored: false })
                .map(|list| (list.files.len(), list.repositories))
        };
        assert_eq!(list(false).unwrap(), (1, 3));
        assert_eq!(list(true).unwrap(), (1, 6));

        let mut all = Listing { files: Vec::new(), repositories: 3 };
        all.add(Listing { files: Vec::new(), repositories: 2 });
        assert_eq!(all.repositories, 5);
    }
}
