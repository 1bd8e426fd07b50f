//! One file of the staged change or of a commit, found by its path.

use crate::source::readers::Refusal;
use crate::source::{Change, ObjectId, Repository, SourceError};

impl Repository {
    /// The content of `path`, a file at the top, as it will be after the commit
    /// whose `changes` are staged; none if there is no such file.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    pub fn staged_file(&self, path: &str, changes: &[Change]) -> Result<Option<Vec<u8>>, SourceError> {
        let id = match changes.iter().find(|change| change.path == path.as_bytes()) {
            Some(change) => change.new.map(|new| new.id),
            None => return self.head_file(path),
        };
        id.map(|id| self.blobs().read(id, path.as_bytes()).map(|blob| blob.to_vec())).transpose()
    }

    /// The content of `path`, a file at the top, in HEAD; none if there is no such
    /// file or no commit yet.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    pub fn head_file(&self, path: &str) -> Result<Option<Vec<u8>>, SourceError> {
        let entry = match self.libgit2() {
            Ok(repository) => repository.head_entry(path),
            Err(message) => Err(Refusal::Cannot(message.clone())),
        };
        match entry {
            Ok(id) => {
                id.map(|id| self.blobs().read(id, path.as_bytes()).map(|blob| blob.to_vec())).transpose()
            }
            Err(_) => self.committed_file("HEAD", path),
        }
    }

    /// The content of `path` in the commit that `revision` means; none if there
    /// is no such file or no such commit.
    ///
    /// # Errors
    ///
    /// If git cannot be asked, or the file is there and its content is not.
    pub fn committed_file(&self, revision: &str, path: &str) -> Result<Option<Vec<u8>>, SourceError> {
        let name = format!("{revision}:{path}");
        if let Some(content) = self.plumbing().objects()?.read(&name)? {
            return Ok(Some(content));
        }
        // git says "missing" both where there is no such file and where a
        // partial clone does not have its content.
        let Ok(id) = self.plumbing().run(&["rev-parse", "--quiet", "--verify", "--end-of-options", &name])
        else {
            return Ok(None);
        };
        let unexpected = || SourceError::Format { command: "rev-parse".to_owned() };
        let id = ObjectId::from_hex(id.trim_ascii()).ok_or_else(unexpected)?;
        self.blobs().read(id, path.as_bytes()).map(|blob| Some(blob.to_vec()))
    }

    /// As [`Repository::committed_file`], in the commit `id`, and mostly without
    /// asking git.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn file_of_commit(&self, id: ObjectId, path: &str) -> Result<Option<Vec<u8>>, SourceError> {
        let entry = match self.libgit2() {
            Ok(repository) => repository.committed_entry(id, path),
            Err(message) => Err(Refusal::Cannot(message.clone())),
        };
        match entry {
            Ok(None) => Ok(None),
            Ok(Some(blob)) => self.blobs().read(blob, path.as_bytes()).map(|blob| Some(blob.to_vec())),
            Err(_) => self.committed_file(&id.to_string(), path),
        }
    }
}
