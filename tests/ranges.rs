//! Outside of a commit pre-commit and prek name files or a range; that is what
//! is scanned then, and the report says it.

use crate::support::{DTGUARD, Ran, Repo, hermetic};

/// Three commits: a token comes in the second and goes in the third.
fn history() -> (Repo, String) {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1).text;
    repo.stage("d/a", format!("one\nx={token}\n"));
    repo.commit_unseen();
    repo.stage("d/a", "one\n");
    repo.commit_unseen();
    (repo, token)
}

fn range<'a>(from: &'a str, to: &'a str) -> [(&'a str, &'a str); 3] {
    [("PRE_COMMIT", "1"), ("PRE_COMMIT_FROM_REF", from), ("PRE_COMMIT_TO_REF", to)]
}

#[test]
fn a_token_that_came_and_went_within_a_range_is_found_with_its_commit() {
    let (repo, _) = history();
    let commit = repo.git(&["rev-parse", "HEAD~1"]).stdout;
    let ran = repo.dtguard_in(&repo.path, &range("HEAD~2", "HEAD"), &["hook", "pre-commit"]);
    let ran = ran.blocks().says(&format!("commit {} d/a:2:3", &commit[..12])).says("git rebase -i");
    assert_eq!(ran.code, 1);
    repo.dtguard_in(&repo.path, &range("HEAD~1", "HEAD"), &["hook", "pre-commit", "d/a"])
        .succeeds()
        .says("1 commit with 1 changed file and 0 added lines");
    repo.dtguard_in(&repo.path, &range("HEAD", "HEAD"), &["hook", "pre-commit"])
        .succeeds()
        .says("no commits in this range");
}

#[test]
fn a_first_push_for_which_pre_commit_names_only_the_branch_is_searched_commit_by_commit() {
    let (repo, _) = history();
    let push = [("PRE_COMMIT", "1"), ("PRE_COMMIT_LOCAL_BRANCH", "refs/heads/main")];
    let commit = repo.git(&["rev-parse", "HEAD~1"]).stdout;
    for arguments in [&["hook", "pre-commit", "--", "README", "d/a"][..], &["hook", "pre-push"]] {
        let ran = repo.dtguard_in(&repo.path, &push, arguments);
        assert_eq!(ran.blocks().says(&format!("commit {} d/a:2:3", &commit[..12])).code, 1, "{arguments:?}");
    }
}

#[test]
fn a_range_goes_by_the_policy_at_its_tip() {
    let (repo, _) = history();
    let policy = "version = 1\n[[allow]]\npath = \"d/*\"\nkinds = [\"dt0c01\"]\nreason = \"r\"\n";
    repo.write(".dtguard.toml", policy);
    repo.dtguard_in(&repo.path, &range("HEAD~2", "HEAD"), &["hook", "pre-commit"]).blocks();
    repo.git(&["add", ".dtguard.toml"]).succeeds();
    repo.commit_unseen();
    repo.dtguard_in(&repo.path, &range("HEAD~3", "HEAD"), &["hook", "pre-commit"])
        .succeeds()
        .says("allowed by policy");
}

#[test]
fn a_merge_in_a_range_is_blamed_only_for_what_it_adds_to_all_its_parents() {
    let (repo, token) = history();
    repo.git(&["checkout", "--quiet", "-b", "side", "HEAD~2"]).succeeds();
    repo.stage("side", format!("y={token}\n"));
    repo.commit_unseen();
    repo.git(&["checkout", "--quiet", "main"]).succeeds();
    repo.git(&["merge", "--quiet", "--no-verify", "--no-commit", "--no-ff", "side"]).succeeds();
    repo.stage("evil", format!("z={token}\n"));
    repo.commit_unseen();
    let ran = repo.dtguard_in(&repo.path, &range("HEAD~1", "HEAD"), &["hook", "pre-commit"]).blocks();
    assert_eq!(ran.stderr.matches(" side:1:3").count(), 1, "{}", ran.stderr);
    let merge = repo.git(&["rev-parse", "HEAD"]).stdout;
    ran.says(&format!("commit {} evil:1:3", &merge[..12]));
}

