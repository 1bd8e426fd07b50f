//! `dtguard import`: turns what other tools allow into allow entries.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Component, Path, PathBuf};

use super::terminal::Terminal;
use crate::cli::{Global, ImportArgs};
use crate::error::Error;
use crate::find::{find, mask};
use crate::import::{Applied, Format, ImportError, Item, Malformed, Meaning, apply, read, setting};
use crate::policy::{FILE_NAME, write};
use crate::report::{Outcome, Role, sanitize};
use crate::source::{Preference, Repository, SourceError, git_settings, top_of_work_tree};

/// Items, each with the file or setting that it stands in.
type Items = Vec<(String, Item)>;

pub(super) fn run(terminal: &Terminal, global: &Global, arguments: &ImportArgs) -> Result<Outcome, Error> {
    if arguments.reason.as_ref().is_some_and(|reason| !find(reason.as_bytes()).is_empty()) {
        return Err(Error::Usage {
            message: "the reason holds a token, with its secret part".to_owned(),
            hint: "write it without the token; a policy is committed".to_owned(),
        });
    }
    let top = top_of_work_tree()?;
    let items = if arguments.files.is_empty() { known_files(&top)? } else { named(&top, &arguments.files)? };
    let path = global.policy.clone().unwrap_or_else(|| top.join(FILE_NAME));
    let name = global.policy.as_ref().map_or(FILE_NAME.to_owned(), |path| path.display().to_string());
    let text = match fs::read_to_string(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        text => text.map_err(|error| SourceError::of_file(&path, error))?,
    };
    let only: Vec<_> = items.iter().map(|(_, item)| item).collect();
    let applied = apply(&name, &text, &only, arguments.reason.as_deref()).map_err(refused)?;
    if arguments.dry_run {
        std::io::stdout().lock().write_all(applied.text.as_bytes())?;
    } else if !applied.added.is_empty() {
        write(&path, &applied.text)
            .map_err(|error| Error::Write { path: path.display().to_string(), error })?;
    }
    tell(terminal, &items, &applied, &name, arguments.dry_run);
    let all = items.iter().all(|(_, item)| !matches!(item.meaning, Meaning::Cannot(_)));
    Ok(if all { Outcome::Passes } else { Outcome::Incomplete })
}

fn refused(error: ImportError) -> Error {
    match error {
        ImportError::Policy(error) => Error::Policy(error),
        ImportError::NoReason(number) => Error::Usage {
            message: format!(
                "nothing was written: {number} entries would have no reason, and each needs one"
            ),
            hint: "dtguard import --reason \"...\"".to_owned(),
        },
    }
}

/// What the files at the top of the work tree and git's settings say.
fn known_files(top: &Path) -> Result<Items, Error> {
    let mut items = Vec::new();
    for (name, format) in Format::FILES {
        let path = top.join(name);
        if path.symlink_metadata().is_ok() {
            items.extend(from_file(top, &path, name.to_owned(), format)?);
        }
    }
    for (place, value) in git_settings("secrets.allowed")? {
        let place = format!("secrets.allowed in {place}");
        items.extend(setting(&value).into_iter().map(|item| (place.clone(), item)));
    }
    Ok(items)
}

fn named(top: &Path, files: &[PathBuf]) -> Result<Items, Error> {
    let mut items = Vec::new();
    for path in files {
        let format = Format::of(path).ok_or_else(|| {
            let names: Vec<_> = Format::FILES.iter().map(|(name, _)| *name).collect();
            Error::Usage {
                message: format!(
                    "`{}` has not the name of a file that can be read",
                    mask(&path.to_string_lossy())
                ),
                hint: format!("one of these names tells how to read it: {}", names.join(", ")),
            }
        })?;
        items.extend(from_file(top, path, path.display().to_string(), format)?);
    }
    Ok(items)
}

fn from_file(top: &Path, path: &Path, name: String, format: Format) -> Result<Items, Error> {
    let content = fs::read(path).map_err(|error| SourceError::of_file(path, error))?;
    let text = String::from_utf8_lossy(&content);
    let lookup = |commit: Option<&str>, path: &str| match commit {
        Some(commit) => Repository::open(Preference::Fastest).ok()?.committed_file(commit, path).ok()?,
        // Of the work tree, and nothing beside it.
        None => Path::new(path)
            .components()
            .all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
            .then(|| fs::read(top.join(path)).ok())?,
    };
    let items = read(format, &text, &lookup).map_err(|Malformed { line, message }| Error::Usage {
        message: format!("{name}:{line}: {message}"),
        hint: "mend that line, or name only the other files: dtguard import FILE...".to_owned(),
    })?;
    Ok(items.into_iter().map(|item| (name.clone(), item)).collect())
}

fn tell(terminal: &Terminal, items: &Items, applied: &Applied, policy: &str, dry_run: bool) {
    let left: Vec<_> = items
        .iter()
        .filter_map(
            |(place, item)| {
                if let Meaning::Cannot(why) = item.meaning { Some((place, item, why)) } else { None }
            },
        )
        .collect();
    let others = items.iter().filter(|(_, item)| item.meaning == Meaning::NotOurs).count();
    terminal.tell(|page| {
        let would = if dry_run { "would add" } else { "added" };
        let added = count(applied.added.len(), "entry", "entries");
        let place = sanitize(policy.as_bytes());
        page.text(
            0,
            Role::Plain,
            &format!("dtguard: {would} {added} in {place}; {} stood there already.", applied.known),
        )?;
        applied.added.iter().try_for_each(|name| page.line(4, Role::Token, name))?;
        if others > 0 {
            page.text(
                0,
                Role::Plain,
                &format!("Not needed, because no Dynatrace token is meant: {others}."),
            )?;
        }
        if !left.is_empty() {
            let left = count(left.len(), "rule", "rules");
            page.text(0, Role::Notice, &format!("For you to look at, {left} that no entry can stand for:"))?;
        }
        for (place, item, why) in &left {
            let line = if item.line > 0 { format!(":{}", item.line) } else { String::new() };
            page.line(
                2,
                Role::Place,
                &format!("{}{line}  {}", sanitize(place.as_bytes()), sanitize(item.said.as_bytes())),
            )?;
            page.text(4, Role::Plain, why)?;
        }
        if !applied.added.is_empty() && !dry_run && policy == FILE_NAME {
            page.text(0, Role::Plain, "The entries hold once they are staged:")?;
            page.line(4, Role::Command, &format!("git add :/{FILE_NAME}"))?;
        }
        Ok(())
    });
}

fn count(number: usize, one: &str, more: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { more })
}
