//! git's index, read for one question: what differs from HEAD's tree?
//!
//! libgit2 parses and sorts every entry and walks every tree of HEAD for that;
//! git prunes by the index's record of the trees it was made from (the `TREE`
//! extension), and so does this reader, which keeps one small slot an entry. On
//! 50,000 files that is the difference between 30 and 5 milliseconds
//! (`benches/hook.sh --readers`).
//!
//! Format: git's `Documentation/gitformat-index.txt`. What this reader does not
//! know is left to another one; what makes no sense at all ends the run. An entry
//! is passed over only where its id and mode, or the id of a whole folder, equal
//! HEAD's.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::path::Path;
use std::rc::Rc;

use super::libgit2::{Item, Libgit2, Refusal};
use super::{Change, Entry, ObjectId, SourceError};

const ID: usize = 20;
/// The part of an entry before its flags: times, device, inode, mode, owner,
/// size and id.
const FIXED: usize = 60;
/// Set in the mode of a file, a link and a submodule, not in that of a folder.
const NO_FOLDER: u32 = 0o100_000;
/// Folders that nest deeper are left to a reader that does not recurse.
const DEEPEST: usize = 512;
const INTENT_TO_ADD: u16 = 0x2000;
const EXTENDED: u16 = 0x4000;
const STAGE: u16 = 0x3000;

/// What differs between the tree `head` (none on an unborn branch) and the index
/// in `file`. A file that does not exist is an empty index.
pub(super) fn staged(
    repository: &Libgit2,
    head: Option<ObjectId>,
    file: &Path,
) -> Result<Vec<Change>, Refusal> {
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

/// What an index says, for `fuzz/` and for nobody else.
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub struct Read {
    /// Its entries, in its order.
    pub entries: Vec<(Vec<u8>, Entry)>,
    /// What differs from the tree, unless that cannot be told.
    pub changes: Option<Vec<Change>>,
    /// The same, read without the record of trees.
    pub changes_in_full: Option<Vec<Change>>,
}

/// What the index in `bytes` says beside the tree `head`; none if it is refused.
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

/// Another reader may understand it.
fn refuse<T>(why: &str) -> Result<T, Refusal> {
    Err(Refusal::Cannot(format!("index: {why}")))
}

/// No other reader may try: git itself takes half an index for a whole one.
fn damaged<T>(why: &'static str) -> Result<T, Refusal> {
    Err(Refusal::Final(SourceError::Damaged(why)))
}

/// The parsed index. It borrows from the file's bytes and keeps little beside
/// them: fresh memory is what reading a big index costs most.
#[derive(Default)]
struct Index<'a> {
    bytes: &'a [u8],
    /// Where the paths are: the file itself, in version 4 a copy in full length.
    paths: Cow<'a, [u8]>,
    slots: Vec<Slot>,
    tree: Option<Folder>,
}

/// One entry that a commit would hold: where its fixed part begins in the file,
/// where its path begins in the paths, and the path's length.
struct Slot {
    fixed: u32,
    path: u32,
    length: u32,
}

/// What the index knows about a folder: git's cache tree.
struct Folder {
    name: Vec<u8>,
    /// Its entries, and the tree that they make; none since one of them changed.
    known: Option<(usize, ObjectId)>,
    folders: Vec<Folder>,
}

/// Reads from the front of a slice, as far as it reaches.
struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], Refusal> {
        match self.0.split_at_checked(length) {
            Some((taken, rest)) => {
                self.0 = rest;
                Ok(taken)
            }
            None => damaged("it ends too early"),
        }
    }

    fn number(&mut self, length: usize) -> Result<usize, Refusal> {
        Ok(self.take(length)?.iter().fold(0, |number, byte| (number << 8) + usize::from(*byte)))
    }

    /// What stands before the next `end`, which is taken too.
    fn until(&mut self, end: u8) -> Result<&'a [u8], Refusal> {
        match memchr::memchr(end, self.0) {
            Some(length) => {
                let taken = self.take(length)?;
                self.take(1)?;
                Ok(taken)
            }
            None => damaged("it ends too early"),
        }
    }

    /// The variable-length number of index version 4.
    fn variable(&mut self) -> Result<usize, Refusal> {
        let mut byte = self.number(1)?;
        let mut number = byte & 0x7f;
        while byte & 0x80 != 0 {
            byte = self.number(1)?;
            number = match number.checked_add(1).and_then(|number| number.checked_mul(128)) {
                Some(number) => number + (byte & 0x7f),
                None => return damaged("a number is too big"),
            };
        }
        Ok(number)
    }

    /// The mode in the fixed part of an entry.
    fn mode(&mut self) -> Result<u32, Refusal> {
        self.take(24)?;
        Ok(self.number(4)? as u32)
    }

    fn id(&mut self) -> Result<ObjectId, Refusal> {
        let bytes = self.take(ID)?;
        ObjectId::from_bytes(bytes).map_or_else(|| damaged("no id"), Ok)
    }
}