#[test]
fn a_range_whose_base_is_missing_is_exit_2() {
    let (repo, _) = history();
    let shallow = repo.outside().join("shallow");
    let url = format!("file://{}", repo.path.display());
    let base = repo.git(&["rev-parse", "HEAD~2"]).stdout;
    repo.git(&["clone", "--quiet", "--depth=1", &url, shallow.to_str().unwrap()]).succeeds();
    let ran = repo.dtguard_in(&shallow, &range(base.trim(), "HEAD"), &["hook", "pre-commit"]);
    assert_eq!(ran.refuses("is not in this repository").code, 2);
    let ran = repo.dtguard_in(&repo.path, &range("--all", "HEAD"), &["hook", "pre-commit"]);
    assert_eq!(ran.refuses("is not in this repository").code, 2);
}

#[test]
fn files_named_outside_of_a_commit_are_scanned_whole() {
    let (repo, token) = history();
    repo.stage("old", format!("x={token}\n"));
    repo.commit_unseen();
    repo.dtguard(&["hook", "pre-commit", "old", "README"])
        .blocks()
        .says("old:1:3")
        .says("2 files with 2 lines");
    repo.dtguard(&["hook", "pre-commit", "README"])
        .succeeds()
        .says("no Dynatrace token in 1 file with 1 line");
    repo.dtguard(&["hook", "pre-commit"]).succeeds().says("nothing to scan");
    let ran = repo.dtguard(&["hook", "pre-commit", "missing"]).refuses("missing");
    assert_eq!(ran.code, 2);
}

#[test]
fn a_files_path_in_the_policy_begins_at_the_top_wherever_it_is_named() {
    let (repo, token) = history();
    repo.write("d/e/f", format!("x={token}\n"));
    repo.write(
        ".dtguard.toml",
        "version = 1\n[[allow]]\npath = \"d/e/*\"\nkinds = [\"dt0c01\"]\nreason = \"r\"\n",
    );
    let below = repo.path.join("d");
    for name in ["e/f", "./e/f", below.join("e/f").to_str().unwrap()] {
        repo.dtguard_in(&below, &[], &["hook", "pre-commit", name]).succeeds().says("1 token allowed");
    }
}

#[test]
fn a_file_whose_name_looks_like_an_option_is_a_file() {
    let (repo, token) = history();
    repo.write(
        "--policy=evil.toml",
        "version = 1\n[[allow]]\npath = \"**\"\nkinds = [\"dt0c01\"]\nreason = \"r\"\n",
    );
    repo.write("evil.toml", "version = 1\n[[allow]]\npath = \"**\"\nkinds = [\"dt0c01\"]\nreason = \"r\"\n");
    repo.write("a.env", &token);
    repo.dtguard(&["hook", "pre-commit", "--", "--policy=evil.toml", "a.env"]).blocks().says("a.env:1:1");
    for arguments in [
        &["hook", "pre-commit", "--", "--help"][..],
        &["hook", "pre-commit", "--help"],
        &["hook", "pre-commit", "--policy=evil.toml", "-h"],
    ] {
        assert_eq!(repo.dtguard(arguments).refuses("cannot read").code, 2);
    }
}

#[test]
fn a_range_from_a_framework_does_not_take_the_place_of_the_staged_change() {
    let (repo, token) = history();
    repo.stage("staged", &token);
    let here = &repo.path;
    repo.dtguard_in(here, &range("HEAD", "HEAD"), &["hook", "pre-applypatch"]).blocks().says("staged:1:1");
    repo.dtguard_in(here, &range("HEAD", "HEAD"), &["hook", "pre-merge-commit"]).blocks().says("staged:1:1");
    repo.git(&["reset", "--quiet"]).succeeds();
    let both = [range("HEAD~2", "HEAD").as_slice(), &[("GIT_INDEX_FILE", ".git/index")]].concat();
    repo.dtguard_in(here, &both, &["hook", "pre-commit"]).blocks().says("d/a:2:3").says("adds no content");
}

#[test]
fn a_first_push_without_a_base_is_scanned_commit_by_commit() {
    let (repo, _) = history();
    let ran = repo.dtguard_in(
        &repo.path,
        &[("PRE_COMMIT_TO_REF", "HEAD")],
        &["hook", "pre-commit", "--", "README"],
    );
    ran.blocks().says("d/a:2:3").says("no Dynatrace token in 1 file with 1 line");
}

