//! What Git LFS keeps is searched where it is here, and named where it is not.

use std::fs;
use std::process::Command;

use sha2::{Digest as _, Sha256};

use crate::support::{DTGUARD, Repo, hermetic};

/// The pointer to `content`.
fn pointer(content: &str) -> String {
    let id: String = Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("version https://git-lfs.github.com/spec/v1\noid sha256:{id}\nsize {}\n", content.len())
}

/// Keeps `content` as git-lfs does, below `folder`; the pointer to it.
fn kept(repo: &Repo, folder: &str, content: &str) -> String {
    let pointer = pointer(content);
    let id = &pointer.lines().nth(1).unwrap()["oid sha256:".len()..];
    repo.write(&format!("{folder}/objects/{}/{}/{id}", &id[..2], &id[2..4]), content);
    pointer
}

const BLOCK: &str = "version = 1\n[coverage]\nunread = \"block\"\n";

#[test]
fn a_token_that_git_lfs_keeps_is_found_in_the_staged_change_a_push_a_file_and_the_history() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1).text;
    repo.stage("big.bin", kept(&repo, ".git/lfs", &format!("one\nkey={token}\n")));
    repo.commit().blocks().says("big.bin:2:5");
    repo.commit_unseen();
    assert_eq!(repo.dtguard(&["scan"]).says("big.bin:2:5").code, 1);
    assert_eq!(repo.dtguard(&["scan", "--history"]).says("big.bin:2:5").code, 1);
    assert_eq!(repo.dtguard(&["scan", "--rev", "HEAD"]).says("big.bin:2:5").code, 1);
    let server = repo.outside().join("server.git");
    repo.git(&["init", "--quiet", "--bare", server.to_str().unwrap()]).succeeds();
    repo.git(&["push", server.to_str().unwrap(), "main"]).blocks().says("big.bin:2:5");
    // More of the file, and the token that was there.
    repo.stage("big.bin", kept(&repo, ".git/lfs", &format!("one\ntwo\nkey={token}\n")));
    repo.commit().succeeds();
    let other = repo.token("dt0c01", 2).text;
    repo.stage("big.bin", kept(&repo, ".git/lfs", &format!("{other}\nkey={token}\n")));
    repo.commit().blocks().says("big.bin:1:1").says_not("big.bin:2:5");
}

#[test]
fn what_git_lfs_keeps_elsewhere_is_a_gap_that_the_policy_can_block() {
    let repo = Repo::new();
    repo.stage("big.bin", pointer("nobody has it"));
    repo.commit().succeeds().says("big.bin (in Git LFS, and not here)");
    assert_eq!(repo.dtguard(&["scan"]).says("in Git LFS, and not here").code, 0);
    assert_eq!(repo.dtguard(&["scan", "--history"]).says("in Git LFS, and not here").code, 0);
    repo.stage(".dtguard.toml", BLOCK);
    repo.stage("more.bin", pointer("nor this"));
    repo.commit().refuses("more.bin (in Git LFS, and not here)");
    repo.commit_unseen();
    let server = repo.outside().join("server.git");
    repo.git(&["init", "--quiet", "--bare", server.to_str().unwrap()]).succeeds();
    for _again in 0..2 {
        repo.git(&["push", server.to_str().unwrap(), "main"]).refuses("big.bin (in Git LFS, and not here)");
    }
    // One that was cut is none.
    let pointer = kept(&repo, ".git/lfs", "a whole content\n").replace("size 16", "size 17");
    repo.stage("more.bin", pointer);
    repo.commit().refuses("more.bin (in Git LFS, and not here)");
}

