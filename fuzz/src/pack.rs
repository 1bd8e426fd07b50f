//! The reader of packs and their indexes.

use std::fs;
use std::ops::Range;

use dtguard::source::fuzzing::{Read, made, read_pack, read_single};
use dtguard::source::{ObjectId, ObjectKind};
use flate2::Crc;
use tempfile::TempDir;

use super::delta::{apply, encode, size, steps};
use super::input::{Input, grown};
use super::packers::zlib;

const KINDS: [ObjectKind; 4] = [ObjectKind::Commit, ObjectKind::Tree, ObjectKind::Blob, ObjectKind::Tag];

thread_local! {
    static FOLDER: TempDir = tempfile::tempdir().unwrap();
}

/// An object, and where it is to stand.
struct Object {
    kind: ObjectKind,
    id: ObjectId,
    content: Vec<u8>,
    /// The object that it builds on, by its number, and the difference.
    base: Option<(usize, Vec<u8>)>,
    /// Whether that is named by its place, if it stands before this one.
    by_place: bool,
    level: u32,
    order: u8,
}

/// A pack and its index.
struct Files {
    pack: Vec<u8>,
    index: Vec<u8>,
    /// Where in the index the ids are.
    ids: Range<usize>,
}

/// Reads `bytes` as a pack and its index, and those that they stand for.
pub fn pack(bytes: &[u8]) {
    let mut input = Input(bytes);
    let length = input.below(bytes.len() + 1);
    let index = input.take(length);
    drop(read(index, input.0, 20));
    drop(read(&[&[0; 1020][..], &[0, 0, 0, input.byte()], index].concat(), input.0, 20));
    drop(made(index, input.0));

    let mut input = Input(bytes);
    let id_length = if input.byte().is_multiple_of(4) { 32 } else { 20 };
    let version = if input.byte().is_multiple_of(4) { 1 } else { 2 };
    let objects = objects(&mut input, id_length);
    let files = files(&mut input, &objects, version, id_length);
    let (found, elsewhere) = read(&files.index, &files.pack, id_length).unwrap();
    assert!(elsewhere.is_empty());
    same(&objects, &found);
    for object in &objects {
        let (kind, content) = single(object.id).unwrap();
        assert!(kind == object.kind && content == object.content, "{} by itself", object.id);
    }
    changed_by_one(&mut input, &objects, &files, version, id_length);
    mutated(&mut input, files, id_length);
}

type All = (Vec<Read>, Vec<ObjectId>);

fn read(index: &[u8], pack: &[u8], id_length: usize) -> std::io::Result<All> {
    FOLDER.with(|folder| {
        let path = folder.path().join("pack/pack-1.idx");
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, index).unwrap();
        fs::write(path.with_extension("pack"), pack).unwrap();
        read_pack(&path, id_length, is_clean_base)
    })
}

/// The object of the last pack that was read.
fn single(id: ObjectId) -> Option<(ObjectKind, Vec<u8>)> {
    FOLDER.with(|folder| read_single(folder.path(), id))
}

fn is_clean_base(id: ObjectId) -> bool {
    id.as_bytes()[1] & 1 == 0
}

/// Some objects: each is new or builds on one before it.
fn objects(input: &mut Input<'_>, id_length: usize) -> Vec<Object> {
    let mut objects: Vec<Object> = Vec::new();
    let count = input.byte() % 12;
    for number in 0..count {
        let choice = input.byte();
        let (order, first) = (input.byte(), input.byte());
        let mut id = vec![number; id_length];
        id[0] = first;
        let id = ObjectId::from_bytes(&id).unwrap();
        let by_place = choice & 2 != 0;
        let level = [0, 1, 6, 9][usize::from(choice >> 4 & 3)];
        if choice & 1 == 0 || objects.is_empty() {
            let mut content = grown(input.some());
            if choice & 0xc == 0xc {
                content = content.repeat(usize::from(input.byte()));
                content.truncate(1 << 17);
            }
            let kind = *input.pick(&KINDS);
            objects.push(Object { kind, id, content, base: None, by_place, level, order });
            continue;
        }
        let base = usize::from(input.byte()) % objects.len();
        let Object { kind, content, .. } = &objects[base];
        let steps = steps(input, content.len(), &mut |input| input.some().to_vec());
        let delta = encode(content, &steps);
        let (kind, made_of) = (*kind, content);
        let content = apply(made_of, &steps);
        objects.push(Object { kind, id, content, base: Some((base, delta)), by_place, level, order });
    }
    objects
}

