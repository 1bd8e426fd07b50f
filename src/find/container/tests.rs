//! Each container is built here, some of it byte by byte, to be what no writer
//! would write.

use std::io::{Read as _, Write};

use lzma_rust2::{XzOptions, XzWriter};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use super::super::tests::Numbers;
use super::*;

const TEXT: &[u8] = b"first line\nsecond line, second line, second line\nlast line\n";

const ALL: [Container; 7] = [
    Container::Gzip,
    Container::Zip,
    Container::Tar,
    Container::Xz,
    Container::Zstd,
    Container::Bzip2,
    Container::Loose,
];

type Members = Vec<(Option<Vec<u8>>, Vec<u8>)>;
type Missing = Vec<(Option<Vec<u8>>, Unread)>;

fn open_with(container: Container, bytes: &[u8], allowance: &mut Allowance) -> (Members, Missing) {
    let (mut members, mut missing) = (Vec::new(), Vec::new());
    open(
        container,
        bytes,
        allowance,
        &mut |name, content| {
            let mut read = Vec::new();
            content.read_to_end(&mut read).unwrap();
            members.push((name.map(<[u8]>::to_vec), read));
        },
        &mut |name, why| missing.push((name.map(<[u8]>::to_vec), why)),
    );
    (members, missing)
}

fn opened(bytes: &[u8]) -> (Members, Missing) {
    let container = Container::of(bytes).expect("it is told what it is");
    open_with(container, bytes, &mut Allowance::for_packed(bytes.len()))
}

/// The contents of an archive in which nothing is missing.
fn contents(bytes: &[u8]) -> Vec<Vec<u8>> {
    let (members, missing) = opened(bytes);
    assert_eq!(missing, []);
    members.into_iter().map(|(_, content)| content).collect()
}

/// How much was read of an archive, with at most so much allowed, and why no more.
fn weighed(container: Container, bytes: &[u8], allowed: u64) -> (u64, Vec<Unread>) {
    let mut allowance = Allowance { bytes: allowed, ..Allowance::for_packed(0) };
    let (mut read, mut missing) = (0, Vec::new());
    open(
        container,
        bytes,
        &mut allowance,
        &mut |_, content| read += std::io::copy(content, &mut std::io::sink()).unwrap(),
        &mut |_, why| missing.push(why),
    );
    (read, missing)
}

pub(in crate::find) fn gzip(content: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    writer.write_all(content).unwrap();
    writer.finish().unwrap()
}

fn deflate(content: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    writer.write_all(content).unwrap();
    writer.finish().unwrap()
}

fn bzip2(content: &[u8]) -> Vec<u8> {
    let mut writer = ::bzip2::write::BzEncoder::new(Vec::new(), ::bzip2::Compression::best());
    writer.write_all(content).unwrap();
    writer.finish().unwrap()
}

fn xz(content: &[u8]) -> Vec<u8> {
    let mut writer = XzWriter::new(Vec::new(), XzOptions::with_preset(1)).unwrap();
    writer.write_all(content).unwrap();
    writer.finish().unwrap()
}

fn zstd(content: &[u8]) -> Vec<u8> {
    compress_to_vec(content, CompressionLevel::Fastest)
}

fn crc(content: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(content);
    crc.sum()
}

/// A zip member as its two headers tell of it.
pub(in crate::find) struct Zipped {
    name: &'static [u8],
    flags: u16,
    method: u16,
    listed_method: u16,
    packed: Vec<u8>,
    plain: Vec<u8>,
    is_listed: bool,
}

pub(in crate::find) fn zipped(name: &'static [u8], method: u16, plain: &[u8]) -> Zipped {
    let packed = match method {
        8 => deflate(plain),
        12 => bzip2(plain),
        93 => zstd(plain),
        95 => xz(plain),
        _ => plain.to_vec(),
    };
    let plain = plain.to_vec();
    Zipped { name, flags: 0, method, listed_method: method, packed, plain, is_listed: true }
}

impl Zipped {
    fn fields(&self, method: u16, sizes: bool) -> Vec<u8> {
        let number = |number: usize| if sizes { (number as u32).to_le_bytes() } else { [0; 4] };
        let crc = if sizes { crc(&self.plain) } else { 0 };
        [
            &[20, 0][..],
            &self.flags.to_le_bytes(),
            &method.to_le_bytes(),
            &[0; 4],
            &crc.to_le_bytes(),
            &number(self.packed.len()),
            &number(self.plain.len()),
            &(self.name.len() as u16).to_le_bytes(),
            &[0; 2],
        ]
        .concat()
    }

    fn local(&self) -> Vec<u8> {
        let streamed = self.flags & 8 != 0;
        let mut bytes = [b"PK\x03\x04", &self.fields(self.method, !streamed)[..], self.name].concat();
        bytes.extend(&self.packed);
        if streamed {
            bytes.extend(b"PK\x07\x08");
            bytes.extend(&self.fields(self.method, true)[10..22]);
        }
        bytes
    }

    fn listed(&self, at: usize) -> Vec<u8> {
        let fields = self.fields(self.listed_method, true);
        [b"PK\x01\x02\x14\0", &fields[..], &[0; 10], &(at as u32).to_le_bytes(), self.name].concat()
    }
}

fn end_of_zip(count: usize, length: usize, at: usize) -> Vec<u8> {
    let count = (count as u16).to_le_bytes();
    let (length, at) = ((length as u32).to_le_bytes(), (at as u32).to_le_bytes());
    [b"PK\x05\x06\0\0\0\0", &count[..], &count, &length, &at, &[0; 2]].concat()
}

pub(in crate::find) fn zip(members: &[Zipped]) -> Vec<u8> {
    let (mut bytes, mut listed, mut count) = (Vec::new(), Vec::new(), 0);
    for member in members {
        if member.is_listed {
            listed.extend(member.listed(bytes.len()));
            count += 1;
        }
        bytes.extend(member.local());
    }
    let end = end_of_zip(count, listed.len(), bytes.len());
    [bytes, listed, end].concat()
}

fn without_directory(archive: &[u8]) -> &[u8] {
    &archive[..memchr::memmem::find(archive, b"PK\x01\x02").unwrap()]
}

