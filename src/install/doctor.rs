//! What is in force in a repository, where a token could pass, and the proof.

use std::path::{Path, PathBuf};

use super::cover::{Cover, Gap, of_files, of_settings, runs};
use super::files::slashes;
use super::git::{Setting, asked, expanded, git_in, no_repository, settings};
use super::owned::is_owned;
use super::proof::Trial;
use super::{Git, Hooks, InstallError, Proof, Stage};
use crate::source::git_says;

/// Files that hooks read in the work tree, and that the proof brings along.
const CONFIGURATIONS: [&str; 10] = [
    super::lefthook::FILE,
    ".dtguard.toml",
    ".pre-commit-config.yaml",
    ".pre-commit-config.yml",
    "prek.toml",
    "lefthook.yml",
    "lefthook.yaml",
    ".lefthook.yml",
    ".lefthook.yaml",
    "lefthook.toml",
];
/// Hooks that can refuse a commit. Others only have effects.
const OF_A_COMMIT: [&str; 3] = ["pre-commit", "prepare-commit-msg", "commit-msg"];
/// Hooks that can refuse a push.
const OF_A_PUSH: [&str; 2] = ["pre-receive", "update"];

/// What [`diagnose`] found.
#[derive(Debug)]
pub struct Diagnosis {
    /// The gits on PATH, the one in use first.
    pub gits: Vec<Git>,
    /// The repository's own folder; none for what a new repository would get.
    pub repository: Option<PathBuf>,
    /// Where git looks for hooks.
    pub hooks: InForce,
    /// What calls dtguard for each stage.
    pub stages: Vec<StageCover>,
    /// Where a token could pass, and what else is odd.
    pub doors: Vec<Door>,
    /// The proof, or why there is none.
    pub proof: Result<Proof, InstallError>,
}

/// The folder in which git looks for hooks.
#[derive(Debug)]
pub struct InForce {
    /// Where it is; none for the usual place in a new repository.
    pub folder: Option<PathBuf>,
    /// The setting of `core.hooksPath` that decides it, if one does.
    pub set_by: Option<Setting>,
}

/// What calls dtguard for a stage.
#[derive(Debug)]
pub struct StageCover {
    /// When.
    pub stage: Stage,
    /// What, or why nothing does.
    pub cover: Result<Cover, Gap>,
}

/// A way past dtguard, or something odd that may become one.
#[derive(Debug, PartialEq, Eq)]
pub struct Door {
    /// Whether it is open now.
    pub open: bool,
    /// What it is.
    pub what: String,
    /// The command that shuts it.
    pub shut: String,
}

impl Diagnosis {
    /// Whether a commit is guarded, or in a bare repository a push, as far as files
    /// tell.
    pub fn guards(&self) -> bool {
        let needed = [Stage::PreCommit, Stage::PreReceive];
        self.stages.iter().all(|cover| !needed.contains(&cover.stage) || cover.cover.is_ok())
    }
}

/// Looks at the repository around `repository`, else at the one that git finds
/// from here, else at what a new one would get; `this` is the running program.
///
/// # Errors
///
/// If git does not tell.
pub fn diagnose(repository: Option<&Path>, stages: &[Stage], this: &Path) -> Result<Diagnosis, InstallError> {
    let gits = Git::all();
    let Some(git_dir) = git_dir(repository)? else { return new_repository(gits, stages, this) };
    let settings = settings(Some(&git_dir), r"^(core\.hookspath|hook\..*|dtguard\..*)$")?;
    let (mut hooks, own) = Hooks::in_force_and_own(repository)?;
    for path in [&mut hooks.folder, &mut hooks.top] {
        let real = path.canonicalize().or_else(|_| std::path::absolute(&path));
        *path = real.unwrap_or_default();
    }
    let set_by = settings.iter().rfind(|setting| setting.key == "core.hookspath").cloned();
    let receives = !stages.contains(&Stage::PreCommit);
    let stages = covers(&gits, &settings, Some((&hooks, &own)), stages, this)?;
    let mut doors = stage_doors(&stages, Some(&hooks));
    doors.extend(program_doors(&stages));
    doors.extend(path_doors(&hooks, set_by.as_ref(), &git_dir));
    doors.extend(git_doors(&gits, &git_dir, &hooks, &stages));
    doors.extend(environment_doors());
    let proof = proof(&hooks, &settings, receives);
    let hooks = InForce { folder: Some(hooks.folder), set_by };
    Ok(Diagnosis { gits, repository: Some(git_dir), hooks, stages, doors, proof })
}

