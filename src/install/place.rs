//! The folder of hooks and what is put into it.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::manager::Manager;
use super::rollout::{is_owned, remove, write};
use super::scripts::{CHAIN, Owner, asks_for_its_name, is_chain, owner, shell_of};
use super::{InstallError, Stage};
use crate::source::git_says;

/// The folder from which git runs a repository's hooks.
#[derive(Debug)]
pub struct Hooks {
    pub(super) folder: PathBuf,
    /// Whether the folder lies outside the repository's own git directory.
    pub(super) shared: bool,
    /// Where other programs look for their configuration: the work tree's top.
    pub(super) top: PathBuf,
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
    /// It is where this program looks for one to run before its own, in this file.
    Legacy(Manager, PathBuf),
    /// Another program runs the hooks here, and this file of its configuration
    /// calls dtguard.
    Through(PathBuf),
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
    /// Where that is the folder of `dtguard install --user` or `--system`, which
    /// runs a repository's own hooks, they are the repository's own.
    ///
    /// # Errors
    ///
    /// If there is none.
    pub fn of(repository: Option<&Path>) -> Result<Self, InstallError> {
        let (in_force, own) = Self::in_force_and_own(repository)?;
        Ok(if is_owned(&in_force.folder) { own } else { in_force })
    }

    /// As [`Hooks::of`], and the repository's own too where git passes those over.
    ///
    /// # Errors
    ///
    /// If there is none.
    pub fn all_of(repository: Option<&Path>) -> Result<Vec<Self>, InstallError> {
        let (in_force, own) = Self::in_force_and_own(repository)?;
        Ok(match in_force.shared && !is_owned(&in_force.folder) {
            true if own.folder.is_dir() => vec![in_force, own],
            true => vec![in_force],
            false => vec![own],
        })
    }

    /// The folder that git uses, and the repository's own, which may be the same.
    pub(super) fn in_force_and_own(repository: Option<&Path>) -> Result<(Self, Self), InstallError> {
        let folder = repository.unwrap_or(Path::new("."));
        let ask = |arguments: &[&str]| {
            git_says(repository, arguments).map(|answer| folder.join(answer)).map_err(|error| {
                InstallError::NoRepository { repository: folder.to_path_buf(), error: Box::new(error) }
            })
        };
        let hooks = ask(&["rev-parse", "--git-path", "hooks"])?;
        let own = ask(&["rev-parse", "--git-common-dir"])?.join("hooks");
        // A bare repository has no work tree, and nobody's configuration in it.
        let top = ask(&["rev-parse", "--show-toplevel"]).unwrap_or_else(|_| folder.to_path_buf());
        let absolute = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        let shared = absolute(&hooks) != absolute(&own);
        Ok((Self { folder: hooks, shared, top: top.clone() }, Self { folder: own, shared: false, top }))
    }

