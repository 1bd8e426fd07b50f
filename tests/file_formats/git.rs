//! Bundles and packs of git that are files by themselves.

use std::fs;

use dtguard::find::{Missed, Unread, search};
use dtguard::token::Specimen;

use super::scan;
use crate::support::Repo;

/// A repository whose history had a token in a message, in a file that compression cannot
/// change, and in one that is stored as the difference to another version.
fn history(format: &str) -> (Repo, [Specimen; 3]) {
    let format = format!("--object-format={format}");
    let repo = Repo::with(&["init", "--quiet", "--initial-branch=main", &format, "repo"]);
    let tokens = [repo.token("dt0c01", 1), repo.token("dt0s16", 2), repo.token("dt0c01", 3)];
    let lines: String = (0..400).map(|line| format!("line {line} of a long text\n")).collect();
    let commit = |message: &str| {
        repo.git(&["add", "."]).succeeds();
        repo.git(&["commit", "--quiet", "--no-verify", "-m", message]).succeeds();
    };
    repo.write("docs/a.txt", &lines);
    commit("one");
    repo.write("docs/a.txt", format!("{lines}k={}\n", tokens[0].text));
    let noise = (0..99_u32).flat_map(|number| number.wrapping_mul(2_654_435_761).to_be_bytes());
    repo.write("b.bin", noise.chain(tokens[1].text.bytes()).collect::<Vec<u8>>());
    commit(&format!("two {}", tokens[2].text));
    repo.write("docs/a.txt", format!("{lines}and no more\n"));
    repo.git(&["rm", "--quiet", "b.bin"]).succeeds();
    commit("three");
    repo.git(&["repack", "-adfq", "--depth=10"]).succeeds();
    (repo, tokens)
}

/// The id of what `name` names.
fn id(repo: &Repo, name: &str) -> String {
    repo.git(&["rev-parse", name]).succeeds().stdout.trim().to_owned()
}

#[test]
fn a_token_in_a_bundle_or_pack_is_found_in_its_object() {
    for format in ["sha1", "sha256"] {
        let (repo, tokens) = history(format);
        repo.git(&["bundle", "create", "a.bundle", "--all"]).succeeds();
        let folder = repo.path.join(".git/objects/pack");
        let mut files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
        let pack = files.find(|file| file.extension().is_some_and(|extension| extension == "pack")).unwrap();
        fs::copy(pack, repo.path.join("a.pack")).unwrap();
        for file in ["a.bundle", "a.pack"] {
            let ran = scan(&repo, file).blocks().says_not("not be scanned").says(" 3 tokens blocked");
            ran.says(&format!(
                "{file}!/blob {} a.txt:401:3 (in git {}",
                id(&repo, "HEAD~1:docs/a.txt"),
                &file[2..]
            ))
            .says(&format!("{file}!/blob {} b.bin:", id(&repo, "HEAD~1:b.bin")))
            .says(&format!("{file}!/commit {}:", id(&repo, "HEAD~1")))
            .says(tokens[0].identifier().unwrap());
        }
    }
}

#[test]
fn a_bundle_that_builds_on_what_it_does_not_hold_is_reported() {
    let (repo, tokens) = history("sha1");
    repo.git(&["bundle", "create", "thin.bundle", "HEAD", "^HEAD~2"]).succeeds();
    scan(&repo, "thin.bundle")
        .blocks()
        .says(tokens[1].identifier().unwrap())
        .says(tokens[2].identifier().unwrap())
        .says("thin.bundle (builds on objects that are not in it)");
}

#[test]
fn a_damaged_or_hostile_bundle_ends_in_a_finding_or_a_gap() {
    let (repo, _) = history("sha1");
    repo.git(&["bundle", "create", "a.bundle", "--all"]).succeeds();
    let whole = fs::read(repo.path.join("a.bundle")).unwrap();
    assert_eq!(search(&whole).matches.len(), 3);
    let start = memchr::memmem::find(&whole, b"PACK").unwrap();
    let mut reported = 0;
    for at in (start..whole.len() - 20).step_by(9) {
        assert_eq!(search(&whole[..at]).missed.last().map(|missed| missed.why), Some(Unread::Damaged));
        let mut changed = whole.clone();
        changed[at] ^= 0x41;
        reported += usize::from(!search(&changed).missed.is_empty());
    }
    assert!(reported > 50, "{reported}");
    // An object that claims gigabytes; a pack that claims more objects than it has.
    let pack = |count: u32, entries: &[u8]| {
        [b"PACK\0\0\0\x02", &count.to_be_bytes()[..], entries, &[0; 20]].concat()
    };
    let packed = crate::support::packers::zlib(b"text and more of that", 9);
    for file in [
        pack(1, &[&[0xbf, 0xff, 0xff, 0xff, 0xff, 0x7f][..], &packed].concat()),
        pack(u32::MAX, &[&[0xb5, 0x01][..], &packed].concat()),
        pack(1, &[&[0xe5, 0x01, 0x00][..], &packed].concat()),
        pack(1, &[&[0xe5, 0x01, 0x7f][..], &packed].concat()),
        pack(0, &packed),
        b"PACK\0\0\0\x02".to_vec(),
        b"# v2 git bundle\nno pack".to_vec(),
    ] {
        assert_eq!(search(&file).missed, [Missed { member: Vec::new(), why: Unread::Damaged }]);
    }
    let elsewhere = pack(1, &[&[0xf5, 0x01][..], &[7; 20], &packed].concat());
    assert_eq!(search(&elsewhere).missed, [Missed { member: Vec::new(), why: Unread::Base }]);
}
