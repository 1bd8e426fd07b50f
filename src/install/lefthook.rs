//! Adds dtguard's jobs to lefthook in a separate file that its configuration extends. A second
//! entry for a stage in the same file would be a duplicate key.

use std::path::{Path, PathBuf};

use super::files::{read, remove, replace_text, slashes};
use super::lefthook_extends::{FILE, Syntax};
use super::{InstallError, Stage};
use crate::source::read_plain_text;

const HEAD: &str = "# Written by `dtguard install --write`; `dtguard uninstall --write` removes it.\n";

/// The jobs for `stages`.
pub(super) fn jobs(stages: &[Stage]) -> String {
    stages
        .iter()
        .map(|stage| {
            // lefthook hides standard input from a job unless it asks for it.
            let input = if *stage == Stage::PrePush { "      use_stdin: true\n" } else { "" };
            format!(
                "{stage}:\n  jobs:\n    - name: dtguard\n      run: dtguard hook {stage} -- {{0}}\n{input}"
            )
        })
        .collect()
}

/// How to do by hand what [`write`] does.
pub(super) fn advice(top: &Path, stages: &[Stage]) -> String {
    let main = configurations(top).find(|path| path.is_file()).unwrap_or_else(|| top.join("lefthook.yml"));
    let name = slashes(main.strip_prefix(top).unwrap_or(&main));
    format!("# {FILE}:\n{}\n# {name}:\n{}", jobs(stages), Syntax::of(&main).line().trim_end())
}

/// The extensions of its configuration files.
pub(super) const KINDS: [&str; 5] = ["yml", "yaml", "toml", "json", "jsonc"];

/// The files in which lefthook searches its configuration, those of one user last.
pub(super) fn configurations(top: &Path) -> impl Iterator<Item = PathBuf> {
    let places = ["lefthook", ".lefthook", ".config/lefthook", "lefthook-local", ".lefthook-local"];
    places.into_iter().flat_map(move |place| KINDS.map(|kind| top.join(format!("{place}.{kind}"))))
}

/// Adds dtguard to lefthook for `stages`. Returns the changed files.
pub(super) fn write(top: &Path, stages: &[Stage]) -> Result<Vec<PathBuf>, InstallError> {
    let path = top.join(FILE);
    let old = read(&path)?.unwrap_or_default();
    let mut text = String::from_utf8_lossy(&old).into_owned();
    if text.is_empty() {
        text = HEAD.to_owned();
    } else if !text.starts_with(HEAD) {
        return Err(InstallError::file("write", &path)(std::io::Error::other("it is there already")));
    }
    replace_text(top, &path, &(text + &jobs(stages)))?;
    let mut changed = vec![path];
    let Some((main, old)) = main_file(top)? else { return Ok(changed) };
    if !old.contains(FILE) {
        let syntax = Syntax::of(&main);
        let line = syntax.line();
        let by_hand = || std::io::Error::other(format!("add to what it extends: {}", line.trim_end()));
        let new = syntax.extended(&old).ok_or_else(|| InstallError::file("change", &main)(by_hand()))?;
        replace_text(top, &main, &new)?;
        changed.push(main);
    }
    Ok(changed)
}

/// Removes what [`write`] added. Returns the changed files.
pub(super) fn take_out(top: &Path) -> Result<Vec<PathBuf>, InstallError> {
    let mut changed = Vec::new();
    let path = top.join(FILE);
    if read(&path)?.is_some_and(|content| content.starts_with(HEAD.as_bytes())) {
        remove(&path)?;
        changed.push(path);
    }
    if let Some((main, old)) = main_file(top)?
        && let Some(new) = Syntax::of(&main).reduced(&old)
    {
        replace_text(top, &main, &new)?;
        changed.push(main);
    }
    Ok(changed)
}

/// lefthook's main configuration.
fn main_file(top: &Path) -> Result<Option<(PathBuf, String)>, InstallError> {
    let Some(path) = configurations(top).find(|path| path.is_file()) else { return Ok(None) };
    let text = read_plain_text(&path).map_err(InstallError::file("read", &path))?;
    Ok(Some((path, text)))
}
