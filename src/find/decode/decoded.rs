//! The output of a decoder.

use super::super::container::Container;
use super::super::encoding::Encoding;
use super::map::Map;

/// A part of a text, decoded.
pub struct Decoded {
    pub encoding: Encoding,
    pub bytes: Vec<u8>,
    pub map: Map,
    /// Whether it may be a part of another output. A part that is cut off does not count as
    /// damaged.
    pub part: bool,
}

impl Decoded {
    /// Whether its first bytes are in the original text as they are, as many as a container
    /// is recognised by: a whole header of tar.
    pub fn begins_as_written(&self) -> bool {
        let head = if Container::of(&self.bytes) == Some(Container::Tar) { 512 } else { 8 };
        let head = self.bytes.len().min(head);
        self.map.written_at(&(0..head)).len() == head
    }
}
