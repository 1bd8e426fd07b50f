//! Zip archives as writers make them and as none would.

use super::*;

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
fn what_cannot_be_unpacked_in_a_zip_is_reported_and_the_rest_read() {
    let encrypted = Zipped { flags: 1, ..zipped(b"locked", 8, TEXT) };
    let unknown = zipped(b"old", 9, TEXT);
    let archive = zip(&[encrypted, unknown, zipped(b"\xff\xfe", 8, TEXT)]);
    for bytes in [&archive[..], without_directory(&archive)] {
        let (members, missing) = opened(bytes);
        assert_eq!(members, [(Some(b"\xff\xfe".to_vec()), TEXT.to_vec())]);
        let expected = [(&b"locked"[..], Unread::Encrypted), (b"old", Unread::Method)];
        assert_eq!(missing, expected.map(|(name, why)| (Some(name.to_vec()), why)));
    }
}

#[test]
fn a_zip_member_that_one_header_calls_encrypted_is_reported_as_such() {
    let local = Zipped { flags: 1, ..zipped(b"m", 0, TEXT) }.local();
    let listed = zipped(b"m", 0, TEXT).listed(0);
    let archive = [&local[..], &listed, &end_of_zip(1, listed.len(), local.len())].concat();
    assert_eq!(opened(&archive), (vec![], vec![(Some(b"m".to_vec()), Unread::Encrypted)]));
}

#[test]
fn a_changed_byte_in_a_zip_member_that_no_directory_lists_is_reported() {
    let mut local = zipped(b"m", 0, TEXT).local();
    *local.last_mut().unwrap() ^= 1;
    assert_eq!(opened(&local).1, [(Some(b"m".to_vec()), Unread::Damaged)]);
}

#[test]
fn a_zip_directory_that_lists_fewer_members_than_it_says_is_reported() {
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

/// How many bytes of what is allowed it takes to open `archive`.
fn spent(archive: &[u8]) -> u64 {
    let before = Allowance::for_packed(0);
    let mut left = before;
    open_with(Container::Zip, archive, &mut left);
    left.spent_since(&before)
}

fn zipped_over(packed: &[u8]) -> Vec<u8> {
    let mut member = zipped(b"k", 8, b"");
    member.packed = packed.to_vec();
    member.local()
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
fn a_zip_member_whose_length_nobody_says_is_not_cut_off_in_silence() {
    let local = Zipped { flags: 8, ..zipped(b"m", 8, TEXT) }.local();
    let (members, missing) = opened(&local[..local.len() - 20]);
    assert!(TEXT.starts_with(&members[0].1) && members[0].1 != TEXT);
    assert_eq!(missing, [(Some(b"m".to_vec()), Unread::Damaged)]);
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

#[test]
fn a_directory_of_members_that_do_not_exist_is_reported_as_damage() {
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
