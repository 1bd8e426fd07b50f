//! What a merge brings is scanned commit by commit, and what `--amend` would keep.

use std::fs;

use dtguard::install::Stage;

use crate::support::{Ran, Repo};

/// A repository with a branch `side` that adds a token to the file `b` and takes it out
/// again, and a commit on `main` beside it.
struct Tainted {
    repo: Repo,
    token: String,
    /// The start of the id of the commit that adds the token.
    commit: String,
}

impl Tainted {
    fn new() -> Self {
        let repo = Repo::new();
        for stage in [Stage::PostMerge, Stage::PrepareCommitMsg, Stage::PostCommit] {
            repo.install_hook(&repo.path.join(".git/hooks"), stage);
        }
        let token = repo.token("dt0c01", 1).text;
        repo.git(&["checkout", "--quiet", "-b", "side"]).succeeds();
        repo.stage("b", &token);
        repo.commit_unseen();
        let commit = repo.git(&["rev-parse", "HEAD"]).succeeds().stdout[..12].to_owned();
        repo.stage("b", "mended\n");
        repo.commit_unseen();
        repo.git(&["checkout", "--quiet", "main"]).succeeds();
        Self { repo, token, commit }
    }

    fn work(&self, name: &str) {
        self.repo.stage(name, format!("{name}\n"));
        self.repo.commit_unseen();
    }

    fn head(&self) -> String {
        self.repo.git(&["rev-parse", "HEAD"]).succeeds().stdout
    }

    /// Blocks, names the commit, and HEAD stays where it is.
    #[track_caller]
    fn is_blocked(&self, arguments: &[&str]) -> Ran {
        let before = self.head();
        let ran = self.repo.git(arguments).blocks().says(&format!("commit {} b:1:1", self.commit));
        assert_eq!(self.head(), before);
        ran
    }
}

#[test]
fn a_merge_of_a_branch_that_removed_its_token_again_still_brings_it() {
    let at = Tainted::new();
    at.work("a");
    at.is_blocked(&["merge", "--no-ff", "-m", "m", "side"])
        .says("commit blocked, it adds 1 Dynatrace token")
        .says("git\nmerge --abort");
    at.repo.git(&["merge", "--abort"]).succeeds();
    // Without conflict and without commit, git commit makes it.
    at.repo.git(&["merge", "--no-ff", "--no-commit", "side"]).succeeds();
    at.is_blocked(&["commit", "-m", "m"]);
}

#[test]
fn a_merge_with_conflicts_is_scanned_once_they_are_settled() {
    let at = Tainted::new();
    at.work("b");
    assert_ne!(at.repo.git(&["merge", "side"]).code, 0);
    at.repo.stage("b", "settled\n");
    at.is_blocked(&["commit", "--no-edit"]);
    at.is_blocked(&["merge", "--continue"]);
}

#[test]
fn each_branch_of_an_octopus_is_scanned() {
    let at = Tainted::new();
    at.repo.git(&["checkout", "--quiet", "-b", "clean"]).succeeds();
    at.work("c");
    at.repo.git(&["checkout", "--quiet", "main"]).succeeds();
    at.work("a");
    at.is_blocked(&["merge", "--no-ff", "-m", "m", "clean", "side"]);
}

#[test]
fn a_merge_that_the_policy_lets_pass_passes_and_a_clean_one_does() {
    let at = Tainted::new();
    at.work("a");
    at.repo.git(&["checkout", "--quiet", "-b", "clean", "main~1"]).succeeds();
    at.work("c");
    at.repo.git(&["checkout", "--quiet", "main"]).succeeds();
    at.repo.git(&["merge", "--no-ff", "-m", "m", "clean"]).succeeds();
    let id = at.repo.token("dt0c01", 1).identifier().unwrap().to_owned();
    at.repo.dtguard(&["allow", &id, "--reason", "revoked"]).succeeds();
    at.repo.git(&["add", ".dtguard.toml"]).succeeds();
    at.repo.commit().succeeds();
    at.repo.git(&["merge", "--no-ff", "-m", "m", "side"]).succeeds().says("1 token allowed");
}