/// The header of a tar member; with no `mark` a v7 one.
fn header(name: &[u8], kind: u8, size: u64, target: &[u8], mark: &[u8]) -> [u8; 512] {
    let mut block = [0; 512];
    block[..name.len()].copy_from_slice(name);
    block[100..108].copy_from_slice(b"0000644\0");
    block[124..136].copy_from_slice(format!("{size:011o}\0").as_bytes());
    block[156] = kind;
    block[157..157 + target.len()].copy_from_slice(target);
    block[257..257 + mark.len()].copy_from_slice(mark);
    summed(block)
}

fn summed(mut block: [u8; 512]) -> [u8; 512] {
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}

fn filled(content: &[u8]) -> Vec<u8> {
    let mut blocks = content.to_vec();
    blocks.resize(content.len().next_multiple_of(512), 0);
    blocks
}

pub(in crate::find) fn tarred(name: &[u8], kind: u8, content: &[u8]) -> Vec<u8> {
    [&header(name, kind, content.len() as u64, b"", b"ustar\x0000")[..], &filled(content)].concat()
}

pub(in crate::find) fn tar(members: &[Vec<u8>]) -> Vec<u8> {
    [members.concat(), vec![0; 1024]].concat()
}

fn pax(records: &[(&str, &str)]) -> Vec<u8> {
    let record = |(key, value): &(&str, &str)| {
        let rest = format!(" {key}={value}\n");
        let length = (rest.len() + 1..).find(|all| all.to_string().len() + rest.len() == *all).unwrap();
        format!("{length}{rest}")
    };
    tarred(b"PaxHeaders/x", b'x', records.iter().map(record).collect::<String>().as_bytes())
}

/// As git writes an object that has a file of its own.
fn loose(content: &[u8]) -> Vec<u8> {
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    zlib.write_all(format!("blob {}\0", content.len()).as_bytes()).unwrap();
    zlib.write_all(content).unwrap();
    zlib.finish().unwrap()
}

fn zlib(content: &[u8]) -> Vec<u8> {
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    zlib.write_all(content).unwrap();
    zlib.finish().unwrap()
}

fn lzma(content: &[u8]) -> Vec<u8> {
    let options = lzma_rust2::LzmaOptions::with_preset(1);
    let mut lzma = lzma_rust2::LzmaWriter::new_use_header(Vec::new(), &options, None).unwrap();
    lzma.write_all(content).unwrap();
    lzma.finish().unwrap()
}

/// A file with a stream that has no filter, one that has, and what is no stream.
fn pdf(content: &[u8]) -> Vec<u8> {
    let packed = zlib(content);
    let head = format!(
        "%PDF-1.7\n1 0 obj\n<<>>\nstream\nBT\nendstream\nendobj\n2 0 obj\n<</Length {}>>\nstream\r\n",
        packed.len()
    );
    [head.as_bytes(), &packed, b"\nendstream\nendobj\nxref of a stream\n%%EOF\n"].concat()
}

/// A small one of each container, with `content` in it.
fn small(container: Container, content: &[u8]) -> Vec<u8> {
    match container {
        Container::Gzip => gzip(content),
        Container::Zip => zip(&[zipped(b"a.txt", 8, content), zipped(b"b.txt", 0, content)]),
        Container::Tar => tar(&[tarred(b"a.txt", b'0', content), tarred(b"b.txt", b'0', content)]),
        Container::Xz => xz(content),
        Container::Zstd => zstd(content),
        Container::Bzip2 => bzip2(content),
        Container::Loose => loose(content),
        Container::Zlib => zlib(content),
        Container::Deflate => deflate(content),
        Container::Lzma => lzma(content),
        Container::Pdf => pdf(content),
        Container::Closed(_) => unreachable!("nobody writes these here"),
    }
}

#[test]
fn a_file_in_any_container_is_read_and_the_container_told_by_its_first_bytes() {
    for container in ALL {
        for content in [&b""[..], b"x", TEXT, &TEXT.repeat(5000), &(0..=255).collect::<Vec<u8>>().repeat(40)]
        {
            let bytes = small(container, content);
            assert_eq!(Container::of(&bytes), Some(container));
            assert_eq!(Container::of(&bytes[..bytes.len().min(512)]), Some(container));
            for read in contents(&bytes) {
                assert!(read == content, "{}: {} bytes", container.name(), content.len());
            }
        }
    }
}

#[test]
fn what_is_no_container_is_not_taken_for_one() {
    for bytes in [
        &b""[..],
        b"P",
        b"PK",
        b"BZh9 is no block",
        b"\x1f\x8b\x01",
        &[0; 1024],
        &TEXT.repeat(20),
        &[b'7'; 600],
    ] {
        assert_eq!(Container::of(bytes), None);
        assert_eq!(Container::of_all(bytes), None);
    }
    let cut_comment = [&[b' '; 30][..], &end_of_zip(0, 0, 0)[..20], &[9, 9]].concat();
    assert_eq!(Container::of_all(&cut_comment), None);
}

#[test]
fn a_container_in_a_container_is_read_to_the_bottom() {
    for outer in ALL {
        for inner in ALL {
            let bytes = small(outer, &small(inner, TEXT));
            let mut allowance = Allowance::for_packed(bytes.len());
            let (members, missing) = open_with(outer, &bytes, &mut allowance);
            assert_eq!(missing, []);
            for (_, member) in members {
                assert_eq!(Container::of(&member), Some(inner), "{outer:?} {inner:?}");
                let (members, missing) = open_with(inner, &member, &mut allowance);
                assert_eq!(missing, []);
                assert!(members.iter().all(|(_, content)| content == TEXT));
            }
        }
    }
}

#[test]
fn what_is_appended_to_a_compressed_file_is_read_too() {
    for container in [Container::Gzip, Container::Xz, Container::Zstd, Container::Bzip2] {
        let twice = [small(container, TEXT), small(container, b"appended")].concat();
        assert_eq!(contents(&twice), [[TEXT, b"appended"].concat()]);
    }
    let skipped = [&[0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 9, 9, 9][..], &zstd(TEXT)].concat();
    assert_eq!(contents(&skipped), [TEXT]);
    for container in [Container::Gzip, Container::Bzip2] {
        let padded = [small(container, TEXT), vec![0; 700]].concat();
        assert_eq!(contents(&padded), [TEXT]);
    }
}

