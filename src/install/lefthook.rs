//! dtguard's jobs in a file that `lefthook.yml` extends: a stage that `lefthook.yml`
//! names already would be a duplicate key in it.

use std::fs;
use std::path::{Path, PathBuf};

use super::files::{read, remove, replace_text};
use super::{InstallError, Stage};

/// The file with dtguard's jobs, at the top of the work tree.
pub(super) const FILE: &str = "lefthook-dtguard.yml";
const HEAD: &str = "# Written by `dtguard install --write`; `dtguard uninstall --write` removes it.\n";
/// Where `lefthook.yml` extends nothing yet.
const EXTENDS: &str = "extends:\n  - lefthook-dtguard.yml\n";

/// The jobs that run dtguard for `stages`.
pub(super) fn jobs(stages: &[Stage]) -> String {
    stages
        .iter()
        .map(|stage| {
            // What git writes to it, lefthook keeps to itself unless told not to.
            let input = if *stage == Stage::PrePush { "      use_stdin: true\n" } else { "" };
            format!(
                "{stage}:\n  jobs:\n    - name: dtguard\n      run: dtguard hook {stage} -- {{0}}\n{input}"
            )
        })
        .collect()
}

/// What does by hand what [`write`] does.
pub(super) fn advice(stages: &[Stage]) -> String {
    format!("# {FILE}:\n{}\n# lefthook.yml:\n{}", jobs(stages), EXTENDS.trim_end())
}

/// The files in which lefthook looks for its configuration, those of one user last.
pub(super) fn configurations(top: &Path) -> impl Iterator<Item = PathBuf> {
    let places = ["lefthook", ".lefthook", ".config/lefthook", "lefthook-local", ".lefthook-local"];
    places.into_iter().flat_map(move |place| {
        ["yml", "yaml", "toml", "json", "jsonc"].map(|kind| top.join(format!("{place}.{kind}")))
    })
}

/// Makes lefthook run dtguard for `stages`. Returns the files that it changed.
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
        let by_hand = || std::io::Error::other(format!("add {FILE} to what it extends"));
        let new = extended(&old).ok_or_else(|| InstallError::file("change", &main)(by_hand()))?;
        replace_text(top, &main, &new)?;
        changed.push(main);
    }
    Ok(changed)
}

/// Takes out what [`write`] put in. Returns the files that it changed.
pub(super) fn take_out(top: &Path) -> Result<Vec<PathBuf>, InstallError> {
    let mut changed = Vec::new();
    let path = top.join(FILE);
    if read(&path)?.is_some_and(|content| content.starts_with(HEAD.as_bytes())) {
        remove(&path)?;
        changed.push(path);
    }
    if let Some((main, old)) = main_file(top)?
        && let Some(new) = reduced(&old)
    {
        replace_text(top, &main, &new)?;
        changed.push(main);
    }
    Ok(changed)
}

/// lefthook's main configuration, where it is YAML.
fn main_file(top: &Path) -> Result<Option<(PathBuf, String)>, InstallError> {
    let Some(path) = configurations(top).find(|path| path.is_file()) else { return Ok(None) };
    let text = fs::read_to_string(&path).map_err(InstallError::file("read", &path))?;
    Ok(Some((path, text)))
}

/// `yaml` with [`FILE`] among what it extends; none where that is not a list of lines
/// or in brackets, or it is no YAML.
fn extended(yaml: &str) -> Option<String> {
    if yaml.trim_start().starts_with('{') || yaml.lines().any(|line| line.starts_with('[')) {
        return None;
    }
    let Some(start) = line_start(yaml, "extends:") else {
        let head = yaml.split_inclusive('\n').take_while(|line| line.starts_with(['%', '-', '\u{feff}']));
        let (head, rest) = yaml.split_at_checked(head.map(str::len).sum())?;
        return Some(format!("{head}{EXTENDS}{rest}"));
    };
    let (before, list) = yaml.split_at_checked(start + "extends:".len())?;
    let (line, below) = list.split_once('\n').unwrap_or((list, ""));
    if let Some(items) = line.trim().strip_prefix('[') {
        let comma = if items.trim_start().starts_with(']') { "" } else { ", " };
        return Some(format!("{before} [{FILE}{comma}{}\n{below}", items.trim_start()));
    }
    let indent =
        below.split_once("- ").map(|(indent, _)| indent).filter(|indent| indent.trim().is_empty())?;
    (line.trim().is_empty() || line.trim().starts_with('#'))
        .then(|| format!("{before}{line}\n{indent}- {FILE}\n{below}"))
}

/// `yaml` without what [`extended`] put in; none if nothing of it is there.
fn reduced(yaml: &str) -> Option<String> {
    if let Some(start) = line_start(yaml, EXTENDS) {
        let after = yaml.get(start + EXTENDS.len()..)?;
        // Others that somebody has added since stay.
        if !after.trim_start_matches(' ').starts_with("- ") {
            return Some(yaml.replacen(EXTENDS, "", 1));
        }
    }
    let item = yaml.split_inclusive('\n').find(|line| line.trim() == format!("- {FILE}"));
    let in_brackets = [format!("{FILE}, "), format!("[{FILE}]")];
    item.map(|item| yaml.replacen(item, "", 1)).or_else(|| {
        let [first, only] = in_brackets;
        if yaml.contains(&first) {
            Some(yaml.replacen(&first, "", 1))
        } else {
            yaml.contains(&only).then(|| yaml.replacen(&only, "[]", 1))
        }
    })
}

/// Where the line that begins with `text` begins.
fn line_start(yaml: &str, text: &str) -> Option<usize> {
    if yaml.starts_with(text) {
        return Some(0);
    }
    yaml.find(&format!("\n{text}")).map(|end| end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lefthook_extends_comes_and_goes_byte_for_byte() {
        for (old, new) in [
            ("", "extends:\n  - lefthook-dtguard.yml\n"),
            ("pre-commit:\n  jobs: []", "extends:\n  - lefthook-dtguard.yml\npre-commit:\n  jobs: []"),
            ("---\na: b\n", "---\nextends:\n  - lefthook-dtguard.yml\na: b\n"),
            ("a: b\nextends:\n- x.yml\n", "a: b\nextends:\n- lefthook-dtguard.yml\n- x.yml\n"),
            ("extends: # why\n    - x.yml\n", "extends: # why\n    - lefthook-dtguard.yml\n    - x.yml\n"),
            ("extends: [x.yml]\nb: c\n", "extends: [lefthook-dtguard.yml, x.yml]\nb: c\n"),
            ("extends: []\n", "extends: [lefthook-dtguard.yml]\n"),
        ] {
            let changed = extended(old).unwrap();
            assert_eq!(changed, new);
            assert_eq!(reduced(&changed).unwrap(), old);
            assert_eq!(reduced(old), None, "{old}");
        }
        for unclear in
            ["extends: x.yml\n", "extends: *anchor\na:\n  - b\n", "{\"extends\": []}", "[pre-commit]\n"]
        {
            assert_eq!(extended(unclear), None, "{unclear}");
        }
    }
}
