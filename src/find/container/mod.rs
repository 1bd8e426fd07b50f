//! Compressed files and archives, opened in memory. Nothing here knows a token.
//!
//! [`open`] hands out the members of one container. What is inside a member is
//! the caller's to tell with [`Container::of`] and to open in turn; one
//! [`Allowance`] goes through all levels, so that a small file cannot unpack
//! into endless work. What could not be read is told, never passed over.
//!
//! Names, comments and headers are not handed out: they stand in the bytes of
//! the container itself.

mod bzip2;
mod deflate;
mod loose;
mod tar;
mod xz;
mod zip;
mod zstd;

use std::fmt;
use std::io::{self, Read};

/// What a content is, told by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Container {
    /// A gzip file: one compressed content.
    Gzip,
    /// A zip archive, and all that is one: jar, docx, apk, whl, nupkg, …
    Zip,
    /// A tar archive of any age.
    Tar,
    /// An xz file.
    Xz,
    /// A Zstandard file.
    Zstd,
    /// A bzip2 file.
    Bzip2,
    /// A file in which git keeps one object.
    Loose,
    /// One of this name, which is told but not opened.
    Closed(&'static str),
}

/// How the containers begin that are told but not opened.
const CLOSED: [(&[u8], &str); 10] = [
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"LZIP\x01", "lzip"),
    (b"MSCF\0\0\0\0", "cab"),
    (b"\x1f\x9d\x90", "compress"),
    (b"PACK\0\0\0\x02", "git pack"),
    (b"PACK\0\0\0\x03", "git pack"),
    (b"# v2 git bundle\n", "git bundle"),
    (b"# v3 git bundle\n", "git bundle"),
];

impl Container {
    /// The container that begins with `head`, if one does; a head of less than 512
    /// bytes does not tell a tar archive.
    pub(super) fn of(head: &[u8]) -> Option<Self> {
        match head {
            [0x1f, 0x8b, 8, ..] => Some(Self::Gzip),
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Some(Self::Zip),
            // A zip archive that was meant to be split begins with this mark.
            [b'P', b'K', 7, 8, b'P', b'K', 3, 4, ..] => Some(Self::Zip),
            [b'P', b'K', b'0', b'0', b'P', b'K', 3, 4, ..] => Some(Self::Zip),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Self::Xz),
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            [b'B', b'Z', b'h', b'1'..=b'9', rest @ ..] if bzip2::begins(rest) => Some(Self::Bzip2),
            head if tar::begins(head) => Some(Self::Tar),
            head if loose::begins(head) => Some(Self::Loose),
            head => {
                CLOSED.iter().find(|(start, _)| head.starts_with(start)).map(|(_, name)| Self::Closed(name))
            }
        }
    }

    /// As [`Container::of`], of all of `content`: also a zip archive behind a program
    /// that unpacks or runs it.
    pub(super) fn of_all(content: &[u8]) -> Option<Self> {
        let ends_as_zip = content
            .last_chunk::<22>()
            .is_some_and(|end| end.starts_with(b"PK\x05\x06") && end.ends_with(&[0, 0]));
        Self::of(content).or_else(|| ends_as_zip.then_some(Self::Zip))
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zip => "zip",
            Self::Tar => "tar",
            Self::Xz => "xz",
            Self::Zstd => "zstd",
            Self::Bzip2 => "bzip2",
            Self::Loose => "git object",
            Self::Closed(name) => name,
        }
    }
}

/// Why something in a container was not looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unread {
    /// It is encrypted.
    Encrypted,
    /// It is compressed in a way that is not read here.
    Method,
    /// It is damaged or cut off; what stood before the damage was handed out.
    Damaged,
    /// It unpacks to more than is allowed, or needs too much memory.
    TooLarge,
    /// There are more members than are allowed.
    TooMany,
    /// It lies in too many others.
    TooDeep,
    /// It is a binary file of which a diff has no readable content.
    NotInDiff,
    /// Git LFS keeps it, and has it elsewhere.
    NotHere,
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Encrypted => "encrypted",
            Self::Method => "compressed in a way that is not read",
            Self::Damaged => "damaged or cut off",
            Self::TooLarge => "unpacks to too much",
            Self::TooMany => "too many members",
            Self::TooDeep => "nested too deeply",
            Self::NotInDiff => "binary, and not readable in a diff",
            Self::NotHere => "in Git LFS, and not here",
        })
    }
}

/// What may still be unpacked, for one file of the repository with everything
/// nested in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Allowance {
    bytes: u64,
    members: u32,
}

impl Allowance {
    /// What a file of `packed` bytes may unpack to: more than any honest archive,
    /// and little enough to be searched while someone waits.
    pub(super) fn for_packed(packed: usize) -> Self {
        const FLOOR: u64 = 64 << 20;
        const CEILING: u64 = 4 << 30;
        let packed = u64::try_from(packed).unwrap_or(u64::MAX);
        Self { bytes: packed.saturating_mul(256).saturating_add(FLOOR).min(CEILING), members: 100_000 }
    }

    /// How many bytes were unpacked since it was `before`.
    pub(super) fn spent_since(&self, before: &Self) -> u64 {
        before.bytes.saturating_sub(self.bytes)
    }

    /// So much.
    #[cfg(any(test, fuzzing))]
    pub(super) fn of(bytes: u64, members: u32) -> Self {
        Self { bytes, members }
    }

