//! What is pushed is scanned where it leaves, however it came about.

use std::fs;
use std::path::PathBuf;

use crate::support::{Ran, Repo};

/// A repository with an empty bare one beside it, which it knows as `origin` and to
/// which its first commit was pushed.
struct Pair {
    repo: Repo,
    server: PathBuf,
    token: String,
}

impl Pair {
    fn new() -> Self {
        let repo = Repo::new();
        let server = repo.outside().join("server.git");
        repo.git(&["init", "--quiet", "--bare", server.to_str().unwrap()]).succeeds();
        repo.git(&["remote", "add", "origin", server.to_str().unwrap()]).succeeds();
        repo.git(&["push", "--quiet", "origin", "main"]).succeeds();
        let token = repo.token("dt0c01", 1).text;
        Self { repo, server, token }
    }

    /// Commits a token past all hooks, in the file `name`; the commit.
    fn leak(&self, name: &str) -> String {
        self.repo.stage(name, format!("x={}\n", self.token));
        self.repo.commit_unseen();
        self.head()
    }

    /// Commits something clean.
    fn work(&self, name: &str) -> String {
        self.repo.stage(name, format!("{name}\n"));
        self.repo.commit_unseen();
        self.head()
    }

    fn head(&self) -> String {
        self.short("HEAD")
    }

    /// The start of the id that `name` means, as messages show it.
    fn short(&self, name: &str) -> String {
        self.repo.git(&["rev-parse", name]).succeeds().stdout[..12].to_owned()
    }

    #[track_caller]
    fn push(&self, arguments: &[&str]) -> Ran {
        self.repo.git(&[&["push"], arguments].concat())
    }

    /// What the server's references are.
    fn server_refs(&self) -> String {
        self.repo.git_in(&self.server, &[], &["for-each-ref"]).stdout
    }

    /// Blocks, and nothing has arrived.
    #[track_caller]
    fn is_blocked(&self, arguments: &[&str]) -> Ran {
        let before = self.server_refs();
        let ran = self.push(arguments).blocks();
        assert_eq!(self.server_refs(), before, "nothing arrives");
        ran
    }
}

#[test]
fn a_commit_past_the_hooks_does_not_leave_the_machine() {
    let pair = Pair::new();
    let commit = pair.leak("a");
    pair.is_blocked(&["origin", "main"])
        .says("push blocked, it brings 1 Dynatrace token")
        .says(&format!("commit {commit} a:1:3"))
        .says(&format!("commit {commit}, the last one of refs/heads/main:\n    git commit --amend\n"));
}

#[test]
fn a_token_that_a_later_commit_removes_again_still_blocks_and_the_commit_to_edit_is_named() {
    let pair = Pair::new();
    let commit = pair.leak("a");
    pair.repo.stage("a", "x=\n");
    pair.repo.commit_unseen();
    pair.is_blocked(&["origin", "main"])
        .says(&format!("commit {commit} a:1:3"))
        .says(&format!("git rebase -i {commit}^\n"))
        .says_not("the last one of");
}

#[test]
fn a_new_branch_is_searched_only_where_it_leaves_what_was_searched_before() {
    let pair = Pair::new();
    pair.repo.git(&["checkout", "--quiet", "-b", "topic"]).succeeds();
    pair.work("b");
    pair.push(&["origin", "topic"]).succeeds().says("no Dynatrace token in 1 commit with 1 changed file");
    pair.repo.git(&["checkout", "--quiet", "-b", "next"]).succeeds();
    pair.work("n");
    pair.push(&["origin", "next"]).succeeds().says("no Dynatrace token in 1 commit with 1 changed file");
    pair.repo.git(&["checkout", "--quiet", "topic"]).succeeds();
    let commit = pair.leak("c");
    pair.repo.git(&["checkout", "--quiet", "-b", "second"]).succeeds();
    pair.work("d");
    pair.is_blocked(&["origin", "second"]).says(&format!("commit {commit} c:1:3"));
    pair.is_blocked(&["origin", "topic"]).says(&format!("commit {commit} c:1:3"));
    pair.is_blocked(&["origin", "HEAD~1:refs/heads/third"]).says(&format!("commit {commit} c:1:3"));
}

