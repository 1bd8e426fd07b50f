//! What git and hook managers put into a hook's environment misleads nobody.

use std::fs;

use crate::support::Repo;

fn staged() -> Repo {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1).text;
    repo.stage("pkg/a.env", format!("x={token}\n"));
    repo
}

#[test]
fn a_relative_index_file_is_found_from_below_the_top() {
    let repo = staged();
    let below = repo.path.join("pkg");
    let index = [("GIT_INDEX_FILE", ".git/index")];
    repo.dtguard_in(&below, &index, &["hook", "pre-commit"]).blocks().says("pkg/a.env:1:3");
    repo.dtguard_in(&repo.path, &index, &["hook", "pre-commit"]).blocks().says("pkg/a.env:1:3");
    // libgit2 would look for it below, and find nothing staged.
    repo.dtguard_in(&below, &index, &["hook", "--reader", "libgit2", "pre-commit"]).refuses("not asked");
}

#[test]
fn an_index_file_that_does_not_exist_is_an_error_and_not_an_empty_change() {
    let repo = staged();
    for index in ["", "nowhere", "pkg/index", ".git"] {
        let ran = repo.dtguard_in(&repo.path, &[("GIT_INDEX_FILE", index)], &["hook", "pre-commit"]);
        assert_eq!(ran.refuses("GIT_INDEX_FILE").code, 2, "{index}");
    }
}

#[test]
fn the_index_that_a_new_repository_does_not_have_yet_is_an_empty_one() {
    let repo = Repo::unborn();
    assert!(!repo.path.join(".git/index").exists());
    for index in [".git/index", repo.path.join(".git/index").to_str().unwrap()] {
        repo.dtguard_in(&repo.path, &[("GIT_INDEX_FILE", index)], &["hook", "pre-commit"]).succeeds();
    }
}

#[test]
fn an_index_file_elsewhere_is_read() {
    let repo = staged();
    let index = repo.outside().join("elsewhere.index");
    fs::copy(repo.path.join(".git/index"), &index).unwrap();
    repo.git(&["rm", "--quiet", "--cached", "pkg/a.env"]).succeeds();
    let index = [("GIT_INDEX_FILE", index.to_str().unwrap())];
    repo.dtguard_in(&repo.path, &index, &["hook", "pre-commit"]).blocks();
    repo.dtguard(&["hook", "pre-commit"]).succeeds();
}

#[test]
fn a_namespace_hides_nothing() {
    let repo = staged();
    repo.dtguard_in(&repo.path, &[("GIT_NAMESPACE", "x")], &["hook", "pre-commit"]).blocks();
    repo.git_in(&repo.path, &[("GIT_NAMESPACE", "x")], &["commit", "-m", "m"]).blocks();
}

#[test]
fn no_variable_that_redirects_git_hides_a_token() {
    let repo = staged();
    let replaced = repo.git(&["rev-parse", "HEAD"]).stdout;
    for variable in [
        ("GIT_EXTERNAL_DIFF", "true"),
        ("GIT_DIFF_OPTS", "--unified=99"),
        ("GIT_TRACE", "1"),
        ("GIT_PAGER", "true"),
        ("GIT_LITERAL_PATHSPECS", "1"),
        ("GIT_ICASE_PATHSPECS", "1"),
        ("GIT_ATTR_SOURCE", replaced.trim()),
        ("GIT_CONFIG_PARAMETERS", "'core.fsmonitor'='/nonexistent'"),
        ("PRE_COMMIT", "1"),
        ("PRE_COMMIT_FROM_REF", "HEAD"),
        ("DTGUARD", "0"),
        ("SKIP", "dtguard"),
        ("HUSKY", "0"),
    ] {
        repo.git_in(&repo.path, &[variable], &["commit", "-m", "m"]).blocks();
    }
    let range = [("PRE_COMMIT_FROM_REF", "HEAD"), ("PRE_COMMIT_TO_REF", "HEAD")];
    repo.git_in(&repo.path, &range, &["commit", "-m", "m"]).blocks();
}

#[test]
fn a_folder_that_is_no_repository_is_exit_2() {
    let folder = tempfile::tempdir().unwrap();
    let repo = Repo::unborn();
    let ran = repo.dtguard_in(folder.path(), &[], &["hook", "pre-commit"]);
    assert_eq!(ran.refuses("cannot read this repository").says("Nothing was let through").code, 2);
}

#[test]
fn a_broken_index_or_head_is_exit_2() {
    let repo = staged();
    let index = repo.path.join(".git/index");
    let whole = fs::read(&index).unwrap();
    for length in [0, 1, 12, 40, whole.len() / 2] {
        fs::write(&index, &whole[..length]).unwrap();
        assert_eq!(repo.dtguard(&["hook", "pre-commit"]).refuses("cannot read").code, 2, "{length}");
    }
    fs::write(&index, &whole).unwrap();
    fs::write(repo.path.join(".git/HEAD"), "nonsense\n").unwrap();
    assert_eq!(repo.dtguard(&["hook", "pre-commit"]).refuses("cannot read").code, 2);
}

#[test]
fn what_was_typed_wrong_is_exit_2() {
    let repo = staged();
    for arguments in [
        &["hook"][..],
        &["hook", "pre-nonsense"],
        &["nonsense"],
        &["--nonsense"],
        &[],
        &["explain", "nonsense"],
    ] {
        let ran = repo.dtguard(arguments);
        assert_eq!(ran.code, 2, "{arguments:?}");
        assert!(!ran.stderr.is_empty());
    }
}
