//! dtguard's own folder of hooks, and the scripts in it.

use std::fs;
use std::path::{Path, PathBuf};

use super::error;
use super::files::{locked, make_executable, new_beside, put_at, read, remove, write};
use super::scripts::{CHAIN, Owner, is_chain, owner};
use super::{ConfigScope, InstallError, Stage};

/// The suffix of a kept hook; in this folder the scripts keep the repository's own hooks.
const KEPT: &str = ".before-dtguard";
/// The note that says whose the folder is, and which folders were made for it.
const NOTE: &str = "README";
/// Begins a line of the note that names a made folder.
const MADE: &str = "made: ";

/// Every hook that git runs from the folder of hooks.
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

/// The folder of `dtguard install --user` or `--system`.
#[derive(Debug)]
pub(super) struct Owned {
    folder: PathBuf,
}

impl Owned {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    pub(super) fn path(&self) -> &Path {
        &self.folder
    }

    /// Whether the script for `stage` exists.
    pub(super) fn has(&self, stage: Stage) -> bool {
        let script = read(&self.folder.join(stage.name())).ok().flatten();
        script.is_some_and(|content| owner(stage, &content) != Owner::Other)
    }

    /// Whether every other file of the folder runs the repository's own hook.
    pub(super) fn is_chained(&self) -> bool {
        GIT_HOOKS.iter().any(|name| holds_chain(&self.folder.join(name)))
    }

    /// Fails if somebody changed the script for one of `stages`.
    pub(super) fn must_be_unedited(&self, stages: &[Stage]) -> Result<(), InstallError> {
        for stage in stages {
            let hook = self.folder.join(stage.name());
            if read(&hook)?.is_some_and(|content| owner(*stage, &content) == Owner::Edited) {
                return Err(InstallError::edited(&hook));
            }
        }
        Ok(())
    }

    /// Writes the scripts of `stages` and, if `chained`, one for every other hook. Returns
    /// whether anything changed. The settings are in `config`.
    pub(super) fn write_scripts(
        &self,
        chained: bool,
        stages: &[Stage],
        program: &Path,
        (config, scope): (&Path, ConfigScope),
    ) -> Result<bool, InstallError> {
        let missing = self.make_folders()?;
        let _lock = locked(&self.folder);
        let noted = self.write_note(&missing, config, scope);
        if noted.is_err() {
            // Without the note they would never be removed.
            remove_folders(missing);
        }
        let mut changed = noted?;
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

    /// Removes the scripts of `stages` and keeps the others.
    pub(super) fn take_out(&self, stages: &[Stage], chained: bool) -> Result<(), InstallError> {
        for stage in stages {
            let hook = self.folder.join(stage.name());
            if chained {
                write(&hook, CHAIN)?;
                remove(&self.kept(*stage))?;
            } else {
                remove(&hook)?;
            }
        }
        Ok(())
    }

    /// Removes dtguard's files, and the folders that were made for them.
    pub(super) fn remove_scripts(&self) -> Result<(), InstallError> {
        let lock = locked(&self.folder);
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
        let made = self.made()?;
        remove(&self.folder.join(NOTE))?;
        drop(lock);
        remove_folders(made);
        Ok(())
    }

    fn kept(&self, stage: Stage) -> PathBuf {
        self.folder.join(format!("{stage}{KEPT}"))
    }

    /// Fails for a file of somebody else, which must not be overwritten.
    fn must_be_ours(&self, hook: &Path, stage: Option<Stage>) -> Result<(), InstallError> {
        let Some(content) = read(hook)? else { return Ok(()) };
        let ours = is_chain(&content) || stage.is_some_and(|stage| owner(stage, &content) == Owner::Dtguard);
        match stage.map(|stage| owner(stage, &content)) {
            Some(Owner::Edited) => Err(InstallError::edited(hook)),
            _ if ours => Ok(()),
            _ => {
                let name = hook.file_name().unwrap_or_default().display();
                Err(InstallError::new(
                    format!("`{}` is in dtguard's folder, but is not dtguard's", hook.display()),
                    format!("{}\n(once it is in its repository, as .git/hooks/{name})", error::remove(hook)),
                ))
            }
        }
    }

    /// Makes the folder. Returns the folders that were missing, the innermost first.
    fn make_folders(&self) -> Result<Vec<&Path>, InstallError> {
        let missing: Vec<&Path> = self.folder.ancestors().take_while(|folder| !folder.exists()).collect();
        fs::create_dir_all(&self.folder).map_err(InstallError::file("create", &self.folder))?;
        for folder in &missing {
            // All users need access, whatever the umask.
            make_executable(folder).map_err(InstallError::file("open", folder))?;
        }
        Ok(missing)
    }

    /// Writes the note, unless it exists, with the `missing` folders. Two parallel installs may
    /// both have found some of them missing.
    fn write_note(&self, missing: &[&Path], config: &Path, scope: ConfigScope) -> Result<bool, InstallError> {
        let path = self.folder.join(NOTE);
        let noted = self.made()?;
        let mut made: Vec<PathBuf> = missing.iter().map(|folder| folder.to_path_buf()).collect();
        made.retain(|folder| !noted.contains(folder));
        if made.is_empty() && path.exists() {
            return Ok(false);
        }
        made.extend(noted);
        made.sort_by_key(|folder| std::cmp::Reverse(folder.components().count()));
        let made: String = made.iter().map(|folder| format!("{MADE}{}\n", folder.display())).collect();
        let option = scope.option();
        let note = format!(
            "git's configuration leads here: {}\nPut there by dtguard install {option}; dtguard uninstall {option} takes it out.\n{made}",
            config.display()
        );
        put_at(new_beside(&path, note.as_bytes())?, &path)?;
        Ok(true)
    }

    /// The made folders that the note lists.
    fn made(&self) -> Result<Vec<PathBuf>, InstallError> {
        let note = read(&self.folder.join(NOTE))?.unwrap_or_default();
        let note = String::from_utf8_lossy(&note).into_owned();
        Ok(note.lines().filter_map(|line| line.strip_prefix(MADE)).map(PathBuf::from).collect())
    }
}

/// Removes empty folders, the innermost first, up to the first that is not empty.
fn remove_folders<P: AsRef<Path>>(folders: Vec<P>) {
    for folder in folders {
        if fs::remove_dir(folder).is_err() {
            break;
        }
    }
}

/// Whether `dtguard install --user` or `--system` made this folder of hooks.
pub(super) fn is_owned(folder: &Path) -> bool {
    let note = read(&folder.join(NOTE)).ok().flatten().unwrap_or_default();
    folder.ends_with("dtguard/hooks") && memchr::memmem::find(&note, b"dtguard install --").is_some()
}

fn holds_chain(hook: &Path) -> bool {
    read(hook).ok().flatten().is_some_and(|content| is_chain(&content))
}
