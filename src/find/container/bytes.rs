//! Numbers in container headers, and the error for wrong ones.

use std::io;

pub(super) fn damaged() -> io::Error {
    io::ErrorKind::InvalidData.into()
}

/// The little-endian number of two bytes at `at`.
pub(super) fn le16(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|number| u16::from_le_bytes(*number))
}

/// The little-endian number of four bytes at `at`.
pub(super) fn le32(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|number| u32::from_le_bytes(*number))
}

/// The little-endian number of eight bytes at `at`.
pub(super) fn le64(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|number| u64::from_le_bytes(*number))
}
