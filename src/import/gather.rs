//! Collects the files and settings to import.

use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use super::format::{Format, known_files, read};
use super::item::{Item, Malformed};
use super::{ImportError, expression, rules};
use crate::find::mask;
use crate::source::{Preference, Repository, SourceError, git_settings, read_plain};

/// An item and its place.
#[derive(Debug)]
pub struct Placed {
    /// The file or setting, without secrets.
    pub place: String,
    /// What it allows.
    pub item: Item,
}

/// What the known files in `top`, the top of the work tree, allow, and the values of git's
/// settings `secrets.allowed`, `secrets.patterns` and `secrets.providers`.
pub fn known(top: &Path) -> Result<Vec<Placed>, ImportError> {
    let mut all = Vec::new();
    for (name, format) in Format::FILES {
        let path = top.join(name);
        if path.symlink_metadata().is_ok() {
            all.extend(file(top, &path, name, format)?);
        }
    }
    for (origin, value) in git_settings("secrets.allowed")? {
        let place = setting("secrets.allowed", &origin);
        let items = expression::items(0, &value, None).into_iter();
        all.extend(items.map(|item| Placed { place: place.clone(), item }));
    }
    for (origin, pattern) in git_settings("secrets.patterns")? {
        let place = setting("secrets.patterns", &origin);
        all.extend(
            pattern.lines().map(|line| Placed { place: place.clone(), item: rules::of_git_secrets(0, line) }),
        );
    }
    for (origin, command) in git_settings("secrets.providers")? {
        let (file, items) = rules::of_provider(top, &command);
        let place = file.map_or_else(|| setting("secrets.providers", &origin), mask);
        all.extend(items.into_iter().map(|item| Placed { place: place.clone(), item }));
    }
    Ok(all)
}

/// The place of a value of git's setting `name`. `origin` is what git says of it: `file:PATH`.
fn setting(name: &str, origin: &str) -> String {
    format!("{name} in {}", mask(origin.strip_prefix("file:").unwrap_or(origin)))
}

/// What `files` allow.
pub fn named(top: &Path, files: &[PathBuf]) -> Result<Vec<Placed>, ImportError> {
    let mut all = Vec::new();
    for path in files {
        let name = mask(&path.display().to_string());
        let format = Format::FILES.iter().find(|(known, _)| path.file_name() == Some(OsStr::new(known)));
        let (_, format) = format.ok_or_else(|| unknown(&name))?;
        all.extend(file(top, path, &name, *format)?);
    }
    Ok(all)
}

fn file(top: &Path, path: &Path, name: &str, format: Format) -> Result<Vec<Placed>, ImportError> {
    let content = read_plain(path).map_err(|error| SourceError::of_file(path, error))?;
    let lookup = |commit: Option<&str>, path: &str| match commit {
        Some(commit) => Repository::open(Preference::Fastest).ok()?.committed_file(commit, path).ok()?,
        // Only files of the work tree.
        None => Path::new(path)
            .components()
            .all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
            .then(|| read_plain(&top.join(path)).ok())?,
    };
    let malformed = |Malformed { line, message }| {
        let hint = "fix that line, or name only the other files: dtguard import FILE...";
        ImportError::refused(format!("{name}:{line}: {message}"), hint)
    };
    let items = read(format, &String::from_utf8_lossy(&content), &lookup).map_err(malformed)?;
    Ok(items.into_iter().map(|item| Placed { place: name.to_owned(), item }).collect())
}

fn unknown(file: &str) -> ImportError {
    let names = known_files().collect::<Vec<_>>().join(", ");
    let message = format!("the name of `{file}` does not say which tool it belongs to");
    ImportError::refused(message, format!("these names do: {names}"))
}
