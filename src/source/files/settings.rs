//! The policy files in git's setting `dtguard.policy`.
//!
//! Only system and global scope count, with their includes: neither a repository nor the user
//! of a command may choose the policy that judges them. libgit2 reads them without a process.
//! git reads them if libgit2 could differ: libgit2 finds the system file of one git only, and
//! knows only some conditional includes.
//!
//! The variables that move or hide these files (`GIT_CONFIG_NOSYSTEM` and similar ones) can add
//! files to the result, but remove none.

use std::env;
use std::path::{Path, PathBuf};

use git2::{Config, ConfigLevel};

use crate::source::paths::path_from_bytes;
use crate::source::{Repository, SourceError, home_folder};

const KEY: &str = "dtguard.policy";
/// Variables that hide or replace git's files.
const MOVING: [&str; 3] = ["GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_GLOBAL"];
/// System files of other gits, which libgit2 does not read.
const OTHER_SYSTEM_FILES: &[&str] = if cfg!(windows) {
    &[]
} else {
    &[
        "/usr/local/etc/gitconfig",
        "/opt/homebrew/etc/gitconfig",
        "/Library/Developer/CommandLineTools/usr/share/git-core/gitconfig",
        "/Applications/Xcode.app/Contents/Developer/usr/share/git-core/gitconfig",
    ]
};

/// Only git can answer.
struct AskGit;

impl Repository {
    /// The files in `dtguard.policy` in system and global scope, the more general first. They
    /// may be missing.
    pub fn policies_named(&self) -> Result<Vec<PathBuf>, SourceError> {
        let moved = MOVING.iter().any(|name| env::var_os(name).is_some());
        let named = match self.as_libgit2_says(moved) {
            Ok(named) => named,
            Err(AskGit) => {
                let mut named = self.as_git_says(&MOVING)?;
                if moved {
                    named.extend(self.as_git_says(&[])?);
                }
                named
            }
        };
        let mut paths = Vec::new();
        for path in named {
            if !paths.contains(&path) {
                paths.push(path);
            }
        }
        Ok(paths)
    }

    fn as_libgit2_says(&self, moved: bool) -> Result<Vec<PathBuf>, AskGit> {
        if OTHER_SYSTEM_FILES.iter().any(|file| mentions_dtguard(Path::new(file))) {
            return Err(AskGit);
        }
        match self.libgit2() {
            // If nothing is moved, both have the same files.
            Ok(repository) if moved => {
                let mut named = of_config(&usual_config()?)?;
                named.extend(of_config(&repository.config()?)?);
                Ok(named)
            }
            Ok(repository) => of_config(&repository.config()?),
            // Outside a repository, or in one that libgit2 cannot read. git would answer the
            // same, but slower.
            Err(_) if moved => Err(AskGit),
            Err(_) => of_config(&usual_config()?),
        }
    }

    /// git's answer, in an environment without the variables `without`.
    fn as_git_says(&self, without: &[&str]) -> Result<Vec<PathBuf>, SourceError> {
        let unexpected = || SourceError::unexpected("config");
        let values = self.plumbing().settings(KEY, without)?;
        values.into_iter().map(|value| path_from_bytes(value).ok_or_else(unexpected)).collect()
    }
}

impl From<git2::Error> for AskGit {
    fn from(_: git2::Error) -> Self {
        Self
    }
}

/// The files of system and global scope in their usual places.
fn usual_config() -> Result<Config, git2::Error> {
    let mut config = Config::new()?;
    let files = [
        (Config::find_system(), ConfigLevel::System),
        (Config::find_xdg(), ConfigLevel::XDG),
        (Config::find_global(), ConfigLevel::Global),
    ];
    for (file, level) in files {
        if let Ok(file) = file {
            config.add_file(&file, level, false)?;
        }
    }
    Ok(config)
}

/// The files in `config`: the machine's before the user's.
fn of_config(config: &Config) -> Result<Vec<PathBuf>, AskGit> {
    let mut named = Vec::new();
    let mut entries = config.entries(None)?;
    while let Some(entry) = entries.next() {
        let entry = entry?;
        let name = entry.name_bytes();
        let condition = name.starts_with(b"includeif.") && name.ends_with(b".path");
        if !condition && name != KEY.as_bytes() {
            continue;
        }
        let rank = match entry.level() {
            ConfigLevel::ProgramData | ConfigLevel::System => 0,
            ConfigLevel::XDG => 1,
            ConfigLevel::Global => 2,
            _ => continue,
        };
        // A key without a value is a mistake, which git reports.
        if !entry.has_value() {
            return Err(AskGit);
        }
        let path = entry.value().ok().and_then(plain_path).ok_or(AskGit)?;
        if !condition {
            named.push((rank, path));
        } else if mentions_dtguard(&path) {
            return Err(AskGit);
        }
    }
    named.sort_by_key(|(rank, _)| *rank);
    Ok(named.into_iter().map(|(_, path)| path).collect())
}

