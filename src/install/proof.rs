//! The proof that the hook guards: two commits in a throw-away repository.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{SystemTime, UNIX_EPOCH};

use super::{Hooks, InstallError, Stage};
use crate::token::{KINDS, specimen};

/// What was seen.
#[derive(Debug)]
pub struct Proof {
    /// The identifier of the generated token whose commit was blocked.
    pub identifier: String,
}

/// Makes a repository in a temporary folder, installs the hooks with `program`
/// there, and commits a file with a generated token, which must be blocked, and
/// one without, which must pass.
///
/// # Errors
///
/// [`InstallError::Proof`] if either ends otherwise.
pub fn prove(program: &Path) -> Result<Proof, InstallError> {
    let folder = tempfile::tempdir().map_err(InstallError::file("create", &std::env::temp_dir()))?;
    let folder = folder.path();
    let write = |name: &str, content: String| {
        let path = folder.join(name);
        fs::write(&path, content).map_err(InstallError::file("write", &path))
    };
    must_succeed("git init", &git(folder, &["init", "--quiet"])?)?;
    let hooks = Hooks { folder: folder.join(".git").join("hooks"), shared: false };
    for stage in Stage::CLIENT {
        hooks.install(stage, program)?;
    }

    write("clean.txt", "DT_API_TOKEN=${DT_API_TOKEN}\n".to_owned())?;
    must_succeed("git add", &git(folder, &["add", "clean.txt"])?)?;
    must_succeed("a commit without a token", &git(folder, &["commit", "--quiet", "--message", "clean"])?)?;

    let seed = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64);
    let kind = KINDS.iter().find(|kind| kind.prefixes.contains(&"dt0c01"));
    let token = kind
        .map(|kind| specimen(kind, seed))
        .ok_or_else(|| InstallError::Proof("no kind to try".to_owned()))?;
    let identifier = token.identifier().unwrap_or_default().to_owned();
    write("token.env", format!("DT_API_TOKEN={}\n", token.text))?;
    must_succeed("git add", &git(folder, &["add", "token.env"])?)?;
    let blocked = git(folder, &["commit", "--quiet", "--message", "token"])?;
    let said = String::from_utf8_lossy(&blocked.stderr).into_owned();
    if blocked.status.success() || !said.contains(&identifier) {
        return Err(InstallError::Proof(format!(
            "a commit with a token was not blocked by the hook\n{said}"
        )));
    }
    if said.contains(token.secret()) {
        return Err(InstallError::Proof("the message shows the secret part".to_owned()));
    }
    Ok(Proof { identifier })
}

/// Runs git in `folder` with nobody's configuration and no repository from the
/// environment.
fn git(folder: &Path, arguments: &[&str]) -> Result<Output, InstallError> {
    let mut git = Command::new("git");
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("GIT_") {
            git.env_remove(name);
        }
    }
    git.current_dir(folder)
        .arg("-c")
        .arg(format!("core.hooksPath={}", folder.join(".git").join("hooks").display()))
        .args(["-c", "user.name=dtguard", "-c", "user.email=dtguard@localhost", "-c", "commit.gpgSign=false"])
        .args(arguments)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", if cfg!(windows) { "NUL" } else { "/dev/null" })
        .output()
        .map_err(|error| InstallError::Proof(format!("git does not start: {error}")))
}

fn must_succeed(what: &str, output: &Output) -> Result<(), InstallError> {
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(InstallError::Proof(format!("{what} did not succeed\n{}", said.trim())))
}