    /// The hooks in a folder that belongs to no single repository.
    pub fn in_folder(folder: &Path) -> Self {
        Self { folder: folder.to_path_buf(), shared: true, top: folder.to_path_buf() }
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
        let manager = self.manager(stage)?;
        if let Some(manager) = manager.filter(|manager| !manager.runs_legacy()) {
            return manager
                .calls_dtguard(&self.folder, &self.top, stage)
                .map(Installed::Through)
                .ok_or_else(|| InstallError::Managed { manager, stage, folder: self.folder.clone() });
        }
        let (hook, kept) = self.paths(stage, manager);
        let found = read(&hook)?;
        let kept_before = read(&kept)?;
        let keeps_theirs = kept_before.as_deref().is_some_and(|content| !is_chain(content));
        let is_theirs = found.as_deref().is_some_and(|content| owner(stage, content) == Owner::Other);
        // git-lfs gives up its place to any hook, and would upload nothing.
        let chains = stage == Stage::PrePush && !is_theirs && !keeps_theirs;
        let theirs = match &found {
            Some(content) if is_theirs => Some(content.clone()),
            _ if chains => Some(CHAIN.as_bytes().to_vec()),
            _ => kept_before.clone(),
        };
        let shell = theirs.as_deref().and_then(shell_of);
        let script = stage.script(program, shell.as_deref().unwrap_or_default());
        let installed = match found.as_deref().map(|content| (content, owner(stage, content))) {
            None => match manager {
                Some(manager) => Installed::Legacy(manager, hook.clone()),
                None => Installed::New,
            },
            Some((content, _))
                if content == script.as_bytes()
                    && is_executable(&hook)
                    && (!chains || kept_before.is_some()) =>
            {
                return Ok(Installed::Unchanged);
            }
            Some((_, Owner::Dtguard)) => Installed::Updated,
            Some((_, Owner::Edited)) => return Err(InstallError::Edited(hook)),
            Some((_, Owner::Other)) if keeps_theirs => {
                return Err(InstallError::TwoHooks { hook, kept });
            }
            Some((content, Owner::Other)) if shell.is_none() && asks_for_its_name(content) => {
                return Err(InstallError::AsksForItsName { hook, stage });
            }
            Some((_, Owner::Other)) => Installed::Beside(kept.clone()),
        };
        fs::create_dir_all(&self.folder).map_err(InstallError::file("create", &self.folder))?;
        if chains {
            write(&kept, CHAIN)?;
        }
        // Written before theirs is moved: a full disk must leave theirs where it is.
        let new = self.folder.join(format!("{stage}.dtguard-new"));
        write(&new, &script)?;
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
        let (hook, kept) = self.paths(stage, self.manager(stage)?);
        match read(&hook)?.map(|content| owner(stage, &content)) {
            None => return Ok(Removed::Absent),
            Some(Owner::Other) => return Ok(Removed::Foreign),
            Some(Owner::Edited) => return Err(InstallError::Edited(hook)),
            Some(Owner::Dtguard) => {}
        }
        if read(&kept)?.is_some_and(|content| is_chain(&content)) {
            remove(&kept)?;
        } else if kept.symlink_metadata().is_ok() {
            fs::rename(&kept, &hook).map_err(InstallError::file("move", &kept))?;
            return Ok(Removed::Restored);
        }
        fs::remove_file(&hook).map_err(InstallError::file("remove", &hook))?;
        Ok(Removed::Gone)
    }

    /// Who else writes the hook for `stage`.
    pub(super) fn manager(&self, stage: Stage) -> Result<Option<Manager>, InstallError> {
        let folder = self.folder.canonicalize().unwrap_or_else(|_| self.folder.clone());
        let found = read(&self.folder.join(stage.name()))?.unwrap_or_default();
        Ok(Manager::of(&folder, &found))
    }

    /// Where dtguard's hook for `stage` goes beside `manager`'s, and where one that
    /// is found there is kept.
    pub(super) fn paths(&self, stage: Stage, manager: Option<Manager>) -> (PathBuf, PathBuf) {
        let name = match manager {
            Some(manager) if manager.runs_legacy() => format!("{stage}.legacy"),
            // What it makes of a hook that it finds.
            Some(Manager::Lefthook) => format!("{stage}.old"),
            _ => stage.name().to_owned(),
        };
        (self.folder.join(name), self.folder.join(format!("{stage}.before-dtguard")))
    }
}

/// The content of a hook; of a dangling link none of its own, but it is there.
pub(super) fn read(hook: &Path) -> Result<Option<Vec<u8>>, InstallError> {
    match fs::read(hook) {
        Ok(content) => Ok(Some(content)),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Ok(hook.symlink_metadata().ok().map(|_| Vec::new()))
        }
        Err(error) => Err(InstallError::file("read", hook)(error)),
    }
}

#[cfg(unix)]
pub(super) fn make_executable(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}

/// Whether users other than its owner can run a program: its mode, and that of each
/// folder above it.
#[cfg(unix)]
pub fn everybody_can_run(program: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    let open = |path: &Path| fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 1 != 0);
    program.ancestors().all(open)
}

/// Whether users other than its owner can run a program: as far as is known here.
#[cfg(not(unix))]
pub fn everybody_can_run(_program: &Path) -> bool {
    true
}

/// Whether git would run the hook.
#[cfg(unix)]
pub(super) fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
pub(super) fn is_executable(_path: &Path) -> bool {
    true
}

#[cfg(not(unix))]
pub(super) fn make_executable(_path: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_program_in_a_home_folder_is_not_one_that_everybody_can_run() {
        let home = tempfile::tempdir().unwrap();
        let program = home.path().join("program");
        fs::write(&program, "").unwrap();
        let set = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        for (folder, file, can) in [(0o700, 0o755, false), (0o755, 0o700, false), (0o755, 0o755, true)] {
            set(home.path(), folder);
            set(&program, file);
            let above = home.path().parent().unwrap();
            assert_eq!(everybody_can_run(&program), can && everybody_can_run(above), "{folder:o} {file:o}");
        }
    }
}
