//! Reads packs: many objects in one file, most of them stored as deltas.
//!
//! The whole pack is read in its own order and nothing twice: an object is made from its base
//! while that is still in memory, then the objects that build on it. git and libgit2 read
//! object by object, and make a base again for each one that has left their caches.

use std::fs::{self, File};
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};

use flate2::{Decompress, FlushDecompress, Status};

use super::loose::Kind;
use super::pack_headers::{Children, ObjectHeader, damaged, numbers, read_headers, unknown, weights};
use super::pack_index::{Bytes, PackIndex};
use super::read_at::read_at;
use crate::packed::{Made, apply};
use crate::source::{LARGEST_WHOLE, ObjectId};

#[cfg(test)]
pub(super) mod tests;

/// A pack with the headers of its objects.
pub struct Pack {
    path: PathBuf,
    file: File,
    /// The end of the objects.
    end: u64,
    index: PackIndex,
    /// In the order of the pack.
    entries: Vec<ObjectHeader>,
    /// The objects that build on each entry, the one with the most dependants last.
    children: Children,
    /// The objects that build on no other.
    roots: Vec<u32>,
}

/// What a pack hands out.
pub enum Packed<'a> {
    /// An object.
    Object {
        kind: Kind,
        id: ObjectId,
        content: &'a [u8],
        /// Its differences to its base, if that is a clean base.
        changed: Option<&'a [Range<usize>]>,
    },
    /// An object that is too large for memory, builds on such a one, or builds on an object in
    /// another pack.
    Elsewhere(ObjectId),
    /// An object that is damaged or builds on a damaged one.
    Damaged(ObjectId),
}

/// Receives what is handed out.
type Out<'o> = dyn FnMut(Packed<'_>) -> io::Result<Answer> + 'o;

/// The answer to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Stop.
    Stop,
    /// Continue.
    Next,
    /// Continue; report the differences of the objects that build on it.
    CleanBase,
}

impl Pack {
    /// Reads the index at `path` and the headers of its pack, with ids of `id_length` bytes.
    pub fn open(path: &Path, id_length: usize) -> io::Result<Self> {
        let index = PackIndex::parse(fs::read(path)?, id_length)?;
        let path = path.with_extension("pack");
        let file = File::open(&path)?;
        let length = file.metadata()?.len();
        let end = length.checked_sub(id_length as u64).ok_or_else(|| damaged("it has no end"))?;
        check(&file, end, &index)?;
        let entries = read_headers(&file, end, &index)?;
        let weights = weights(&entries);
        let children = Children::of(&entries, &weights);
        let is_root = |entry: &ObjectHeader| entries.get(entry.base as usize).is_none();
        let roots = numbers(&entries).filter(|(_, entry)| is_root(entry)).map(|(number, _)| number).collect();
        Ok(Self { path, file, end, index, entries, children, roots })
    }

    /// The path of the pack.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many objects it has.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it has the object.
    pub fn contains(&self, id: ObjectId) -> bool {
        self.index.contains(id)
    }

    /// The objects that no root leads to: damaged ones that build on themselves.
    pub fn rootless(&self) -> Vec<ObjectId> {
        let mut reached = vec![false; self.entries.len()];
        let mut stack = self.roots.clone();
        while let Some(number) = stack.pop() {
            if let Some(reached) = reached.get_mut(number as usize).filter(|reached| !**reached) {
                *reached = true;
                stack.extend(self.children.of_entry(number));
            }
        }
        let rootless = self.entries.iter().zip(reached).filter(|(_, reached)| !reached);
        rootless.filter_map(|(entry, _)| self.index.id(entry.slot)).collect()
    }

