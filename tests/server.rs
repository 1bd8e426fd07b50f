//! What arrives at a server is scanned there, by the server's own policy.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use dtguard::install::Stage;

use crate::support::{DTGUARD, Ran, Repo, hermetic, make_executable};

/// A repository of somebody whose own hooks do nothing, and a bare one that guards
/// itself.
struct Server {
    repo: Repo,
    path: PathBuf,
    token: String,
}

impl Server {
    /// With the hook `stage`, asked of each reader.
    fn with(stage: Stage) -> Self {
        let server = Self::unguarded();
        server.repo.install_hook(&server.path.join("hooks"), stage);
        server
    }

    /// With pre-receive as it is installed.
    fn installed() -> Self {
        let server = Self::unguarded();
        let path = server.path.to_str().unwrap();
        server.repo.dtguard(&["install", "--repo", path]).succeeds();
        server
    }

    fn unguarded() -> Self {
        let repo = Repo::new();
        fs::remove_dir_all(repo.path.join(".git/hooks")).unwrap();
        let path = repo.outside().join("server.git");
        repo.git(&["init", "--quiet", "--bare", "--initial-branch=main", path.to_str().unwrap()]).succeeds();
        repo.git(&["remote", "add", "origin", path.to_str().unwrap()]).succeeds();
        let token = repo.token("dt0c01", 1).text;
        Self { repo, path, token }
    }

    fn commit(&self, name: &str, content: &str) -> String {
        self.repo.stage(name, content);
        self.repo.commit_unseen();
        self.repo.git(&["rev-parse", "HEAD"]).stdout[..12].to_owned()
    }

    fn leak(&self, name: &str) -> String {
        self.commit(name, &format!("x={}\n", self.token))
    }

    #[track_caller]
    fn push(&self, arguments: &[&str]) -> Ran {
        self.repo.git(&[&["push"], arguments].concat())
    }

    fn refs(&self) -> String {
        self.repo.git_in(&self.path, &[], &["for-each-ref"]).stdout
    }

    #[track_caller]
    fn refuses(&self, arguments: &[&str]) -> Ran {
        let before = self.refs();
        let ran = self.push(arguments).blocks();
        assert_eq!(self.refs(), before, "no reference moves");
        ran
    }

    fn audit(&self) -> String {
        fs::read_to_string(self.path.join("dtguard-audit.jsonl")).unwrap_or_default()
    }

    /// Writes a policy into the server's own branch.
    fn has_policy(&self, policy: &str) {
        self.commit(".dtguard.toml", &format!("version = 1\n{policy}"));
        self.push(&["--quiet", "origin", "main"]).succeeds();
    }
}

const GRANT: &str = "[server]\nbreak_glass = true\n";

#[test]
fn a_bare_repository_gets_the_hook_that_guards_it_and_no_other() {
    let server = Server::installed();
    let hooks = server.path.join("hooks");
    assert!(hooks.join("pre-receive").exists() && !hooks.join("pre-commit").exists());
    server.push(&["origin", "main"]).succeeds().says("remote: dtguard: no Dynatrace token in 1 commit");
    let commit = server.leak("a");
    let ran = server.refuses(&["origin", "main"]);
    ran.says("remote: dtguard: push blocked, it brings 1 Dynatrace token")
        .says(&format!("remote:   commit {commit} a:1:3"))
        .says("Revoke it: DELETE ")
        .says("remote:     git commit --amend")
        .says("pre-receive hook declined")
        .says_not("\x1b")
        .says_not("dtguard.break-glass");
}

#[test]
fn what_cannot_be_seen_on_the_client_is_seen_on_the_server() {
    let server = Server::with(Stage::PreReceive);
    server.push(&["origin", "main"]).succeeds();
    let first = server.leak("a");
    server.commit("a", "x=\n");
    server.refuses(&["origin", "main"]).says(&format!("git rebase -i {first}^"));
    server.refuses(&["origin", "main:refs/heads/new"]).says(&format!("commit {first} a:1:3"));
    server.repo.git(&["reset", "--quiet", "--hard", "HEAD~2"]).succeeds();
    server.commit("b", "b\n");
    server.push(&["origin", "main"]).succeeds().says("no Dynatrace token in 1 commit");
    // Forced back, deleted, made again: all of it is here already.
    server.push(&["--force", "origin", "HEAD^:main"]).succeeds().says("brings nothing");
    server.push(&["origin", "main:x"]).succeeds();
    server.push(&["origin", ":x"]).succeeds().says("brings nothing");
}

