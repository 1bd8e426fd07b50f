//! Hooks for every repository of a user or of a machine.
//!
//! The scripts are in dtguard's own folder. git's user or system configuration refers to them
//! in one of two ways: as configured hooks, which run beside each repository's own, or as
//! `core.hooksPath`. The latter replaces the repository's own hooks, so the other files of the
//! folder run these.

use std::path::{Path, PathBuf};

use super::config::{Block, put, quoted, take_out};
use super::files::slashes;
use super::git::{expanded, settings, user_folder};
use super::owned::{Owned, is_owned};
use super::{ConfigScope, Git, Hooks, InstallError, Installed, Removed, Stage};

/// How git's configuration refers to the scripts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// `hook.<name>.event` and `.command`.
    Configured,
    /// `core.hooksPath`; with the git that has no configured hooks, or none if the option asked
    /// for it.
    HooksPath(Option<Git>),
    /// Somebody else set `core.hooksPath`, and the hooks are in that folder.
    Beside(PathBuf),
}

/// The hooks of one [`ConfigScope`].
#[derive(Debug)]
pub struct Rollout {
    scope: ConfigScope,
    config: PathBuf,
    owned: Owned,
}

/// The result of an installation.
#[derive(Debug)]
pub struct RolledOut {
    /// How git's configuration refers to them.
    pub route: Route,
    /// The guarded stages.
    pub stages: Vec<Stage>,
    /// Whether anything changed.
    pub changed: bool,
}

impl Rollout {
    /// The hooks of `scope`, installed or not.
    pub fn of(scope: ConfigScope) -> Result<Self, InstallError> {
        let config = scope.config_file()?;
        let folder = match scope {
            ConfigScope::User => user_folder()?,
            // The folder of `/etc/gitconfig` also contains `/etc/dtguard`.
            ConfigScope::System => config.parent().map(Path::to_path_buf).unwrap_or_default(),
        };
        let owned = Owned::new(folder.join("dtguard").join("hooks"));
        Ok(Self { scope, config, owned })
    }

    /// dtguard's own folder.
    pub fn folder(&self) -> &Path {
        self.owned.path()
    }

    /// git's configuration file.
    pub fn config(&self) -> &Path {
        &self.config
    }

    /// Installs the hooks for `stages` for every repository. They run `program`, beside
    /// existing hooks.
    ///
    /// `hooks_path` uses `core.hooksPath` even if each git has configured hooks. `beside` uses
    /// the folder of an existing `core.hooksPath`. Fails if somebody else's `core.hooksPath`
    /// exists and `beside` is not set, or if a file cannot be written or is somebody else's.
    pub fn install(
        &self,
        stages: &[Stage],
        program: &Path,
        hooks_path: bool,
        beside: bool,
    ) -> Result<RolledOut, InstallError> {
        if let Some(folder) = self.somebodys_folder()? {
            if !beside {
                return Err(self.taken(&folder));
            }
            let hooks = Hooks::in_folder(&folder);
            let mut changed = false;
            for stage in stages {
                changed |= hooks.install(*stage, program)? != Installed::Unchanged;
            }
            return Ok(RolledOut { route: Route::Beside(folder), stages: stages.to_vec(), changed });
        }
        let old_git = Git::all().into_iter().find(|git| !git.has_configured_hooks());
        let route = match old_git {
            None if !hooks_path => Route::Configured,
            old_git => Route::HooksPath(old_git),
        };
        let wanted: Vec<Stage> =
            Stage::ALL.into_iter().filter(|stage| stages.contains(stage) || self.owned.has(*stage)).collect();
        // First the scripts, then the setting that refers to them.
        let chained = route != Route::Configured;
        let mut changed = self.owned.write_scripts(chained, &wanted, program, (&self.config, self.scope))?;
        changed |= put(&self.config, &[self.everything()], &self.block(&route, &wanted))?;
        Ok(RolledOut { route, stages: wanted, changed })
    }