impl<'a> Index<'a> {
    fn parse(bytes: &'a [u8]) -> Result<Self, Refusal> {
        let mut cursor = Cursor(bytes);
        if cursor.take(4)? != b"DIRC" {
            return damaged("no signature");
        }
        let version = cursor.number(4)?;
        if !(2..=4).contains(&version) {
            return refuse("unknown version");
        }
        let count = cursor.number(4)?;
        // An entry has at least 62 bytes: a false count cannot ask for more
        // memory than the file has.
        let slots = Vec::with_capacity(count.min(bytes.len() / 62));
        let paths = if version == 4 { Cow::Owned(Vec::new()) } else { Cow::Borrowed(bytes) };
        let mut index = Self { bytes, paths, slots, tree: None };
        let mut before = (0, 0);
        for _ in 0..count {
            before = index.read_entry(&mut cursor, before)?;
        }
        while cursor.0.len() > ID {
            let signature = cursor.take(4)?;
            let length = cursor.number(4)?;
            let content = cursor.take(length)?;
            match signature {
                b"TREE" => index.tree = Some(Folder::parse(&mut Cursor(content), 0)?),
                // Capital letters mark what a reader may ignore.
                [b'A'..=b'Z', ..] => {}
                _ => return refuse(&format!("extension {}", signature.escape_ascii())),
            }
        }
        if cursor.0.len() == ID { Ok(index) } else { damaged("it does not end with a hash") }
    }

    /// Reads the next entry, `before` being start and end of the path of the one
    /// before, and returns start and end of its path.
    fn read_entry(
        &mut self,
        cursor: &mut Cursor<'a>,
        before: (usize, usize),
    ) -> Result<(usize, usize), Refusal> {
        let before_it = cursor.0.len();
        let fixed = self.bytes.len() - before_it;
        let mode = Cursor(cursor.take(FIXED)?).mode()?;
        let flags = cursor.number(2)? as u16;
        let extended = if flags & EXTENDED == 0 { 0 } else { cursor.number(2)? as u16 };
        let (start, end) = match &mut self.paths {
            Cow::Owned(paths) => {
                let dropped = cursor.variable()?;
                let Some(kept) = (before.1 - before.0).checked_sub(dropped) else {
                    return damaged("a path is shorter than nothing");
                };
                let start = paths.len();
                paths.extend_from_within(before.0..before.0 + kept);
                paths.extend_from_slice(cursor.until(0)?);
                (start, paths.len())
            }
            Cow::Borrowed(bytes) => {
                let start = bytes.len() - cursor.0.len();
                let length = cursor.until(0)?.len();
                // Filled up with NULs to a multiple of eight; one is taken.
                let taken = before_it - cursor.0.len();
                cursor.take(taken.next_multiple_of(8) - taken)?;
                (start, start + length)
            }
        };
        if flags & STAGE != 0 {
            let path = self.paths.get(start..end).unwrap_or_default();
            return Err(Refusal::Final(SourceError::Unmerged(String::from_utf8_lossy(path).into_owned())));
        }
        if mode & NO_FOLDER == 0 {
            return refuse("an entry is a folder");
        }
        // An entry to be added later is in no commit yet.
        if extended & INTENT_TO_ADD == 0 {
            let small = |number: usize| u32::try_from(number).or_else(|_| refuse("it is too big"));
            self.slots.push(Slot { fixed: small(fixed)?, path: small(start)?, length: small(end - start)? });
        }
        Ok((start, end))
    }

    fn path(&self, slot: &Slot) -> &[u8] {
        let start = slot.path as usize;
        self.paths.get(start..start + slot.length as usize).unwrap_or_default()
    }

    /// The entry, and the size that its file had.
    fn entry(&self, slot: &Slot) -> Result<(Entry, Option<u32>), Refusal> {
        let mut cursor = Cursor(self.bytes.get(slot.fixed as usize..).unwrap_or_default());
        let mode = cursor.mode()?;
        // The owner.
        cursor.take(8)?;
        let size = cursor.number(4)? as u32;
        // git notes none for a file that it has to look at again.
        Ok((Entry { id: cursor.id()?, mode }, Some(size).filter(|size| *size != 0)))
    }
}

