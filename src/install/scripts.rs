//! The scripts that git runs.

use std::fmt;
use std::path::Path;

use clap::ValueEnum;

use crate::source::git_says;

/// A git hook that dtguard stands behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Stage {
    /// Before `git commit` makes a commit.
    PreCommit,
    /// Before `git merge` makes a merge commit; without conflict only this runs.
    PreMergeCommit,
    /// Before `git am` commits an applied patch; only this runs.
    PreApplypatch,
    /// Before `git am` takes the message of a patch.
    ApplypatchMsg,
    /// Once the message of a commit or merge is written.
    CommitMsg,
    /// After a commit was made, by whatever command: it can only tell.
    PostCommit,
    /// Before `git push` sends anything.
    PrePush,
    /// Before a repository that is pushed to takes anything.
    PreReceive,
    /// Before a repository that is pushed to changes one reference.
    Update,
}

impl Stage {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::PreCommit,
        Self::PreMergeCommit,
        Self::PreApplypatch,
        Self::ApplypatchMsg,
        Self::CommitMsg,
        Self::PostCommit,
        Self::PrePush,
        Self::PreReceive,
        Self::Update,
    ];

    /// Those of a repository in which people work.
    pub const CLIENT: [Self; 7] = [
        Self::PreCommit,
        Self::PreMergeCommit,
        Self::PreApplypatch,
        Self::ApplypatchMsg,
        Self::CommitMsg,
        Self::PostCommit,
        Self::PrePush,
    ];

    /// Those to install in the repository around `repository`, or in the one that git
    /// finds from here: a bare one has no commits made in it, only pushed to it.
    pub fn usual(repository: Option<&Path>) -> &'static [Self] {
        let bare = git_says(repository, &["rev-parse", "--is-bare-repository"]);
        if bare.is_ok_and(|answer| answer == Path::new("true")) { &[Self::PreReceive] } else { &Self::CLIENT }
    }

    /// git's name for it, also its file's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::PreCommit => "pre-commit",
            Self::PreMergeCommit => "pre-merge-commit",
            Self::PreApplypatch => "pre-applypatch",
            Self::ApplypatchMsg => "applypatch-msg",
            Self::CommitMsg => "commit-msg",
            Self::PostCommit => "post-commit",
            Self::PrePush => "pre-push",
            Self::PreReceive => "pre-receive",
            Self::Update => "update",
        }
    }

    /// The script for it, `program` and the kept hook's `shell` filled in.
    pub(super) fn script(self, program: &Path, shell: &str) -> String {
        // On Windows git runs hooks in its own sh, which takes forward slashes.
        let program = program.display().to_string();
        let program = if cfg!(windows) { program.replace('\\', "/") } else { program };
        self.blank()
            .replacen("\ndtguard=\n", &format!("\ndtguard='{}'\n", program.replace('\'', r"'\''")), 1)
            .replacen("\nshell=\n", &format!("\nshell='{shell}'\n"), 1)
    }

    /// The script with nothing filled in.
    fn blank(self) -> &'static str {
        match self {
            Self::PreCommit => include_str!("../../hooks/pre-commit"),
            Self::PreMergeCommit => include_str!("../../hooks/pre-merge-commit"),
            Self::PreApplypatch => include_str!("../../hooks/pre-applypatch"),
            Self::ApplypatchMsg => include_str!("../../hooks/applypatch-msg"),
            Self::CommitMsg => include_str!("../../hooks/commit-msg"),
            Self::PostCommit => include_str!("../../hooks/post-commit"),
            Self::PrePush => include_str!("../../hooks/pre-push"),
            Self::PreReceive => include_str!("../../hooks/pre-receive"),
            Self::Update => include_str!("../../hooks/update"),
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Runs what a hook of dtguard's keeps from running: a repository's own hook where
/// git was led elsewhere, and git-lfs.
pub(super) const CHAIN: &str = include_str!("../../hooks/chain");

/// Whether a file is [`CHAIN`], as some version of dtguard wrote it.
pub(super) fn is_chain(content: &[u8]) -> bool {
    content.starts_with(b"#!/bin/sh\n# dtguard-chain ")
}

/// Whose a hook is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// dtguard's, as some version of it wrote it.
    Dtguard,
    /// dtguard's, with lines that somebody else wrote.
    Edited,
    /// Somebody else's.
    Other,
}

