//! Compressed files and archives, opened in memory. Nothing here knows a token.
//!
//! [`open`] hands out the members of one container; the caller recognises a container in a
//! member with [`Container::of`] and opens it in turn. One [`Allowance`] goes through all
//! levels, so that a small file cannot unpack into endless work. What could not be read is
//! reported. Names, comments and headers are not handed out: they are in the bytes of the
//! container.

mod bytes;
mod bzip2;
mod deflate;
mod loose;
mod pdf;
mod sqlite;
mod tar;
mod visit;
mod xz;
mod zip;
mod zlib;
mod zstd;

pub(super) use sqlite::Tables;
pub use visit::Unread;
use visit::Visit;
pub(super) use visit::{Allowance, Each, Missed};

/// What a content is, by its first bytes.
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
    /// A content in zlib.
    Zlib,
    /// Text in deflate with nothing around it.
    Deflate,
    /// An lzma file, as they were before xz.
    Lzma,
    /// A PDF file.
    Pdf,
    /// A file in which git keeps one object.
    Loose,
    /// A SQLite database, or the log of one.
    Sqlite,
    /// A file of the kind in which Office kept documents, and keeps those with a password.
    Compound,
    /// One of this name, which is recognised but not opened.
    Closed(&'static str),
}

/// The name under which a document with a password lies in a compound file, in UTF-16.
const ENCRYPTED: [u8; 32] = *b"E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0";

/// How the containers begin that are recognised but not opened.
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

    /// As [`Container::of`], of all of `content`: also a zip archive behind a program
    /// that unpacks or runs it.
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
            Self::Sqlite => "SQLite",
            Self::Compound => "compound file",
            Self::Closed(name) => name,
        }
    }
}

/// Calls `each` with the name of each member of `bytes`, if it has one, and a reader of its
/// content. The reader never fails: it ends where nothing more can be read, and `unread` gets
/// the reason after `each`. Of a member only what `each` reads is checked and counted.
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
        Container::Sqlite => drop(sqlite::walk(bytes, &mut visit)),
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