    /// Removes the hooks for `stages`. Returns the stages that were installed.
    pub fn uninstall(&self, stages: &[Stage]) -> Result<Vec<Stage>, InstallError> {
        self.owned.must_be_unedited(stages)?;
        // core.hooksPath may have been set before or since.
        let somebodys = self.somebodys_folder()?;
        let mut beside = Vec::new();
        if let Some(hooks) = somebodys.as_deref().map(Hooks::in_folder) {
            for stage in stages {
                if !matches!(hooks.uninstall(*stage)?, Removed::Absent | Removed::Foreign) {
                    beside.push(*stage);
                }
            }
        }
        let (gone, left): (Vec<Stage>, Vec<Stage>) = Stage::ALL
            .into_iter()
            .filter(|stage| self.owned.has(*stage))
            .partition(|stage| stages.contains(stage));
        let all = Stage::ALL.into_iter().filter(|stage| gone.contains(stage) || beside.contains(stage));
        if left.is_empty() {
            take_out(&self.config, &[self.everything()])?;
            self.owned.remove_scripts()?;
            return Ok(all.collect());
        }
        let chained = self.owned.is_chained();
        let route = if chained { Route::HooksPath(None) } else { Route::Configured };
        // Somebody else's core.hooksPath stays in force.
        if !chained || somebodys.is_none() {
            put(&self.config, &[self.everything()], &self.block(&route, &left))?;
        }
        self.owned.take_out(&gone, chained)?;
        Ok(all.collect())
    }

    /// The error that somebody else's hooks are set for every repository.
    fn taken(&self, folder: &Path) -> InstallError {
        let (name, option, folder) = (self.scope.name(), self.scope.option(), folder.display());
        let unset = format!("git config --{name} --unset core.hooksPath");
        InstallError::new(
            format!("core.hooksPath in the {name} configuration leads to `{folder}`, which is not dtguard's"),
            format!(
                "dtguard install {option} --beside\n(puts the hooks into that folder, beside what is there; or unset it: {unset})"
            ),
        )
    }

    /// The folder of `core.hooksPath` outside repositories, unless it is dtguard's.
    fn somebodys_folder(&self) -> Result<Option<PathBuf>, InstallError> {
        let paths = settings(None, r"^core\.hookspath$")?;
        let mut before = paths.iter().filter(|setting| match self.scope {
            ConfigScope::User => true,
            // A user's setting does not concern others.
            ConfigScope::System => setting.scope == "system",
        });
        let taken = before.next_back().map(|setting| expanded(&setting.value));
        // dtguard's folder stays dtguard's even if somebody removed it.
        let ours = |folder: &Path| folder == self.folder() || is_owned(folder);
        Ok(taken.filter(|folder| !folder.as_os_str().is_empty() && !ours(folder)))
    }

    fn block(&self, route: &Route, stages: &[Stage]) -> Block {
        let folder = slashes(self.folder());
        let lines = match route {
            Route::Configured => stages.iter().flat_map(|stage| configured(&folder, *stage)).collect(),
            Route::HooksPath(_) | Route::Beside(_) => {
                vec!["[core]".to_owned(), format!("\thooksPath = {}", quoted(&folder))]
            }
        };
        Block { purpose: "hooks", lines }
    }

    /// All lines that any version may have written.
    fn everything(&self) -> Block {
        let mut all = self.block(&Route::Configured, &Stage::ALL);
        all.lines.extend(self.block(&Route::HooksPath(None), &[]).lines);
        all
    }
}

/// The lines that make git run the script for `stage`.
fn configured(folder: &str, stage: Stage) -> [String; 3] {
    // git passes it to a shell.
    let command = format!("'{}/{stage}'", folder.replace('\'', r"'\''"));
    [
        format!("[hook \"{}\"]", configured_name(stage)),
        format!("\tcommand = {}", quoted(&command)),
        format!("\tevent = {stage}"),
    ]
}

/// The name of the configured hook. It must differ from the names of events.
fn configured_name(stage: Stage) -> String {
    format!("dtguard-{stage}")
}