impl Folder {
    fn parse(cursor: &mut Cursor<'_>, depth: usize) -> Result<Self, Refusal> {
        if depth > DEEPEST {
            return refuse("folders nest too deep");
        }
        let name = cursor.until(0)?.to_vec();
        let count = decimal(cursor.until(b' ')?)?;
        let children = decimal(cursor.until(b'\n')?)?.map_or_else(|| damaged("no number"), Ok)?;
        let known = match count {
            Some(count) => Some((count, cursor.id()?)),
            None => None,
        };
        let mut folders = Vec::new();
        for _ in 0..children {
            folders.push(Self::parse(cursor, depth + 1)?);
        }
        Ok(Self { name, known, folders })
    }
}

/// A number in decimal digits; none for -1.
fn decimal(digits: &[u8]) -> Result<Option<usize>, Refusal> {
    match std::str::from_utf8(digits) {
        Ok("-1") => Ok(None),
        Ok(digits) => digits.parse().map(Some).or_else(|_| damaged("no number")),
        Err(_) => damaged("no number"),
    }
}

/// The walk through index and tree side by side.
struct Comparison<'a> {
    repository: &'a Libgit2,
    index: &'a Index<'a>,
    /// The slot that comes next.
    at: usize,
    changes: Vec<Change>,
}

impl Comparison<'_> {
    /// Compares the slots up to `end`, all below `folder` (empty or ending in
    /// `/`), with the tree `head`.
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
            let Some(rest) = self.index.path(slot).strip_prefix(folder.as_slice()) else {
                return damaged("it is not sorted");
            };
            let (name, is_folder) = match memchr::memchr(b'/', rest) {
                Some(length) => (rest.get(..length).unwrap_or_default(), true),
                None => (rest, false),
            };
            let (name, (entry, size)) = (name.to_vec(), self.index.entry(slot)?);
            while let Some(gone) =
                items.next_if(|item| order(&item.name, item.is_folder(), &name, is_folder) == Ordering::Less)
            {
                self.removed(folder, gone, depth)?;
            }
            let old = items
                .next_if(|item| order(&item.name, item.is_folder(), &name, is_folder) == Ordering::Equal);
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

    /// The slot behind the last one below `folder`, in which the next one is.
    fn end_of(&self, folder: &[u8], known: Option<&Folder>, end: usize) -> Result<usize, Refusal> {
        if let Some((count, _)) = known.and_then(|known| known.known) {
            // A folder without the entry that led here would be gone into for ever.
            let last = self.at.checked_add(count).filter(|last| (self.at + 1..=end).contains(last));
            return last.map_or_else(|| refuse("a folder has other entries than it says"), Ok);
        }
        let slots = self.index.slots.get(self.at..end).unwrap_or_default();
        Ok(self.at + slots.partition_point(|slot| self.index.path(slot).starts_with(folder)))
    }

    /// What stands in the tree `id`; nothing where there is none.
    fn items(&self, id: Option<ObjectId>) -> Result<Rc<[Item]>, Refusal> {
        id.map_or_else(|| Ok(Rc::default()), |id| self.repository.tree(id))
    }

    /// Notes that `item` of HEAD is in the index no more, with all below it.
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

/// The number of entries of a folder that index and HEAD know by the same id.
fn same(known: Option<&Folder>, head: Option<ObjectId>) -> Option<usize> {
    let (count, id) = known?.known?;
    (id == head?).then_some(count)
}

