//! Finds the file or setting that makes git run dtguard for a stage.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::files::{is_executable, read};
use super::git::Setting;
use super::manager::calls;
use super::scripts::{CHAIN, Owner, is_as_written, is_chain, owner};
use super::{Hooks, InstallError, Manager, Stage};

/// The caller of dtguard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The hook's file, or the hook manager's configuration.
    pub file: PathBuf,
    /// The hook file that git runs; none for a configured hook.
    pub(super) hook: Option<PathBuf>,
    /// Whether this version of dtguard wrote every byte that git runs.
    pub(super) as_written: bool,
    /// The configured hook and the file that configures it.
    pub configured: Option<(String, String)>,
    /// The hook manager that runs it.
    pub through: Option<Manager>,
    /// The program that the hook starts; none if it searches PATH.
    pub program: Option<Program>,
}

/// The caller of one stage.
#[derive(Debug)]
pub struct StageCaller {
    /// The stage.
    pub stage: Stage,
    /// The caller, or why there is none.
    pub caller: Result<Caller, Opening>,
}

/// A program that a hook starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Its path, even if it is missing.
    pub path: PathBuf,
    /// Its version; none if it does not start.
    pub version: Option<String>,
    /// Whether it is this program, or a copy of it.
    pub is_this: bool,
    /// Whether it is inside the examined repository. Such a program is not started.
    pub is_inside: bool,
}

/// What is needed to examine the programs of hooks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<'a> {
    /// The running program.
    pub(super) this: &'a Path,
    /// The repository's folders. Their content may be hostile.
    pub(super) repository: &'a [PathBuf],
}

/// Why a stage is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opening {
    /// There is no hook.
    NoHook,
    /// The hook is not executable, so git ignores it.
    NotExecutable(PathBuf),
    /// Somebody else's hook does not call dtguard.
    Foreign(PathBuf),
    /// A hook manager wrote the hook, and its settings do not call dtguard.
    Managed(Manager),
    /// This setting disables a configured hook of dtguard.
    SwitchedOff(Setting),
    /// The hook calls dtguard, but a trial did not show that it stops a token.
    Unproven {
        /// The file that calls dtguard.
        file: PathBuf,
        /// The hook manager that runs it.
        through: Option<Manager>,
        /// Whether a token passed; otherwise something else failed.
        passes: bool,
        /// The output of the trial.
        why: String,
    },
}

/// Finds the caller of `stage`: a file in `hooks`, or in `own` if the first hands over to it.
pub(super) fn of_files(
    hooks: &Hooks,
    own: &Hooks,
    stage: Stage,
    known: Known<'_>,
) -> Result<Result<Caller, Opening>, InstallError> {
    let file = hooks.folder().join(stage.name());
    let Some(content) = read(&file)? else { return Ok(Err(Opening::NoHook)) };
    if !runs(&file) {
        return Ok(Err(Opening::NotExecutable(file)));
    }
    if is_chain(&content) && hooks.folder() != own.folder() {
        let own = of_files(own, own, stage, known)?;
        if content == CHAIN.as_bytes() {
            return Ok(own);
        }
        return Ok(own.map(|caller| Caller { hook: Some(file), as_written: false, ..caller }));
    }
    let hook = |caller| Caller { hook: Some(file.clone()), ..caller };
    if owner(stage, &content) != Owner::Other {
        let as_written = is_as_written(stage, &content);
        return Ok(Ok(hook(Caller { as_written, ..own_caller(file.clone(), &content, None, known) })));
    }
    let Some(manager) = hooks.manager(stage)? else {
        let calls = calls(&file, stage);
        return Ok(if calls { Ok(hook(plain(file.clone(), None))) } else { Err(Opening::Foreign(file)) });
    };
    let (legacy, _) = hooks.paths(stage, Some(manager));
    if manager.runs_legacy()
        && runs(&legacy)
        && let Some(content) = read(&legacy)?
        && owner(stage, &content) != Owner::Other
    {
        return Ok(Ok(hook(own_caller(legacy, &content, Some(manager), known))));
    }
    let through = manager.calls_dtguard(hooks.folder(), &hooks.top, stage);
    Ok(through.map(|file| hook(plain(file, Some(manager)))).ok_or(Opening::Managed(manager)))
}

/// Finds the caller of `stage` among configured hooks.
pub(super) fn of_settings(
    settings: &[Setting],
    stage: Stage,
    known: Known<'_>,
) -> Option<Result<Caller, Opening>> {
    let last = |name: &str, what: &str| {
        let key = format!("hook.{name}.{what}");
        settings.iter().rfind(|setting| setting.key == key)
    };
    let off = |name: &str| {
        last(name, "enabled").filter(|setting| {
            matches!(setting.value.to_ascii_lowercase().as_str(), "false" | "no" | "off" | "0" | "")
        })
    };
    let mut opening = None;
    for name in names(settings, stage) {
        let Some(command) = last(&name, "command").filter(|command| command.value.contains("dtguard")) else {
            continue;
        };
        if let Some(setting) = off(&name).or_else(|| off(stage.name())) {
            opening = Some(Err(Opening::SwitchedOff(setting.clone())));
            continue;
        }
        let file = PathBuf::from(command.value.trim_matches('\'').replace(r"'\''", "'"));
        let content = read(&file).ok().flatten();
        let mut caller = match content {
            Some(content) if owner(stage, &content) != Owner::Other => {
                let as_written = is_as_written(stage, &content) && command.value == quoted(&file);
                Caller { as_written, ..own_caller(file, &content, None, known) }
            }
            _ => plain(file, None),
        };
        caller.configured = Some((name, command.origin.clone()));
        return Some(Ok(caller));
    }
    opening
}

