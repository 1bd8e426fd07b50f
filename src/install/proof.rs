//! Proves that hooks guard, with two commits in a temporary repository.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anstream::adapter::strip_str;

use super::caller::runs;
use super::files::{make_executable, slashes};
use super::git::git_in;
use super::stale::{PREFIX, remove_stale};
use super::{Hooks, InstallError, Stage};
use crate::token::{KINDS, Specimen, specimen};

/// How long a commit may take. Other hooks run in it too.
const PATIENCE: Duration = Duration::from_secs(120);
/// Messages of dtguard and its hooks that refuse without a complete scan.
const REFUSALS: [&str; 3] =
    ["Nothing was let through.", "nothing was scanned, so nothing passes", "dtguard: blocked, cannot read "];
pub(super) const LEAKING_FILE: &str = "dtguard-proof.env";

/// A proof.
#[derive(Debug)]
pub struct Proof {
    /// The identifier of the generated token.
    pub identifier: String,
    /// The result.
    pub result: ProofResult,
    /// The hooks of the repository that it ran.
    pub ran: Vec<String>,
}

/// The result of a proof.
#[derive(Debug, PartialEq, Eq)]
pub enum ProofResult {
    /// dtguard blocked the commit with the token, and not the one without. If another hook
    /// refused the latter, its output.
    Held(Option<String>),
    /// dtguard reported the token. By the policy it blocks from this day on.
    Postponed(String),
    /// dtguard did not block it; with the reason.
    NotHeld(String),
    /// Something else failed.
    Unknown(String),
}

/// A temporary repository.
pub(super) struct Trial {
    folder: tempfile::TempDir,
    config: Vec<String>,
    /// Whether no configuration of this machine applies.
    isolated: bool,
}

/// How a command ended.
pub(super) struct Ended {
    status: Option<ExitStatus>,
    pub(super) said: String,
}

impl Ended {
    pub(super) fn succeeded(&self) -> bool {
        self.status.is_some_and(|status| status.success())
    }
}

/// Makes a temporary repository with hooks that run `program`. A commit with a generated token
/// must be blocked there, and one without must pass.
pub fn prove(program: &Path) -> Result<Proof, InstallError> {
    let mut trial = Trial::new(&[], true)?;
    let folder = trial.path().join(".git").join("hooks");
    let hooks =
        Hooks { folder: folder.clone(), shared: false, linked: false, top: trial.path().to_path_buf() };
    for stage in Stage::CLIENT {
        hooks.install(stage, program)?;
    }
    trial.set("core.hooksPath", &folder.display().to_string());
    trial.must_hold()
}

/// Makes a repository as `git init` with `options` does, with this user's and machine's
/// configuration, and tries two commits like [`prove`].
pub fn prove_new_repository(options: &[String]) -> Result<Proof, InstallError> {
    Trial::new(options, false)?.must_hold()
}

impl Trial {
    pub(super) fn new(options: &[String], isolated: bool) -> Result<Self, InstallError> {
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir();
        let folder = folder.map_err(InstallError::file("create", &std::env::temp_dir()))?;
        remove_stale(folder.path());
        let mut trial = Self { folder, config: Vec::new(), isolated };
        trial.must_run_programs()?;
        let settings = [
            ("user.name", "dtguard"),
            ("user.email", "dtguard@localhost"),
            ("commit.gpgSign", "false"),
            ("core.fsmonitor", "false"),
            ("core.excludesFile", ""),
            ("core.autocrlf", "false"),
            ("gc.auto", "0"),
            ("maintenance.auto", "false"),
        ];
        settings.iter().for_each(|(key, value)| trial.set(key, value));
        let mut init = vec!["init".to_owned(), "--quiet".to_owned()];
        init.extend_from_slice(options);
        trial.must_succeed("git init", &init)?;
        Ok(trial)
    }

