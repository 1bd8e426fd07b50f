//! tar archives: v7, ustar, pax and GNU.

use std::borrow::Cow;
use std::io::{self, Read};

use super::bytes::damaged;
use super::visit::{Spent, Unread, Visit};

/// All of an archive is in blocks of this length.
pub(super) const BLOCK: usize = 512;

/// Whether an archive begins with `head`: with the mark of ustar, or with a header whose
/// checksum is right.
pub(super) fn begins(head: &[u8]) -> bool {
    let mark = head.get(257..265).unwrap_or_default();
    mark == b"ustar\x0000" || mark == b"ustar  \0" || Header::of(head).is_some()
}

/// A header block whose checksum is right.
#[derive(Clone, Copy)]
struct Header<'a>(&'a [u8; BLOCK]);

impl<'a> Header<'a> {
    fn of(block: &'a [u8]) -> Option<Self> {
        let block = block.first_chunk::<BLOCK>()?;
        let (before, rest) = block.split_at_checked(148)?;
        let (field, after) = rest.split_at_checked(8)?;
        let said = octal(field).filter(|_| field.iter().any(u8::is_ascii_digit))?;
        let blanks = 8 * u64::from(b' ');
        let sum = |part: &[u8]| part.iter().map(|byte| u64::from(*byte)).sum::<u64>();
        // Some wrote it with signed characters.
        let high = |part: &[u8]| part.iter().filter(|byte| **byte >= 0x80).count() as u64;
        let unsigned = sum(before) + sum(after) + blanks;
        let signed = unsigned.wrapping_sub(256 * (high(before) + high(after)));
        (said == unsigned || said == signed).then_some(Self(block))
    }

    fn field(self, at: usize, length: usize) -> &'a [u8] {
        self.0.get(at..at + length).unwrap_or_default()
    }

    fn text(self, at: usize, length: usize) -> &'a [u8] {
        until_nul(self.field(at, length))
    }

    fn kind(self) -> u8 {
        self.field(156, 1).first().copied().unwrap_or_default()
    }

    fn size(self) -> Option<u64> {
        number(self.field(124, 12))
    }

    fn name(self) -> Cow<'a, [u8]> {
        let name = self.text(0, 100);
        // GNU keeps times where ustar keeps the start of a long name.
        match self.text(345, 155) {
            prefix if self.field(257, 6) == b"ustar\0" && !prefix.is_empty() => {
                [prefix, b"/", name].concat().into()
            }
            _ => name.into(),
        }
    }
}

fn until_nul(text: &[u8]) -> &[u8] {
    memchr::memchr(0, text).and_then(|end| text.get(..end)).unwrap_or(text)
}

/// A number in octal digits, with blanks before and blanks or NULs behind it.
fn octal(field: &[u8]) -> Option<u64> {
    let digits = until_nul(field).trim_ascii();
    digits.iter().try_fold(0_u64, |number, digit| match digit {
        b'0'..=b'7' => number.checked_mul(8)?.checked_add(u64::from(digit - b'0')),
        _ => None,
    })
}

/// A number in octal digits, or in binary where it is too large for them.
fn number(field: &[u8]) -> Option<u64> {
    match field {
        [0x80, rest @ ..] => {
            rest.iter().try_fold(0_u64, |number, byte| Some(number.checked_mul(256)? + u64::from(*byte)))
        }
        field => octal(field),
    }
}

fn decimal(text: &[u8]) -> Option<u64> {
    std::str::from_utf8(text).ok()?.trim().parse().ok()
}

/// What earlier headers say about the next member.
#[derive(Default)]
struct Ahead<'a> {
    name: Option<&'a [u8]>,
    target: Option<&'a [u8]>,
    size: Option<u64>,
    sparse: Sparse,
}

/// Offset and length of a part of a file with holes.
type Part = (u64, u64);

/// The parts of a file with holes, and their places in it.
#[derive(Default)]
struct Sparse {
    parts: Vec<Part>,
    /// An offset whose length is still to come.
    offset: Option<u64>,
    /// The length of the file.
    length: Option<u64>,
    /// Whether the parts are listed in front of the content.
    in_content: bool,
}