#[test]
fn what_the_remote_names_in_the_push_blocks_nobody_again() {
    let pair = Pair::new();
    pair.leak("old");
    pair.push(&["--no-verify", "--quiet", "origin", "main"]).succeeds();
    pair.work("new");
    pair.push(&["origin", "main"]).succeeds().says("1 commit with 1 changed file");
}

#[test]
fn a_tracking_branch_that_was_made_by_hand_hides_no_commit() {
    let pair = Pair::new();
    let commit = pair.leak("a");
    pair.repo.git(&["update-ref", "refs/remotes/origin/zz", "HEAD"]).succeeds();
    pair.repo.git(&["update-ref", "refs/remotes/origin/topic", "HEAD"]).succeeds();
    pair.is_blocked(&["origin", "main"]).says(&format!("commit {commit} a:1:3"));
    pair.is_blocked(&["origin", "main:new"]).says(&format!("commit {commit} a:1:3"));
    pair.is_blocked(&["origin", "main:topic"]).says(&format!("commit {commit} a:1:3"));
}

#[test]
fn a_branch_that_the_remote_deleted_after_a_leak_and_nobody_pruned_hides_no_commit() {
    let pair = Pair::new();
    let commit = pair.leak("a");
    pair.push(&["--no-verify", "--quiet", "origin", "main:gone"]).succeeds();
    pair.repo.git_in(&pair.server, &[], &["update-ref", "-d", "refs/heads/gone"]).succeeds();
    pair.repo.git(&["rev-parse", "--verify", "refs/remotes/origin/gone"]).succeeds();
    pair.is_blocked(&["origin", "main"]).says(&format!("commit {commit} a:1:3"));
    pair.is_blocked(&["origin", "main:new"])
        .says(&format!("commit {commit} a:1:3"))
        .says("origin/gone says that the remote has commit")
        .says("the remote did not\nname it in this push");
}

#[test]
fn what_was_found_once_is_found_at_each_push_of_a_new_branch_until_it_is_allowed() {
    let pair = Pair::new();
    let commit = pair.leak("old");
    pair.push(&["--no-verify", "--quiet", "origin", "main"]).succeeds();
    for name in ["one", "two"] {
        pair.repo.git(&["checkout", "--quiet", "-b", name]).succeeds();
        pair.work(name);
        pair.is_blocked(&["origin", name]).says(&format!("commit {commit} old:1:3"));
    }
    pair.repo
        .dtguard(&["allow", pair.repo.token("dt0c01", 1).identifier().unwrap(), "--reason", "revoked"])
        .succeeds();
    pair.repo.git(&["add", ".dtguard.toml"]).succeeds();
    pair.repo.commit_unseen();
    // Searched are the commit with the policy, and the one in which something was found.
    pair.push(&["origin", "two"]).succeeds().says("scanned 2 commits").says("allowed by policy");
    pair.push(&["origin", "two:three"]).succeeds().says("scanned 1 commit with");
    // A clean branch beside it does not go by what was found elsewhere.
    pair.repo.git(&["checkout", "--quiet", "-b", "beside", "main~1"]).succeeds();
    pair.work("beside");
    pair.push(&["origin", "beside"]).succeeds().says("no Dynatrace token in 1 commit");
}

#[test]
fn what_was_never_searched_is_not_taken_for_searched_because_a_push_began_behind_it() {
    let pair = Pair::new();
    fs::remove_dir_all(pair.repo.path.join(".git/dtguard")).unwrap();
    let commit = pair.leak("a");
    pair.push(&["--no-verify", "--quiet", "origin", "main"]).succeeds();
    pair.work("b");
    pair.push(&["origin", "main"]).succeeds().says("in 1 commit");
    pair.is_blocked(&["origin", "main:new"]).says(&format!("commit {commit} a:1:3"));
}

