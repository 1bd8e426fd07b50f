//! The real pre-commit and prek run our hooks. Both must be on PATH: `.ci/run`
//! installs them and runs these tests, and fails where one is missing.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{DTGUARD, Ran, Repo, hermetic};

const FRAMEWORKS: [&str; 2] = ["pre-commit", "prek"];

/// This project as it stands in its work tree, committed in a repository of its
/// own, and that commit: what a user's configuration names as `repo` and `rev`.
fn published(repo: &Repo) -> (PathBuf, String) {
    let source = Path::new(env!("CARGO_MANIFEST_DIR"));
    let copy = repo.outside().join("dtguard");
    let files =
        Command::new("git").args(["ls-files", "-z", "--cached"]).current_dir(source).output().unwrap().stdout;
    for name in files.split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
        let name = String::from_utf8(name.to_vec()).unwrap();
        let to = copy.join(&name);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(source.join(&name), to).unwrap();
    }
    repo.git_in(&copy, &[], &["init", "--quiet"]).succeeds();
    repo.git_in(&copy, &[], &["add", "--all"]).succeeds();
    repo.git_in(&copy, &[], &["commit", "--quiet", "-m", "published"]).succeeds();
    let commit = repo.git_in(&copy, &[], &["rev-parse", "HEAD"]).stdout;
    (copy, commit.trim().to_owned())
}

/// A repository that is configured for `id`, with `framework` as its hook.
struct Configured {
    repo: Repo,
    framework: &'static str,
    environment: Vec<(String, String)>,
}

impl Configured {
    fn new(framework: &'static str, id: &str) -> Self {
        let repo = Repo::new();
        fs::remove_dir_all(repo.path.join(".git/hooks")).unwrap();
        let (copy, commit) = published(&repo);
        let config = format!("repos:\n- repo: {}\n  rev: {commit}\n  hooks:\n  - id: {id}\n", copy.display());
        repo.write(".pre-commit-config.yaml", config);
        let home = repo.outside().join("home");
        fs::create_dir(&home).unwrap();
        // dtguard-system is the one that is being tested.
        let programs = Path::new(DTGUARD).parent().unwrap().display().to_string();
        let real_home = std::env::var("HOME").unwrap();
        let or_home =
            |name: &str, folder: &str| std::env::var(name).unwrap_or(format!("{real_home}/{folder}"));
        let environment = vec![
            ("HOME".to_owned(), home.display().to_string()),
            ("PRE_COMMIT_HOME".to_owned(), home.join("pre-commit").display().to_string()),
            ("PREK_HOME".to_owned(), home.join("prek").display().to_string()),
            ("CARGO_HOME".to_owned(), or_home("CARGO_HOME", ".cargo")),
            ("RUSTUP_HOME".to_owned(), or_home("RUSTUP_HOME", ".rustup")),
            ("PATH".to_owned(), format!("{programs}:{}", std::env::var("PATH").unwrap())),
        ];
        let configured = Self { repo, framework, environment };
        configured.repo.git(&["add", ".pre-commit-config.yaml"]).succeeds();
        configured.repo.commit_unseen();
        configured
            .run(&["install", "--hook-type", "pre-commit", "--hook-type", "pre-merge-commit"])
            .succeeds();
        configured
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        self.run_in(&self.repo.path, arguments)
    }

    fn run_in(&self, folder: &Path, arguments: &[&str]) -> Ran {
        let output = hermetic(self.framework, folder)
            .args(arguments)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .output()
            .unwrap_or_else(|error| panic!("{} is not on PATH: {error}", self.framework));
        self.ran(output)
    }

    /// Frameworks print what a hook says on standard output.
    fn ran(&self, output: std::process::Output) -> Ran {
        let text = [output.stdout, output.stderr].concat();
        let stderr = String::from_utf8_lossy(&text).into_owned();
        self.repo.check(Ran { code: output.status.code().unwrap_or(-1), stdout: String::new(), stderr })
    }

    fn git(&self, arguments: &[&str]) -> Ran {
        let environment: Vec<_> = self.environment.iter().map(|(name, value)| (&**name, &**value)).collect();
        let ran = self.repo.git_in(&self.repo.path, &environment, arguments);
        Ran { stderr: ran.stdout.clone() + &ran.stderr, ..ran }
    }
}

