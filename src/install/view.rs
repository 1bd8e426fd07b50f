//! The hooks as one git sees them. Two gits on one machine may read different system files, and
//! an old one ignores configured hooks.

use std::path::{Path, PathBuf};

use super::caller::{Known, Opening, StageCaller, of_files, of_settings};
use super::files::slashes;
use super::git::{Setting, asked, expanded, git_of, settings_of, system_file};
use super::problem::Problem;
use super::{Git, Hooks, InstallError, Stage};

/// The settings that affect hooks.
const SETTINGS: &str = r"^(core\.hookspath|init\.templatedir|hook\..*|dtguard\..*)$";

/// The repository to examine.
#[derive(Debug, Clone, Copy)]
pub(super) enum At<'a> {
    /// An existing repository: its git folder, the hooks in force, and its own.
    Repository(&'a Path, &'a Hooks, &'a Hooks),
    /// A new repository.
    New,
}

impl At<'_> {
    /// The folders of the repository.
    pub(super) fn folders(self) -> Vec<PathBuf> {
        let At::Repository(git_dir, hooks, own) = self else { return Vec::new() };
        let folders = [git_dir, &hooks.top].into_iter().chain(own.folder.parent());
        folders.filter_map(|folder| folder.canonicalize().ok()).collect()
    }
}

/// The view of one git.
#[derive(Debug)]
pub(super) struct View {
    pub(super) settings: Vec<Setting>,
    /// The folder in which it searches hooks; none for the usual one of a new repository.
    pub(super) hooks: Option<Hooks>,
    pub(super) stages: Vec<StageCaller>,
}

impl View {
    /// The view of `git`. `this` is the running program.
    pub(super) fn of(git: &Git, at: At<'_>, stages: &[Stage], this: &Path) -> Result<Self, InstallError> {
        let git_dir = match at {
            At::Repository(git_dir, ..) => Some(git_dir),
            At::New => None,
        };
        let settings = settings_of(&git.path, git_dir, SETTINGS)?;
        let hooks = match at {
            At::Repository(_, hooks, _) => Some(in_force(git, hooks)),
            At::New => of_new(&settings),
        };
        let own = match at {
            At::Repository(_, _, own) => Some(own),
            At::New => hooks.as_ref(),
        };
        let folders = hooks.as_ref().zip(own);
        let repository = at.folders();
        let known = Known { this, repository: &repository };
        let stages = stages.iter().map(|stage| {
            let caller = caller(git, &settings, folders, *stage, known)?;
            Ok(StageCaller { stage: *stage, caller })
        });
        let stages = stages.collect::<Result<_, InstallError>>()?;
        Ok(Self { settings, hooks, stages })
    }

    /// The effective value of the setting `key`.
    pub(super) fn setting(&self, key: &str) -> Option<&Setting> {
        self.settings.iter().rfind(|setting| setting.key == key)
    }

    fn is_called(&self, stage: Stage) -> bool {
        self.stages.iter().any(|caller| caller.stage == stage && caller.caller.is_ok())
    }
}

/// The folder in which `git` searches the hooks of a repository; `first` is the one of the git
/// in use.
fn in_force(git: &Git, first: &Hooks) -> Hooks {
    let path = ["rev-parse", "--path-format=absolute", "--git-path", "hooks"];
    // A relative `core.hooksPath` starts at the top of the work tree.
    let seen = asked(&mut git_of(&git.path, &first.top), &path);
    let folder = seen.map_or_else(
        || first.folder.clone(),
        |seen| PathBuf::from(String::from_utf8_lossy(&seen).into_owned()),
    );
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let folder = if real(&folder) == real(&first.folder) { first.folder.clone() } else { folder };
    Hooks { folder, shared: first.shared, linked: first.linked, top: first.top.clone() }
}

/// The folder of a new repository.
fn of_new(settings: &[Setting]) -> Option<Hooks> {
    let last = |key: &str| settings.iter().rfind(|setting| setting.key == key);
    let path = last("core.hookspath").map(|setting| expanded(&setting.value));
    let template = || last("init.templatedir").map(|setting| expanded(&setting.value).join("hooks"));
    path.or_else(template).map(|folder| Hooks::in_folder(&folder))
}

