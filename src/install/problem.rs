//! Problems: places where a token could pass, and oddities that may become such.

use std::path::{Path, PathBuf};

use super::caller::{Opening, StageCaller};
use super::files::slashes;
use super::git::{Setting, asked, expanded, git_in, settings};
use super::owned::is_owned;
use super::{Hooks, Manager, Stage, names};

/// A way around dtguard, or an oddity that may become one.
#[derive(Debug, PartialEq, Eq)]
pub struct Problem {
    /// Whether a token can pass because of it.
    pub open: bool,
    /// The problem.
    pub what: String,
    /// The command that fixes it.
    pub fix: String,
}

impl Problem {
    pub(super) fn open(what: String, fix: String) -> Self {
        Self { open: true, what, fix }
    }

    pub(super) fn note(what: String, fix: String) -> Self {
        Self { open: false, what, fix }
    }
}

/// Stages without a caller, grouped by reason.
pub(super) fn of_stages(stages: &[StageCaller], hooks: Option<&Hooks>) -> Vec<Problem> {
    let folder = hooks.map_or(Path::new(""), Hooks::folder);
    let top = hooks.map_or(Path::new(""), |hooks| &hooks.top);
    let mut problems = Vec::new();
    let (mut bare, mut managed) = (Vec::new(), Vec::new());
    for StageCaller { stage, caller } in stages {
        let Err(opening) = caller else { continue };
        let (what, fix) = match opening {
            Opening::NoHook => {
                bare.push(*stage);
                continue;
            }
            Opening::Managed(manager) => {
                managed.push((*manager, *stage));
                continue;
            }
            Opening::NotExecutable(hook) => (
                format!("git ignores {}, which is not executable", slashes(hook)),
                format!("chmod +x '{}'", slashes(hook)),
            ),
            Opening::Foreign(hook) => (
                format!("{} does not call dtguard", slashes(hook)),
                format!("dtguard install --stage {stage}"),
            ),
            Opening::SwitchedOff(setting) => {
                (format!("{} is {} in {}", setting.key, setting.value, setting.origin), unset(setting))
            }
            Opening::Unproven { file, through, passes, why } => {
                (unproven(file, *passes, why), mends_unproven(*stage, file, *through))
            }
        };
        let open = stage.stops() || matches!(opening, Opening::SwitchedOff(_) | Opening::NotExecutable(_));
        problems.push(Problem { open, what: format!("{stage}: {what}"), fix });
    }
    while let Some((manager, _)) = managed.first().copied() {
        let of_it: Vec<Stage> =
            managed.extract_if(.., |(one, _)| *one == manager).map(|(_, stage)| stage).collect();
        let what = format!("{}: {} does not run dtguard", names(&of_it), manager.name());
        let open = of_it.iter().any(|stage| stage.stops());
        problems.push(Problem { open, what, fix: manager.advice(folder, top, &of_it) });
    }
    problems.extend(no_hooks(&bare, stages, hooks));
    problems
}

fn unproven(file: &Path, passes: bool, why: &str) -> String {
    let file = slashes(file);
    if passes {
        format!("{file} calls dtguard, but a token passed it in a temporary repository")
    } else {
        format!("{file} calls dtguard, but whether it stops a token is not proven: {why}")
    }
}

fn mends_unproven(stage: Stage, file: &Path, through: Option<Manager>) -> String {
    let inside = "(with --user, --system or --template as before)";
    match through.filter(|manager| !manager.runs_legacy()) {
        Some(manager) => format!(
            "dtguard hook {stage} -- \"$@\"\n(as what {} runs for it in {}, before all else, and nothing that hides its exit code)",
            manager.name(),
            slashes(file)
        ),
        None => format!("dtguard install --stage {stage}\n{inside}"),
    }
}

/// Stages without any hook: those that stop tokens, and those that only report.
fn no_hooks(bare: &[Stage], stages: &[StageCaller], hooks: Option<&Hooks>) -> Vec<Problem> {
    let nowhere = hooks.is_none_or(|hooks| hooks.top == hooks.folder);
    let (place, user) = if nowhere { (" in a new repository", " --user") } else { ("", "") };
    let (stops, reports): (Vec<Stage>, Vec<Stage>) = bare.iter().partition(|stage| stage.stops());
    let fix = |missing: &[Stage]| {
        let all = missing.len() == stages.iter().filter(|caller| caller.stage.stops()).count();
        let options = missing.iter().map(|stage| format!(" --stage {stage}")).collect::<String>();
        format!("dtguard install{user}{}", if all { "" } else { &options })
    };
    let missing = |stages: &[Stage]| {
        let hook = if stages.len() == 1 { "the hook is missing" } else { "these hooks are missing" };
        format!("{}: {hook}{place}", names(stages))
    };
    let mut problems = Vec::new();
    if !stops.is_empty() {
        problems.push(Problem::open(missing(&stops), fix(&stops)));
    }
    // One command for both.
    if !reports.is_empty() && stops.is_empty() {
        let what =
            format!("{}; it blocks nothing, it reports what no other hook can block", missing(&reports));
        problems.push(Problem::note(what, fix(&reports)));
    }
    problems
}

