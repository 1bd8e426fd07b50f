use super::*;
use crate::fuzz::packers::zlib;

fn deflated(bytes: &[u8]) -> Vec<u8> {
    zlib(bytes, 1)
}

fn noise(size: usize) -> Vec<u8> {
    let mut state = 7_u32;
    std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    })
    .take(size)
    .collect()
}

/// Reads a file with these bytes, at once or as a stream.
fn read(file: &[u8], largest: u64) -> io::Result<(Kind, Vec<u8>)> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("object");
    std::fs::write(&path, file).unwrap();
    let loose = Loose { stores: Vec::new(), buffers: RefCell::new(None) };
    match loose.read(File::open(&path).unwrap(), largest)? {
        Object::Whole(kind, content) => Ok((kind, content)),
        Object::Large(kind, size, mut inflating) => {
            assert!(size > largest);
            let mut content = Vec::new();
            let error = inflating.read_to_end(&mut content).err();
            if error.is_some() {
                assert!(inflating.read(&mut [0; 8]).is_err(), "it stays an error");
            }
            error.map_or_else(|| Ok((kind, content)), Err)
        }
    }
}

fn object(header: &str, content: &[u8]) -> Vec<u8> {
    [header.as_bytes(), b"\0", content].concat()
}

#[test]
fn each_size_of_file_is_read_whole_in_one_go_or_bit_by_bit() {
    for size in [0, 1, 3000, 200_000, SMALL_OBJECT - 13, SMALL_OBJECT, 2 * SMALL_OBJECT] {
        for content in [noise(size), vec![b'a'; size]] {
            let file = deflated(&object(&format!("blob {size}"), &content));
            for largest in [u64::MAX, size as u64, 0] {
                assert!(read(&file, largest).unwrap() == (Kind::Blob, content.clone()), "{size} {largest}");
            }
        }
    }
    assert_eq!(read(&deflated(&object("tree 0", b"")), 0).unwrap().0, Kind::Tree);
}

#[test]
fn a_file_that_git_would_refuse_passes_for_no_shorter_or_longer_one() {
    for header in [
        "blob 5",
        "blob 3",
        "blob 04",
        "blob +4",
        "blob  4",
        "blob",
        "blob ",
        "Blob 4",
        "blob 4 ",
        "blob 4x",
        " 4",
        "",
        "blob -4",
        "blob 99999999999999999999",
        "blob 0000000000000000000000000004",
    ] {
        for largest in [u64::MAX, 0] {
            assert!(read(&deflated(&object(header, b"text")), largest).is_err(), "{header:?}");
        }
    }
    assert!(read(&deflated(b"blob 4"), 0).is_err());
    assert!(read(b"", 0).is_err());
    // Its size requests more memory than there is.
    assert!(read(&deflated(&object("blob 9999999999999999", b"text")), u64::MAX).is_err());
}

#[test]
fn a_file_that_was_cut_or_changed_anywhere_is_an_error() {
    for (size, step) in [(40, 1), (3000, 7), (300_000, 9973)] {
        let content = noise(size);
        let file = deflated(&object(&format!("blob {size}"), &content));
        for largest in [u64::MAX, 0] {
            for place in (0..file.len()).step_by(step).chain(file.len() - 5..file.len()) {
                assert!(read(&file[..place], largest).is_err(), "cut at {place} of {}", file.len());
                let mut changed = file.clone();
                changed[place] ^= 0x10;
                // A change in bits that nobody reads.
                let same =
                    |read: io::Result<_>| read.map_or(true, |read| read == (Kind::Blob, content.clone()));
                assert!(same(read(&changed, largest)), "changed at {place} of {}", file.len());
            }
            let longer = [file.as_slice(), b"x"].concat();
            assert!(read(&longer, largest).is_err(), "something behind the end");
        }
    }
}

