//! A repository to commit in, independent of this machine and its user.

pub mod dumped;
pub mod effort;
pub mod encoders;
pub mod glued;
pub mod innocent;
mod memory;
pub mod packers;
pub mod stub;

use std::cell::RefCell;
use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use dtguard::install::Stage;
use dtguard::token::{Kind, Specimen, by_name, specimen};
use tempfile::TempDir;

/// The program under test.
pub const DTGUARD: &str = env!("CARGO_BIN_EXE_dtguard");

/// The hooks that stand in each repository of the tests; others stand where they are
/// what is tested.
const STAGES: [Stage; 4] = [Stage::PreCommit, Stage::PreMergeCommit, Stage::PreApplypatch, Stage::PrePush];

/// What a command did.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    pub fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Runs `command` to its end with `input` on its standard input, which it need not read.
    pub fn fed(command: &mut Command, input: impl AsRef<[u8]>) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (mut stdin, input) = (child.stdin.take().unwrap(), input.as_ref().to_vec());
        // In its own thread: it may fill its output before it has read all its input.
        let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
        let ran = Self::of(child.wait_with_output().unwrap());
        writer.join().unwrap();
        ran
    }

    #[track_caller]
    pub fn succeeds(self) -> Self {
        assert_eq!(self.code, 0, "{}{}", self.stdout, self.stderr);
        self
    }

    /// git ends with 1 whatever the hook ended with.
    #[track_caller]
    pub fn blocks(self) -> Self {
        assert!(self.code != 0 && self.stderr.contains("blocked"), "{}{}", self.stdout, self.stderr);
        self
    }

    /// The hook could not scan all of it and said why.
    #[track_caller]
    pub fn refuses(self, why: &str) -> Self {
        assert!(
            self.code != 0 && self.stderr.contains("dtguard: ") && self.stderr.contains(why),
            "code {}\n{}{}",
            self.code,
            self.stdout,
            self.stderr
        );
        self
    }

    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(self.stderr.contains(text), "wanted {text:?} in:\n{}", self.stderr);
        self
    }

    #[track_caller]
    pub fn says_nothing(self) -> Self {
        assert_eq!((&*self.stdout, &*self.stderr), ("", ""));
        self
    }

    #[track_caller]
    pub fn says_not(self, text: &str) -> Self {
        assert!(!self.stderr.contains(text), "unwanted {text:?} in:\n{}", self.stderr);
        self
    }
}

/// A token of the kind that is called `name`.
pub fn token(name: &str, seed: u64) -> Specimen {
    specimen(kind(name), seed)
}

pub fn kind(name: &str) -> &'static Kind {
    by_name(name).unwrap_or_else(|| panic!("no kind {name}"))
}

/// A command that sees no configuration, no repository and no preference of
/// the user of this machine.
pub fn hermetic(program: impl AsRef<OsStr>, folder: &Path) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        // A test started from a hook, or under pre-commit, must not see that.
        let leaks = name.starts_with("GIT_")
            || name.starts_with("PRE_COMMIT")
            || name.starts_with("PREK")
            || [
                "NO_COLOR",
                "CLICOLOR",
                "CLICOLOR_FORCE",
                "COLUMNS",
                "XDG_CONFIG_HOME",
                "GITHUB_STEP_SUMMARY",
            ]
            .contains(&name.as_ref());
        if leaks {
            command.env_remove(&*name);
        }
    }
    command
        .current_dir(folder)
        // No user or system configuration, and none for libgit2 either.
        .env("HOME", "/nonexistent")
        .env("USERPROFILE", "/nonexistent")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", if cfg!(windows) { "NUL" } else { "/dev/null" })
        // The same commits in every run.
        .env("GIT_AUTHOR_DATE", "2026-01-01T00:00:00Z")
        .env("GIT_COMMITTER_DATE", "2026-01-01T00:00:00Z")
        // git's own messages, not their translation.
        .env("LC_ALL", "C")
        .env("TERM", "xterm")
        .stdin(Stdio::null());
    if let Some(folder) = memory::folder() {
        command.env("TMPDIR", folder);
    }
    command
}

/// Python; Windows has it by another name.
pub fn python() -> &'static str {
    let there = Command::new("python3").arg("--version").output().is_ok_and(|output| output.status.success());
    if there { "python3" } else { "python" }
}

/// A repository with the hooks in it.
pub struct Repo {
    _keep: TempDir,
    /// The top of its work tree.
    pub path: PathBuf,
    /// Where the hooks leave what the other readers said.
    said: PathBuf,
    secrets: RefCell<Vec<String>>,
}

