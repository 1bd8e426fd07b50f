//! The reader of git's index.

use std::collections::BTreeMap;

use dtguard::source::{Change, ObjectId, TreeEntry, read_index};
use git2::{IndexEntry, IndexTime, Oid, Repository};
use tempfile::TempDir;

use super::input::Input;

/// What HEAD holds, and what else may be staged.
const HEAD: [&str; 8] = ["a-b", "a/x", "a/y/z", "a0", "b", "c.d", "c/1", "c/2"];
const NEW: [&str; 8] = ["a", "a/", "a/y", "a//x", "b/n", "c", "d/e/f/g", "\u{e9}"];
const MODES: [u32; 4] = [0o100_644, 0o100_755, 0o120_000, 0o160_000];

/// A repository whose HEAD has some folders.
struct Repo {
    repository: Repository,
    tree: Oid,
    blob: Oid,
    entries: BTreeMap<Vec<u8>, TreeEntry>,
    _folder: TempDir,
}

impl Repo {
    fn new() -> Result<Self, Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let repository = Repository::init_bare(folder.path())?;
        let blob = repository.blob(b"content\n")?;
        let mut index = git2::Index::new()?;
        for path in HEAD {
            let time = IndexTime::new(0, 0);
            index.add(&IndexEntry {
                ctime: time,
                mtime: time,
                dev: 0,
                ino: 0,
                mode: MODES[0],
                uid: 0,
                gid: 0,
                file_size: 0,
                id: blob,
                flags: 0,
                flags_extended: 0,
                path: path.into(),
            })?;
        }
        let tree = index.write_tree_to(&repository)?;
        let entry = TreeEntry { id: ObjectId::from_bytes(blob.as_bytes()).unwrap(), mode: MODES[0] };
        let entries = HEAD.iter().map(|path| (path.as_bytes().to_vec(), entry)).collect();
        Ok(Self { repository, tree, blob, entries, _folder: folder })
    }

    /// The id of a folder of HEAD.
    fn tree(&self, folder: &[u8]) -> Option<Oid> {
        let path = std::str::from_utf8(folder).ok()?;
        let tree = self.repository.find_tree(self.tree).ok()?;
        match path {
            "" => Some(self.tree),
            path => Some(tree.get_path(path.trim_end_matches('/').as_ref()).ok()?.id()),
        }
    }
}

thread_local! {
    static REPO: Repo = Repo::new().unwrap();
}

/// Reads `bytes` as an index, and the index that they stand for.
pub fn index(bytes: &[u8]) {
    REPO.with(|repo| {
        holds(repo, bytes, false);
        let mut input = Input(bytes);
        let mut index = built(repo, &mut input);
        let whole = input.is_empty();
        while !input.is_empty() && index.len() < 1 << 16 {
            mutate(&mut index, &mut input);
        }
        holds(repo, &index, whole);
    });
}

/// Nothing that differs from HEAD is passed over. `honest` says that the record of
/// trees is right.
fn holds(repo: &Repo, bytes: &[u8], honest: bool) {
    let Some(read) = read_index(&repo.repository, Some(repo.tree), bytes) else { return };
    if let Some(changes) = &read.changes_in_full {
        for (path, entry) in &read.entries {
            let said = |change: &Change| change.path == *path && change.new == Some(*entry);
            let same = repo.entries.get(path) == Some(entry);
            assert!(same || changes.iter().any(said), "{} is passed over", path.escape_ascii());
        }
    }
    if read.entries.is_sorted_by(|(one, _), (other, _)| one < other) {
        let wanted = naive(repo, &read.entries);
        let full = read.changes_in_full.map(sorted);
        assert!(full.as_ref().is_none_or(|full| *full == wanted), "{full:?} is not {wanted:?}");
        if honest {
            assert_eq!(read.changes.map(sorted), full);
        }
    }
}

fn sorted(mut changes: Vec<Change>) -> Vec<Change> {
    changes.sort_by(|one, other| one.path.cmp(&other.path));
    // The size is a guess, for the reader only.
    changes.iter_mut().for_each(|change| change.size = None);
    changes
}

/// What differs, path by path.
fn naive(repo: &Repo, entries: &[(Vec<u8>, TreeEntry)]) -> Vec<Change> {
    let new: BTreeMap<_, _> = entries.iter().cloned().collect();
    let mut paths: Vec<&Vec<u8>> = repo.entries.keys().chain(new.keys()).collect();
    paths.sort();
    paths.dedup();
    let change = |path: &Vec<u8>| Change {
        path: path.clone(),
        old: repo.entries.get(path).copied(),
        new: new.get(path).copied(),
        size: None,
    };
    paths.into_iter().map(change).filter(|change| change.old != change.new).collect()
}

