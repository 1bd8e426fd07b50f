//! The `git` executable.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

/// PATH without its relative folders, if it has any.
static ABSOLUTE_PATH: LazyLock<Option<OsString>> = LazyLock::new(|| {
    let path = std::env::var_os("PATH")?;
    let (kept, left_out): (Vec<_>, Vec<_>) = std::env::split_paths(&path).partition(|folder| is_safe(folder));
    // An empty PATH would mean the current folder again.
    let path = if kept.is_empty() { "/nonexistent".into() } else { std::env::join_paths(kept).ok()? };
    (!left_out.is_empty()).then_some(path)
});

/// Whether a program may be started from `folder`: a relative one, as `.`, lies in
/// whatever work tree is being read, and whoever wrote that would choose the program.
pub fn is_safe(folder: &Path) -> bool {
    folder.is_absolute()
}

/// A command that finds `program`, and lets it find others, in the absolute folders
/// of PATH only.
pub fn program(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    if let Some(path) = &*ABSOLUTE_PATH {
        command.env("PATH", path);
    }
    command
}

/// Why `git` did not start, for people.
pub fn not_started(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no git on PATH".to_owned(),
        _ => error.to_string(),
    }
}
