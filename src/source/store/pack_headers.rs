//! Reads the headers of a pack's objects: their offsets and their bases.

use std::fs::File;
use std::io::{self, Error, ErrorKind};

use super::loose::Kind;
use super::pack_index::PackIndex;
use crate::packed::{distance, object_header};
use crate::source::ObjectId;

/// How many bytes of a pack are read at a time to find headers.
const WINDOW: usize = 1 << 20;
/// The longest header: a type with a size, and the id of a base.
const LONGEST_HEADER: usize = 64;
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
    let mut window = Window { file, start: 0, bytes: Vec::new() };
    let mut entries = Vec::with_capacity(slots.len());
    for (offset, slot) in &slots {
        let header = window.at(*offset, end)?;
        let (kind, size, mut length) = object_header(header).ok_or_else(unknown)?;
        let rest = header.get(length..).unwrap_or_default();
        let (kind, base) = match kind {
            1 => (Some(Kind::Commit), NONE),
            2 => (Some(Kind::Tree), NONE),
            3 => (Some(Kind::Blob), NONE),
            4 => (Some(Kind::Tag), NONE),
            6 => {
                let (distance, more) = distance(rest).ok_or_else(unknown)?;
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
        entries.push(ObjectHeader { offset: *offset, header: length, size, slot: *slot, base, kind });
    }
    Ok(entries)
}

/// A part of a file, read once for all headers in it.
struct Window<'f> {
    file: &'f File,
    start: u64,
    bytes: Vec<u8>,
}

impl Window<'_> {
    /// The bytes at `offset`, as many as a header can have before `end`. Offsets must not
    /// decrease. Does not read bytes twice.
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

#[cfg(unix)]
pub(super) fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

#[cfg(windows)]
pub(super) fn read_at(file: &File, mut buffer: &mut [u8], mut offset: u64) -> io::Result<()> {
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

pub(super) fn damaged(why: &'static str) -> Error {
    Error::new(ErrorKind::InvalidData, why)
}

pub(super) fn unknown() -> Error {
    damaged("an object begins with what no object begins with")
}
