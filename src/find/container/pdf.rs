//! PDF files: the text of their pages is in streams, most of them in zlib.

use memchr::memmem;

use super::deflate::Inflate;
use super::visit::{Spent, Unread, Visit};
use super::zlib;

/// Hands out each stream that is in zlib; others are in the file as they are, or are pictures.
pub(super) fn walk(bytes: &[u8], visit: &mut Visit<'_>) -> Result<(), Spent> {
    if memmem::find(bytes, b"/Encrypt").is_some() {
        visit.skip(None, Unread::Encrypted)?;
    }
    for (number, at) in memmem::find_iter(bytes, b"stream").enumerate() {
        let content = match bytes.get(at + b"stream".len()..) {
            Some([b'\r', b'\n', content @ ..] | [b'\n' | b'\r', content @ ..]) => content,
            _ => continue,
        };
        if zlib::begins(content) {
            visit.member(Some(format!("stream {number}").as_bytes()), &mut Inflate::zlib(content))?;
        }
    }
    Ok(())
}
