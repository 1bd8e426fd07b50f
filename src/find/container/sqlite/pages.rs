//! The pages of a database, and the cells on them.

use std::collections::HashMap;

/// The pages of a database, or those that a log holds.
pub(in crate::find) struct Pages<'a> {
    held: Held<'a>,
    /// How many bytes of a page are used.
    used: usize,
}

enum Held<'a> {
    /// All pages in order, each of this length, and how many there should be.
    File {
        bytes: &'a [u8],
        length: usize,
        stated: u32,
    },
    Log(&'a HashMap<u32, &'a [u8]>),
}

/// A page that holds cells.
pub(in crate::find) struct Page<'a> {
    pub(super) number: u32,
    bytes: &'a [u8],
    used: usize,
    kind: Kind,
    /// Where its header begins.
    start: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    TableLeaf,
    TableInner,
    IndexLeaf,
    IndexInner,
}

/// A cell: an entry of a table or an index.
pub(in crate::find) struct Cell<'a> {
    /// The number of the row, in a table.
    pub(super) row: Option<u64>,
    /// The page that it leads to.
    pub(super) child: Option<u32>,
    /// How long its content is in all.
    pub(super) length: usize,
    /// As much of that as is on the page, and where it begins there.
    pub(super) local: &'a [u8],
    pub(super) at: usize,
    /// The page on which it goes on.
    pub(super) overflow: Option<u32>,
}

/// A page in a log.
pub(super) struct Frame<'a> {
    pub(super) number: u32,
    pub(super) bytes: &'a [u8],
    /// Whether it is the last one of a transaction.
    pub(super) commits: bool,
}

/// The big-endian number of two bytes at `at`.
fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|number| u16::from_be_bytes(*number))
}

/// The big-endian number of four bytes at `at`.
fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|number| u32::from_be_bytes(*number))
}

pub(super) fn is_database(head: &[u8]) -> bool {
    head.starts_with(b"SQLite format 3\0")
}

fn is_size(size: usize) -> bool {
    size.is_power_of_two() && (512..=65_536).contains(&size)
}

/// How long the header of a log is, and that of a frame in it, in bytes.
const START: usize = 32;
const HEADER: usize = 24;

/// How long the pages of a log are.
fn frame_size(log: &[u8]) -> Option<usize> {
    usize::try_from(be32(log, 8)?).ok().filter(|size| is_size(*size))
}

/// The page that holds the byte at this offset of a log, and the offset in it.
pub(super) fn frame_at(log: &[u8], offset: usize) -> Option<(Page<'_>, usize)> {
    let size = frame_size(log)?;
    let frame = offset.checked_sub(START)? / (HEADER + size);
    let header = log.get(START + frame * (HEADER + size)..)?;
    let bytes = header.get(HEADER..)?.get(..size)?;
    let at = (offset - START).checked_sub(frame * (HEADER + size) + HEADER)?;
    Some((Page::of(be32(header, 0)?, bytes, size)?, at))
}

/// The pages of a log in their order, and whether the last one is whole.
pub(super) fn frames(bytes: &[u8]) -> Option<(Vec<Frame<'_>>, bool)> {
    let size = frame_size(bytes)?;
    let frames = bytes.get(START..)?.chunks(HEADER + size);
    let mut whole = true;
    let frames = frames.filter_map(|frame| {
        whole = frame.len() == HEADER + size;
        let (header, bytes) = frame.split_at_checked(HEADER)?;
        let number = be32(header, 0)?;
        (bytes.len() == size).then_some(Frame { number, bytes, commits: be32(header, 4)? > 0 })
    });
    Some((frames.collect(), whole))
}

impl<'a> Pages<'a> {
    /// Those of a database.
    pub(in crate::find) fn of(bytes: &'a [u8]) -> Option<Self> {
        let length = match be16(bytes, 16)? {
            1 => 65_536,
            length => usize::from(length),
        };
        let reserved = usize::from(*bytes.get(20)?);
        // No page may have fewer bytes than this.
        let used = length.checked_sub(reserved).filter(|used| is_size(length) && *used >= 480)?;
        // Old programs do not state how many there are, and leave another number there.
        let stated = be32(bytes, 28).filter(|_| bytes.get(24..28) == bytes.get(92..96)).unwrap_or_default();
        Some(Self { held: Held::File { bytes, length, stated }, used })
    }

    pub(super) fn of_log(pages: &'a HashMap<u32, &'a [u8]>, length: usize) -> Self {
        Self { held: Held::Log(pages), used: length }
    }

    /// How many there are.
    pub(super) fn count(&self) -> u32 {
        match &self.held {
            Held::File { bytes, length, .. } => {
                u32::try_from(bytes.len().div_ceil(*length)).unwrap_or(u32::MAX)
            }
            Held::Log(pages) => u32::try_from(pages.len()).unwrap_or(u32::MAX),
        }
    }