impl<'a> Ahead<'a> {
    /// Reads pax records: a length, a blank, a key, `=`, a value and a line feed.
    fn read(&mut self, mut records: &'a [u8]) {
        while let Some(blank) = memchr::memchr(b' ', records) {
            let length =
                records.get(..blank).and_then(decimal).and_then(|length| usize::try_from(length).ok());
            let Some((record, rest)) = length.and_then(|length| records.split_at_checked(length)) else {
                return;
            };
            let record = record.get(blank + 1..).unwrap_or_default();
            let Some(equals) = memchr::memchr(b'=', record) else { return };
            let value = record.get(equals + 1..).unwrap_or_default();
            let value = value.strip_suffix(b"\n").unwrap_or(value);
            self.set(record.get(..equals).unwrap_or_default(), value);
            records = rest;
        }
    }

    fn set(&mut self, key: &[u8], value: &'a [u8]) {
        let sparse = &mut self.sparse;
        match key {
            b"path" if self.name.is_none() => self.name = Some(value),
            b"GNU.sparse.name" => self.name = Some(value),
            b"linkpath" => self.target = Some(value),
            b"size" => self.size = decimal(value),
            b"GNU.sparse.size" | b"GNU.sparse.realsize" => sparse.length = decimal(value),
            b"GNU.sparse.major" => sparse.in_content = value == b"1",
            b"GNU.sparse.offset" => sparse.offset = decimal(value),
            b"GNU.sparse.numbytes" => {
                sparse.parts.extend(sparse.offset.take().zip(decimal(value)));
            }
            b"GNU.sparse.map" => {
                let mut numbers = value.split(|byte| *byte == b',').map_while(decimal);
                sparse.parts = std::iter::from_fn(|| numbers.next().zip(numbers.next())).collect();
            }
            _ => {}
        }
    }
}

/// The blocks of an archive that have not been read.
struct Blocks<'a>(&'a [u8]);

impl<'a> Blocks<'a> {
    /// The next one; the last one may be short.
    fn next(&mut self) -> Option<&'a [u8]> {
        (!self.0.is_empty()).then(|| self.take(BLOCK as u64).0)
    }

    /// The next bytes without the padding of their last block, and whether all are there.
    fn take(&mut self, length: u64) -> (&'a [u8], bool) {
        let wanted = usize::try_from(length).unwrap_or(usize::MAX);
        let (taken, _) = self.0.split_at(wanted.min(self.0.len()));
        let blocks = wanted.checked_next_multiple_of(BLOCK).unwrap_or(usize::MAX);
        self.0 = self.0.get(blocks..).unwrap_or_default();
        (taken, taken.len() == wanted)
    }
}

/// The content of the first member of this name.
pub(super) fn find<'a>(bytes: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let mut blocks = Blocks(bytes);
    while let Some(block) = blocks.next() {
        let Some(header) = Header::of(block) else { continue };
        let (content, _) = blocks.take(header.size()?);
        if *header.name() == *name.as_bytes() {
            return Some(content);
        }
    }
    None
}

/// Hands out all members of an archive, even those after damage and after the archive's end.
pub(super) fn walk(bytes: &[u8], visit: &mut Visit<'_>) -> Result<(), Spent> {
    let mut blocks = Blocks(bytes);
    let mut ahead = Ahead::default();
    // Damage is reported once, until something can be read again.
    let (mut ended, mut reported) = (false, false);
    while let Some(block) = blocks.next() {
        if let Some(header) = Header::of(block) {
            (ended, reported) = (false, false);
            ahead = member(header, ahead, &mut blocks, visit)?;
        } else if block.iter().all(|byte| *byte == 0) {
            ended = true;
        } else if !ended && !reported {
            reported = true;
            visit.skip(None, Unread::Damaged)?;
        }
    }
    Ok(())
}

/// Hands out the member of `header`, or returns what the header states about the next one.
fn member<'a>(
    header: Header<'a>,
    mut ahead: Ahead<'a>,
    blocks: &mut Blocks<'a>,
    visit: &mut Visit<'_>,
) -> Result<Ahead<'a>, Spent> {
    let kind = header.kind();
    let name = ahead.name.map_or_else(|| header.name(), Cow::Borrowed);
    let name = Some(name.as_ref());
    let is_ahead = matches!(kind, b'L' | b'K' | b'x' | b'X' | b'g');
    let size = if is_ahead { None } else { ahead.size.take() };
    let Some(size) = size.or_else(|| header.size()) else {
        visit.skip(name, Unread::Damaged)?;
        return Ok(Ahead::default());
    };
    if is_ahead {
        let (said, whole) = blocks.take(size);
        match kind {
            b'L' => ahead.name = Some(until_nul(said)),
            b'K' => ahead.target = Some(until_nul(said)),
            b'x' | b'X' => ahead.read(said),
            _ => {}
        }
        if !whole {
            visit.skip(name, Unread::Damaged)?;
        }
        return Ok(ahead);
    }
    if matches!(kind, b'1' | b'2') {
        let mut target = ahead.target.unwrap_or_else(|| header.text(157, 100));
        visit.member(name, &mut target)?;
        // Some state the size of the file that a hard link means, and do not pack it.
        if size == 0 || kind == b'2' || Header::of(blocks.0).is_some() {
            return Ok(Ahead::default());
        }
    }
    let mut sparse = ahead.sparse;
    if kind == b'S' {
        sparse.read_gnu(header, blocks);
    }
    let (packed, whole) = blocks.take(size);
    let mut content = sparse.content(packed);
    content.cut |= !whole;
    visit.member(name, &mut content)?;
    Ok(Ahead::default())
}