#[test]
fn a_folder_that_is_named_is_not_called_clean() {
    let (repo, token) = history();
    repo.write("folder/file", token);
    assert_eq!(repo.dtguard(&["hook", "pre-commit", "folder"]).refuses("folder").code, 2);
    let library = Repo::new();
    repo.git(&["submodule", "--quiet", "add", library.path.to_str().unwrap(), "lib"]).succeeds();
    repo.dtguard(&["hook", "pre-commit", "lib"]).succeeds().says("1 submodule");
}

#[test]
fn a_detour_in_a_path_does_not_lead_into_an_allowed_folder() {
    let (repo, token) = history();
    repo.write("tests/x", "");
    repo.write("src/a.env", token);
    repo.write(
        ".dtguard.toml",
        "version = 1\n[[allow]]\npath = \"tests/**\"\nkinds = [\"dt0c01\"]\nreason = \"r\"\n",
    );
    repo.dtguard(&["hook", "pre-commit", "tests/../src/a.env"]).blocks().says(" src/a.env:1:1");
}

/// A shallow clone with the last `depth` commits of each branch.
fn shallow(repo: &Repo, depth: usize) -> std::path::PathBuf {
    let folder = repo.outside().join(format!("shallow-{depth}"));
    let (url, depth) = (format!("file://{}", repo.path.display()), format!("--depth={depth}"));
    let place = folder.to_str().unwrap();
    repo.git(&["clone", "--quiet", &depth, "--no-single-branch", &url, place]).succeeds();
    folder
}

#[test]
fn commits_that_a_shallow_clone_lacks_between_both_ends_are_exit_2() {
    let (repo, _) = history();
    repo.stage("d/a", "two\n");
    repo.commit_unseen();
    repo.git(&["branch", "base", "HEAD~3"]).succeeds();
    for depth in 1..5 {
        let folder = shallow(&repo, depth);
        let ran = repo.dtguard_in(&folder, &[], &["scan", "--range", "origin/base..HEAD"]);
        let pre_commit = repo.dtguard_in(&folder, &range("origin/base", "HEAD"), &["hook", "pre-commit"]);
        assert_eq!(ran.code, pre_commit.code);
        if depth < 3 {
            assert_eq!(ran.refuses("this clone is shallow").says("git fetch --unshallow").code, 2);
        } else {
            // With three the first of the range is at the edge, and the base is its parent.
            assert_eq!(ran.blocks().says("d/a:2:3").says("3 commits").code, 1, "{depth}");
        }
    }
}

#[test]
fn a_base_that_is_not_here_is_named_however_it_is_written() {
    let (repo, _) = history();
    let head = repo.git(&["rev-parse", "HEAD"]).stdout;
    let (gone, zeros) = ("1".repeat(40), "0".repeat(40));
    for range in [format!("{gone}..HEAD"), format!("{gone}..{}", head.trim()), format!("HEAD..{gone}")] {
        let ran = repo.dtguard(&["scan", "--range", &range]);
        assert_eq!(
            ran.refuses("is not in this repository").says("git log --oneline --all").code,
            2,
            "{range}"
        );
    }
    let ran = repo.dtguard(&["scan", "--range", &format!("{zeros}..HEAD")]);
    assert_eq!(ran.refuses("is not in this repository").says("a new branch has no base yet").code, 2);
}

#[test]
fn a_merge_at_the_edge_of_a_shallow_clone_is_exit_2_unless_all_its_parents_are_left_out() {
    let (repo, _) = history();
    repo.git(&["checkout", "--quiet", "-b", "side", "HEAD~2"]).succeeds();
    repo.stage("side", "clean\n");
    repo.commit_unseen();
    repo.git(&["checkout", "--quiet", "main"]).succeeds();
    repo.git(&["branch", "base"]).succeeds();
    repo.git(&["merge", "--quiet", "--no-verify", "--no-edit", "side"]).succeeds();
    let folder = shallow(&repo, 1);
    let ran = repo.dtguard_in(&folder, &[], &["scan", "--range", "origin/base..HEAD"]);
    assert_eq!(ran.refuses("this clone is shallow").code, 2);
    // A base that has both of them, and is fetched with both.
    repo.git(&["checkout", "--quiet", "base"]).succeeds();
    repo.git(&["merge", "--quiet", "--no-verify", "-m", "again", "side"]).succeeds();
    repo.git_in(&folder, &[], &["fetch", "--quiet", "--depth=2", "origin", "base"]).succeeds();
    let ran = repo.dtguard_in(&folder, &[], &["scan", "--range", "FETCH_HEAD..HEAD"]);
    ran.succeeds().says("1 commit with 0 changed files");
}

