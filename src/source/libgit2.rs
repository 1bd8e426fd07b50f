//! libgit2 as a reader: fast on small repositories, no child process.

use std::collections::HashSet;
use std::path::PathBuf;

use git2::{Delta, DiffDelta, DiffFile, DiffOptions, ErrorCode, Oid};

use super::{Change, Entry, ObjectId, SourceError};

/// The flag of an index entry that stands for a file to be added later.
const INTENT_TO_ADD: u16 = 0x2000;

/// Why libgit2 did not answer.
pub(super) enum Refusal {
    /// It cannot read this: the plumbing may.
    Cannot(String),
    /// The answer is an error, and git would give the same.
    Final(SourceError),
}

impl From<git2::Error> for Refusal {
    fn from(error: git2::Error) -> Self {
        Self::Cannot(message(&error))
    }
}

/// What libgit2 said, in one line.
pub(super) fn message(error: &git2::Error) -> String {
    format!("{} ({:?}/{:?})", error.message(), error.code(), error.class())
}

/// Opens the repository that git's environment variables name, else the one
/// around the current folder.
pub(super) fn open() -> Result<git2::Repository, git2::Error> {
    // Both are about checking what this process did not write: the hash of each
    // object read, and a cache of objects that are read once.
    git2::opts::strict_hash_verification(false);
    git2::opts::enable_caching(false);
    git2::Repository::open_from_env()
}

/// The tree of HEAD; none on an unborn branch.
pub(super) fn head_tree(repository: &git2::Repository) -> Result<Option<git2::Tree<'_>>, git2::Error> {
    match repository.head() {
        Ok(head) => head.peel_to_tree().map(Some),
        Err(error) if error.code() == ErrorCode::UnbornBranch => Ok(None),
        Err(error) => Err(error),
    }
}

/// What differs between HEAD's tree and the index.
pub(super) fn staged(repository: &git2::Repository) -> Result<Vec<Change>, Refusal> {
    let tree = head_tree(repository)?;
    // Nothing is paired up: with type changes asked for, their ids are not told.
    let mut options = DiffOptions::new();
    options.skip_binary_check(true);
    let diff = repository.diff_tree_to_index(tree.as_ref(), None, Some(&mut options))?;
    let mut changes: Vec<Change> = diff.deltas().map(|delta| change(&delta)).collect::<Result<_, _>>()?;
    // So a change of type, as from a file to a link, comes in two parts.
    changes.dedup_by(|second, first| {
        let same = second.path == first.path;
        if same {
            (first.old, first.new) = (first.old.or(second.old), first.new.or(second.new));
        }
        same
    });
    // libgit2 lists a file that is only intended (`git add -N`) as an empty one;
    // it will not be in the commit.
    let intended: HashSet<Vec<u8>> = repository
        .index()?
        .iter()
        .filter(|entry| entry.flags_extended & INTENT_TO_ADD != 0)
        .map(|entry| entry.path)
        .collect();
    for change in changes.iter_mut().filter(|change| intended.contains(&change.path)) {
        change.new = None;
    }
    changes.retain(|change| change.old.is_some() || change.new.is_some());
    Ok(changes)
}

fn change(delta: &DiffDelta<'_>) -> Result<Change, Refusal> {
    let path =
        delta.new_file().path_bytes().or_else(|| delta.old_file().path_bytes()).unwrap_or_default().to_vec();
    let (old, new) = match delta.status() {
        Delta::Added => (None, Some(entry(&delta.new_file())?)),
        Delta::Deleted => (Some(entry(&delta.old_file())?), None),
        Delta::Modified => (Some(entry(&delta.old_file())?), Some(entry(&delta.new_file())?)),
        Delta::Conflicted => {
            return Err(Refusal::Final(SourceError::Unmerged(String::from_utf8_lossy(&path).into_owned())));
        }
        other => return Err(Refusal::Cannot(format!("unexpected status {other:?}"))),
    };
    Ok(Change { path, old, new })
}

fn entry(file: &DiffFile<'_>) -> Result<Entry, Refusal> {
    let id = ObjectId::from_bytes(file.id().as_bytes())
        .ok_or_else(|| Refusal::Cannot("unknown hash".to_owned()))?;
    Ok(Entry { id, mode: file.mode().into() })
}

/// The blob at `path` (one part, no folder) in HEAD's tree.
pub(super) fn head_entry(repository: &git2::Repository, path: &str) -> Result<Option<ObjectId>, git2::Error> {
    let tree = head_tree(repository)?;
    Ok(tree
        .and_then(|tree| tree.get_name(path).and_then(|entry| ObjectId::from_bytes(entry.id().as_bytes()))))
}

/// The blob `id`.
pub(super) fn read(repository: &git2::Repository, id: ObjectId) -> Result<git2::Blob<'_>, git2::Error> {
    repository.find_blob(Oid::from_bytes(id.as_bytes())?)
}

/// deflate makes at most this many bytes of one.
const LARGEST_RATIO: u64 = 1032;

/// Learns whether a blob is large, without inflating it.
pub(super) struct Sizes<'r> {
    odb: Option<git2::Odb<'r>>,
    /// Where the objects are that have a file of their own.
    folder: PathBuf,
}

impl<'r> Sizes<'r> {
    pub(super) fn of(repository: &'r git2::Repository) -> Self {
        let folder = std::env::var_os("GIT_OBJECT_DIRECTORY")
            .map_or_else(|| repository.commondir().join("objects"), PathBuf::from);
        Self { odb: repository.odb().ok(), folder }
    }

    /// Whether the object `id` has more than `largest` bytes; false where that
    /// cannot be told, as of an object that does not exist.
    pub(super) fn is_larger(&mut self, id: ObjectId, largest: u64) -> bool {
        // Nearly always the size of a file tells: libgit2 would open and inflate
        // it for its header, and again for its content.
        let name = id.to_string();
        let (first, rest) = name.split_at_checked(2).unwrap_or_default();
        let file = self.folder.join(first).join(rest).metadata();
        if file.is_ok_and(|file| file.len().saturating_mul(LARGEST_RATIO) <= largest) {
            return false;
        }
        let header = Oid::from_bytes(id.as_bytes()).ok().zip(self.odb.as_ref());
        header.and_then(|(id, odb)| odb.read_header(id).ok()).is_some_and(|(size, _)| size as u64 > largest)
    }
}
