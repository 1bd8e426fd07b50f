//! Tar archives of every age, with links, holes and damage.

use super::*;

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
fn a_tar_archive_is_recognised_by_its_mark_or_by_its_sum() {
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
    // At the archive's end only the size could show it.
    for (kind, size) in [(b'1', 0), (b'2', 0), (b'2', 700)] {
        let link = header(b"link", kind, size, b"target", b"ustar\x0000").to_vec();
        assert_eq!(contents(&tar(&[link])), [b"target"]);
    }
}

/// A file whose every other byte is a hole, as pax writes it.
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
fn parts_of_a_file_in_a_tar_archive_that_overlap_are_reported_as_damage() {
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
