//! The folder of hooks and what is put into it.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::scripts::{Owner, asks_for_its_name, owner, shell_of};
use super::{InstallError, Stage};
use crate::source::git_says;

/// The folder from which git runs a repository's hooks.
#[derive(Debug)]
pub struct Hooks {
    pub(super) folder: PathBuf,
    /// Whether the folder lies outside the repository's own git directory.
    pub(super) shared: bool,
}

/// What became of a hook that was to be installed.
#[derive(Debug, PartialEq, Eq)]
pub enum Installed {
    /// It is new.
    New,
    /// It is new, and the hook that was there is kept here and runs first.
    Beside(PathBuf),
    /// An older one of dtguard's was replaced.
    Updated,
    /// It was there already.
    Unchanged,
}

/// What became of a hook that was to be taken out.
#[derive(Debug, PartialEq, Eq)]
pub enum Removed {
    /// It is gone.
    Gone,
    /// It is gone, and the hook that was there before is back.
    Restored,
    /// There was none.
    Absent,
    /// There is one, of somebody else.
    Foreign,
}

impl Hooks {
    /// The hooks of the repository around `repository`, else of the one that git
    /// finds from here, where git looks for them (`git rev-parse --git-path hooks`).
    ///
    /// # Errors
    ///
    /// If there is none, or its hooks are in a folder that husky writes anew.
    pub fn of(repository: Option<&Path>) -> Result<Self, InstallError> {
        let folder = repository.unwrap_or(Path::new("."));
        let ask = |arguments: &[&str]| {
            git_says(repository, arguments).map(|answer| folder.join(answer)).map_err(|error| {
                InstallError::NoRepository { repository: folder.to_path_buf(), error: Box::new(error) }
            })
        };
        let hooks = ask(&["rev-parse", "--git-path", "hooks"])?;
        let own = ask(&["rev-parse", "--git-common-dir"])?.join("hooks");
        let absolute = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        if absolute(&hooks).ends_with(".husky/_") {
            return Err(InstallError::Husky(hooks));
        }
        let shared = absolute(&hooks) != absolute(&own);
        Ok(Self { folder: hooks, shared })
    }

    /// Where they are.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether `core.hooksPath` leads to a folder that is not this repository's
    /// own, and so perhaps other repositories' too.
    pub fn is_shared(&self) -> bool {
        self.shared
    }

    /// Puts the hook for `stage` in place, running `program`.
    ///
    /// # Errors
    ///
    /// If a file cannot be written or moved, or would have to be overwritten.
    pub fn install(&self, stage: Stage, program: &Path) -> Result<Installed, InstallError> {
        let (hook, kept) = self.paths(stage);
        let found = read(&hook)?;
        let theirs = match &found {
            Some(content) if owner(stage, content) == Owner::Other => Some(content.clone()),
            _ => read(&kept)?,
        };
        let shell = theirs.as_deref().and_then(shell_of);
        let script = stage.script(program, shell.as_deref().unwrap_or_default());
        let installed = match found.as_deref().map(|content| (content, owner(stage, content))) {
            None => Installed::New,
            Some((content, _)) if content == script.as_bytes() && is_executable(&hook) => {
                return Ok(Installed::Unchanged);
            }
            Some((_, Owner::Dtguard)) => Installed::Updated,
            Some((_, Owner::Edited)) => return Err(InstallError::Edited(hook)),
            Some((_, Owner::Other)) if kept.symlink_metadata().is_ok() => {
                return Err(InstallError::TwoHooks { hook, kept });
            }
            Some((content, Owner::Other)) if shell.is_none() && asks_for_its_name(content) => {
                return Err(InstallError::AsksForItsName { hook, stage });
            }
            Some((_, Owner::Other)) => Installed::Beside(kept.clone()),
        };
        fs::create_dir_all(&self.folder).map_err(InstallError::file("create", &self.folder))?;
        let new = self.folder.join(format!("{stage}.dtguard-new"));
        fs::write(&new, script)
            .and_then(|()| make_executable(&new))
            .map_err(InstallError::file("write", &new))?;
        if matches!(installed, Installed::Beside(_)) {
            fs::rename(&hook, &kept).map_err(InstallError::file("move", &hook))?;
        }
        fs::rename(&new, &hook).map_err(InstallError::file("write", &hook))?;
        Ok(installed)
    }

    /// Takes the hook for `stage` out, if it is dtguard's.
    ///
    /// # Errors
    ///
    /// If a file cannot be read, moved or removed.
    pub fn uninstall(&self, stage: Stage) -> Result<Removed, InstallError> {
        let (hook, kept) = self.paths(stage);
        match read(&hook)?.map(|content| owner(stage, &content)) {
            None => return Ok(Removed::Absent),
            Some(Owner::Other) => return Ok(Removed::Foreign),
            Some(Owner::Edited) => return Err(InstallError::Edited(hook)),
            Some(Owner::Dtguard) => {}
        }
        if kept.symlink_metadata().is_ok() {
            fs::rename(&kept, &hook).map_err(InstallError::file("move", &kept))?;
            return Ok(Removed::Restored);
        }
        fs::remove_file(&hook).map_err(InstallError::file("remove", &hook))?;
        Ok(Removed::Gone)
    }

    fn paths(&self, stage: Stage) -> (PathBuf, PathBuf) {
        (self.folder.join(stage.name()), self.folder.join(format!("{stage}.before-dtguard")))
    }
}

/// The content of a hook; of a dangling link none of its own, but it is there.
fn read(hook: &Path) -> Result<Option<Vec<u8>>, InstallError> {
    match fs::read(hook) {
        Ok(content) => Ok(Some(content)),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Ok(hook.symlink_metadata().ok().map(|_| Vec::new()))
        }
        Err(error) => Err(InstallError::file("read", hook)(error)),
    }
}

#[cfg(unix)]
fn make_executable(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}

/// Whether git would run the hook.
#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(_path: &Path) -> bool {
    true
}

#[cfg(not(unix))]
fn make_executable(_path: &Path) -> std::io::Result<()> {
    Ok(())
}
