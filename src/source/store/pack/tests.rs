use super::*;
use crate::fuzz::packers::zlib;

/// The end of the pack, which its index repeats.
const CHECKSUM: [u8; 20] = [7; 20];

pub fn id(first: u8, second: u8) -> [u8; 20] {
    let mut id = [0; 20];
    [id[0], id[1]] = [first, second];
    id
}

pub fn object_id(id: [u8; 20]) -> ObjectId {
    ObjectId::from_bytes(&id).unwrap()
}

/// An object of a pack that claims to have `size` bytes.
pub fn entry(kind: u8, size: usize, base: &[u8], content: &[u8], level: u32) -> Vec<u8> {
    let mut header = vec![kind << 4 | (size & 0x0f) as u8];
    let mut rest = size >> 4;
    while rest > 0 {
        *header.last_mut().unwrap() |= 0x80;
        header.push((rest & 0x7f) as u8);
        rest >>= 7;
    }
    [&header, base, &zlib(content, level)].concat()
}

fn blob(size: usize, content: &[u8]) -> Vec<u8> {
    entry(3, size, b"", content, 0)
}

/// The bytes of a pack of `objects`, in this order, and of its index.
pub fn packed(objects: &[([u8; 20], Vec<u8>)]) -> (Vec<u8>, Vec<u8>) {
    let mut pack = [&b"PACK\0\0\0\x02"[..], &(objects.len() as u32).to_be_bytes()].concat();
    let mut listed = Vec::new();
    for (id, bytes) in objects {
        listed.push((*id, crc32fast::hash(bytes), pack.len() as u32));
        pack.extend(bytes);
    }
    pack.extend(CHECKSUM);
    listed.sort();
    let mut index = b"\xfftOc\0\0\0\x02".to_vec();
    for first in 0..=255 {
        index.extend((listed.iter().filter(|(id, ..)| id[0] <= first).count() as u32).to_be_bytes());
    }
    listed.iter().for_each(|(id, ..)| index.extend(id));
    listed.iter().for_each(|(_, checksum, _)| index.extend(checksum.to_be_bytes()));
    listed.iter().for_each(|(.., offset)| index.extend(offset.to_be_bytes()));
    index.extend(CHECKSUM);
    index.extend([0; 20]);
    (pack, index)
}

fn open((pack, index): (Vec<u8>, Vec<u8>)) -> io::Result<Pack> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("pack-1.idx");
    fs::write(path.with_extension("pack"), pack)?;
    fs::write(&path, index)?;
    Pack::open(&path, 20)
}

/// The contents that the pack hands out, sorted, and the ids of the others, until there are
/// `most` of both. Also returns whether the pack was read to its end.
fn read(pack: &Pack, most: usize) -> io::Result<(bool, Vec<Vec<u8>>, Vec<ObjectId>)> {
    let (mut contents, mut elsewhere) = (Vec::new(), Vec::new());
    let whole = pack.each(&AtomicUsize::new(0), &mut |packed| {
        match packed {
            Packed::Object { content, .. } => contents.push(content.to_vec()),
            Packed::Elsewhere(id) => elsewhere.push(id),
            Packed::Damaged(_) => return Err(io::Error::other("damaged")),
        }
        Ok(if contents.len() + elsewhere.len() < most { Answer::Next } else { Answer::Stop })
    })?;
    contents.sort();
    elsewhere.sort();
    Ok((whole, contents, elsewhere))
}

#[test]
fn an_index_is_not_taken_for_that_of_another_pack() {
    let (pack, index) = packed(&[(id(1, 0), blob(3, b"one")), (id(2, 0), blob(3, b"two"))]);
    let whole = open((pack.clone(), index.clone())).unwrap();
    assert_eq!(read(&whole, 9).unwrap(), (true, vec![b"one".to_vec(), b"two".to_vec()], vec![]));
    for at in [0, 7, 11, pack.len() - 1] {
        let mut other = pack.clone();
        other[at] ^= 4;
        assert!(open((other, index.clone())).is_err(), "{at}");
    }
    let last = pack.len() - 1;
    assert!(open((pack[..last].to_vec(), index)).is_err());
}

#[test]
fn an_index_has_the_objects_that_it_names_and_no_other() {
    let ids = [id(0, 0), id(0, 9), id(16, 1), id(16, 3), id(16, 5), id(16, 7), id(255, 1)];
    let objects: Vec<_> = ids.iter().map(|id| (*id, blob(2, &id[..2]))).collect();
    let pack = open(packed(&objects)).unwrap();
    for first in [0, 1, 15, 16, 17, 254, 255] {
        for second in 0..10 {
            let id = id(first, second);
            assert_eq!(pack.contains(object_id(id)), ids.contains(&id), "{first} {second}");
        }
    }
}

#[test]
fn what_is_too_large_is_named_with_all_that_builds_on_it() {
    let large = LARGEST_WHOLE + 1;
    let stored = |kind, size, base: &[u8]| entry(kind, size, base, b"", 0);
    let of_other = stored(7, 1, &id(0xee, 0));
    let objects = [
        (id(5, 0), stored(3, large, b"")),
        (id(4, 0), stored(6, 1, &[stored(3, large, b"").len() as u8])),
        (id(3, 0), stored(6, 1, &[stored(6, 1, &[0]).len() as u8])),
        (id(2, 0), of_other.clone()),
        (id(1, 0), stored(6, 1, &[of_other.len() as u8])),
    ];
    let pack = open(packed(&objects)).unwrap();
    let ids: Vec<_> = (1..=5).map(|first| object_id(id(first, 0))).collect();
    assert_eq!(read(&pack, 9).unwrap(), (true, vec![], ids));
    for most in 1..5 {
        let (whole, _, elsewhere) = read(&pack, most).unwrap();
        assert_eq!((whole, elsewhere.len()), (false, most));
    }
}

#[test]
fn an_object_of_another_length_or_checksum_is_damage() {
    let content = vec![b'x'; 8000];
    let most = 8000 + 1000 + 4096;
    let damaged = |object: Vec<u8>| read(&open(packed(&[(id(1, 0), object)])).unwrap(), 9).is_err();
    assert!(!damaged(blob(8000, &content)));
    assert!(damaged(blob(8001, &content)) && damaged(blob(7999, &content)));
    // What follows the object is not read without limit.
    let mut longer = blob(8000, &content);
    longer.resize(most, 0);
    assert!(!damaged(longer.clone()));
    longer.push(0);
    assert!(damaged(longer));

    let (pack, mut index) = packed(&[(id(1, 0), blob(8000, &content))]);
    let checksum = 8 + 4 * 256 + 20;
    index[checksum] ^= 1;
    assert!(read(&open((pack, index)).unwrap(), 9).is_err());
}