/// The path in `value`; none if only git can resolve it.
fn plain_path(value: &str) -> Option<PathBuf> {
    let path = match value.strip_prefix("~/") {
        Some(rest) => home_folder()?.join(rest),
        None => PathBuf::from(value),
    };
    path.is_absolute().then_some(path)
}

/// Whether the configuration in `file`, or a file that it includes, may have a setting of
/// dtguard.
pub(super) fn mentions_dtguard(file: &Path) -> bool {
    match std::fs::read(file) {
        Ok(text) => text_mentions_dtguard(&text),
        Err(error) => error.kind() != std::io::ErrorKind::NotFound,
    }
}

/// The same, of the `text` of a configuration.
pub(super) fn text_mentions_dtguard(text: &[u8]) -> bool {
    let text = text.to_ascii_lowercase();
    [&b"dtguard"[..], b"include"].iter().any(|word| memchr::memmem::find(&text, word).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The policies named by files with this content at these levels.
    fn named(files: &[(ConfigLevel, &str)]) -> Result<Vec<String>, ()> {
        let folder = tempfile::tempdir().unwrap();
        // This form is an absolute path on each system.
        let text = |path: &Path| path.display().to_string().replace('\\', "/");
        let mut config = Config::new().unwrap();
        for (number, (level, content)) in files.iter().enumerate() {
            let file = folder.path().join(number.to_string());
            std::fs::write(&file, content.replace("HERE", &text(folder.path()))).unwrap();
            config.add_file(&file, *level, false).unwrap();
        }
        std::fs::write(folder.path().join("names"), "[DTguard]\n\tpolicy = /x\n").unwrap();
        std::fs::write(folder.path().join("other"), "[user]\n\tname = x\n").unwrap();
        let here = format!("{}/", text(folder.path()));
        let paths = of_config(&config).map_err(|AskGit| ())?;
        Ok(paths.iter().map(|path| text(path).replace(&here, "")).collect())
    }

    #[test]
    fn the_machines_policy_stands_above_the_users_and_a_repository_names_none() {
        let policy = |name: &str| format!("[dtguard]\n\tpolicy = HERE/{name}\n");
        let files = [
            (ConfigLevel::Global, policy("global")),
            (ConfigLevel::Local, policy("local")),
            (ConfigLevel::XDG, policy("xdg")),
            (ConfigLevel::System, policy("system")),
            (ConfigLevel::App, policy("app")),
        ];
        let files = files.each_ref().map(|(level, text)| (*level, text.as_str()));
        assert_eq!(named(&files).unwrap(), ["system", "xdg", "global"]);
    }

    #[test]
    fn git_is_asked_where_libgit2_does_not_know_which_policy_counts() {
        for (text, asks) in [
            ("[dtguard]\n\tpolicy\n", true),
            ("[dtguard]\n\tpolicy = relative.toml\n", true),
            ("[includeIf \"onbranch:x\"]\n\tpath\n", true),
            ("[includeIf \"onbranch:x\"]\n\tpath = HERE/names\n", true),
            ("[includeIf \"onbranch:x\"]\n\tpath = HERE/other\n", false),
            ("[includeIf \"onbranch:x\"]\n\tpath = HERE/absent\n", false),
            // None of these names a policy.
            ("[dtguard]\n\tpolicies\n[core]\n\tpath\n[includeIf \"onbranch:x\"]\n\tpaths\n", false),
        ] {
            assert_eq!(named(&[(ConfigLevel::Global, text)]).is_err(), asks, "{text}");
            assert!(named(&[(ConfigLevel::Local, text)]).is_ok(), "a repository names none: {text}");
        }
    }

    #[test]
    fn a_configuration_that_cannot_be_read_mentions_dtguard() {
        let folder = tempfile::tempdir().unwrap();
        assert!(mentions_dtguard(folder.path()));
        assert!(!mentions_dtguard(&folder.path().join("absent")));
        assert_eq!(plain_path("relative"), None);
        let path = folder.path().to_str().unwrap();
        assert_eq!(plain_path(path).as_deref(), Some(folder.path()));
    }
}