#[test]
fn a_clone_that_grew_deeper_is_searched_again() {
    let pair = Pair::new();
    let commit = pair.leak("a");
    pair.repo.stage("a", "x=\n");
    pair.repo.commit_unseen();
    pair.push(&["--no-verify", "--quiet", "origin", "main"]).succeeds();
    let shallow = pair.repo.outside().join("shallow");
    let url = format!("file://{}", pair.server.display());
    let (path, branch) = (shallow.to_str().unwrap(), "--branch=main");
    pair.repo
        .git_in(pair.repo.outside(), &[], &["clone", "--quiet", "--depth=1", branch, &url, path])
        .succeeds();
    fs::copy(pair.repo.path.join(".git/hooks/pre-push"), shallow.join(".git/hooks/pre-push")).unwrap();
    let push = |name: &str| pair.repo.git_in(&shallow, &[], &["push", "origin", &format!("main:{name}")]);
    push("one").succeeds().says("in 1 commit");
    pair.repo.git_in(&shallow, &[], &["fetch", "--quiet", "--unshallow"]).succeeds();
    push("two").blocks().says(&format!("commit {commit} a:1:3"));
}

#[test]
fn a_partial_clone_is_pushed_from_without_what_it_does_not_have() {
    let pair = Pair::new();
    pair.work("a");
    pair.repo.stage("a", "another\n");
    pair.repo.commit_unseen();
    pair.push(&["--quiet", "origin", "main"]).succeeds();
    pair.repo.git_in(&pair.server, &[], &["config", "uploadpack.allowFilter", "true"]).succeeds();
    let partial = pair.repo.outside().join("partial");
    let url = format!("file://{}", pair.server.display());
    let clone = ["clone", "--quiet", "--filter=blob:none", "--branch=main", &url, partial.to_str().unwrap()];
    pair.repo.git_in(pair.repo.outside(), &[], &clone).succeeds();
    fs::copy(pair.repo.path.join(".git/hooks/pre-push"), partial.join(".git/hooks/pre-push")).unwrap();
    let git = |arguments: &[&str]| pair.repo.git_in(&partial, &[], arguments);
    fs::write(partial.join("b"), "b\n").unwrap();
    git(&["add", "b"]).succeeds();
    git(&["commit", "--quiet", "-m", "b"]).succeeds();
    git(&["push", "origin", "main:one"]).succeeds().says("no Dynatrace token in 1 commit with");
    fs::write(partial.join("b"), &pair.token).unwrap();
    git(&["commit", "--quiet", "-am", "b"]).succeeds();
    git(&["push", "origin", "main:two"]).blocks().says(" b:1:1");
    // Another place did not promise what is missing. (Each reader says it in its words.)
    let hook = format!("#!/bin/sh\nexec '{}' hook pre-push -- \"$@\"\n", crate::support::DTGUARD);
    fs::write(partial.join(".git/hooks/pre-push"), hook).unwrap();
    let other = pair.repo.outside().join("other.git");
    git(&["init", "--quiet", "--bare", other.to_str().unwrap()]).succeeds();
    git(&["push", other.to_str().unwrap(), "HEAD~1:refs/heads/main"]).refuses("this is a partial clone");
}

#[test]
fn a_merge_of_what_the_remote_names_is_not_searched_again_and_the_rest_is() {
    let pair = Pair::new();
    pair.repo.git(&["checkout", "--quiet", "-b", "topic"]).succeeds();
    pair.work("t");
    pair.push(&["--quiet", "origin", "topic"]).succeeds();
    pair.repo.git(&["checkout", "--quiet", "main"]).succeeds();
    let theirs = pair.leak("theirs");
    pair.push(&["--no-verify", "--quiet", "origin", "main"]).succeeds();
    let known = pair.work("known");
    pair.repo.git(&["checkout", "--quiet", "topic"]).succeeds();
    pair.repo.git(&["merge", "--quiet", "--no-verify", "--no-edit", &known]).succeeds();
    // With `main` in the same push the remote names what it has of it.
    pair.push(&["origin", "main", "topic"]).succeeds().says("2 commits");
    // What only the merge itself brings counts.
    pair.repo.git(&["checkout", "--quiet", "-b", "other", "HEAD~1"]).succeeds();
    pair.repo.git(&["merge", "--no-verify", "--no-commit", "--no-ff", "main"]).succeeds();
    let commit = pair.leak("evil");
    pair.is_blocked(&["origin", "other"])
        .says(&format!("commit {commit} evil:1:3"))
        .says(&format!("commit {theirs} theirs:1:3"));
}

