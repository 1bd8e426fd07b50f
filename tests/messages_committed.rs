//! A token in a message is stopped before it is committed, and a commit that no hook
//! could stop is reported.

use std::path::Path;

use dtguard::install::Stage;

use crate::support::Repo;

/// A repository that has the hook `stage` too.
fn with(stage: Stage) -> (Repo, String) {
    let repo = Repo::new();
    repo.install_hook(&repo.path.join(".git/hooks"), stage);
    let token = repo.token("dt0c01", 1).text;
    (repo, token)
}

/// Commits with an editor that writes `text` in front of what git has written.
fn commit_with_editor(repo: &Repo, text: &str, arguments: &[&str]) -> crate::support::Ran {
    repo.write("../text", text);
    let editor = format!("sh '{}'", repo.outside().join("editor").display());
    repo.write("../editor", "cat \"$1\" >../rest; cat ../text ../rest >\"$1\"\n");
    let arguments = [&["commit", "--allow-empty"], arguments].concat();
    repo.git_in(&repo.path, &[("GIT_EDITOR", &editor)], &arguments)
}

#[test]
fn a_token_in_a_message_is_stopped_and_the_message_is_kept() {
    let (repo, token) = with(Stage::CommitMsg);
    let message = format!("subject\n\nbody {token}\n");
    repo.git(&["commit", "--allow-empty", "-m", &message])
        .blocks()
        .says("commit blocked, its message holds 1 Dynatrace token")
        .says("  message:3:6\n")
        .says("git commit -e -F .git/COMMIT_EDITMSG");
    assert_eq!(repo.commits(), 1);
    let kept = std::fs::read_to_string(repo.path.join(".git/COMMIT_EDITMSG")).unwrap();
    assert!(kept.contains("body dt0c01."));
    repo.git(&["commit", "--allow-empty", "-m", "clean"]).succeeds();
}

#[test]
fn a_token_in_a_patchs_message_is_stopped_before_it_is_applied() {
    let (repo, token) = with(Stage::ApplypatchMsg);
    repo.stage("a", "x\n");
    repo.git(&["commit", "--no-verify", "--quiet", "-m", &format!("subject\n\nbody {token}")]).succeeds();
    repo.git(&["format-patch", "--quiet", "-1", "-o", "../patch"]).succeeds();
    repo.git(&["reset", "--quiet", "--hard", "HEAD~1"]).succeeds();
    repo.git(&["am", "--quiet", "../patch/0001-subject.patch"])
        .blocks()
        .says("its message holds 1 Dynatrace token")
        .says("git am --abort");
    assert_eq!(repo.commits(), 1);
    repo.git(&["am", "--abort"]).succeeds();
}

#[test]
fn the_command_that_is_named_mends_it() {
    let (repo, token) = with(Stage::CommitMsg);
    repo.git(&["commit", "--allow-empty", "-m", &format!("a\n\n{token}")]).blocks();
    let environment = [("GIT_EDITOR", "sed -i.bak /dt0c01/d")];
    let arguments = ["commit", "--allow-empty", "-e", "-F", ".git/COMMIT_EDITMSG"];
    repo.git_in(&repo.path, &environment, &arguments).succeeds();
    assert_eq!(repo.commits(), 2);
}

#[test]
fn comments_and_the_diff_of_commit_v_are_not_committed_and_do_not_block() {
    let (repo, token) = with(Stage::CommitMsg);
    repo.stage("a", format!("x={token}\n"));
    repo.commit_unseen();
    repo.stage("a", "x=\n");
    // The removed line stands in the diff.
    commit_with_editor(&repo, "remove it\n", &["-v"]).succeeds();
    commit_with_editor(&repo, "subject\n", &["-v", "--amend"]).succeeds();
    commit_with_editor(&repo, &format!("subject\n# {token}\n"), &[]).succeeds();
    let log = repo.git(&["log", "-1", "--format=%B"]).stdout;
    assert!(!log.contains("dt0c01"), "{log}");
    repo.git(&["config", "commit.verbose", "true"]).succeeds();
    commit_with_editor(&repo, &format!("x {token}\n"), &[]).blocks().says("message:1:3");
}

