//! Maps decoded bytes back to the bytes that encode them.

use std::ops::Range;

/// Where each decoded byte was written.
pub enum Map {
    /// Byte `n` takes the `size` bytes at `start + n * step`.
    Even { start: usize, step: usize, size: usize },
    /// From `start` on so many digits make so many bytes; each digit has as many bits.
    Groups { start: usize, digits: usize, bytes: usize },
    /// Runs and escapes, in order.
    Pieces(Vec<Piece>),
}

/// A run of decoded bytes.
pub struct Piece {
    /// The number of its first decoded byte.
    pub(super) first: usize,
    /// Where it was written.
    pub(super) at: usize,
    /// How many bytes it was written in as a whole; 0 for a run that was written as it is.
    pub(super) escape: usize,
}

impl Map {
    /// Where the bytes of `range`, which is not empty, were written.
    pub fn written_at(&self, range: &Range<usize>) -> Range<usize> {
        let last = range.end.saturating_sub(1);
        match self {
            Self::Even { start, step, size } => start + range.start * step..start + last * step + size,
            // Byte `n` lies in the bits from `8 n` on, so many a digit.
            Self::Groups { start, digits, bytes } => {
                start + range.start * digits / bytes..start + (range.end * digits).div_ceil(*bytes)
            }
            Self::Pieces(pieces) => {
                let (start, _) = of(pieces, range.start);
                let (end, length) = of(pieces, last);
                start..end + length
            }
        }
    }

    /// Where the bytes of `range` were written, without what stands between its runs.
    pub fn parts(&self, range: &Range<usize>) -> Vec<Range<usize>> {
        let Self::Pieces(pieces) = self else { return vec![self.written_at(range)] };
        let first = pieces.partition_point(|piece| piece.first <= range.start).saturating_sub(1);
        let starts = pieces.iter().skip(first).map(|piece| piece.first.max(range.start));
        let ends = pieces.iter().skip(first + 1).map(|piece| piece.first).chain([range.end]);
        let mut parts: Vec<Range<usize>> = Vec::new();
        for (start, end) in starts.zip(ends).map(|(start, end)| (start, end.min(range.end))) {
            if start >= end {
                break;
            }
            let written = self.written_at(&(start..end));
            match parts.last_mut() {
                Some(last) if last.end == written.start => last.end = written.end,
                _ => parts.push(written),
            }
        }
        parts
    }

    /// The lengths of the runs of which all lies in `range`, but for its first and last.
    pub fn run_lengths(&self, range: &Range<usize>) -> Vec<usize> {
        let Self::Pieces(pieces) = self else { return Vec::new() };
        let first = pieces.partition_point(|piece| piece.first <= range.start);
        let within = pieces.iter().skip(first).map(|piece| piece.first).take_while(|at| *at < range.end);
        within.clone().zip(within.skip(1)).map(|(start, end)| end - start).collect()
    }
}

/// Where the decoded byte of this number was written, and in how many bytes.
fn of(pieces: &[Piece], number: usize) -> (usize, usize) {
    let index = pieces.partition_point(|piece| piece.first <= number).saturating_sub(1);
    pieces.get(index).map_or((0, 0), |piece| match piece.escape {
        0 => (piece.at + number.saturating_sub(piece.first), 1),
        length => (piece.at, length),
    })
}

/// Builds decoded text from runs that are kept and escapes.
#[derive(Default)]
pub(super) struct Builder {
    pub(super) bytes: Vec<u8>,
    pieces: Vec<Piece>,
}

impl Builder {
    /// With room for so many bytes, each in a run of its own.
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self { bytes: Vec::with_capacity(bytes), pieces: Vec::with_capacity(bytes) }
    }

    /// Adds `run`, which was written at `at` as it is.
    pub(super) fn keep(&mut self, run: &[u8], at: usize) {
        // What follows what was kept is the same run.
        let goes_on = self
            .pieces
            .last()
            .is_some_and(|last| last.escape == 0 && last.at + self.bytes.len() - last.first == at);
        if goes_on {
            self.bytes.extend_from_slice(run);
        } else if !run.is_empty() {
            self.pieces.push(Piece { first: self.bytes.len(), at, escape: 0 });
            self.bytes.extend_from_slice(run);
        }
    }

    /// Adds `byte`, which was written in `length` bytes at `at`.
    pub(super) fn escaped(&mut self, byte: u8, at: usize, length: usize) {
        self.all_escaped([byte], at, length);
    }

    /// Adds `bytes`, which were written together in `length` bytes at `at`.
    pub(super) fn all_escaped(&mut self, bytes: impl IntoIterator<Item = u8>, at: usize, length: usize) {
        self.pieces.push(Piece { first: self.bytes.len(), at, escape: length });
        self.bytes.extend(bytes);
    }

    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.pieces.clear();
    }

    pub(super) fn finish(self) -> (Vec<u8>, Map) {
        (self.bytes, Map::Pieces(self.pieces))
    }
}
