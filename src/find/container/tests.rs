//! All containers. What only zip and only tar archives do is tested beside this, and `made` builds
//! them, some byte by byte, to be what no writer would write.

use std::io::{Read as _, Write};

use super::super::tests::Numbers;
use super::*;

mod made;
mod tar;
mod zip;

use made::*;
pub(in crate::find) use made::{gzip, tar, tarred, zip, zipped};

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
    let container = Container::of(bytes).expect("it is recognised");
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

#[test]
fn a_file_in_any_container_is_read_and_the_container_recognised_by_its_first_bytes() {
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
                let reported = !missing.is_empty() || container == Container::Tar;
                assert!(!differs || reported, "{container:?}: byte {at} of {}", whole.len());
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
fn a_bomb_stops_at_what_is_allowed_and_is_reported() {
    for container in ALL {
        let bytes = bomb(container);
        let allowed = if container == Container::Bzip2 { 16 << 20 } else { 128 << 20 };
        let (read, missing) = weighed(container, &bytes, allowed);
        assert_eq!(missing, [Unread::TooLarge], "{container:?}");
        assert!(read <= allowed && read >= allowed - (1 << 20), "{container:?} {read}");
    }
}

#[test]
fn a_container_with_a_short_signature_is_read_where_it_unpacks_to_something() {
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
fn more_members_than_allowed_are_reported_once() {
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
fn a_zstd_file_that_needs_a_dictionary_is_reported_as_not_read() {
    let needs = [0x28, 0xb5, 0x2f, 0xfd, 1, 0, 77, 1, 0, 0];
    assert_eq!(opened(&needs).1, [(None, Unread::Method)]);
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
fn a_member_read_only_in_part_is_not_reported_as_damaged() {
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