#[test]
fn what_the_base_of_a_shallow_clone_had_is_not_added_by_the_commit_behind_it() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1).text;
    repo.stage("old", &token);
    repo.commit_unseen();
    repo.git(&["branch", "base"]).succeeds();
    repo.stage("new", "clean\n");
    repo.commit_unseen();
    let folder = shallow(&repo, 1);
    let ran = repo.dtguard_in(&folder, &[], &["scan", "--range", "origin/base..HEAD"]);
    ran.succeeds().says("1 commit with 1 changed file");
}

#[test]
fn what_can_be_read_of_a_range_is_reported_beside_what_cannot() {
    for revision in ["HEAD~1:d/f", "HEAD~1:d", "HEAD~1^{tree}", "HEAD~1"] {
        let repo = Repo::new();
        let base = repo.git(&["rev-parse", "HEAD"]).stdout.trim().to_owned();
        let [one, two] = [1, 2].map(|seed| repo.token("dt0c01", seed).text);
        repo.stage("one", format!("x={one}\n"));
        repo.commit_unseen();
        repo.stage("d/f", "clean\n");
        repo.commit_unseen();
        repo.stage("d/f", "other\n");
        repo.stage("two", format!("x={two}\n"));
        repo.commit_unseen();
        let id = repo.git(&["rev-parse", revision]).stdout.trim().to_owned();
        let file = repo.path.join(".git/objects").join(&id[..2]).join(&id[2..]);
        std::fs::remove_file(&file).unwrap();
        let said = |ran: Ran| {
            let ran = ran.blocks().says(" two:1:3\n").says(&id).says("cannot read this");
            // What lies behind a commit that is gone nobody knows.
            if revision == "HEAD~1" { ran } else { ran.says(" one:1:3\n") }
        };
        let range = format!("{base}..HEAD");
        assert_eq!(said(repo.dtguard(&["scan", "--range", &range])).code, 1, "{revision}");
        let environment =
            [("PRE_COMMIT_FROM_REF", &*base), ("PRE_COMMIT_TO_REF", "HEAD"), ("PRE_COMMIT", "1")];
        said(repo.dtguard_in(&repo.path, &environment, &["hook", "pre-push"]));
        let head = repo.git(&["rev-parse", "HEAD"]).stdout;
        let line = format!("refs/heads/main {} refs/heads/main {base}\n", head.trim());
        said(with_input(&repo, &["hook", "pre-push", "origin", "url"], &line));
        let line = format!("{} {} refs/heads/new\n", "0".repeat(base.len()), head.trim());
        repo.git(&["checkout", "--quiet", "--detach", &base]).succeeds();
        repo.git(&["branch", "--quiet", "--force", "main", &base]).succeeds();
        said(with_input(&repo, &["hook", "pre-receive"], &line));
        // Nothing blocks, but it is no pass.
        repo.write(
            ".dtguard.toml",
            "version = 1\n[[allow]]\npath = \"*\"\nkinds = [\"dt0c01\"]\nreason = \"r\"\n",
        );
        let ran = repo.dtguard(&[
            "--policy",
            ".dtguard.toml",
            "scan",
            "--range",
            &format!("{base}..{}", head.trim()),
        ]);
        assert_eq!(ran.refuses("cannot read this").says(&id).code, 2, "{revision}");
    }
}

/// Runs dtguard with `input` on its standard input.
fn with_input(repo: &Repo, arguments: &[&str], input: &str) -> Ran {
    repo.check(Ran::fed(hermetic(DTGUARD, &repo.path).args(arguments), input))
}
