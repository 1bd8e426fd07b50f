//! What is in the place of a hook before it is installed, and how that changes.

use std::path::PathBuf;

use super::error;
use super::files::{is_executable, is_one_file, keep, new_hook, put_at, read, remove, write};
use super::scripts::{CHAIN, Owner, asks_for_its_name, is_chain, owner};
use super::{InstallError, Manager, Stage};

/// The result of installing a hook.
#[derive(Debug, PartialEq, Eq)]
pub enum Installed {
    /// It is new. If git-lfs is used, this file of git-lfs runs before it: git-lfs installs no
    /// hook beside another.
    New(Option<PathBuf>),
    /// It is new. The earlier hook is kept in this file and runs first.
    Beside(PathBuf),
    /// It replaced an older hook of dtguard.
    Updated,
    /// It was installed already.
    Unchanged,
    /// It is in this file, which this hook manager runs before its own hook.
    Legacy(Manager, PathBuf),
    /// A hook manager runs the hooks here, and this file of its configuration calls dtguard.
    Through(PathBuf),
}

/// The result of removing a hook.
#[derive(Debug, PartialEq, Eq)]
pub enum Removed {
    /// It is removed.
    Gone,
    /// It is removed, and the earlier hook is restored.
    Restored,
    /// There was none.
    Absent,
    /// The hook is somebody else's.
    Foreign,
}

/// What is in the place of a hook.
pub(super) struct Found {
    pub(super) hook: PathBuf,
    pub(super) kept: PathBuf,
    stage: Stage,
    content: Option<Vec<u8>>,
    pub(super) owner: Option<Owner>,
    /// The content that was kept earlier.
    pub(super) before: Option<Vec<u8>>,
}

impl Found {
    pub(super) fn at(hook: PathBuf, kept: PathBuf, stage: Stage) -> Result<Self, InstallError> {
        let (content, before) = (read(&hook)?, read(&kept)?);
        let owner = content.as_deref().map(|content| owner(stage, content));
        Ok(Self { hook, kept, stage, content, owner, before })
    }

    fn is_theirs(&self) -> bool {
        self.owner == Some(Owner::Other)
    }

    /// Whether a killed install kept the earlier hook but did not install dtguard's: the file
    /// has both names.
    pub(super) fn broke_off(&self) -> bool {
        self.is_theirs() && is_one_file(&self.hook, &self.kept)
    }

    fn keeps_theirs(&self) -> bool {
        self.before.as_deref().is_some_and(|content| !is_chain(content)) && !self.broke_off()
    }

    /// Whether the script must run git-lfs, which installs no hook beside another and would
    /// upload nothing.
    fn chains(&self) -> bool {
        self.stage == Stage::PrePush && !self.is_theirs() && !self.keeps_theirs()
    }

    /// The content that runs before dtguard.
    pub(super) fn theirs(&self) -> Option<&[u8]> {
        match &self.content {
            Some(content) if self.is_theirs() => Some(content),
            _ if self.chains() => Some(CHAIN.as_bytes()),
            _ => self.before.as_deref(),
        }
    }

    /// The result once `script` is installed.
    pub(super) fn becomes(
        &self,
        script: &str,
        manager: Option<Manager>,
        is_shell: bool,
    ) -> Result<Installed, InstallError> {
        let Self { hook, kept, .. } = self;
        let Some(content) = &self.content else {
            let lfs = self.chains().then(|| kept.clone());
            return Ok(
                manager.map_or(Installed::New(lfs), |manager| Installed::Legacy(manager, hook.clone()))
            );
        };
        let is_whole = !self.chains() || self.before.as_deref() == Some(CHAIN.as_bytes());
        match self.owner {
            _ if content == script.as_bytes() && is_executable(hook) && is_whole => Ok(Installed::Unchanged),
            Some(Owner::Edited) => Err(InstallError::edited(hook)),
            Some(Owner::Other) if self.keeps_theirs() => {
                let then = format!("(the one that stays is '{}')", hook.display());
                Err(InstallError::new(
                    format!(
                        "both `{}` and `{}` exist, and neither is dtguard's",
                        hook.display(),
                        kept.display()
                    ),
                    format!("merge the two hooks, then: {}\n{then}", error::remove(kept)),
                ))
            }
            Some(Owner::Other) if !is_shell && asks_for_its_name(content) => {
                let why = "is no shell script and asks for its own name, so it cannot be kept under another";
                Err(InstallError::new(
                    format!("`{}` {why}", hook.display()),
                    format!("dtguard hook {}\n(add this line to what that hook runs)", self.stage),
                ))
            }
            Some(Owner::Other) => Ok(Installed::Beside(kept.clone())),
            Some(Owner::Dtguard) | None => Ok(Installed::Updated),
        }
    }

    /// Installs `script`. At every moment there is a complete hook: theirs or dtguard's.
    pub(super) fn replace(&self, script: &str, installed: &Installed) -> Result<(), InstallError> {
        if self.chains() {
            write(&self.kept, CHAIN)?;
        }
        // Write before moving theirs: a full disk must not displace it.
        let new = new_hook(&self.hook, script)?;
        if matches!(installed, Installed::Beside(_)) && !self.broke_off() {
            remove(&self.kept)?;
            keep(&self.hook, &self.kept)?;
        }
        put_at(new, &self.hook)
    }
}