#[test]
fn a_gzip_file_with_every_header_field_is_read() {
    let plain = gzip(TEXT);
    let head = [0x1f, 0x8b, 8, 4 | 8 | 16 | 2, 0, 0, 0, 0, 2, 3, 3, 0, b'X', b'Y', b'Z'];
    let full = [&head[..], b"name\0", b"comment\0", &[1, 2], &plain[10..]].concat();
    assert_eq!(contents(&full), [TEXT]);
    let extra = [&head[..3], &[4], &head[4..], &plain[10..]].concat();
    assert_eq!(contents(&extra), [TEXT]);
}

#[test]
fn no_cut_hides_what_stands_before_it() {
    for container in ALL {
        let whole = small(container, TEXT);
        for length in 0..whole.len() {
            let mut allowance = Allowance::for_packed(length);
            let (members, missing) = open_with(container, &whole[..length], &mut allowance);
            for (_, read) in &members {
                assert!(TEXT.starts_with(read), "{container:?} {length}");
            }
            let all = members.len() == opened(&whole).0.len() && members.iter().all(|(_, read)| read == TEXT);
            // The two empty blocks at the end of a tar archive hold nothing.
            assert!(
                length == 0
                    || all
                    || !missing.is_empty()
                    || container == Container::Tar
                    || container == Container::Zip,
                "{container:?} {length}"
            );
        }
    }
    let members = ["one", "two", "three"].map(|name| zipped(name.as_bytes(), 8, TEXT));
    let archive = zip(&members);
    let (read, missing) = opened(&archive[..without_directory(&archive).len() - 5]);
    assert_eq!(read[..2], [(Some(b"one".to_vec()), TEXT.to_vec()), (Some(b"two".to_vec()), TEXT.to_vec())]);
    assert!(!read[2].1.is_empty() && TEXT.starts_with(&read[2].1), "what there is of the third is read");
    assert_eq!(missing, [(Some(b"three".to_vec()), Unread::Damaged)]);

    let archive = tar(&[tarred(b"one", b'0', TEXT), tarred(b"two", b'0', TEXT)]);
    let (read, missing) = opened(&archive[..3 * 512 + 20]);
    assert_eq!(read[1], (Some(b"two".to_vec()), TEXT[..20].to_vec()));
    assert_eq!(missing, [(Some(b"two".to_vec()), Unread::Damaged)]);
}

#[test]
fn a_zip_member_whose_length_nobody_says_is_not_cut_off_in_silence() {
    let local = Zipped { flags: 8, ..zipped(b"m", 8, TEXT) }.local();
    let (members, missing) = opened(&local[..local.len() - 20]);
    assert!(TEXT.starts_with(&members[0].1) && members[0].1 != TEXT);
    assert_eq!(missing, [(Some(b"m".to_vec()), Unread::Damaged)]);
}

#[test]
fn long_content_before_damage_is_handed_out() {
    let mut numbers = Numbers(9);
    let content: Vec<u8> = (0..300_000).map(|_| b"abcdefghijklmnop"[numbers.below(16)]).collect();
    for container in [Container::Gzip, Container::Xz, Container::Zstd, Container::Bzip2] {
        let whole = small(container, &content);
        let (members, missing) = opened(&whole[..whole.len() * 9 / 10]);
        assert_eq!(missing, [(None, Unread::Damaged)], "{container:?}");
        let read = &members[0].1;
        assert!(content.starts_with(read));
        // Only whole blocks of bzip2 can be unpacked.
        let most = if container == Container::Bzip2 { 0 } else { 150_000 };
        assert!(read.len() >= most, "{container:?}: {} bytes", read.len());
    }
}

#[test]
fn what_is_deflated_before_a_damaged_block_is_handed_out() {
    // A block as it is, and one of a kind that does not exist.
    let damaged = |content: &[u8]| {
        let length = u16::try_from(content.len()).unwrap();
        [&[0], &length.to_le_bytes()[..], &(!length).to_le_bytes(), content, &[7; 4]].concat()
    };
    let packed = damaged(TEXT);
    let gzip = [&gzip(TEXT)[..10], &packed].concat();
    let zip = zip(&[Zipped { packed, ..zipped(b"m", 8, TEXT) }]);
    let header = format!("blob {}\0", TEXT.len());
    let loose = [&[0x78, 0x01][..], &damaged(&[header.as_bytes(), TEXT].concat())].concat();
    for (archive, name) in [(gzip, None), (zip, Some(b"m".to_vec())), (loose, None)] {
        assert_eq!(opened(&archive), (vec![(name.clone(), TEXT.to_vec())], vec![(name, Unread::Damaged)]));
    }
}

#[test]
fn no_changed_byte_makes_it_panic_or_pass_damage_over() {
    for container in ALL {
        let whole = small(container, TEXT);
        for at in 0..whole.len() {
            for change in [1, 0x80, 0xff] {
                let mut bytes = whole.clone();
                bytes[at] ^= change;
                let mut allowance = Allowance { bytes: 1 << 20, members: 1000 };
                let (members, missing) = open_with(container, &bytes, &mut allowance);
                let differs = members.iter().any(|(_, read)| read != TEXT);
                // A tar archive has no sum over its contents; a size can be wrong.
                let told = !missing.is_empty() || container == Container::Tar;
                assert!(!differs || told, "{container:?}: byte {at} of {}", whole.len());
            }
        }
    }
}

#[test]
fn no_random_bytes_make_it_panic_or_hang() {
    let mut numbers = Numbers(3);
    let seeds = ALL.map(|container| {
        let mut seed = small(container, &small(container, TEXT));
        seed.extend(small(container, TEXT));
        seed
    });
    let mut members = 0;
    for round in 0..20_000 {
        let mut bytes = seeds[round % seeds.len()].clone();
        for _ in 0..numbers.below(12) {
            let at = numbers.below(bytes.len());
            match numbers.below(4) {
                0 => bytes[at] = numbers.below(256) as u8,
                1 => bytes[at] = [0, 0xff, 0x7f, 0x80][numbers.below(4)],
                2 => {
                    let from = numbers.below(bytes.len());
                    let length = numbers.below(bytes.len() - at.max(from)) + 1;
                    bytes.copy_within(from..from + length, at);
                }
                _ => bytes.truncate(at + 1),
            }
        }
        if round % 5 == 0 {
            bytes = (0..numbers.below(900)).map(|_| numbers.below(256) as u8).collect();
        }
        for container in ALL {
            if container == Container::of(&bytes).unwrap_or(ALL[round % ALL.len()]) {
                let mut allowance = Allowance { bytes: 1 << 16, members: 100 };
                members += open_with(container, &bytes, &mut allowance).0.len();
            }
        }
    }
    assert!(members > 10_000, "{members} members were read");
}

