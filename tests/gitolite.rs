//! A real gitolite, in a home of its own, with the hook as docs/ci.md puts it in. Its
//! programs and `ssh-keygen` must be on PATH: `.ci/run` installs them.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{DTGUARD, Ran, Repo, hermetic, make_executable};

/// The server and a clone of one of its repositories.
struct Gitolite {
    repo: Repo,
    home: PathBuf,
    path: String,
}

impl Gitolite {
    fn new() -> Self {
        let repo = Repo::new();
        let home = repo.outside().join("home");
        fs::create_dir(&home).unwrap();
        let programs = Path::new(DTGUARD).parent().unwrap().display();
        let path = format!("{programs}:{}", std::env::var("PATH").unwrap());
        let server = Self { repo, home, path };
        server.shell("ssh-keygen -q -t ed25519 -N '' -f admin && gitolite setup -pk admin.pub");
        let rc = fs::read_to_string(server.home.join(".gitolite.rc")).unwrap();
        let setting = "LOCAL_CODE => \"$ENV{HOME}/local\"";
        let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/ci.md")).unwrap();
        assert!(page.contains(setting));
        let rc = rc.replacen("# LOCAL_CODE", &format!("{setting},\n        # LOCAL_CODE"), 1);
        fs::write(server.home.join(".gitolite.rc"), rc).unwrap();
        let blocks = page.split("\n```sh\n").skip(1).filter_map(|rest| rest.split("\n```").next());
        server.shell(blocks.filter(|block| block.contains("gitolite setup")).last().unwrap());
        server.write_ssh();
        server
    }

    /// Runs it as gitolite's user would, in their home.
    fn shell(&self, commands: &str) -> String {
        let output = hermetic("sh", &self.home)
            .args(["-e", "-c", commands])
            .envs([("HOME", self.home.to_str().unwrap()), ("USER", "git"), ("PATH", &self.path)])
            .output()
            .unwrap();
        assert!(output.status.success(), "{commands}\n{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// What stands in for ssh and sshd: it starts what gitolite has sshd start.
    fn write_ssh(&self) {
        let folder = self.shell("gitolite query-rc GL_BINDIR");
        let script = format!(
            "#!/bin/sh\n\
             HOME='{}' USER=git PATH='{}' SSH_CONNECTION='127.0.0.1 1 127.0.0.1 2' SSH_ORIGINAL_COMMAND=$2\n\
             export HOME USER PATH SSH_CONNECTION SSH_ORIGINAL_COMMAND\n\
             exec '{folder}'/gitolite-shell admin\n",
            self.home.display(),
            self.path,
        );
        fs::write(self.home.join("ssh"), script).unwrap();
        make_executable(&self.home.join("ssh"));
    }

    fn git(&self, folder: &Path, arguments: &[&str]) -> Ran {
        let ssh = self.home.join("ssh");
        let environment = [("GIT_SSH", ssh.to_str().unwrap()), ("GIT_SSH_VARIANT", "simple")];
        self.repo.git_in(folder, &environment, arguments)
    }

    /// Pushes past the hooks on this side.
    fn push(&self, to: &str, what: &str) -> Ran {
        self.git(&self.repo.path, &["push", "--no-verify", &format!("git@server:{to}"), what])
    }
}

#[test]
#[cfg(unix)]
#[ignore = "needs gitolite; .ci/run runs it"]
fn a_push_with_a_token_is_refused_by_gitolite_and_names_the_commit() {
    let server = Gitolite::new();
    let repo = &server.repo;
    server.push("testing", "main").succeeds();
    let token = repo.token("dt0s16", 1).text;
    repo.stage("deploy.env", format!("x={token}\n"));
    repo.commit_unseen();
    let commit = repo.git(&["rev-parse", "HEAD"]).stdout;
    repo.stage("deploy.env", "x=\n");
    repo.commit_unseen();
    let named = format!("commit {} deploy.env:1:3", &commit[..12]);
    for what in ["main", "main:new"] {
        let ran = server.push("testing", what).blocks().says(&named);
        ran.says("pre-receive hook declined");
    }
    repo.git(&["reset", "--quiet", "--hard", "HEAD~2"]).succeeds();
    repo.stage("clean", "nothing\n");
    repo.commit_unseen();
    server.push("testing", "main").succeeds();
    // Gitolite's own hook is where it was.
    let hook = fs::read_link(server.home.join("repositories/testing.git/hooks/update")).unwrap();
    assert!(hook.ends_with(".gitolite/hooks/common/update"), "{}", hook.display());
}

#[test]
#[cfg(unix)]
#[ignore = "needs gitolite; .ci/run runs it"]
fn a_repository_that_gitolite_makes_later_is_guarded_too() {
    let server = Gitolite::new();
    let repo = &server.repo;
    let admin = repo.outside().join("admin");
    server.git(repo.outside(), &["clone", "--quiet", "git@server:gitolite-admin", "admin"]).succeeds();
    let conf = admin.join("conf/gitolite.conf");
    let text = fs::read_to_string(&conf).unwrap() + "\nrepo later\n    RW+ = admin\n";
    fs::write(&conf, text).unwrap();
    server.git(&admin, &["commit", "--quiet", "--all", "-m", "later"]).succeeds();
    server.git(&admin, &["push", "origin", "HEAD"]).succeeds();
    server.push("later", "main").succeeds();
    let token = repo.token("dt0c01", 2).text;
    repo.stage("a", &token);
    repo.commit_unseen();
    server.push("later", "main").blocks().says("a:1:1");
}
