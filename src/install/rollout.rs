//! Hooks for every repository of a user or of a machine.
//!
//! The scripts stand in a folder that belongs to dtguard, and git's user or
//! system configuration leads to them: with configured hooks, which run beside
//! each repository's own, or with `core.hooksPath`, which makes git pass over
//! those, so that every other file of the folder runs them.

use std::fs;
use std::path::{Path, PathBuf};

use super::config::{Block, put, quoted, take_out};
use super::git::{settings, user_folder};
use super::place::{make_executable, read};
use super::scripts::{CHAIN, Owner, is_chain, owner};
use super::{Git, Hooks, InstallError, Scope, Stage};

/// What a kept hook is called; in this folder the repository's own is kept.
const KEPT: &str = ".before-dtguard";
/// Says whose the folder is, and which folders were made for it.
const NOTE: &str = "README";

/// Every hook that git looks for in the folder of hooks.
const GIT_HOOKS: [&str; 28] = [
    "applypatch-msg",
    "commit-msg",
    "fsmonitor-watchman",
    "p4-changelist",
    "p4-post-changelist",
    "p4-pre-submit",
    "p4-prepare-changelist",
    "post-applypatch",
    "post-checkout",
    "post-commit",
    "post-index-change",
    "post-merge",
    "post-receive",
    "post-rewrite",
    "post-update",
    "pre-applypatch",
    "pre-auto-gc",
    "pre-commit",
    "pre-merge-commit",
    "pre-push",
    "pre-rebase",
    "pre-receive",
    "prepare-commit-msg",
    "proc-receive",
    "push-to-checkout",
    "reference-transaction",
    "sendemail-validate",
    "update",
];

/// How git is led to the scripts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// `hook.<name>.event` and `.command`.
    Configured,
    /// `core.hooksPath`, with the named git that knows no configured hooks; none
    /// if this was asked for.
    HooksPath(Option<Git>),
    /// Somebody's `core.hooksPath`, and the hooks are in that folder.
    Beside(PathBuf),
}

/// The hooks of one [`Scope`].
#[derive(Debug)]
pub struct Rollout {
    scope: Scope,
    config: PathBuf,
    folder: PathBuf,
}

/// What became of them.
#[derive(Debug)]
pub struct RolledOut {
    /// How git is led to them.
    pub way: Way,
    /// The stages that are guarded now.
    pub stages: Vec<Stage>,
    /// Whether anything had to be changed.
    pub changed: bool,
}

impl Rollout {
    /// That of `scope`, in place or not.
    ///
    /// # Errors
    ///
    /// If it cannot be told where git's configuration is.
    pub fn of(scope: Scope) -> Result<Self, InstallError> {
        let config = scope.config_file()?;
        let folder = match scope {
            Scope::User => user_folder()?,
            // `/etc/gitconfig` has `/etc/dtguard` beside it.
            Scope::System => config.parent().map(Path::to_path_buf).unwrap_or_default(),
        };
        Ok(Self { scope, config, folder: folder.join("dtguard").join("hooks") })
    }

