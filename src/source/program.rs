//! The `git` executable.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

/// The absolute and the relative folders of PATH.
static FOLDERS: LazyLock<(Vec<PathBuf>, Vec<PathBuf>)> = LazyLock::new(|| {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).partition(|folder| is_safe(folder))
});

/// The folders to search for programs, if they differ from PATH.
static PROGRAMS: LazyLock<Option<OsString>> = LazyLock::new(|| {
    // Without a PATH the system uses its own.
    std::env::var_os("PATH")?;
    let (kept, left_out) = &*FOLDERS;
    // git passes the folder of its own programs to its hooks, even if PATH was changed in
    // between.
    let own = std::env::var_os("GIT_EXEC_PATH").map(PathBuf::from);
    let own = own.filter(|folder| is_safe(folder) && !kept.contains(folder));
    if left_out.is_empty() && own.is_none() {
        return None;
    }
    let folders: Vec<_> = kept.iter().chain(&own).collect();
    // An empty PATH would mean the current folder.
    let path = std::env::join_paths(folders).ok().filter(|path| !path.is_empty());
    Some(path.unwrap_or_else(|| "/nonexistent".into()))
});

/// Whether programs may be started from `folder`. A relative one such as `.` is in the work
/// tree, whose author could choose the program.
pub fn is_safe(folder: &Path) -> bool {
    folder.is_absolute()
}

/// A command for `program`. It and its children search only the absolute folders of PATH.
pub fn program(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    if let Some(path) = &*PROGRAMS {
        command.env("PATH", path);
    }
    command
}

/// Why `git` did not start.
pub fn not_started(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => no_git(),
        _ => error.to_string(),
    }
}

/// The message that there is no git.
pub fn no_git() -> String {
    let has_git = |folder: &&PathBuf| ["git", "git.exe"].iter().any(|name| folder.join(name).is_file());
    match FOLDERS.1.iter().find(has_git) {
        Some(folder) => format!(
            "the only git on PATH is in `{}`, which is ignored: a relative folder differs in each repository",
            folder.display()
        ),
        None => "there is no git on PATH".to_owned(),
    }
}