fn caller(
    git: &Git,
    settings: &[Setting],
    folders: Option<(&Hooks, &Hooks)>,
    stage: Stage,
    known: Known<'_>,
) -> Result<Result<super::Caller, Opening>, InstallError> {
    let configured = git.has_configured_hooks();
    let of_settings = if configured { of_settings(settings, stage, known) } else { None };
    let of_files = match folders {
        Some((hooks, own)) => of_files(hooks, own, stage, known)?,
        None => Err(Opening::NoHook),
    };
    Ok(match (of_settings, of_files) {
        (Some(Ok(caller)), _) | (_, Ok(caller)) => Ok(caller),
        (Some(Err(opening)), _) | (None, Err(opening)) => Err(opening),
    })
}

/// Other gits on PATH that would let a token pass that the first one blocks. `first` is the
/// view of that one.
pub(super) fn other_gits(
    gits: &[Git],
    first: &View,
    at: At<'_>,
    this: &Path,
) -> Result<Vec<Problem>, InstallError> {
    let stages: Vec<Stage> = first.stages.iter().map(|caller| caller.stage).collect();
    let mut problems = Vec::new();
    let Some((used, others)) = gits.split_first() else { return Ok(problems) };
    for other in others {
        let seen = View::of(other, at, &stages, this)?;
        let lost: Vec<Stage> = stages
            .iter()
            .copied()
            .filter(|stage| stage.stops() && first.is_called(*stage) && !seen.is_called(*stage))
            .collect();
        if lost.is_empty() {
            continue;
        }
        let (why, fix) = why(used, other, first, &seen);
        let what = format!(
            "{} (git {}) runs no dtguard for {}: {why}",
            slashes(&other.path),
            other.version,
            super::names(&lost)
        );
        problems.push(Problem::open(what, fix));
    }
    Ok(problems)
}

/// Why `other` does not see what `used` sees, and the command that fixes it.
fn why(used: &Git, other: &Git, first: &View, seen: &View) -> (String, String) {
    let (file, of_used) = (system_file(&other.path), system_file(&used.path));
    let is_of_system = |origin: &str| of_used.as_deref().is_some_and(|file| Path::new(origin) == file);
    let mut is_called = first.stages.iter().filter_map(|stage| stage.caller.as_ref().ok());
    let configured =
        is_called.find_map(|caller| caller.configured.as_ref()).map(|(_, origin)| origin.as_str());
    let led_by = first.setting("core.hookspath").or(first.setting("init.templatedir"));
    let origin = configured.or(led_by.map(|setting| &*setting.origin));
    let folder = slashes(other.path.parent().unwrap_or(Path::new("")));
    if file != of_used && origin.is_some_and(is_of_system) {
        let shown = |file: Option<PathBuf>| file.as_deref().map_or("none".to_owned(), slashes);
        return (
            format!("its system configuration is {}, not {}", shown(file), shown(of_used.clone())),
            format!("PATH='{folder}':\"$PATH\" dtguard install --system"),
        );
    }
    if configured.is_some() && !other.has_configured_hooks() {
        let scope = if origin.is_some_and(is_of_system) { "--system" } else { "--user" };
        return (
            "it does not support configured hooks".to_owned(),
            format!("dtguard install {scope} --hooks-path"),
        );
    }
    let hooks = seen.hooks.as_ref().map_or("no folder".to_owned(), |hooks| slashes(&hooks.folder));
    (format!("it looks for hooks in {hooks}"), format!("PATH='{folder}':\"$PATH\" dtguard doctor"))
}

/// Gits on PATH that would run none of the hooks of a new repository.
pub fn gits_left_out(stages: &[Stage], this: &Path) -> Result<Vec<Problem>, InstallError> {
    let gits = Git::all();
    let Some(used) = gits.first() else { return Ok(Vec::new()) };
    let first = View::of(used, At::New, stages, this)?;
    other_gits(&gits, &first, At::New, this)
}
