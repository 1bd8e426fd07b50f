//! The gits of this machine and their configuration.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::InstallError;
use super::config_scope::ConfigScope;
use crate::source::{SourceError, is_safe, path_from_bytes, program};

/// The first release of git with configured hooks (`hook.<name>.event`). Older ones ignore them
/// silently.
const CONFIGURED_HOOKS: (u32, u32) = (2, 54);

/// Variables that select one repository and would hide another.
const OF_ONE_REPOSITORY: [&str; 13] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_QUARANTINE_PATH",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
];

/// A git executable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Git {
    /// Where it is.
    pub path: PathBuf,
    /// Its version: `2.47.3`.
    pub version: String,
}

impl Git {
    /// All gits on PATH. `git` starts the first one.
    pub fn all() -> Vec<Self> {
        let name = if cfg!(windows) { "git.exe" } else { "git" };
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut seen = HashSet::new();
        std::env::split_paths(&path)
            .filter(|folder| is_safe(folder))
            .map(|folder| folder.join(name))
            .filter(|git| git.canonicalize().is_ok_and(|real| seen.insert(real)))
            .filter_map(|path| {
                let said = Command::new(&path).arg("--version").stdin(Stdio::null()).output().ok()?;
                let said = String::from_utf8_lossy(&said.stdout).into_owned();
                let version = said.trim().strip_prefix("git version ")?.split(' ').next()?.to_owned();
                Some(Self { path, version })
            })
            .collect()
    }

    /// Whether it runs configured hooks.
    pub fn has_configured_hooks(&self) -> bool {
        let mut numbers = self.version.split('.').map(|number| number.parse::<u32>().unwrap_or(0));
        (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= CONFIGURED_HOOKS
    }
}

/// A `git` in `folder` that uses only the repository around that folder.
pub(super) fn git_in(folder: &Path) -> Command {
    git_of(Path::new("git"), folder)
}

/// Like [`git_in`], for the git at `path`.
pub(super) fn git_of(path: &Path, folder: &Path) -> Command {
    let mut git = program(path);
    for name in OF_ONE_REPOSITORY {
        git.env_remove(name);
    }
    // Reading the index would start it.
    git.args(["-c", "core.fsmonitor=false"]);
    git.current_dir(folder).env("GIT_TERMINAL_PROMPT", "0").env("LC_ALL", "C").stdin(Stdio::null());
    git
}

/// git does not report where the hooks of `repository` are.
pub(super) fn no_repository(repository: &Path) -> impl Fn(SourceError) -> InstallError {
    let name = repository.display();
    move |error| match error {
        SourceError::Git { exited: false, .. } if Git::all().is_empty() => InstallError::no_git(),
        SourceError::Git { message, .. } if message.contains("dubious ownership") => {
            let trust = message.lines().map(str::trim).find(|line| line.starts_with("git config --global"));
            InstallError::new(
                format!("git does not trust the repository around `{name}`, because another user owns it"),
                format!("{}\n(only if you trust that user)", trust.unwrap_or("git status")),
            )
        }
        error => InstallError::new(
            format!("`{name}` is not in a git repository: {error}"),
            "cd into the repository or name it with --repo DIR; a new one begins with: git init",
        ),
    }
}

/// The output of git for `arguments`, without the last line feed; none if git fails.
pub(super) fn asked<A: AsRef<OsStr>>(git: &mut Command, arguments: &[A]) -> Option<Vec<u8>> {
    let Output { status, mut stdout, .. } = git.args(arguments).output().ok()?;
    while stdout.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
        stdout.pop();
    }
    status.success().then_some(stdout)
}

/// A setting of git's configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// `system`, `global`, `local`, `worktree` or `command`.
    pub scope: String,
    /// Its file, as git names it.
    pub origin: String,
    /// Its key: section and name in lower case, the subsection unchanged.
    pub key: String,
    /// Its value.
    pub value: String,
}

/// The settings whose keys match `expression`, in git's order, for the repository around
/// `folder` or for none.
pub(super) fn settings(folder: Option<&Path>, expression: &str) -> Result<Vec<Setting>, InstallError> {
    settings_of(Path::new("git"), folder, expression)
}

/// Like [`settings`], as the git at `path` reads them.
pub(super) fn settings_of(
    path: &Path,
    folder: Option<&Path>,
    expression: &str,
) -> Result<Vec<Setting>, InstallError> {
    let nowhere = tempfile::tempdir().map_err(InstallError::file("create", &std::env::temp_dir()))?;
    let mut git = git_of(path, folder.unwrap_or(nowhere.path()));
    if folder.is_none() {
        // The root is in no repository, wherever the temporary folder is.
        git.env("GIT_CEILING_DIRECTORIES", nowhere.path().parent().unwrap_or(nowhere.path()));
    }
    let output = git
        .args(["config", "-z", "--show-scope", "--show-origin", "--get-regexp", expression])
        .output()
        .map_err(|error| InstallError::start(&error))?;
    // Exit code 1 means that there is none.
    if !output.status.success() && output.status.code() != Some(1) {
        return Err(InstallError::git(String::from_utf8_lossy(&output.stderr).trim()));
    }
    let mut settings = read(&String::from_utf8_lossy(&output.stdout));
    // git names a repository's own file relative to its current folder.
    for setting in settings.iter_mut().filter(|setting| setting.scope != "command") {
        let file = folder.unwrap_or(nowhere.path()).join(&setting.origin);
        setting.origin = file.display().to_string();
    }
    Ok(settings)
}

