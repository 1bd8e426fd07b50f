//! The staged change, from the index: its differences to HEAD's tree.
//!
//! libgit2 parses and sorts every entry and walks every tree of HEAD. git prunes with the
//! index's record of the trees it was made from (the `TREE` extension), and so does this
//! reader, which stores one small slot per entry. On 50,000 files this takes 5 milliseconds
//! instead of 30 (`benches/hook.sh --readers`).
//!
//! An entry is skipped only if its id and mode, or the id of a whole folder, equal HEAD's.

use std::collections::HashMap;
use std::path::Path;
use std::rc::Rc;

use super::index::{DEEPEST, Folder, Index, Slot, damaged, refuse};
use super::libgit2::{Libgit2, Refusal};
#[cfg(any(test, fuzzing))]
use crate::source::TreeEntry;
use crate::source::store::{Item, order};
use crate::source::{Change, ObjectId};

#[cfg(test)]
mod tests;

/// The differences between the tree `head` (none on an unborn branch) and the index in `file`.
/// A missing file is an empty index.
pub fn staged(repository: &Libgit2, head: Option<ObjectId>, file: &Path) -> Result<Vec<Change>, Refusal> {
    let bytes = match std::fs::read(file) {
        Ok(bytes) => Some(bytes),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(Refusal::Cannot(error.to_string())),
    };
    let index = bytes.as_deref().map(Index::parse).transpose()?.unwrap_or_default();
    compare(repository, head, &index)
}

fn compare(repository: &Libgit2, head: Option<ObjectId>, index: &Index<'_>) -> Result<Vec<Change>, Refusal> {
    let mut comparison = Comparison { repository, index, at: 0, changes: Vec::new() };
    comparison.folder(&mut Vec::new(), index.tree.as_ref(), head, index.slots.len(), 0)?;
    Ok(comparison.changes)
}

/// The content of an index, for `fuzz/` only.
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub struct Read {
    /// Its entries, in its order.
    pub entries: Vec<(Vec<u8>, TreeEntry)>,
    /// The differences to the tree; none if they cannot be read.
    pub changes: Option<Vec<Change>>,
    /// The same, read without the record of trees.
    pub changes_in_full: Option<Vec<Change>>,
}

/// The index in `bytes` compared with the tree `head`; none if it is refused.
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub fn read_index(repository: &git2::Repository, head: Option<git2::Oid>, bytes: &[u8]) -> Option<Read> {
    let repository = &Libgit2::of(git2::Repository::open(repository.path()).ok()?);
    let head = head.and_then(|head| ObjectId::from_bytes(head.as_bytes()));
    let mut index = Index::parse(bytes).ok()?;
    let entry = |slot| Some((index.path(slot).to_vec(), index.entry(slot).ok()?.0));
    let entries = index.slots.iter().map(entry).collect::<Option<_>>()?;
    let changes = compare(repository, head, &index).ok();
    index.tree = None;
    let changes_in_full = compare(repository, head, &index).ok();
    Some(Read { entries, changes, changes_in_full })
}

/// Walks index and tree in parallel.
struct Comparison<'a> {
    repository: &'a Libgit2,
    index: &'a Index<'a>,
    /// The next slot.
    at: usize,
    changes: Vec<Change>,
}

impl Comparison<'_> {
    /// Compares the slots up to `end`, all below `folder` (empty or ending in `/`), with the
    /// tree `head`.
    fn folder(
        &mut self,
        folder: &mut Vec<u8>,
        known: Option<&Folder>,
        head: Option<ObjectId>,
        end: usize,
        depth: usize,
    ) -> Result<(), Refusal> {
        if depth > DEEPEST {
            return refuse("folders nest too deep");
        }
        if same(known, head) == Some(end - self.at) {
            self.at = end;
            return Ok(());
        }
        let below: HashMap<&[u8], &Folder> = known
            .map(|known| known.folders.iter().map(|below| (below.name.as_slice(), below)).collect())
            .unwrap_or_default();
        let items = self.items(head)?;
        let mut items = items.iter().peekable();
        while self.at < end {
            let slot = self.slot()?;
            let (name, is_folder) = self.name_below(folder, slot)?;
            let (entry, size) = self.index.entry(slot)?;
            let order = |item: &&Item| order((&item.name, item.is_folder()), (&name, is_folder));
            while let Some(gone) = items.next_if(|item| order(item).is_lt()) {
                self.removed(folder, gone, depth)?;
            }
            let old = items.next_if(|item| order(item).is_eq());
            if is_folder {
                let below = below.get(name.as_slice()).copied();
                let length = folder.len();
                folder.extend_from_slice(&name);
                folder.push(b'/');
                let end = self.end_of(folder, below, end)?;
                self.folder(folder, below, old.map(|item| item.id), end, depth + 1)?;
                folder.truncate(length);
            } else {
                self.at += 1;
                let old = old.map(|item| item.entry());
                if old != Some(entry) {
                    let path = [folder.as_slice(), &name].concat();
                    self.changes.push(Change { path, old, new: Some(entry), size });
                }
            }
        }
        items.try_for_each(|gone| self.removed(folder, gone, depth))
    }

    fn slot(&self) -> Result<&Slot, Refusal> {
        self.index.slots.get(self.at).map_or_else(|| damaged("an entry is missing"), Ok)
    }

    /// The name of the entry within `folder`, and whether it is a folder.
    fn name_below(&self, folder: &[u8], slot: &Slot) -> Result<(Vec<u8>, bool), Refusal> {
        let Some(rest) = self.index.path(slot).strip_prefix(folder) else {
            return damaged("it is not sorted");
        };
        Ok(match memchr::memchr(b'/', rest) {
            Some(length) => (rest.get(..length).unwrap_or_default().to_vec(), true),
            None => (rest.to_vec(), false),
        })
    }

    /// The end of the slots below `folder`, which contains the next slot.
    fn end_of(&self, folder: &[u8], known: Option<&Folder>, end: usize) -> Result<usize, Refusal> {
        if let Some((count, _)) = known.and_then(|known| known.known) {
            // A folder without the entry that led here would be entered for ever.
            let last = self.at.checked_add(count).filter(|last| (self.at + 1..=end).contains(last));
            return last.map_or_else(|| refuse("a folder has other entries than it says"), Ok);
        }
        let slots = self.index.slots.get(self.at..end).unwrap_or_default();
        Ok(self.at + slots.partition_point(|slot| self.index.path(slot).starts_with(folder)))
    }

    /// The items of the tree `id`; none without an id.
    fn items(&self, id: Option<ObjectId>) -> Result<Rc<[Item]>, Refusal> {
        id.map_or_else(|| Ok(Rc::default()), |id| self.repository.tree(id))
    }

    /// Records that the index no longer has `item` of HEAD, with everything below it.
    fn removed(&mut self, folder: &[u8], item: &Item, depth: usize) -> Result<(), Refusal> {
        if depth > DEEPEST {
            return refuse("folders nest too deep");
        }
        let path = [folder, &item.name].concat();
        if !item.is_folder() {
            self.changes.push(Change { path, old: Some(item.entry()), new: None, size: None });
            return Ok(());
        }
        let below = [path.as_slice(), b"/"].concat();
        self.items(Some(item.id))?.iter().try_for_each(|item| self.removed(&below, item, depth + 1))
    }
}

/// The number of entries of a folder whose id is the same in index and HEAD.
fn same(known: Option<&Folder>, head: Option<ObjectId>) -> Option<usize> {
    let (count, id) = known?.known?;
    (id == head?).then_some(count)
}
