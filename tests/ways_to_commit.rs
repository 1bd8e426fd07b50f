//! However git is asked to commit, the hook sees what git will commit.

use std::fs;

use crate::support::Repo;

/// A repository with a clean file `a` committed and a token in hand.
fn prepared() -> (Repo, String) {
    let repo = Repo::new();
    repo.stage("a", "clean\n");
    repo.commit().succeeds();
    let token = repo.token("dt0s16", 1).text;
    (repo, format!("x={token}\n"))
}

#[test]
fn the_first_commit_of_a_repository_is_scanned() {
    let repo = Repo::unborn();
    let token = repo.token("dt0s16", 1).text;
    repo.stage("a/b/c", &token);
    repo.commit().blocks().says("a/b/c:1:1");
    repo.stage("a/b/c", "clean\n");
    repo.commit().succeeds();
}

#[test]
fn the_first_commit_of_an_orphan_branch_is_scanned() {
    let (repo, token) = prepared();
    repo.git(&["checkout", "--quiet", "--orphan", "other"]).succeeds();
    repo.stage("b", token);
    repo.commit().blocks();
}

#[test]
fn an_empty_first_commit_without_an_index_passes() {
    let repo = Repo::unborn();
    repo.git(&["commit", "--allow-empty", "-m", "m"]).succeeds().says("nothing to scan");
}

#[test]
fn commit_a_is_scanned() {
    let (repo, token) = prepared();
    repo.write("a", token);
    repo.git(&["commit", "-a", "-m", "m"]).blocks().says("a:1:3");
}

#[test]
fn commit_with_a_path_scans_that_path_and_not_what_else_is_staged() {
    let (repo, token) = prepared();
    repo.stage("staged", &token);
    repo.write("a", "clean too\n");
    repo.git(&["commit", "-m", "m", "a"]).succeeds().says("1 staged file");
    repo.write("a", &token);
    repo.git(&["commit", "-m", "m", "a"]).blocks().says("a:1:3").says_not("staged:1");
    repo.git(&["commit", "-m", "m", "--only", "a"]).blocks().says("a:1:3").says_not("staged:1");
    repo.git(&["commit", "-m", "m", "--include", "a"]).blocks().says("a:1:3").says("staged:1:3");
}

#[test]
fn amending_is_scanned() {
    let (repo, token) = prepared();
    repo.stage("b", token);
    repo.git(&["commit", "--amend", "-m", "m"]).blocks().says("b:1:3");
}

#[test]
fn a_commit_from_a_folder_below_the_top_is_scanned() {
    let (repo, token) = prepared();
    repo.stage("d/e/f", token);
    let below = repo.path.join("d/e");
    repo.git_in(&below, &[], &["commit", "-m", "m"]).blocks().says("d/e/f:1:3");
    repo.git_in(&below, &[], &["commit", "-m", "m", "f"]).blocks().says("d/e/f:1:3");
}

#[test]
fn a_commit_in_a_linked_worktree_is_scanned() {
    let (repo, token) = prepared();
    let linked = repo.outside().join("linked");
    repo.git(&["worktree", "add", "--quiet", linked.to_str().unwrap(), "-b", "w"]).succeeds();
    fs::write(linked.join("w"), &token).unwrap();
    repo.git_in(&linked, &[], &["add", "w"]).succeeds();
    repo.git_in(&linked, &[], &["commit", "-m", "m"]).blocks().says("w:1:3");
    repo.git_in(&linked, &[], &["commit", "-a", "-m", "m"]).blocks().says("w:1:3");
}

#[test]
fn a_commit_in_a_submodule_is_scanned() {
    let (repo, token) = prepared();
    let library = Repo::new();
    repo.git(&["submodule", "--quiet", "add", library.path.to_str().unwrap(), "lib"]).succeeds();
    for hook in ["pre-commit", "pre-merge-commit"] {
        let from = repo.path.join(".git/hooks").join(hook);
        fs::copy(from, repo.path.join(".git/modules/lib/hooks").join(hook)).unwrap();
    }
    let lib = repo.path.join("lib");
    fs::write(lib.join("t"), &token).unwrap();
    repo.git_in(&lib, &[], &["add", "t"]).succeeds();
    repo.git_in(&lib, &[], &["commit", "-m", "m"]).blocks().says("t:1:3");
}

#[test]
fn a_commit_with_git_dir_and_work_tree_elsewhere_is_scanned() {
    let (repo, token) = prepared();
    repo.write("a", &token);
    let elsewhere = repo.outside().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    let git_dir = repo.path.join(".git");
    let (git_dir, work_tree) = (git_dir.to_str().unwrap(), repo.path.to_str().unwrap());
    let options = ["--git-dir", git_dir, "--work-tree", work_tree];
    let commit = |rest: &[&str]| repo.git_in(&elsewhere, &[], &[&options[..], rest].concat());
    commit(&["commit", "-a", "-m", "m"]).blocks().says("a:1:3");
    commit(&["add", work_tree]).succeeds();
    commit(&["commit", "-m", "m"]).blocks().says("a:1:3");
    let variables = [("GIT_DIR", git_dir), ("GIT_WORK_TREE", work_tree)];
    repo.git_in(&elsewhere, &variables, &["commit", "-m", "m"]).blocks().says("a:1:3");
}

