//! Reads one file of the staged change or of a commit, by its path.

use crate::source::readers::Refusal;
use crate::source::{ObjectId, Repository, SourceError, Staged, TreeEntry};

impl Repository {
    /// The content of `path`, a file at the top, after the commit of what is `staged`; none if
    /// there is no such file.
    pub fn staged_file(&self, path: &str, staged: &Staged) -> Result<Option<Vec<u8>>, SourceError> {
        match staged.changes.iter().find(|change| change.path == path.as_bytes()) {
            Some(change) => self.content_of(path, change.new),
            // Then all of the index is new.
            None if staged.is_without_base() => Ok(None),
            None => self.head_file(path),
        }
    }

    /// The content of `path`, a file at the top, in HEAD; none if there is no such file or no
    /// commit yet.
    pub fn head_file(&self, path: &str) -> Result<Option<Vec<u8>>, SourceError> {
        let entry = match self.libgit2() {
            Ok(repository) => repository.head_entry(path),
            Err(message) => Err(Refusal::Cannot(message.clone())),
        };
        match entry {
            Ok(entry) => self.content_of(path, entry),
            Err(_) => self.committed_file("HEAD", path),
        }
    }

    /// The content of `path` in the commit `revision`; none if there is no such file or no such
    /// commit.
    pub fn committed_file(&self, revision: &str, path: &str) -> Result<Option<Vec<u8>>, SourceError> {
        let listed = self.plumbing().entry(revision, path);
        match listed {
            Ok(entry) => self.content_of(path, entry),
            // git ran, but did not know the commit or could not read it.
            Err(error @ SourceError::Git { exited: true, .. }) => match self.named(revision) {
                Ok(id) => Err(self.tree_behind(id).err().unwrap_or(error)),
                // There is no commit, as on an unborn branch, or git can read no reference.
                Err(_) => {
                    self.plumbing().run(&["for-each-ref", "--count=1"]).map_or(Err(error), |_| Ok(None))
                }
            },
            Err(error) => Err(error),
        }
    }

    /// Like [`Repository::committed_file`], for the commit `id`; usually without git.
    pub fn file_of_commit(&self, id: ObjectId, path: &str) -> Result<Option<Vec<u8>>, SourceError> {
        let entry = match self.libgit2() {
            Ok(repository) => repository.committed_entry(id, path),
            Err(message) => Err(Refusal::Cannot(message.clone())),
        };
        match entry {
            Ok(entry) => self.content_of(path, entry),
            Err(_) => self.committed_file(&id.to_string(), path),
        }
    }

    /// The content of `entry` at `path`. A link has none: a review would not show its target's
    /// content.
    fn content_of(&self, path: &str, entry: Option<TreeEntry>) -> Result<Option<Vec<u8>>, SourceError> {
        let Some(entry) = entry else { return Ok(None) };
        if entry.mode & 0o170_000 != 0o100_000 {
            return Err(SourceError::no_file(path));
        }
        self.blobs().read(entry.id, path.as_bytes()).map(|blob| Some(blob.to_vec()))
    }
}