/// The folder of the repository; none if there is none here and none is named.
fn git_dir(repository: Option<&Path>) -> Result<Option<PathBuf>, InstallError> {
    let folder = repository.unwrap_or(Path::new("."));
    match git_says(repository, &["rev-parse", "--absolute-git-dir"]) {
        Ok(git_dir) => Ok(Some(git_dir)),
        Err(error) => {
            // A repository that git refuses to read is not the same as none.
            let said = git_in(folder).args(["rev-parse", "--git-dir"]).output();
            let none = said.is_ok_and(|said| {
                String::from_utf8_lossy(&said.stderr).contains("not a git repository (or any")
            });
            if none && repository.is_none() {
                return Ok(None);
            }
            Err(no_repository(folder)(error))
        }
    }
}

fn new_repository(gits: Vec<Git>, stages: &[Stage], this: &Path) -> Result<Diagnosis, InstallError> {
    let settings = settings(None, r"^(core\.hookspath|hook\..*|init\.templatedir)$")?;
    let last = |key: &str| settings.iter().rfind(|setting| setting.key == key).cloned();
    let set_by = last("core.hookspath");
    let path = set_by.as_ref().map(|setting| expanded(&setting.value));
    let template = last("init.templatedir").map(|setting| expanded(&setting.value).join("hooks"));
    let folder = path.clone().or(template);
    let hooks = folder.as_deref().map(Hooks::in_folder);
    let stages = covers(&gits, &settings, hooks.as_ref().map(|hooks| (hooks, hooks)), stages, this)?;
    let mut doors: Vec<Door> = stage_doors(&stages, hooks.as_ref());
    doors.extend(program_doors(&stages));
    doors.extend(environment_doors());
    if let Some(old) = blind_git(&gits, &stages) {
        doors.push(old);
    }
    let proof = Trial::new(&[], false).and_then(|trial| trial.run());
    let hooks = InForce { folder: path, set_by };
    Ok(Diagnosis { gits, repository: None, hooks, stages, doors, proof })
}

fn covers(
    gits: &[Git],
    settings: &[Setting],
    folders: Option<(&Hooks, &Hooks)>,
    stages: &[Stage],
    this: &Path,
) -> Result<Vec<StageCover>, InstallError> {
    let configured = gits.first().is_some_and(Git::has_configured_hooks);
    let mut covers = Vec::new();
    for stage in stages {
        let of_settings = if configured { of_settings(settings, *stage, this) } else { None };
        let of_files = match folders {
            Some((hooks, own)) => of_files(hooks, own, *stage, this)?,
            None => Err(Gap::NoHook),
        };
        let cover = match (of_settings, of_files) {
            (Some(Ok(cover)), _) | (_, Ok(cover)) => Ok(cover),
            (Some(Err(gap)), _) | (None, Err(gap)) => Err(gap),
        };
        covers.push(StageCover { stage: *stage, cover });
    }
    Ok(covers)
}

/// Stages that are open, those of one reason together.
fn stage_doors(stages: &[StageCover], hooks: Option<&Hooks>) -> Vec<Door> {
    let nowhere = hooks.is_none_or(|hooks| hooks.top == hooks.folder);
    let mut bare = Vec::new();
    let mut doors = Vec::new();
    for StageCover { stage, cover } in stages {
        let Err(gap) = cover else { continue };
        let (what, shut) = match gap {
            Gap::NoHook => {
                bare.push(stage.name());
                continue;
            }
            Gap::NotExecutable(hook) => (
                format!("git passes over {}, which cannot be executed", slashes(hook)),
                format!("chmod +x '{}'", slashes(hook)),
            ),
            Gap::Foreign(hook) => (
                format!("{} does not call dtguard", slashes(hook)),
                format!("dtguard install --stage {stage}"),
            ),
            Gap::Managed(manager) => (
                format!("the hook is {}'s, which is not told to call dtguard", manager.name()),
                manager.advice(hooks.map_or(Path::new(""), Hooks::folder), &[*stage]),
            ),
            Gap::SwitchedOff(setting) => (
                format!("{} is {} in {}", setting.key, setting.value, setting.origin),
                format!("git config --{} --unset {}", setting.scope, setting.key),
            ),
        };
        doors.push(Door { open: true, what: format!("{stage}: {what}"), shut });
    }
    if !bare.is_empty() {
        let all = bare.len() == stages.len();
        let options = bare.iter().map(|stage| format!(" --stage {stage}")).collect::<String>();
        let (place, user) = if nowhere { (" in a new repository", " --user") } else { ("", "") };
        doors.push(Door {
            open: true,
            what: format!("{}: there is no hook{place}", bare.join(", ")),
            shut: format!("dtguard install{user}{}", if all { "" } else { &options }),
        });
    }
    doors
}