#[test]
fn what_a_remote_has_already_stops_no_merge_and_a_squash_brings_no_commit() {
    let at = Tainted::new();
    at.work("a");
    at.repo.git(&["merge", "--squash", "side"]).succeeds();
    at.repo.git(&["commit", "-m", "m"]).succeeds();
    at.repo.git(&["update-ref", "refs/remotes/origin/side", "side"]).succeeds();
    at.repo.git(&["merge", "--no-ff", "-m", "m", "side"]).succeeds();
}

#[test]
fn a_fast_forward_asks_no_hook_before_and_is_reported_afterwards() {
    let at = Tainted::new();
    at.repo
        .git(&["merge", "--ff-only", "side"])
        .succeeds()
        .says("the merge brought 1 Dynatrace token")
        .says(&format!("commit {} b:1:1", at.commit))
        .says("git reset --keep ORIG_HEAD");
    // Of one that had nothing to do, and one that a remote has, there is nothing to say.
    at.repo.git(&["merge", "--ff-only", "side"]).succeeds().says_not("token");
    at.repo.git(&["reset", "--quiet", "--hard", "ORIG_HEAD"]).succeeds();
    at.repo.git(&["update-ref", "refs/remotes/origin/side", "side"]).succeeds();
    at.repo.git(&["merge", "--ff-only", "side"]).succeeds().says_not("token");
}

#[test]
fn a_pull_from_a_folder_is_reported_afterwards() {
    let at = Tainted::new();
    let other = at.repo.outside().join("other");
    let clone = ["clone", "--quiet", "--no-local", "-b", "main", ".", other.to_str().unwrap()];
    at.repo.git(&clone).succeeds();
    at.repo.install_hook(&other.join(".git/hooks"), Stage::PostMerge);
    let pull = ["pull", "--ff-only", at.repo.path.to_str().unwrap(), "side"];
    at.repo.git_in(&other, &[], &["update-ref", "-d", "refs/remotes/origin/side"]).succeeds();
    at.repo.git_in(&other, &[], &pull).succeeds().says("the merge brought 1 Dynatrace token");
}

#[test]
fn amending_a_commit_does_not_keep_its_token_unseen() {
    let at = Tainted::new();
    at.work("a");
    at.repo.stage("a", &at.token);
    at.repo.commit_unseen();
    let before = at.head();
    for arguments in [&["commit", "--amend", "--no-edit"][..], &["commit", "--amend"]] {
        at.repo.git_in(&at.repo.path, &[("GIT_EDITOR", "true")], arguments).blocks().says("a:1:1");
        assert_eq!(at.head(), before);
    }
    // More staged, and the token still there.
    at.repo.stage("c", "clean\n");
    at.repo.git(&["commit", "--amend", "--no-edit"]).blocks().says("a:1:1").says("git commit --amend");
    at.repo.stage("a", "mended\n");
    at.repo.git(&["commit", "--amend", "--no-edit"]).succeeds();
}

#[test]
fn a_commit_that_a_remote_has_or_that_is_clean_can_be_amended() {
    let at = Tainted::new();
    at.work("a");
    at.repo.git(&["commit", "--amend", "--no-edit"]).succeeds();
    at.repo.git(&["commit", "--allow-empty", "-C", "HEAD"]).succeeds();
    at.repo.stage("a", &at.token);
    at.repo.commit_unseen();
    at.repo.git(&["update-ref", "refs/remotes/origin/main", "HEAD"]).succeeds();
    at.repo.git(&["commit", "--amend", "--no-edit"]).succeeds();
}