#[test]
fn a_forced_push_over_somebody_elses_work_is_scanned_without_that_work() {
    let pair = Pair::new();
    let other = Repo::new();
    let (url, theirs) = (pair.server.to_str().unwrap(), other.outside().join("clone"));
    other.git_in(other.outside(), &[], &["clone", "--quiet", "-b", "main", url, "clone"]).succeeds();
    fs::write(theirs.join("t"), "t\n").unwrap();
    other.git_in(&theirs, &[], &["add", "t"]).succeeds();
    other.git_in(&theirs, &[], &["commit", "--quiet", "-m", "t"]).succeeds();
    other.git_in(&theirs, &[], &["push", "--quiet", "origin", "main"]).succeeds();
    let commit = pair.leak("a");
    pair.is_blocked(&["--force", "origin", "main"]).says(&format!("commit {commit} a:1:3"));
    pair.repo.git(&["reset", "--quiet", "--hard", "HEAD^"]).succeeds();
    pair.work("b");
    pair.push(&["--force", "origin", "main"]).succeeds().says("1 commit with 1 changed file");
}

#[test]
fn a_deletion_and_an_up_to_date_push_say_that_there_was_nothing() {
    let pair = Pair::new();
    pair.push(&["--quiet", "origin", "main:refs/heads/gone"]).succeeds();
    pair.push(&["origin", "--delete", "gone"]).succeeds().says("brings nothing that the receiver lacks");
    assert!(!pair.server_refs().contains("gone"));
    pair.push(&["origin", "main"]).succeeds().says("brings nothing that the receiver lacks");
}

#[test]
fn several_branches_at_once_are_all_scanned_and_each_commit_once() {
    let pair = Pair::new();
    pair.work("a");
    pair.repo.git(&["branch", "--quiet", "x"]).succeeds();
    pair.work("b");
    pair.repo.git(&["branch", "--quiet", "y"]).succeeds();
    pair.push(&["origin", "main", "x", "y", ":refs/heads/none"])
        .says("no Dynatrace token in 2 commits with 2 changed files");
    pair.repo.git(&["checkout", "--quiet", "y"]).succeeds();
    let commit = pair.leak("c");
    pair.is_blocked(&["--all", "origin"]).says(&format!("commit {commit} c:1:3"));
}

#[test]
fn each_branch_goes_by_its_own_policy() {
    let pair = Pair::new();
    let allow = "version = 1\n[[allow]]\npath = \"t/*\"\nkinds = [\"dt0c01\"]\nreason = \"r\"\n";
    pair.repo.git(&["checkout", "--quiet", "-b", "with"]).succeeds();
    pair.repo.stage(".dtguard.toml", allow);
    pair.leak("t/a");
    pair.push(&["origin", "with"]).succeeds().says("allowed by policy");
    pair.repo.git(&["checkout", "--quiet", "-b", "without", "main"]).succeeds();
    let commit = pair.leak("t/b");
    pair.repo.git(&["checkout", "--quiet", "-b", "again", "with"]).succeeds();
    pair.leak("t/c");
    pair.is_blocked(&["origin", "again", "without"])
        .says(&format!("commit {commit} t/b:1:3"))
        .says("in 2 places")
        .says_not("t/c:1");
}

