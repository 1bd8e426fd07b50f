//! Parses the index of a pack, without file access.
//!
//! git's documentation: gitformat-pack(5).

use std::io::{self, Error, ErrorKind};

use crate::source::ObjectId;

/// The start of an index of version 2; version 1 cannot begin like this.
const SIGNATURE: &[u8] = b"\xfftOc\0\0\0\x02";
const FANOUT: usize = 256 * 4;

/// The index of a pack: the sorted ids of its objects, and their offsets.
pub struct PackIndex {
    bytes: Vec<u8>,
    id_length: usize,
    count: usize,
    has_signature: bool,
}

impl PackIndex {
    /// Parses `bytes`, with ids of `id_length` bytes.
    pub fn parse(bytes: Vec<u8>, id_length: usize) -> io::Result<Self> {
        let has_signature = bytes.starts_with(SIGNATURE);
        if !has_signature && bytes.starts_with(b"\xfftOc") {
            return Err(Error::new(ErrorKind::Unsupported, "its index is of a later version"));
        }
        let mut index = Self { bytes, id_length, count: 0, has_signature };
        index.count = index.fanout(255).ok_or_else(short)?;
        // Version 2: ids, checksums, offsets. Version 1: offsets and ids.
        let each = id_length + if has_signature { 8 } else { 4 };
        let least = index.table() + index.count * each + 2 * id_length;
        // The offsets above 2 GiB are last. With a wrong number of objects something else would
        // be there.
        let more = index.bytes.len().checked_sub(least).ok_or_else(short)?;
        let fits = more == 0 || has_signature && more.is_multiple_of(8) && more / 8 <= index.count;
        if !fits || (0..255).any(|byte| index.fanout(byte) > index.fanout(byte + 1)) {
            return Err(short());
        }
        Ok(index)
    }

    /// The number of objects.
    pub fn len(&self) -> usize {
        self.count
    }

    /// The checksum at the end of the pack.
    pub fn pack_checksum(&self) -> &[u8] {
        let end = self.bytes.len() - self.id_length;
        self.bytes.get(end - self.id_length..end).unwrap_or_default()
    }

    /// The length of an id.
    pub fn id_length(&self) -> usize {
        self.id_length
    }

    fn table(&self) -> usize {
        FANOUT + if self.has_signature { SIGNATURE.len() } else { 0 }
    }

    /// The number of ids whose first byte is at most `byte`.
    fn fanout(&self, byte: usize) -> Option<usize> {
        self.number(self.table().checked_sub(FANOUT)? + byte * 4).map(|count| count as usize)
    }

    fn number(&self, at: usize) -> Option<u32> {
        self.bytes.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes)
    }

    fn id_bytes(&self, slot: usize) -> Option<&[u8]> {
        let at = if self.has_signature {
            self.table() + slot * self.id_length
        } else {
            self.table() + slot * (self.id_length + 4) + 4
        };
        self.bytes.get(at..at + self.id_length)
    }

    /// The id in a slot.
    pub fn id(&self, slot: u32) -> Option<ObjectId> {
        self.id_bytes(slot as usize).and_then(ObjectId::from_bytes)
    }

    fn offset(&self, slot: usize) -> Option<u64> {
        if !self.has_signature {
            return self.number(self.table() + slot * (self.id_length + 4)).map(u64::from);
        }
        let offsets = self.table() + self.count * (self.id_length + 4);
        let offset = self.number(offsets + slot * 4)?;
        if offset & 0x8000_0000 == 0 {
            return Some(u64::from(offset));
        }
        let at = offsets + self.count * 4 + (offset & 0x7fff_ffff) as usize * 8;
        self.bytes.get(at..at + 8)?.try_into().ok().map(u64::from_be_bytes)
    }

    /// The CRC-32 of the stored object in a slot; none in version 1.
    pub fn checksum(&self, slot: u32) -> Option<u32> {
        let checksums = self.table() + self.count * self.id_length;
        self.number(checksums + slot as usize * 4).filter(|_| self.has_signature)
    }

    fn slot_of(&self, id: ObjectId) -> Option<usize> {
        let id = id.as_bytes();
        let first = usize::from(*id.first()?);
        let (mut low, mut high) =
            (first.checked_sub(1).map_or(Some(0), |before| self.fanout(before))?, self.fanout(first)?);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.id_bytes(middle)?.cmp(id) {
                std::cmp::Ordering::Equal => return Some(middle),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }

    /// Whether the pack has the object.
    pub fn contains(&self, id: ObjectId) -> bool {
        self.slot_of(id).is_some()
    }

    /// The offset of the object in the pack.
    pub fn offset_of(&self, id: ObjectId) -> Option<u64> {
        self.slot_of(id).and_then(|slot| self.offset(slot))
    }

    /// The offset and slot of each object, in the order of the pack.
    pub fn by_offset(&self) -> io::Result<Vec<(u64, u32)>> {
        let slots = (0..self.count).map(|slot| Some((self.offset(slot)?, u32::try_from(slot).ok()?)));
        let mut slots = slots.collect::<Option<Vec<_>>>().ok_or_else(short)?;
        slots.sort_unstable();
        Ok(slots)
    }
}

fn short() -> Error {
    Error::new(ErrorKind::InvalidData, "its index makes no sense")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_whose_number_of_objects_is_wrong_is_refused_and_hides_none() {
        let mut index = vec![0; FANOUT - 1];
        index.push(1);
        index.extend([0; 4 + 20 + 40]);
        assert_eq!(PackIndex::parse(index.clone(), 20).unwrap().len(), 1);
        index[3] = 1;
        assert!(PackIndex::parse(index.clone(), 20).is_err(), "more than behind it");
        index[3] = 0;
        for count in [0, 2] {
            index[FANOUT - 1] = count;
            assert!(PackIndex::parse(index.clone(), 20).is_err(), "{count}");
        }
        let mut index = [SIGNATURE, &index].concat();
        let end = index.len() + 4;
        for (more, fits) in [(0, true), (4, false), (8, true), (16, false)] {
            index.resize(end + more, 0);
            index[SIGNATURE.len() + FANOUT - 1] = 1;
            assert_eq!(PackIndex::parse(index.clone(), 20).is_ok(), fits, "{more}");
        }
    }
}