    /// The folder that belongs to dtguard.
    pub fn folder(&self) -> &Path {
        &self.folder
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
    ///
    /// # Errors
    ///
    /// If `core.hooksPath` leads to somebody's folder and `beside` is not asked
    /// for, or a file cannot be written or is somebody else's.
    pub fn install(
        &self,
        stages: &[Stage],
        program: &Path,
        hooks_path: bool,
        beside: bool,
    ) -> Result<RolledOut, InstallError> {
        if let Some(folder) = self.somebodys_folder()? {
            if !beside {
                return Err(InstallError::HooksPathTaken { scope: self.scope, folder });
            }
            let hooks = Hooks::in_folder(&folder);
            let mut changed = false;
            for stage in stages {
                changed |= hooks.install(*stage, program)? != super::Installed::Unchanged;
            }
            return Ok(RolledOut { way: Way::Beside(folder), stages: stages.to_vec(), changed });
        }
        let old_git = Git::all().into_iter().find(|git| !git.has_configured_hooks());
        let way = match old_git {
            None if !hooks_path => Way::Configured,
            old_git => Way::HooksPath(old_git),
        };
        let wanted: Vec<Stage> =
            Stage::ALL.into_iter().filter(|stage| stages.contains(stage) || self.has(*stage)).collect();
        // First what git is led to, then what leads there.
        let mut changed = self.write_scripts(&way, &wanted, program)?;
        changed |= put(&self.config, &[self.everything()], &self.block(&way, &wanted))?;
        Ok(RolledOut { way, stages: wanted, changed })
    }

    /// Takes the hooks for `stages` out. Returns the stages that were there.
    ///
    /// # Errors
    ///
    /// If a file cannot be read, written or removed.
    pub fn uninstall(&self, stages: &[Stage]) -> Result<Vec<Stage>, InstallError> {
        for stage in stages {
            let hook = self.folder.join(stage.name());
            if read(&hook)?.is_some_and(|content| owner(*stage, &content) == Owner::Edited) {
                return Err(InstallError::Edited(hook));
            }
        }
        // Somebody may have set core.hooksPath since, or before.
        let somebodys = self.somebodys_folder()?;
        let mut beside = Vec::new();
        if let Some(hooks) = somebodys.as_deref().map(Hooks::in_folder) {
            for stage in stages {
                if !matches!(hooks.uninstall(*stage)?, super::Removed::Absent | super::Removed::Foreign) {
                    beside.push(*stage);
                }
            }
        }
        let (gone, left): (Vec<Stage>, Vec<Stage>) =
            Stage::ALL.into_iter().filter(|stage| self.has(*stage)).partition(|stage| stages.contains(stage));
        let all = Stage::ALL.into_iter().filter(|stage| gone.contains(stage) || beside.contains(stage));
        if left.is_empty() {
            take_out(&self.config, &[self.everything()])?;
            self.remove_scripts()?;
            return Ok(all.collect());
        }
        let chained = GIT_HOOKS.iter().any(|name| holds_chain(&self.folder.join(name)));
        let way = if chained { Way::HooksPath(None) } else { Way::Configured };
        // Where somebody's core.hooksPath counts, it stays what counts.
        if !chained || somebodys.is_none() {
            put(&self.config, &[self.everything()], &self.block(&way, &left))?;
        }
        for stage in &gone {
            let hook = self.folder.join(stage.name());
            if chained {
                write(&hook, CHAIN)?;
                remove(&self.kept(*stage))?;
            } else {
                remove(&hook)?;
            }
        }
        Ok(all.collect())
    }

    /// Whether the script for `stage` is there.
    pub fn has(&self, stage: Stage) -> bool {
        let script = read(&self.folder.join(stage.name())).ok().flatten();
        script.is_some_and(|content| owner(stage, &content) != Owner::Other)
    }

    /// The folder to which `core.hooksPath` leads outside of repositories, if it
    /// is not dtguard's.
    fn somebodys_folder(&self) -> Result<Option<PathBuf>, InstallError> {
        let paths = settings(None, r"^core\.hookspath$")?;
        let mut before = paths.iter().filter(|setting| match self.scope {
            Scope::User => true,
            // What one user has set hinders nobody else.
            Scope::System => setting.scope == "system",
        });
        let taken = before.next_back().map(|setting| expanded(&setting.value));
        // dtguard's folder is dtguard's even where somebody has removed it.
        let ours = |folder: &Path| folder == self.folder || is_owned(folder);
        Ok(taken.filter(|folder| !folder.as_os_str().is_empty() && !ours(folder)))
    }

    fn kept(&self, stage: Stage) -> PathBuf {
        self.folder.join(format!("{stage}{KEPT}"))
    }

    /// Writes what git is led to. Returns whether anything was missing.
    fn write_scripts(&self, way: &Way, stages: &[Stage], program: &Path) -> Result<bool, InstallError> {
        let mut changed = self.make_folder()?;
        let chained = *way != Way::Configured;
        for name in GIT_HOOKS {
            let hook = self.folder.join(name);
            let stage = stages.iter().find(|stage| stage.name() == name);
            self.must_be_ours(&hook, stage.copied())?;
            match stage {
                Some(stage) if chained => {
                    changed |= write(&self.kept(*stage), CHAIN)?;
                    changed |= write(&hook, &stage.script(program, "/bin/sh"))?;
                }
                Some(stage) => {
                    changed |= write(&hook, &stage.script(program, ""))?;
                    changed |= remove(&self.kept(*stage))?;
                }
                None if chained => changed |= write(&hook, CHAIN)?,
                None if holds_chain(&hook) => changed |= remove(&hook)?,
                None => {}
            }
        }
        Ok(changed)
    }

    /// Something of somebody else's in dtguard's folder is not overwritten.
    fn must_be_ours(&self, hook: &Path, stage: Option<Stage>) -> Result<(), InstallError> {
        let Some(content) = read(hook)? else { return Ok(()) };
        let ours = is_chain(&content) || stage.is_some_and(|stage| owner(stage, &content) == Owner::Dtguard);
        match stage.map(|stage| owner(stage, &content)) {
            Some(Owner::Edited) => Err(InstallError::Edited(hook.to_path_buf())),
            _ if ours => Ok(()),
            _ => Err(InstallError::ForeignInOwnFolder(hook.to_path_buf())),
        }
    }

    /// Makes the folder and notes in it what had to be made.
    fn make_folder(&self) -> Result<bool, InstallError> {
        if self.folder.join(NOTE).exists() {
            return Ok(false);
        }
        let missing: Vec<&Path> = self.folder.ancestors().take_while(|folder| !folder.exists()).collect();
        fs::create_dir_all(&self.folder).map_err(InstallError::file("create", &self.folder))?;
        for folder in &missing {
            // Everybody's git has to get in, whatever the umask.
            make_executable(folder).map_err(InstallError::file("open", folder))?;
        }
        let made = missing.iter().map(|folder| format!("made: {}\n", folder.display())).collect::<String>();
        let option = self.scope.option();
        let note = format!(
            "git's configuration leads here: {}\nPut there by dtguard install {option}; dtguard uninstall {option} takes it out.\n{made}",
            self.config.display()
        );
        fs::write(self.folder.join(NOTE), note)
            .map_err(InstallError::file("write", &self.folder.join(NOTE)))?;
        Ok(true)
    }

    /// Removes what is dtguard's, and the folders that were made for it.
    fn remove_scripts(&self) -> Result<(), InstallError> {
        for name in GIT_HOOKS {
            let hook = self.folder.join(name);
            let ours = read(&hook)?.is_some_and(|content| {
                is_chain(&content) || content.starts_with(b"#!/bin/sh\n# dtguard-hook ")
            });
            if ours {
                remove(&hook)?;
            }
            let kept = self.folder.join(format!("{name}{KEPT}"));
            if holds_chain(&kept) {
                remove(&kept)?;
            }
        }
        let note = read(&self.folder.join(NOTE))?.unwrap_or_default();
        remove(&self.folder.join(NOTE))?;
        for folder in String::from_utf8_lossy(&note).lines().filter_map(|line| line.strip_prefix("made: ")) {
            // Something of somebody's is in it: then it stays, and what is above it.
            if fs::remove_dir(folder).is_err() {
                break;
            }
        }
        Ok(())
    }

    fn block(&self, way: &Way, stages: &[Stage]) -> Block {
        let folder = slashes(&self.folder);
        let lines = match way {
            Way::Configured => stages.iter().flat_map(|stage| configured(&folder, *stage)).collect(),
            Way::HooksPath(_) | Way::Beside(_) => {
                vec!["[core]".to_owned(), format!("\thooksPath = {}", quoted(&folder))]
            }
        };
        Block { purpose: "hooks", lines }
    }

    /// Every line that may ever have been written.
    fn everything(&self) -> Block {
        let mut all = self.block(&Way::Configured, &Stage::ALL);
        all.lines.extend(self.block(&Way::HooksPath(None), &[]).lines);
        all
    }
}

/// Whether a folder of hooks is one that `dtguard install --user` or `--system` made.
pub(super) fn is_owned(folder: &Path) -> bool {
    let note = read(&folder.join(NOTE)).ok().flatten().unwrap_or_default();
    folder.ends_with("dtguard/hooks") && memchr::memmem::find(&note, b"dtguard install --").is_some()
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
pub(super) fn configured_name(stage: Stage) -> String {
    format!("dtguard-{stage}")
}

/// A path in git's own form, forward slashes on Windows too.
pub(super) fn slashes(path: &Path) -> String {
    let text = path.display().to_string();
    if cfg!(windows) { text.replace('\\', "/") } else { text }
}

/// A path as it stands in git's configuration, where `~/` is the home folder.
pub(super) fn expanded(value: &str) -> PathBuf {
    match (value.strip_prefix("~/"), super::git::home()) {
        (Some(rest), Ok(home)) => home.join(rest),
        _ => PathBuf::from(value),
    }
}

fn holds_chain(hook: &Path) -> bool {
    read(hook).ok().flatten().is_some_and(|content| is_chain(&content))
}

/// Writes an executable file in one step. Returns whether it was another before.
pub(super) fn write(path: &Path, content: &str) -> Result<bool, InstallError> {
    if read(path)?.as_deref() == Some(content.as_bytes()) && super::place::is_executable(path) {
        return Ok(false);
    }
    let mut new = path.as_os_str().to_owned();
    new.push(".dtguard-new");
    let new = PathBuf::from(new);
    fs::write(&new, content)
        .and_then(|()| make_executable(&new))
        .and_then(|()| fs::rename(&new, path))
        .map_err(InstallError::file("write", path))?;
    Ok(true)
}

/// Removes a file. Returns whether it was there.
pub(super) fn remove(path: &Path) -> Result<bool, InstallError> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(InstallError::file("remove", path)(error)),
    }
}