    /// Fails if the temporary folder forbids programs: git would ignore the hooks there, and a
    /// commit would pass that is blocked elsewhere.
    fn must_run_programs(&self) -> Result<(), InstallError> {
        let probe = self.path().join("probe");
        fs::write(&probe, "#!/bin/sh\n")
            .and_then(|()| make_executable(&probe))
            .map_err(InstallError::file("write", &probe))?;
        let can = runs(&probe);
        fs::remove_file(&probe).map_err(InstallError::file("remove", &probe))?;
        if can {
            return Ok(());
        }
        let folder = std::env::temp_dir();
        Err(InstallError::new(
            format!(
                "the proof failed: no program can be run in `{}`; TMPDIR names another folder",
                folder.display()
            ),
            "TMPDIR=\"$HOME\" dtguard doctor\n(a folder in which programs can be run)",
        ))
    }

    /// The top of its work tree.
    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Sets `key` for every later command.
    pub(super) fn set(&mut self, key: &str, value: &str) {
        self.config.extend(["-c".to_owned(), format!("{key}={value}")]);
    }

    /// Makes git run `hook` as its hook `name`. It is not in the repository's own folder,
    /// because dtguard's hook for every repository would run it again from there.
    pub(super) fn hook(&self, name: &str, hook: &Path) -> Result<(), InstallError> {
        let path = self.hooks().join(name);
        let hook = slashes(hook).replace('\'', r"'\''");
        fs::create_dir_all(self.hooks())
            .and_then(|()| fs::write(&path, format!("#!/bin/sh\nexec '{hook}' \"$@\"\n")))
            .and_then(|()| make_executable(&path))
            .map_err(InstallError::file("write", &path))
    }

    /// The folder for [`Trial::hook`].
    pub(super) fn hooks(&self) -> PathBuf {
        self.path().join(".git").join("hooks-of-the-proof")
    }

    /// Adds a file that hooks may read.
    pub(super) fn add(&self, name: &str, content: &[u8]) -> Result<(), InstallError> {
        let path = self.path().join(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(InstallError::file("create", folder))?;
        }
        fs::write(&path, content).map_err(InstallError::file("write", &path))?;
        self.must_succeed("git add", &["add", "--force", "--", name])
    }

    fn must_hold(&self) -> Result<Proof, InstallError> {
        let proof = self.run()?;
        match &proof.result {
            ProofResult::Held(None) | ProofResult::Postponed(_) => Ok(proof),
            ProofResult::Held(Some(why)) => {
                Err(InstallError::proof(&format!("a commit without a token did not succeed\n{why}")))
            }
            ProofResult::NotHeld(why) | ProofResult::Unknown(why) => Err(InstallError::proof(why)),
        }
    }

    /// Commits a token, then the same without it.
    pub(super) fn run(&self) -> Result<Proof, InstallError> {
        let token = generated()?;
        let identifier = token.identifier().unwrap_or_default().to_owned();
        self.add(LEAKING_FILE, format!("DT_API_TOKEN={}\n", token.text).as_bytes())?;
        let leaking = self.git(&["commit", "--quiet", "--message", "token"])?;
        self.add(LEAKING_FILE, b"DT_API_TOKEN=${DT_API_TOKEN}\n")?;
        let clean = self.git(&["commit", "--quiet", "--allow-empty", "--message", "clean"])?;
        let result = judge(&leaking, &clean, &identifier, token.secret());
        Ok(Proof { identifier, result, ran: Vec::new() })
    }

    /// Makes a bare repository with `settings`, pushes a token to it, then the same without it.
    pub(super) fn push(&self, settings: &[(String, String)]) -> Result<Proof, InstallError> {
        let receiver = self.receiver()?;
        for (key, value) in settings {
            self.must_succeed("git config", &["--git-dir", &receiver, "config", "--add", key, value])?;
        }
        let token = generated()?;
        let identifier = token.identifier().unwrap_or_default().to_owned();
        let send = |content: &str, branch: &str| {
            self.add(LEAKING_FILE, content.as_bytes())?;
            // The hooks for work trees are not the ones on trial.
            let commit =
                ["commit", "--quiet", "--no-verify", "--amend", "--allow-empty", "--message", branch];
            self.must_succeed("git commit", &commit)?;
            self.git(&["push", "--quiet", "--no-verify", &receiver, &format!("HEAD:refs/heads/{branch}")])
        };
        let begin = ["commit", "--quiet", "--no-verify", "--allow-empty", "--message", "begin"];
        self.must_succeed("git commit", &begin)?;
        let leaking = send(&format!("DT_API_TOKEN={}\n", token.text), "token")?;
        let clean = send("DT_API_TOKEN=${DT_API_TOKEN}\n", "clean")?;
        let result = judge(&leaking, &clean, &identifier, token.secret());
        Ok(Proof { identifier, result, ran: Vec::new() })
    }

