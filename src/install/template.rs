//! A template: git copies its hooks into each new repository.

use std::path::{Path, PathBuf};

use super::config::{Block, put, quoted, take_out};
use super::files::slashes;
use super::git::{expanded, settings};
use super::{ConfigScope, Hooks, InstallError};

/// The folder that `git init --template=FOLDER` copies.
#[derive(Debug)]
pub struct Template {
    folder: PathBuf,
}

impl Template {
    /// The template in `folder`, as an absolute path.
    pub fn of(folder: &Path) -> Result<Self, InstallError> {
        let folder = std::path::absolute(folder).map_err(InstallError::file("find", folder))?;
        Ok(Self { folder })
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Its hooks.
    pub fn hooks(&self) -> Hooks {
        Hooks::in_folder(&self.folder.join("hooks"))
    }

    /// Makes it git's default template. Returns whether that changed anything. Fails if another
    /// one is set, or the configuration cannot be written.
    pub fn make_default(&self, scope: ConfigScope) -> Result<bool, InstallError> {
        let ours = self.block();
        let set = settings(None, r"^init\.templatedir$")?;
        let set = set.iter().rfind(|setting| setting.scope == scope.name());
        if let Some(folder) = set.map(|setting| expanded(&setting.value)) {
            if folder != self.folder {
                let (name, option, folder) = (scope.name(), scope.option(), folder.display());
                return Err(InstallError::new(
                    format!("init.templateDir in the {name} configuration is `{folder}`"),
                    format!(
                        "dtguard install --template '{folder}' {option}\n(puts the hooks into that template, beside what is there)"
                    ),
                ));
            }
            return Ok(false);
        }
        put(&scope.config_file()?, &[self.block()], &ours)
    }

    /// Reverts [`Template::make_default`]. Returns whether it was set.
    pub fn make_no_default(&self, scope: ConfigScope) -> Result<bool, InstallError> {
        take_out(&scope.config_file()?, &[self.block()])
    }

    fn block(&self) -> Block {
        let setting = format!("\ttemplateDir = {}", quoted(&slashes(&self.folder)));
        Block { purpose: "template", lines: vec!["[init]".to_owned(), setting] }
    }
}