/// Gigabytes of zeros in a file of some megabytes.
fn bomb(container: Container) -> Vec<u8> {
    let zeros = vec![0; 8 << 20];
    match container {
        Container::Zip => zip(&[zipped(b"zeros", 8, &vec![0; 32 << 20])]).repeat(20),
        Container::Tar => {
            let mut sparse = header(b"zeros", b'S', 0, b"", b"ustar  \0");
            sparse[483..495].copy_from_slice(b"77777777777\0");
            summed(sparse).to_vec()
        }
        Container::Bzip2 => small(container, &zeros).repeat(900),
        Container::Loose => small(container, &zeros.repeat(17)),
        container => small(container, &zeros).repeat(1300),
    }
}

#[test]
fn what_stands_behind_the_end_of_a_git_object_is_not_passed_over() {
    let (contents, missing) = open_with(
        Container::Loose,
        &[loose(TEXT), loose(TEXT)].concat(),
        &mut Allowance { bytes: 1 << 16, members: 100 },
    );
    assert_eq!(contents, [(None, TEXT.to_vec())]);
    assert_eq!(missing, [(None, Unread::Damaged)]);
}

#[test]
fn a_bomb_stops_at_what_is_allowed_and_is_told() {
    for container in ALL {
        let bytes = bomb(container);
        let allowed = if container == Container::Bzip2 { 16 << 20 } else { 128 << 20 };
        let (read, missing) = weighed(container, &bytes, allowed);
        assert_eq!(missing, [Unread::TooLarge], "{container:?}");
        assert!(read <= allowed && read >= allowed - (1 << 20), "{container:?} {read}");
    }
}

#[test]
fn what_few_bytes_tell_is_read_where_it_unpacks_to_something() {
    let binary: Vec<u8> = (0..=255).collect::<Vec<u8>>().repeat(40);
    for container in [Container::Zlib, Container::Deflate, Container::Lzma, Container::Pdf] {
        for content in [TEXT, &TEXT.repeat(5000), &binary] {
            if container == Container::Deflate && content == binary {
                continue;
            }
            let bytes = small(container, content);
            assert_eq!(Container::of(&bytes), Some(container));
            assert_eq!(Container::of(&bytes[..bytes.len().min(512)]), Some(container));
            assert_eq!(contents(&bytes), [content], "{}", container.name());
            let cut = opened(&bytes[..bytes.len() - 3]);
            if container != Container::Pdf {
                assert_eq!(cut.1.len(), 1, "{}", container.name());
            }
        }
    }
    let mut encrypted = pdf(TEXT);
    encrypted.extend(b"trailer <</Encrypt 9 0 R>>\n");
    assert_eq!(opened(&encrypted).1.iter().map(|(_, why)| *why).collect::<Vec<_>>(), [Unread::Encrypted]);
    let words = b"x^2 and what else begins so: x\x01, h\x81, and words";
    for (from, _) in words.iter().enumerate() {
        assert_eq!(Container::of(&words[from..]), None);
    }
}

#[test]
fn what_is_allowed_grows_with_the_file_and_ends_at_four_gibibytes() {
    assert_eq!(Allowance::for_packed(0).bytes, 64 << 20);
    assert_eq!(Allowance::for_packed(1 << 20).bytes, 320 << 20);
    assert_eq!(Allowance::for_packed(usize::MAX).bytes, 4 << 30);
}

#[test]
fn members_that_share_their_bytes_do_not_cost_more_than_is_allowed() {
    // Each local header stands in a stored block of the one before, so that each
    // member unpacks nearly the whole archive again.
    let kernel = deflate(&vec![0; 4 << 20]);
    let (mut bytes, mut places) = (zipped_over(&kernel), vec![0]);
    for _ in 0..2000 {
        // A stored block of 31 bytes: the next local header.
        let mut before = zipped(b"q", 8, b"").local();
        before.truncate(31);
        before.extend([0, 31, 0, !31, 0xff]);
        for place in &mut places {
            *place += before.len();
        }
        places.push(0);
        bytes = [before, bytes].concat();
    }
    let length = bytes.len();
    let mut listed = Vec::new();
    for place in &places {
        let mut entry = zipped(b"q", 8, b"");
        entry.packed = vec![0; length - place - 31];
        listed.extend(entry.listed(*place));
    }
    let archive = [bytes, listed.clone(), end_of_zip(places.len(), listed.len(), length)].concat();
    let (read, missing) = weighed(Container::Zip, &archive, 64 << 20);
    assert!(read <= 64 << 20);
    assert_eq!(missing.last(), Some(&Unread::TooLarge));
}

fn zipped_over(packed: &[u8]) -> Vec<u8> {
    let mut member = zipped(b"k", 8, b"");
    member.packed = packed.to_vec();
    member.local()
}

#[test]
fn a_directory_of_members_that_do_not_exist_is_told_as_damage() {
    let member = zipped(b"a", 0, TEXT);
    let local = member.local();
    let archive = [&local[..], &end_of_zip(65_535, 46, local.len())].concat();
    let (members, missing) = opened(&archive);
    assert_eq!(members, [(Some(b"a".to_vec()), TEXT.to_vec())]);
    assert_eq!(missing, [(None, Unread::Damaged)]);

    // Listed and all in the same place, which is read once.
    let listed = member.listed(0).repeat(65_535);
    let archive = [&local[..], &listed, &end_of_zip(65_535, listed.len(), local.len())].concat();
    assert_eq!(contents(&archive), [TEXT]);

    // Listed in places where nothing is.
    let listed = member.listed(7).repeat(65_535);
    let archive = [&local[..], &listed, &end_of_zip(65_535, listed.len(), local.len())].concat();
    let (members, missing) = opened(&archive);
    assert_eq!((members.len(), missing.len()), (1, 1));
}

#[test]
fn more_members_than_allowed_are_told_once() {
    for (container, bytes) in [
        (Container::Zip, zip(&[1, 2, 3].map(|_| zipped(b"n", 0, TEXT)))),
        (Container::Tar, tar(&[1, 2, 3].map(|_| tarred(b"n", b'0', TEXT)))),
    ] {
        let (members, missing) = open_with(container, &bytes, &mut Allowance { bytes: 1 << 20, members: 2 });
        assert_eq!(members.len(), 2);
        assert_eq!(missing, [(Some(b"n".to_vec()), Unread::TooMany)]);
    }
}

