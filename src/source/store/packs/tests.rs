use super::*;
use crate::source::store::pack::tests::{entry, id, object_id, packed};
use crate::source::testing::{git, write};

/// The packs of a folder `objects` with one pack of `objects`.
fn packs(folder: &Path, objects: &[([u8; 20], Vec<u8>)]) -> Packs {
    let (pack, index) = packed(objects);
    let path = folder.join("pack");
    fs::create_dir(&path).unwrap();
    fs::write(path.join("pack-1.pack"), pack).unwrap();
    fs::write(path.join("pack-1.idx"), index).unwrap();
    Packs::in_folders(vec![folder.to_path_buf()], 20)
}

/// The whole object; none if it is left to another reader.
fn whole(packs: &Packs, id: [u8; 20]) -> Option<Vec<u8>> {
    match packs.open(object_id(id), u64::MAX)? {
        InPack::Whole(_, content) => Some(content.to_vec()),
        InPack::TooLarge(_) => panic!("nothing is larger"),
    }
}

/// A delta to `base`: its first byte, then `new`.
fn delta(base: usize, new: &[u8]) -> Vec<u8> {
    let size =
        |size: usize| [0x80 | (size & 0x7f) as u8, 0x80 | (size >> 7 & 0x7f) as u8, (size >> 14) as u8];
    [&size(base)[..], &size(1 + new.len()), &[0x90, 1, new.len() as u8], new].concat()
}

#[test]
fn each_object_of_a_pack_is_read_as_git_reads_it_in_any_order() {
    let folder = tempfile::tempdir().unwrap();
    let top = folder.path();
    git(top, &["init", "--quiet"], b"");
    let mut text: Vec<String> = (0..400).map(|line| format!("line {line} of a file\n")).collect();
    let mut names = String::new();
    for version in 0..120 {
        text[version * 7 % 400] = format!("changed in version {version}\n");
        names.push_str(&format!("{} f\n", write(top, text.concat().as_bytes())));
        if version == 60 {
            let tree = git(top, &["mktree"], format!("100644 blob {}\tf\n", &names[..40]).as_bytes());
            let commit = git(top, &["commit-tree", "-m", "m", &tree], b"");
            git(top, &["update-ref", "refs/heads/main", &commit], b"");
            git(top, &["tag", "-a", "-m", "m", "t", &commit], b"");
            names.push_str(&format!("{tree}\n{commit}\n{}\n", git(top, &["rev-parse", "t"], b"")));
        }
    }
    let pack = top.join(".git/objects/pack/pack");
    // Bases by their place, and by their id.
    for options in [&["--delta-base-offset", "--depth=60"][..], &["--depth=60"]] {
        let arguments = [&["pack-objects", "-q"], options, &[pack.to_str().unwrap()]].concat();
        git(top, &arguments, names.as_bytes());
        git(top, &["prune-packed"], b"");
        let mut ids: Vec<&str> = names.lines().map(|line| &line[..40]).collect();
        for turn in 0..3 {
            let packs = Packs::in_folders(vec![top.join("none"), top.join(".git/objects")], 20);
            for name in &ids {
                let id = ObjectId::from_hex(name.as_bytes()).unwrap();
                let kind = packs.kind(id).unwrap();
                assert_eq!(git(top, &["cat-file", "-t", name], b""), kind.name());
                let Some(InPack::Whole(read, content)) = packs.open(id, u64::MAX) else { panic!("{name}") };
                assert_eq!(read, kind);
                let arguments = ["hash-object", "--literally", "--stdin", "-t", kind.name()];
                assert_eq!(git(top, &arguments, &content), *name, "{options:?} {turn}");
                if turn > 0 {
                    break;
                }
            }
            ids.reverse();
        }
    }
}