/// Parses the output of `git config -z --show-scope --show-origin`.
fn read(text: &str) -> Vec<Setting> {
    let mut fields = text.split('\0');
    let mut settings = Vec::new();
    while let (Some(scope), Some(origin), Some(setting)) = (fields.next(), fields.next(), fields.next()) {
        let (key, value) = setting.split_once('\n').unwrap_or((setting, "true"));
        settings.push(Setting {
            scope: scope.to_owned(),
            origin: origin.strip_prefix("file:").unwrap_or(origin).to_owned(),
            key: key.to_owned(),
            value: value.to_owned(),
        });
    }
    settings
}

impl ConfigScope {
    /// The file that `git config --global` or `--system` writes to.
    pub fn config_file(self) -> Result<PathBuf, InstallError> {
        match self {
            Self::User => user_config_file(),
            Self::System => system_config_file(),
        }
    }
}

fn user_config_file() -> Result<PathBuf, InstallError> {
    if let Some(file) = named_by("GIT_CONFIG_GLOBAL")? {
        return Ok(file);
    }
    let file = home()?.join(".gitconfig");
    let other = user_folder()?.join("git").join("config");
    Ok(if !file.exists() && other.exists() { other } else { file })
}

fn system_config_file() -> Result<PathBuf, InstallError> {
    if std::env::var_os("GIT_CONFIG_NOSYSTEM").is_some_and(|value| value != "0" && !value.is_empty()) {
        return Err(InstallError::git("GIT_CONFIG_NOSYSTEM is set: git reads no system file"));
    }
    if let Some(file) = named_by("GIT_CONFIG_SYSTEM")? {
        return Ok(file);
    }
    let path = system_file(Path::new("git"));
    path.ok_or_else(|| InstallError::git("it does not say where its system file is"))
}

/// The system configuration file of the git at `path`.
pub(super) fn system_file(path: &Path) -> Option<PathBuf> {
    let here = std::env::temp_dir();
    let file = asked(&mut git_of(path, &here), &["var", "GIT_CONFIG_SYSTEM"]).or_else(|| {
        // A git before 2.42 only shows it through the editor.
        asked(git_of(path, &here).env("GIT_EDITOR", "echo"), &["config", "--system", "--edit"])
    });
    file.filter(|file| !file.is_empty()).and_then(path_from_bytes)
}

/// The file in git's variable `name`. A relative path would differ between folders, so it is an
/// error.
fn named_by(name: &'static str) -> Result<Option<PathBuf>, InstallError> {
    let Some(file) = std::env::var_os(name).map(PathBuf::from) else { return Ok(None) };
    if !file.is_absolute() {
        return Err(InstallError::git(&format!("{name}={} is no absolute path", file.display())));
    }
    Ok(Some(file))
}

/// The home folder. A relative path would differ between folders, so it is an error.
pub(super) fn home() -> Result<PathBuf, InstallError> {
    let set = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    set("HOME").or_else(|| set("USERPROFILE")).ok_or_else(|| {
        InstallError::new(
            "neither HOME nor USERPROFILE names a home folder by its absolute path",
            "name it: HOME=/path/to/home dtguard install --user",
        )
    })
}

/// A path from git's configuration, where `~/` stands for the home folder.
pub(super) fn expanded(value: &str) -> PathBuf {
    match (value.strip_prefix("~/"), home()) {
        (Some(rest), Ok(home)) => home.join(rest),
        _ => PathBuf::from(value),
    }
}

/// `$XDG_CONFIG_HOME` if it is an absolute path, else `~/.config`.
pub(super) fn user_folder() -> Result<PathBuf, InstallError> {
    let named = std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    named.map_or_else(|| Ok(home()?.join(".config")), Ok)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configured_hooks_are_relied_on_from_the_release_that_has_them() {
        for (version, has) in [
            ("2.39.5", false),
            ("2.53.0.windows.1", false),
            ("2.54.0", true),
            ("2.55.GIT", true),
            ("3.0.0-rc1", true),
            ("", false),
        ] {
            let git = Git { path: PathBuf::new(), version: version.to_owned() };
            assert_eq!(git.has_configured_hooks(), has, "{version}");
        }
    }

    #[test]
    fn a_setting_is_read_with_its_scope_and_file_whatever_its_value() {
        let text =
            "global\0file:/h/.gitconfig\0core.hookspath\n/a b\nc\0command\0command line:\0hook.x.enabled\0";
        let read = read(text);
        assert_eq!(read.len(), 2);
        assert_eq!(
            (&*read[0].scope, &*read[0].origin, &*read[0].value),
            ("global", "/h/.gitconfig", "/a b\nc")
        );
        assert_eq!(
            (&*read[1].origin, &*read[1].key, &*read[1].value),
            ("command line:", "hook.x.enabled", "true")
        );
    }
}
