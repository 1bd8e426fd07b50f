//! Differences between two trees, and the new content among them.

use std::collections::HashMap;

use super::ObjectId;

/// One side of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TreeEntry {
    /// The blob.
    pub id: ObjectId,
    /// git's mode: `0o100644`, `0o100755`, `0o120000` (link), `0o160000`
    /// (submodule).
    pub mode: u32,
}

impl TreeEntry {
    fn is_link(self) -> bool {
        self.mode == 0o120_000
    }

    pub(super) fn is_submodule(self) -> bool {
        self.mode == 0o160_000
    }
}

/// A path whose entry differs between the old tree and the new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The path from the top, in the bytes that git stores, `/` between parts.
    pub path: Vec<u8>,
    /// The old entry; none if the path is new.
    pub old: Option<TreeEntry>,
    /// The new entry; none if the path was deleted.
    pub new: Option<TreeEntry>,
    /// The new file's size, as the index records it. It is a guess: a filter may change what is
    /// stored, and not every tool writes it.
    pub size: Option<u32>,
}

/// The base that the index is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base {
    /// HEAD; nothing on an unborn branch.
    Head,
    /// This commit.
    Commit(ObjectId),
    /// No file at all.
    Nothing,
}

/// A commit with its parents.
pub type Lineage = (ObjectId, Vec<ObjectId>);

/// A commit with its differences to one of its parents.
pub type Block = (ObjectId, Vec<Change>);

/// The paths that are new.
pub fn new_paths(changes: &[Change]) -> impl Iterator<Item = &[u8]> {
    changes
        .iter()
        .filter(|change| change.old.is_none() && change.new.is_some())
        .map(|change| change.path.as_slice())
}

/// A blob with content that is new at its path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addition {
    /// As in [`Change`].
    pub path: Vec<u8>,
    /// The blob to scan.
    pub new: ObjectId,
    /// As in [`Change`].
    pub size: Option<u32>,
    /// The old blobs at this path: one for a changed file, one for each parent in a merge, none
    /// for a new file.
    pub old: Vec<ObjectId>,
}

/// The changes that can add content: all but deletions, moved submodule pointers, mode changes
/// and exact renames.
///
/// As in git, a file at a new path is an exact rename if a deleted file with the same content
/// is left to pair it with. A second copy of that content is an addition, and so is a link in
/// place of a file.
pub fn additions(changes: &[Change]) -> Vec<Addition> {
    // Links are counted apart from files.
    let mut deleted: HashMap<(ObjectId, bool), usize> = HashMap::new();
    for change in changes {
        if let (Some(old), None) = (change.old, change.new) {
            *deleted.entry((old.id, old.is_link())).or_default() += 1;
        }
    }
    changes
        .iter()
        .filter_map(|change| {
            let new = change.new.filter(|new| !new.is_submodule())?;
            let old = change.old.filter(|old| !old.is_submodule());
            if old.is_some_and(|old| old.id == new.id) {
                return None;
            }
            if change.old.is_none()
                && let Some(left) = deleted.get_mut(&(new.id, new.is_link())).filter(|left| **left > 0)
            {
                *left -= 1;
                return None;
            }
            Some(Addition {
                path: change.path.clone(),
                new: new.id,
                size: change.size,
                old: old.map(|old| old.id).into_iter().collect(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(digit: &str, mode: u32) -> Option<TreeEntry> {
        Some(TreeEntry { id: ObjectId::from_hex(digit.repeat(40).as_bytes()).unwrap(), mode })
    }

    fn change(path: &str, old: Option<TreeEntry>, new: Option<TreeEntry>) -> Change {
        Change { path: path.into(), old, new, size: None }
    }

    fn added(changes: &[Change]) -> Vec<String> {
        additions(changes).into_iter().map(|addition| String::from_utf8(addition.path).unwrap()).collect()
    }

    #[test]
    fn a_path_is_new_where_nothing_stood_and_something_stands() {
        let file = entry("a", 0o100_644);
        let changes = [change("gone", file, None), change("new", None, file), change("kept", file, file)];
        assert_eq!(new_paths(&changes).collect::<Vec<_>>(), [b"new"]);
    }

    #[test]
    fn a_rename_a_mode_change_and_a_submodule_pointer_add_nothing() {
        let changes = [
            change("gone", entry("a", 0o100_644), None),
            change("moved", None, entry("a", 0o100_644)),
            change("mode", entry("b", 0o100_644), entry("b", 0o100_755)),
            change("sub", entry("c", 0o160_000), entry("d", 0o160_000)),
        ];
        assert_eq!(added(&changes), [] as [&str; 0]);
    }

    #[test]
    fn a_second_copy_of_a_renamed_file_is_an_addition() {
        let changes = [
            change("copy1", None, entry("a", 0o100_644)),
            change("copy2", None, entry("a", 0o100_644)),
            change("gone", entry("a", 0o100_644), None),
        ];
        assert_eq!(added(&changes), ["copy2"]);
    }

    #[test]
    fn a_link_is_no_rename_of_a_file_nor_a_file_that_replaces_a_submodule() {
        let changes = [
            change("gone", entry("a", 0o100_644), None),
            change("link", None, entry("a", 0o120_000)),
            change("sub", entry("c", 0o160_000), entry("a", 0o100_644)),
        ];
        assert_eq!(added(&changes), ["link", "sub"]);
    }

    #[test]
    fn a_file_in_the_place_of_a_submodule_has_no_old_side() {
        let changes = [change("sub", entry("c", 0o160_000), entry("a", 0o100_644))];
        assert_eq!(additions(&changes)[0].old, []);
    }
}
