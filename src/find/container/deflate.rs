//! deflate, as zip archives contain it, and gzip and zlib around it.

use std::io::{self, Read};

use flate2::{Crc, Decompress, FlushDecompress, Status};

use super::bytes::{damaged, le16, le32};

/// Deflated content, which marks its own end. flate2's readers drop the output of the call that
/// meets damage.
pub(super) struct Inflate<'a> {
    input: &'a [u8],
    state: Decompress,
    ended: bool,
}

impl<'a> Inflate<'a> {
    pub(super) fn new(input: &'a [u8]) -> Self {
        Self { input, state: Decompress::new(false), ended: false }
    }

    /// The same, within zlib.
    pub(super) fn zlib(input: &'a [u8]) -> Self {
        Self { input, state: Decompress::new(true), ended: false }
    }

    /// Continues with `input`, and keeps the memory.
    fn restart(&mut self, input: &'a [u8]) {
        self.state.reset(false);
        self.input = input;
        self.ended = false;
    }

    /// What has not been read.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.input
    }
}

impl Read for Inflate<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.ended || buffer.is_empty() {
            return Ok(0);
        }
        let (read, made) = (self.state.total_in(), self.state.total_out());
        let status = self.state.decompress(self.input, buffer, FlushDecompress::None);
        let read = usize::try_from(self.state.total_in() - read).map_err(|_| damaged())?;
        let made = usize::try_from(self.state.total_out() - made).map_err(|_| damaged())?;
        self.input = self.input.get(read..).unwrap_or_default();
        self.ended = matches!(status, Ok(Status::StreamEnd));
        // It had room and all the input: where nothing comes there is nothing more.
        if made == 0 && !self.ended { Err(damaged()) } else { Ok(made) }
    }
}

/// A gzip file: consecutive contents, read as one.
pub(super) struct Gzip<'a> {
    inflate: Inflate<'a>,
    crc: Crc,
    /// The error of the first content, if there is one.
    wrong: Option<io::ErrorKind>,
}

impl<'a> Gzip<'a> {
    pub(super) fn new(input: &'a [u8]) -> Self {
        let (body, wrong) = match body(input) {
            Ok(body) => (body, None),
            Err(error) => (&[][..], Some(error.kind())),
        };
        Self { inflate: Inflate::new(body), crc: Crc::new(), wrong }
    }

    /// Goes to the next content, if there is one. What follows the last one does not belong to
    /// the file.
    fn next(&mut self) -> io::Result<bool> {
        let rest = self.inflate.rest();
        if le32(rest, 0) != Some(self.crc.sum()) || le32(rest, 4) != Some(self.crc.amount()) {
            return Err(damaged());
        }
        let rest = rest.get(8..).unwrap_or_default();
        if !rest.starts_with(&[0x1f, 0x8b]) {
            return Ok(false);
        }
        self.crc.reset();
        self.inflate.restart(body(rest)?);
        Ok(true)
    }
}

impl Read for Gzip<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(wrong) = self.wrong {
            return Err(wrong.into());
        }
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            let got = self.inflate.read(buffer)?;
            if got > 0 {
                self.crc.update(buffer.get(..got).unwrap_or_default());
                return Ok(got);
            }
            if !self.next()? {
                return Ok(0);
            }
        }
    }
}

/// What follows the gzip header with which `input` begins.
fn body(input: &[u8]) -> io::Result<&[u8]> {
    let [0x1f, 0x8b, method, flags, ..] = *input else { return Err(damaged()) };
    if method != 8 {
        return Err(io::ErrorKind::Unsupported.into());
    }
    let header = || {
        let mut rest = input.get(10..)?;
        if flags & 4 != 0 {
            rest = rest.get(2 + usize::from(le16(rest, 0)?)..)?;
        }
        // A name, a comment.
        for flag in [8, 16] {
            if flags & flag != 0 {
                rest = rest.get(memchr::memchr(0, rest)? + 1..)?;
            }
        }
        if flags & 2 != 0 {
            rest = rest.get(2..)?;
        }
        Some(rest)
    };
    if flags & 0xe0 != 0 {
        return Err(damaged());
    }
    header().ok_or_else(damaged)
}
