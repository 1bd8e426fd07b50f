//! zip archives.
//!
//! Each member follows a local header, and a directory at the end lists all members. Either can
//! be damaged or missing, or contradict the other, and programs differ in which one they trust.
//! So both are read: the listed members, and every member between them.

use std::io::{self, Read};
use std::ops::Range;

use flate2::Crc;
use memchr::memmem;

use super::bytes::{damaged, le16, le32, le64};
use super::bzip2::Bzip2;
use super::deflate::Inflate;
use super::visit::{Spent, Unread, Visit};
use super::xz::{Lzma, Xz};
use super::zstd::Zstd;

const LOCAL: &[u8] = b"PK\x03\x04";
const LISTED: &[u8] = b"PK\x01\x02";
const END: &[u8] = b"PK\x05\x06";

const STORED: u16 = 0;
const DEFLATED: u16 = 8;

/// A member, by one of its two headers.
struct ZipEntry<'a> {
    /// Where its local header begins.
    at: usize,
    /// Where the local header ends; not used in a listed entry.
    start: usize,
    name: &'a [u8],
    flags: u16,
    method: u16,
    /// How many bytes it takes packed, if that is known.
    packed: Option<usize>,
    plain: u64,
    crc: Option<u32>,
}

impl<'a> ZipEntry<'a> {
    /// The entry whose local header is `at` this offset.
    fn local(bytes: &'a [u8], at: usize) -> Option<Self> {
        let header = bytes.get(at..)?;
        header.starts_with(LOCAL).then_some(())?;
        let flags = le16(header, 6)?;
        let names = 30 + usize::from(le16(header, 26)?);
        let end = names + usize::from(le16(header, 28)?);
        let sizes = Sizes::read(header.get(18..26)?, header.get(names..end)?, 0);
        // Of a stream, size and checksum follow the content.
        let later = flags & 8 != 0;
        Some(Self {
            at,
            start: at + end,
            name: header.get(30..names)?,
            flags,
            method: le16(header, 8)?,
            packed: (!later || sizes.packed > 0).then(|| size(sizes.packed)),
            plain: sizes.plain,
            crc: if later { None } else { le32(header, 14) },
        })
    }

    /// The entry that `record` in the directory lists, and the record's length. Offsets count
    /// from `base`.
    fn listed(record: &'a [u8], base: usize) -> Option<(Self, usize)> {
        record.starts_with(LISTED).then_some(())?;
        let names = 46 + usize::from(le16(record, 28)?);
        let extra = names + usize::from(le16(record, 30)?);
        let end = extra + usize::from(le16(record, 32)?);
        let sizes = Sizes::read(record.get(20..28)?, record.get(names..extra)?, le32(record, 42)?);
        let entry = Self {
            at: base.saturating_add(size(sizes.offset)),
            start: 0,
            name: record.get(46..names)?,
            flags: le16(record, 8)?,
            method: le16(record, 10)?,
            packed: Some(size(sizes.packed)),
            plain: sizes.plain,
            crc: le32(record, 16),
        };
        record.get(..end).map(|_| (entry, end))
    }

    fn is_encrypted(&self) -> bool {
        self.flags & 1 != 0
    }

    /// Whether it has the same bytes and compression.
    fn same(&self, other: &Self) -> bool {
        let key = |entry: &Self| (entry.at, entry.method, entry.packed, entry.is_encrypted());
        key(self) == key(other)
    }
}

/// Sizes and offset of a member; if they do not fit their fields, an extra field has them.
struct Sizes {
    packed: u64,
    plain: u64,
    offset: u64,
}

impl Sizes {
    fn read(sizes: &[u8], mut extra: &[u8], offset: u32) -> Self {
        const ZIP64: u16 = 1;
        let mut wide: &[u8] = &[];
        while let (Some(tag), Some(length)) = (le16(extra, 0), le16(extra, 2)) {
            let field = extra.get(4..).unwrap_or_default();
            let length = usize::from(length).min(field.len());
            if tag == ZIP64 {
                wide = field.get(..length).unwrap_or_default();
                break;
            }
            extra = field.get(length..).unwrap_or_default();
        }
        let mut number = |narrow: Option<u32>| match narrow.unwrap_or_default() {
            u32::MAX => match le64(wide, 0) {
                Some(number) => {
                    wide = wide.get(8..).unwrap_or_default();
                    number
                }
                None => u64::from(u32::MAX),
            },
            narrow => u64::from(narrow),
        };
        let plain = number(le32(sizes, 4));
        Self { plain, packed: number(le32(sizes, 0)), offset: number(Some(offset)) }
    }
}

