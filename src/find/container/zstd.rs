//! Zstandard files.

use std::io::{self, Read};

use ruzstd::decoding::errors::FrameDecoderError;
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::bytes::{damaged, le32};

/// The largest window: what `zstd` itself opens without being asked.
const WINDOW: u64 = 128 << 20;

/// A last block without content, and room for a checksum.
const END: [u8; 7] = [1, 0, 0, 0, 0, 0, 0];

/// A Zstandard file: consecutive frames, read as one.
pub(super) struct Zstd<'a> {
    input: &'a [u8],
    decoder: FrameDecoder,
    in_frame: bool,
    broken: bool,
}

impl<'a> Zstd<'a> {
    pub(super) fn new(input: &'a [u8]) -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(WINDOW);
        Self { input, decoder, in_frame: false, broken: false }
    }

    /// Unpacks until something can be handed out or the frame ends. The decoder keeps what it
    /// unpacked until then, so a damaged frame gets an end.
    fn unpack(&mut self) {
        while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
            let step = || BlockDecodingStrategy::UptoBlocks(1);
            if self.decoder.decode_blocks(&mut self.input, step()).is_err() {
                self.broken = true;
                if self.decoder.decode_blocks(END.as_slice(), step()).is_err() {
                    return;
                }
            }
        }
    }

    /// Whether the checksum of a frame is right.
    fn holds(&self) -> bool {
        let packed = self.decoder.get_checksum_from_data();
        packed.is_none() || packed == self.decoder.get_calculated_checksum()
    }

    /// Goes to the next frame, if there is one.
    fn next(&mut self) -> io::Result<bool> {
        while let Some(mark) = le32(self.input, 0) {
            if mark & !0xf != 0x184d_2a50 {
                break;
            }
            // A frame to skip: it is for others.
            let length = le32(self.input, 4).and_then(|length| usize::try_from(length).ok());
            let rest = length.and_then(|length| self.input.get(8..)?.get(length..));
            self.input = rest.ok_or_else(damaged)?;
        }
        if self.input.is_empty() {
            return Ok(false);
        }
        self.decoder.reset(&mut self.input).map_err(|error| match error {
            FrameDecoderError::WindowSizeTooBig { .. } => io::ErrorKind::OutOfMemory.into(),
            FrameDecoderError::DictNotProvided { .. } => io::ErrorKind::Unsupported.into(),
            _ => damaged(),
        })?;
        Ok(true)
    }
}

impl Read for Zstd<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            if self.in_frame {
                self.unpack();
                let got = self.decoder.read(buffer)?;
                if got > 0 {
                    return Ok(got);
                }
                if self.broken || !self.holds() {
                    return Err(damaged());
                }
                self.in_frame = false;
            }
            if self.broken || !self.next()? {
                return Ok(0);
            }
            self.in_frame = true;
        }
    }
}