    /// A bare repository without hooks.
    pub(super) fn receiver(&self) -> Result<String, InstallError> {
        let receiver = slashes(&self.path().join(".git").join("receiver"));
        self.must_succeed("git init", &["init", "--quiet", "--bare", "--template=", &receiver])?;
        Ok(receiver)
    }

    /// Runs git with a generous time limit. Its output goes to a file, because a process that a
    /// hook leaves behind would keep a pipe open.
    pub(super) fn git<A: AsRef<std::ffi::OsStr>>(&self, arguments: &[A]) -> Result<Ended, InstallError> {
        let failed = |error: std::io::Error| InstallError::start(&error);
        let mut git = git_in(self.path());
        if self.isolated {
            isolate(&mut git);
        }
        let said = self.said();
        let out = File::create(&said).map_err(InstallError::file("write", &said))?;
        let errors = out.try_clone().map_err(InstallError::file("write", &said))?;
        let mut child = git
            .args(&self.config)
            .args(arguments)
            // Colour codes would split the message.
            .env("NO_COLOR", "1")
            .env("GIT_CEILING_DIRECTORIES", self.path().parent().unwrap_or(self.path()))
            .stdout(Stdio::from(out))
            .stderr(Stdio::from(errors))
            .spawn()
            .map_err(failed)?;
        let start = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().map_err(failed)? {
                break Some(status);
            }
            if start.elapsed() > PATIENCE {
                let _ended_meanwhile = child.kill().and_then(|()| child.wait());
                break None;
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        let said = fs::read(&said).map_err(InstallError::file("read", &said))?;
        Ok(Ended { status, said: plain(&said) })
    }

    fn said(&self) -> PathBuf {
        self.path().join(".dtguard-proof-output")
    }

    pub(super) fn must_succeed<A: AsRef<std::ffi::OsStr>>(
        &self,
        what: &str,
        arguments: &[A],
    ) -> Result<(), InstallError> {
        let ended = self.git(arguments)?;
        if ended.succeeded() {
            return Ok(());
        }
        Err(failed(what, &ended))
    }
}

pub(super) fn failed(what: &str, ended: &Ended) -> InstallError {
    InstallError::proof(&format!("{what} did not succeed\n{}", ended.said))
}

/// Output of programs without control characters. Of a line that was overwritten only the last
/// state counts.
fn plain(said: &[u8]) -> String {
    let said = String::from_utf8_lossy(said);
    let said = strip_str(&said).to_string();
    let lines: Vec<&str> = said
        .lines()
        .map(|line| line.rsplit('\r').find(|state| !state.is_empty()).unwrap_or_default())
        .collect();
    lines.join("\n").trim().to_owned()
}

/// Removes all configuration and environment of this machine.
fn isolate(git: &mut Command) {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("GIT_") {
            git.env_remove(name);
        }
    }
    git.env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", if cfg!(windows) { "NUL" } else { "/dev/null" });
}

pub(super) fn generated() -> Result<Specimen, InstallError> {
    let seed = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64);
    let kind = KINDS.iter().find(|kind| kind.prefixes.contains(&"dt0c01"));
    kind.map(|kind| specimen(kind, seed)).ok_or_else(|| InstallError::proof("no kind to try"))
}

/// Judges a command that adds a token. If dtguard could not run and refuses it, that stops the
/// token too.
pub(super) fn judge_leak(leaking: &Ended, identifier: &str, secret: &str) -> ProofResult {
    let clean = Ended { status: leaking.status, said: String::new() };
    let is_shown = leaking.said.contains(secret);
    let refused =
        !is_shown && !leaking.succeeded() && REFUSALS.iter().any(|refusal| leaking.said.contains(refusal));
    if refused { ProofResult::Held(None) } else { judge(leaking, &clean, identifier, secret) }
}