#[test]
#[ignore = "needs pre-commit and prek; .ci/run runs it"]
fn a_commit_is_scanned_under_each_framework() {
    for framework in FRAMEWORKS {
        let at = Configured::new(framework, "dtguard-system");
        let token = at.repo.token("dt0s16", 1).text;
        at.repo.stage("a", "clean\n");
        at.git(&["commit", "-m", "clean"]).succeeds().says("Passed");
        at.repo.stage("a", format!("clean\nx={token}\n"));
        at.git(&["commit", "-m", "staged"]).blocks().says("a:2:3");
        at.repo.git(&["reset", "--quiet"]).succeeds();
        at.git(&["commit", "-a", "-m", "all"]).blocks().says("a:2:3");
        at.git(&["commit", "-m", "path", "a"]).blocks().says("a:2:3");
        // Only added lines: the file that held a token before may change.
        at.repo.git(&["add", "a"]).succeeds();
        at.repo.commit_unseen();
        at.repo.stage("a", format!("clean\nx={token}\nmore\n"));
        at.git(&["commit", "-m", "beside"]).succeeds();
        at.repo.git(&["checkout", "--quiet", "-b", "side", "HEAD~2"]).succeeds();
        at.repo.stage("b", &token);
        at.repo.commit_unseen();
        at.repo.git(&["checkout", "--quiet", "main"]).succeeds();
        at.git(&["merge", "--no-ff", "-m", "m", "side"]).blocks().says("b:1:1");
    }
}

#[test]
#[cfg(unix)]
#[ignore = "needs pre-commit and prek; .ci/run runs it"]
fn a_commit_of_nothing_but_a_link_a_binary_or_a_deletion_is_scanned_under_each_framework() {
    for framework in FRAMEWORKS {
        let at = Configured::new(framework, "dtguard-system");
        let token = at.repo.token("dt0g01", 1).text;
        std::os::unix::fs::symlink(&token, at.repo.path.join("link")).unwrap();
        at.repo.git(&["add", "link"]).succeeds();
        at.git(&["commit", "-m", "link"]).blocks().says("link:1:1");
        at.repo.git(&["rm", "--quiet", "--cached", "link"]).succeeds();
        fs::remove_file(at.repo.path.join("link")).unwrap();
        at.repo.stage("binary", [b"\0\x01\xff", token.as_bytes()].concat());
        at.git(&["commit", "-m", "binary"]).blocks().says("binary:1:");
        at.repo.git(&["rm", "--quiet", "--force", "binary", "README"]).succeeds();
        at.git(&["commit", "-m", "deletion"]).succeeds();
    }
}

#[test]
#[ignore = "needs pre-commit and prek; .ci/run runs it"]
fn files_and_ranges_that_are_named_outside_of_a_commit_are_scanned_under_each_framework() {
    for framework in FRAMEWORKS {
        let at = Configured::new(framework, "dtguard-system");
        let token = at.repo.token("dt0c01", 1).text;
        at.repo.stage("d/a", format!("x={token}\n"));
        at.repo.commit_unseen();
        at.run(&["run", "--all-files"]).blocks().says("d/a:1:3");
        at.run(&["run", "--files", "d/a"]).blocks().says("d/a:1:3");
        at.run(&["run", "--files", "README"]).succeeds();
        at.run(&["run", "--from-ref", "HEAD~1", "--to-ref", "HEAD"]).blocks().says("d/a:1:3");
        at.run(&["run", "--from-ref", "HEAD", "--to-ref", "HEAD"]).succeeds();
        at.run(&["run", "--hook-stage", "manual", "--all-files"]).blocks();
        at.run(&["run", "--hook-stage", "pre-push", "--from-ref", "HEAD~1", "--to-ref", "HEAD"]).blocks();
        let verbose = at.run(&["run", "--verbose", "--files", "README"]).succeeds();
        verbose.says("no Dynatrace token in 1 file with 1 line");
    }
}

#[test]
#[ignore = "needs pre-commit and prek; .ci/run runs it"]
fn a_first_push_is_searched_commit_by_commit_under_each_framework() {
    for framework in FRAMEWORKS {
        let at = Configured::new(framework, "dtguard-system");
        at.run(&["install", "--hook-type", "pre-push"]).succeeds();
        let token = at.repo.token("dt0c01", 1).text;
        at.repo.stage("d/a", format!("x={token}\n"));
        at.repo.commit_unseen();
        at.repo.git(&["rm", "--quiet", "d/a"]).succeeds();
        at.repo.commit_unseen();
        let bare = at.repo.outside().join("bare").display().to_string();
        at.repo.git(&["init", "--quiet", "--bare", &bare]).succeeds();
        at.repo.git(&["remote", "add", "origin", &bare]).succeeds();
        at.git(&["push", "origin", "main"]).blocks().says("d/a:1:3");
        at.git(&["push", "origin", "HEAD~2:refs/heads/clean"]).succeeds();
    }
}

#[test]
#[ignore = "needs pre-commit and prek, builds a release for each; .ci/run runs it"]
fn the_hook_that_is_built_from_source_guards_under_each_framework() {
    for framework in FRAMEWORKS {
        let at = Configured::new(framework, "dtguard");
        let token = at.repo.token("dt0c01", 1).text;
        at.repo.stage("a", format!("x={token}\n"));
        at.git(&["commit", "-m", "m"]).blocks().says("a:1:3");
        at.repo.stage("a", "clean\n");
        at.git(&["commit", "-m", "m"]).succeeds();
    }
}
