//! The scripts that git runs.

use std::fmt;
use std::path::Path;

use clap::ValueEnum;

/// A git hook that dtguard stands behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Stage {
    /// Before `git commit` makes a commit.
    PreCommit,
    /// Before `git merge` makes a merge commit; without conflict only this runs.
    PreMergeCommit,
    /// Before `git am` commits an applied patch; only this runs.
    PreApplypatch,
}

impl Stage {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::PreCommit, Self::PreMergeCommit, Self::PreApplypatch];

    /// git's name for it, also its file's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::PreCommit => "pre-commit",
            Self::PreMergeCommit => "pre-merge-commit",
            Self::PreApplypatch => "pre-applypatch",
        }
    }

    /// The script for it, with the place of the program filled in.
    pub(super) fn script(self, program: &Path) -> String {
        let script = match self {
            Self::PreCommit => include_str!("../../hooks/pre-commit"),
            Self::PreMergeCommit => include_str!("../../hooks/pre-merge-commit"),
            Self::PreApplypatch => include_str!("../../hooks/pre-applypatch"),
        };
        // On Windows git runs hooks in its own sh, which takes forward slashes.
        let program = program.display().to_string();
        let program = if cfg!(windows) { program.replace('\\', "/") } else { program };
        script.replacen("\ndtguard=\n", &format!("\ndtguard='{}'\n", program.replace('\'', r"'\''")), 1)
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Whether `content` is a hook that dtguard wrote, of this or another version.
pub(super) fn is_ours(content: &[u8]) -> bool {
    content.split(|byte| *byte == b'\n').nth(1).is_some_and(|line| line.starts_with(b"# dtguard-hook "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_names_its_program_its_stage_and_whose_it_is() {
        for stage in Stage::ALL {
            let script = stage.script(Path::new("/a b/it's/dtguard"));
            assert!(script.contains("\ndtguard='/a b/it'\\''s/dtguard'\n"), "{script}");
            assert!(script.contains(&format!(" hook {stage} ")), "{script}");
            assert!(is_ours(script.as_bytes()));
        }
        assert!(!is_ours(b"#!/bin/sh\nexec dtguard hook pre-commit\n"));
    }
}