#[test]
fn a_file_of_tiny_compressed_files_does_not_take_forever() {
    for container in [Container::Gzip, Container::Xz, Container::Zstd, Container::Bzip2] {
        let bytes = small(container, b"x").repeat(5000);
        let (read, missing) = weighed(container, &bytes, 1 << 20);
        let all = (5000, vec![]);
        let some = container == Container::Bzip2 && read > 1000 && missing == [Unread::TooLarge];
        assert!(some || (read, missing) == all, "{container:?} {read}");
    }
}

#[test]
fn a_directory_of_members_that_are_nowhere_costs_no_more_than_its_length() {
    // Most of the archive is one gap, full of what looks like the start of a header,
    // and all that is listed is said to stand behind it.
    let gap = b"PK\x03PK".repeat(400_000);
    let nowhere = zipped(b"", 0, b"");
    let listed: Vec<u8> = (0..40_000).flat_map(|number| nowhere.listed(gap.len() + number)).collect();
    let end = end_of_zip(40_000, listed.len(), 4 + gap.len());
    let bytes = [b"PK\x05\x06", &gap[..], &listed, &end].concat();
    let (members, missing) = opened(&bytes);
    assert!(members.len() < 2 && missing.len() >= 40_000, "{} {}", members.len(), missing.len());
}

#[test]
fn a_window_that_would_take_all_memory_is_refused() {
    // Four gibibytes of window, and an empty last block.
    let huge = [0x28, 0xb5, 0x2f, 0xfd, 0, 22 << 3, 1, 0, 0];
    assert_eq!(opened(&huge), (vec![(None, vec![])], vec![(None, Unread::TooLarge)]));

    let mut huge = xz(TEXT);
    // Block header: its length, flags, the filter, its properties' length, the size.
    assert_eq!(huge[14..16], [0x21, 1]);
    huge[16] = 40;
    let sum = crc(&huge[12..20]);
    huge[20..24].copy_from_slice(&sum.to_le_bytes());
    assert_eq!(opened(&huge), (vec![(None, vec![])], vec![(None, Unread::TooLarge)]));
}

#[test]
fn the_largest_dictionary_that_xz_makes_without_being_asked_is_read() {
    let mut large = xz(TEXT);
    // 64 MiB, that of `xz -9`.
    large[16] = 28;
    let sum = crc(&large[12..20]);
    large[20..24].copy_from_slice(&sum.to_le_bytes());
    assert_eq!(contents(&large), [TEXT]);
}

#[test]
fn a_zstd_file_for_which_a_dictionary_is_needed_is_told_as_not_read() {
    let needs = [0x28, 0xb5, 0x2f, 0xfd, 1, 0, 77, 1, 0, 0];
    assert_eq!(opened(&needs).1, [(None, Unread::Method)]);
}

#[test]
fn a_zip_member_that_takes_too_much_memory_does_not_hide_the_next() {
    let mut huge = zipped(b"huge", 95, TEXT);
    huge.packed[16] = 40;
    let sum = crc(&huge.packed[12..20]);
    huge.packed[20..24].copy_from_slice(&sum.to_le_bytes());
    let (members, missing) = opened(&zip(&[huge, zipped(b"next", 8, TEXT)]));
    assert_eq!(members[1], (Some(b"next".to_vec()), TEXT.to_vec()));
    assert_eq!(missing, [(Some(b"huge".to_vec()), Unread::TooLarge)]);
}

/// How many bytes of what is allowed it takes to open `archive`.
fn spent(archive: &[u8]) -> u64 {
    let before = Allowance::for_packed(0);
    let mut left = before;
    open_with(Container::Zip, archive, &mut left);
    left.spent_since(&before)
}

#[test]
fn a_zip_member_is_paid_for_with_its_header_and_what_it_is_packed_in() {
    for (method, packed) in [(0, TEXT.len()), (8, deflate(TEXT).len()), (99, TEXT.len())] {
        let plain = if method == 99 { 0 } else { TEXT.len() };
        let both = 2 * (31 + packed + plain) as u64;
        assert_eq!(spent(&zip(&[zipped(b"m", method, TEXT), zipped(b"n", method, TEXT)])), both, "{method}");
        if method == 8 {
            // Where its length is not said, for no more than it takes.
            let streamed = |name| Zipped { flags: 8, ..zipped(name, 8, TEXT) };
            let archive = zip(&[streamed(b"m"), streamed(b"n")]);
            assert_eq!(spent(without_directory(&archive)), both);
        }
    }
}

#[test]
fn what_is_deflated_ends_where_it_ends_however_it_is_read() {
    let packed = deflate(TEXT);
    let (mut inflate, mut read) = (deflate::Inflate::new(&packed), Vec::new());
    assert_eq!(inflate.read(&mut []).unwrap(), 0);
    inflate.read_to_end(&mut read).unwrap();
    assert_eq!((read.as_slice(), inflate.read(&mut [0; 9]).unwrap()), (TEXT, 0));
}

#[test]
fn who_reads_on_behind_the_end_does_not_make_what_is_missing_forgotten() {
    let bytes = gzip(TEXT);
    let mut missing = Vec::new();
    open(
        Container::Gzip,
        &bytes,
        &mut Allowance { bytes: TEXT.len() as u64 - 1, members: 9 },
        &mut |_, content| {
            for _ in 0..3 {
                content.read_to_end(&mut Vec::new()).unwrap();
            }
        },
        &mut |_, why| missing.push(why),
    );
    assert_eq!(missing, [Unread::TooLarge]);
}

#[test]
fn a_zip_member_in_each_known_method_is_read() {
    for method in [0, 8, 12, 93, 95] {
        assert_eq!(contents(&zip(&[zipped(b"m", method, TEXT)])), [TEXT], "{method}");
    }
    let mut writer =
        lzma_rust2::LzmaWriter::new_no_header(Vec::new(), &lzma_rust2::LzmaOptions::with_preset(1), false)
            .unwrap();
    writer.write_all(TEXT).unwrap();
    let packed = [&[9, 4, 5, 0, 0x5d, 0, 0, 0x10, 0][..], &writer.finish().unwrap()].concat();
    let member = Zipped { packed, ..zipped(b"m", 14, TEXT) };
    assert_eq!(contents(&zip(&[member])), [TEXT]);
}

