//! The arguments of `dtguard install`, `uninstall` and `doctor`.

use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::assistant::Assistant;
use crate::install::{ConfigScope, Stage};

/// `dtguard install`
#[derive(Debug, Args)]
pub struct InstallArgs {
    /// Where and which.
    #[command(flatten)]
    pub target: WhereArgs,
    /// Install no hook, only prove that hooks work here
    #[arg(long, conflicts_with_all = ["user", "system", "template", "agent"])]
    pub no_hook: bool,
    /// With --user or --system: use core.hooksPath even where git can configure hooks; older
    /// gits need it
    #[arg(long, conflicts_with = "agent")]
    pub hooks_path: bool,
    /// With --user or --system: where core.hooksPath names an existing folder, install the
    /// hooks there, beside the existing ones
    #[arg(long, conflicts_with_all = ["hooks_path", "agent"])]
    pub beside: bool,
}

/// Where hooks go.
#[derive(Debug, Args)]
pub struct WhereArgs {
    /// The repository, instead of the one around the current folder
    #[arg(long, value_name = "DIR", conflicts_with_all = ["user", "system", "template"])]
    pub repo: Option<PathBuf>,
    /// Every repository of this user, through git's global configuration; with
    /// --template, make that the user's template
    #[arg(long, conflicts_with = "system")]
    pub user: bool,
    /// Every repository on this machine, through git's system configuration; with
    /// --template, make that everybody's template
    #[arg(long)]
    pub system: bool,
    /// A template, from which git copies the hooks into each new repository
    #[arg(long, value_name = "DIR")]
    pub template: Option<PathBuf>,
    /// Only this hook; can be repeated [default: those of a work tree, in a bare repository
    /// pre-receive; to uninstall, all]
    #[arg(long, value_name = "STAGE")]
    pub stage: Vec<Stage>,
    /// Also in checked-out submodules, nested ones too
    #[arg(long, conflicts_with_all = ["user", "system", "template"])]
    pub recurse_submodules: bool,
    /// Change the files of husky (.husky/STAGE) and lefthook (lefthook.yml and a file that it
    /// extends), which run only what these files name
    #[arg(long, conflicts_with_all = ["user", "system", "template"])]
    pub write: bool,
    /// The hooks of a coding assistant instead, in this project's configuration, or with --user
    /// in yours; can be repeated
    #[arg(long, value_name = "NAME", value_parser = assistant(), conflicts_with_all = ["system", "template", "stage", "recurse_submodules", "write"])]
    pub agent: Vec<Assistant>,
}

/// The names of the assistants, each read as its value.
fn assistant() -> impl TypedValueParser<Value = Assistant> {
    let names = PossibleValuesParser::new(Assistant::ALL.map(Assistant::name));
    names.try_map(|name| Assistant::named(&name).ok_or("no such assistant"))
}

impl WhereArgs {
    /// The stages to install.
    pub fn stages(&self) -> Vec<Stage> {
        if !self.stage.is_empty() {
            self.stage.clone()
        } else if self.scope().is_some() || self.template.is_some() {
            Stage::CLIENT.to_vec()
        } else {
            Stage::usual(self.repo.as_deref()).to_vec()
        }
    }

    /// The stages to remove.
    pub fn stages_to_remove(&self) -> Vec<Stage> {
        if self.stage.is_empty() { Stage::ALL.to_vec() } else { self.stage.clone() }
    }

    /// The configuration to change; none for one repository.
    pub fn scope(&self) -> Option<ConfigScope> {
        match (self.user, self.system) {
            (true, _) => Some(ConfigScope::User),
            (_, true) => Some(ConfigScope::System),
            _ => None,
        }
    }
}

/// `dtguard doctor`
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// The repository, instead of the one around the current folder; outside a repository: what
    /// a new one would get
    #[arg(long, value_name = "DIR")]
    pub repo: Option<PathBuf>,
    /// Print it as JSON on standard output
    #[arg(long)]
    pub json: bool,
}
