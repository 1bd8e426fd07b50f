//! Parses trees, and the tree of a commit, without file access.

use std::cmp::Ordering;

use crate::source::{ObjectId, TreeEntry};

/// An entry of a tree, with one name: a file, a link, a submodule or a folder.
pub struct Item {
    pub name: Vec<u8>,
    pub id: ObjectId,
    mode: u32,
}

impl Item {
    pub fn is_folder(&self) -> bool {
        self.mode == 0o040_000
    }

    pub fn entry(&self) -> TreeEntry {
        TreeEntry { id: self.id, mode: self.mode }
    }
}

/// git's order of items in a tree and in the index. Each has a name and whether it is a folder,
/// which sorts as if it ended in `/`.
pub fn order(one: (&[u8], bool), other: (&[u8], bool)) -> Ordering {
    fn key((name, is_folder): (&[u8], bool)) -> impl Iterator<Item = u8> {
        name.iter().copied().chain(is_folder.then_some(b'/'))
    }
    key(one).cmp(key(other))
}

/// The tree of a commit with this text.
pub fn tree_of(commit: &[u8]) -> Option<ObjectId> {
    let line = commit.strip_prefix(b"tree ")?.split(|byte| *byte == b'\n').next()?;
    ObjectId::from_hex(line)
}

/// The items of a tree, with ids of `length` bytes; none if it makes no sense.
pub fn items(mut tree: &[u8], length: usize) -> Option<Vec<Item>> {
    let mut items = Vec::new();
    while !tree.is_empty() {
        let (mode, rest) = tree.split_at_checked(memchr::memchr(b' ', tree)?)?;
        let rest = rest.get(1..)?;
        let (name, rest) = rest.split_at_checked(memchr::memchr(0, rest)?)?;
        let (id, rest) = rest.get(1..)?.split_at_checked(length)?;
        let digits = mode.iter().all(u8::is_ascii_digit);
        let mode = u32::from_str_radix(std::str::from_utf8(mode).ok().filter(|_| digits)?, 8).ok()?;
        let name = Some(name).filter(|name| !name.is_empty())?.to_vec();
        items.push(Item { name, id: ObjectId::from_bytes(id)?, mode: usual_mode(mode) });
        tree = rest;
    }
    Some(items)
}

/// The mode as git interprets it: old tools wrote others.
fn usual_mode(mode: u32) -> u32 {
    match mode & 0o170_000 {
        0o100_000 if mode & 0o100 != 0 => 0o100_755,
        0o100_000 => 0o100_644,
        kind @ (0o120_000 | 0o040_000) => kind,
        _ => 0o160_000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_of_old_tools_are_those_that_git_takes_them_for() {
        for (mode, usual) in [
            (0o100_644, 0o100_644),
            (0o100_664, 0o100_644),
            (0o100_755, 0o100_755),
            (0o100_775, 0o100_755),
            (0o120_000, 0o120_000),
            (0o040_000, 0o040_000),
            (0o160_000, 0o160_000),
        ] {
            assert_eq!(usual_mode(mode), usual, "{mode:o}");
        }
    }
}
