//! bzip2 files.

use std::io::{self, Read};

use ::bzip2::bufread::MultiBzDecoder;

/// Whether a block, or the end of an empty file, stands behind the file's mark.
pub(super) fn begins(rest: &[u8]) -> bool {
    const BLOCK: [u8; 6] = [0x31, 0x41, 0x59, 0x26, 0x53, 0x59];
    const END: [u8; 6] = [0x17, 0x72, 0x45, 0x38, 0x50, 0x90];
    rest.starts_with(&BLOCK) || rest.starts_with(&END)
}

/// A bzip2 file: streams one behind the other, read as one.
pub(super) struct Bzip2<'a>(MultiBzDecoder<&'a [u8]>);

impl<'a> Bzip2<'a> {
    pub(super) fn new(input: &'a [u8]) -> Self {
        Self(MultiBzDecoder::new(input))
    }
}

impl Read for Bzip2<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}
