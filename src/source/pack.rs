//! A pack: many objects in one file, most of them written as differences to others.
//!
//! All of it is read at once, in its own order, and nothing twice: an object is
//! made from its base while that is still in memory, then those that build on it.
//! git and libgit2 answer for one object after the other and make a base anew for
//! each that has left their caches.

use std::fs::{self, File};
use std::io::{self, Error, ErrorKind};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};

use flate2::{Decompress, FlushDecompress, Status};

use super::loose::Kind;
use super::pack_index::{self, Made, PackIndex};
use super::{LARGEST_WHOLE, ObjectId};

#[cfg(test)]
mod tests;

/// How much of a pack is read at a time to find the headers of its objects, in bytes.
const WINDOW: usize = 1 << 20;
/// No header is longer: a type with a size, and the id of a base.
const LONGEST_HEADER: usize = 64;
/// Stands for an entry that there is none of.
const NONE: u32 = u32::MAX;

/// An object that is built on no other, or on another one.
#[derive(Debug, Clone, Copy)]
struct Entry {
    /// Where it begins.
    offset: u64,
    /// How many bytes stand before its compressed ones.
    header: usize,
    /// How many bytes it has, or the difference to its base has.
    size: u64,
    /// Its place in the index.
    place: u32,
    /// The entry that it builds on; [`NONE`] if it builds on none, or on an object in
    /// another pack.
    base: u32,
    /// What it is; of one that builds on another none.
    kind: Option<Kind>,
}

/// A pack whose objects' headers were read.
pub(super) struct Pack {
    path: PathBuf,
    file: File,
    /// Where the objects end.
    end: u64,
    index: PackIndex,
    /// In the order of the pack.
    entries: Vec<Entry>,
    /// Those that build on the entry of a number, the one on which most builds last.
    children: Children,
    /// Those that build on none of them.
    roots: Vec<u32>,
}

/// What is handed out of a pack.
pub(super) enum Packed<'a> {
    /// An object.
    Object {
        kind: Kind,
        id: ObjectId,
        content: &'a [u8],
        /// Where it differs from the one that it builds on, if that one was called a
        /// ground to build on.
        fresh: Option<&'a [Range<usize>]>,
    },
    /// An object that is too large to be in memory as a whole, or is built on one that
    /// is, or on one in another pack.
    Elsewhere(ObjectId),
}

/// Whoever takes what is handed out.
type Out<'o> = dyn FnMut(Packed<'_>) -> io::Result<Answer> + 'o;

/// What is said to an object that was handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// Enough.
    Stop,
    /// Go on.
    Next,
    /// Go on, and say of what builds on it where it differs.
    Ground,
}

impl Pack {
    /// Reads the index at `path` and the headers of the pack beside it, with ids of
    /// `id_length` bytes.
    pub(super) fn open(path: &Path, id_length: usize) -> io::Result<Self> {
        let index = PackIndex::parse(fs::read(path)?, id_length)?;
        let path = path.with_extension("pack");
        let file = File::open(&path)?;
        let length = file.metadata()?.len();
        let end = length.checked_sub(id_length as u64).ok_or_else(|| damaged("it has no end"))?;
        check(&file, end, &index)?;
        let entries = read_headers(&file, end, &index)?;
        let weights = weights(&entries);
        let children = Children::of(&entries, &weights);
        let is_root = |entry: &Entry| entries.get(entry.base as usize).is_none();
        let roots = numbers(&entries).filter(|(_, entry)| is_root(entry)).map(|(number, _)| number).collect();
        Ok(Self { path, file, end, index, entries, children, roots })
    }

    /// The pack's file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// How many objects it has.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it has the object.
    pub(super) fn contains(&self, id: ObjectId) -> bool {
        self.index.contains(id)
    }

