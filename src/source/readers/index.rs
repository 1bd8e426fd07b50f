//! Parses git's index file.
//!
//! Format: git's `Documentation/gitformat-index.txt`. What this parser does not know is left to
//! another reader; what makes no sense ends the run.

use std::borrow::Cow;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::libgit2::Refusal;
use crate::source::{ObjectId, SourceError, TreeEntry};

pub(super) const ID: usize = 20;
/// The fixed part of an entry before its flags: times, device, inode, mode, owner, size and id.
const FIXED: usize = 60;
/// Set in the mode of a file, link or submodule, not of a folder.
const NO_FOLDER: u32 = 0o100_000;
/// Deeper folders are left to a reader that does not recurse.
pub(super) const DEEPEST: usize = 512;
const INTENT_TO_ADD: u16 = 0x2000;
const EXTENDED: u16 = 0x4000;
const STAGE: u16 = 0x3000;

/// Leaves the index to another reader.
pub(super) fn refuse<T>(why: &str) -> Result<T, Refusal> {
    Err(Refusal::Cannot(format!("index: {why}")))
}

/// Fails for all readers: git itself accepts half an index as a whole one.
pub(super) fn damaged<T>(why: &'static str) -> Result<T, Refusal> {
    Err(Refusal::Final(SourceError::Damaged(why.into())))
}

/// The damage of the index in `file`, whose ids have `id_length` bytes, if git might accept
/// half of it. None if the file is missing or another reader must decide.
pub fn index_damage(file: &Path, id_length: usize) -> Option<SourceError> {
    let bytes = std::fs::read(file).ok()?;
    if id_length == ID {
        return match Index::parse(&bytes) {
            Err(Refusal::Final(error @ SourceError::Damaged(_))) => Some(error),
            _ => None,
        };
    }
    // It ends with the hash of everything before it, or with zeros.
    let (content, hash) = bytes.split_at_checked(bytes.len().saturating_sub(id_length))?;
    let is_whole = hash == Sha256::digest(content).as_slice() || hash == [0; 32];
    (!is_whole).then(|| SourceError::Damaged("it does not end with its hash".into()))
}

/// The parsed index. It borrows from the file's bytes and stores little else, because fresh
/// memory is the main cost of reading a big index.
#[derive(Default)]
pub(super) struct Index<'a> {
    bytes: &'a [u8],
    /// The paths: in the file itself, or for version 4 an expanded copy.
    paths: Cow<'a, [u8]>,
    pub(super) slots: Vec<Slot>,
    pub(super) tree: Option<Folder>,
}

/// An entry that a commit would contain: the offset of its fixed part in the file, the offset
/// of its path in the paths, and the path's length.
pub(super) struct Slot {
    fixed: u32,
    path: u32,
    length: u32,
}

/// A folder in git's cache tree.
pub(super) struct Folder {
    pub(super) name: Vec<u8>,
    /// Its number of entries and its tree; none since one of them changed.
    pub(super) known: Option<(usize, ObjectId)>,
    pub(super) folders: Vec<Folder>,
}

/// Reads from the front of a slice.
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

    /// Takes everything up to the next `end`, with the `end`.
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

    /// A variable-length number of index version 4.
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
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, Refusal> {
        let mut cursor = Cursor(bytes);
        if cursor.take(4)? != b"DIRC" {
            return damaged("no signature");
        }
        let version = cursor.number(4)?;
        if !(2..=4).contains(&version) {
            return refuse("unknown version");
        }
        let count = cursor.number(4)?;
        // An entry has at least 62 bytes, so a false count cannot request more memory than the
        // file has.
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
                // Capital letters mark optional extensions.
                [b'A'..=b'Z', ..] => {}
                _ => return refuse(&format!("extension {}", signature.escape_ascii())),
            }
        }
        if cursor.0.len() == ID { Ok(index) } else { damaged("it does not end with a hash") }
    }

    /// Reads the next entry. `before` is the range of the previous entry's path. Returns the
    /// range of its own path.
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
                // NULs pad it to a multiple of eight; one is consumed already.
                let taken = before_it - cursor.0.len();
                cursor.take(taken.next_multiple_of(8) - taken)?;
                (start, start + length)
            }
        };
        if flags & STAGE != 0 {
            let path = self.paths.get(start..end).unwrap_or_default();
            return Err(Refusal::Final(SourceError::unmerged(path)));
        }
        if mode & NO_FOLDER == 0 {
            return refuse("an entry is a folder");
        }
        // An intended entry is in no commit yet.
        if extended & INTENT_TO_ADD == 0 {
            let small = |number: usize| u32::try_from(number).or_else(|_| refuse("it is too big"));
            self.slots.push(Slot { fixed: small(fixed)?, path: small(start)?, length: small(end - start)? });
        }
        Ok((start, end))
    }

    pub(super) fn path(&self, slot: &Slot) -> &[u8] {
        let start = slot.path as usize;
        self.paths.get(start..start + slot.length as usize).unwrap_or_default()
    }

    /// The entry, and its file's size.
    pub(super) fn entry(&self, slot: &Slot) -> Result<(TreeEntry, Option<u32>), Refusal> {
        let mut cursor = Cursor(self.bytes.get(slot.fixed as usize..).unwrap_or_default());
        let mode = cursor.mode()?;
        // The owner.
        cursor.take(8)?;
        let size = cursor.number(4)? as u32;
        // git writes 0 for a file that it must compare again.
        Ok((TreeEntry { id: cursor.id()?, mode }, Some(size).filter(|size| *size != 0)))
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

/// A decimal number; none for -1.
fn decimal(digits: &[u8]) -> Result<Option<usize>, Refusal> {
    match std::str::from_utf8(digits) {
        Ok("-1") => Ok(None),
        Ok(digits) => digits.parse().map(Some).or_else(|_| damaged("no number")),
        Err(_) => damaged("no number"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