#[test]
fn tags_notes_blobs_and_names_are_refused_as_well() {
    let server = Server::with(Stage::PreReceive);
    server.push(&["origin", "main"]).succeeds();
    let token = &server.token;
    server.repo.git(&["tag", "-a", "-m", &format!("key {token}"), "v1"]).succeeds();
    server.refuses(&["origin", "v1"]).says("tag refs/tags/v1 message:1:5");
    server.repo.git(&["tag", "-a", "-m", "outer", "v2", "v1"]).succeeds();
    server.refuses(&["origin", "v2"]).says("tag refs/tags/v2 message:1:5");
    server.leak("d/key");
    server.repo.git(&["tag", "blob", "HEAD:d/key"]).succeeds();
    server.repo.git(&["tag", "-a", "-m", "m", "tree", "HEAD^{tree}"]).succeeds();
    server.repo.git(&["reset", "--quiet", "--hard", "HEAD^"]).succeeds();
    server.refuses(&["origin", "blob"]).says("refs/tags/blob:1:3");
    server.refuses(&["origin", "tree"]).says("refs/tags/tree:d/key:1:3");
    server.repo.git(&["notes", "add", "-m", token]).succeeds();
    server.refuses(&["origin", "refs/notes/commits"]);
    // git itself shows this one.
    let shown = crate::support::token("dt0c01", 2).text;
    server.refuses(&["origin", &format!("main:refs/heads/{shown}")]).says("(its name)");
    let message = format!("m\n\n{token}");
    server.repo.git(&["commit", "--quiet", "--allow-empty", "-m", &message]).succeeds();
    server.refuses(&["origin", "main"]).says(" message:3:1");
}

#[test]
fn one_bad_reference_among_many_refuses_the_push() {
    let server = Server::with(Stage::PreReceive);
    server.push(&["--quiet", "origin", "main"]).succeeds();
    let head = server.repo.git(&["rev-parse", "HEAD"]).stdout;
    for number in 0..500 {
        fs::write(server.repo.path.join(format!(".git/refs/heads/b{number}")), &head).unwrap();
    }
    server.push(&["--quiet", "--all", "origin"]).succeeds();
    let commit = server.leak("a");
    server.repo.git(&["branch", "--quiet", "-f", "b250"]).succeeds();
    server.repo.git(&["reset", "--quiet", "--hard", "HEAD^"]).succeeds();
    server.commit("b", "b\n");
    server.refuses(&["--all", "origin"]).says(&format!("commit {commit} a:1:3 "));
}

#[test]
fn update_refuses_one_reference_and_lets_the_others_in() {
    let server = Server::with(Stage::Update);
    server.push(&["--quiet", "origin", "main"]).succeeds();
    server.repo.git(&["checkout", "--quiet", "-b", "bad"]).succeeds();
    let commit = server.leak("a");
    server.repo.git(&["checkout", "--quiet", "-b", "good", "main"]).succeeds();
    server.commit("b", "b\n");
    let ran = server.push(&["origin", "good", "bad"]).blocks();
    ran.says(&format!("commit {commit} a:1:3")).says("hook declined");
    let refs = server.refs();
    assert!(refs.contains("refs/heads/good") && !refs.contains("refs/heads/bad"), "{refs}");
    server.push(&["origin", ":good"]).succeeds();
}

#[test]
fn a_policy_that_is_pushed_does_not_weaken_the_server() {
    let server = Server::installed();
    let allow = "[[allow]]\npath = \"**\"\nkinds = [\"dt0c01\"]\nreason = \"r\"\n";
    // Neither on the first push of all nor later.
    server.commit(".dtguard.toml", &format!("version = 1\n{allow}{GRANT}"));
    server.leak("a");
    server.refuses(&["origin", "main"]);
    server.repo.git_in(&server.path, &[], &["config", "receive.advertisePushOptions", "true"]).succeeds();
    server.refuses(&["-o", "dtguard.break-glass=now", "origin", "main"]).says("not granted here");
    assert_eq!(server.audit(), "");
    server.repo.git(&["reset", "--quiet", "--hard", "HEAD~2"]).succeeds();
    server.push(&["--quiet", "origin", "main"]).succeeds();
    server.commit(".dtguard.toml", &format!("version = 1\n{allow}{GRANT}"));
    server.leak("a");
    server.refuses(&["origin", "main"]);
    // Once the server has it, it counts.
    server.push(&["origin", "HEAD^:main"]).succeeds();
    server.push(&["origin", "main"]).succeeds().says("allowed by policy");
}