impl Repo {
    /// A new repository without a commit.
    pub fn unborn() -> Self {
        Self::with(&["init", "--quiet", "--initial-branch=main", "repo"])
    }

    /// A new repository with one commit.
    pub fn new() -> Self {
        let repo = Self::unborn();
        repo.write("README", "nothing\n");
        repo.git(&["add", "README"]).succeeds();
        repo.git(&["commit", "--quiet", "--no-verify", "-m", "first"]).succeeds();
        repo
    }

    /// A repository `repo` as `git ARGS` makes it.
    pub fn with(arguments: &[&str]) -> Self {
        let repo = Self::nowhere();
        repo.git_in(repo.outside(), &[], arguments).succeeds();
        repo.install_hooks(&repo.path.join(".git/hooks"));
        repo
    }

    /// A repository as `make` makes it: `repo`, or at the path that it sets. Its
    /// hooks stand beside it, wherever its git folder is.
    pub fn made_by(make: impl FnOnce(&mut Self)) -> Self {
        let mut repo = Self::nowhere();
        make(&mut repo);
        let hooks = repo.said.with_file_name("hooks");
        repo.install_hooks(&hooks);
        repo.git(&["config", "core.hooksPath", hooks.to_str().unwrap()]).succeeds();
        repo
    }

    /// A place for a repository.
    fn nowhere() -> Self {
        memory::folder();
        let keep = tempfile::tempdir().unwrap();
        let top = keep.path().canonicalize().unwrap();
        let said = top.join("said");
        fs::create_dir(&said).unwrap();
        Self { _keep: keep, path: top.join("repo"), said, secrets: RefCell::default() }
    }

    /// The folder that holds the repository and nothing else of interest.
    pub fn outside(&self) -> &Path {
        self.said.parent().unwrap()
    }

    /// Hooks that ask each reader in the environment that git gives them. What
    /// the usual reader says is what git sees; [`Repo::git`] compares the rest.
    fn install_hooks(&self, hooks: &Path) {
        for stage in STAGES {
            self.install_hook(hooks, stage);
        }
    }

    /// One such hook. What git writes to it each reader gets; where not all is wanted, only
    /// for what changes files, and the first time.
    pub fn install_hook(&self, hooks: &Path, stage: Stage) {
        let said = self.said.join(stage.name());
        let said = said.display();
        let (save, input) = match stage {
            Stage::PrePush | Stage::PreReceive => (format!("cat >'{said}'.input"), format!("'{said}'.input")),
            _ => (String::new(), "/dev/null".to_owned()),
        };
        let again = match stage {
            _ if effort::all() => "true".to_owned(),
            Stage::PreCommit | Stage::PreMergeCommit | Stage::PrePush | Stage::PreReceive | Stage::Update => {
                format!("mkdir '{said}'.asked 2>/dev/null")
            }
            _ => "false".to_owned(),
        };
        let script = format!(
            "#!/bin/sh\n\
             {save}\n\
             {again} && for reader in libgit2 git; do\n\
             '{DTGUARD}' hook --reader $reader {stage} \"$@\" <{input} >'{said}'.$reader 2>&1\n\
             echo \"code $?\" >>'{said}'.$reader\n\
             done\n\
             '{DTGUARD}' hook {stage} \"$@\" <{input} >'{said}'.fastest 2>&1\n\
             code=$?\n\
             cat '{said}'.fastest >&2\n\
             echo \"code $code\" >>'{said}'.fastest\n\
             exit $code\n"
        );
        fs::create_dir_all(hooks).unwrap();
        let hook = hooks.join(stage.name());
        fs::write(&hook, script).unwrap();
        make_executable(&hook);
    }

    /// Runs git here. Whatever a hook said in it must be the same from each
    /// reader, and nothing may show a secret part.
    #[track_caller]
    pub fn git<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Ran {
        self.git_in(&self.path, &[], arguments)
    }

    /// As [`Repo::git`], in `folder` and with further environment variables.
    #[track_caller]
    pub fn git_in<A: AsRef<OsStr>>(
        &self,
        folder: &Path,
        environment: &[(&str, &str)],
        arguments: &[A],
    ) -> Ran {
        self.try_git_in(folder, environment, arguments).unwrap_or_else(|differ| panic!("{differ}"))
    }

    /// As [`Repo::git`], with what the readers differ in for an error.
    pub fn try_git<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Result<Ran, String> {
        self.try_git_in(&self.path, &[], arguments)
    }

