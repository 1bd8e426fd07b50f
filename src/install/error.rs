//! What can go wrong while putting hooks in place.

use std::path::{Path, PathBuf};

use super::stage::names;
use super::{Scope, Stage};
use crate::source::SourceError;

/// Why a hook could not be put in place, taken out or proven.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// git does not say where the hooks are.
    #[error("`{}` is not in a git repository: {error}", repository.display())]
    NoRepository {
        /// The folder in question.
        repository: PathBuf,
        /// What git said.
        error: Box<SourceError>,
    },
    /// Another user owns the repository.
    #[error("git does not trust the repository around `{}`, because another user owns it", repository.display())]
    Distrusted {
        /// The folder in question.
        repository: PathBuf,
        /// What git said.
        said: String,
    },
    /// There is a kept hook already, and a foreign one in its place again.
    #[error("both `{}` and `{}` exist, and neither is dtguard's", hook.display(), kept.display())]
    TwoHooks {
        /// The hook that git runs.
        hook: PathBuf,
        /// Where it would be kept.
        kept: PathBuf,
    },
    /// A hook of dtguard's has lines that dtguard did not write.
    #[error("`{}` is dtguard's, but somebody has changed it", .0.display())]
    Edited(PathBuf),
    /// A hook that would not work under another name.
    #[error("`{}` is no shell script and asks for its own name, so it cannot be kept under another", hook.display())]
    AsksForItsName {
        /// The hook.
        hook: PathBuf,
        /// When it runs.
        stage: Stage,
    },
    /// Another program writes this hook, and would drop or disable dtguard's.
    #[error("{manager} writes the hooks in `{}` and would drop another one from it: {}", folder.display(), names(stages))]
    Managed {
        /// The program.
        manager: &'static str,
        /// When the hooks run.
        stages: Vec<Stage>,
        /// Where they are.
        folder: PathBuf,
        /// How to make that program run dtguard.
        advice: String,
    },
    /// Somebody's hooks are set for every repository.
    #[error("core.hooksPath in the {} configuration leads to `{}`, which is not dtguard's", scope.name(), folder.display())]
    HooksPathTaken {
        /// For whom the hooks were to be.
        scope: Scope,
        /// Where it leads.
        folder: PathBuf,
    },
    /// Somebody's template is set.
    #[error("init.templateDir in the {} configuration is `{}`", scope.name(), folder.display())]
    TemplateTaken {
        /// Whose configuration.
        scope: Scope,
        /// The template that is set.
        folder: PathBuf,
    },
    /// Somebody else's file is in dtguard's folder.
    #[error("`{}` is in dtguard's folder, but is not dtguard's", .0.display())]
    ForeignInOwnFolder(PathBuf),
    /// There is no home folder.
    #[error("neither HOME nor USERPROFILE names a home folder by its absolute path")]
    NoHome,
    /// There is no `git`.
    #[error("there is no git on PATH")]
    NoGit,
    /// Somebody else is changing a file of git's, or was killed while doing so.
    #[error("cannot change `{}`: `{}` is there, so another git is changing it, or was killed", file.display(), lock.display())]
    Locked {
        /// The file.
        file: PathBuf,
        /// What locks it.
        lock: PathBuf,
    },
    /// git does not say what it is configured to do.
    #[error("git does not say what its configuration is: {0}")]
    Git(String),
    /// A file could not be read, written, moved or removed.
    #[error("cannot {doing} `{}`: {error}", path.display())]
    File {
        /// What was tried.
        doing: &'static str,
        /// With which file.
        path: PathBuf,
        /// Why not.
        error: std::io::Error,
    },
    /// The proof needs hooks that can be run.
    #[error("the proof failed: no program can be run in `{}`; TMPDIR names another folder", .0.display())]
    NoProgramsIn(PathBuf),
    /// A commit of the proof did not end as it must.
    #[error("the proof failed: {0}")]
    Proof(String),
}

impl InstallError {
    pub(super) fn file(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_path_buf();
        move |error| Self::File { doing, path, error }
    }

    /// That git did not start.
    pub(super) fn start(error: &std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::NotFound => Self::NoGit,
            _ => Self::Git(error.to_string()),
        }
    }

    /// A command or an action that mends it.
    pub fn hint(&self) -> String {
        match self {
            Self::Distrusted { said, .. } => {
                let trust = said.lines().map(str::trim).find(|line| line.starts_with("git config --global"));
                format!("{}\n(only if you trust that user)", trust.unwrap_or("git status"))
            }
            Self::TwoHooks { hook, kept } => {
                let then = format!("(the one that stays is '{}')", hook.display());
                format!("make one hook of the two, then: {}\n{then}", remove(kept))
            }
            Self::Edited(hook) => {
                let when = "(once its other lines are in a hook of their own, which dtguard then keeps)";
                format!("{}\n{when}", remove(hook))
            }
            Self::AsksForItsName { stage, .. } => {
                format!("dtguard hook {stage}\n(add this line to what that hook runs)")
            }
            Self::Managed { advice, .. } => advice.clone(),
            Self::HooksPathTaken { scope, .. } => {
                let unset = format!("git config --{} --unset core.hooksPath", scope.name());
                let option = scope.option();
                format!(
                    "dtguard install {option} --beside\n(puts the hooks into that folder, beside what is there; or unset it: {unset})"
                )
            }
            Self::TemplateTaken { scope, folder } => {
                let (folder, option) = (folder.display(), scope.option());
                format!(
                    "dtguard install --template '{folder}' {option}\n(puts the hooks into that template, beside what is there)"
                )
            }
            Self::ForeignInOwnFolder(hook) => {
                let name = hook.file_name().unwrap_or_default().display();
                format!("{}\n(once it is in its repository, as .git/hooks/{name})", remove(hook))
            }
            Self::Locked { lock, .. } => format!("{}\n(if no git is running)", remove(lock)),
            Self::NoRepository { .. }
            | Self::NoGit
            | Self::NoHome
            | Self::Git(_)
            | Self::File { .. }
            | Self::NoProgramsIn(_)
            | Self::Proof(_) => self.hint_without_names().to_owned(),
        }
    }

    /// What mends it wherever it happens.
    fn hint_without_names(&self) -> &'static str {
        match self {
            Self::NoRepository { .. } => {
                "cd into the repository or name it with --repo DIR; a new one begins with: git init"
            }
            Self::NoGit => "https://git-scm.com/downloads\n(install git, or add its folder to PATH)",
            Self::NoHome => "name it: HOME=/path/to/home dtguard install --user",
            Self::Git(_) => "git config --list --show-origin\n(must succeed)",
            Self::NoProgramsIn(_) => {
                "TMPDIR=\"$HOME\" dtguard doctor\n(a folder in which programs can be run)"
            }
            Self::Proof(_) => {
                "the hooks do not guard here; see whether git and sh work: git --version; sh -c 'echo works'"
            }
            _ => "check that the folder can be written to",
        }
    }
}

fn remove(path: &Path) -> String {
    format!("rm '{}'", path.display())
}
