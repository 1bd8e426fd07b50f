//! Reads the headers of a pack's objects: their offsets and their bases.

use std::fs::File;
use std::io::{self, Error, ErrorKind};

use super::loose::Kind;
use super::pack_index::PackIndex;
use super::read_at::read_at;
use crate::packed::{distance, object_header};
use crate::source::ObjectId;

/// How many bytes of a pack are read at a time to find headers.
const WINDOW: u64 = 1 << 20;
/// The longest header: a type with a size, and the id of a base.
pub(super) const LONGEST_HEADER: u64 = 64;
/// Stands for no entry.
pub(super) const NONE: u32 = u32::MAX;

/// The header of an object.
#[derive(Debug, Clone, Copy)]
pub(super) struct ObjectHeader {
    /// Its offset.
    pub(super) offset: u64,
    /// The length of the header.
    pub(super) header: usize,
    /// The size of the object, or of its delta.
    pub(super) size: u64,
    /// Its place in the index.
    pub(super) slot: u32,
    /// The entry that it builds on; [`NONE`] if there is none, or if it is in another pack.
    pub(super) base: u32,
    /// Its kind; none if it builds on another.
    pub(super) kind: Option<Kind>,
}

/// Reads the header of each object, in the order of the pack.
pub(super) fn read_headers(file: &File, end: u64, index: &PackIndex) -> io::Result<Vec<ObjectHeader>> {
    let slots = index.by_offset()?;
    let offsets: Vec<u64> = slots.iter().map(|(offset, _)| *offset).collect();
    let number_of = |offset: u64| offsets.binary_search(&offset).ok().and_then(|at| u32::try_from(at).ok());
    let mut window = Window::new(WINDOW, 1);
    let mut entries = Vec::with_capacity(slots.len());
    for (offset, slot) in &slots {
        let Start { what, size, length } = start(window.header(file, *offset, end)?, index.id_length())?;
        let (kind, base) = match what {
            What::Whole(kind) => (Some(kind), NONE),
            What::Behind(distance) => {
                let base = offset.checked_sub(distance).and_then(number_of);
                (None, base.ok_or_else(|| damaged("an object builds on none of its objects"))?)
            }
            What::On(id) => (None, index.offset_of(id).and_then(number_of).unwrap_or(NONE)),
        };
        entries.push(ObjectHeader { offset: *offset, header: length, size, slot: *slot, base, kind });
    }
    Ok(entries)
}

/// How an object begins.
pub(super) struct Start {
    pub(super) what: What,
    /// The size of the object, or of its delta.
    pub(super) size: u64,
    /// The length of the header.
    pub(super) length: usize,
}

/// An object that is whole, or a delta to another one.
pub(super) enum What {
    Whole(Kind),
    /// To the one that begins so many bytes before.
    Behind(u64),
    /// To the one with this id.
    On(ObjectId),
}

/// Parses the header of an object, with ids of `id_length` bytes.
pub(super) fn start(header: &[u8], id_length: usize) -> io::Result<Start> {
    let (kind, size, length) = object_header(header).ok_or_else(unknown)?;
    let rest = header.get(length..).unwrap_or_default();
    let (what, more) = match kind {
        1 => (What::Whole(Kind::Commit), 0),
        2 => (What::Whole(Kind::Tree), 0),
        3 => (What::Whole(Kind::Blob), 0),
        4 => (What::Whole(Kind::Tag), 0),
        6 => {
            let (distance, more) = distance(rest).ok_or_else(unknown)?;
            (What::Behind(distance), more)
        }
        7 => {
            let id = rest.get(..id_length).and_then(ObjectId::from_bytes);
            (What::On(id.ok_or_else(unknown)?), id_length)
        }
        _ => return Err(unknown()),
    };
    Ok(Start { what, size, length: length + more })
}

/// A part of a file in memory.
pub(super) struct Window {
    start: u64,
    bytes: Vec<u8>,
    /// How much is read at once, at least.
    length: u64,
    /// Of what its start is a multiple: then it also has what stands before its first object.
    step: u64,
}

impl Window {
    /// An empty one, for which at least `length` bytes are read at once, from a multiple of
    /// `step` on.
    pub(super) fn new(length: u64, step: u64) -> Self {
        Self { start: 0, bytes: Vec::new(), length, step }
    }

    /// Holds nothing any more. `length` and `step` as in [`Window::new`].
    pub(super) fn forget(&mut self, length: u64, step: u64) {
        (self.start, self.length, self.step) = (u64::MAX, length, step);
    }

    /// Whether so many bytes at `offset` are in memory.
    pub(super) fn holds(&self, offset: u64, wanted: u64) -> bool {
        offset >= self.start && offset + wanted <= self.start + self.bytes.len() as u64
    }

    /// The bytes at `offset`, as many as a header can have before `end`.
    pub(super) fn header(&mut self, file: &File, offset: u64, end: u64) -> io::Result<&[u8]> {
        self.at(file, offset, LONGEST_HEADER, end)
    }

    /// So many bytes at `offset`, or all before `end`.
    pub(super) fn at(&mut self, file: &File, offset: u64, wanted: u64, end: u64) -> io::Result<&[u8]> {
        let wanted = end.saturating_sub(offset).min(wanted);
        if !self.holds(offset, wanted) {
            self.start = offset - offset % self.step;
            let until = end.min((offset + wanted).max(self.start + self.length));
            self.bytes.resize(usize::try_from(until.saturating_sub(self.start)).unwrap_or_default(), 0);
            let read = read_at(file, &mut self.bytes, self.start);
            if let Err(error) = read {
                self.bytes.clear();
                return Err(error);
            }
        }
        let from = usize::try_from(offset - self.start).unwrap_or(usize::MAX);
        self.bytes.get(from..from.saturating_add(wanted as usize)).ok_or_else(unknown)
    }
}

/// Entries with their numbers.
pub(super) fn numbers(entries: &[ObjectHeader]) -> impl Iterator<Item = (u32, &ObjectHeader)> {
    (0..).zip(entries)
}

/// The number of entries that build on each entry, itself included. The resulting order only
/// saves memory. A base precedes its dependants, except in packs of other programs than git.
pub(super) fn weights(entries: &[ObjectHeader]) -> Vec<u32> {
    let mut weights = vec![1_u32; entries.len()];
    for (number, entry) in entries.iter().enumerate().rev() {
        let own = weights.get(number).copied().unwrap_or(1);
        if let Some(base) = weights.get_mut(entry.base as usize) {
            *base = base.saturating_add(own);
        }
    }
    weights
}

/// The dependants of each entry.
pub(super) struct Children {
    /// The start of each entry's dependants in `all`, and the end of the last.
    first: Vec<u32>,
    all: Vec<u32>,
}

impl Children {
    pub(super) fn of(entries: &[ObjectHeader], weights: &[u32]) -> Self {
        let has_base = |entry: &ObjectHeader| entries.get(entry.base as usize).is_some();
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

    pub(super) fn of_entry(&self, number: u32) -> &[u32] {
        let number = number as usize;
        let range = self.first.get(number).zip(self.first.get(number + 1));
        range.and_then(|(from, to)| self.all.get(*from as usize..*to as usize)).unwrap_or_default()
    }
}

pub(super) fn damaged(why: &'static str) -> Error {
    Error::new(ErrorKind::InvalidData, why)
}

pub(super) fn unknown() -> Error {
    damaged("an object begins with what no object begins with")
}