    /// Hands out objects and what builds on them until none is left of which `next`
    /// says the number, or `out` says that it is enough; else it says whether the
    /// object is a ground to build on. Several threads may share `next`, which begins
    /// at 0.
    pub(super) fn each(&self, next: &AtomicUsize, out: &mut Out<'_>) -> io::Result<bool> {
        let mut reader = Reader { pack: self, written: Vec::new(), inflate: Decompress::new(true) };
        while let Some(root) = self.roots.get(next.fetch_add(1, Ordering::Relaxed)) {
            if !reader.family(*root, out)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Whether the index is that of the pack, as git tells it: objects that it does not name
/// would be passed over.
fn check(file: &File, end: u64, index: &PackIndex) -> io::Result<()> {
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

/// Entries with their numbers.
fn numbers(entries: &[Entry]) -> impl Iterator<Item = (u32, &Entry)> {
    (0..).zip(entries)
}

/// For each entry with how many it and what builds on it have to do: the order that
/// follows from it only saves memory. A base stands before what builds on it, but for
/// packs that other programs than git made.
fn weights(entries: &[Entry]) -> Vec<u32> {
    let mut weights = vec![1_u32; entries.len()];
    for (number, entry) in entries.iter().enumerate().rev() {
        let own = weights.get(number).copied().unwrap_or(1);
        if let Some(base) = weights.get_mut(entry.base as usize) {
            *base = base.saturating_add(own);
        }
    }
    weights
}

/// Which entries build on which.
struct Children {
    /// Where in `all` those of the entry of a number begin; one more at the end.
    first: Vec<u32>,
    all: Vec<u32>,
}

impl Children {
    fn of(entries: &[Entry], weights: &[u32]) -> Self {
        let has_base = |entry: &Entry| entries.get(entry.base as usize).is_some();
        let mut by_base: Vec<u32> =
            numbers(entries).filter(|(_, entry)| has_base(entry)).map(|(number, _)| number).collect();
        let base = |number: &u32| entries.get(*number as usize).map_or(NONE, |entry| entry.base);
        by_base.sort_by_key(|number| (base(number), weights.get(*number as usize).copied()));
        let mut first = vec![0; entries.len() + 1];
        for number in &by_base {
            if let Some(count) = first.get_mut(base(number) as usize + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        first.iter_mut().for_each(|count| {
            sum += *count;
            *count = sum;
        });
        Self { first, all: by_base }
    }

    fn of_entry(&self, number: u32) -> &[u32] {
        let number = number as usize;
        let range = self.first.get(number).zip(self.first.get(number + 1));
        range.and_then(|(from, to)| self.all.get(*from as usize..*to as usize)).unwrap_or_default()
    }
}

/// Reads the header of each object, in the order of the pack.
fn read_headers(file: &File, end: u64, index: &PackIndex) -> io::Result<Vec<Entry>> {
    let places = index.by_offset()?;
    let offsets: Vec<u64> = places.iter().map(|(offset, _)| *offset).collect();
    let number_of = |offset: u64| offsets.binary_search(&offset).ok().and_then(|at| u32::try_from(at).ok());
    let mut window = Window { file, start: 0, bytes: Vec::new() };
    let mut entries = Vec::with_capacity(places.len());
    for (offset, place) in &places {
        let header = window.at(*offset, end)?;
        let (kind, size, mut length) = pack_index::object_header(header).ok_or_else(unknown)?;
        let rest = header.get(length..).unwrap_or_default();
        let (kind, base) = match kind {
            1 => (Some(Kind::Commit), NONE),
            2 => (Some(Kind::Tree), NONE),
            3 => (Some(Kind::Blob), NONE),
            4 => (Some(Kind::Tag), NONE),
            6 => {
                let (distance, more) = pack_index::distance(rest).ok_or_else(unknown)?;
                length += more;
                let base = offset.checked_sub(distance).and_then(number_of);
                (None, base.ok_or_else(|| damaged("an object builds on none of its objects"))?)
            }
            7 => {
                let id = rest.get(..index.id_length()).and_then(ObjectId::from_bytes);
                let id = id.ok_or_else(unknown)?;
                length += index.id_length();
                (None, index.offset_of(id).and_then(number_of).unwrap_or(NONE))
            }
            _ => return Err(unknown()),
        };
        entries.push(Entry { offset: *offset, header: length, size, place: *place, base, kind });
    }
    Ok(entries)
}

/// A part of a file, read once for all that stands in it.
struct Window<'f> {
    file: &'f File,
    start: u64,
    bytes: Vec<u8>,
}

impl Window<'_> {
    /// The bytes at `offset`, as many as a header can have and `end` leaves. No `offset`
    /// is less than one before it. To read what is held already would only take time.
    fn at(&mut self, offset: u64, end: u64) -> io::Result<&[u8]> {
        let wanted = end.saturating_sub(offset).min(LONGEST_HEADER as u64);
        let held = self.start..self.start + self.bytes.len() as u64;
        if offset < held.start || offset + wanted > held.end {
            let length = end.saturating_sub(offset).min(WINDOW as u64);
            self.bytes.resize(usize::try_from(length).unwrap_or_default(), 0);
            read_at(self.file, &mut self.bytes, offset)?;
            self.start = offset;
        }
        let from = usize::try_from(offset - self.start).unwrap_or(usize::MAX);
        self.bytes.get(from..from.saturating_add(wanted as usize)).ok_or_else(unknown)
    }
}

/// An object on which others build.
#[derive(Clone)]
struct Base {
    content: Rc<Vec<u8>>,
    ground: bool,
}

/// Reads objects one family after the other.
struct Reader<'p> {
    pack: &'p Pack,
    written: Vec<u8>,
    inflate: Decompress,
}

impl Reader<'_> {
    /// Hands out the object at the root and all that builds on it.
    fn family(&mut self, root: u32, out: &mut Out<'_>) -> io::Result<bool> {
        let Some(Entry { kind, .. }) = self.pack.entries.get(root as usize) else { return Ok(true) };
        let Some(kind) = *kind else { return self.elsewhere(root, out) };
        // What is on top of the stack is next. The last that needs a base lets go of
        // it, and as most builds on that one, few bases are held at any time.
        let mut stack: Vec<(u32, Option<Base>)> = vec![(root, None)];
        while let Some((number, base)) = stack.pop() {
            let ground = base.as_ref().is_some_and(|base| base.ground);
            let Some(Made { content, fresh }) = self.content(number, base)? else {
                if !self.elsewhere(number, out)? {
                    return Ok(false);
                }
                continue;
            };
            let fresh = ground.then_some(fresh.as_slice());
            let answer = out(Packed::Object { kind, id: self.id(number)?, content: &content, fresh })?;
            if answer == Answer::Stop {
                return Ok(false);
            }
            let children = self.pack.children.of_entry(number);
            if !children.is_empty() {
                let base = Base { content: Rc::new(content), ground: answer == Answer::Ground };
                // The heaviest comes last out of the stack.
                stack.extend(children.iter().rev().map(|child| (*child, Some(base.clone()))));
            }
        }
        Ok(true)
    }

    fn id(&self, number: u32) -> io::Result<ObjectId> {
        let entry = self.pack.entries.get(number as usize);
        entry
            .and_then(|entry| self.pack.index.id(entry.place))
            .ok_or_else(|| damaged("its index is too short"))
    }

    /// Names the entry and all that builds on it.
    fn elsewhere(&self, number: u32, out: &mut Out<'_>) -> io::Result<bool> {
        let mut stack = vec![number];
        while let Some(number) = stack.pop() {
            if out(Packed::Elsewhere(self.id(number)?))? == Answer::Stop {
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
            (inflated, _) => return Ok(inflated.map(|content| Made { content, fresh: Vec::new() })),
        };
        pack_index::apply(&base.content, &inflated, LARGEST_WHOLE)
            .ok_or_else(|| damaged("an object does not fit the one that it builds on"))
    }

    /// What is written of the entry itself; none if it is too large.
    fn inflated(&mut self, number: u32) -> io::Result<Option<Vec<u8>>> {
        let place = number as usize;
        let Some(entry) = self.pack.entries.get(place) else { return Ok(None) };
        // Memory is all that this bounds.
        if entry.size > LARGEST_WHOLE as u64 {
            return Ok(None);
        }
        let next = self.pack.entries.get(place + 1).map_or(self.pack.end, |next| next.offset);
        let length = next.checked_sub(entry.offset).ok_or_else(unknown)?;
        // Of what cannot be compressed a little more is written than there is.
        if length > entry.size + entry.size / 8 + 4096 {
            return Err(damaged("an object is longer than it says"));
        }
        self.written.resize(usize::try_from(length).unwrap_or_default(), 0);
        read_at(&self.pack.file, &mut self.written, entry.offset)?;
        // A flipped bit could make a file of a folder, and nobody would notice.
        if self
            .pack
            .index
            .checksum(entry.place)
            .is_some_and(|checksum| checksum != crc32fast::hash(&self.written))
        {
            return Err(damaged("an object has another checksum than its index says"));
        }
        let compressed = self.written.get(entry.header..).unwrap_or_default();
        let size = usize::try_from(entry.size).unwrap_or_default();
        let mut content = Vec::with_capacity(size + 16);
        self.inflate.reset(true);
        let status = self.inflate.decompress_vec(compressed, &mut content, FlushDecompress::Finish)?;
        if status != Status::StreamEnd || content.len() != size {
            return Err(damaged("an object is not as long as it says"));
        }
        Ok(Some(content))
    }
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_at(file: &File, mut buffer: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !buffer.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, buffer, offset)? {
            0 => return Err(ErrorKind::UnexpectedEof.into()),
            count => {
                buffer = buffer.get_mut(count..).unwrap_or_default();
                offset += count as u64;
            }
        }
    }
    Ok(())
}

fn damaged(why: &'static str) -> Error {
    Error::new(ErrorKind::InvalidData, why)
}

fn unknown() -> Error {
    damaged("an object begins with what no object begins with")
}
