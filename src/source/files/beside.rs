//! Reads a file and the files beside it.

use crate::source::{ObjectId, Repository, SourceError};

/// How many files are read, and how much of each, in bytes.
const FILES: usize = 64;
const LONGEST: usize = 256 << 10;

/// The beginning of a file.
pub struct Beginning {
    /// Its path from the top, in git's bytes.
    pub path: Vec<u8>,
    /// Its first bytes.
    pub content: Vec<u8>,
}

impl Repository {
    /// The beginning of the file at `path`, then of those in its folder: in `commit`, or
    /// without one in an index.
    ///
    /// # Errors
    ///
    /// If the commit or the index cannot be read. Unreadable files are skipped.
    pub fn beside(&self, path: &[u8], commit: Option<ObjectId>) -> Result<Vec<Beginning>, SourceError> {
        let all: Vec<_> = match commit {
            Some(commit) => {
                let (_, files, _) = self.files_at(&commit.to_string())?;
                files.into_iter().map(|file| (file.path, file.new)).collect()
            }
            None => self.indexed().0,
        };
        let folder = |path: &[u8]| memchr::memrchr(b'/', path).map_or(0, |slash| slash + 1);
        let own = path.get(..folder(path)).unwrap_or_default();
        let near = all.into_iter().filter(|(other, _)| other.get(..folder(other)) == Some(own));
        let (it, others): (Vec<_>, Vec<_>) = near.partition(|(other, _)| other == path);
        let mut blobs = self.blobs();
        let read = it.into_iter().chain(others).take(FILES).filter_map(|(path, id)| {
            let content = blobs.open(id, &path).ok()?.whole()?;
            Some(Beginning { path, content: content.get(..LONGEST).unwrap_or(&content).to_vec() })
        });
        Ok(read.collect())
    }
}