#[test]
fn what_cannot_be_unpacked_in_a_zip_is_told_and_the_rest_read() {
    let encrypted = Zipped { flags: 1, ..zipped(b"locked", 8, TEXT) };
    let unknown = zipped(b"old", 9, TEXT);
    let archive = zip(&[encrypted, unknown, zipped(b"\xff\xfe", 8, TEXT)]);
    for bytes in [&archive[..], without_directory(&archive)] {
        let (members, missing) = opened(bytes);
        assert_eq!(members, [(Some(b"\xff\xfe".to_vec()), TEXT.to_vec())]);
        let told = [(&b"locked"[..], Unread::Encrypted), (b"old", Unread::Method)];
        assert_eq!(missing, told.map(|(name, why)| (Some(name.to_vec()), why)));
    }
}

#[test]
fn a_zip_member_that_one_header_calls_encrypted_is_told_as_such() {
    let local = Zipped { flags: 1, ..zipped(b"m", 0, TEXT) }.local();
    let listed = zipped(b"m", 0, TEXT).listed(0);
    let archive = [&local[..], &listed, &end_of_zip(1, listed.len(), local.len())].concat();
    assert_eq!(opened(&archive), (vec![], vec![(Some(b"m".to_vec()), Unread::Encrypted)]));
}

#[test]
fn a_changed_byte_in_a_zip_member_that_no_directory_lists_is_told() {
    let mut local = zipped(b"m", 0, TEXT).local();
    *local.last_mut().unwrap() ^= 1;
    assert_eq!(opened(&local).1, [(Some(b"m".to_vec()), Unread::Damaged)]);
}

#[test]
fn a_zip_directory_that_says_to_list_more_than_it_does_is_told() {
    let member = zipped(b"m", 0, TEXT);
    let (local, listed) = (member.local(), member.listed(0));
    let archive = [&local[..], &listed, &end_of_zip(2, listed.len(), local.len())].concat();
    assert_eq!(opened(&archive).1, [(None, Unread::Damaged)]);
    // Also where the longest comment stands behind it.
    let mut archive = [archive, vec![b'c'; 65_535]].concat();
    let end = archive.len() - 65_535;
    archive[end - 2..end].fill(0xff);
    assert_eq!(opened(&archive).1, [(None, Unread::Damaged)]);

    assert_eq!(opened(&end_of_zip(0, 0, 0)), (vec![], vec![]));
}

#[test]
fn a_zip_member_that_no_directory_lists_does_not_hide() {
    for method in [0, 8] {
        let hidden = || Zipped { is_listed: false, ..zipped(b"hidden", method, TEXT) };
        let other = || zipped(b"other", 8, b"nothing");
        for members in [vec![hidden(), other()], vec![other(), hidden(), other()], vec![other(), hidden()]] {
            let archive = zip(&members);
            let (read, missing) = opened(&archive);
            assert_eq!(missing, []);
            assert_eq!(read.len(), members.len());
            assert!(read.contains(&(Some(b"hidden".to_vec()), TEXT.to_vec())), "{method}");
        }
        // In what one header calls a part of another member.
        let mut cover = zipped(b"cover", 8, b"nothing");
        cover.packed.extend(hidden().local());
        assert!(opened(&zip(&[cover])).0.contains(&(Some(b"hidden".to_vec()), TEXT.to_vec())));
    }
}

#[test]
fn a_zip_member_whose_headers_differ_is_read_as_either() {
    for (method, listed_method) in [(0, 8), (8, 0), (99, 8)] {
        let mut member = zipped(b"m", 8, TEXT);
        (member.method, member.listed_method) = (method, listed_method);
        let (read, missing) = opened(&zip(&[member]));
        assert!(read.iter().any(|(_, content)| content == TEXT), "{method} {listed_method}");
        assert!(method != 99 || missing == [(Some(b"m".to_vec()), Unread::Method)]);
        // What the other method makes of it is no damage.
        assert!(method != 0 || missing.is_empty(), "{missing:?}");
    }
}

#[test]
fn a_zip_archive_that_was_written_as_a_stream_is_read_with_and_without_its_directory() {
    let streamed = |name, method| Zipped { flags: 8, ..zipped(name, method, TEXT) };
    let archive = zip(&[streamed(b"a", 8), streamed(b"b", 0), streamed(b"c", 8)]);
    assert_eq!(contents(&archive), [TEXT; 3]);
    assert_eq!(contents(without_directory(&archive)), [TEXT; 3]);
}

#[test]
fn what_stands_behind_a_streamed_zip_member_is_no_part_of_it() {
    // Its sizes, where its header has them, hold, whatever its content looks like.
    let inner = [TEXT, &zipped(b"inner", 0, TEXT).local()].concat();
    let mut local = zipped(b"outer", 0, &inner).local();
    local[6] = 8;
    assert_eq!(contents(&local), [inner]);
    // Without them and without a mark before those behind it, it ends at the next one.
    let mut first = Zipped { flags: 8, ..zipped(b"first", 0, TEXT) }.local();
    let mark = first.len() - 16;
    first.drain(mark..mark + 4);
    let members = contents(&[first, zipped(b"second", 0, b"second").local()].concat());
    assert!(members[0].starts_with(TEXT) && members[1] == b"second");
}

#[test]
fn two_zip_archives_in_one_file_are_both_read() {
    let archive = [zip(&[zipped(b"a", 8, TEXT)]), zip(&[zipped(b"b", 8, b"second")])].concat();
    assert_eq!(contents(&archive), [TEXT.to_vec(), b"second".to_vec()]);
}

