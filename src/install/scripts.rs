//! The scripts that git runs.

use std::path::Path;

use super::files::slashes;
use super::stage::Stage;

impl Stage {
    /// The script with `program` and the kept hook's `shell`.
    pub(super) fn script(self, program: &Path, shell: &str) -> String {
        // git for Windows runs hooks in its own sh, which accepts forward slashes.
        let program = slashes(program).replace('\'', r"'\''");
        self.blank().replacen("\ndtguard=\n", &format!("\ndtguard='{program}'\n"), 1).replacen(
            "\nshell=\n",
            &format!("\nshell='{shell}'\n"),
            1,
        )
    }
}

/// Runs what a hook of dtguard displaces: the repository's own hook, and git-lfs.
pub(super) const CHAIN: &str = include_str!("../../hooks/chain");

/// Whether a file is [`CHAIN`], from any version of dtguard.
pub(super) fn is_chain(content: &[u8]) -> bool {
    content.starts_with(b"#!/bin/sh\n# dtguard-chain ")
}

/// The owner of a hook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// dtguard, from any version.
    Dtguard,
    /// dtguard, but with lines of somebody else.
    Edited,
    /// Somebody else.
    Other,
}

/// The owner of the hook for `stage` with this `content`.
pub(super) fn owner(stage: Stage, content: &[u8]) -> Owner {
    let text = String::from_utf8_lossy(content);
    let filled = |line: &&str| line.starts_with("dtguard=") || line.starts_with("shell=");
    let fixed = |text: &str| text.lines().filter(|line| !filled(line)).map(str::to_owned).collect::<Vec<_>>();
    let marker = |text: &str| {
        text.lines().nth(1).filter(|line| line.starts_with("# dtguard-hook ")).map(str::to_owned)
    };
    match marker(&text) {
        None => Owner::Other,
        // Other versions are recognised by their marker only.
        other if other != marker(stage.blank()) => Owner::Dtguard,
        _ if fixed(&text) == fixed(stage.blank()) => Owner::Dtguard,
        _ => Owner::Edited,
    }
}

/// Whether this version of dtguard wrote exactly this `content` for `stage`.
pub(super) fn is_as_written(stage: Stage, content: &[u8]) -> bool {
    let text = String::from_utf8_lossy(content);
    let value = |name: &str| {
        let value = text.lines().find_map(|line| line.strip_prefix(name))?;
        Some(value.strip_prefix('\'')?.strip_suffix('\'')?.to_owned())
    };
    let (Some(program), Some(shell)) = (value("dtguard="), value("shell=")) else {
        return text == stage.blank();
    };
    // A rewritten quote must not end the word.
    let is_plain = shell.is_empty() || shell_of(format!("#!{shell}\n").as_bytes()).as_ref() == Some(&shell);
    is_plain && stage.script(Path::new(&program.replace(r"'\''", "'")), &shell).as_bytes() == content
}

/// The command that runs `content` as a shell script, with the options of its first line. None
/// if it is no shell script, or if its shell would change its name.
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

/// Whether a program that is no shell script seems to read its own name, which changes when it
/// is kept.
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
            assert!(is_as_written(stage, script.as_bytes()));
            assert!(is_as_written(stage, stage.blank().as_bytes()));
            for (line, edited) in [
                ("\ndtguard='", "\ndtguard=x; exit 0; '"),
                ("/dtguard'\n", "/dtguard'; exit 0; ''\n"),
                ("\nshell='", "\nshell='sh'; exit 0; '"),
                ("# dtguard-hook ", "# dtguard-hook 9"),
                ("\nexec ", "\nshell=$(exit)\nexec "),
                ("#!/bin/sh\n", "#!/bin/sh\nexit 0\n"),
            ] {
                let edited = script.replacen(line, edited, 1);
                assert_ne!(edited, script, "{line}");
                assert!(!is_as_written(stage, edited.as_bytes()), "{edited}");
            }
            assert_eq!(owner(stage, (script.clone() + "echo mine\n").as_bytes()), Owner::Edited);
            let newer = script.replace("# dtguard-hook ", "# dtguard-hook 9") + "echo more\n";
            assert_eq!(owner(stage, newer.as_bytes()), Owner::Dtguard);
        }
        assert_eq!(owner(Stage::PreCommit, b"#!/bin/sh\nexec dtguard hook pre-commit\n"), Owner::Other);
    }

    #[test]
    fn shell_scripts_are_distinguished_from_other_programs() {
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
