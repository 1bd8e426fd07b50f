//! Lists the files of a work tree or a commit.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::source::paths::path_from_bytes;
use crate::source::readers::{git_says, index_damage, index_entries};
use crate::source::repository::length_of_id;
use crate::source::{Addition, ObjectId, Repository, SourceError, TreeEntry, Unread};

/// A listed file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Where it is.
    pub file: PathBuf,
    /// Its path from the top of the repository, in git's bytes, if it is tracked.
    pub path: Option<Vec<u8>>,
    /// Its blob in the index, which is scanned if the file is missing, as in a sparse checkout.
    pub staged: Option<ObjectId>,
}

/// Which untracked files are included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Others {
    /// Files that no ignore rule matches.
    pub untracked: bool,
    /// Ignored files.
    pub ignored: bool,
}

impl Others {
    /// The options of `git ls-files` for them.
    fn options(self) -> Option<&'static [&'static str]> {
        match (self.untracked, self.ignored) {
            (false, false) => None,
            (true, false) => Some(&["--others", "--exclude-standard"]),
            (false, true) => Some(&["--others", "--ignored", "--exclude-standard"]),
            (true, true) => Some(&["--others"]),
        }
    }
}

/// A list of files.
#[derive(Debug, Default)]
pub struct Listing {
    /// Each once.
    pub files: Vec<Listed>,
    /// Excluded folders: submodules and other repositories.
    pub repositories: Vec<PathBuf>,
    /// Unreadable folders.
    pub unread: Vec<SourceError>,
}

impl Listing {
    /// Adds the content of `other`.
    pub fn add(&mut self, other: Self) {
        self.files.extend(other.files);
        self.repositories.extend(other.repositories);
        self.unread.extend(other.unread);
    }
}

impl Repository {
    /// Whether the repository has no work tree.
    pub fn is_bare(&self) -> Result<bool, SourceError> {
        let bare = self.plumbing().run(&["rev-parse", "--is-inside-work-tree"])?;
        Ok(bare.trim_ascii() != b"true")
    }

    /// The tracked files below `folder` in the work tree `top`, and `others`.
    pub fn list_files(&self, top: &Path, folder: &Path, others: Others) -> Result<Listing, SourceError> {
        let mut listing = Listing::default();
        let mut known = HashSet::new();
        // Runs git in the folder, because arguments appear in the list of processes. A path
        // that is no folder can only be tracked.
        let within = if folder.is_dir() { folder } else { top };
        let git_dir = self.git_dir().unwrap_or_default();
        let here = |options: &[&str]| {
            let arguments = [&["ls-files", "-z", "--full-name"], options].concat();
            self.plumbing().run_within(within, &git_dir, top, &arguments)
        };
        let name = folder.strip_prefix(top).unwrap_or(folder).to_path_buf();
        let is_below = |path: &[u8]| {
            name.as_os_str().is_empty()
                || path_from_bytes(path.to_vec()).is_some_and(|path| path.starts_with(&name))
        };
        let unexpected = || SourceError::unexpected("ls-files");
        let tracked = match (here(&["--cached", "--stage"]), self.index_damage()) {
            (Err(SourceError::Git { message, exited: true, .. }), None) if self.is_there() => {
                return Ok(self.files_of_head(folder, top, SourceError::of_index(&message)));
            }
            (_, Some(damage)) => return Ok(self.files_of_head(folder, top, damage)),
            (tracked, None) => tracked?,
        };
        for (path, entry) in tracked_files(&tracked)?.into_iter().filter(|(path, _)| is_below(path)) {
            let file = top.join(path_from_bytes(path.clone()).ok_or_else(unexpected)?);
            if entry.is_submodule() {
                listing.repositories.push(file);
            } else if known.insert(path.clone()) {
                listing.files.push(Listed { file, path: Some(path), staged: Some(entry.id) });
            }
        }
        let Some(options) = others.options() else { return Ok(listing) };
        for path in here(options)?.split(|byte| *byte == 0).filter(|path| !path.is_empty()) {
            let file = top.join(path_from_bytes(path.to_vec()).ok_or_else(unexpected)?);
            if path.ends_with(b"/") {
                listing.repositories.push(file);
            } else if known.insert(path.to_vec()) {
                listing.files.push(Listed { file, path: Some(path.to_vec()), staged: None });
            }
        }
        Ok(listing)
    }

    /// HEAD's files below `folder`: what is known to be tracked without the index, which
    /// returned `error`.
    fn files_of_head(&self, folder: &Path, top: &Path, error: SourceError) -> Listing {
        let (files, unread) = self.named("HEAD").map(|head| self.files_of(head)).unwrap_or_default();
        let mut listing = Listing { unread: vec![error], ..Listing::default() };
        listing.unread.extend(unread.into_iter().map(|unread| unread.error));
        for (path, id) in files {
            let Some(file) = path_from_bytes(path.clone()).map(|path| top.join(path)) else { continue };
            if file.starts_with(folder) {
                listing.files.push(Listed { file, path: Some(path), staged: Some(id) });
            }
        }
        listing
    }