/// Judges the two commits, whatever else ran in them.
fn judge(leaking: &Ended, clean: &Ended, identifier: &str, secret: &str) -> ProofResult {
    if leaking.said.contains(secret) {
        return ProofResult::NotHeld("the message shows the secret part of the token".to_owned());
    }
    let signs = ["dtguard: commit blocked", "dtguard: push blocked"];
    let blocked = |ended: &Ended| signs.iter().any(|sign| ended.said.contains(sign));
    match leaking.status {
        None => return ProofResult::Unknown(format!("the hooks did not end in {} s", PATIENCE.as_secs())),
        Some(status) if status.success() => {
            if let Some(day) = postponed(&leaking.said).filter(|_| leaking.said.contains(identifier)) {
                return ProofResult::Postponed(day.to_owned());
            }
            return ProofResult::NotHeld(format!("a change with a token went through\n{}", leaking.said));
        }
        Some(_) if REFUSALS.iter().any(|refusal| leaking.said.contains(refusal)) => {
            return ProofResult::Unknown(format!(
                "dtguard refused it because it could not run, or not read all that it needs\n{}",
                leaking.said
            ));
        }
        Some(_) if !blocked(leaking) || !leaking.said.contains(identifier) => {
            return ProofResult::Unknown(format!(
                "a change with a token was refused, but not by dtguard\n{}",
                leaking.said
            ));
        }
        Some(_) => {}
    }
    if blocked(clean) {
        return ProofResult::NotHeld(format!("a change without a token was blocked\n{}", clean.said));
    }
    ProofResult::Held((!clean.succeeded()).then(|| clean.said.clone()))
}

/// The day from which on dtguard would block, if its output names one.
fn postponed(said: &str) -> Option<&str> {
    let (_, rest) = said.split_once("dtguard: would block ")?;
    let (_, rest) = rest.split_once("from ")?;
    rest.split([' ', ',']).next()
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;

    use super::*;

    #[test]
    fn only_a_refusal_by_dtguard_itself_is_a_proof() {
        let ended = |code: Option<i32>, said: &str| Ended {
            status: code.map(|code| ExitStatus::from_raw(code << 8)),
            said: said.to_owned(),
        };
        let said = "dtguard: commit blocked, it adds 1 Dynatrace token\ndt0c01.ID";
        let clean = ended(Some(0), "");
        let verdict = |leaking, clean: &Ended| judge(&leaking, clean, "dt0c01.ID", "SECRET");
        assert_eq!(verdict(ended(Some(1), said), &clean), ProofResult::Held(None));
        assert_eq!(
            verdict(ended(Some(1), said), &ended(Some(1), "eslint: no")),
            ProofResult::Held(Some("eslint: no".to_owned()))
        );
        assert!(matches!(verdict(ended(Some(0), said), &clean), ProofResult::NotHeld(_)));
        assert!(matches!(
            verdict(ended(Some(1), &format!("{said}.SECRET")), &clean),
            ProofResult::NotHeld(_)
        ));
        for what in ["from 2030-01-31 on, it adds", "this push from 2030-01-31 on, it brings"] {
            let said = format!("dtguard: would block {what} 1 Dynatrace token\ndt0c01.ID");
            let postponed = ProofResult::Postponed("2030-01-31".to_owned());
            assert_eq!(verdict(ended(Some(0), &said), &clean), postponed);
            assert!(matches!(verdict(ended(Some(1), &said), &clean), ProofResult::Unknown(_)));
        }
        assert!(matches!(verdict(ended(Some(1), "eslint: no"), &clean), ProofResult::Unknown(_)));
        assert!(matches!(verdict(ended(None, said), &clean), ProofResult::Unknown(_)));
        assert!(matches!(
            verdict(ended(Some(1), said), &ended(Some(1), "dtguard: commit blocked")),
            ProofResult::NotHeld(_)
        ));
    }
}
