//! Repositories for the tests of readers.

use std::path::Path;
use std::process::{Command, Stdio};

use super::{ObjectId, Preference, Repository};

/// The output of git for `arguments` in `folder`.
pub fn git(folder: &Path, arguments: &[&str], input: &[u8]) -> String {
    let mut git = Command::new("git");
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GIT_")) {
        git.env_remove(name);
    }
    let mut child = git
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", if cfg!(windows) { "NUL" } else { "/dev/null" })
        .envs(["GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"].map(|name| (name, "Test")))
        .envs(["GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"].map(|name| (name, "test@localhost")))
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{arguments:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// The blob of `content`, written into the repository in `folder`.
pub fn write(folder: &Path, content: &[u8]) -> ObjectId {
    ObjectId::from_hex(git(folder, &["hash-object", "-w", "--stdin"], content).as_bytes()).unwrap()
}

/// The repository in `folder`.
pub fn open(folder: &Path, preference: Preference) -> Repository {
    Repository::in_folder(folder.join(".git"), preference)
}
