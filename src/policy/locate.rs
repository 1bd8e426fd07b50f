//! Finds the policy files above the repository's.

use std::env;
use std::fs::File;
use std::io::{self, ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use super::layer::LARGEST;
use super::{Layer, Level, PolicyError};
use crate::source::home_folder;

/// The path within the system's folder for settings.
const NAME: [&str; 2] = ["dtguard", "policy.toml"];

/// The paths of the system's and the user's policy.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// The system's. No variable and no setting moves it.
    pub system: Vec<PathBuf>,
    /// The user's.
    pub user: Option<PathBuf>,
}

impl Places {
    /// The paths on this machine, for this user.
    pub fn usual() -> Self {
        let below = |folder: PathBuf| NAME.iter().fold(folder, |path, name| path.join(name));
        let mut folders = vec![PathBuf::from(if cfg!(windows) { r"C:\ProgramData" } else { "/etc" })];
        if cfg!(windows) {
            // A moved file counts beside the usual one, not instead of it.
            let moved = env::var_os("PROGRAMDATA").map(PathBuf::from).filter(|path| path.is_absolute());
            folders
                .extend(moved.filter(|path| !path.to_string_lossy().eq_ignore_ascii_case(r"C:\ProgramData")));
        }
        let xdg = env::var_os("XDG_CONFIG_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        let user = xdg.or_else(|| Some(home_folder()?.join(".config")));
        Self { system: folders.into_iter().map(below).collect(), user: user.map(below) }
    }

    /// Reads the layers above the repository's, the highest first. `named` are the files that
    /// git's configuration names. If an existing file cannot be read, or a named one is
    /// missing, returns the layers above it and the error.
    pub fn read(&self, named: &[PathBuf]) -> (Vec<Layer>, Option<PolicyError>) {
        let system = self.system.iter().map(|path| if_there(Level::System, path));
        let named = named.iter().map(|path| named_by_git(path).map(Some));
        let user = self.user.iter().map(|path| if_there(Level::User, path));
        let mut layers = Vec::new();
        for layer in system.chain(named).chain(user) {
            match layer {
                Ok(layer) => layers.extend(layer),
                Err(error) => return (layers, Some(error)),
            }
        }
        (layers, None)
    }
}

fn if_there(level: Level, path: &Path) -> Result<Option<Layer>, PolicyError> {
    let file = path.display().to_string();
    // A dangling link is a policy that somebody intended.
    let is_absent = |error: &std::io::Error| {
        matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
            && !path.ancestors().any(leads_nowhere)
    };
    match read_file(path) {
        Ok(bytes) => Layer::new(level, &file, &bytes).map(Some),
        Err(error) if is_absent(&error) => Ok(None),
        Err(error) => Err(PolicyError::new(
            &file,
            "",
            None,
            &format!("this policy of the {} cannot be read: {error}", level.name()),
            "make it a file that every user can read",
        )),
    }
}

/// Reads the policy file at `path`, up to one byte more than allowed. Refuses pipes and
/// devices, which could block or never end.
fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    if !path.metadata()?.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    read_up_to_largest(File::open(path)?)
}

/// Reads the policy file at `path`, which the user named: it may be a pipe.
pub fn read_named(path: &Path) -> io::Result<Vec<u8>> {
    read_up_to_largest(File::open(path)?)
}

fn read_up_to_largest(file: File) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    file.take(LARGEST as u64 + 1).read_to_end(&mut content)?;
    Ok(content)
}

fn leads_nowhere(path: &Path) -> bool {
    path.is_symlink() && !path.exists()
}

fn named_by_git(path: &Path) -> Result<Layer, PolicyError> {
    let file = path.display().to_string();
    let error = |why: &str| {
        PolicyError::new(
            &file,
            "",
            None,
            &format!("git's setting dtguard.policy names this file, and {why}"),
            "git config --show-scope --show-origin --get-all dtguard.policy\n(shows where it is set: correct it there, or put the file there)",
        )
    };
    if !path.is_absolute() {
        return Err(error("that is no absolute path"));
    }
    let bytes = read_file(path).map_err(|why| error(&format!("it cannot be read: {why}")))?;
    Layer::new(Level::Organisation, &file, &bytes)
}

/// An absolute path, or one that begins with `~/`.
pub(super) fn expanded(text: &str) -> Option<PathBuf> {
    let path = match text.strip_prefix("~/") {
        Some(rest) => home_folder()?.join(rest),
        None => PathBuf::from(text),
    };
    path.is_absolute().then_some(path)
}