/// git's order of the items of a tree, which is that of the index: a folder's
/// name sorts as if it ended in `/`.
fn order(a: &[u8], a_is_folder: bool, b: &[u8], b_is_folder: bool) -> Ordering {
    let slash = |is_folder: bool| is_folder.then_some(&b'/').into_iter();
    a.iter().chain(slash(a_is_folder)).cmp(b.iter().chain(slash(b_is_folder)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: u32 = 0o100_644;

    /// An index of version 2: of each entry path, mode, size and the byte that its
    /// id is made of, and the record of trees.
    fn written(entries: &[(&str, u32, u32, u8)], tree: Option<&[u8]>) -> Vec<u8> {
        let mut bytes = [b"DIRC\0\0\0\x02", &(entries.len() as u32).to_be_bytes()[..]].concat();
        for (path, mode, size, id) in entries {
            bytes.extend([0; 24]);
            bytes.extend(mode.to_be_bytes());
            bytes.extend([0; 8]);
            bytes.extend(size.to_be_bytes());
            bytes.extend([*id; 20]);
            bytes.extend((path.len() as u16).to_be_bytes());
            bytes.extend(path.as_bytes());
            bytes.resize(bytes.len() + 8 - (62 + path.len()) % 8, 0);
        }
        if let Some(tree) = tree {
            bytes.extend([b"TREE", &(tree.len() as u32).to_be_bytes()[..], tree].concat());
        }
        [bytes, vec![0; 20]].concat()
    }

    fn bare() -> (tempfile::TempDir, git2::Repository) {
        let folder = tempfile::tempdir().unwrap();
        let repository = git2::Repository::init_bare(folder.path()).unwrap();
        (folder, repository)
    }

    /// The tree of items whose content is their name; of a folder they are given.
    fn tree(repository: &git2::Repository, files: &[&str], folders: &[(&str, git2::Oid)]) -> git2::Oid {
        let mut tree = repository.treebuilder(None).unwrap();
        for name in files {
            tree.insert(name, repository.blob(name.as_bytes()).unwrap(), 0o100_644).unwrap();
        }
        for (name, folder) in folders {
            tree.insert(name, *folder, 0o040_000).unwrap();
        }
        tree.write().unwrap()
    }

    /// What differs as far as this reader can tell: each path with `+`, `-` or `*`.
    fn differs(repository: &git2::Repository, head: Option<git2::Oid>, bytes: &[u8]) -> Option<Vec<String>> {
        let changes = read_index(repository, head, bytes)?.changes?;
        let sign = |change: &Change| match (change.old, change.new) {
            (None, Some(_)) => '+',
            (Some(_), None) => '-',
            _ => '*',
        };
        Some(
            changes
                .iter()
                .map(|one| format!("{}{}", sign(one), String::from_utf8_lossy(&one.path)))
                .collect(),
        )
    }

    #[test]
    fn a_damaged_index_is_refused_and_never_panics() {
        let tree = [&b"\x001 0\n"[..], &[9; 20]].concat();
        let whole = written(&[("a", FILE, 0, 7)], Some(&tree));
        let index = Index::parse(&whole).unwrap_or_else(|_| panic!("the whole one is read"));
        assert_eq!(index.path(&index.slots[0]), b"a");
        assert_eq!(index.tree.map(|tree| tree.known.map(|known| known.0)), Some(Some(1)));
        for length in 0..whole.len() {
            // Cut where its last 20 bytes can be taken for the hash, it is whole
            // but for the record of trees, and is walked in full.
            assert!(Index::parse(&whole[..length]).is_err() || length == 76 + ID, "{length}");
            let mut changed = whole.clone();
            for value in [0, 1, 0x7f, 0x80, 0xff] {
                changed[length] = value;
                let _any = Index::parse(&changed);
            }
        }
    }

    #[test]
    fn an_index_that_cannot_be_read_is_not_taken_for_an_empty_one() {
        let (keep, repository) = bare();
        let head = ObjectId::from_bytes(tree(&repository, &["file"], &[]).as_bytes());
        let repository = Libgit2::of(repository);
        // There is none before the first `git add`.
        let staged = |head, name: &str| staged(&repository, head, &keep.path().join(name)).map_err(|_| ());
        assert_eq!(staged(None, "absent"), Ok(Vec::new()));
        assert_eq!(staged(head, "absent").map(|changes| changes.len()), Ok(1));
        assert_eq!(staged(head, "objects"), Err(()));
    }

    #[test]
    fn what_differs_is_told_without_another_reader() {
        let (_keep, repository) = bare();
        let gone = tree(&repository, &["one", "two"], &[]);
        let sub = tree(&repository, &["kept", "old"], &[]);
        let head = tree(&repository, &["changed", "removed"], &[("gone", gone), ("sub", sub)]);
        let entries = [("changed", FILE, 5, 7), ("new/deep/file", FILE, 0, 7), ("sub/kept", FILE, 5, 7)];
        let changes = differs(&repository, Some(head), &written(&entries, None));
        let wanted =
            ["*changed", "-gone/one", "-gone/two", "+new/deep/file", "-removed", "*sub/kept", "-sub/old"];
        assert_eq!(changes.unwrap(), wanted);

        // A size of none is that of a file which git has to look at again.
        let read = read_index(&repository, Some(head), &written(&entries, None)).unwrap();
        let sizes: Vec<_> =
            read.changes.unwrap().iter().filter(|one| one.new.is_some()).map(|one| one.size).collect();
        assert_eq!(sizes, [Some(5), None, Some(5)]);
    }

    #[test]
    fn a_folder_that_the_index_knows_by_the_id_that_head_has_is_not_looked_into() {
        let (_keep, repository) = bare();
        let sub = tree(&repository, &["one", "two"], &[]);
        let head = tree(&repository, &["a"], &[("sub", sub)]);
        let entries = [("a", FILE, 0, 7), ("sub/one", FILE, 0, 7), ("sub/two", FILE, 0, 7)];
        let known = |top: &str, sub_id: git2::Oid| {
            let mut bytes = format!("\0{top} 1\n").into_bytes();
            if top != "-1" {
                bytes.extend(head.as_bytes());
            }
            written(&entries, Some(&[&bytes, &b"sub\x002 0\n"[..], sub_id.as_bytes()].concat()))
        };
        let differs = |bytes: &[u8]| differs(&repository, Some(head), bytes).unwrap();
        assert_eq!(differs(&known("3", sub)), [] as [&str; 0]);
        assert_eq!(differs(&known("-1", sub)), ["*a"]);
        assert_eq!(differs(&known("-1", head)), ["*a", "*sub/one", "*sub/two"]);
    }

    #[test]
    fn folders_nest_as_deep_as_is_said_and_no_deeper() {
        // A test's own thread has little stack for so many frames without optimisation.
        let thread = std::thread::Builder::new().stack_size(64 << 20).spawn(nest_folders).unwrap();
        thread.join().unwrap();
    }

    fn nest_folders() {
        let (_keep, repository) = bare();
        let mut folder = tree(&repository, &["f"], &[]);
        for depth in 1..=DEEPEST + 1 {
            folder = tree(&repository, &[], &[("d", folder)]);
            if depth < DEEPEST {
                continue;
            }
            let fits = depth == DEEPEST;
            let path = "d/".repeat(depth) + "f";
            let record = [b"\0-1 1\n".repeat(depth), b"\0-1 0\n".to_vec()].concat();
            for (head, entries, tree) in [
                (None, vec![(path.as_str(), FILE, 0, 7)], None),
                (Some(folder), vec![], None),
                (None, vec![], Some(record)),
            ] {
                let read = differs(&repository, head, &written(&entries, tree.as_deref()));
                assert_eq!(read.is_some(), fits, "{depth} {head:?}");
            }
        }
    }

    #[test]
    fn what_may_be_passed_over_is_and_what_is_unknown_is_left_to_another_reader() {
        let (_keep, repository) = bare();
        let with = |signature: &[u8]| {
            let whole = written(&[("a", FILE, 0, 7)], None);
            let (before, hash) = whole.split_at(whole.len() - 20);
            [before, signature, &[0, 0, 0, 3], b"any", hash].concat()
        };
        assert_eq!(differs(&repository, None, &with(b"ANYX")).unwrap(), ["+a"]);
        assert_eq!(differs(&repository, None, &with(b"link")), None);
        // The folder of a sparse index.
        assert_eq!(differs(&repository, None, &written(&[("a", 0o040_000, 0, 7)], None)), None);
    }

    #[test]
    fn a_number_of_version_four_has_as_many_bytes_as_it_takes() {
        for (bytes, number) in [
            (&[0x7f][..], 127),
            (&[0x80, 0], 128),
            (&[0x81, 0x02], 258),
            (&[0xff, 0x7f], 16_511),
            (&[0x80, 0x80, 0], 16_512),
        ] {
            let mut cursor = Cursor(bytes);
            assert!(matches!(cursor.variable(), Ok(read) if read == number), "{number}");
            assert_eq!(cursor.0, b"");
        }
        assert!(Cursor(&[0xff; 20]).variable().is_err());
    }

    #[test]
    fn a_folder_that_is_said_to_be_empty_and_is_not_is_refused() {
        let (_keep, repository) = bare();
        let tree = [&b"\0-1 1\na\x000 0\n"[..], &[9; 20]].concat();
        let read = read_index(&repository, None, &written(&[("a/b", FILE, 0, 7)], Some(&tree))).unwrap();
        assert_eq!(read.changes, None);
        assert_eq!(read.changes_in_full.map(|changes| changes.len()), Some(1));
    }

    #[test]
    fn a_folder_sorts_as_if_its_name_ended_in_a_slash() {
        assert_eq!(order(b"a", true, b"a.b", false), Ordering::Greater);
        assert_eq!(order(b"a", false, b"a.b", false), Ordering::Less);
        assert_eq!(order(b"a", true, b"a0", false), Ordering::Less);
        assert_eq!(order(b"a", true, b"a", false), Ordering::Greater);
    }
}