#[test]
fn the_first_commit_and_a_merge_are_amended_like_any_other() {
    let at = Tainted::new();
    at.repo.git(&["checkout", "--quiet", "--orphan", "first"]).succeeds();
    at.repo.stage("z", &at.token);
    at.repo.commit_unseen();
    at.repo.git(&["commit", "--amend", "--no-edit"]).blocks().says("z:1:1");
    at.repo.git(&["checkout", "--quiet", "main"]).succeeds();
    at.work("a");
    at.repo.git(&["checkout", "--quiet", "-b", "clean", "main~1"]).succeeds();
    at.work("c");
    at.repo.git(&["merge", "--quiet", "--no-ff", "-m", "m", "main"]).succeeds();
    at.repo.git(&["commit", "--amend", "--no-edit"]).succeeds();
    at.repo.stage("evil", &at.token);
    at.repo.git(&["commit", "--quiet", "--no-verify", "--amend", "-m", "m"]).succeeds();
    at.repo.git(&["commit", "--amend", "--no-edit"]).blocks().says("evil:1:1");
}

#[test]
fn an_author_named_after_a_token_is_stopped_before_the_commit() {
    let at = Tainted::new();
    at.repo.stage("a", "clean\n");
    for author in [format!("{} <a@localhost>", at.token), format!("a <{}@localhost>", at.token)] {
        at.repo.git(&["commit", "-m", "m", "--author", &author]).blocks().says("    author ");
    }
    let committer = [("GIT_COMMITTER_NAME", at.token.as_str())];
    at.repo.git_in(&at.repo.path, &committer, &["commit", "-m", "m"]).blocks().says("    committer ");
    at.repo.git(&["commit", "-m", "m", "--author", "a <a@localhost>"]).succeeds();
    assert!(!fs::exists(at.repo.path.join(".git/MERGE_HEAD")).unwrap());
}

/// git passes `--amend` to no hook if a message is given; pre-commit knows the author's date.
#[test]
fn amending_a_commit_with_another_message_does_not_keep_its_token_unseen() {
    let at = Tainted::new();
    at.work("a");
    at.repo.stage("a", &at.token);
    at.repo.commit_unseen();
    let before = at.head();
    // As where nobody sets dates.
    let commit = |author: &str, committer: &str, arguments: &[&str]| {
        let dates = [("GIT_AUTHOR_DATE", author), ("GIT_COMMITTER_DATE", committer)];
        at.repo.git_in(&at.repo.path, &dates, &[&["commit", "-m", "m"], arguments].concat())
    };
    commit("", "", &["--amend"]).blocks().says("a:1:1").says("git commit --amend");
    at.repo.stage("c", "clean\n");
    commit("", "", &["--amend", "--author", "a <a@b>"]).blocks().says("a:1:1");
    at.repo.stage("a", "mended\n");
    at.repo.stage("d", &at.token);
    let twice = commit("", "", &["--amend"]).blocks().says("d:1:1").says_not("HEAD holds");
    assert_eq!(twice.stderr.matches("commit blocked").count(), 1);
    at.repo.git(&["rm", "--quiet", "--force", "d"]).succeeds();
    at.repo.git(&["checkout", "--quiet", "HEAD", "a"]).succeeds();
    assert_eq!(at.head(), before);
    // One that takes no place of HEAD's: of another time, made at once, with dates of one's own.
    commit("", "", &[]).succeeds();
    at.repo.git(&["reset", "--quiet", "--soft", "HEAD^"]).succeeds();
    let date = "2026-01-01T00:00:00Z";
    commit(date, date, &[]).succeeds();
    at.repo.stage("b", &at.token);
    commit("", "", &["--no-verify"]).succeeds();
    at.repo.stage("e", "clean\n");
    commit("", "", &[]).succeeds();
}

#[test]
fn without_a_merge_the_message_is_what_git_says_of_it_and_not_gits_advice() {
    let repo = Repo::new();
    repo.dtguard(&["hook", "post-merge"]).succeeds().says("ORIG_HEAD").says_not("grafts").says_not("hint: ");
}
