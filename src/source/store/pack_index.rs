//! Parses the index of a pack.
//!
//! git's documentation: gitformat-pack(5).

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Error, ErrorKind};
use std::ops::Range;

use super::read_at::read_at;
use crate::source::ObjectId;

/// The start of an index of version 2; version 1 cannot begin like this.
const SIGNATURE: &[u8] = b"\xfftOc\0\0\0\x02";
const FANOUT: usize = 256 * 4;

/// How much of an index is read at once where only some of its objects are searched.
const PAGE: usize = 4096;

/// The bytes of an index.
pub trait Bytes {
    /// How many there are.
    fn length(&self) -> usize;

    /// What `then` makes of the bytes in `range`; none if they do not exist or cannot be read.
    fn read<T>(&self, range: Range<usize>, then: impl FnOnce(&[u8]) -> T) -> Option<T>;
}

impl Bytes for Vec<u8> {
    fn length(&self) -> usize {
        self.len()
    }

    fn read<T>(&self, range: Range<usize>, then: impl FnOnce(&[u8]) -> T) -> Option<T> {
        self.get(range).map(then)
    }
}

/// A file of which each page is read when it is needed.
pub struct Pages {
    file: File,
    /// Zeros where nothing was read, for which the system provides no memory.
    bytes: RefCell<Vec<u8>>,
    /// Which pages were read.
    held: RefCell<Vec<bool>>,
}

impl Pages {
    pub fn of(file: File) -> io::Result<Self> {
        let length = usize::try_from(file.metadata()?.len()).map_err(io::Error::other)?;
        let held = RefCell::new(vec![false; length.div_ceil(PAGE)]);
        Ok(Self { file, bytes: RefCell::new(vec![0; length]), held })
    }
}

impl Bytes for Pages {
    fn length(&self) -> usize {
        self.bytes.borrow().len()
    }

    fn read<T>(&self, range: Range<usize>, then: impl FnOnce(&[u8]) -> T) -> Option<T> {
        let mut bytes = self.bytes.borrow_mut();
        let mut held = self.held.borrow_mut();
        bytes.get(range.clone())?;
        for page in range.start / PAGE..range.end.div_ceil(PAGE) {
            let held = held.get_mut(page)?;
            if !*held {
                let start = page * PAGE;
                let end = bytes.len().min(start + PAGE);
                read_at(&self.file, bytes.get_mut(start..end)?, start as u64).ok()?;
                *held = true;
            }
        }
        bytes.get(range).map(then)
    }
}

/// The index of a pack: the sorted ids of its objects, and their offsets.
pub struct PackIndex<B = Vec<u8>> {
    bytes: B,
    id_length: usize,
    count: usize,
    has_signature: bool,
}

impl<B: Bytes> PackIndex<B> {
    /// Parses `bytes`, with ids of `id_length` bytes.
    pub fn parse(bytes: B, id_length: usize) -> io::Result<Self> {
        let start = bytes.read(0..SIGNATURE.len(), <[u8]>::to_vec).ok_or_else(short)?;
        let has_signature = start == SIGNATURE;
        if !has_signature && start.starts_with(b"\xfftOc") {
            return Err(Error::new(ErrorKind::Unsupported, "its index is of a later version"));
        }
        let mut index = Self { bytes, id_length, count: 0, has_signature };
        index.count = index.fanout(255).ok_or_else(short)?;
        // Version 2: ids, checksums, offsets. Version 1: offsets and ids.
        let each = id_length + if has_signature { 8 } else { 4 };
        let least = index.table() + index.count * each + 2 * id_length;
        // The offsets above 2 GiB are last. With a wrong number of objects something else would
        // be there.
        let more = index.bytes.length().checked_sub(least).ok_or_else(short)?;
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
    pub fn pack_checksum(&self) -> Vec<u8> {
        let end = self.bytes.length() - self.id_length;
        self.bytes.read(end - self.id_length..end, <[u8]>::to_vec).unwrap_or_default()
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
        let bytes = self.bytes.read(at..at + 4, |bytes| bytes.try_into().ok())?;
        bytes.map(u32::from_be_bytes)
    }

    fn with_id<T>(&self, slot: usize, then: impl FnOnce(&[u8]) -> T) -> Option<T> {
        let at = if self.has_signature {
            self.table() + slot * self.id_length
        } else {
            self.table() + slot * (self.id_length + 4) + 4
        };
        self.bytes.read(at..at + self.id_length, then)
    }

    /// The id in a slot.
    pub fn id(&self, slot: u32) -> Option<ObjectId> {
        self.with_id(slot as usize, ObjectId::from_bytes)?
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
        let bytes = self.bytes.read(at..at + 8, |bytes| bytes.try_into().ok())?;
        bytes.map(u64::from_be_bytes)
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
            match self.with_id(middle, |middle| middle.cmp(id))? {
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
    fn an_index_that_is_read_by_pages_names_the_same_objects_as_one_in_memory() {
        for (count, far) in [(0, 0), (1, 1), (700, 0), (3000, 2999)] {
            let id = |number: usize| {
                let mut id = [9; 20];
                id[..4].copy_from_slice(&(number as u32 * 1_400_000 + 7).to_be_bytes());
                id
            };
            let mut bytes = SIGNATURE.to_vec();
            for byte in 0..=255 {
                let until = (0..count).filter(|number| id(*number)[0] <= byte).count();
                bytes.extend((until as u32).to_be_bytes());
            }
            (0..count).for_each(|number| bytes.extend(id(number)));
            (0..count).for_each(|_| bytes.extend([0; 4]));
            let near = |number: usize| number as u32 * 11;
            (0..count).for_each(|number| {
                let place = if number < far { 0x8000_0000 | number as u32 } else { near(number) };
                bytes.extend(place.to_be_bytes());
            });
            (0..far).for_each(|number| bytes.extend((u64::from(near(number)) << 32).to_be_bytes()));
            bytes.extend([[1; 20], [2; 20]].concat());
            let file = tempfile::tempfile().unwrap();
            std::io::Write::write_all(&mut &file, &bytes).unwrap();
            let pages = PackIndex::parse(Pages::of(file).unwrap(), 20).unwrap();
            let whole = PackIndex::parse(bytes, 20).unwrap();
            assert_eq!((pages.len(), pages.pack_checksum()), (count, vec![1; 20]));
            for number in (0..count).rev() {
                let id = ObjectId::from_bytes(&id(number)).unwrap();
                let offset = u64::from(near(number)) << if number < far { 32 } else { 0 };
                assert_eq!((pages.offset_of(id), whole.offset_of(id)), (Some(offset), Some(offset)));
            }
            let other = ObjectId::from_bytes(&[9; 20]).unwrap();
            assert_eq!((pages.offset_of(other), whole.offset_of(other)), (None, None));
        }
    }

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
