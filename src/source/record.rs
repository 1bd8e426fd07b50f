//! Files in which dtguard remembers something about a repository, in its git folder.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Repository;

/// The folder, in the one that all work trees of a repository share.
const FOLDER: &str = "dtguard";
/// The prefix of an unfinished file.
const UNFINISHED: &str = "unfinished-";
/// A larger file is ignored: dtguard writes none.
const LARGEST: u64 = 32 << 20;

/// A file in which dtguard remembers something about a repository.
#[derive(Debug)]
pub struct Record {
    file: PathBuf,
}

impl Record {
    /// The record called `name`. None if the repository has no folder for it that can be named.
    pub fn of(repository: &Repository, name: &str) -> Option<Self> {
        repository.common_dir().map(|folder| Self { file: folder.join(FOLDER).join(name) })
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.file
    }

    /// Its text; empty if there is none that dtguard could have written.
    pub fn read(&self) -> String {
        let is_own = |data: fs::Metadata| data.is_file() && data.len() <= LARGEST;
        match fs::symlink_metadata(&self.file).is_ok_and(is_own) {
            true => fs::read_to_string(&self.file).unwrap_or_default(),
            false => String::new(),
        }
    }

    /// Replaces its text, completely or not at all.
    pub fn write(&self, text: &str) -> io::Result<()> {
        write(&self.file, text)
    }
}

/// Writes a file completely or not at all.
fn write(file: &Path, text: &str) -> io::Result<()> {
    let folder = file.parent().unwrap_or(file);
    let repository = folder.parent().unwrap_or(folder);
    fs::create_dir_all(folder)?;
    // The content may be private to this repository.
    if !folder.symlink_metadata()?.is_dir() {
        return Err(io::Error::other("it is no folder of this repository"));
    }
    give(folder, repository);
    remove_left_behind(folder);
    let mut temporary = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(folder)?;
    temporary.write_all(text.as_bytes())?;
    give(temporary.path(), repository);
    temporary.persist(file).map(drop).map_err(|failed| failed.error)
}

/// Gives `path` the owner and group of `repository`. Otherwise a run as root would keep all
/// later ones from writing.
#[cfg(unix)]
fn give(path: &Path, repository: &Path) {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
    let (Ok(own), Ok(data)) = (path.symlink_metadata(), repository.metadata()) else { return };
    if (own.uid(), own.gid()) != (data.uid(), data.gid()) {
        let _only_root_can = chown(path, Some(data.uid()), Some(data.gid()));
    }
    let mode = if own.is_dir() { data.mode() } else { data.mode() & 0o666 };
    let _only_for_this_user = fs::set_permissions(path, fs::Permissions::from_mode(mode));
}

#[cfg(not(unix))]
fn give(_path: &Path, _repository: &Path) {}

/// Removes the files of killed runs in `folder`. A run in progress writes its file within an hour.
fn remove_left_behind(folder: &Path) {
    let is_old = |entry: &fs::DirEntry| {
        let written = entry.metadata().and_then(|data| data.modified()).ok();
        written.and_then(|written| written.elapsed().ok()).is_some_and(|age| age > Duration::from_secs(3600))
    };
    let unfinished =
        |entry: &fs::DirEntry| entry.file_name().as_encoded_bytes().starts_with(UNFINISHED.as_bytes());
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if unfinished(&entry) && is_old(&entry) {
            let _others_will = fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_folder_elsewhere_to_which_a_repository_links_stays_as_it_is() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let (repository, elsewhere) = (folder.path().join("repository"), folder.path().join("elsewhere"));
        [&repository, &elsewhere].into_iter().for_each(|one| fs::create_dir(one).unwrap());
        fs::set_permissions(&elsewhere, fs::Permissions::from_mode(0o700)).unwrap();
        let file = fs::File::create(elsewhere.join("unfinished-mine")).unwrap();
        file.set_modified(std::time::SystemTime::now() - Duration::from_secs(7200)).unwrap();
        std::os::unix::fs::symlink(&elsewhere, repository.join("dtguard")).unwrap();
        assert!(write(&repository.join(FOLDER).join("searched"), "text").is_err());
        assert_eq!(fs::metadata(&elsewhere).unwrap().permissions().mode() & 0o777, 0o700);
        let names: Vec<_> = fs::read_dir(&elsewhere).unwrap().map(|one| one.unwrap().file_name()).collect();
        assert_eq!(names, ["unfinished-mine"]);
    }

    #[test]
    fn what_a_killed_run_left_behind_is_removed_and_what_one_under_way_writes_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let left = |name: &str, hours: u64| {
            let file = fs::File::create(folder.path().join(name)).unwrap();
            file.set_modified(std::time::SystemTime::now() - Duration::from_secs(hours * 3600)).unwrap();
        };
        left("unfinished-a", 2);
        left("unfinished-b", 0);
        left("other", 2);
        write(&folder.path().join("searched"), "text").unwrap();
        let names = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
        names.sort();
        assert_eq!(names, ["other", "searched", "unfinished-b"]);
    }
}
