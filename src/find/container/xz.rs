//! xz files, and lzma, which is inside of them.

use std::io::{self, Read};

use lzma_rust2::{LzmaReader, XzReader};

/// The largest dictionary, in KiB: that of `xz -9`, and what the decoder needs
/// besides.
const MEMORY: u32 = (64 << 10) + (1 << 10);

/// What is asked of the decoder at once: it forgets what it has unpacked for a
/// request in which it comes upon damage.
const STEP: usize = 4096;

/// An xz file: streams one behind the other, read as one.
pub(super) struct Xz<'a>(XzReader<&'a [u8]>);

impl<'a> Xz<'a> {
    pub(super) fn new(input: &'a [u8]) -> Self {
        Self(XzReader::new_mem_limit(input, true, MEMORY))
    }
}

impl Read for Xz<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let step = buffer.len().min(STEP);
        self.0.read(buffer.get_mut(..step).unwrap_or_default())
    }
}

/// lzma as it stands in zip archives.
pub(super) struct Lzma<'a>(Option<LzmaReader<Header<'a>>>, io::ErrorKind);

/// A header as the decoder reads it, and what stands behind it.
type Header<'a> = io::Chain<io::Cursor<Vec<u8>>, &'a [u8]>;

impl<'a> Lzma<'a> {
    /// `plain` is the unpacked length of what does not say itself where it ends.
    pub(super) fn new(input: &'a [u8], plain: Option<u64>) -> Self {
        let reader = || {
            // Two bytes of version, two of the length of the five that follow.
            let (properties, rest) = (input.get(4..9)?, input.get(9..)?);
            let header = [properties, &plain.unwrap_or(u64::MAX).to_le_bytes()].concat();
            Some(LzmaReader::new_mem_limit(io::Cursor::new(header).chain(rest), MEMORY, None))
        };
        match reader() {
            Some(Ok(reader)) => Self(Some(reader), io::ErrorKind::InvalidData),
            Some(Err(error)) => Self(None, error.kind()),
            None => Self(None, io::ErrorKind::InvalidData),
        }
    }
}

impl Read for Lzma<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let step = buffer.len().min(STEP);
        match &mut self.0 {
            Some(reader) => reader.read(buffer.get_mut(..step).unwrap_or_default()),
            None => Err(self.1.into()),
        }
    }
}
