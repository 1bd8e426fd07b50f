//! Hooks for every repository of a user or of a machine.
//!
//! The scripts stand in a folder that belongs to dtguard, and git's user or
//! system configuration leads to them: with configured hooks, which run beside
//! each repository's own, or with `core.hooksPath`, which makes git pass over
//! those, so that every other file of the folder runs them.

use std::path::{Path, PathBuf};

use super::config::{Block, put, quoted, take_out};
use super::files::slashes;
use super::git::{expanded, settings, user_folder};
use super::owned::{Owned, is_owned};
use super::{ConfigScope, Git, Hooks, InstallError, Installed, Removed, Stage};

/// How git is led to the scripts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// `hook.<name>.event` and `.command`.
    Configured,
    /// `core.hooksPath`, with the named git that knows no configured hooks; none
    /// if this was asked for.
    HooksPath(Option<Git>),
    /// Somebody's `core.hooksPath`, and the hooks are in that folder.
    Beside(PathBuf),
}

/// The hooks of one [`ConfigScope`].
#[derive(Debug)]
pub struct Rollout {
    scope: ConfigScope,
    config: PathBuf,
    owned: Owned,
}

/// What became of them.
#[derive(Debug)]
pub struct RolledOut {
    /// How git is led to them.
    pub route: Route,
    /// The stages that are guarded now.
    pub stages: Vec<Stage>,
    /// Whether anything had to be changed.
    pub changed: bool,
}

impl Rollout {
    /// That of `scope`, in place or not.
    pub fn of(scope: ConfigScope) -> Result<Self, InstallError> {
        let config = scope.config_file()?;
        let folder = match scope {
            ConfigScope::User => user_folder()?,
            // `/etc/gitconfig` has `/etc/dtguard` beside it.
            ConfigScope::System => config.parent().map(Path::to_path_buf).unwrap_or_default(),
        };
        let owned = Owned::new(folder.join("dtguard").join("hooks"));
        Ok(Self { scope, config, owned })
    }

    /// The folder that belongs to dtguard.
    pub fn folder(&self) -> &Path {
        self.owned.path()
    }

    /// git's configuration file.
    pub fn config(&self) -> &Path {
        &self.config
    }

    /// Puts the hooks for `stages` in place for every repository, running
    /// `program`, beside those that are there from before.
    ///
    /// `hooks_path`: not with configured hooks even where each git has them.
    /// `beside`: in the folder to which somebody's `core.hooksPath` leads.
    /// Fails if `core.hooksPath` leads to somebody's folder without `beside`, or a
    /// file cannot be written or is somebody else's.
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
        // First what git is led to, then what leads there.
        let chained = route != Route::Configured;
        let mut changed = self.owned.write_scripts(chained, &wanted, program, (&self.config, self.scope))?;
        changed |= put(&self.config, &[self.everything()], &self.block(&route, &wanted))?;
        Ok(RolledOut { route, stages: wanted, changed })
    }

    /// Takes the hooks for `stages` out. Returns the stages that were there.
    pub fn uninstall(&self, stages: &[Stage]) -> Result<Vec<Stage>, InstallError> {
        self.owned.must_be_unedited(stages)?;
        // Somebody may have set core.hooksPath since, or before.
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
        // Where somebody's core.hooksPath counts, it stays what counts.
        if !chained || somebodys.is_none() {
            put(&self.config, &[self.everything()], &self.block(&route, &left))?;
        }
        self.owned.take_out(&gone, chained)?;
        Ok(all.collect())
    }

    /// That somebody's hooks are set for every repository.
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

    /// The folder to which `core.hooksPath` leads outside of repositories, if it
    /// is not dtguard's.
    fn somebodys_folder(&self) -> Result<Option<PathBuf>, InstallError> {
        let paths = settings(None, r"^core\.hookspath$")?;
        let mut before = paths.iter().filter(|setting| match self.scope {
            ConfigScope::User => true,
            // What one user has set hinders nobody else.
            ConfigScope::System => setting.scope == "system",
        });
        let taken = before.next_back().map(|setting| expanded(&setting.value));
        // dtguard's folder is dtguard's even where somebody has removed it.
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

    /// Every line that may ever have been written.
    fn everything(&self) -> Block {
        let mut all = self.block(&Route::Configured, &Stage::ALL);
        all.lines.extend(self.block(&Route::HooksPath(None), &[]).lines);
        all
    }
}

/// The lines that make git run the script for `stage`.
fn configured(folder: &str, stage: Stage) -> [String; 3] {
    // git gives it to a shell.
    let command = format!("'{}/{stage}'", folder.replace('\'', r"'\''"));
    [
        format!("[hook \"{}\"]", configured_name(stage)),
        format!("\tcommand = {}", quoted(&command)),
        format!("\tevent = {stage}"),
    ]
}

/// What git calls the configured hook. It must not be the name of an event.
fn configured_name(stage: Stage) -> String {
    format!("dtguard-{stage}")
}