/// The configured hooks for `stage`, as git reads them: an empty event cancels the earlier
/// ones.
fn names(settings: &[Setting], stage: Stage) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for setting in settings {
        let name = setting.key.strip_prefix("hook.").and_then(|rest| rest.strip_suffix(".event"));
        let Some(name) = name else { continue };
        if setting.value.is_empty() {
            names.retain(|known| known != name);
        } else if setting.value == stage.name() && !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    names
}

/// A path as the command of a configured hook.
fn quoted(file: &Path) -> String {
    format!("'{}'", file.display().to_string().replace('\'', r"'\''"))
}

fn plain(file: PathBuf, through: Option<Manager>) -> Caller {
    Caller { file, hook: None, as_written: false, configured: None, through, program: None }
}

fn own_caller(file: PathBuf, content: &[u8], through: Option<Manager>, known: Known<'_>) -> Caller {
    let text = String::from_utf8_lossy(content);
    let recorded = text.lines().find_map(|line| line.strip_prefix("dtguard='")?.strip_suffix('\''));
    let program = recorded.map(|path| Program::at(PathBuf::from(path.replace(r"'\''", "'")), known));
    Caller { file, hook: None, as_written: false, configured: None, through, program }
}

impl Program {
    /// Examines the program at `path`; asks it for its version if it may be started.
    fn at(path: PathBuf, known: Known<'_>) -> Self {
        let is_this = same_file(&path, known.this);
        let real = path.canonicalize().unwrap_or_else(|_| path.clone());
        let is_inside = known.repository.iter().any(|folder| real.starts_with(folder));
        let version = match (is_this, is_inside) {
            (true, _) => Some(env!("CARGO_PKG_VERSION").to_owned()),
            (false, true) => None,
            (false, false) => version(&path),
        };
        Self { path, version, is_this, is_inside }
    }
}

fn version(program: &Path) -> Option<String> {
    let said = Command::new(program).arg("--version").stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&said.stdout).trim().to_owned();
    said.status.success().then(|| text.strip_prefix("dtguard ").map(str::to_owned))?
}

fn same_file(one: &Path, other: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().ok();
    if real(one).is_some() && real(one) == real(other) {
        return true;
    }
    let size = |path: &Path| std::fs::metadata(path).ok().map(|metadata| metadata.len());
    size(one).is_some()
        && size(one) == size(other)
        && std::fs::read(one).ok().is_some_and(|content| std::fs::read(other).ok() == Some(content))
}

/// Whether git would run the hook: its mode and the file system allow it.
pub(super) fn runs(hook: &Path) -> bool {
    // By its full path: PATH could contain a `sh` of the work tree.
    let allowed = Command::new("/bin/sh")
        .args(["-c", "test -x \"$1\"", "sh"])
        .arg(hook)
        .stdin(Stdio::null())
        .status()
        .map_or(true, |status| status.success());
    is_executable(hook) && allowed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(lines: &[(&str, &str)]) -> Vec<Setting> {
        let setting = |(key, value): &(&str, &str)| Setting {
            scope: "global".to_owned(),
            origin: "/h/.gitconfig".to_owned(),
            key: (*key).to_owned(),
            value: (*value).to_owned(),
        };
        lines.iter().map(setting).collect()
    }

    #[test]
    fn a_configured_hook_counts_as_git_counts_it() {
        let caller = |lines: &[(&str, &str)]| {
            of_settings(&settings(lines), Stage::PreCommit, Known { this: Path::new("/d"), repository: &[] })
        };
        let base = [("hook.x.command", "'/it'\\''s/dtguard/pre-commit'"), ("hook.x.event", "pre-commit")];
        let found = caller(&base).unwrap().unwrap();
        assert_eq!(found.file, Path::new("/it's/dtguard/pre-commit"));
        assert_eq!(found.configured, Some(("x".to_owned(), "/h/.gitconfig".to_owned())));
        assert!(caller(&[base[0], ("hook.x.event", "pre-push")]).is_none());
        assert!(caller(&[base[0], base[1], ("hook.x.event", "")]).is_none());
        assert!(caller(&[("hook.x.command", "gitleaks"), base[1]]).is_none());
        for off in ["hook.x.enabled", "hook.pre-commit.enabled"] {
            let found = caller(&[base[0], base[1], (off, "false")]).unwrap();
            assert!(matches!(found, Err(Opening::SwitchedOff(_))), "{off}");
            assert!(caller(&[base[0], base[1], (off, "false"), (off, "true")]).unwrap().is_ok(), "{off}");
        }
    }
}