/// Hooks that start another program than this one.
fn program_doors(stages: &[StageCover]) -> Vec<Door> {
    let mut doors: Vec<Door> = Vec::new();
    for cover in stages.iter().filter_map(|stage| stage.cover.as_ref().ok()) {
        let Some(program) = cover.program.as_ref().filter(|program| !program.is_this) else { continue };
        let path = slashes(&program.path);
        let what = match &program.version {
            Some(version) => format!("the hooks start {path}, version {version}, which is not this program"),
            None => format!("the hooks start {path}, which does not run; what is on PATH takes its place"),
        };
        if doors.iter().all(|door| door.what != what) {
            let shut = "dtguard install   (with --user, --system or --template as before)".to_owned();
            doors.push(Door { open: false, what, shut });
        }
    }
    doors
}

/// Whatever `core.hooksPath` leads past.
fn path_doors(hooks: &Hooks, set_by: Option<&Setting>, git_dir: &Path) -> Vec<Door> {
    let Some(set_by) = set_by else { return Vec::new() };
    let mut doors = Vec::new();
    let husky = hooks.folder.ends_with(".husky/_");
    let remake = |folder: &Path| match husky {
        _ if expanded(&set_by.value).ends_with("dtguard/hooks") => {
            format!("dtguard install {}", if set_by.scope == "system" { "--system" } else { "--user" })
        }
        true => format!("(cd '{}' && npm install)", slashes(folder)),
        false => format!("git config --{} --unset core.hooksPath", set_by.scope),
    };
    if !hooks.folder.is_dir() {
        let what = format!(
            "core.hooksPath ({} in {}) leads to {}, which does not exist: no hook runs here, and git says nothing",
            set_by.value,
            set_by.origin,
            slashes(&hooks.folder)
        );
        doors.push(Door { open: true, what, shut: remake(&hooks.top) });
    }
    let value = expanded(&set_by.value);
    if value.is_relative() {
        let list = asked(&mut git_in(git_dir), &["worktree", "list", "--porcelain"]).unwrap_or_default();
        let list = String::from_utf8_lossy(&list).into_owned();
        let trees = list.lines().filter_map(|line| line.strip_prefix("worktree ")).map(PathBuf::from);
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        for tree in trees.filter(|tree| tree.is_dir() && real(tree) != real(&hooks.top)) {
            if !tree.join(&value).is_dir() {
                let what = format!(
                    "in the work tree {} core.hooksPath leads to a folder that does not exist: no hook runs there",
                    slashes(&tree)
                );
                doors.push(Door { open: true, what, shut: remake(&tree) });
            }
        }
    }
    if matches!(set_by.scope.as_str(), "local" | "worktree" | "command") {
        let others = settings(None, r"^core\.hookspath$").unwrap_or_default();
        if let Some(passed) = others.iter().rfind(|other| is_owned(&expanded(&other.value))) {
            doors.push(Door {
                open: false,
                what: format!(
                    "core.hooksPath of this repository ({}) wins over dtguard's {}",
                    set_by.value, passed.value
                ),
                shut: match husky {
                    true => "dtguard install --write".to_owned(),
                    false => "dtguard install".to_owned(),
                },
            });
        }
    }
    doors
}

