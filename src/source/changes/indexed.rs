//! The content of the indexes of all work trees; git counts it as reachable.

use crate::source::readers::index_damage;
use crate::source::{ObjectId, Repository, SourceError};

impl Repository {
    /// The paths and blobs in the index of each work tree, and the unreadable indexes.
    pub fn indexed(&self) -> (Vec<(Vec<u8>, ObjectId)>, Vec<SourceError>) {
        let mut files = Vec::new();
        let mut unread = Vec::new();
        let common = self.common_dir().unwrap_or_default();
        let others = std::fs::read_dir(common.join("worktrees")).into_iter().flatten().flatten();
        let folders = std::iter::once(common).chain(others.map(|entry| entry.path()));
        for folder in folders.filter(|folder| folder.join("index").exists()) {
            let damage = self.id_length().ok().and_then(|length| index_damage(&folder.join("index"), length));
            match damage.map_or_else(|| self.plumbing().index_of(&folder), Err) {
                Ok(list) => files.extend(list.into_iter().filter_map(|staged| {
                    let new = staged.new.filter(|new| !new.is_submodule() && !is_empty(new.id))?;
                    Some((staged.path, new.id))
                })),
                Err(error) => unread.push(SourceError::of_file(
                    folder.join("index"),
                    std::io::Error::other(error.to_string()),
                )),
            }
        }
        files.sort();
        files.dedup();
        (files, unread)
    }
}

/// Whether `id` is the empty blob, which git knows without storing it. `git add -N` puts it
/// into the index.
fn is_empty(id: ObjectId) -> bool {
    const SHA1: &str = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391";
    const SHA256: &str = "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813";
    [SHA1, SHA256].contains(&id.to_string().as_str())
}