#[test]
fn a_policy_that_cannot_be_read_does_not_lock_the_server() {
    let server = Server::installed();
    server.commit(".dtguard.toml", "version = 7\n");
    let ran = server.push(&["origin", "main"]);
    assert_ne!(ran.code, 0);
    ran.says("cannot read this").says(".dtguard.toml:1:");
    server.commit(".dtguard.toml", "version = 1\n");
    server.push(&["origin", "main"]).succeeds();
}

#[test]
fn break_glass_lets_through_with_a_reason_and_leaves_a_line() {
    let server = Server::installed();
    server.has_policy(GRANT);
    server.repo.git_in(&server.path, &[], &["config", "receive.advertisePushOptions", "true"]).succeeds();
    let commit = server.leak("a");
    server.refuses(&["origin", "main"]).says("git push -o dtguard.break-glass=\"<why>\"");
    server.refuses(&["-o", "other=1", "origin", "main"]);
    // Nor what the advice has in the reason's place.
    for reason in ["", "<why>", "...", "TODO"] {
        let option = format!("dtguard.break-glass={reason}");
        server.refuses(&["-o", &option, "origin", "main"]).says("needs a reason");
    }
    server.refuses(&["-o", "dtguard.break-glassy=x", "origin", "main"]);
    assert_eq!(server.audit(), "");
    let reason = format!("dtguard.break-glass=production is \"down\", {}", server.token);
    server
        .push(&["-o", &reason, "origin", "main"])
        .succeeds()
        .says("let through by break-glass: 1 Dynatrace token")
        .says("dtguard-audit.jsonl of the repository");
    let audit = server.audit();
    assert!(!audit.contains("\"who\":{}"), "somebody answers for it: {audit}");
    let identifier = &server.token[..server.token.rfind('.').unwrap()];
    for part in [
        "\"reason\":\"production is \\\"down\\\", dt0c01.",
        "\"ref\":\"refs/heads/main\"",
        &format!("\"identifier\":\"{identifier}\""),
        &format!("\"commit\":\"{commit}"),
        "\"path\":\"a\",\"line\":1",
        "\"fingerprint\":\"",
    ] {
        assert!(audit.contains(part), "{part} in {audit}");
    }
    let secret = &server.token[server.token.rfind('.').unwrap() + 1..];
    assert!(audit.lines().count() == 1 && !audit.contains(secret), "{audit}");
    server.leak("b");
    server.push(&["-o", "dtguard.break-glass=again", "origin", "main"]).succeeds();
    assert_eq!(server.audit().lines().count(), 2);
}

#[test]
fn break_glass_that_cannot_be_recorded_lets_nothing_through() {
    let server = Server::installed();
    server.has_policy(GRANT);
    server.repo.git_in(&server.path, &[], &["config", "receive.advertisePushOptions", "true"]).succeeds();
    fs::create_dir(server.path.join("dtguard-audit.jsonl")).unwrap();
    server.leak("a");
    let before = server.refs();
    let ran = server.push(&["-o", "dtguard.break-glass=now", "origin", "main"]);
    assert_ne!(ran.code, 0);
    ran.says("cannot write").says("dtguard-audit.jsonl").says("Nothing was let through");
    assert_eq!(server.refs(), before);
}

#[test]
fn the_policy_of_the_administrator_takes_the_place_of_the_repositorys() {
    let server = Server::unguarded();
    server.has_policy("[[allow]]\npath = \"**\"\nkinds = [\"dt0c01\"]\nreason = \"r\"\n");
    let strict = server.repo.outside().join("strict.toml");
    fs::write(&strict, "version = 1\n").unwrap();
    let hook = server.path.join("hooks/pre-receive");
    let script = format!("#!/bin/sh\nexec '{DTGUARD}' --policy '{}' hook pre-receive\n", strict.display());
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::write(&hook, script).unwrap();
    make_executable(&hook);
    server.leak("a");
    server.refuses(&["origin", "main"]);
}

/// A home whose policy is above all repositories'.
fn home_with(server: &Server, policy: &str) -> String {
    let home = server.repo.outside().join("home");
    fs::create_dir_all(home.join(".config/dtguard")).unwrap();
    fs::write(home.join(".config/dtguard/policy.toml"), format!("version = 1\n{policy}")).unwrap();
    home.to_str().unwrap().to_owned()
}

