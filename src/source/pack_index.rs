//! How a pack and its index are written: parsing, with no file in sight.
//!
//! git's documentation of both: gitformat-pack(5).

use std::io::{self, Error, ErrorKind};
use std::ops::Range;

use super::ObjectId;

/// An index of version 2 begins with this; one of version 1 cannot.
const SIGNATURE: &[u8] = b"\xfftOc\0\0\0\x02";
const FANOUT: usize = 256 * 4;

/// The index of a pack: the ids of its objects, sorted, and where each stands.
pub(super) struct PackIndex {
    bytes: Vec<u8>,
    id_length: usize,
    count: usize,
    has_signature: bool,
}

impl PackIndex {
    /// The index that is written as `bytes`, with ids of `id_length` bytes.
    pub(super) fn parse(bytes: Vec<u8>, id_length: usize) -> io::Result<Self> {
        let has_signature = bytes.starts_with(SIGNATURE);
        if !has_signature && bytes.starts_with(b"\xfftOc") {
            return Err(Error::new(ErrorKind::Unsupported, "its index is of a later version"));
        }
        let mut index = Self { bytes, id_length, count: 0, has_signature };
        index.count = index.fanout(255).ok_or_else(short)?;
        // Of version 2: ids, checksums, offsets; of version 1: offsets and ids.
        let each = id_length + if has_signature { 8 } else { 4 };
        let least = index.table() + index.count * each + 2 * id_length;
        // Behind the offsets there are those of objects that stand far behind. A wrong
        // number of objects leaves something else there.
        let more = index.bytes.len().checked_sub(least).ok_or_else(short)?;
        let fits = more == 0 || has_signature && more.is_multiple_of(8) && more / 8 <= index.count;
        if !fits || (0..255).any(|byte| index.fanout(byte) > index.fanout(byte + 1)) {
            return Err(short());
        }
        Ok(index)
    }

    /// How many objects it has.
    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// The checksum with which the pack ends.
    pub(super) fn pack_checksum(&self) -> &[u8] {
        let end = self.bytes.len() - self.id_length;
        self.bytes.get(end - self.id_length..end).unwrap_or_default()
    }

    /// How many bytes an id has.
    pub(super) fn id_length(&self) -> usize {
        self.id_length
    }

    fn table(&self) -> usize {
        FANOUT + if self.has_signature { SIGNATURE.len() } else { 0 }
    }

    /// How many ids begin with at most this byte.
    fn fanout(&self, byte: usize) -> Option<usize> {
        self.number(self.table().checked_sub(FANOUT)? + byte * 4).map(|count| count as usize)
    }

    fn number(&self, at: usize) -> Option<u32> {
        self.bytes.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes)
    }

    fn id_bytes(&self, place: usize) -> Option<&[u8]> {
        let at = if self.has_signature {
            self.table() + place * self.id_length
        } else {
            self.table() + place * (self.id_length + 4) + 4
        };
        self.bytes.get(at..at + self.id_length)
    }

    /// The id at a place.
    pub(super) fn id(&self, place: u32) -> Option<ObjectId> {
        self.id_bytes(place as usize).and_then(ObjectId::from_bytes)
    }

    fn offset(&self, place: usize) -> Option<u64> {
        if !self.has_signature {
            return self.number(self.table() + place * (self.id_length + 4)).map(u64::from);
        }
        let offsets = self.table() + self.count * (self.id_length + 4);
        let offset = self.number(offsets + place * 4)?;
        if offset & 0x8000_0000 == 0 {
            return Some(u64::from(offset));
        }
        let at = offsets + self.count * 4 + (offset & 0x7fff_ffff) as usize * 8;
        self.bytes.get(at..at + 8)?.try_into().ok().map(u64::from_be_bytes)
    }

    /// The CRC-32 of the object at a place as it is written; none in version 1.
    pub(super) fn checksum(&self, place: u32) -> Option<u32> {
        let checksums = self.table() + self.count * self.id_length;
        self.number(checksums + place as usize * 4).filter(|_| self.has_signature)
    }

    fn place_of(&self, id: ObjectId) -> Option<usize> {
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

    /// Whether the object is there.
    pub(super) fn contains(&self, id: ObjectId) -> bool {
        self.place_of(id).is_some()
    }

    /// Where the object stands in the pack.
    pub(super) fn offset_of(&self, id: ObjectId) -> Option<u64> {
        self.place_of(id).and_then(|place| self.offset(place))
    }

    /// Where each object stands and its place here, in the order of the pack.
    pub(super) fn by_offset(&self) -> io::Result<Vec<(u64, u32)>> {
        let places = (0..self.count).map(|place| Some((self.offset(place)?, u32::try_from(place).ok()?)));
        let mut places = places.collect::<Option<Vec<_>>>().ok_or_else(short)?;
        places.sort_unstable();
        Ok(places)
    }
}

fn short() -> Error {
    Error::new(ErrorKind::InvalidData, "its index makes no sense")
}

/// The type and the size at the start of an object, and how many bytes say so.
pub(super) fn object_header(bytes: &[u8]) -> Option<(u8, u64, usize)> {
    let first = *bytes.first()?;
    let (mut size, mut shift, mut length, mut last) = (u64::from(first & 0x0f), 4, 1, first);
    while last & 0x80 != 0 {
        last = *bytes.get(length)?;
        size |= u64::from(last & 0x7f).checked_shl(shift).filter(|_| shift < 60)?;
        shift += 7;
        length += 1;
    }
    Some((first >> 4 & 7, size, length))
}