#[test]
fn an_object_in_a_file_is_read_here_and_never_left_to_libgit2() {
    let folder = tempfile::tempdir().unwrap();
    let id = |name: &str| ObjectId::from_hex(name.repeat(20).as_bytes()).unwrap();
    let place = |name: &str| folder.path().join(name).join(name.repeat(19));
    let loose = Loose::in_folders(vec![folder.path().to_path_buf()]);
    std::fs::create_dir(folder.path().join("ab")).unwrap();
    std::fs::write(place("ab"), deflated(b"tree 4\0text")).unwrap();
    // A missing one says nothing about another one beside it.
    let absent = ObjectId::from_hex(format!("ab{}", "c".repeat(38)).as_bytes()).unwrap();
    assert!(loose.whole(absent).is_none());
    assert_eq!(loose.whole(id("ab")).unwrap().unwrap(), (Kind::Tree, b"text".to_vec()));
    // A missing folder is not searched again.
    assert!(loose.whole(id("cd")).is_none());
    std::fs::create_dir(folder.path().join("cd")).unwrap();
    std::fs::write(place("cd"), deflated(b"tree 4\0text")).unwrap();
    assert!(loose.whole(id("cd")).is_none());
}

/// Windows reports such a file as absent.
#[cfg(unix)]
#[test]
fn an_object_that_cannot_be_read_is_not_taken_for_one_that_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ab"), "a file in the place of a folder").unwrap();
    let loose = Loose::in_folders(vec![folder.path().to_path_buf()]);
    let id = ObjectId::from_hex("ab".repeat(20).as_bytes()).unwrap();
    assert!(loose.whole(id).unwrap().is_err());
}

#[test]
fn alternates_are_those_that_libgit2_would_read() {
    let folder = tempfile::tempdir().unwrap();
    let (own, other, third) =
        (folder.path().join("own"), folder.path().join("other"), folder.path().join("third"));
    for (from, text) in [(&own, format!("# a\n\n{}\r\n", other.display())), (&other, "../third\n".to_owned())]
    {
        std::fs::create_dir_all(from.join("info")).unwrap();
        std::fs::write(from.join("info/alternates"), text).unwrap();
    }
    let mut folders = Vec::new();
    add_with_alternates(&mut folders, own.clone(), 0);
    assert_eq!(folders, [own, other.clone(), other.join("../third")]);
    assert!(!third.exists());
}

#[test]
fn alternates_of_alternates_are_followed_as_deep_as_libgit2_does() {
    let folder = tempfile::tempdir().unwrap();
    let at = |number: usize| folder.path().join(number.to_string());
    for number in 0..9 {
        std::fs::create_dir_all(at(number).join("info")).unwrap();
        std::fs::write(at(number).join("info/alternates"), at(number + 1).display().to_string()).unwrap();
    }
    let mut folders = Vec::new();
    add_with_alternates(&mut folders, at(0), 0);
    assert_eq!(folders.len(), DEEPEST + 2);
}

#[test]
fn each_type_of_object_is_known() {
    for (name, kind) in
        [("blob", Kind::Blob), ("tree", Kind::Tree), ("commit", Kind::Commit), ("tag", Kind::Tag)]
    {
        let file = deflated(&object(&format!("{name} 3"), b"abc"));
        assert!(matches!(read(&file, 9), Ok((read, _)) if read == kind), "{name}");
    }
}

#[test]
fn a_pack_of_a_remote_that_promises_objects_is_seen_in_each_folder() {
    let folder = tempfile::tempdir().unwrap();
    let folders = ["one", "two"].map(|name| folder.path().join(name));
    let loose = Loose::in_folders(folders.to_vec());
    assert!(!loose.may_be_promised(), "there is no folder");
    folders.iter().for_each(|folder| std::fs::create_dir_all(folder.join("pack")).unwrap());
    std::fs::write(folders[1].join("pack/pack-1.pack"), "").unwrap();
    assert!(!loose.may_be_promised());
    std::fs::write(folders[1].join("pack/pack-1.promisor"), "").unwrap();
    assert!(loose.may_be_promised());
    std::fs::remove_dir_all(folders[1].join("pack")).unwrap();
    std::fs::write(folders[1].join("pack"), "no folder").unwrap();
    assert!(loose.may_be_promised(), "nobody knows");
}