/// An archive of one member that needs 64 bits for all its sizes, and its end record,
/// as it says it. Behind the numbers of its directory stand `more` bytes.
fn zip_of_64_bits(more: usize, count: usize, length: usize, at: usize) -> Vec<u8> {
    let member = zipped(b"m", 0, TEXT);
    let plain = (TEXT.len() as u64).to_le_bytes();
    let mut local = member.local();
    local[18..26].fill(0xff);
    local[28] = 20;
    local.splice(31..31, [&[1, 0, 16, 0][..], &plain, &plain].concat());
    let mut listed = member.listed(0);
    listed[20..28].fill(0xff);
    listed[42..46].fill(0xff);
    listed[30] = 28;
    listed.extend([&[1, 0, 24, 0][..], &plain, &plain, &[0; 8]].concat());
    let directory = [(listed.len() as u64).to_le_bytes(), (local.len() as u64).to_le_bytes()].concat();
    let end = (local.len() + listed.len()) as u64;
    let last = end_of_zip(count, length.min(listed.len()), at.min(local.len()));
    let mut archive = [local, listed].concat();
    archive.extend(
        [b"PK\x06\x06", &[0; 20][..], &1_u64.to_le_bytes(), &1_u64.to_le_bytes(), &directory].concat(),
    );
    archive.resize(archive.len() + more, b'm');
    archive.extend([b"PK\x06\x07", &[0; 4][..], &end.to_le_bytes(), &[1, 0, 0, 0]].concat());
    let mut last = last;
    for (number, field) in [(length, 12..16), (at, 16..20)] {
        if number == usize::MAX {
            last[field].fill(0xff);
        }
    }
    [archive, last].concat()
}

#[test]
fn sizes_of_64_bits_in_a_zip_archive_are_read() {
    const WIDE: usize = usize::MAX;
    for (count, length, at) in [(WIDE, WIDE, WIDE), (WIDE, 999, 999), (1, WIDE, 999), (1, 999, WIDE)] {
        for more in [0, 8] {
            let archive = zip_of_64_bits(more, count, length, at);
            assert_eq!(contents(&archive), [TEXT]);
        }
        // What stands before the archive moves all places in it.
        let behind = [vec![b'p'; 700], zip_of_64_bits(0, count, length, at)].concat();
        let read = open_with(Container::Zip, &behind, &mut Allowance::for_packed(0));
        assert_eq!(read, (vec![(Some(b"m".to_vec()), TEXT.to_vec())], vec![]), "{count} {length} {at}");
    }
}

#[test]
fn tar_members_of_every_age_are_read() {
    let v7 = |name: &[u8]| [&header(name, 0, TEXT.len() as u64, b"", b"")[..], &filled(TEXT)].concat();
    let archive = tar(&[v7(b"old"), tarred(b"new", b'0', TEXT), tarred(b"odd", b'?', TEXT)]);
    assert_eq!(contents(&archive), [TEXT; 3]);

    let long = "directory/".repeat(30);
    let archive = tar(&[
        tarred(b"././@LongLink", b'L', &[long.as_bytes(), b"\0"].concat()),
        tarred(b"directory/", b'0', TEXT),
        pax(&[("mtime", "1"), ("path", &long), ("size", &TEXT.len().to_string())]),
        [&header(b"short", b'0', 0, b"", b"ustar\x0000")[..], &filled(TEXT)].concat(),
        tarred(b"plain", b'0', TEXT),
    ]);
    let (members, missing) = opened(&archive);
    assert_eq!(missing, []);
    let names = [long.as_bytes(), long.as_bytes(), b"plain"];
    assert_eq!(members, names.map(|name| (Some(name.to_vec()), TEXT.to_vec())));
}

#[test]
fn a_tar_archive_is_told_by_its_mark_or_by_its_sum() {
    for mark in [b"ustar\x0000", b"ustar  \0"] {
        let mut damaged = header(b"name", b'0', 9, b"", mark);
        damaged[0] = b'N';
        assert_eq!(Container::of(&damaged), Some(Container::Tar));
    }
    // Some writers took the bytes for signed numbers.
    let mut signed = header(&[0xc3, 0xa4], b'0', TEXT.len() as u64, &[0xff, 0xfe, 0xfd], b"");
    let sum: i32 = signed.iter().map(|byte| i32::from(*byte as i8)).sum();
    let field: i32 = signed[148..156].iter().map(|byte| i32::from(*byte)).sum();
    signed[148..156].copy_from_slice(format!("{:06o}\0 ", sum - field + 8 * 32).as_bytes());
    assert_eq!(contents(&tar(&[signed.to_vec(), filled(TEXT)])), [TEXT]);
}

#[test]
fn the_long_name_of_a_tar_member_is_put_together() {
    let with_start = |mark: &[u8]| {
        let mut block = header(b"name", b'0', 0, b"", mark);
        block[345..351].copy_from_slice(b"folder");
        summed(block).to_vec()
    };
    let sparse = |records: &[(&str, &str)]| [pax(records), tarred(b"x", b'0', b"")].concat();
    let (real, path) = (("GNU.sparse.name", "real"), ("path", "./GNUSparseFile.1/real"));
    let archive = tar(&[
        with_start(b"ustar\x0000"),
        // GNU has a time there.
        with_start(b"ustar  \0"),
        sparse(&[real, path]),
        sparse(&[path, real]),
    ]);
    let names: Vec<_> = opened(&archive).0.into_iter().map(|(name, _)| name.unwrap()).collect();
    assert_eq!(names, [&b"folder/name"[..], b"name", b"real", b"real"]);
}

#[test]
fn a_tar_member_whose_size_is_a_binary_number_is_read() {
    let content = TEXT.repeat(5);
    let mut block = header(b"name", b'0', 0, b"", b"ustar  \0");
    block[124..136].fill(0);
    block[124] = 0x80;
    block[134..136].copy_from_slice(&(content.len() as u16).to_be_bytes());
    assert_eq!(contents(&tar(&[summed(block).to_vec(), filled(&content)])), [content]);
}

#[test]
fn the_target_of_a_link_in_a_tar_archive_is_read() {
    let long = "target/".repeat(30);
    let archive = tar(&[
        header(b"soft", b'2', 0, b"a target", b"ustar\x0000").to_vec(),
        header(b"hard", b'1', 700, b"another", b"ustar\x0000").to_vec(),
        tarred(b"././@LongLink", b'K', long.as_bytes()),
        header(b"gnu", b'2', 0, b"target", b"ustar  \0").to_vec(),
        pax(&[("linkpath", &long)]),
        header(b"pax", b'2', 0, b"target", b"ustar\x0000").to_vec(),
    ]);
    let targets = [b"a target", &b"another"[..], long.as_bytes(), long.as_bytes()];
    assert_eq!(contents(&archive), targets);
}