#[test]
fn a_comment_that_git_keeps_blocks() {
    let (repo, token) = with(Stage::CommitMsg);
    let comment = format!("subject\n# {token}\n");
    // Without an editor, git leaves no comment out.
    repo.git(&["commit", "--allow-empty", "-m", &comment]).blocks().says("message:2:3");
    commit_with_editor(&repo, &comment, &["--cleanup=whitespace"]).blocks();
    for mode in ["verbatim", "whitespace", "scissors"] {
        repo.git(&["config", "commit.cleanup", mode]).succeeds();
        commit_with_editor(&repo, &comment, &[]).blocks();
    }
    repo.git(&["config", "commit.cleanup", "strip"]).succeeds();
    commit_with_editor(&repo, &comment, &[]).succeeds();
    assert!(!repo.git(&["log", "-1", "--format=%B"]).stdout.contains("dt0c01"));
}

/// git passes the option `--cleanup` to no hook.
#[test]
fn a_comment_that_git_may_keep_blocks_and_the_message_says_why() {
    let (repo, token) = with(Stage::CommitMsg);
    let comment = format!("subject\n# {token}\n");
    repo.write("../message", &comment);
    for arguments in [&["-F", "../message", "--cleanup=strip"][..], &["-m", &comment]] {
        let arguments = [&["commit", "--allow-empty"], arguments].concat();
        repo.git(&arguments).blocks().says("message:2:3").says("no hook can know");
    }
    repo.git(&["commit", "--allow-empty", "-m", &token]).blocks().says_not("no hook can know");
    repo.git(&["config", "commit.cleanup", "strip"]).succeeds();
    for mode in ["--cleanup=verbatim", "--cleanup=whitespace"] {
        repo.git(&["commit", "--allow-empty", "-F", "../message", mode]).blocks().says("message:2:3");
        // git writes no advice into the message, as where it speaks another language.
        commit_with_editor(&repo, &comment, &["--no-status", mode]).blocks().says("message:2:3");
    }
    let cut = "# ------------------------ >8 ------------------------\n";
    repo.git(&["config", "commit.cleanup", "scissors"]).succeeds();
    let arguments = ["--no-status", "--cleanup=verbatim"];
    commit_with_editor(&repo, &format!("s\n{cut}{token}\n"), &arguments).blocks().says("message:3:1");
}

#[test]
fn comments_and_scissors_in_a_patchs_message_are_committed_and_block() {
    let (repo, token) = with(Stage::ApplypatchMsg);
    let cut = "# ------------------------ >8 ------------------------\n";
    for (number, message) in
        [format!("subject\n\n# {token}\n"), format!("subject\n\na\n{cut}# {token}\n")].iter().enumerate()
    {
        repo.stage("a", format!("{number}\n"));
        repo.write("../message", message);
        let arguments = ["commit", "--no-verify", "--quiet", "--cleanup=verbatim", "-F", "../message"];
        repo.git(&arguments).succeeds();
        repo.git(&["format-patch", "--quiet", "-1", "-o", "../patch"]).succeeds();
        repo.git(&["reset", "--quiet", "--hard", "HEAD~1"]).succeeds();
        repo.git(&["am", "--quiet", "../patch/0001-subject.patch"]).blocks();
        assert_eq!(repo.commits(), 1);
        repo.git(&["am", "--abort"]).succeeds();
    }
}

#[test]
fn another_comment_sign_decides_what_is_a_comment() {
    let (repo, token) = with(Stage::CommitMsg);
    repo.git(&["config", "core.commentChar", ";"]).succeeds();
    commit_with_editor(&repo, &format!("s\n; {token}\n"), &["-v"]).succeeds();
    commit_with_editor(&repo, &format!("s\n# {token}\n"), &["-v"]).blocks().says("message:2:3");
    repo.git(&["config", "core.commentChar", "auto"]).succeeds();
    repo.stage("a", format!("x={token}\n"));
    repo.commit_unseen();
    repo.stage("a", "x=\n");
    commit_with_editor(&repo, "s\n", &["-v"]).succeeds();
    commit_with_editor(&repo, &format!("s\n# {token}\n"), &["-v"]).blocks();
}

