//! Single parts of the search, for `fuzz/` only.

use std::ops::Range;

use super::container::{self, Allowance, Container, Each, Missed};
use super::decode;

/// Says where decoded bytes were written.
pub type WrittenAt<'a> = dyn Fn(&Range<usize>) -> Range<usize> + 'a;

/// Hands out what the `decoder` of this name decodes in `text`, and where it was written.
pub fn decode(decoder: &str, text: &[u8], out: &mut dyn FnMut(&[u8], &WrittenAt<'_>)) {
    decode::alone(decoder, text, &mut |decoded| out(&decoded.bytes, &|range| decoded.map.written_at(range)));
}

/// Opens the container that `content` is, if it is one, with so many bytes and
/// members allowed.
pub fn open(
    content: &[u8],
    (bytes, members): (u64, u32),
    each: &mut Each<'_>,
    unread: &mut Missed<'_>,
) -> Option<Container> {
    let container = Container::of(content)?;
    container::open(container, content, &mut Allowance::of(bytes, members), each, unread);
    Some(container)
}