impl Sparse {
    /// Reads the parts as GNU states them: in the header and in the blocks after it.
    fn read_gnu(&mut self, header: Header<'_>, blocks: &mut Blocks<'_>) {
        self.length = number(header.field(483, 12));
        self.read_parts(header.field(386, 4 * 24));
        let mut more = header.field(482, 1) != [0];
        while more && let Some(block) = blocks.next() {
            self.read_parts(block.get(..21 * 24).unwrap_or_default());
            more = block.get(504).is_some_and(|flag| *flag != 0);
        }
    }

    fn read_parts(&mut self, fields: &[u8]) {
        let part = |field: &[u8]| {
            let (place, length) = field.split_at_checked(12)?;
            (!until_nul(place).is_empty()).then(|| number(place).zip(number(length)))?
        };
        self.parts.extend(fields.chunks_exact(24).map_while(part));
    }

    /// The whole content of a file; `packed` is what is not in holes.
    fn content(mut self, mut packed: &[u8]) -> Content<'_> {
        let mut cut = false;
        if self.in_content {
            match listed_parts(packed) {
                Some((parts, rest)) => (self.parts, packed) = (parts, rest),
                None => cut = true,
            }
        }
        if self.parts.is_empty() && !self.in_content && self.length.is_none() {
            let length = packed.len() as u64;
            self.parts.push((0, length));
        }
        self.parts.reverse();
        Content { packed, parts: self.parts, at: 0, length: self.length.unwrap_or_default(), cut }
    }
}

/// The parts that a list before the content states, their count first and a number a line,
/// and what follows the list's last block.
fn listed_parts(content: &[u8]) -> Option<(Vec<Part>, &[u8])> {
    let mut rest = content;
    let mut next = || {
        let end = memchr::memchr(b'\n', rest.get(..rest.len().min(24))?)?;
        let number = decimal(rest.get(..end)?);
        rest = rest.get(end + 1..)?;
        number
    };
    let count = next()?;
    let mut parts = Vec::new();
    for _ in 0..count {
        parts.push((next()?, next()?));
    }
    let read = (content.len() - rest.len()).next_multiple_of(BLOCK);
    Some((parts, content.get(read..)?))
}

/// A member's content, with its holes.
struct Content<'a> {
    packed: &'a [u8],
    /// The parts to come, the next one last.
    parts: Vec<Part>,
    /// How much has been handed out.
    at: u64,
    /// How long it is at least.
    length: u64,
    /// Whether something of it is missing.
    cut: bool,
}

impl Read for Content<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = |length: u64| buffer.len().min(usize::try_from(length).unwrap_or(usize::MAX));
        let end = loop {
            match self.parts.last_mut() {
                Some((_, 0)) => drop(self.parts.pop()),
                Some((place, _)) if *place > self.at => break *place,
                Some((place, length)) if *place == self.at => {
                    let (part, rest) = self.packed.split_at(most(*length).min(self.packed.len()));
                    if part.is_empty() {
                        return if buffer.is_empty() { Ok(0) } else { Err(damaged()) };
                    }
                    let got = part.len() as u64;
                    (*place, *length, self.at, self.packed) =
                        (*place + got, *length - got, self.at + got, rest);
                    buffer.get_mut(..part.len()).unwrap_or_default().copy_from_slice(part);
                    return Ok(part.len());
                }
                Some(_) => return Err(damaged()),
                None => break self.length,
            }
        };
        let hole = most(end.saturating_sub(self.at));
        if hole == 0 && self.cut && !buffer.is_empty() {
            return Err(damaged());
        }
        buffer.get_mut(..hole).unwrap_or_default().fill(0);
        self.at += hole as u64;
        Ok(hole)
    }
}
