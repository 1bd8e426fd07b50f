//! Which file or setting makes git run dtguard for a stage.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::files::{is_executable, read};
use super::git::Setting;
use super::manager::calls;
use super::scripts::{CHAIN, Owner, is_as_written, is_chain, owner};
use super::{Hooks, InstallError, Manager, Stage};

/// What calls dtguard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The hook's file, or the other program's configuration that calls dtguard.
    pub file: PathBuf,
    /// The hook's file that git runs; none for a configured hook.
    pub(super) hook: Option<PathBuf>,
    /// Whether this dtguard wrote all that git runs, byte for byte.
    pub(super) as_written: bool,
    /// The configured hook that leads there, and the file that configures it.
    pub configured: Option<(String, String)>,
    /// The other program that runs it.
    pub through: Option<Manager>,
    /// The program that the hook starts; none where it is looked for on PATH.
    pub program: Option<Program>,
}

/// What calls dtguard for a stage.
#[derive(Debug)]
pub struct StageCaller {
    /// When.
    pub stage: Stage,
    /// What, or why nothing does.
    pub caller: Result<Caller, Opening>,
}

/// A program that a hook starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Where it is, or should be.
    pub path: PathBuf,
    /// What it says that it is; none if it does not start.
    pub version: Option<String>,
    /// Whether it is the same file, or has the same content, as this program.
    pub is_this: bool,
    /// Whether it lies in the repository that is examined. Such a one is not started.
    pub is_inside: bool,
}

/// What is known of the programs that hooks start.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<'a> {
    /// The running program.
    pub(super) this: &'a Path,
    /// The repository's folders, in which whoever made it put what is there.
    pub(super) repository: &'a [PathBuf],
}

/// Why a stage is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opening {
    /// There is no hook.
    NoHook,
    /// git passes over a hook that is not executable.
    NotExecutable(PathBuf),
    /// The hook is somebody's, and does not call dtguard.
    Foreign(PathBuf),
    /// The hook is written by another program whose settings do not call dtguard.
    Managed(Manager),
    /// A configured hook of dtguard's is switched off by this setting.
    SwitchedOff(Setting),
    /// The hook calls dtguard, and a trial did not show that it stops a token.
    Unproven {
        /// What calls dtguard.
        file: PathBuf,
        /// The other program that runs it.
        through: Option<Manager>,
        /// Whether a token passed, or something else stood in the way.
        passes: bool,
        /// What was said.
        why: String,
    },
}

/// Who calls dtguard for `stage`: a file in `hooks`, or in `own` where the first
/// hands over to those.
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

/// Who calls dtguard for `stage` among the hooks that are configured.
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

/// The configured hooks that `stage` sets off, as git reads them: an empty event
/// takes back those before it.
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
    /// The one at `path`, as far as it may be started to ask it.
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

/// Whether git would run it: by its mode, and by what the file system allows.
pub(super) fn runs(hook: &Path) -> bool {
    // By its path: a `sh` in the work tree could be found on PATH.
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
