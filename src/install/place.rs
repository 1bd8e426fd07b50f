//! The folder of a repository's hooks: installing into it and removing from it.

use std::fs;
use std::path::{Path, PathBuf};

use super::files::{locked, read, remove};
use super::found::{Found, Installed, Removed};
use super::git::{no_repository, settings};
use super::owned::is_owned;
use super::scripts::{Owner, is_chain, shell_of};
use super::{InstallError, Manager, Stage, names};
use crate::source::git_says;

/// The folder from which git runs a repository's hooks.
#[derive(Debug)]
pub struct Hooks {
    pub(super) folder: PathBuf,
    /// Whether the folder is outside the repository's own git folder.
    pub(super) shared: bool,
    /// Whether a link, and not a setting, leads there.
    pub(super) linked: bool,
    /// The top of the work tree, where hook managers have their configuration.
    pub(super) top: PathBuf,
}

/// The result of installing several hooks.
#[derive(Debug, Default)]
pub struct InstalledAll {
    /// Each guarded stage.
    pub done: Vec<(Stage, Installed)>,
    /// Changed files of a hook manager's configuration.
    pub wrote: Vec<PathBuf>,
    /// Errors of the other stages.
    pub refused: Vec<InstallError>,
}

impl InstalledAll {
    fn add(&mut self, stage: Stage, installed: Result<Installed, InstallError>) {
        match installed {
            Ok(installed) => self.done.push((stage, installed)),
            Err(error) => self.refused.push(error),
        }
    }
}

/// The result of removing several hooks.
#[derive(Debug, Default)]
pub struct RemovedAll {
    /// Each stage.
    pub done: Vec<(Stage, Removed)>,
    /// Changed files of a hook manager's configuration.
    pub wrote: Vec<PathBuf>,
    /// Files of a hook manager's configuration that still call dtguard.
    pub callers: Vec<PathBuf>,
    /// What could not be removed, and why.
    pub refused: Vec<InstallError>,
}

impl Hooks {
    /// The hooks of the repository around `repository`, or around the current folder, where git
    /// searches them (`git rev-parse --git-path hooks`). The folder of `dtguard install --user`
    /// or `--system` runs a repository's own hooks, so then these are meant.
    pub fn of(repository: Option<&Path>) -> Result<Self, InstallError> {
        let (in_force, own) = Self::in_force_and_own(repository)?;
        Ok(if in_force.is_dtguards() { own } else { in_force })
    }

    /// Like [`Hooks::of`], with the repository's own hooks too if git ignores them.
    pub fn all_of(repository: Option<&Path>) -> Result<Vec<Self>, InstallError> {
        let (in_force, own) = Self::in_force_and_own(repository)?;
        Ok(match in_force.shared && !in_force.is_dtguards() {
            true if own.folder.is_dir() && own.folder != in_force.folder => vec![in_force, own],
            true => vec![in_force],
            false => vec![own],
        })
    }

    /// The folder that git uses, and the repository's own; they may be the same.
    pub(super) fn in_force_and_own(repository: Option<&Path>) -> Result<(Self, Self), InstallError> {
        let folder = repository.unwrap_or(Path::new("."));
        let ask = |arguments: &[&str]| {
            let answer = git_says(repository, arguments).map(|answer| folder.join(answer));
            answer.map_err(no_repository(folder))
        };
        let hooks = ask(&["rev-parse", "--git-path", "hooks"])?;
        let common = ask(&["rev-parse", "--git-common-dir"])?;
        let own = common.join("hooks");
        // A bare repository has no work tree, and no hook manager's configuration.
        let top = ask(&["rev-parse", "--show-toplevel"]).unwrap_or_else(|_| folder.to_path_buf());
        let absolute = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        let real = absolute(&hooks);
        let set = real != absolute(&own);
        // A link in the usual place leads elsewhere too.
        let linked =
            !set && own.exists() && [&common, &top].iter().all(|inner| !real.starts_with(absolute(inner)));
        let shared = set || linked;
        let in_force = Self { folder: hooks, shared, linked, top: top.clone() };
        Ok((in_force, Self { folder: own, shared: false, linked: false, top }))
    }