    /// Hands out each root, numbered by `next`, with the objects that build on it, until none
    /// is left or `out` stops. Several threads may share `next`, which begins at 0.
    pub fn each(&self, next: &AtomicUsize, out: &mut Out<'_>) -> io::Result<bool> {
        let mut reader = Reader { pack: self, written: Vec::new(), inflate: Decompress::new(true) };
        while let Some(root) = self.roots.get(next.fetch_add(1, Ordering::Relaxed)) {
            if !reader.family(*root, out)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Checks that the index belongs to the pack, as git does: objects that it does not name would
/// be skipped.
pub(super) fn check<B: Bytes>(file: &File, end: u64, index: &PackIndex<B>) -> io::Result<()> {
    let mut header = [0; 12];
    read_at(file, &mut header, 0)?;
    let (start, count) = header.split_at(8);
    if !matches!(start, b"PACK\0\0\0\x02" | b"PACK\0\0\0\x03") {
        return Err(damaged("it does not begin as a pack does"));
    }
    let mut checksum = vec![0; index.id_length()];
    read_at(file, &mut checksum, end)?;
    let counts = u32::try_from(index.len()).is_ok_and(|length| length.to_be_bytes() == count);
    match counts && checksum == index.pack_checksum() {
        true => Ok(()),
        false => Err(damaged("its index is that of another pack")),
    }
}

/// An object on which others build.
#[derive(Clone)]
struct Base {
    content: Rc<Vec<u8>>,
    is_clean: bool,
}

/// Reads objects family by family.
struct Reader<'p> {
    pack: &'p Pack,
    written: Vec<u8>,
    inflate: Decompress,
}

impl Reader<'_> {
    /// Hands out the object at the root and everything that builds on it.
    fn family(&mut self, root: u32, out: &mut Out<'_>) -> io::Result<bool> {
        let Some(ObjectHeader { kind, .. }) = self.pack.entries.get(root as usize) else { return Ok(true) };
        let Some(kind) = *kind else { return self.each_of(root, Packed::Elsewhere, out) };
        // The top of the stack is next. The last object that needs a base releases it. Since
        // the one with the most dependants is last, few bases are held at any time.
        let mut stack: Vec<(u32, Option<Base>)> = vec![(root, None)];
        while let Some((number, base)) = stack.pop() {
            let is_clean = base.as_ref().is_some_and(|base| base.is_clean);
            let Made { content, changed } = match self.content(number, base) {
                Ok(Some(made)) => made,
                unmade => {
                    let why = if unmade.is_ok() { Packed::Elsewhere } else { Packed::Damaged };
                    if !self.each_of(number, why, out)? {
                        return Ok(false);
                    }
                    continue;
                }
            };
            let changed = is_clean.then_some(changed.as_slice());
            let answer = out(Packed::Object { kind, id: self.id(number)?, content: &content, changed })?;
            if answer == Answer::Stop {
                return Ok(false);
            }
            let children = self.pack.children.of_entry(number);
            if !children.is_empty() {
                let base = Base { content: Rc::new(content), is_clean: answer == Answer::CleanBase };
                // The one with the most dependants leaves the stack last.
                stack.extend(children.iter().rev().map(|child| (*child, Some(base.clone()))));
            }
        }
        Ok(true)
    }

    fn id(&self, number: u32) -> io::Result<ObjectId> {
        let entry = self.pack.entries.get(number as usize);
        entry
            .and_then(|entry| self.pack.index.id(entry.slot))
            .ok_or_else(|| damaged("its index is too short"))
    }

    /// Names the entry and everything that builds on it.
    fn each_of(
        &self,
        number: u32,
        why: fn(ObjectId) -> Packed<'static>,
        out: &mut Out<'_>,
    ) -> io::Result<bool> {
        let mut stack = vec![number];
        while let Some(number) = stack.pop() {
            if out(why(self.id(number)?))? == Answer::Stop {
                return Ok(false);
            }
            stack.extend(self.pack.children.of_entry(number));
        }
        Ok(true)
    }

    /// The content of the entry; none if it is too large.
    fn content(&mut self, number: u32, base: Option<Base>) -> io::Result<Option<Made>> {
        let (inflated, base) = match (self.inflated(number)?, base) {
            (Some(inflated), Some(base)) => (inflated, base),
            (inflated, _) => return Ok(inflated.map(|content| Made { content, changed: Vec::new() })),
        };
        apply(&base.content, &inflated, LARGEST_WHOLE)
            .ok_or_else(|| damaged("an object does not fit the one that it builds on"))
    }

    /// The stored bytes of the entry; none if they are too large.
    fn inflated(&mut self, number: u32) -> io::Result<Option<Vec<u8>>> {
        let at = number as usize;
        let Some(entry) = self.pack.entries.get(at) else { return Ok(None) };
        // This bounds memory only.
        if entry.size > LARGEST_WHOLE as u64 {
            return Ok(None);
        }
        let next = self.pack.entries.get(at + 1).map_or(self.pack.end, |next| next.offset);
        let length = next.checked_sub(entry.offset).ok_or_else(unknown)?;
        if length > longest(entry.size) {
            return Err(damaged("an object is longer than it says"));
        }
        self.written.resize(usize::try_from(length).unwrap_or_default(), 0);
        read_at(&self.pack.file, &mut self.written, entry.offset)?;
        // Otherwise a flipped bit could turn a tree into a blob unnoticed.
        if self
            .pack
            .index
            .checksum(entry.slot)
            .is_some_and(|checksum| checksum != crc32fast::hash(&self.written))
        {
            return Err(damaged("an object has another checksum than its index says"));
        }
        let compressed = self.written.get(entry.header..).unwrap_or_default();
        inflated(&mut self.inflate, compressed, entry.size).map(Some)
    }
}

/// The most bytes that an object of so many takes. Incompressible content grows a little.
pub(super) fn longest(size: u64) -> u64 {
    size + size / 8 + 4096
}

/// The `size` bytes of an object that is stored at the start of `compressed`.
pub(super) fn inflated(inflate: &mut Decompress, compressed: &[u8], size: u64) -> io::Result<Vec<u8>> {
    let size = usize::try_from(size).unwrap_or_default();
    let mut content = Vec::with_capacity(size + 16);
    inflate.reset(true);
    let status = inflate.decompress_vec(compressed, &mut content, FlushDecompress::Finish)?;
    if status != Status::StreamEnd || content.len() != size {
        return Err(damaged("an object is not as long as it says"));
    }
    Ok(content)
}
