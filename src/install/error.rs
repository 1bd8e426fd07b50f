//! Errors of installing, removing and proving hooks.

use std::io::{self, ErrorKind};
use std::path::Path;

use crate::source::no_git;

/// Why a hook could not be installed, removed or proven. Each error carries its message and its
/// fix, since no caller distinguishes them.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct InstallError {
    message: String,
    hint: String,
}

impl InstallError {
    /// An error with `message` and its fix, whose first line is a command.
    pub(super) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into() }
    }

    /// How to fix it.
    pub fn hint(&self) -> &str {
        &self.hint
    }

    /// The file at `path` could not be read, written, moved or removed.
    pub(super) fn file(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.display().to_string();
        move |error| {
            let message = format!("cannot {doing} `{path}`: {error}");
            Self::new(message, "check that the folder exists and can be written to")
        }
    }

    /// There is no `git`.
    pub(super) fn no_git() -> Self {
        let hint = "https://git-scm.com/downloads\n(install git, or add its folder to PATH)";
        Self::new(no_git(), hint)
    }

    /// git did not start.
    pub(super) fn start(error: &io::Error) -> Self {
        match error.kind() {
            ErrorKind::NotFound => Self::no_git(),
            _ => Self::git(&error.to_string()),
        }
    }

    /// git did not report its configuration.
    pub(super) fn git(why: &str) -> Self {
        let message = format!("git does not say what its configuration is: {why}");
        Self::new(message, "git config --list --show-origin\n(must succeed)")
    }

    /// Somebody changed a hook of dtguard.
    pub(super) fn edited(hook: &Path) -> Self {
        let message = format!("`{}` is dtguard's, but somebody has changed it", hook.display());
        let when = "(once its other lines are in a hook of their own, which dtguard then keeps)";
        Self::new(message, format!("{}\n{when}", remove(hook)))
    }

    /// A commit of the proof ended unexpectedly.
    pub(super) fn proof(why: &str) -> Self {
        let hint =
            "the hooks do not guard here; see whether git and sh work: git --version; sh -c 'echo works'";
        Self::new(format!("the proof failed: {why}"), hint)
    }
}

/// The command that removes a file.
pub(super) fn remove(path: &Path) -> String {
    format!("rm '{}'", path.display())
}
