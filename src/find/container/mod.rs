//! Opens compressed files and archives in memory. This room does not know what a token is.
//!
//! [`open`] hands out the members of one container. The caller recognises a container in a
//! member with [`Container::of`] and opens it in turn. One [`Allowance`] applies to all levels,
//! so that a small file cannot unpack without end. Unreadable parts are reported. Names,
//! comments and headers are not handed out: they are in the container's own bytes.

mod bytes;
mod bzip2;
mod deflate;
mod image;
mod loose;
mod pack;
mod pdf;
mod sqlite;
mod tar;
mod visit;
mod xz;
mod zip;
mod zlib;
mod zstd;

pub(super) use image::Images;
pub(super) use sqlite::Tables;
pub use visit::Unread;
use visit::Visit;
pub(super) use visit::{Allowance, Each, Missed};

/// The kind of a container, by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Container {
    /// A gzip file: one compressed content.
    Gzip,
    /// A zip archive, under any name: jar, docx, apk, whl, nupkg, …
    Zip,
    /// A tar archive of any age.
    Tar,
    /// An xz file.
    Xz,
    /// A Zstandard file.
    Zstd,
    /// A bzip2 file.
    Bzip2,
    /// A content in zlib.
    Zlib,
    /// Raw deflate that unpacks to text.
    Deflate,
    /// An lzma file, the predecessor of xz.
    Lzma,
    /// A PDF file.
    Pdf,
    /// A loose object of git.
    Loose,
    /// A pack of git.
    Pack,
    /// A bundle of git.
    Bundle,
    /// A SQLite database, or its write-ahead log.
    Sqlite,
    /// A compound file, the old format of Office and the one of documents with a password.
    Compound,
    /// A container of this name that is recognised but not opened.
    Closed(&'static str),
}

/// The entry of a compound file that holds a document with a password, in UTF-16.
const ENCRYPTED: [u8; 32] = *b"E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0";

/// The signatures of containers that are recognised but not opened.
const CLOSED: [(&[u8], &str); 6] = [
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"LZIP\x01", "lzip"),
    (b"MSCF\0\0\0\0", "cab"),
    (b"\x1f\x9d\x90", "compress"),
];

impl Container {
    /// The container that begins with `head`; a tar archive takes 512 bytes to recognise.
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
            [b'%', b'P', b'D', b'F', b'-', ..] => Some(Self::Pdf),
            head if pack::begins(head) => Some(Self::Pack),
            head if pack::begins_bundle(head) => Some(Self::Bundle),
            head if sqlite::begins(head) => Some(Self::Sqlite),
            [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, ..] => Some(Self::Compound),
            head if loose::begins(head) => Some(Self::Loose),
            head if xz::begins_lzma(head) => Some(Self::Lzma),
            head if zlib::begins(head) => Some(Self::Zlib),
            head => {
                let closed = CLOSED.iter().find(|(start, _)| head.starts_with(start));
                let closed = closed.map(|(_, name)| Self::Closed(name));
                closed.or_else(|| zlib::begins_raw(head).then_some(Self::Deflate))
            }
        }
    }

    /// Like [`Container::of`], for the whole `content`: also recognises a zip archive after a
    /// program that unpacks or runs it.
    pub(super) fn of_all(content: &[u8]) -> Option<Self> {
        let ends_as_zip = content
            .last_chunk::<22>()
            .is_some_and(|end| end.starts_with(b"PK\x05\x06") && end.ends_with(&[0, 0]));
        Self::of(content).or_else(|| ends_as_zip.then_some(Self::Zip))
    }

    /// Whether `head`, the first eighteen of `length` bytes, may begin a container that only
    /// unpacking shows.
    pub(super) fn may_be_bare(head: &[u8], length: usize) -> bool {
        zlib::may_begin(head, length) || head.starts_with(&[0x5d, 0, 0])
    }

    /// Whether members may stand in it as they are.
    pub(super) fn shows_members(self) -> bool {
        matches!(self, Self::Tar | Self::Zip | Self::Sqlite | Self::Pack | Self::Bundle)
    }

    /// Whether what its `bytes` show at this offset is no more than a piece of a member, which
    /// is handed out whole: a border of pages or blocks may cut it off there.
    pub(super) fn may_cut_at(self, bytes: &[u8], offset: usize) -> bool {
        match self {
            Self::Sqlite => !sqlite::is_whole_at(bytes, offset),
            // Without compression, the text stands in it block by block.
            Self::Gzip | Self::Zlib | Self::Loose => true,
            kind => kind.shows_members(),
        }
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
            Self::Zlib => "zlib",
            Self::Deflate => "deflate",
            Self::Lzma => "lzma",
            Self::Pdf => "PDF",
            Self::Loose => "git object",
            Self::Pack => "git pack",
            Self::Bundle => "git bundle",
            Self::Sqlite => "SQLite",
            Self::Compound => "OLE",
            Self::Closed(name) => name,
        }
    }
}

/// Calls `each` with each member of `bytes`: its name, if it has one, and a reader of its
/// content. The reader never fails; it ends where nothing more can be read, and `unread` then
/// gets the reason. Only what `each` reads of a member is checked and counted.
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
        Container::Zlib => drop(visit.member(None, &mut deflate::Inflate::zlib(bytes))),
        Container::Deflate => drop(visit.member(None, &mut deflate::Inflate::new(bytes))),
        Container::Lzma => drop(visit.member(None, &mut xz::Lzma::file(bytes))),
        Container::Pdf => drop(pdf::walk(bytes, &mut visit)),
        Container::Loose => drop(visit.member(None, &mut loose::Loose::new(bytes))),
        Container::Pack | Container::Bundle => drop(pack::walk(bytes, &mut visit)),
        Container::Sqlite => {
            drop(sqlite::walk(bytes, |value| Container::of(value).is_some(), &mut visit));
        }
        Container::Compound if memchr::memmem::find(bytes, &ENCRYPTED).is_some() => {
            drop(visit.skip(None, Unread::Encrypted));
        }
        // Its text is in it as it is.
        Container::Compound => {}
        Container::Closed(_) => drop(visit.skip(None, Unread::Method)),
    }
}

#[cfg(test)]
pub(super) mod tests;
