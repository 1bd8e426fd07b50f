//! xz and lzma files.

use std::io::{self, Read};

use lzma_rust2::{LzmaReader, XzReader};

/// The largest dictionary, in KiB: that of `xz -9`, and what else the decoder needs.
const MEMORY: u32 = (64 << 10) + (1 << 10);

/// How much is read from the decoder at once: it loses what it unpacks in the call in which it
/// meets damage.
const STEP: usize = 4096;

/// An xz file: consecutive streams, read as one.
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

/// Whether `head` begins an lzma file: properties and a dictionary as programs choose them,
/// a length that is not known or no more than a terabyte, and a first byte that is zero.
pub(super) fn begins_lzma(head: &[u8]) -> bool {
    let Some((header, [0, ..])) = head.split_at_checked(13) else { return false };
    let [0x5d, 0, 0, high, highest, length @ ..] = header else { return false };
    let dictionary = u16::from_le_bytes([*high, *highest]);
    dictionary.count_ones() <= 2
        && dictionary > 0
        && (length.iter().all(|byte| *byte == 0xff) || length.ends_with(&[0, 0, 0]))
}

/// lzma, in a zip archive or in a file of its own.
pub(super) struct Lzma<'a>(Option<LzmaReader<Header<'a>>>, io::ErrorKind);

/// A header as the decoder reads it, and the rest.
type Header<'a> = io::Chain<io::Cursor<Vec<u8>>, &'a [u8]>;

impl<'a> Lzma<'a> {
    /// `plain` is the unpacked length of content that does not mark its own end.
    pub(super) fn new(input: &'a [u8], plain: Option<u64>) -> Self {
        // Two bytes of version, two of the length of the five that follow.
        let (properties, rest) = (input.get(4..9), input.get(9..));
        let header = properties.map(|known| [known, &plain.unwrap_or(u64::MAX).to_le_bytes()].concat());
        Self::of(header, rest)
    }

    /// A file.
    pub(super) fn file(input: &'a [u8]) -> Self {
        Self::of(input.get(..13).map(<[u8]>::to_vec), input.get(13..))
    }

    fn of(header: Option<Vec<u8>>, rest: Option<&'a [u8]>) -> Self {
        let reader = header.zip(rest).map(|(header, rest)| {
            LzmaReader::new_mem_limit(io::Cursor::new(header).chain(rest), MEMORY, None)
        });
        match reader {
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