    /// Takes away what was spent between `before` and `after`.
    pub(super) fn spend(&mut self, before: &Self, after: &Self) {
        self.bytes = self.bytes.saturating_sub(before.bytes.saturating_sub(after.bytes));
        self.members = self.members.saturating_sub(before.members.saturating_sub(after.members));
    }
}

/// What takes a member: its name, where it has one, and a reader of its content.
pub(super) type Each<'a> = dyn FnMut(Option<&[u8]>, &mut dyn Read) + 'a;

/// What is told of a member, or with no name of the container, that something of
/// it was not read.
pub(super) type Missed<'a> = dyn FnMut(Option<&[u8]>, Unread) + 'a;

/// Calls `each` with the name of each member of `bytes`, where it has one, and a
/// reader of its content. The reader never fails: where nothing more can be read
/// it ends, and `unread` is told why when `each` returns. A member that `each`
/// does not read to its end is neither checked nor counted beyond what was read.
pub(super) fn open(
    container: Container,
    bytes: &[u8],
    allowance: &mut Allowance,
    each: &mut Each<'_>,
    unread: &mut Missed<'_>,
) {
    let mut visit = Visit { allowance, each, unread };
    match container {
        Container::Gzip => drop(visit.member(None, &mut deflate::Gzip::new(bytes))),
        Container::Zip => drop(zip::walk(bytes, &mut visit)),
        Container::Tar => drop(tar::walk(bytes, &mut visit)),
        Container::Xz => drop(visit.member(None, &mut xz::Xz::new(bytes))),
        Container::Zstd => drop(visit.member(None, &mut zstd::Zstd::new(bytes))),
        Container::Bzip2 => drop(visit.member(None, &mut bzip2::Bzip2::new(bytes))),
        Container::Loose => drop(visit.member(None, &mut loose::Loose::new(bytes))),
        Container::Closed(_) => drop(visit.skip(None, Unread::Method)),
    }
}

/// The walk through one container: whom to tell, and what is still allowed.
struct Visit<'a> {
    allowance: &'a mut Allowance,
    each: &'a mut Each<'a>,
    unread: &'a mut Missed<'a>,
}

/// No more may be unpacked: the walk is over.
#[derive(Debug)]
struct Spent;

impl Visit<'_> {
    /// Hands out one member.
    fn member(&mut self, name: Option<&[u8]>, content: &mut dyn Read) -> Result<(), Spent> {
        self.count(name)?;
        let mut metered = Metered { content, left: &mut self.allowance.bytes, end: None };
        (self.each)(name, &mut metered);
        match metered.end {
            Some(Some(why)) => self.skip(name, why),
            _ => Ok(()),
        }
    }

    /// Tells why a member, or what is left of it, is not handed out.
    fn skip(&mut self, name: Option<&[u8]>, why: Unread) -> Result<(), Spent> {
        (self.unread)(name, why);
        if why == Unread::TooLarge && self.allowance.bytes == 0 { Err(Spent) } else { Ok(()) }
    }

    /// Counts one more member, or a header that took as much work.
    fn count(&mut self, name: Option<&[u8]>) -> Result<(), Spent> {
        match self.allowance.members.checked_sub(1) {
            Some(left) => self.allowance.members = left,
            None => {
                (self.unread)(name, Unread::TooMany);
                return Err(Spent);
            }
        }
        Ok(())
    }

    /// Counts bytes that were read and not handed out, so that members that
    /// overlap do not cost more than what they unpack to.
    fn charge(&mut self, read: usize) {
        let read = u64::try_from(read).unwrap_or(u64::MAX);
        self.allowance.bytes = self.allowance.bytes.saturating_sub(read);
    }
}

/// A member's content as it is handed out.
struct Metered<'a> {
    content: &'a mut dyn Read,
    left: &'a mut u64,
    /// How it ended, once it has: well, or with a part unread.
    end: Option<Option<Unread>>,
}

impl Read for Metered<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.end.is_some() || buffer.is_empty() {
            return Ok(0);
        }
        let room = usize::try_from(*self.left).unwrap_or(usize::MAX);
        let mut probe = [0];
        let got = match buffer.get_mut(..buffer.len().min(room)) {
            Some(buffer) if room > 0 => self.content.read(buffer),
            _ => self.content.read(&mut probe),
        };
        match got {
            Ok(0) => self.end = Some(None),
            Ok(_) if room == 0 => self.end = Some(Some(Unread::TooLarge)),
            Ok(got) => {
                *self.left = self.left.saturating_sub(u64::try_from(got).unwrap_or(u64::MAX));
                return Ok(got);
            }
            Err(error) => self.end = Some(Some(reason(&error))),
        }
        Ok(0)
    }
}

/// The decoders say with an error's kind what a reader of it has to know.
fn reason(error: &io::Error) -> Unread {
    match error.kind() {
        io::ErrorKind::OutOfMemory => Unread::TooLarge,
        io::ErrorKind::Unsupported => Unread::Method,
        _ => Unread::Damaged,
    }
}

fn damaged() -> io::Error {
    io::ErrorKind::InvalidData.into()
}

/// The little-endian number of two bytes at `at`.
fn le16(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|number| u16::from_le_bytes(*number))
}

/// The little-endian number of four bytes at `at`.
fn le32(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|number| u32::from_le_bytes(*number))
}

/// The little-endian number of eight bytes at `at`.
fn le64(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|number| u64::from_le_bytes(*number))
}

#[cfg(test)]
pub(super) mod tests;