#[test]
fn what_a_hard_link_in_a_tar_archive_stands_for_is_read_where_it_is_packed() {
    let hard = header(b"hard", b'1', TEXT.len() as u64, b"another", b"ustar\x0000").to_vec();
    let archive = tar(&[hard, filled(TEXT), tarred(b"next", b'0', b"next")]);
    assert_eq!(contents(&archive), [b"another", TEXT, b"next"]);
    // At the archive's end nothing but the size could tell.
    for (kind, size) in [(b'1', 0), (b'2', 0), (b'2', 700)] {
        let link = header(b"link", kind, size, b"target", b"ustar\x0000").to_vec();
        assert_eq!(contents(&tar(&[link])), [b"target"]);
    }
}

/// A file of which every other byte is a hole, as pax tells it.
fn holey(parts: usize) -> (Vec<u8>, Vec<u8>, Vec<(usize, usize)>) {
    let packed = vec![b'a'; parts];
    let plain = [0, b'a'].repeat(parts);
    (plain, packed, (0..parts).map(|part| (2 * part + 1, 1)).collect())
}

#[test]
fn a_file_with_many_holes_in_a_tar_archive_is_read_with_them() {
    // Four parts stand in the header, then up to 21 in each further block.
    let (plain, packed, parts) = holey(28);
    let fields = |parts: &[(usize, usize)]| -> Vec<u8> {
        parts
            .iter()
            .map(|(place, length)| format!("{place:011o}\0{length:011o}\0"))
            .collect::<String>()
            .into()
    };
    let mut gnu = header(b"gnu", b'S', packed.len() as u64, b"", b"ustar  \0");
    gnu[386..482].copy_from_slice(&fields(&parts[..4]));
    gnu[482] = 1;
    gnu[483..495].copy_from_slice(format!("{:011o}\0", plain.len()).as_bytes());
    let mut first = filled(&fields(&parts[4..25]));
    first[504] = 1;
    let second = filled(&fields(&parts[25..]));
    let archive = tar(&[summed(gnu).to_vec(), first, second, filled(&packed), tarred(b"next", b'0', TEXT)]);
    assert_eq!(contents(&archive), [&plain[..], TEXT]);

    // A list that is longer than a block.
    let (plain, packed, parts) = holey(100);
    let numbers: String = parts.iter().map(|(place, length)| format!("{place}\n{length}\n")).collect();
    let listed = [filled(format!("100\n{numbers}").as_bytes()), packed].concat();
    assert!(listed.len() > 1024);
    let records = pax(&[("GNU.sparse.major", "1"), ("GNU.sparse.realsize", "200")]);
    assert_eq!(contents(&tar(&[records, tarred(b"pax", b'0', &listed)])), [plain]);
}

#[test]
fn a_hole_at_the_end_of_a_file_in_a_tar_archive_is_read() {
    let parts = ("GNU.sparse.map", "0,5");
    for (length, plain) in [(Some("700"), [&b"bytes"[..], &[0; 695]].concat()), (None, b"bytes".to_vec())] {
        let records: Vec<_> =
            [parts].into_iter().chain(length.map(|length| ("GNU.sparse.size", length))).collect();
        assert_eq!(contents(&tar(&[pax(&records), tarred(b"pax", b'0', b"bytes")])), [plain]);
    }
}

#[test]
fn parts_of_a_file_in_a_tar_archive_that_overlap_are_told_as_damage() {
    let records = pax(&[("GNU.sparse.map", "0,5,2,5"), ("GNU.sparse.size", "9")]);
    let (members, missing) = opened(&tar(&[records, tarred(b"pax", b'0', b"0123456789")]));
    assert_eq!(members[0].1, b"01234");
    assert_eq!(missing, [(Some(b"pax".to_vec()), Unread::Damaged)]);
}

#[test]
fn a_file_with_holes_in_a_tar_archive_is_read_with_them() {
    let plain = [&[0; 512][..], &[b'a'; 512], &[0; 1024], &[b'b'; 100]].concat();
    let packed = [&[b'a'; 512][..], &[b'b'; 100]].concat();
    let mut gnu = header(b"gnu", b'S', packed.len() as u64, b"", b"ustar  \0");
    for (at, number) in [(386, 512), (398, 512), (410, 2048), (422, 100), (483, plain.len())] {
        gnu[at..at + 12].copy_from_slice(format!("{number:011o}\0").as_bytes());
    }
    let length = plain.len().to_string();
    let listed = [&filled(b"2\n512\n512\n2048\n100\n")[..], &packed].concat();
    let archive = tar(&[
        [&summed(gnu)[..], &filled(&packed)].concat(),
        pax(&[("GNU.sparse.map", "512,512,2048,100"), ("GNU.sparse.size", &length)]),
        tarred(b"pax", b'0', &packed),
        pax(&[
            ("GNU.sparse.offset", "512"),
            ("GNU.sparse.numbytes", "512"),
            ("GNU.sparse.offset", "2048"),
            ("GNU.sparse.numbytes", "100"),
            ("GNU.sparse.size", &length),
        ]),
        tarred(b"pax", b'0', &packed),
        pax(&[("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.realsize", &length)]),
        tarred(b"pax", b'0', &listed),
    ]);
    assert!(contents(&archive).iter().all(|content| *content == plain));
    assert_eq!(contents(&archive).len(), 4);
}

#[test]
fn what_follows_damage_or_the_end_of_a_tar_archive_does_not_hide() {
    let one = tarred(b"one", b'0', TEXT);
    let two = tarred(b"two", b'0', b"behind");
    let damaged = [&one[..], &[b'x'; 512], &two, &[0; 1024]].concat();
    let (members, missing) = opened(&damaged);
    assert_eq!(members[1], (Some(b"two".to_vec()), b"behind".to_vec()));
    assert_eq!(missing, [(None, Unread::Damaged)]);
    let ended = [&one[..], &[0; 1024], &two, &[0; 1024], b"something else"].concat();
    assert_eq!(contents(&ended), [TEXT, b"behind"]);
}

#[test]
fn who_reads_a_member_only_in_part_is_told_no_damage() {
    for container in ALL {
        let (mut read, mut missing) = (0, 0);
        let bytes = small(container, &TEXT.repeat(100));
        open(
            container,
            &bytes,
            &mut Allowance::for_packed(bytes.len()),
            &mut |_, content| read += content.read(&mut [0; 7]).unwrap(),
            &mut |_, _| missing += 1,
        );
        assert!(read >= 7 && missing == 0, "{container:?}");
    }
}
