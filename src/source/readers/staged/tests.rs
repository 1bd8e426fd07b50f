use super::super::index::ID;
use std::cmp::Ordering;

use super::*;

const FILE: u32 = 0o100_644;

/// An index of version 2. Each entry has a path, mode, size and the byte that fills its id; the
/// last argument is the record of trees.
fn written(entries: &[(&str, u32, u32, u8)], tree: Option<&[u8]>) -> Vec<u8> {
    let mut bytes = [b"DIRC\0\0\0\x02", &(entries.len() as u32).to_be_bytes()[..]].concat();
    for (path, mode, size, id) in entries {
        bytes.extend([0; 24]);
        bytes.extend(mode.to_be_bytes());
        bytes.extend([0; 8]);
        bytes.extend(size.to_be_bytes());
        bytes.extend([*id; 20]);
        bytes.extend((path.len() as u16).to_be_bytes());
        bytes.extend(path.as_bytes());
        bytes.resize(bytes.len() + 8 - (62 + path.len()) % 8, 0);
    }
    if let Some(tree) = tree {
        bytes.extend([b"TREE", &(tree.len() as u32).to_be_bytes()[..], tree].concat());
    }
    [bytes, vec![0; 20]].concat()
}

fn bare() -> (tempfile::TempDir, git2::Repository) {
    let folder = tempfile::tempdir().unwrap();
    let repository = git2::Repository::init_bare(folder.path()).unwrap();
    (folder, repository)
}

/// A tree whose files contain their own names; its folders are given.
fn tree(repository: &git2::Repository, files: &[&str], folders: &[(&str, git2::Oid)]) -> git2::Oid {
    let mut tree = repository.treebuilder(None).unwrap();
    for name in files {
        tree.insert(name, repository.blob(name.as_bytes()).unwrap(), 0o100_644).unwrap();
    }
    for (name, folder) in folders {
        tree.insert(name, *folder, 0o040_000).unwrap();
    }
    tree.write().unwrap()
}

/// The differences that this reader finds: each path with `+`, `-` or `*`.
fn differs(repository: &git2::Repository, head: Option<git2::Oid>, bytes: &[u8]) -> Option<Vec<String>> {
    let changes = read_index(repository, head, bytes)?.changes?;
    let sign = |change: &Change| match (change.old, change.new) {
        (None, Some(_)) => '+',
        (Some(_), None) => '-',
        _ => '*',
    };
    Some(changes.iter().map(|one| format!("{}{}", sign(one), String::from_utf8_lossy(&one.path))).collect())
}

#[test]
fn a_damaged_index_is_refused_and_never_panics() {
    let tree = [&b"\x001 0\n"[..], &[9; 20]].concat();
    let whole = written(&[("a", FILE, 0, 7)], Some(&tree));
    let index = Index::parse(&whole).unwrap_or_else(|_| panic!("the whole one is read"));
    assert_eq!(index.path(&index.slots[0]), b"a");
    assert_eq!(index.tree.map(|tree| tree.known.map(|known| known.0)), Some(Some(1)));
    for length in 0..whole.len() {
        // Cut so that its last 20 bytes pass as the hash, it is complete except for the record
        // of trees, and is walked in full.
        assert!(Index::parse(&whole[..length]).is_err() || length == 76 + ID, "{length}");
        let mut changed = whole.clone();
        for value in [0, 1, 0x7f, 0x80, 0xff] {
            changed[length] = value;
            let _any = Index::parse(&changed);
        }
    }
}

#[test]
fn an_index_that_cannot_be_read_is_not_taken_for_an_empty_one() {
    let (keep, repository) = bare();
    let head = ObjectId::from_bytes(tree(&repository, &["file"], &[]).as_bytes());
    let repository = Libgit2::of(repository);
    // Before the first `git add` there is none.
    let staged = |head, name: &str| staged(&repository, head, &keep.path().join(name)).map_err(|_| ());
    assert_eq!(staged(None, "absent"), Ok(Vec::new()));
    assert_eq!(staged(head, "absent").map(|changes| changes.len()), Ok(1));
    assert_eq!(staged(head, "objects"), Err(()));
}