/// A number that does not fit is beyond any file in memory.
fn size(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Hands out all members of an archive.
pub(super) fn walk(bytes: &[u8], visit: &mut Visit<'_>) -> Result<(), Spent> {
    let (mut listed, complete) = directory(bytes);
    listed.sort_by_key(|entry| entry.at);
    listed.dedup_by(|later, earlier| later.same(earlier));
    let mut reach = 0;
    for entry in &listed {
        reach = unlisted(bytes, reach..entry.at, visit)?;
        reach = reach.max(member(bytes, entry, visit)?);
    }
    unlisted(bytes, reach..bytes.len(), visit)?;
    if complete { Ok(()) } else { visit.skip(None, Unread::Damaged) }
}

/// Hands out the members in `gap`, which no directory lists. Returns from where on there can be
/// more: after the last one, or where a header could begin that goes on after the gap. So
/// nothing is read twice, however many members the directory lists after one gap.
fn unlisted(bytes: &[u8], mut gap: Range<usize>, visit: &mut Visit<'_>) -> Result<usize, Spent> {
    while let Some(found) = bytes.get(gap.clone()).and_then(|gap| memmem::find(gap, LOCAL)) {
        let at = gap.start + found;
        gap.start = match ZipEntry::local(bytes, at) {
            Some(mut entry) => {
                if entry.packed.is_none() && entry.method != DEFLATED {
                    entry.packed = Some(until_next(bytes.get(entry.start..).unwrap_or_default()));
                }
                let end = content(bytes, &entry, &entry, visit)?;
                end.max(at + LOCAL.len())
            }
            None => {
                visit.skip(None, Unread::Damaged)?;
                at + LOCAL.len()
            }
        };
    }
    Ok(gap.start.max(gap.end.saturating_sub(LOCAL.len())))
}

/// The length of a content that is stated only after it.
fn until_next(content: &[u8]) -> usize {
    memmem::find_iter(content, b"PK")
        .find(|at| match content.get(*at..).unwrap_or_default() {
            [_, _, 3, 4, ..] | [_, _, 1, 2, ..] => true,
            [_, _, 7, 8, rest @ ..] => le32(rest, 4).map(|length| size(length.into())) == Some(*at),
            _ => false,
        })
        .unwrap_or(content.len())
}

/// Hands out a listed member as it is listed and, if that differs, by its local header.
/// Returns where it ends.
fn member(bytes: &[u8], listed: &ZipEntry<'_>, visit: &mut Visit<'_>) -> Result<usize, Spent> {
    let Some(local) = ZipEntry::local(bytes, listed.at) else {
        visit.count(Some(listed.name))?;
        visit.skip(Some(listed.name), Unread::Damaged)?;
        return Ok(0);
    };
    let end = content(bytes, listed, &local, visit)?;
    if listed.method == local.method || listed.is_encrypted() || local.is_encrypted() {
        return Ok(end);
    }
    let other = ZipEntry { crc: None, ..local };
    Ok(end.min(content(bytes, &other, &other, visit)?))
}

/// Hands out the content of `entry`. If the two headers differ in its length the longer one is
/// read, but what follows the shorter one can be a member too.
fn content(
    bytes: &[u8],
    entry: &ZipEntry<'_>,
    local: &ZipEntry<'_>,
    visit: &mut Visit<'_>,
) -> Result<usize, Spent> {
    let start = local.start;
    let rest = bytes.get(start..).unwrap_or_default();
    visit.charge(start - local.at);
    let lengths = [entry.packed, local.packed].into_iter().flatten().map(|length| length.min(rest.len()));
    let (longest, shortest) = (lengths.clone().max(), lengths.min().unwrap_or(rest.len()));
    let packed = longest.and_then(|longest| rest.get(..longest)).unwrap_or(rest);

    let name = Some(entry.name);
    if entry.is_encrypted() || local.is_encrypted() {
        visit.count(name)?;
        visit.skip(name, Unread::Encrypted)?;
        return Ok(start + shortest);
    }
    let mut hand_out = |content: &mut dyn Read| {
        visit.member(name, &mut Checked { content, crc: Crc::new(), expected: entry.crc })
    };
    let mut read = shortest;
    match entry.method {
        STORED => hand_out(&mut &*packed)?,
        DEFLATED => {
            let mut inflate = Inflate::new(packed);
            hand_out(&mut inflate)?;
            read = packed.len() - inflate.rest().len();
        }
        12 => hand_out(&mut Bzip2::new(packed))?,
        14 => {
            let ends_itself = entry.flags & 2 != 0;
            hand_out(&mut Lzma::new(packed, (!ends_itself).then_some(entry.plain)))?;
        }
        20 | 93 => hand_out(&mut Zstd::new(packed))?,
        95 => hand_out(&mut Xz::new(packed))?,
        _ => {
            visit.count(name)?;
            visit.skip(name, Unread::Method)?;
        }
    }
    visit.charge(if entry.method == DEFLATED { read } else { packed.len() });
    Ok(start + read)
}

/// A content whose checksum is compared at its end.
struct Checked<'a> {
    content: &'a mut dyn Read,
    crc: Crc,
    expected: Option<u32>,
}