/// Other gits that see other hooks.
fn git_doors(gits: &[Git], git_dir: &Path, hooks: &Hooks, stages: &[StageCover]) -> Vec<Door> {
    let mut doors: Vec<Door> = blind_git(gits, stages).into_iter().collect();
    let path = ["rev-parse", "--path-format=absolute", "--git-path", "hooks"];
    let first = asked(&mut git_in(git_dir), &path);
    for other in gits.iter().skip(1) {
        let mut git = git_in(git_dir);
        let program = std::mem::replace(&mut git, std::process::Command::new(&other.path));
        for (name, value) in program.get_envs() {
            match value {
                Some(value) => git.env(name, value),
                None => git.env_remove(name),
            };
        }
        let seen = asked(git.current_dir(git_dir), &path);
        if seen.is_some() && seen != first {
            let seen = String::from_utf8_lossy(&seen.unwrap_or_default()).into_owned();
            let what = format!(
                "{} (git {}) looks for hooks in {seen}, not in {}",
                slashes(&other.path),
                other.version,
                slashes(&hooks.folder)
            );
            let folder = slashes(other.path.parent().unwrap_or(Path::new("")));
            doors.push(Door { open: false, what, shut: format!("PATH='{folder}':\"$PATH\" dtguard doctor") });
        }
    }
    doors
}

/// A git that would pass over the configured hooks on which all depends.
fn blind_git(gits: &[Git], stages: &[StageCover]) -> Option<Door> {
    let mut covers = stages.iter().filter_map(|stage| stage.cover.as_ref().ok());
    covers.find(|cover| cover.configured.is_some())?;
    let old = gits.iter().find(|git| !git.has_configured_hooks())?;
    Some(Door {
        open: false,
        what: format!(
            "{} (git {}) knows no configured hooks and would run none of dtguard's",
            slashes(&old.path),
            old.version
        ),
        shut: "dtguard install --user --hooks-path   (or --system)".to_owned(),
    })
}

/// Variables that switch hooks off.
fn environment_doors() -> Vec<Door> {
    let value = |name: &str| std::env::var(name).unwrap_or_default();
    let off = |name: &str, values: &[&str]| values.contains(&&*value(name)).then(|| name.to_owned());
    let skips = value("SKIP").split(',').any(|id| id.trim().starts_with("dtguard"));
    [off("HUSKY", &["0"]), off("LEFTHOOK", &["0", "false"]), skips.then(|| "SKIP".to_owned())]
        .into_iter()
        .flatten()
        .map(|name| Door {
            open: false,
            what: format!("{name}={} is set: hooks that go by it do not run", value(&name)),
            shut: format!("unset {name}"),
        })
        .collect()
}

/// Two commits, or for a bare repository two pushes, in a throw-away repository that
/// has the hooks in force here.
///
/// Its own hooks only start those, so that a program that writes hooks anew when
/// it runs, as lefthook does, writes none here.
fn proof(hooks: &Hooks, settings: &[Setting], receives: bool) -> Result<Proof, InstallError> {
    let mut trial = Trial::new(&["--template=".to_owned()], false)?;
    let names = if receives { &OF_A_PUSH[..] } else { &OF_A_COMMIT };
    for name in names {
        let hook = hooks.folder.join(name);
        if hook.exists() && runs(&hook) {
            trial.hook(name, &hook)?;
        }
    }
    let mut copied = vec![("core.hooksPath".to_owned(), slashes(&trial.hooks()))];
    // An empty event takes back what the user's and the machine's configuration
    // say, which is among the settings here.
    let events = settings.iter().filter(|setting| setting.key.ends_with(".event"));
    copied.extend(events.map(|setting| (setting.key.clone(), String::new())));
    let others = settings.iter().filter(|setting| {
        // Others only have effects, here too.
        let sets_off = !setting.key.ends_with(".event") || setting.value.is_empty();
        setting.key != "core.hookspath" && (sets_off || names.contains(&&*setting.value))
    });
    copied.extend(others.map(|setting| (setting.key.clone(), setting.value.clone())));
    if receives {
        return trial.push(&copied);
    }
    copied.iter().for_each(|(key, value)| trial.set(key, value));
    for name in CONFIGURATIONS {
        if let Ok(content) = std::fs::read(hooks.top.join(name)) {
            trial.add(name, &content)?;
        }
    }
    trial.run()
}