fn files(input: &mut Input<'_>, objects: &[Object], version: u32, id_length: usize) -> Files {
    let mut order: Vec<usize> = (0..objects.len()).collect();
    if input.byte().is_multiple_of(2) {
        order.sort_by_key(|number| objects[*number].order);
    }
    let mut pack = [&b"PACK\0\0\0\x02"[..], &(objects.len() as u32).to_be_bytes()].concat();
    let mut places: Vec<Option<usize>> = vec![None; objects.len()];
    let mut checksums = vec![0; objects.len()];
    for number in order {
        let object = &objects[number];
        let start = pack.len();
        places[number] = Some(start);
        let base = object.base.as_ref().map(|(base, _)| (places[*base].filter(|_| object.by_place), *base));
        let written = object.base.as_ref().map_or(&object.content, |(_, delta)| delta);
        let kind = match base {
            None => 1 + KINDS.iter().position(|kind| *kind == object.kind).unwrap() as u8,
            Some((Some(_), _)) => 6,
            Some((None, _)) => 7,
        };
        head(kind, written.len(), &mut pack);
        match base {
            Some((Some(place), _)) => distance(start - place, &mut pack),
            Some((None, base)) => pack.extend(objects[base].id.as_bytes()),
            None => {}
        }
        pack.extend(zlib(written, object.level));
        let mut checksum = Crc::new();
        checksum.update(&pack[start..]);
        checksums[number] = checksum.sum();
    }
    pack.extend(vec![7; id_length]);
    let places: Vec<u32> = places.into_iter().map(|place| place.unwrap() as u32).collect();
    let (index, ids) = index_of(objects, &places, &checksums, version, input.byte());
    Files { pack, index: [index, vec![7; id_length], vec![9; id_length]].concat(), ids }
}

/// The index but for its end, and where in it the ids are. `far` says which places are
/// written as if the pack were large.
fn index_of(
    objects: &[Object],
    places: &[u32],
    checksums: &[u32],
    version: u32,
    far: u8,
) -> (Vec<u8>, Range<usize>) {
    let mut sorted: Vec<usize> = (0..objects.len()).collect();
    sorted.sort_by_key(|number| objects[*number].id);
    let mut index = if version == 2 { b"\xfftOc\0\0\0\x02".to_vec() } else { Vec::new() };
    for byte in 0..=255 {
        let until = objects.iter().filter(|object| object.id.as_bytes()[0] <= byte).count();
        index.extend((until as u32).to_be_bytes());
    }
    let start = index.len();
    let place = |number: &usize| places[*number];
    if version == 1 {
        for number in &sorted {
            index.extend(place(number).to_be_bytes());
            index.extend(objects[*number].id.as_bytes());
        }
    } else {
        sorted.iter().for_each(|number| index.extend(objects[*number].id.as_bytes()));
    }
    let ids = start..index.len();
    if version == 2 {
        sorted.iter().for_each(|number| index.extend(checksums[*number].to_be_bytes()));
        let is_far = |number: &&usize| far >> (**number % 8) & 1 == 1 && far & 0x80 != 0;
        let mut count = 0_u32;
        for number in &sorted {
            let far = is_far(&number);
            index.extend(if far { 0x8000_0000 | count } else { place(number) }.to_be_bytes());
            count += u32::from(far);
        }
        sorted.iter().filter(is_far).for_each(|number| index.extend(u64::from(place(number)).to_be_bytes()));
    }
    (index, ids)
}

/// A type, and a size whose lowest four bits stand beside it.
fn head(kind: u8, length: usize, pack: &mut Vec<u8>) {
    let (low, high) = (length as u8 & 15, length >> 4);
    pack.push(kind << 4 | low | if high > 0 { 0x80 } else { 0 });
    if high > 0 {
        pack.extend(size(high));
    }
}

/// Seven bits a byte, the highest first, each further byte one more than it says.
fn distance(mut distance: usize, pack: &mut Vec<u8>) {
    let mut bytes = vec![distance as u8 & 0x7f];
    while distance >= 0x80 {
        distance = (distance >> 7) - 1;
        bytes.push(distance as u8 & 0x7f | 0x80);
    }
    pack.extend(bytes.iter().rev());
}