#[test]
fn what_differs_is_found_without_another_reader() {
    let (_keep, repository) = bare();
    let gone = tree(&repository, &["one", "two"], &[]);
    let sub = tree(&repository, &["kept", "old"], &[]);
    let head = tree(&repository, &["changed", "removed"], &[("gone", gone), ("sub", sub)]);
    let entries = [("changed", FILE, 5, 7), ("new/deep/file", FILE, 0, 7), ("sub/kept", FILE, 5, 7)];
    let changes = differs(&repository, Some(head), &written(&entries, None));
    let wanted =
        ["*changed", "-gone/one", "-gone/two", "+new/deep/file", "-removed", "*sub/kept", "-sub/old"];
    assert_eq!(changes.unwrap(), wanted);

    // No size means that git must read the file again.
    let read = read_index(&repository, Some(head), &written(&entries, None)).unwrap();
    let sizes: Vec<_> =
        read.changes.unwrap().iter().filter(|one| one.new.is_some()).map(|one| one.size).collect();
    assert_eq!(sizes, [Some(5), None, Some(5)]);
}

#[test]
fn a_folder_that_the_index_knows_by_the_id_that_head_has_is_not_read() {
    let (_keep, repository) = bare();
    let sub = tree(&repository, &["one", "two"], &[]);
    let head = tree(&repository, &["a"], &[("sub", sub)]);
    let entries = [("a", FILE, 0, 7), ("sub/one", FILE, 0, 7), ("sub/two", FILE, 0, 7)];
    let known = |top: &str, sub_id: git2::Oid| {
        let mut bytes = format!("\0{top} 1\n").into_bytes();
        if top != "-1" {
            bytes.extend(head.as_bytes());
        }
        written(&entries, Some(&[&bytes, &b"sub\x002 0\n"[..], sub_id.as_bytes()].concat()))
    };
    let differs = |bytes: &[u8]| differs(&repository, Some(head), bytes).unwrap();
    assert_eq!(differs(&known("3", sub)), [] as [&str; 0]);
    assert_eq!(differs(&known("-1", sub)), ["*a"]);
    assert_eq!(differs(&known("-1", head)), ["*a", "*sub/one", "*sub/two"]);
}

#[test]
fn folders_nest_as_deep_as_is_said_and_no_deeper() {
    // A test's thread has little stack for so many unoptimised frames.
    let thread = std::thread::Builder::new().stack_size(64 << 20).spawn(nest_folders).unwrap();
    thread.join().unwrap();
}

fn nest_folders() {
    let (_keep, repository) = bare();
    let mut folder = tree(&repository, &["f"], &[]);
    for depth in 1..=DEEPEST + 1 {
        folder = tree(&repository, &[], &[("d", folder)]);
        if depth < DEEPEST {
            continue;
        }
        let fits = depth == DEEPEST;
        let path = "d/".repeat(depth) + "f";
        let record = [b"\0-1 1\n".repeat(depth), b"\0-1 0\n".to_vec()].concat();
        for (head, entries, tree) in [
            (None, vec![(path.as_str(), FILE, 0, 7)], None),
            (Some(folder), vec![], None),
            (None, vec![], Some(record)),
        ] {
            let read = differs(&repository, head, &written(&entries, tree.as_deref()));
            assert_eq!(read.is_some(), fits, "{depth} {head:?}");
        }
    }
}

#[test]
fn what_may_be_passed_over_is_and_what_is_unknown_is_left_to_another_reader() {
    let (_keep, repository) = bare();
    let with = |signature: &[u8]| {
        let whole = written(&[("a", FILE, 0, 7)], None);
        let (before, hash) = whole.split_at(whole.len() - 20);
        [before, signature, &[0, 0, 0, 3], b"any", hash].concat()
    };
    assert_eq!(differs(&repository, None, &with(b"ANYX")).unwrap(), ["+a"]);
    assert_eq!(differs(&repository, None, &with(b"link")), None);
    // The folder of a sparse index.
    assert_eq!(differs(&repository, None, &written(&[("a", 0o040_000, 0, 7)], None)), None);
}

#[test]
fn a_folder_that_is_said_to_be_empty_and_is_not_is_refused() {
    let (_keep, repository) = bare();
    let tree = [&b"\0-1 1\na\x000 0\n"[..], &[9; 20]].concat();
    let read = read_index(&repository, None, &written(&[("a/b", FILE, 0, 7)], Some(&tree))).unwrap();
    assert_eq!(read.changes, None);
    assert_eq!(read.changes_in_full.map(|changes| changes.len()), Some(1));
}

#[test]
fn a_folder_sorts_as_if_its_name_ended_in_a_slash() {
    assert_eq!(order((b"a", true), (b"a.b", false)), Ordering::Greater);
    assert_eq!(order((b"a", false), (b"a.b", false)), Ordering::Less);
    assert_eq!(order((b"a", true), (b"a0", false)), Ordering::Less);
    assert_eq!(order((b"a", true), (b"a", false)), Ordering::Greater);
}