#[test]
fn what_stands_below_somebodys_own_scissors_is_committed_and_blocks() {
    let (repo, token) = with(Stage::CommitMsg);
    let cut = "# ------------------------ >8 ------------------------\n";
    let message = format!("subject\n\n{cut}{token}\n");
    repo.git(&["commit", "--allow-empty", "-m", &message]).blocks();
    commit_with_editor(&repo, &message, &[]).blocks();
    // Here git cuts them off itself.
    repo.git(&["config", "commit.cleanup", "scissors"]).succeeds();
    commit_with_editor(&repo, &message, &[]).succeeds();
    assert!(!repo.git(&["log", "-1", "--format=%B"]).stdout.contains("dt0c01"));
}

#[test]
fn the_message_of_a_merge_is_scanned_and_git_commit_goes_on_with_it() {
    let (repo, token) = with(Stage::CommitMsg);
    repo.git(&["checkout", "--quiet", "-b", "side"]).succeeds();
    repo.stage("s", "s\n");
    repo.commit().succeeds();
    repo.git(&["checkout", "--quiet", "main"]).succeeds();
    let ran = repo.git(&["merge", "--no-ff", "-m", &format!("Merge {token}"), "side"]).blocks();
    ran.says("message:1:7").says("    git commit\n");
    assert!(repo.path.join(".git/MERGE_HEAD").exists());
    repo.git(&["commit", "-m", "Merge"]).succeeds();
}

#[test]
fn a_policy_allows_a_token_in_a_message_by_its_name() {
    let (repo, token) = with(Stage::CommitMsg);
    let identifier = &token[..token.rfind('.').unwrap()];
    let policy = format!("version = 1\n[[allow]]\nid = \"{identifier}\"\nreason = \"r\"\n");
    repo.stage(".dtguard.toml", policy);
    repo.git(&["commit", "--quiet", "-m", &token]).succeeds().says("scanned the message: 1 token allowed");
    repo.git(&["rm", "--quiet", ".dtguard.toml"]).succeeds();
    repo.git(&["commit", "-m", &token]).blocks();
}

#[test]
fn a_commit_that_no_hook_could_stop_is_reported_with_the_way_back() {
    let (repo, token) = with(Stage::PostCommit);
    repo.stage("a", format!("x={token}\n"));
    let ran = repo.git(&["commit", "-m", "m", "--no-verify"]).succeeds();
    let commit = repo.git(&["rev-parse", "HEAD"]).stdout[..12].to_owned();
    ran.says("the commit that was just made holds 1 Dynatrace token")
        .says(&format!("commit {commit} a:1:3"))
        .says("git commit --amend")
        .says("git reset --soft HEAD^")
        .says("pre-push");
    repo.git(&["checkout", "--quiet", "-b", "side", "HEAD^"]).succeeds();
    repo.git(&["cherry-pick", "main"]).succeeds().says("was just made holds 1 Dynatrace token");
    repo.git(&["commit", "--quiet", "--allow-empty", "-m", &token]).succeeds().says("message:1:1");
    repo.stage("b", "clean\n");
    repo.git(&["commit", "-m", "clean"]).succeeds().says_not("was just made");
    let unborn = Repo::unborn();
    unborn.install_hook(&unborn.path.join(".git/hooks"), Stage::PostCommit);
    unborn.stage("a", &token);
    unborn.git(&["commit", "-m", "m", "--no-verify"]).succeeds().says("git update-ref -d HEAD");
}

#[test]
fn a_notice_is_silent_where_the_policy_lets_the_token_pass() {
    let (repo, token) = with(Stage::PostCommit);
    repo.stage(
        ".dtguard.toml",
        "version = 1\n[[allow]]\npath = \"t/*\"\nkinds = [\"dt0c01\"]\nreason = \"r\"\n",
    );
    repo.stage("t/a", &token);
    repo.commit().succeeds().says_not("was just made");
    assert!(Path::new(&repo.path.join("t/a")).exists());
}