impl Read for Checked<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let got = self.content.read(buffer)?;
        self.crc.update(buffer.get(..got).unwrap_or_default());
        let ended = got == 0 && !buffer.is_empty();
        if ended && self.expected.is_some_and(|expected| expected != self.crc.sum()) {
            return Err(damaged());
        }
        Ok(got)
    }
}

/// The entries of the directory, and whether their number is as stated.
fn directory(bytes: &[u8]) -> (Vec<ZipEntry<'_>>, bool) {
    /// The end record's 22 bytes, and the longest comment, of 65,535.
    const FARTHEST: usize = 65_557;
    let start = bytes.len().saturating_sub(FARTHEST);
    let mut tail = bytes.get(start..).unwrap_or_default();
    let mut seen = false;
    while let Some(at) = memmem::rfind(tail, END) {
        if let Some(place) = Directory::ending(bytes, start + at) {
            seen = true;
            if let Some(records) = place.records(bytes) {
                return place.entries(records);
            }
        }
        tail = tail.get(..at).unwrap_or_default();
    }
    (Vec::new(), !seen)
}

/// The directory, as the end of an archive states it.
struct Directory {
    /// Where the directory ends.
    end: usize,
    count: u64,
    length: usize,
    offset: usize,
}

impl Directory {
    /// The directory of the end record `at` this offset.
    fn ending(bytes: &[u8], at: usize) -> Option<Self> {
        let record = bytes.get(at..at + 22)?;
        let (count, length, offset) = (le16(record, 10)?, le32(record, 12)?, le32(record, 16)?);
        if (count == u16::MAX || length == u32::MAX || offset == u32::MAX)
            && let Some(wide) = Self::wide(bytes, at)
        {
            return Some(wide);
        }
        Some(Self { end: at, count: count.into(), length: size(length.into()), offset: size(offset.into()) })
    }

    /// The same for numbers that do not fit: a record before that one has them.
    fn wide(bytes: &[u8], at: usize) -> Option<Self> {
        let locator = at.checked_sub(20)?;
        bytes.get(locator..at)?.starts_with(b"PK\x06\x07").then_some(())?;
        let said = size(le64(bytes, locator + 8)?);
        // Something before the archive moves it.
        let places = [Some(said), locator.checked_sub(56)];
        let end = places.into_iter().flatten().find(|at| {
            bytes.get(*at..).is_some_and(|record| record.starts_with(b"PK\x06\x06") && record.len() >= 56)
        })?;
        let number = |field| le64(bytes, end + field);
        Some(Self { end, count: number(32)?, length: size(number(40)?), offset: size(number(48)?) })
    }

    /// The records, and the offset from which they count: they precede the end, or are where
    /// it states.
    fn records<'a>(&self, bytes: &'a [u8]) -> Option<(&'a [u8], usize)> {
        let before = self.end.checked_sub(self.length);
        [before.map(|at| (at, at.saturating_sub(self.offset))), Some((self.offset, 0))]
            .into_iter()
            .flatten()
            .filter_map(|(at, base)| Some((bytes.get(at..self.end)?, base)))
            .find(|(records, _)| self.count == 0 || records.starts_with(LISTED))
    }

    fn entries<'a>(&self, (mut records, base): (&'a [u8], usize)) -> (Vec<ZipEntry<'a>>, bool) {
        let mut entries = Vec::new();
        while let Some((entry, length)) = ZipEntry::listed(records, base) {
            entries.push(entry);
            records = records.get(length..).unwrap_or_default();
        }
        // An archive of more than 65,535 members can say their number modulo that.
        let complete = entries.len() as u64 & 0xffff >= self.count & 0xffff;
        (entries, complete)
    }
}