/// Each object is handed out once, as it is, and what is said of its difference holds.
fn same(objects: &[Object], found: &[Read]) {
    assert_eq!(found.len(), objects.len());
    for object in objects {
        let read = found.iter().find(|read| read.id == object.id).unwrap();
        assert_eq!((read.kind, &read.content), (object.kind, &object.content), "{:?}", read.id);
        let base = object.base.as_ref().map(|(base, _)| &objects[*base]);
        let is_clean = base.filter(|base| is_clean_base(base.id));
        assert_eq!(read.changed.is_some(), is_clean.is_some());
        if let (Some(changed), Some(base)) = (&read.changed, is_clean) {
            differs_only_there(&read.content, &base.content, changed);
        }
    }
}

/// What is not fresh stands in `base` too, with the same ends where nothing was taken.
pub fn differs_only_there(content: &[u8], base: &[u8], changed: &[Range<usize>]) {
    let mut at = 0;
    for (number, range) in changed.iter().enumerate() {
        assert!(at <= range.start && range.start <= range.end && range.end <= content.len(), "{changed:?}");
        let old = &content[at..range.start];
        assert!(if number == 0 { base.starts_with(old) } else { holds(base, old) }, "{changed:?}");
        at = range.end;
    }
    let old = &content[at..];
    assert!(if changed.is_empty() { old == base } else { holds(base, old) }, "{changed:?}");
    if changed.last().is_none_or(|last| last.end < content.len()) {
        assert!(base.ends_with(old), "{changed:?}");
    }
}

/// Where that does not take too long to find out.
fn holds(base: &[u8], part: &[u8]) -> bool {
    part.is_empty() || base.len() > 1 << 14 || base.windows(part.len()).any(|window| window == part)
}

/// One wrong bit hides and changes no object in silence where there are checksums.
fn changed_by_one(input: &mut Input<'_>, objects: &[Object], files: &Files, version: u32, id_length: usize) {
    let (mut index, mut pack) = (files.index.clone(), files.pack.clone());
    let choice = input.byte();
    let changed = if choice & 1 == 0 { &mut index } else { &mut pack };
    let at = input.below(changed.len());
    changed[at] ^= 1 << (choice >> 1 & 7);
    let read = read(&index, &pack, id_length);
    // What is read by itself has no checksum but that of its content.
    objects.iter().for_each(|object| drop(single(object.id)));
    let Ok((found, elsewhere)) = read else { return };
    assert_eq!(found.len() + elsewhere.len(), objects.len(), "{choice} {at}");
    // Another reader is asked for these, and says that they are not there.
    if version == 1 || !elsewhere.is_empty() {
        return;
    }
    let in_id = choice & 1 == 0 && files.ids.contains(&at);
    let mut unnamed = 0;
    for object in objects {
        let is = |read: &&Read| read.kind == object.kind && read.content == object.content;
        assert!(found.iter().any(|read| is(&read)), "{:?} is hidden by {choice} {at}", object.id);
        unnamed += usize::from(!found.iter().any(|read| is(&read) && read.id == object.id));
    }
    assert!(unnamed <= usize::from(in_id), "{unnamed} of {} by {choice} {at}", objects.len());
}

/// Whatever stands there, the reader does not fail.
fn mutated(input: &mut Input<'_>, Files { mut pack, mut index, .. }: Files, id_length: usize) {
    let mut changes = 0;
    while !input.is_empty() && changes < 64 {
        let choice = input.byte();
        let bytes = if choice & 8 == 0 { &mut index } else { &mut pack };
        let at = input.below(bytes.len());
        match choice % 8 {
            0 => bytes[at..].iter_mut().zip(input.some()).for_each(|(byte, new)| *byte = *new),
            1 => bytes.truncate(at.max(1)),
            2 => drop(bytes.drain(at..bytes.len().min(at + usize::from(input.byte())))),
            3 => drop(bytes.splice(at..at, input.some().iter().copied())),
            4 => {
                let number = *input.pick(&[0_u32, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]);
                bytes[at..].iter_mut().zip(number.to_be_bytes()).for_each(|(byte, new)| *byte = new);
            }
            _ => bytes[at] ^= 1 << (choice >> 4 & 7),
        }
        if bytes.is_empty() {
            bytes.push(0);
        }
        changes += 1;
    }
    if changes > 0 {
        drop(read(&index, &pack, id_length));
        let ids = index.windows(id_length).step_by(id_length).take(64);
        ids.filter_map(ObjectId::from_bytes).for_each(|id| drop(single(id)));
    }
}
