//! What a decoder hands out.

use super::super::container::Container;
use super::super::encoding::Encoding;
use super::map::Map;

/// A stretch of a text, decoded.
pub struct Decoded {
    pub encoding: Encoding,
    pub bytes: Vec<u8>,
    pub map: Map,
    /// Whether it may only be a part of what is handed out as well: that it is cut
    /// off says nothing then.
    pub part: bool,
}

impl Decoded {
    /// Whether it begins with bytes that stand as they are in the text that was decoded,
    /// as many as tell a container: of tar a whole header.
    pub fn begins_as_written(&self) -> bool {
        let head = if Container::of(&self.bytes) == Some(Container::Tar) { 512 } else { 8 };
        let head = self.bytes.len().min(head);
        self.map.place(&(0..head)).len() == head
    }
}