#[test]
fn a_push_of_branches_with_different_policies_is_one_report() {
    let pair = Pair::new();
    for (branch, reason) in [("one", "r"), ("two", "another")] {
        pair.repo.git(&["checkout", "--quiet", "-b", branch, "main"]).succeeds();
        let entry = format!("[[allow]]\npath = \"t/*\"\nkinds = [\"dt0c01\"]\nreason = \"{reason}\"\n");
        pair.repo.stage(".dtguard.toml", format!("version = 1\n{entry}"));
        pair.repo.stage(&format!("{branch}.7z"), b"7z\xbc\xaf\x27\x1c\0\x04 and so on");
        pair.repo.commit_unseen();
    }
    let said = pair.push(&["origin", "one", "two"]).succeeds().stderr;
    assert_eq!(said.matches("2 parts could not be scanned").count(), 1, "{said}");
    assert_eq!(said.matches("no Dynatrace token in 2 commits").count(), 1, "{said}");
}

#[test]
fn what_was_found_below_two_branches_with_different_policies_blocks_both() {
    let pair = Pair::new();
    let commit = pair.leak("old");
    pair.work("w");
    pair.is_blocked(&["origin", "main:first"]);
    for (branch, reason) in [("one", "r"), ("two", "another")] {
        pair.repo.git(&["checkout", "--quiet", "-b", branch, "main"]).succeeds();
        let entry = format!("[[allow]]\npath = \"t/*\"\nkinds = [\"dt0c01\"]\nreason = \"{reason}\"\n");
        pair.repo.stage(".dtguard.toml", format!("version = 1\n{entry}"));
        pair.repo.commit_unseen();
    }
    // Of the commits between the branches and the token nothing is listed again.
    pair.is_blocked(&["origin", "one", "two"]).says(&format!("commit {commit} old:1:3"));
}

#[test]
fn a_push_to_a_path_that_is_no_remote_is_scanned_from_what_it_has() {
    let pair = Pair::new();
    let commit = pair.leak("a");
    let other = pair.repo.outside().join("other.git");
    pair.repo.git(&["init", "--quiet", "--bare", other.to_str().unwrap()]).succeeds();
    let url = other.to_str().unwrap();
    pair.push(&[url, "main"]).blocks().says(&format!("commit {commit} a:1:3")).says("git commit --amend");
    pair.push(&["--no-verify", "--quiet", url, "main"]).succeeds();
    pair.work("b");
    pair.push(&[url, "main"]).succeeds().says("1 commit with 1 changed file");
    // A folder of a remote's name, or of a pattern, is not that remote.
    for name in ["origin", "*"] {
        let folder = pair.repo.path.join(name);
        pair.repo.git(&["init", "--quiet", "--bare", folder.to_str().unwrap()]).succeeds();
        pair.repo.git(&["update-ref", "refs/remotes/origin/seen", "HEAD"]).succeeds();
        let ran = pair.repo.git(&["push", &format!("./{name}"), "main"]).blocks();
        ran.says(&format!("commit {commit} a:1:3"));
    }
}

#[test]
fn a_remote_that_became_another_one_gets_nothing_unseen() {
    let pair = Pair::new();
    let commit = pair.leak("a");
    pair.push(&["--no-verify", "--quiet", "origin", "main"]).succeeds();
    let public = pair.repo.outside().join("public.git");
    pair.repo.git(&["init", "--quiet", "--bare", public.to_str().unwrap()]).succeeds();
    // Pushed to elsewhere than fetched from.
    pair.repo.git(&["remote", "set-url", "--push", "origin", public.to_str().unwrap()]).succeeds();
    pair.push(&["origin", "main:other"]).blocks().says(&format!("commit {commit} a:1:3"));
    // Moved as a whole: what is tracked as pushed is new to it.
    pair.repo.git(&["config", "--unset", "remote.origin.pushurl"]).succeeds();
    pair.repo.git(&["remote", "set-url", "origin", public.to_str().unwrap()]).succeeds();
    pair.push(&["origin", "main"]).blocks().says(&format!("commit {commit} a:1:3"));
}

