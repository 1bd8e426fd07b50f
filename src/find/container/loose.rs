//! A file of git with one object: zlib around a short header and the content.

use std::io::{self, Read};

use flate2::bufread::ZlibDecoder;

use super::bytes::damaged;
use super::deflate::Inflate;

/// The header up to the size, which a NUL ends.
const KINDS: [&[u8]; 4] = [b"blob ", b"tree ", b"commit ", b"tag "];
/// The longest header that git accepts.
const LONGEST_HEADER: u64 = 32;

/// Whether `head` begins such a file.
pub(super) fn begins(head: &[u8]) -> bool {
    // Deflate with a window of 32 KiB, as git writes it at each level.
    let [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..] = head else { return false };
    let mut header = Vec::new();
    // `head` is cut off, so reading ends with an error.
    let _cut = ZlibDecoder::new(head).take(LONGEST_HEADER).read_to_end(&mut header);
    KINDS.iter().any(|kind| {
        let size = header.strip_prefix(*kind).unwrap_or_default();
        let digits = size.iter().take_while(|byte| byte.is_ascii_digit()).count();
        digits > 0 && size.get(digits) == Some(&0)
    })
}

/// Its content; git accepts none with anything after its end.
pub(super) struct Loose<'a>(Inflate<'a>);

impl<'a> Loose<'a> {
    pub(super) fn new(file: &'a [u8]) -> Self {
        let mut content = Inflate::zlib(file);
        let mut byte = [1];
        // It begins with a header; where that breaks off, so does the content.
        while byte != [0] && content.read_exact(&mut byte).is_ok() {}
        Self(content)
    }
}

impl Read for Loose<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buffer)? {
            0 if !buffer.is_empty() && !self.0.rest().is_empty() => Err(damaged()),
            read => Ok(read),
        }
    }
}
