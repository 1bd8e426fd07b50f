//! The staged change, as far as it can be read.

use std::collections::HashMap;

use super::trees::Unread;
use crate::source::{Base, Change, ObjectId, Preference, Repository, SourceError, TreeEntry};

/// What a commit would change.
#[derive(Debug, Default)]
pub struct Staged {
    /// The readable changes.
    pub changes: Vec<Change>,
    /// The unreadable parts: the index, or trees of the base.
    pub unread: Vec<Unread>,
}

impl Staged {
    /// Whether the base is unknown.
    pub fn is_without_base(&self) -> bool {
        self.unread.iter().any(|unread| unread.commit.is_some() && unread.path.is_empty())
    }
}

impl Repository {
    /// The differences between HEAD's tree and the index. Fails if there is no readable
    /// repository, or if the index has conflicts.
    pub fn staged(&self) -> Result<Staged, SourceError> {
        self.staged_against(Base::Head)
    }

    /// The differences between `base` and the index.
    pub(super) fn staged_against(&self, base: Base) -> Result<Staged, SourceError> {
        match self.staged_whole(base) {
            // git may accept half an index as a whole one.
            Ok(changes) => match self.libgit2().is_err().then(|| self.index_damage()).flatten() {
                Some(damage) => Ok(without_index(damage)),
                None => Ok(Staged { changes, unread: Vec::new() }),
            },
            Err(error @ SourceError::Damaged(_)) => Ok(without_index(error)),
            Err(error) if self.preference() == Preference::Libgit2 || !self.is_there() => Err(error),
            Err(error @ SourceError::Unreadable { .. }) => match self.plumbing().index() {
                Ok(index) => {
                    let staged = self.staged_readable(base, index);
                    // Fetching the missing objects keeps old content from counting as new.
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

    /// The differences between `index` and the readable part of `base`. Without an old version
    /// more counts as new.
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

    /// The files of the commit or tree behind `id`, each as a new one, and its unreadable
    /// parts.
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

/// An unknown staged change, since the index returned `error`.
fn without_index(error: SourceError) -> Staged {
    Staged { changes: Vec::new(), unread: vec![Unread { commit: None, path: Vec::new(), error }] }
}
