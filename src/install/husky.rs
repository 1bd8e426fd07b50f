//! Adds dtguard to the files `.husky/<stage>`, which husky runs.

use std::path::{Path, PathBuf};

use super::files::{read, remove, replace_text, slashes};
use super::{InstallError, Stage};

/// The lines for `stage`. They go first, since the existing text may end with `exec` or `exit`.
/// Both read the hook's standard input.
fn lines(stage: Stage, alone: bool) -> String {
    let call = format!("dtguard hook {stage} -- \"$@\" || exit\n");
    if alone || stage != Stage::PrePush {
        return call;
    }
    format!(
        "dtguard_refs=$(cat)\nprintf '%s\\n' \"$dtguard_refs\" | {call}exec <<DTGUARD\n$dtguard_refs\nDTGUARD\n"
    )
}

/// Commands that do the same as [`write`] in `folder`.
pub(super) fn advice(folder: &Path, stages: &[Stage]) -> String {
    let quoted = |text: &str| format!("'{}'", text.replace('\'', r"'\''"));
    let folder = quoted(&format!("{}/", slashes(folder)));
    let command = |stages: &[Stage], lines: &str| {
        let stages = stages.iter().map(|stage| stage.name()).collect::<Vec<_>>().join(" ");
        format!(
            "for stage in {stages}; do f={folder}$stage; old=$(cat \"$f\" 2>/dev/null); printf '%s\\n' {lines} \"$old\" >\"$f\"; done"
        )
    };
    // This hook reads standard input, which takes more than one line.
    let (push, others): (Vec<_>, Vec<_>) = stages.iter().partition(|stage| **stage == Stage::PrePush);
    let others =
        (!others.is_empty()).then(|| command(&others, "\"dtguard hook $stage -- \\\"\\$@\\\" || exit\""));
    let push = (!push.is_empty())
        .then(|| lines(Stage::PrePush, false).lines().map(quoted).collect::<Vec<_>>().join(" "))
        .map(|lines| command(&push, &lines));
    others.into_iter().chain(push).collect::<Vec<_>>().join("\n")
}

/// Adds dtguard to the files of `stages`. Returns the changed files.
pub(super) fn write(top: &Path, folder: &Path, stages: &[Stage]) -> Result<Vec<PathBuf>, InstallError> {
    let mut changed = Vec::new();
    for stage in stages {
        let path = folder.join(stage.name());
        let old = text(&path)?.unwrap_or_default();
        // The first line may be a shebang.
        let head = if old.starts_with("#!") { old.find('\n').map_or(old.len(), |end| end + 1) } else { 0 };
        let (first, rest) = old.split_at_checked(head).unwrap_or_default();
        replace_text(top, &path, &format!("{first}{}{rest}", lines(*stage, rest.trim().is_empty())))?;
        changed.push(path);
    }
    Ok(changed)
}

/// Removes what [`write`] added. Returns the changed files.
pub(super) fn take_out(top: &Path, folder: &Path, stages: &[Stage]) -> Result<Vec<PathBuf>, InstallError> {
    let mut changed = Vec::new();
    for stage in stages {
        let path = folder.join(stage.name());
        let Some(old) = text(&path)? else { continue };
        let own = [lines(*stage, false), lines(*stage, true)];
        let Some(own) = own.iter().find(|own| old.contains(own.as_str())) else { continue };
        match old.replacen(own, "", 1) {
            new if new.trim().is_empty() => remove(&path).map(drop)?,
            new => replace_text(top, &path, &new)?,
        }
        changed.push(path);
    }
    Ok(changed)
}

fn text(path: &Path) -> Result<Option<String>, InstallError> {
    let content = read(path)?;
    content.map(String::from_utf8).transpose().map_err(|error| {
        InstallError::file("read", path)(std::io::Error::other(error.utf8_error().to_string()))
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[cfg(unix)]
    #[test]
    fn what_is_pasted_stands_before_what_leaves_early_as_what_is_written_does() {
        let (pasted, written) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let pasted = pasted.path().join("it's");
        fs::create_dir(&pasted).unwrap();
        for folder in [&pasted, written.path()] {
            for stage in Stage::CLIENT {
                fs::write(folder.join(stage.name()), "npm test \\n '$x'\nexit 0\n").unwrap();
            }
        }
        let advice = advice(&pasted, &Stage::CLIENT);
        assert!(std::process::Command::new("sh").args(["-c", &advice]).status().unwrap().success());
        write(written.path(), written.path(), &Stage::CLIENT).unwrap();
        for stage in Stage::CLIENT {
            let text = |folder: &Path| fs::read_to_string(folder.join(stage.name())).unwrap();
            assert_eq!(text(&pasted), text(written.path()), "{stage}");
        }
        assert_eq!(take_out(&pasted, &pasted, &Stage::CLIENT).unwrap().len(), Stage::CLIENT.len());
    }

    #[test]
    fn what_is_written_into_files_of_others_comes_out_byte_for_byte() {
        let folder = tempfile::tempdir().unwrap();
        let all = Stage::CLIENT;
        for old in
            [None, Some("#!/bin/sh\nnpm test\n"), Some("npm test\nexit 0"), Some("#!/bin/sh"), Some("")]
        {
            for stage in all {
                let path = folder.path().join(stage.name());
                let _absent = fs::remove_file(&path);
                old.into_iter().for_each(|old| fs::write(&path, old).unwrap());
            }
            assert_eq!(write(folder.path(), folder.path(), &all).unwrap().len(), all.len());
            let text = |stage: Stage| fs::read_to_string(folder.path().join(stage.name())).ok();
            for stage in all {
                assert!(text(stage).unwrap().contains(&format!("dtguard hook {stage} -- \"$@\"")), "{old:?}");
            }
            assert_eq!(take_out(folder.path(), folder.path(), &all).unwrap().len(), all.len());
            for stage in all {
                // An empty file counts as missing.
                assert_eq!(text(stage).unwrap_or_default(), old.unwrap_or_default(), "{stage} {old:?}");
            }
            assert_eq!(take_out(folder.path(), folder.path(), &all).unwrap(), Vec::<PathBuf>::new());
        }
    }
}