#[test]
fn what_is_larger_than_wanted_is_named_so_and_what_is_larger_than_memory_is_left_to_others() {
    let folder = tempfile::tempdir().unwrap();
    let base = entry(3, 9, b"", b"123456789", 6);
    let build = delta(9, b"new");
    let large = LARGEST_WHOLE + 1;
    let objects = [
        (id(1, 0), base.clone()),
        (id(2, 0), entry(6, build.len(), &[base.len() as u8], &build, 6)),
        (id(3, 0), entry(3, large, b"", b"", 6)),
        (id(4, 0), entry(7, build.len(), &id(3, 0), &build, 6)),
    ];
    let packs = packs(folder.path(), &objects);
    for turn in 0..2 {
        for (number, size) in [(1, 9), (2, 4)] {
            let open = |largest| packs.open(object_id(id(number, 0)), largest);
            assert!(matches!(open(size - 1), Some(InPack::TooLarge(Kind::Blob))), "{number} {turn}");
            let Some(InPack::Whole(Kind::Blob, content)) = open(size) else { panic!("{number} {turn}") };
            assert_eq!(content.len() as u64, size);
        }
    }
    let too_large = packs.open(object_id(id(3, 0)), 5);
    assert!(matches!(too_large, Some(InPack::TooLarge(Kind::Blob))));
    assert_eq!([3, 4].map(|number| whole(&packs, id(number, 0))), [None, None]);
}

#[test]
fn a_damaged_object_and_one_that_builds_on_itself_are_left_to_another_reader() {
    let folder = tempfile::tempdir().unwrap();
    let build = delta(9, b"new");
    let mut cut = entry(3, 9, b"", b"123456789", 6);
    cut.truncate(8);
    let objects = [
        (id(1, 0), entry(3, 8, b"", b"123456789", 6)),
        (id(2, 0), entry(3, 10, b"", b"123456789", 6)),
        (id(3, 0), entry(7, build.len(), &id(3, 0), &build, 6)),
        (id(4, 0), entry(7, build.len(), &id(5, 0), &build, 6)),
        (id(5, 0), entry(7, build.len(), &id(4, 0), &build, 6)),
        (id(6, 0), entry(7, build.len(), &id(9, 9), &build, 6)),
        (id(7, 0), entry(6, build.len(), &[0], &build, 6)),
        // It claims a base of nine bytes.
        (id(8, 0), entry(3, 3, b"", b"123", 6)),
        (id(9, 0), entry(7, build.len(), &id(8, 0), &build, 6)),
        (id(10, 0), entry(5, 3, b"", b"123", 6)),
        (id(11, 0), entry(3, 3, b"", b"123", 6)),
        (id(12, 0), cut),
    ];
    let packs = packs(folder.path(), &objects);
    for number in 1..=12 {
        let content = whole(&packs, id(number, 0));
        assert_eq!(content, [8, 11].contains(&number).then(|| b"123".to_vec()), "{number}");
    }
    assert!(whole(&packs, id(13, 0)).is_none());
    for number in [3, 4, 6, 7, 10] {
        assert_eq!(packs.kind(object_id(id(number, 0))), None, "{number}");
    }
}

#[test]
fn more_than_is_kept_is_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let size = KEPT / 8 - 1;
    let mut objects: Vec<_> =
        (0..20).map(|number| (id(number, 0), entry(3, size, b"", &vec![number; size], 1))).collect();
    let build = delta(size, b"new");
    let deltas = (0..20).map(|number| (id(number, 1), entry(7, build.len(), &id(number, 0), &build, 1)));
    objects.extend(deltas);
    let packs = packs(folder.path(), &objects);
    for number in (0..20).chain((0..20).rev()) {
        assert!(whole(&packs, id(number, 0)).unwrap() == vec![number; size]);
        assert!(packs.state.borrow().bytes <= KEPT);
    }
    for number in 0..20 {
        assert_eq!(whole(&packs, id(number, 1)).unwrap(), [&[number][..], b"new"].concat());
    }
}

#[test]
fn a_pack_whose_index_is_that_of_another_hides_no_object_of_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let packs = packs(folder.path(), &[(id(1, 0), entry(3, 3, b"", b"one", 6))]);
    let path = folder.path().join("pack");
    let (pack, _) =
        packed(&[(id(1, 0), entry(3, 3, b"", b"two", 6)), (id(2, 0), entry(3, 3, b"", b"two", 6))]);
    let (_, index) = packed(&[(id(1, 0), entry(3, 3, b"", b"two", 6))]);
    fs::write(path.join("pack-0.pack"), pack).unwrap();
    fs::write(path.join("pack-0.idx"), index).unwrap();
    fs::write(path.join("pack-2.idx"), "").unwrap();
    assert_eq!(whole(&packs, id(1, 0)).unwrap(), b"one");
}