    /// The files of the commit or tree `revision`, each as a new one, and its unreadable
    /// folders.
    pub fn files_at(&self, revision: &str) -> Result<(ObjectId, Vec<Addition>, Vec<Unread>), SourceError> {
        let unknown = |error| self.unknown(revision, error);
        let named = self.named(revision).map_err(unknown)?;
        let (id, tree) = match self.named(&format!("{revision}^{{tree}}")) {
            Ok(tree) => (self.named(&format!("{revision}^{{}}")).map_err(unknown)?, tree),
            // It exists and leads to something unreadable, or it is neither commit nor tree.
            Err(error) if self.blobs().any(named).is_err_and(|error| error.is_of_missing()) => {
                return Err(unknown(error));
            }
            Err(error) => match self.tree_behind(named) {
                Ok(_) => return Err(unknown(error)),
                Err(_) => (named, named),
            },
        };
        let (files, unread) = self.files_of(tree);
        let unread = unread.into_iter().map(|unread| Unread { commit: Some(id), ..unread });
        let added = files.into_iter().map(|(path, new)| Addition { path, new, size: None, old: Vec::new() });
        Ok((id, added.collect(), unread.collect()))
    }
}

/// The tracked files of the submodule in `folder`. Findings name them from `top`, the top of
/// the outer work tree, a path without links. An unreadable index is in the result. None if the
/// submodule is not checked out.
pub fn list_submodule(folder: &Path, top: &Path) -> Result<Option<Listing>, SourceError> {
    // A link in its place could lead anywhere.
    let is_inside = folder.canonicalize().is_ok_and(|real| real.starts_with(top));
    if !is_inside || !folder.join(".git").exists() {
        return Ok(None);
    }
    let arguments = ["-c", "core.fsmonitor=false", "ls-files", "-z", "--stage"];
    let unread = |error: SourceError| {
        let error = SourceError::of_file(folder, std::io::Error::other(error.to_string()));
        Ok(Some(Listing { unread: vec![error], ..Listing::default() }))
    };
    let list = match git_says(Some(folder), &arguments) {
        Ok(list) => list.into_os_string().into_encoded_bytes(),
        Err(error @ SourceError::Git { exited: true, .. }) => return unread(error),
        Err(error) => return Err(error),
    };
    let index = folder.join(git_says(Some(folder), &["rev-parse", "--git-path", "index"])?);
    let format = git_says(Some(folder), &["rev-parse", "--show-object-format"])?;
    let id_length = length_of_id(format.as_os_str().as_encoded_bytes());
    if let Some(damage) = index_damage(&index, id_length) {
        return unread(damage);
    }
    let name = folder.strip_prefix(top).unwrap_or(folder).as_os_str().as_encoded_bytes();
    let mut listing = Listing::default();
    for (path, entry) in tracked_files(&list)? {
        let unexpected = || SourceError::unexpected("ls-files");
        let file = folder.join(path_from_bytes(path.clone()).ok_or_else(unexpected)?);
        if entry.is_submodule() {
            listing.repositories.push(file);
        } else {
            let path = [name, b"/", &path[..]].concat();
            listing.files.push(Listed { file, path: Some(path), staged: None });
        }
    }
    Ok(Some(listing))
}

/// Parses the output of `git ls-files --stage -z`.
fn tracked_files(list: &[u8]) -> Result<Vec<(Vec<u8>, TreeEntry)>, SourceError> {
    let entries = index_entries(list)?.into_iter();
    Ok(entries.filter_map(|(_, entry)| Some((entry.path, entry.new?))).collect())
}

/// All files below `folder` in order, without git's own folders. Does not follow links.
pub fn list_folder(folder: &Path) -> Listing {
    let mut listing = Listing::default();
    // What is still to be listed, the first last, and whether it is a folder.
    let mut left = vec![(folder.to_path_buf(), true)];
    while let Some((path, is_folder)) = left.pop() {
        if !is_folder {
            listing.files.push(Listed { file: path, path: None, staged: None });
            continue;
        }
        let listed = fs::read_dir(&path).and_then(|list| {
            list.map(|entry| entry.and_then(|entry| Ok((entry.file_type()?, entry)))).collect()
        });
        let mut entries: Vec<(fs::FileType, fs::DirEntry)> = match listed {
            Ok(entries) => entries,
            Err(error) => {
                listing.unread.push(SourceError::of_file(&path, error));
                continue;
            }
        };
        entries.sort_by_cached_key(|(_, entry)| std::cmp::Reverse(entry.file_name()));
        let is_wanted = |(kind, entry): &(fs::FileType, fs::DirEntry)| {
            kind.is_file() || kind.is_symlink() || kind.is_dir() && entry.file_name() != ".git"
        };
        let wanted = entries.into_iter().filter(is_wanted);
        left.extend(wanted.map(|(kind, entry)| (entry.path(), kind.is_dir())));
    }
    listing
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_a_folder_are_listed_in_the_order_of_their_paths_and_gits_own_left_out() {
        let top = tempfile::tempdir().unwrap();
        let mut wanted: Vec<_> =
            ["a", "a-b/x", "a.d/z/1", "a.d/z-1", "b/.git/x", "b/c/d", "b.x", ".git/y", "é"]
                .map(|name| top.path().join(name))
                .to_vec();
        for file in &wanted {
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, "").unwrap();
        }
        wanted.retain(|file| !file.components().any(|part| part.as_os_str() == ".git"));
        wanted.sort();
        let listed: Vec<_> = list_folder(top.path()).files.into_iter().map(|listed| listed.file).collect();
        assert_eq!(listed, wanted);
    }
}
