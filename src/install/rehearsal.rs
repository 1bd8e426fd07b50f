//! Proves the hooks of a repository.
//!
//! It runs them on purpose, in a temporary repository, and names each one, because they are the
//! repository owner's code.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::caller::runs;
use super::files::slashes;
use super::git::Setting;
use super::proof::Trial;
use super::{Hooks, InstallError, Proof, lefthook};
use crate::source::{read_plain, read_plain_text};

/// Files that hooks read in the work tree, besides lefthook's. The proof copies them.
const CONFIGURATIONS: [&str; 4] =
    [".dtguard.toml", ".pre-commit-config.yaml", ".pre-commit-config.yml", "prek.toml"];
/// Hooks that can refuse a commit. Others only have effects.
const OF_A_COMMIT: [&str; 3] = ["pre-commit", "prepare-commit-msg", "commit-msg"];
/// Hooks that can refuse a push.
const OF_A_PUSH: [&str; 2] = ["pre-receive", "update"];

/// Makes two commits, or for a bare repository two pushes, in a temporary repository with the
/// same hooks.
///
/// Its own hooks only start these, so that a program that rewrites its hooks, such as lefthook,
/// rewrites none here.
pub(super) fn rehearse(hooks: &Hooks, settings: &[Setting], receives: bool) -> Result<Proof, InstallError> {
    let mut trial = empty()?;
    let names = if receives { &OF_A_PUSH[..] } else { &OF_A_COMMIT };
    let mut ran = Vec::new();
    for name in names {
        let hook = hooks.folder.join(name);
        if hook.exists() && runs(&hook) {
            trial.hook(name, &hook)?;
            ran.push(slashes(&hook));
        }
    }
    ran.extend(configured(settings, names));
    let proof = if receives {
        let copied = copied(&trial, settings, names);
        trial.push(&copied)?
    } else {
        bring_along(&mut trial, names, hooks, settings)?;
        trial.run()?
    };
    Ok(Proof { ran, ..proof })
}

/// A temporary repository in which only the hooks `names` run: `hook`, and configured ones.
pub(super) fn prepared(
    names: &[&str],
    hook: Option<&Path>,
    hooks: &Hooks,
    settings: &[Setting],
) -> Result<Trial, InstallError> {
    let mut trial = empty()?;
    for (name, hook) in names.iter().zip(hook) {
        trial.hook(name, hook)?;
    }
    bring_along(&mut trial, names, hooks, settings)?;
    Ok(trial)
}

fn empty() -> Result<Trial, InstallError> {
    Trial::new(&["--template=".to_owned()], false)
}

/// Copies the settings and files that the hooks `names` read.
fn bring_along(
    trial: &mut Trial,
    names: &[&str],
    hooks: &Hooks,
    settings: &[Setting],
) -> Result<(), InstallError> {
    let copied = copied(trial, settings, names);
    copied.iter().for_each(|(key, value)| trial.set(key, value));
    for name in brought_along(&hooks.top) {
        if let Ok(content) = read_plain(&hooks.top.join(&name)) {
            trial.add(&name.display().to_string(), &content)?;
        }
    }
    Ok(())
}

/// The settings of hooks for the temporary repository; of configured hooks only those of
/// `names`.
fn copied(trial: &Trial, settings: &[Setting], names: &[&str]) -> Vec<(String, String)> {
    let mut copied = vec![("core.hooksPath".to_owned(), slashes(&trial.hooks()))];
    // An empty event cancels the user's and the machine's configuration, which is included
    // here.
    let events = settings.iter().filter(|setting| setting.key.ends_with(".event"));
    copied.extend(events.map(|setting| (setting.key.clone(), String::new())));
    let others = settings.iter().filter(|setting| {
        // Other hooks only have side effects.
        let sets_off = !setting.key.ends_with(".event") || setting.value.is_empty();
        let is_of_hooks = setting.key.starts_with("hook.") || setting.key.starts_with("dtguard.");
        is_of_hooks && (sets_off || names.contains(&&*setting.value))
    });
    copied.extend(others.map(|setting| (setting.key.clone(), setting.value.clone())));
    copied
}

/// The commands of the hooks that are configured for one of `names`.
fn configured(settings: &[Setting], names: &[&str]) -> Vec<String> {
    let named = settings.iter().filter(|setting| names.contains(&&*setting.value));
    let hooks: BTreeSet<&str> = named.filter_map(|setting| setting.key.strip_suffix(".event")).collect();
    let command = |hook: &str| {
        let key = format!("{hook}.command");
        settings.iter().rfind(|setting| setting.key == key).map(|setting| setting.value.clone())
    };
    hooks.into_iter().filter_map(command).collect()
}

/// The files that hooks read: configurations of hook managers, and what lefthook's extends.
fn brought_along(top: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = CONFIGURATIONS.iter().map(PathBuf::from).collect();
    for file in lefthook::configurations(top) {
        let Ok(text) = read_plain_text(&file) else { continue };
        files.extend(file.strip_prefix(top).ok().map(Path::to_path_buf));
        // Every syntax names an extended file literally.
        let words = text.split(|c: char| c.is_whitespace() || "[]{}\"',".contains(c)).map(PathBuf::from);
        let extended = words.filter(|path| {
            let is_configuration =
                path.extension().is_some_and(|kind| lefthook::KINDS.iter().any(|one| kind == *one));
            let is_inside = path.components().all(|part| matches!(part, std::path::Component::Normal(_)));
            is_configuration && is_inside && top.join(path).is_file()
        });
        files.extend(extended);
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_configured_hooks_that_run_are_named_by_their_commands_and_the_others_are_not_set_off() {
        let settings: Vec<Setting> = [
            ("hook.a.event", "pre-commit"),
            ("hook.a.command", "first"),
            ("hook.a.command", "evil --now"),
            ("hook.b.event", "post-checkout"),
            ("hook.b.command", "effect"),
            ("core.fsmonitor", "evil"),
        ]
        .map(|(key, value)| Setting {
            scope: "local".to_owned(),
            origin: "config".to_owned(),
            key: key.to_owned(),
            value: value.to_owned(),
        })
        .into();
        assert_eq!(configured(&settings, &OF_A_COMMIT), ["evil --now"]);
        let trial = Trial::new(&[], true).unwrap();
        let copied = copied(&trial, &settings, &OF_A_COMMIT);
        let has = |key: &str, value: &str| copied.contains(&(key.to_owned(), value.to_owned()));
        assert!(has("hook.a.event", "pre-commit") && !has("hook.b.event", "post-checkout"));
        assert!(!copied.iter().any(|(key, _)| key == "core.fsmonitor"));
    }
}