#[test]
fn a_policy_that_is_no_longer_granted_is_passed_over_until_one_that_is_comes_in() {
    for stage in [Stage::PreReceive, Stage::Update] {
        let server = Server::with(stage);
        let id = server.token[..server.token.rfind('.').unwrap()].to_owned();
        server.has_policy(&format!("[[allow]]\nid = \"{id}\"\nreason = \"r\"\n"));
        let home = home_with(&server, "[grant]\n");
        let push = |arguments: &[&str]| {
            let home = [("HOME", home.as_str())];
            server.repo.git_in(&server.repo.path, &home, &[&["push"], arguments].concat())
        };
        // What it allows is not allowed any more, nor is anything else let through.
        server.leak("a");
        let before = server.refs();
        push(&["origin", "main"])
            .blocks()
            .says(".dtguard.toml of this repository is ignored")
            .says("an allow entry by `id` is not granted to this file");
        server.repo.git(&["reset", "--quiet", "--hard", "HEAD^"]).succeeds();
        // Nor does another that is not granted come in.
        server.commit(".dtguard.toml", "version = 1\n[certainty]\nsample = \"pass\"\n");
        let ran = push(&["origin", "main"]);
        assert_ne!(ran.code, 0, "{}", ran.stderr);
        ran.says("a looser `certainty.sample` is not granted");
        assert_eq!(server.refs(), before);
        server.repo.git(&["reset", "--quiet", "--hard", "HEAD^"]).succeeds();
        server.commit("b", "b\n");
        push(&["origin", "main"]).succeeds().says("is ignored");
        server.commit(".dtguard.toml", "version = 1\n");
        push(&["origin", "main"]).succeeds().says("is ignored");
        server.commit("c", "c\n");
        push(&["origin", "main"]).succeeds().says_not("is ignored");
    }
}

#[test]
fn a_push_that_break_glass_let_through_is_marked_in_the_audit() {
    let server = Server::installed();
    server.has_policy(GRANT);
    server.repo.git_in(&server.path, &[], &["config", "receive.advertisePushOptions", "true"]).succeeds();
    server.leak("a");
    let audit = server.repo.outside().join("audit.jsonl");
    let push = |audit: &Path, options: &[&str]| {
        let home = home_with(&server, &format!("[audit]\nfile = '{}'\nrequired = true\n", audit.display()));
        let arguments = [&["push"], options, &["origin", "main"]].concat();
        server.repo.git_in(&server.repo.path, &[("HOME", &home)], &arguments)
    };
    push(&audit, &[]).blocks();
    // Without the line that it has to leave it is not let through.
    let before = server.refs();
    let ran = push(&server.repo.outside().join("none/audit.jsonl"), &["-o", "dtguard.break-glass=now"]);
    assert_ne!(ran.code, 0);
    ran.says("cannot write this run's audit line");
    assert_eq!(server.refs(), before);
    push(&audit, &["-o", "dtguard.break-glass=now"]).succeeds().says("let through by break-glass");
    let text = fs::read_to_string(&audit).unwrap();
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let verdicts: Vec<_> = lines
        .iter()
        .map(|line| (line["verdict"].as_str().unwrap(), line["exit_code"].as_u64().unwrap()))
        .collect();
    assert_eq!(verdicts, [("blocks", 1), ("break-glass", 0)]);
    assert_eq!(lines[1]["findings"][0]["verdict"], "blocks");
}

/// A hook that was there, which writes down what git passes to it.
fn listening(hook: &Path, heard: &Path, verdict: u8) {
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    let script = format!("#!/bin/sh\ncat >'{}'\nexit {verdict}\n", heard.display());
    fs::write(hook, script).unwrap();
    make_executable(hook);
}

