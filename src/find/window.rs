//! Content that is too big for memory, in windows.

use std::io::{self, Read};
use std::ops::Range;

use super::container::Container;
use super::locate::{Locator, Position};
use super::outline::Outline;

/// Bytes that are searched at a time.
pub(super) const WINDOW: usize = 8 << 20;
/// The largest container in a stream that is opened, in bytes: it has to be in
/// memory.
pub const LARGEST_CONTAINER: usize = 128 << 20;
/// How much of a window is searched again with the next: more than the longest
/// token takes, an access token in base64 of UTF-16 among them.
pub(super) const OVERLAP: usize = 256 << 10;
/// How much is kept before that: the name of an old token can be that far away.
pub(super) const BEFORE: usize = 4 << 10;

/// A part of a stream.
pub struct Window {
    /// Its bytes, with some of those before and behind it.
    pub bytes: Vec<u8>,
    /// The range that only this window reports: the tokens that begin there.
    pub own: Range<usize>,
    /// Where the bytes begin in the stream.
    pub start: Position,
    /// How many bytes of the stream precede them.
    pub offset: usize,
    /// Whether it is all of the stream.
    pub whole: bool,
    /// The outline of the stream up to its bytes, if it is not whole and has one.
    pub(super) outline: Option<Outline>,
}

impl Window {
    /// Whether it goes on in an XML part of an office document.
    pub(super) fn is_in_document(&self) -> bool {
        self.outline.as_ref().is_some_and(Outline::is_document)
    }
}

/// The windows of a stream, in order, to its end. There is at least one. A container of at most
/// [`LARGEST_CONTAINER`] bytes comes whole.
pub struct Windows<'r> {
    read: &'r mut dyn Read,
    /// The largest container that comes whole, in bytes.
    largest: usize,
    /// The bytes of the last window with which the next one begins; none after the end.
    kept: Option<Vec<u8>>,
    /// Where these stand in the stream.
    start: Position,
    offset: usize,
    /// How long a window is that is not the last, in bytes.
    full: usize,
    /// How many bytes were read.
    size: u64,
    /// The outline of what was kept of the last window.
    outline: Option<Outline>,
}

impl<'r> Windows<'r> {
    /// The windows of all that `read` gives.
    pub fn new(read: &'r mut dyn Read) -> Self {
        Self::with_largest(read, LARGEST_CONTAINER)
    }

    /// As [`Windows::new`], with containers whole that are at most `largest` bytes long.
    pub(super) fn with_largest(read: &'r mut dyn Read, largest: usize) -> Self {
        let start = Position::default();
        Self { read, largest, kept: Some(Vec::new()), start, offset: 0, full: WINDOW, size: 0, outline: None }
    }

    /// How many bytes were read so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The next window, which begins with what was `kept` of the last one.
    fn window(&mut self, kept: Vec<u8>) -> io::Result<Window> {
        let (mut bytes, first) = (kept, self.offset == 0);
        self.size += fill(self.read, &mut bytes, self.full)?;
        if first && bytes.len() == self.full && Container::of(&bytes).is_some() {
            self.full = self.full.max(self.largest + 1);
            self.size += fill(self.read, &mut bytes, self.full)?;
        }
        // A last window may be full: then an empty one follows.
        let last = bytes.len() < self.full;
        let end = if last { bytes.len() } else { bytes.len() - OVERLAP };
        let own = if first { 0 } else { BEFORE }..end;
        if first && !last {
            self.outline = Outline::of_start(&bytes);
        }
        let (outline, whole) = (self.outline.clone(), first && last);
        let window = Window { own, start: self.start, offset: self.offset, whole, outline, bytes };
        if !last {
            let kept = end - BEFORE;
            if let Some(outline) = &mut self.outline {
                outline.read_to(&window.bytes, self.offset, kept);
            }
            self.start = Locator::new(&window.bytes, self.start).position(kept);
            self.offset += kept;
            self.kept = window.bytes.get(kept..).map(<[u8]>::to_vec);
        }
        Ok(window)
    }
}

impl Iterator for Windows<'_> {
    /// Fails if the stream does; there are no more windows then.
    type Item = io::Result<Window>;

    fn next(&mut self) -> Option<io::Result<Window>> {
        self.kept.take().map(|kept| self.window(kept))
    }
}

/// Reads until `bytes` are `full` or there are no more; how many were read.
fn fill(read: &mut dyn Read, bytes: &mut Vec<u8>, full: usize) -> io::Result<u64> {
    let room = full.saturating_sub(bytes.len());
    read.take(room as u64).read_to_end(bytes).map(|read| read as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines that are all different.
    fn lines(length: usize) -> Vec<u8> {
        let mut bytes: Vec<u8> =
            (0..length / 8).flat_map(|line| format!("{line:07}\n").into_bytes()).collect();
        bytes.resize(length, b'x');
        bytes
    }

    /// Of each window what is its own in the stream, and whether it is all of that.
    fn windows(content: &[u8], largest: usize) -> Vec<(Range<usize>, bool)> {
        let mut windows = Vec::new();
        let mut read = content;
        let mut all = Windows::with_largest(&mut read, largest);
        for window in all.by_ref() {
            let window = window.unwrap();
            assert_eq!(window.bytes, &content[window.offset..window.offset + window.bytes.len()]);
            assert_eq!(window.start, Locator::new(content, Position::default()).position(window.offset));
            windows.push((window.offset + window.own.start..window.offset + window.own.end, window.whole));
            assert_eq!(window.own.start, if window.offset > 0 { BEFORE } else { 0 });
        }
        assert_eq!(all.size(), content.len() as u64);
        windows
    }

    #[test]
    fn windows_hand_out_each_byte_of_a_stream_once_and_where_it_stands() {
        let step = WINDOW - OVERLAP - BEFORE;
        for (length, ends) in [
            (0, vec![0]),
            (WINDOW - 1, vec![WINDOW - 1]),
            (WINDOW, vec![WINDOW - OVERLAP, WINDOW]),
            (2 * WINDOW + 77, vec![WINDOW - OVERLAP, WINDOW - OVERLAP + step, 2 * WINDOW + 77]),
        ] {
            let windows = windows(&lines(length), WINDOW * 9);
            assert_eq!(windows.iter().map(|(own, _)| own.end).collect::<Vec<_>>(), ends, "{length}");
            assert!(windows.iter().all(|(_, whole)| *whole == (ends.len() == 1)), "{length}");
            let starts = windows.iter().map(|(own, _)| own.start);
            assert!(starts.eq([0].into_iter().chain(ends[..ends.len() - 1].iter().copied())), "{length}");
        }
    }

    #[test]
    fn a_container_in_a_stream_comes_whole_up_to_the_largest() {
        let mut gzip = lines(WINDOW + 1000);
        gzip[..3].copy_from_slice(&[0x1f, 0x8b, 8]);
        assert_eq!(windows(&gzip, gzip.len()), [(0..gzip.len(), true)]);
        assert!(windows(&gzip, gzip.len() - 1).iter().all(|(_, whole)| !whole));
        // What is no container does not have to be in memory.
        assert!(windows(&lines(WINDOW + 1000), WINDOW * 9).len() > 1);
    }
}