    #[track_caller]
    fn try_git_in<A: AsRef<OsStr>>(
        &self,
        folder: &Path,
        environment: &[(&str, &str)],
        arguments: &[A],
    ) -> Result<Ran, String> {
        for stage in Stage::ALL {
            for reader in ["fastest", "libgit2", "git"] {
                let _absent = fs::remove_file(self.said.join(format!("{stage}.{reader}")));
            }
        }
        let mut git = hermetic("git", folder);
        git.args([
            "-c",
            "user.name=Test",
            "-c",
            "user.email=test@localhost",
            "-c",
            "protocol.file.allow=always",
            // Nothing in a test is old enough for it.
            "-c",
            "maintenance.auto=false",
        ])
        .args(arguments)
        .envs(environment.iter().copied());
        // git's samples are half of the files that the tests would make and remove.
        if !effort::all() && arguments.first().is_some_and(|first| first.as_ref() == "init") {
            git.env("GIT_TEMPLATE_DIR", "");
        }
        let ran = Ran::of(git.output().unwrap());
        self.compare_readers()?;
        Ok(self.check(ran))
    }

    /// Each reader that can read the repository says what the usual one says.
    fn compare_readers(&self) -> Result<(), String> {
        for stage in Stage::ALL {
            let said = |reader: &str| fs::read_to_string(self.said.join(format!("{stage}.{reader}")));
            let Ok(usual) = said("fastest") else { continue };
            for reader in ["libgit2", "git"] {
                let other = match said(reader) {
                    Err(_) if !effort::all() => continue,
                    other => other.unwrap_or_default(),
                };
                let cannot =
                    reader == "libgit2" && other.contains("libgit2: ") && other.ends_with("code 2\n");
                if !cannot && other != usual {
                    return Err(format!("{stage}: {reader} said:\n{other}\nthe usual reader said:\n{usual}"));
                }
            }
        }
        Ok(())
    }

    /// Runs dtguard here.
    #[track_caller]
    pub fn dtguard(&self, arguments: &[&str]) -> Ran {
        self.dtguard_in(&self.path, &[], arguments)
    }

    /// As [`Repo::dtguard`], in `folder` and with further environment variables.
    #[track_caller]
    pub fn dtguard_in(&self, folder: &Path, environment: &[(&str, &str)], arguments: &[&str]) -> Ran {
        let mut dtguard = hermetic(DTGUARD, folder);
        dtguard.args(arguments).envs(environment.iter().copied());
        self.check(Ran::of(dtguard.output().unwrap()))
    }

    #[track_caller]
    pub fn check(&self, ran: Ran) -> Ran {
        for secret in self.secrets.borrow().iter() {
            let shown = ran.stdout.contains(secret) || ran.stderr.contains(secret);
            assert!(!shown, "a secret part was shown:\n{}{}", ran.stdout, ran.stderr);
        }
        ran
    }

    /// A generated token, whose secret part no output may show from now on.
    pub fn token(&self, name: &str, seed: u64) -> Specimen {
        let token = token(name, seed);
        self.secrets.borrow_mut().push(token.secret().to_owned());
        token
    }

    /// Writes a file and the folders above it.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Writes a file and stages it.
    #[track_caller]
    pub fn stage(&self, name: &str, content: impl AsRef<[u8]>) {
        self.write(name, content);
        self.git(&["add", "--force", "--", name]).succeeds();
    }

    /// Commits what is staged.
    #[track_caller]
    pub fn commit(&self) -> Ran {
        self.git(&["commit", "-m", "message"])
    }

    /// Commits past the hooks: how a token may have come into the history.
    #[track_caller]
    pub fn commit_unseen(&self) {
        self.git(&["commit", "--quiet", "--no-verify", "-m", "unseen"]).succeeds();
    }

    /// How many commits HEAD has.
    pub fn commits(&self) -> usize {
        let ran = self.git(&["rev-list", "--count", "HEAD"]);
        ran.stdout.trim().parse().unwrap_or(0)
    }
}

#[cfg(unix)]
pub fn make_executable(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[cfg(not(unix))]
pub fn make_executable(_path: &Path) {}

/// `git --version` as numbers: some features are younger than some gits.
pub fn git_version() -> (u32, u32) {
    let output = Command::new("git").arg("--version").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut numbers = text.split_whitespace().nth(2).unwrap_or_default().split('.');
    let mut number = || numbers.next().and_then(|number| number.parse().ok()).unwrap_or(0);
    (number(), number())
}