#[test]
fn a_hook_that_was_there_hears_all_that_git_says_and_so_do_we() {
    let server = Server::unguarded();
    let heard = server.repo.outside().join("heard");
    let theirs = server.path.join("hooks/pre-receive");
    listening(&theirs, &heard, 0);
    server.repo.dtguard(&["install", "--repo", server.path.to_str().unwrap()]).succeeds().says("runs first");
    server.repo.git(&["branch", "--quiet", "x"]).succeeds();
    server.push(&["origin", "main", "x"]).succeeds().says("no Dynatrace token in 1 commit");
    let said = fs::read_to_string(&heard).unwrap();
    assert_eq!(said.lines().count(), 2, "{said}");
    assert!(said.contains(" refs/heads/main\n") && said.ends_with(" refs/heads/x\n"), "{said}");
    server.leak("a");
    server.refuses(&["origin", "main"]);

    let theirs = server.repo.path.join(".git/hooks/pre-push");
    listening(&theirs, &heard, 0);
    server.repo.dtguard(&["install", "--stage", "pre-push"]).succeeds();
    server.refuses(&["origin", "main"]).says_not("remote:");
    let said = fs::read_to_string(&heard).unwrap();
    assert!(said.starts_with("refs/heads/main ") && said.lines().count() == 1, "{said}");
    // Nothing to say is nothing, not an empty line.
    server.repo.git(&["reset", "--quiet", "--hard", "HEAD^"]).succeeds();
    server.push(&["origin", "main"]).succeeds();
    assert_eq!(fs::read_to_string(&heard).unwrap(), "");
    // One that is no shell script, and hears nothing of it, and one that refuses.
    let kept = server.repo.path.join(".git/hooks/pre-push.before-dtguard");
    fs::write(&kept, "#!/bin/sh\nexit 0\n").unwrap();
    server.leak("b");
    server.refuses(&["origin", "main"]);
    fs::write(&kept, "#!/bin/sh\nexit 3\n").unwrap();
    let ran = server.push(&["origin", "main"]).says_not("dtguard");
    assert_ne!(ran.code, 0);
}

#[test]
fn a_hook_that_gets_nothing_it_understands_lets_nothing_through() {
    let server = Server::unguarded();
    let mut dtguard = hermetic(DTGUARD, &server.path);
    dtguard.args(["hook", "pre-receive"]).stdin(Stdio::piped()).stderr(Stdio::piped());
    let mut child = dtguard.spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"a b\n").unwrap();
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(2));
    let id = "ab".repeat(20);
    let zero = "0".repeat(40);
    let mut dtguard = hermetic(DTGUARD, &server.path);
    dtguard.args(["hook", "update", "refs/heads/x", &zero, &id]);
    assert_eq!(dtguard.output().unwrap().status.code(), Some(2), "an object that is not there");
}

#[test]
fn a_tree_that_names_a_file_twice_hides_neither() {
    let server = Server::with(Stage::PreReceive);
    let clean = server.commit("clean", "nothing\n");
    let leak = server.repo.outside().join("leak");
    fs::write(&leak, format!("x={}\n", server.token)).unwrap();
    let leak = server.repo.git(&["hash-object", "-w", leak.to_str().unwrap()]).stdout;
    let clean = server.repo.git(&["rev-parse", &format!("{clean}:clean")]).stdout;
    let mut tree = Vec::new();
    for id in [clean.trim(), leak.trim()] {
        tree.extend(b"100644 twice\0");
        tree.extend((0..id.len()).step_by(2).map(|at| u8::from_str_radix(&id[at..at + 2], 16).unwrap()));
    }
    let file = server.repo.outside().join("tree");
    fs::write(&file, tree).unwrap();
    let arguments = ["hash-object", "-t", "tree", "-w", "--literally", file.to_str().unwrap()];
    let tree = server.repo.git(&arguments).stdout;
    for parents in [&[][..], &["-p", "HEAD"], &["-p", "HEAD", "-p", "HEAD~1"]] {
        let arguments = [&["commit-tree", "-m", "forged", tree.trim()], parents].concat();
        let commit = server.repo.git(&arguments).stdout;
        server.refuses(&["origin", &format!("{}:refs/heads/forged", commit.trim())]);
    }
}

#[test]
#[cfg(unix)]
fn break_glass_names_the_user_where_no_variable_does() {
    use std::os::unix::fs::MetadataExt as _;
    let server = Server::installed();
    server.has_policy(GRANT);
    server.repo.git_in(&server.path, &[], &["config", "receive.advertisePushOptions", "true"]).succeeds();
    server.leak("a");
    // As a daemon has it.
    let names = ["REMOTE_USER", "GL_USER", "GL_USERNAME", "SSH_USER", "USER", "USERNAME"];
    let nobody = names.map(|name| (name, ""));
    let push = ["push", "-o", "dtguard.break-glass=now", "origin", "main"];
    server.repo.git_in(&server.repo.path, &nobody, &push).succeeds();
    let uid = fs::metadata(server.path.join("dtguard-audit.jsonl")).unwrap().uid();
    assert!(server.audit().contains(&format!("\"who\":{{\"uid\":\"{uid}\"}}")), "{}", server.audit());
}