#[test]
fn a_commit_with_a_separate_git_dir_or_a_linked_dot_git_is_scanned() {
    let (repo, token) = prepared();
    let moved = repo.outside().join("moved.git");
    fs::rename(repo.path.join(".git"), &moved).unwrap();
    fs::write(repo.path.join(".git"), format!("gitdir: {}\n", moved.display())).unwrap();
    repo.stage("b", &token);
    repo.commit().blocks().says("b:1:3");
    #[cfg(unix)]
    {
        fs::remove_file(repo.path.join(".git")).unwrap();
        std::os::unix::fs::symlink(&moved, repo.path.join(".git")).unwrap();
        repo.commit().blocks().says("b:1:3");
        repo.git(&["commit", "-a", "-m", "m"]).blocks().says("b:1:3");
    }
}

#[test]
fn a_merge_without_conflict_is_scanned() {
    let (repo, token) = prepared();
    repo.git(&["checkout", "--quiet", "-b", "side"]).succeeds();
    repo.stage("b", token);
    repo.commit_unseen();
    repo.git(&["checkout", "--quiet", "main"]).succeeds();
    repo.git(&["merge", "--no-ff", "-m", "m", "side"]).blocks().says("b:1:3");
    repo.git(&["merge", "--abort"]).succeeds();
    repo.git(&["merge", "--squash", "side"]).succeeds();
    repo.commit().blocks().says("b:1:3").says_not("the other branch");
}

#[test]
fn a_merge_that_was_mended_by_hand_is_scanned() {
    let (repo, token) = prepared();
    repo.git(&["checkout", "--quiet", "-b", "side"]).succeeds();
    repo.stage("a", "side\n");
    repo.commit().succeeds();
    repo.git(&["checkout", "--quiet", "main"]).succeeds();
    repo.stage("a", "main\n");
    repo.commit().succeeds();
    assert_ne!(repo.git(&["merge", "side"]).code, 0);
    let unmerged = repo.dtguard(&["hook", "pre-commit"]).refuses("`a` is unmerged");
    assert_eq!(unmerged.code, 2);
    for reader in ["libgit2", "git"] {
        repo.dtguard(&["hook", "--reader", reader, "pre-commit"]).refuses("`a` is unmerged");
    }
    repo.stage("a", &token);
    repo.commit().blocks().says("a:1:3").says("What to do: if the other branch brings");
}

#[test]
fn a_patch_that_git_am_applies_is_scanned() {
    let (repo, token) = prepared();
    repo.git(&["checkout", "--quiet", "-b", "side"]).succeeds();
    repo.stage("b", token);
    repo.commit_unseen();
    let file = repo.outside().join("patch");
    repo.git(&["format-patch", "--quiet", "--output", file.to_str().unwrap(), "main"]).succeeds();
    repo.git(&["checkout", "--quiet", "main"]).succeeds();
    repo.git(&["am", file.to_str().unwrap()]).blocks().says("b:1:3");
    assert_eq!(repo.commits(), 2);
}

#[test]
fn a_commit_during_a_rebase_is_scanned() {
    let (repo, token) = prepared();
    repo.stage("b", "clean\n");
    repo.commit().succeeds();
    repo.write("c", token);
    let ran = repo.git(&["rebase", "--quiet", "-x", "git add c && git commit -m m", "HEAD~1"]);
    ran.blocks().says("c:1:3");
}

#[test]
fn a_big_index_and_each_of_its_versions_is_scanned() {
    let (repo, token) = prepared();
    for number in 0..3000 {
        repo.write(&format!("d{}/e{}/f{number}", number % 17, number % 5), format!("{number}\n"));
    }
    repo.git(&["add", "."]).succeeds();
    repo.commit().succeeds().says("3000 staged files");
    for version in ["2", "3", "4"] {
        repo.git(&["update-index", "--index-version", version]).succeeds();
        repo.stage("d3/e1/new", &token);
        repo.stage("d5/clean", "clean\n");
        repo.write("d3/ita", "later\n");
        repo.git(&["add", "--intent-to-add", "d3/ita"]).succeeds();
        repo.commit().blocks().says("d3/e1/new:1:3").says("2 staged files");
        repo.git(&["rm", "--quiet", "-r", "--cached", "d5", "d3/e1/new", "d3/ita"]).succeeds();
        repo.git(&["commit", "--allow-empty", "-m", "m"]).succeeds().says("adds no content");
    }
}

#[test]
fn a_file_in_the_place_of_a_folder_and_a_folder_in_the_place_of_a_file_are_scanned() {
    let (repo, token) = prepared();
    repo.stage("d/e", "clean\n");
    repo.stage("d.x", "clean\n");
    repo.commit().succeeds();
    repo.git(&["rm", "--quiet", "-r", "d", "a"]).succeeds();
    repo.stage("d", &token);
    repo.stage("a/b", &token);
    repo.commit().blocks().says("a/b:1:3").says("d:1:3").says("2 staged files with 2 added lines");
}

#[test]
fn very_deep_folders_are_scanned() {
    let (repo, token) = prepared();
    let file = repo.outside().join("t");
    fs::write(&file, token).unwrap();
    let id = repo.git(&["hash-object", "-w", file.to_str().unwrap()]).stdout;
    for depth in [600, 1900] {
        let path = "d/".repeat(depth) + "f";
        repo.git(&["update-index", "--add", "--cacheinfo", &format!("100644,{},{path}", id.trim())])
            .succeeds();
        repo.dtguard(&["hook", "--reader", "git", "pre-commit"]).blocks();
        repo.dtguard(&["hook", "pre-commit"]).blocks();
        repo.git(&["rm", "--quiet", "--cached", &path]).succeeds();
    }
}