    /// Whether some are missing at the end.
    pub(super) fn is_cut(&self) -> bool {
        matches!(&self.held, Held::File { bytes, length, stated } if bytes.len() / length < *stated as usize)
    }

    /// How the texts of a database are written, as its header numbers it.
    pub(super) fn writing(&self) -> Option<u32> {
        match &self.held {
            Held::File { bytes, .. } => be32(bytes, 56),
            Held::Log(_) => None,
        }
    }

    fn bytes(&self, number: u32) -> Option<&'a [u8]> {
        match &self.held {
            Held::File { bytes, length, .. } => {
                let start = usize::try_from(number.checked_sub(1)?).ok()?.checked_mul(*length)?;
                bytes.get(start..)?.get(..*length)
            }
            Held::Log(pages) => pages.get(&number).copied(),
        }
    }

    /// The page of this number, if it holds cells.
    pub(super) fn page(&self, number: u32) -> Option<Page<'a>> {
        Page::of(number, self.bytes(number)?, self.used)
    }

    /// The page that holds the byte at this offset of a database, and the offset in it.
    pub(super) fn at(&self, offset: usize) -> Option<(Page<'a>, usize)> {
        let Held::File { length, .. } = &self.held else { return None };
        let page = self.page(u32::try_from(offset / length + 1).ok()?)?;
        Some((page, offset % length))
    }

    /// What a page holds of a value that goes on there, and the page after it.
    pub(super) fn overflow(&self, number: u32) -> Option<(u32, &'a [u8])> {
        let bytes = self.bytes(number)?;
        Some((be32(bytes, 0)?, bytes.get(4..self.used)?))
    }
}

impl<'a> Page<'a> {
    pub(super) fn of(number: u32, bytes: &'a [u8], used: usize) -> Option<Self> {
        let start = if number == 1 { 100 } else { 0 };
        let kind = match bytes.get(start)? {
            0x0d => Kind::TableLeaf,
            0x05 => Kind::TableInner,
            0x0a => Kind::IndexLeaf,
            0x02 => Kind::IndexInner,
            _ => return None,
        };
        Some(Self { number, bytes, used, kind, start })
    }

    fn is_inner(&self) -> bool {
        matches!(self.kind, Kind::TableInner | Kind::IndexInner)
    }

    pub(super) fn cells(&self) -> impl Iterator<Item = Cell<'a>> {
        let count = usize::from(be16(self.bytes, self.start + 3).unwrap_or_default());
        let pointers = self.start + if self.is_inner() { 12 } else { 8 };
        (0..count)
            .map_while(move |number| {
                let at = be16(self.bytes, pointers + 2 * number)?;
                Some(self.cell(usize::from(at)))
            })
            .flatten()
    }

    /// The pages below it: those of its cells and the last one.
    pub(super) fn children(&self) -> Vec<u32> {
        let last = be32(self.bytes, self.start + 8).filter(|_| self.is_inner());
        self.cells().filter_map(|cell| cell.child).chain(last).collect()
    }

    fn cell(&self, at: usize) -> Option<Cell<'a>> {
        let mut rest = self.bytes.get(at..self.used)?;
        let child = if self.is_inner() { Some(be32(rest, 0)?) } else { None };
        rest = rest.get(if self.is_inner() { 4 } else { 0 }..)?;
        if self.kind == Kind::TableInner {
            return Some(Cell { row: None, child, length: 0, local: &[], at, overflow: None });
        }
        let (length, after) = varint(rest)?;
        let (row, after) = match self.kind {
            Kind::TableLeaf => varint(after).map(|(row, rest)| (Some(row), rest))?,
            _ => (None, after),
        };
        let length = usize::try_from(length).ok()?;
        let local = self.local(length);
        let start = self.bytes.get(..self.used)?.len() - after.len();
        let overflow = if local < length { Some(be32(after, local)?) } else { None };
        Some(Cell { row, child, length, local: after.get(..local)?, at: start, overflow })
    }

    /// How much of a content of this length is on the page itself.
    fn local(&self, length: usize) -> usize {
        let most = match self.kind {
            Kind::TableLeaf => self.used - 35,
            _ => (self.used - 12) * 64 / 255 - 23,
        };
        let least = (self.used - 12) * 32 / 255 - 23;
        if length <= most {
            return length;
        }
        let even = least + (length - least) % (self.used - 4);
        if even <= most { even } else { least }
    }
}

/// A number at the start of `bytes` in groups of seven bits, and what follows.
pub(super) fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut number = 0_u64;
    for (at, byte) in bytes.iter().enumerate().take(9) {
        if at == 8 {
            return Some((number << 8 | u64::from(*byte), bytes.get(9..)?));
        }
        number = number << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((number, bytes.get(at + 1..)?));
        }
    }
    None
}