#[test]
fn what_another_remote_has_is_not_taken_for_what_this_one_has() {
    let pair = Pair::new();
    let commit = pair.leak("a");
    let private = pair.repo.outside().join("private.git");
    let private = private.to_str().unwrap();
    pair.repo.git(&["init", "--quiet", "--bare", private]).succeeds();
    // Its branches are tracked among those of `origin`.
    pair.repo.git(&["config", "remote.origin/private.url", private]).succeeds();
    let into = "+refs/heads/*:refs/remotes/origin/private/*";
    pair.repo.git(&["config", "remote.origin/private.fetch", into]).succeeds();
    pair.push(&["--no-verify", "--quiet", "origin/private", "main"]).succeeds();
    pair.repo.git(&["rev-parse", "--verify", "refs/remotes/origin/private/main"]).succeeds();
    pair.is_blocked(&["origin", "main"]).says(&format!("commit {commit} a:1:3"));
    // A remote's name that git would take for a pattern.
    pair.repo.git(&["config", "--remove-section", "remote.origin/private"]).succeeds();
    let other = pair.repo.outside().join("other.git");
    let other = other.to_str().unwrap();
    pair.repo.git(&["init", "--quiet", "--bare", other]).succeeds();
    pair.repo.git(&["config", "remote.or*.url", other]).succeeds();
    pair.push(&["or*", "main:topic"]).blocks().says(&format!("commit {commit} a:1:3"));
}

#[test]
fn tags_are_scanned_with_their_messages_and_whatever_they_tag() {
    let pair = Pair::new();
    pair.repo.git(&["tag", "-a", "-m", &format!("key {}", pair.token), "v1"]).succeeds();
    pair.is_blocked(&["origin", "v1"])
        .says("tag refs/tags/v1 message:1:5")
        .says("What to do: ")
        .says("git tag -f -a v1 'v1^{}'");
    pair.repo.git(&["tag", "-a", "-m", "clean", "v2"]).succeeds();
    pair.push(&["origin", "v2"]).succeeds().says("0 commits, 1 tag");
    // A tag of a tag, a blob and a tree.
    pair.repo.git(&["tag", "-a", "-m", "outer", "v3", "v1"]).succeeds();
    pair.is_blocked(&["origin", "v3"]).says("tag refs/tags/v3 message:1:5");
    pair.leak("d/key");
    pair.repo.git(&["tag", "blob", "HEAD:d/key"]).succeeds();
    pair.repo.git(&["tag", "-a", "-m", "m", "tree", "HEAD^{tree}"]).succeeds();
    pair.repo.git(&["reset", "--quiet", "--hard", "HEAD^"]).succeeds();
    pair.is_blocked(&["origin", "blob"]).says("refs/tags/blob:1:3").says("tag something else");
    pair.is_blocked(&["origin", "tree"]).says("refs/tags/tree:d/key:1:3");
    pair.is_blocked(&["--tags", "origin"]).says("refs/tags/blob:1:3").says("refs/tags/tree:d/key:1:3");
    // What several references mean is scanned once.
    for name in ["blob", "tree"] {
        pair.repo.git(&["tag", "again", &format!("{name}^{{}}")]).succeeds();
        let ran = pair.is_blocked(&["origin", name, "again"]);
        let named = |name: &str| ran.stderr.contains(&format!("  refs/tags/{name}:"));
        assert!(named(name) != named("again"), "{}", ran.stderr);
        pair.repo.git(&["tag", "-d", "again"]).succeeds();
    }
}

#[test]
fn a_tag_brings_the_commits_below_it() {
    let pair = Pair::new();
    let commit = pair.leak("a");
    pair.repo.git(&["tag", "light"]).succeeds();
    pair.repo.git(&["tag", "-a", "-m", "m", "heavy"]).succeeds();
    pair.repo.git(&["reset", "--quiet", "--hard", "HEAD^"]).succeeds();
    for tag in ["light", "heavy"] {
        pair.is_blocked(&["origin", tag]).says(&format!("commit {commit} a:1:3"));
    }
}