/// Whose the hook for `stage` with this `content` is.
pub(super) fn owner(stage: Stage, content: &[u8]) -> Owner {
    let text = String::from_utf8_lossy(content);
    let filled = |line: &&str| line.starts_with("dtguard=") || line.starts_with("shell=");
    let fixed = |text: &str| text.lines().filter(|line| !filled(line)).map(str::to_owned).collect::<Vec<_>>();
    let marker = |text: &str| {
        text.lines().nth(1).filter(|line| line.starts_with("# dtguard-hook ")).map(str::to_owned)
    };
    match marker(&text) {
        None => Owner::Other,
        // Of another version only the marker is known.
        other if other != marker(stage.blank()) => Owner::Dtguard,
        _ if fixed(&text) == fixed(stage.blank()) => Owner::Dtguard,
        _ => Owner::Edited,
    }
}

/// The command that runs `content` as the shell script it is, with the options of
/// its first line; none if it is none, or one of a shell that would not let it
/// keep its name.
pub(super) fn shell_of(content: &[u8]) -> Option<String> {
    let first = content.split(|byte| *byte == b'\n').next()?.strip_prefix(b"#!")?;
    let first = std::str::from_utf8(first).ok()?.trim();
    let plain = first.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/ -_.".contains(&byte));
    let words: Vec<&str> = first.split_whitespace().collect();
    let shell = match words.as_slice() {
        [env, shell, ..] if env.ends_with("/env") => shell,
        [shell, ..] => shell,
        [] => return None,
    };
    let name = shell.rsplit('/').next()?;
    (plain && matches!(name, "sh" | "bash" | "dash")).then(|| words.join(" "))
}

/// Whether a program that is no shell script seems to ask for its own name, which
/// it would not have where it is kept.
pub(super) fn asks_for_its_name(content: &[u8]) -> bool {
    ["$0", "$PROGRAM_NAME", "__FILE__", "__file__", "argv[0]", "argv0", "process.argv[1]"]
        .iter()
        .any(|sign| memchr::memmem::find(content, sign.as_bytes()).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_names_its_program_its_stage_and_whose_it_is() {
        for stage in Stage::ALL {
            let script = stage.script(Path::new("/a b/it's/dtguard"), "/usr/bin/env bash");
            assert!(script.contains("\ndtguard='/a b/it'\\''s/dtguard'\n"), "{script}");
            assert!(script.contains("\nshell='/usr/bin/env bash'\n"), "{script}");
            assert!(script.contains(&format!(" hook {stage} ")), "{script}");
            assert_eq!(owner(stage, script.as_bytes()), Owner::Dtguard);
            assert_eq!(owner(stage, (script.clone() + "echo mine\n").as_bytes()), Owner::Edited);
            let newer = script.replace("dtguard-hook 1", "dtguard-hook 2") + "echo more\n";
            assert_eq!(owner(stage, newer.as_bytes()), Owner::Dtguard);
        }
        assert_eq!(owner(Stage::PreCommit, b"#!/bin/sh\nexec dtguard hook pre-commit\n"), Owner::Other);
    }

    #[test]
    fn shell_scripts_are_told_from_other_programs() {
        for (first, shell) in [
            ("#!/bin/sh", Some("/bin/sh")),
            ("#!/usr/bin/env bash", Some("/usr/bin/env bash")),
            ("#! /bin/bash -e", Some("/bin/bash -e")),
            ("#!/bin/zsh", None),
            ("#!/usr/bin/env python3", None),
            ("#!/usr/bin/env ruby", None),
            ("#!/bin/sh;rm", None),
            ("\u{7f}ELF", None),
            ("", None),
        ] {
            assert_eq!(shell_of(format!("{first}\necho\n").as_bytes()).as_deref(), shell, "{first}");
        }
    }
}
