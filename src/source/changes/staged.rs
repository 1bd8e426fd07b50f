//! The staged change, as far as it can be read.

use std::collections::HashMap;

use super::trees::Unread;
use crate::source::{Base, Change, ObjectId, Preference, Repository, SourceError, TreeEntry};

/// What a commit would change.
#[derive(Debug, Default)]
pub struct Staged {
    /// What can be read of it.
    pub changes: Vec<Change>,
    /// What cannot: the index, or what it is compared with.
    pub unread: Vec<Unread>,
}

impl Staged {
    /// Whether nothing is known of what the index is compared with.
    pub fn is_without_base(&self) -> bool {
        self.unread.iter().any(|unread| unread.commit.is_some() && unread.path.is_empty())
    }
}

impl Repository {
    /// What differs between HEAD's tree and the index, that is, what a commit
    /// would change.
    /// Fails if there is no repository that can be read, or the index has conflicts.
    pub fn staged(&self) -> Result<Staged, SourceError> {
        self.staged_against(Base::Head)
    }

    /// What differs between `base` and the index.
    pub(super) fn staged_against(&self, base: Base) -> Result<Staged, SourceError> {
        match self.staged_whole(base) {
            // git may take half of the index for all.
            Ok(changes) => match self.libgit2().is_err().then(|| self.index_damage()).flatten() {
                Some(damage) => Ok(without_index(damage)),
                None => Ok(Staged { changes, unread: Vec::new() }),
            },
            Err(error @ SourceError::Damaged(_)) => Ok(without_index(error)),
            Err(error) if self.preference() == Preference::Libgit2 || !self.is_there() => Err(error),
            Err(error @ SourceError::Unreadable { .. }) => match self.plumbing().index() {
                Ok(index) => {
                    let staged = self.staged_readable(base, index);
                    // What a remote still has is fetched, and then nothing old counts as new.
                    let is_promised = staged.unread.iter().any(|unread| unread.error.is_promised());
                    if is_promised { Err(error) } else { Ok(staged) }
                }
                Err(SourceError::Git { message, exited: true, .. }) => {
                    Ok(without_index(SourceError::of_index(&message)))
                }
                Err(error) => Err(error),
            },
            Err(error) => Err(error),
        }
    }

    /// What of the entries `index` differs from what can be read of `base`: without an old
    /// version more counts as new.
    fn staged_readable(&self, base: Base, index: Vec<Change>) -> Staged {
        let commit = match base {
            Base::Head => self.named("HEAD").ok(),
            Base::Commit(commit) => Some(commit),
            Base::Nothing => None,
        };
        let (old, unread) = commit.map(|commit| self.files_behind(commit)).unwrap_or_default();
        let old: HashMap<Vec<u8>, Option<TreeEntry>> =
            old.into_iter().map(|old| (old.path, old.new)).collect();
        let changes = index.into_iter().filter_map(|staged| {
            let old = old.get(&staged.path).copied().flatten();
            (old != staged.new).then_some(Change { old, ..staged })
        });
        Staged { changes: changes.collect(), unread }
    }

    /// The files of the commit or tree that `id` leads to, each as a new one, and what of it
    /// cannot be read.
    pub(in crate::source) fn files_behind(&self, id: ObjectId) -> (Vec<Change>, Vec<Unread>) {
        let (files, unread) = match self.tree_behind(id) {
            Ok(Some(tree)) => self.files_in(tree),
            Ok(None) => (Vec::new(), Vec::new()),
            Err(error) => (Vec::new(), vec![(Vec::new(), error)]),
        };
        let unread = unread.into_iter().map(|(path, error)| Unread { commit: Some(id), path, error });
        (files, unread.collect())
    }
}

/// Nobody knows what is staged, since the index gave `error`.
fn without_index(error: SourceError) -> Staged {
    Staged { changes: Vec::new(), unread: vec![Unread { commit: None, path: Vec::new(), error }] }
}