#[test]
fn notes_and_other_references_are_scanned() {
    let pair = Pair::new();
    pair.repo.git(&["notes", "add", "-m", &pair.token]).succeeds();
    pair.is_blocked(&["origin", "refs/notes/commits"]).says("refs/notes/commits");
    pair.leak("a");
    pair.is_blocked(&["origin", "HEAD:refs/for/main"]).says("a:1:3");
}

#[test]
fn a_reference_named_after_a_token_does_not_leave_the_machine() {
    let pair = Pair::new();
    pair.is_blocked(&["origin", &format!("main:refs/heads/{}", pair.token)]).says("(its name)");
}

#[test]
fn messages_and_names_of_people_are_scanned() {
    let pair = Pair::new();
    let message = format!("subject\n\nbody {}\n", pair.token);
    pair.repo.git(&["commit", "--quiet", "--allow-empty", "--no-verify", "-m", &message]).succeeds();
    let commit = pair.head();
    pair.is_blocked(&["origin", "main"]).says(&format!("commit {commit} message:3:6")).says("--amend");
    pair.repo.git(&["reset", "--quiet", "--hard", "HEAD^"]).succeeds();
    let author = format!("--author={} <a@localhost>", pair.token);
    pair.repo.git(&["commit", "--quiet", "--allow-empty", "--no-verify", "-m", "m", &author]).succeeds();
    pair.is_blocked(&["origin", "main"]).says("    author dt0c01.");
}

#[test]
fn what_cherry_pick_revert_rebase_and_am_bring_is_caught() {
    let pair = Pair::new();
    let leak = pair.leak("a");
    pair.repo.git(&["branch", "--quiet", "leak"]).succeeds();
    pair.repo.git(&["format-patch", "--quiet", "-1", "-o", "../patch"]).succeeds();
    pair.repo.git(&["reset", "--quiet", "--hard", "HEAD^"]).succeeds();
    pair.work("b");
    let base = pair.head();
    let ways: [(&str, &[&str]); 4] = [
        ("cherry-pick", &["cherry-pick", "leak"]),
        ("rebase", &["rebase", "--quiet", "main", "leak"]),
        ("am", &["am", "--quiet", "--no-verify", "../patch/0001-unseen.patch"]),
        ("merge", &["merge", "--quiet", "--no-verify", "--no-edit", "leak"]),
    ];
    for (way, arguments) in ways {
        pair.repo.git(&["checkout", "--quiet", "-B", way, &base]).succeeds();
        if way == "am" {
            // Its own hook would stop it.
            fs::remove_file(pair.repo.path.join(".git/hooks/pre-applypatch")).unwrap();
            pair.repo.git(&["am", "--quiet", "../patch/0001-unseen.patch"]).succeeds();
        } else {
            pair.repo.git(arguments).succeeds();
        }
        let ran = pair.is_blocked(&["origin", &format!("HEAD:refs/heads/{way}")]).says(" a:1:3");
        if way == "merge" {
            ran.says(&format!("commit {leak} a:1:3"));
        }
        pair.repo.git(&["checkout", "--quiet", "main"]).succeeds();
        pair.repo.git(&["branch", "--quiet", "-f", "leak", &leak]).succeeds();
    }
    // A revert of a removal brings it back.
    pair.repo.git(&["checkout", "--quiet", "leak"]).succeeds();
    pair.push(&["--no-verify", "--quiet", "origin", "leak"]).succeeds();
    pair.repo.stage("a", "x=\n");
    pair.repo.commit_unseen();
    pair.push(&["origin", "leak"]).succeeds();
    pair.repo.git(&["revert", "--no-edit", "HEAD"]).succeeds();
    let commit = pair.head();
    pair.is_blocked(&["origin", "leak"]).says(&format!("commit {commit} a:1:3"));
}

#[test]
fn the_first_commit_of_all_is_mended_from_the_root() {
    let repo = Repo::unborn();
    let token = repo.token("dt0c01", 1).text;
    repo.stage("a", &token);
    repo.commit_unseen();
    repo.stage("a", "clean\n");
    repo.commit_unseen();
    let server = repo.outside().join("server.git");
    repo.git(&["init", "--quiet", "--bare", server.to_str().unwrap()]).succeeds();
    repo.git(&["push", server.to_str().unwrap(), "main"]).blocks().says("git rebase -i --root");
}