/// A framework that calls dtguard before a commit in addition to dtguard's own hook. Both
/// report, since neither can know that the other ran.
pub(super) fn of_two_callers(stages: &[StageCaller], hooks: &[&Hooks]) -> Option<Problem> {
    let stage = Stage::PreCommit;
    let caller = stages.iter().find(|caller| caller.stage == stage)?.caller.as_ref().ok()?;
    let config = hooks.iter().find_map(|hooks| {
        let manager = hooks.manager(stage).ok()?.filter(|manager| manager.runs_legacy())?;
        manager.calls_dtguard(hooks.folder(), &hooks.top, stage)
    })?;
    if config == caller.file {
        return None;
    }
    let what = format!(
        "{stage}: {} and {} both call dtguard, so each finding is reported twice",
        slashes(&caller.file),
        slashes(&config)
    );
    let scope =
        if caller.file.starts_with(hooks.last()?.folder()) { "" } else { "   (with --user or --system)" };
    Some(Problem::note(what, format!("dtguard uninstall --stage {stage}{scope}")))
}

/// Hooks that start a different program.
pub(super) fn of_programs(stages: &[StageCaller]) -> Vec<Problem> {
    let mut problems: Vec<Problem> = Vec::new();
    for caller in stages.iter().filter_map(|stage| stage.caller.as_ref().ok()) {
        let Some(program) = caller.program.as_ref().filter(|program| !program.is_this) else { continue };
        let path = slashes(&program.path);
        let what = match &program.version {
            _ if program.is_inside => {
                format!("the hooks start {path}, which lies in this repository and is not this program")
            }
            Some(version) => format!("the hooks start {path}, version {version}, which is not this program"),
            None => format!("the hooks start {path}, which does not run; they use dtguard on PATH instead"),
        };
        if problems.iter().all(|problem| problem.what != what) {
            let fix = "dtguard install   (with --user, --system or --template as before)".to_owned();
            problems.push(Problem::note(what, fix));
        }
    }
    problems
}

/// `core.hooksPath` names a missing folder. `own` says whether the hooks that git ignores would
/// guard.
pub(super) fn of_missing_folder(hooks: &Hooks, set_by: &Setting, own: bool) -> Option<Problem> {
    if hooks.folder.is_dir() {
        return None;
    }
    let what = format!(
        "core.hooksPath ({} in {}) leads to {}, which does not exist: no hook runs here, and git does not warn",
        set_by.value,
        set_by.origin,
        slashes(&hooks.folder)
    );
    let then = if own { "" } else { "\ndtguard install" };
    let fix = match remake(hooks, set_by, &hooks.top) {
        Some(fix) => fix,
        None => format!("{}{then}", unset(set_by)),
    };
    Some(Problem::open(what, fix))
}

/// Other work trees and settings that `core.hooksPath` bypasses.
pub(super) fn of_hooks_path(hooks: &Hooks, set_by: &Setting, git_dir: &Path) -> Vec<Problem> {
    let mut problems = Vec::new();
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
                let fix = remake(hooks, set_by, &tree).unwrap_or_else(|| unset(set_by));
                problems.push(Problem::open(what, fix));
            }
        }
    }
    if matches!(set_by.scope.as_str(), "local" | "worktree" | "command") {
        let others = settings(None, r"^core\.hookspath$").unwrap_or_default();
        if let Some(passed) = others.iter().rfind(|other| is_owned(&expanded(&other.value))) {
            let what = format!(
                "core.hooksPath of this repository ({}) overrides dtguard's {}",
                set_by.value, passed.value
            );
            let write = if is_husky(hooks) { " --write" } else { "" };
            problems.push(Problem::note(what, format!("dtguard install{write}")));
        }
    }
    problems
}

fn is_husky(hooks: &Hooks) -> bool {
    hooks.folder.ends_with(".husky/_")
}

/// The command that recreates the folder in the work tree `tree`, if some program made it.
fn remake(hooks: &Hooks, set_by: &Setting, tree: &Path) -> Option<String> {
    if expanded(&set_by.value).ends_with("dtguard/hooks") {
        let scope = if set_by.scope == "system" { "--system" } else { "--user" };
        return Some(format!("dtguard install {scope}"));
    }
    is_husky(hooks).then(|| format!("(cd '{}' && npm install)", slashes(tree)))
}

/// The command that removes a setting.
fn unset(setting: &Setting) -> String {
    match setting.scope.as_str() {
        "command" => "unset GIT_CONFIG_COUNT GIT_CONFIG_PARAMETERS".to_owned(),
        // git prints it in lower case; people write it like this.
        scope => format!(
            "git config --{scope} --unset-all {}",
            setting.key.replace("core.hookspath", "core.hooksPath")
        ),
    }
}

/// Environment variables that disable hooks.
pub(super) fn of_environment() -> Vec<Problem> {
    let value = |name: &str| std::env::var(name).unwrap_or_default();
    let off = |name: &str, values: &[&str]| values.contains(&&*value(name)).then(|| name.to_owned());
    let skips = value("SKIP").split(',').any(|id| id.trim().starts_with("dtguard"));
    [off("HUSKY", &["0"]), off("LEFTHOOK", &["0", "false"]), skips.then(|| "SKIP".to_owned())]
        .into_iter()
        .flatten()
        .map(|name| {
            let what = format!("{name}={} is set: hooks that check it do not run", value(&name));
            Problem::note(what, format!("unset {name}"))
        })
        .collect()
}