/// An index as git writes it, but for what the fuzzer asks.
fn built(repo: &Repo, input: &mut Input<'_>) -> Vec<u8> {
    let version = 2 + u32::from(input.byte() % 3);
    let mut entries: Vec<(&[u8], Oid, u32, u16)> = Vec::new();
    let count = input.byte() % 16;
    for _ in 0..count {
        let choice = input.byte();
        let name = HEAD.iter().chain(&NEW).nth(usize::from(choice % 16)).unwrap();
        let (id, mode) = match choice >> 4 {
            0..8 => (repo.blob, MODES[0]),
            8..12 => (Oid::from_bytes(&[7; 20]).unwrap(), MODES[usize::from(choice >> 4 & 3)]),
            _ => (repo.blob, MODES[usize::from(choice >> 4 & 3)]),
        };
        let flags = *input.pick(&[0, 0, 0, 0, 0x4000, 0x4000, 0x8000, 0x1000]);
        entries.push((name.as_bytes(), id, mode, flags));
    }
    if !input.byte().is_multiple_of(8) {
        entries.sort_by_key(|entry| entry.0);
        entries.dedup_by_key(|entry| entry.0);
    }

    let mut bytes = [&b"DIRC"[..], &version.to_be_bytes(), &(entries.len() as u32).to_be_bytes()].concat();
    let mut last: &[u8] = b"";
    for (path, id, mode, flags) in &entries {
        let start = bytes.len();
        bytes.extend([0; 24]);
        bytes.extend(mode.to_be_bytes());
        bytes.extend([0; 12]);
        bytes.extend(id.as_bytes());
        bytes.extend((flags | path.len() as u16).to_be_bytes());
        if flags & 0x4000 != 0 {
            bytes.extend((u16::from(input.byte() % 2) * 0x2000).to_be_bytes());
        }
        if version == 4 {
            let same = path.iter().zip(last).take_while(|(one, other)| one == other).count();
            bytes.push((last.len() - same) as u8);
            bytes.extend(&path[same..]);
            bytes.push(0);
            last = path;
        } else {
            bytes.extend(*path);
            let length = bytes.len() - start;
            bytes.resize(start + (length + 8) / 8 * 8, 0);
        }
    }
    if input.byte().is_multiple_of(2) {
        let read = read_index(&repo.repository, None, &[bytes.as_slice(), &[0; 20]].concat());
        let entries = read.map(|read| read.entries).unwrap_or_default();
        let mut trees = Vec::new();
        record(repo, b"", b"", &entries, input, &mut trees);
        bytes.extend(b"TREE");
        bytes.extend((trees.len() as u32).to_be_bytes());
        bytes.extend(trees);
    }
    bytes.extend([0; 20]);
    bytes
}

/// The record of a folder's tree: known where it is HEAD's, unless the fuzzer has
/// it forgotten.
fn record(
    repo: &Repo,
    folder: &[u8],
    name: &[u8],
    entries: &[(Vec<u8>, TreeEntry)],
    input: &mut Input<'_>,
    out: &mut Vec<u8>,
) {
    let below = |path: &[u8]| path.starts_with(folder);
    let here: Vec<_> = entries.iter().filter(|(path, _)| below(path)).cloned().collect();
    let head = repo.entries.iter().filter(|(path, _)| below(path));
    let same = head.eq(here.iter().map(|(path, entry)| (path, entry)));
    let known = repo.tree(folder).filter(|_| same && !input.byte().is_multiple_of(4));
    let mut names: Vec<&[u8]> = here
        .iter()
        .filter_map(|(path, _)| {
            let rest = &path[folder.len()..];
            Some(&rest[..rest.iter().position(|byte| *byte == b'/')?])
        })
        .collect();
    names.sort();
    names.dedup();
    out.extend(name);
    out.push(0);
    match known {
        Some(id) => {
            out.extend(format!("{} {}\n", here.len(), names.len()).bytes());
            out.extend(id.as_bytes());
        }
        None => out.extend(format!("-1 {}\n", names.len()).bytes()),
    }
    for name in names {
        record(repo, &[folder, name, b"/"].concat(), name, entries, input, out);
    }
}

fn mutate(index: &mut Vec<u8>, input: &mut Input<'_>) {
    let choice = input.byte();
    let at = input.below(index.len());
    match choice % 6 {
        0 => index[at..].iter_mut().zip(input.some()).for_each(|(byte, new)| *byte = *new),
        1 => index.truncate(at.max(1)),
        2 => {
            let end = index.len().min(at + usize::from(input.byte()));
            index.drain(at..end);
        }
        3 => drop(index.splice(at..at, input.some().iter().copied())),
        4 => {
            let end = index.len().min(at + usize::from(input.byte()));
            let copy = index[at..end].to_vec();
            drop(index.splice(at..at, copy));
        }
        _ => index[at] ^= 1 << (choice >> 3 & 7),
    }
    if index.is_empty() {
        index.push(0);
    }
}
