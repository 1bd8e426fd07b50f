//! What git itself made and somebody commits: a bundle, a pack, a file of one object.
//! They hold what `--no-verify` let through.

use std::fs;
use std::path::PathBuf;

use crate::support::Repo;

/// A repository in which a token was committed past the hooks and taken out again, the
/// content with it and the blob.
fn tainted() -> (Repo, String, String) {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1).text;
    let content = format!("key={token}\n");
    repo.stage("a", &content);
    repo.commit_unseen();
    let blob = repo.git(&["rev-parse", "HEAD:a"]).succeeds().stdout.trim().to_owned();
    repo.stage("a", "key=\n");
    repo.commit_unseen();
    (repo, content, blob)
}

#[test]
fn a_file_of_one_git_object_is_opened() {
    for level in ["0", "1", "6", "9"] {
        let (repo, content, blob) = tainted();
        let loose = PathBuf::from(".git/objects").join(&blob[..2]).join(&blob[2..]);
        fs::remove_file(repo.path.join(&loose)).unwrap();
        repo.write("content", content);
        let setting = format!("core.looseCompression={level}");
        repo.git(&["-c", &setting, "hash-object", "-w", "content"]).succeeds();
        let file = fs::read(repo.path.join(loose)).unwrap();
        repo.stage("kept", &file);
        repo.commit().blocks().says("kept");
        // Cut off, it is at least named.
        repo.stage("kept", &file[..file.len() - 6]);
        repo.stage(".dtguard.toml", "version = 1\n[coverage]\nunread = \"block\"\n");
        assert_ne!(repo.commit().says("kept").code, 0);
    }
}

#[test]
fn a_token_in_a_bundle_or_a_pack_that_is_committed_blocks() {
    let (repo, _, blob) = tainted();
    let all = ["bundle", "create", "--quiet", "all.bundle", "HEAD", "main"];
    repo.git(&all).succeeds();
    repo.git(&["bundle", "create", "--quiet", "--version=3", "third.bundle", "HEAD"]).succeeds();
    repo.git(&["repack", "-adq"]).succeeds();
    let pack = fs::read_dir(repo.path.join(".git/objects/pack")).unwrap().flatten();
    let pack = pack.map(|file| file.path()).find(|path| path.extension().is_some_and(|one| one == "pack"));
    fs::copy(pack.unwrap(), repo.path.join("kept")).unwrap();
    assert!(repo.git(&["cat-file", "-e", &blob]).code == 0);
    for name in ["all.bundle", "third.bundle", "kept"] {
        repo.git(&["add", name]).succeeds();
        repo.commit().blocks().says(&format!("{name}!"));
        repo.git(&["rm", "--quiet", "--cached", name]).succeeds();
    }
}

#[test]
fn text_that_begins_as_an_object_does_stays_text() {
    let repo = Repo::new();
    for (name, text) in
        [("a", "x^2 + y^2\n"), ("b", "# v2 git bundles\n"), ("c", "PACKAGES\n"), ("d", "x\u{1}")]
    {
        repo.stage(name, text);
    }
    repo.commit().succeeds().says_not("could not");
}