/// How far before an object its base stands, and how many bytes say so.
pub(super) fn distance(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut last = *bytes.first()?;
    let (mut distance, mut length) = (u64::from(last & 0x7f), 1);
    while last & 0x80 != 0 {
        last = *bytes.get(length)?;
        distance = distance.checked_add(1)?.checked_mul(128)? + u64::from(last & 0x7f);
        length += 1;
    }
    Some((distance, length))
}

/// A size at the start of a difference, and the rest.
fn size(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (mut size, mut shift) = (0_u64, 0);
    for (number, byte) in bytes.iter().enumerate() {
        size |= u64::from(byte & 0x7f).checked_shl(shift).filter(|_| shift <= 56)?;
        shift += 7;
        if byte & 0x80 == 0 {
            return Some((usize::try_from(size).ok()?, bytes.get(number + 1..)?));
        }
    }
    None
}

/// An object that was made from another.
pub(super) struct Made {
    pub(super) content: Vec<u8>,
    /// Where it differs from the other: what is new, and as empty ranges the places
    /// where something was left out or moved.
    pub(super) fresh: Vec<Range<usize>>,
}

impl Made {
    /// Notes that what comes next is new, up to `end`. That neighbours become one, and
    /// are no longer than they are, saves time.
    fn note(&mut self, end: usize) {
        let start = self.content.len();
        match self.fresh.last_mut() {
            Some(last) if last.end == start => last.end = end,
            _ => self.fresh.push(start..end),
        }
    }
}

/// What comes of `base` and the difference `delta`; none if they do not fit, none
/// within if it is larger than `largest`.
pub(super) fn apply(base: &[u8], delta: &[u8], largest: usize) -> Option<Option<Made>> {
    let (base_size, delta) = size(delta)?;
    let (wanted, mut delta) = size(delta)?;
    if base_size != base.len() {
        return None;
    }
    if wanted > largest {
        return Some(None);
    }
    let mut made = Made { content: Vec::with_capacity(wanted), fresh: Vec::new() };
    // Where in the base the last copy ended.
    let mut copied_to = 0;
    while let Some((code, rest)) = delta.split_first() {
        let copied = if code & 0x80 == 0 {
            let (new, rest) = rest.split_at_checked(usize::from(*code)).filter(|(new, _)| !new.is_empty())?;
            delta = rest;
            made.note(made.content.len() + new.len());
            new
        } else {
            let mut rest = rest;
            let mut number = |bits: u8, count: u8| -> Option<usize> {
                (0..count).filter(|byte| bits >> byte & 1 == 1).try_fold(0, |number, byte| {
                    let (next, after) = rest.split_first()?;
                    rest = after;
                    Some(number + (usize::from(*next) << (8 * byte)))
                })
            };
            let from = number(*code, 4)?;
            let length = match number(code >> 4 & 7, 3)? {
                0 => 0x10000,
                length => length,
            };
            delta = rest;
            if from != copied_to {
                made.note(made.content.len());
            }
            copied_to = from.checked_add(length)?;
            base.get(from..copied_to)?
        };
        // It is found out below as well: here it takes no memory.
        if copied.len() > wanted - made.content.len() {
            return None;
        }
        made.content.extend_from_slice(copied);
    }
    if copied_to != base.len() {
        made.note(made.content.len());
    }
    (made.content.len() == wanted).then_some(Some(made))
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

    #[test]
    fn a_number_that_is_too_long_is_no_number_and_no_other() {
        let long = |bytes: usize| [vec![0x81; bytes], vec![1, 9]].concat();
        assert_eq!(object_header(&[0xb5, 0x81, 0x01]), Some((3, 5 + 16 + 2048, 3)));
        assert_eq!(object_header(&long(7)).map(|(.., length)| length), Some(8));
        assert_eq!(object_header(&long(8)).map(|(.., length)| length), Some(9));
        assert_eq!(object_header(&long(9)), None);
        assert_eq!(size(&[0x85, 0x01, 9]), Some((5 + 128, &[9][..])));
        assert_eq!(size(&long(8)).map(|(_, rest)| rest), Some(&[9][..]));
        assert_eq!(size(&long(9)), None);
        assert_eq!(distance(&[0x80, 0x00]), Some((128, 2)));
        assert_eq!(distance(&[0x81, 0x85, 0x07]), Some((((1 + 1) * 128 + 5 + 1) * 128 + 7, 3)));
        assert_eq!(distance(&[0xff; 20]), None);
    }

    #[test]
    fn a_difference_is_applied_whole_or_not_at_all() {
        let base: Vec<u8> = (0..=255).cycle().take(70_000).collect();
        let of = |delta: &[u8], largest: usize| {
            apply(&base, &[&[0xf0, 0xa2, 0x04], delta].concat(), largest)
                .map(|made| made.map(|made| made.content))
        };
        // A copy of two bytes at 0x0103, then two new ones.
        let delta = [4, 0x93, 0x03, 0x01, 2, 2, b'n', b'w'];
        assert_eq!(of(&delta, 4), Some(Some(vec![3, 4, b'n', b'w'])));
        assert_eq!(of(&delta, 3), Some(None));
        // No length stands for the longest copy.
        assert_eq!(of(&[0x80, 0x80, 0x04, 0x80], 1 << 20), Some(Some(base[..0x10000].to_vec())));
        for wrong in [&[3][..], &delta[1..], &[4, 0x93, 0x03], &[2, 0x94, 0x02, 2], &[1, 0], &[9, 2, 1, 2]] {
            assert_eq!(of(wrong, 1 << 20), None, "{wrong:?}");
        }
        assert!(apply(&base[1..], &[&[0xf0, 0xa2, 0x04], &delta[..]].concat(), 9).is_none());
    }
}
