//! The ids of git objects, for both hash functions.

use std::fmt;
use std::hash::{Hash, Hasher};

/// An object id: 20 bytes (SHA-1) or 32 (SHA-256).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObjectId {
    bytes: [u8; 32],
    length: usize,
}

// The first bytes are enough, and take a third of the time: nobody can make many ids that have
// the same.
impl Hash for ObjectId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let [first, ..] = self.bytes.as_chunks::<8>().0 else { return };
        state.write_u64(u64::from_ne_bytes(*first));
    }
}

impl ObjectId {
    /// The id with these raw bytes; none unless there are 20 or 32.
    pub fn from_bytes(raw: &[u8]) -> Option<Self> {
        let mut bytes = [0; 32];
        bytes.get_mut(..raw.len()).filter(|_| matches!(raw.len(), 20 | 32))?.copy_from_slice(raw);
        Some(Self { bytes, length: raw.len() })
    }

    /// The id written as 40 or 64 hex digits.
    pub fn from_hex(hex: &[u8]) -> Option<Self> {
        Self::from_bytes(&crate::hex::decode(hex)?)
    }

    /// The raw bytes, 20 or 32 of them.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or(&self.bytes)
    }

    /// Whether it is all zeros, which stands for no object.
    pub fn is_zero(&self) -> bool {
        self.bytes.iter().all(|byte| *byte == 0)
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_read_from_hex_prints_as_that_hex() {
        for hex in ["e69de29bb2d1d6434b8b29ae775ad8c2e48c5391", &"0f".repeat(32)] {
            let id = ObjectId::from_hex(hex.as_bytes()).unwrap();
            assert_eq!(
                (id.to_string(), format!("{id:?}"), id.is_zero()),
                (hex.to_owned(), hex.to_owned(), false)
            );
        }
        for hex in ["", "abc", "e69de29bb2d1d6434b8b29ae775ad8c2e48c53", &"xy".repeat(20)] {
            assert_eq!(ObjectId::from_hex(hex.as_bytes()), None);
        }
        assert!(ObjectId::from_hex(&[b'0'; 40]).unwrap().is_zero());
    }
}
