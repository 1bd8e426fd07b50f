//! bzip2 files.

use std::io::{self, Read};

use ::bzip2::bufread::BzDecoder;

/// Whether a block, or the end of an empty file, follows the file's mark.
pub(super) fn begins(rest: &[u8]) -> bool {
    const BLOCK: [u8; 6] = [0x31, 0x41, 0x59, 0x26, 0x53, 0x59];
    const END: [u8; 6] = [0x17, 0x72, 0x45, 0x38, 0x50, 0x90];
    rest.starts_with(&BLOCK) || rest.starts_with(&END)
}

/// A bzip2 file: consecutive streams, read as one. What follows the last one does not belong
/// to the file.
pub(super) struct Bzip2<'a> {
    stream: BzDecoder<&'a [u8]>,
    /// How many more streams to read. Each allocates the decoder's memory again, so a megabyte
    /// of short ones would take seconds.
    left: usize,
    ended: bool,
}

impl<'a> Bzip2<'a> {
    pub(super) fn new(input: &'a [u8]) -> Self {
        Self { stream: BzDecoder::new(input), left: 1000 + input.len() / 4096, ended: false }
    }
}

impl Read for Bzip2<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while !self.ended && !buffer.is_empty() {
            let got = self.stream.read(buffer)?;
            if got > 0 {
                return Ok(got);
            }
            let rest = *self.stream.get_ref();
            self.ended = !matches!(rest, [b'B', b'Z', b'h', b'1'..=b'9', rest @ ..] if begins(rest));
            if !self.ended {
                self.left = self.left.checked_sub(1).ok_or(io::ErrorKind::OutOfMemory)?;
                self.stream = BzDecoder::new(rest);
            }
        }
        Ok(0)
    }
}
