//! The content of a blob or file, in memory or as a stream.

use std::fmt;
use std::io::Read;
use std::ops::Deref;
use std::rc::Rc;

/// The largest content that is returned whole, in bytes. Anything larger is a stream.
pub const LARGEST_WHOLE: usize = 32 << 20;

/// The content of a blob or file: whole if it is small, else a stream.
pub enum Content<'r> {
    /// The whole content.
    Whole(Blob<'r>),
    /// The bytes in order. A blob's stream ends with an error unless all `size` bytes came;
    /// [`SourceError::broke_off`] names the blob. A file in the work tree may grow or shrink
    /// meanwhile.
    ///
    /// [`SourceError::broke_off`]: super::SourceError::broke_off
    Stream {
        /// The reader.
        read: Box<dyn Read + 'r>,
        /// The number of bytes.
        size: u64,
    },
}

impl<'r> Content<'r> {
    /// The whole content; none for a stream.
    pub fn whole(self) -> Option<Blob<'r>> {
        match self {
            Self::Whole(blob) => Some(blob),
            Self::Stream { .. } => None,
        }
    }

    /// The bytes in order.
    pub fn into_read(self) -> Box<dyn Read + 'r> {
        match self {
            Self::Whole(Blob::Read(content)) => Box::new(std::io::Cursor::new(content)),
            Self::Whole(blob) => Box::new(std::io::Cursor::new(blob.to_vec())),
            Self::Stream { read, .. } => read,
        }
    }
}

impl fmt::Debug for Content<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(blob) => write!(f, "Whole({} bytes)", blob.len()),
            Self::Stream { size, .. } => write!(f, "Stream({size} bytes)"),
        }
    }
}

/// The whole content of a blob or file.
pub enum Blob<'r> {
    /// Read from git or from a file.
    Read(Vec<u8>),
    /// Read from a pack, where others may build on it.
    Kept(Rc<Vec<u8>>),
    /// In the caller's memory.
    Borrowed(&'r [u8]),
}

impl Deref for Blob<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Read(content) => content,
            Self::Kept(content) => content,
            Self::Borrowed(content) => content,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_content_shows_in_a_debug_print() {
        let whole = Content::Whole(Blob::Read(b"secret".to_vec()));
        assert_eq!(format!("{whole:?}"), "Whole(6 bytes)");
        let stream = Content::Stream { read: Box::new(std::io::empty()), size: 9 };
        assert_eq!(format!("{stream:?}"), "Stream(9 bytes)");
    }
}