    /// The hooks in a folder that belongs to no single repository.
    pub fn in_folder(folder: &Path) -> Self {
        Self { folder: folder.to_path_buf(), shared: true, linked: false, top: folder.to_path_buf() }
    }

    /// Whether this is the folder of `dtguard install --user` or `--system`. A repository's own
    /// setting is not trusted: it could name a folder that only resembles it.
    fn is_dtguards(&self) -> bool {
        let set = || settings(Some(&self.top), r"^core\.hookspath$").unwrap_or_default();
        let by_repository = || set().last().is_some_and(|last| matches!(&*last.scope, "local" | "worktree"));
        is_owned(&self.folder) && !by_repository()
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether `core.hooksPath` names a folder outside this repository, which other
    /// repositories may share.
    pub fn is_shared(&self) -> bool {
        self.shared
    }

    /// Whether the repository's own folder is a link that leads out of it.
    pub fn is_linked(&self) -> bool {
        self.linked
    }

    /// Installs the hooks for `stages`, which run `program`. With `write`, also changes the
    /// configuration of a hook manager.
    pub fn install_all(&self, stages: &[Stage], program: &Path, write: bool) -> InstalledAll {
        let mut all = InstalledAll::default();
        let mut managed = Vec::new();
        for stage in stages {
            // An error of one stage must not keep the others from being guarded.
            match self.kept_by(*stage) {
                Ok(Some(manager)) => managed.push((manager, *stage)),
                Ok(None) => all.add(*stage, self.install(*stage, program)),
                Err(error) => all.refused.push(error),
            }
        }
        for manager in Manager::BY_CONFIGURATION {
            let of_it: Vec<Stage> =
                managed.iter().filter(|(one, _)| *one == manager).map(|(_, stage)| *stage).collect();
            if of_it.is_empty() {
                continue;
            }
            // All missing stages at once, so that the user is asked once.
            let missing: Vec<Stage> =
                stages.iter().copied().filter(|stage| self.caller(manager, *stage).is_none()).collect();
            if !write {
                all.refused.push(self.managed(manager, &of_it, &missing));
                continue;
            }
            match manager.write(&self.folder, &self.top, &missing) {
                Ok(files) => all.wrote.extend(files),
                Err(error) => all.refused.push(error),
            }
            for stage in of_it {
                all.add(stage, self.install(stage, program));
            }
        }
        all
    }

    /// The error that `manager` writes the hooks for `stages` and would drop dtguard's.
    fn managed(&self, manager: Manager, stages: &[Stage], missing: &[Stage]) -> InstallError {
        let (name, folder, stages) = (manager.name(), self.folder.display(), names(stages));
        let message = format!("{name} writes the hooks in `{folder}` and would drop dtguard's: {stages}");
        InstallError::new(message, manager.advice(&self.folder, &self.top, missing))
    }

    /// The file of `manager`'s configuration that calls dtguard for `stage`.
    fn caller(&self, manager: Manager, stage: Stage) -> Option<PathBuf> {
        manager.calls_dtguard(&self.folder, &self.top, stage)
    }

    /// The hook manager that writes the hook for `stage` and would drop dtguard's.
    fn kept_by(&self, stage: Stage) -> Result<Option<Manager>, InstallError> {
        let manager = self.manager(stage)?.filter(|manager| !manager.runs_legacy());
        Ok(manager.filter(|manager| self.caller(*manager, stage).is_none()))
    }

    /// Installs the hook for `stage`, which runs `program`. Fails if a file cannot be written
    /// or moved, or would be overwritten.
    pub fn install(&self, stage: Stage, program: &Path) -> Result<Installed, InstallError> {
        if let Some(manager) = self.kept_by(stage)? {
            return Err(self.managed(manager, &[stage], &[stage]));
        }
        let manager = self.manager(stage)?;
        if let Some(manager) = manager.filter(|manager| !manager.runs_legacy()) {
            return Ok(Installed::Through(self.caller(manager, stage).unwrap_or_default()));
        }
        fs::create_dir_all(&self.folder).map_err(InstallError::file("create", &self.folder))?;
        let _lock = locked(&self.folder);
        let (hook, kept) = self.paths(stage, manager);
        let found = Found::at(hook, kept, stage)?;
        let shell = found.theirs().and_then(shell_of);
        let script = stage.script(program, shell.as_deref().unwrap_or_default());
        let installed = found.becomes(&script, manager, shell.is_some())?;
        if installed != Installed::Unchanged {
            found.replace(&script, &installed)?;
        }
        Ok(installed)
    }

    /// Removes dtguard's hooks for `stages`. With `write`, also changes the configuration of a
    /// hook manager back.
    pub fn uninstall_all(&self, stages: &[Stage], write: bool) -> RemovedAll {
        let mut all = RemovedAll::default();
        for stage in stages {
            match self.uninstall(*stage) {
                Ok(removed) => all.done.push((*stage, removed)),
                Err(error) => all.refused.push(error),
            }
        }
        for manager in Manager::BY_CONFIGURATION {
            let mut callers: Vec<PathBuf> =
                stages.iter().filter_map(|stage| self.caller(manager, *stage)).collect();
            callers.dedup();
            match write && !callers.is_empty() {
                true => match manager.take_out(&self.folder, &self.top, stages) {
                    Ok(files) => all.wrote.extend(files),
                    Err(error) => all.refused.push(error),
                },
                false => all.callers.extend(callers),
            }
        }
        all
    }

    /// Removes the hook for `stage` if it is dtguard's.
    pub fn uninstall(&self, stage: Stage) -> Result<Removed, InstallError> {
        let (hook, kept) = self.paths(stage, self.manager(stage)?);
        let _lock = locked(&self.folder);
        let found = Found::at(hook, kept, stage)?;
        let Found { hook, kept, .. } = &found;
        match found.owner {
            None if found.before.is_none() => return Ok(Removed::Absent),
            Some(Owner::Other) => {
                if found.broke_off() {
                    remove(kept)?;
                }
                return Ok(Removed::Foreign);
            }
            Some(Owner::Edited) => return Err(InstallError::edited(hook)),
            // Somebody removed the hook: restore the kept one anyway.
            None | Some(Owner::Dtguard) => {}
        }
        if found.before.as_deref().is_some_and(is_chain) {
            remove(kept)?;
        } else if found.before.is_some() {
            fs::rename(kept, hook).map_err(InstallError::file("move", kept))?;
            return Ok(Removed::Restored);
        }
        remove(hook)?;
        Ok(Removed::Gone)
    }

    /// The hook manager that writes the hook for `stage`.
    pub(super) fn manager(&self, stage: Stage) -> Result<Option<Manager>, InstallError> {
        let folder = self.folder.canonicalize().unwrap_or_else(|_| self.folder.clone());
        let found = read(&self.folder.join(stage.name()))?.unwrap_or_default();
        // Its own name, and the name of a link's target.
        Ok(Manager::of(&folder, &found).or_else(|| Manager::of(&self.folder, &found)))
    }

    /// The path of dtguard's hook for `stage` beside `manager`'s, and the path that keeps an
    /// earlier one.
    pub(super) fn paths(&self, stage: Stage, manager: Option<Manager>) -> (PathBuf, PathBuf) {
        let name = match manager {
            Some(manager) if manager.runs_legacy() => format!("{stage}.legacy"),
            // The manager renames an existing hook to this.
            Some(Manager::Lefthook) => format!("{stage}.old"),
            _ => stage.name().to_owned(),
        };
        (self.folder.join(name), self.folder.join(format!("{stage}.before-dtguard")))
    }
}
