//! Content that is too big for memory, a window after the other.

use std::io::{self, Read};
use std::ops::Range;

use super::container::Container;
use super::locate::{Locator, Position};

/// Bytes that are searched at a time.
pub(super) const WINDOW: usize = 8 << 20;
/// The largest container in a stream that is opened, in bytes: it has to be in
/// memory.
pub const LARGEST_CONTAINER: usize = 128 << 20;
/// How much of a window is searched again with the next: more than the longest
/// token takes, an access token in base64 of UTF-16 among them.
pub(super) const OVERLAP: usize = 256 << 10;
/// What is kept before that: a name tells a token from further away than any other
/// sign.
pub(super) const BEFORE: usize = 4 << 10;

/// A part of a stream.
pub struct Window<'a> {
    /// Its bytes, with some of those before and behind it.
    pub bytes: &'a [u8],
    /// Which of them nobody has seen or will see again: what begins there is for
    /// this window to tell.
    pub own: Range<usize>,
    /// Where the bytes begin in the stream.
    pub start: Position,
    /// How many bytes of the stream stand before them.
    pub offset: usize,
    /// Whether it is all of the stream.
    pub whole: bool,
}

/// Hands out all that `read` gives, to its end. A container that is at most
/// `largest` bytes long comes whole. Returns how many bytes there were.
///
/// # Errors
///
/// What `read` gave instead of its bytes.
pub(super) fn each(read: &mut dyn Read, largest: usize, out: &mut dyn FnMut(&Window<'_>)) -> io::Result<u64> {
    let mut bytes = Vec::new();
    let mut total = fill(read, &mut bytes, WINDOW)?;
    let mut full = WINDOW;
    if bytes.len() >= WINDOW && Container::of(&bytes).is_some() {
        full = full.max(largest + 1);
        total += fill(read, &mut bytes, full)?;
    }
    let mut whole = true;
    let mut start = Position::default();
    let (mut own, mut offset) = (0, 0);
    loop {
        // A last window may be full: then an empty one follows.
        let last = bytes.len() < full;
        whole &= last;
        let end = if last { bytes.len() } else { bytes.len() - OVERLAP };
        out(&Window { bytes: &bytes, own: own..end, start, offset, whole });
        if last {
            return Ok(total);
        }
        let kept = end - BEFORE;
        start = Locator::new(&bytes, start).position(kept);
        bytes.drain(..kept);
        (own, offset) = (BEFORE, offset + kept);
        total += fill(read, &mut bytes, full)?;
    }
}

/// Reads until `bytes` are `full` or there are no more; how many were read.
fn fill(read: &mut dyn Read, bytes: &mut Vec<u8>, full: usize) -> io::Result<u64> {
    let room = full.saturating_sub(bytes.len());
    read.take(room as u64).read_to_end(bytes).map(|read| read as u64)
}