#[test]
fn lines_that_git_would_not_write_are_no_push_of_nothing() {
    let repo = Repo::new();
    let mut dtguard = crate::support::hermetic(crate::support::DTGUARD, &repo.path);
    dtguard.args(["hook", "pre-push", "origin", "url"]).stdin(std::process::Stdio::piped());
    let mut child = dtguard.stderr(std::process::Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"nonsense\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("LOCAL ID REF ID"));
    for arguments in [&["hook", "update"][..], &["hook", "commit-msg"]] {
        assert_eq!(repo.dtguard(arguments).refuses("from git, got: ").code, 2);
    }
}

#[test]
fn what_only_a_remote_of_a_longer_name_has_does_not_leave_the_machine() {
    let pair = Pair::new();
    let private = pair.repo.outside().join("private.git");
    pair.repo.git(&["init", "--quiet", "--bare", private.to_str().unwrap()]).succeeds();
    // git itself refuses such names since 2.50.
    pair.repo.git(&["config", "remote.origin/private.url", private.to_str().unwrap()]).succeeds();
    let fetch = "+refs/heads/*:refs/remotes/origin/private/*";
    pair.repo.git(&["config", "remote.origin/private.fetch", fetch]).succeeds();
    pair.leak("a");
    pair.push(&["--quiet", "--no-verify", "origin/private", "main"]).succeeds();
    pair.is_blocked(&["origin", "main"]);
}

#[test]
fn a_first_push_that_takes_long_says_so_once_and_a_short_one_says_nothing() {
    for (number, noticed) in [(9_999, false), (10_000, true)] {
        let repo = Repo::unborn();
        let commit = |number: usize| {
            format!("commit refs/heads/main\ncommitter a <b@c> {number} +0000\ndata 5\ntext\n\n")
        };
        let mut import = crate::support::hermetic("git", &repo.path);
        import.args(["fast-import", "--quiet"]).stdin(std::process::Stdio::piped());
        let mut import = import.spawn().unwrap();
        let commits: String = (0..number).map(commit).collect();
        std::io::Write::write_all(&mut import.stdin.take().unwrap(), commits.as_bytes()).unwrap();
        assert!(import.wait().unwrap().success());
        let server = repo.outside().join("server.git");
        repo.git(&["init", "--quiet", "--bare", server.to_str().unwrap()]).succeeds();
        let line = format!(
            "main {} refs/heads/main {}\n",
            repo.git(&["rev-parse", "main"]).stdout.trim(),
            "0".repeat(40)
        );
        repo.write(".git/line", line);
        let push = |quiet: &str| {
            let mut hook = crate::support::hermetic(crate::support::DTGUARD, &repo.path);
            hook.args(["hook", quiet, "pre-push", "origin", "url"])
                .stdin(fs::File::open(repo.path.join(".git/line")).unwrap());
            crate::support::Ran::of(hook.output().unwrap()).succeeds().stderr
        };
        let notice = "dtguard: searching 10000 commits for the first time; later pushes skip them";
        assert_eq!(push("--color=never").contains(notice), noticed);
        if !noticed {
            continue;
        }
        assert!(!push("--color=never").contains("searching"), "the next push skips them");
        fs::remove_file(repo.path.join(".git/dtguard/searched")).unwrap();
        assert_eq!(push("--quiet"), "");
    }
}

#[test]
fn what_to_do_about_a_push_stands_before_the_line_that_sums_up() {
    let pair = Pair::new();
    pair.repo.stage("a", format!("x={}\n", pair.repo.token("dt0c01", 1).text));
    pair.repo.commit_unseen();
    let text = pair.push(&["origin", "HEAD:refs/heads/new"]).refuses("push blocked").stderr;
    let (todo, summary) = (text.find("What to do:"), text.find("dtguard: scanned"));
    assert!(todo.is_some() && todo < summary, "{text}");
}
