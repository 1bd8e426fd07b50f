//! What holds for the project's own files.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use dtguard::find::{Certainty, find};

/// The rooms from the ground up. A room may use those before it.
const ROOMS: [&str; 14] = [
    "hex", "token", "source", "find", "finding", "policy", "import", "scan", "report", "audit", "install",
    "export", "error", "cli",
];

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn no_room_uses_one_above_it() {
    let mut files = Vec::new();
    sources(&project().join("src"), &mut files);
    assert!(files.len() > 40);
    let floor = |room: &str| ROOMS.iter().position(|known| *known == room);
    let mut arrows = 0;
    for file in files {
        let inside = file.strip_prefix(project().join("src")).unwrap();
        let room = inside.components().next().unwrap().as_os_str().to_str().unwrap().trim_end_matches(".rs");
        // `command`, `lib` and `main` stand above all rooms.
        let Some(from) = floor(room) else { continue };
        // Tests may look at everything.
        let text = fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        for used in code.split("crate::").skip(1) {
            let used: String = used.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            let to = floor(&used).unwrap_or_else(|| panic!("{}: crate::{used} is no room", file.display()));
            assert!(to < from || used == room, "{}: {room} uses {used}, which is above it", file.display());
            arrows += 1;
        }
    }
    assert!(arrows > 30, "the test reads the lines that it means to read");
}

#[test]
fn no_tracked_file_holds_a_token() {
    let files = Command::new("git").args(["ls-files", "-z"]).current_dir(project()).output();
    // In a source package there is no git; then all that is there counts.
    let names: Vec<PathBuf> = match files {
        Ok(output) if output.status.success() => output
            .stdout
            .split(|byte| *byte == 0)
            .filter(|name| !name.is_empty())
            .map(|name| project().join(String::from_utf8_lossy(name).into_owned()))
            .collect(),
        _ => {
            let mut found = Vec::new();
            sources(&project().join("src"), &mut found);
            found
        }
    };
    assert!(names.len() > 40);
    for name in names {
        let Ok(content) = fs::read(&name) else { continue };
        for found in find(&content) {
            let filler = found.certainty == Certainty::Filler;
            assert!(filler, "{} holds a token at byte {}", name.display(), found.span.start);
        }
    }
}

#[test]
fn each_hook_script_is_plain_sh_that_calls_its_own_stage() {
    for stage in dtguard::install::Stage::ALL {
        let script = fs::read_to_string(project().join("hooks").join(stage.name())).unwrap();
        assert!(script.starts_with("#!/bin/sh\n# dtguard-hook "), "{stage}");
        assert!(script.ends_with(&format!("exec \"$dtguard\" hook {stage} -- \"$@\"\n")), "{stage}");
        assert!(!script.contains('\r') && !script.contains("[["), "{stage}");
    }
}

#[test]
fn the_frameworks_hooks_call_what_the_program_offers() {
    let hooks = fs::read_to_string(project().join(".pre-commit-hooks.yaml")).unwrap();
    for (id, language, stage) in [
        ("dtguard", "rust", "pre-commit"),
        ("dtguard-system", "system", "pre-commit"),
        ("dtguard-commit-msg", "rust", "commit-msg"),
        ("dtguard-commit-msg-system", "system", "commit-msg"),
    ] {
        let hook = hooks
            .split("\n- ")
            .find(|hook| hook.trim_start_matches("- ").contains(&format!("id: {id}\n")))
            .unwrap();
        assert!(hook.contains(&format!("entry: dtguard hook {stage} --\n")), "{id}");
        assert!(hook.contains(&format!("language: {language}\n")), "{id}");
        assert!(hook.contains("always_run: true") && !hook.contains("types: [text]"), "{id}");
    }
}

#[test]
fn what_is_linked_has_a_licence_that_is_allowed_and_no_part_that_talks_to_a_network() {
    let rules: toml::Table = fs::read_to_string(project().join("deny.toml")).unwrap().parse().unwrap();
    let list = |table: &str, key: &str| rules[table][key].as_array().unwrap().clone();
    let allowed: Vec<_> =
        list("licenses", "allow").iter().map(|name| name.as_str().unwrap().to_owned()).collect();
    let banned: Vec<_> =
        list("bans", "deny").iter().map(|ban| ban["crate"].as_str().unwrap().to_owned()).collect();
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--offline", "--locked", "--format-version", "1"])
        .current_dir(project())
        .output()
        .unwrap();
    assert!(metadata.status.success(), "{}", String::from_utf8_lossy(&metadata.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&metadata.stdout).unwrap();
    let crates = metadata["packages"].as_array().unwrap();
    assert!(crates.len() > 30 && !banned.is_empty());
    for one in crates {
        let (name, licence) = (one["name"].as_str().unwrap(), one["license"].as_str().unwrap_or_default());
        assert!(!banned.iter().any(|banned| banned == name), "{name} is linked");
        // Of each part that is joined by AND, one choice is enough.
        let words = licence.replace(['(', ')'], " ").replace('/', " OR ");
        let fits = words.split(" AND ").all(|part| {
            part.split(" OR ").any(|choice| allowed.iter().any(|allowed| allowed == choice.trim()))
        });
        assert!(fits, "{name}: {licence:?}");
    }
}