/// git-lfs would not take it either, and the true content may be anywhere.
#[test]
fn what_git_lfs_keeps_under_the_name_of_another_content_is_no_clean_content() {
    let repo = Repo::new();
    let pointer = kept(&repo, ".git/lfs", "the content that the pointer means");
    let id = &pointer.lines().nth(1).unwrap()["oid sha256:".len()..];
    let path = format!(".git/lfs/objects/{}/{}/{id}", &id[..2], &id[2..4]);
    repo.write(&path, "another content, just as long, oh!");
    repo.stage("big.bin", pointer);
    repo.commit().refuses("big.bin (it is not what its pointer names)");
    let token = repo.token("dt0s02", 1).text;
    let pointer = kept(&repo, ".git/lfs", &"x".repeat(token.len()));
    let id = &pointer.lines().nth(1).unwrap()["oid sha256:".len()..];
    repo.write(&format!(".git/lfs/objects/{}/{}/{id}", &id[..2], &id[2..4]), token);
    repo.stage("more.bin", pointer);
    repo.commit().blocks().says("more.bin:1:1").says("more.bin (it is not what its pointer names)");
}

#[test]
fn git_lfs_is_read_where_a_setting_or_another_work_tree_keeps_it() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1).text;
    repo.git(&["config", "lfs.storage", "kept/there"]).succeeds();
    repo.stage("big.bin", kept(&repo, ".git/kept/there", &token));
    repo.commit().blocks().says("big.bin:1:1");
    repo.git(&["rm", "--quiet", "--cached", "big.bin"]).succeeds();
    repo.git(&["config", "--unset", "lfs.storage"]).succeeds();
    let linked = repo.outside().join("linked");
    repo.git(&["worktree", "add", "--quiet", linked.to_str().unwrap()]).succeeds();
    fs::write(linked.join("big.bin"), kept(&repo, ".git/lfs", &token)).unwrap();
    repo.git_in(&linked, &[], &["add", "big.bin"]).succeeds();
    repo.git_in(&linked, &[], &["commit", "-m", "m"]).blocks().says("big.bin:1:1");
}

#[test]
fn a_pointer_with_more_in_it_is_searched_as_it_is() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1).text;
    let pointer = kept(&repo, ".git/lfs", "clean\n");
    repo.stage("big.bin", format!("{pointer}{token}\n"));
    repo.commit().blocks().says("big.bin:4:1");
}

#[test]
#[ignore = "needs git-lfs; .ci/run runs it"]
fn what_the_real_git_lfs_keeps_is_searched() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1).text;
    let plain = |arguments: &[&str]| {
        // Its filters are written into the configuration of the repository.
        let mut git = hermetic("git", &repo.path);
        assert!(git.args(arguments).status().unwrap().success(), "{arguments:?}");
    };
    let hook = repo.path.join(".git/hooks/pre-push");
    let (ours, away) = (fs::read(&hook).unwrap(), repo.outside().join("away"));
    fs::rename(&hook, &away).unwrap();
    plain(&["lfs", "install", "--local"]);
    fs::copy(&away, &hook).unwrap();
    assert_eq!(fs::read(&hook).unwrap(), ours);
    plain(&["lfs", "track", "*.bin"]);
    repo.stage(".gitattributes", fs::read(repo.path.join(".gitattributes")).unwrap());
    repo.stage("big.bin", format!("one\nkey={token}\n"));
    let staged = repo.git(&["cat-file", "blob", ":big.bin"]).succeeds().stdout;
    assert!(staged.starts_with("version https://git-lfs.github.com/spec/v1\noid sha256:"), "{staged}");
    repo.commit().blocks().says("big.bin:2:5");
    repo.commit_unseen();
    repo.git(&["push", repo.outside().join("none").to_str().unwrap(), "main"]);
    assert_eq!(repo.dtguard(&["scan", "--history"]).says("big.bin:2:5").code, 1);
    // As after a clone that fetched none.
    fs::remove_dir_all(repo.path.join(".git/lfs/objects")).unwrap();
    let mut dtguard = Command::new(DTGUARD);
    let said = dtguard.current_dir(&repo.path).args(["scan", "--rev", "HEAD"]).output().unwrap();
    assert!(String::from_utf8_lossy(&said.stderr).contains("big.bin (in Git LFS, and not here)"));
}
