//! What holds for the project's own files.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use dtguard::find::{Certainty, find};

use crate::support::effort;

use arrows::Crate;

mod arrows;
mod words;

/// The rooms from the ground up. A room may use those before it.
const ROOMS: [&str; 21] = [
    "hex",
    "json",
    "named",
    "text",
    "threads",
    "packed",
    "token",
    "find",
    "assistant",
    "source",
    "finding",
    "policy",
    "import",
    "scan",
    "verdict",
    "report",
    "audit",
    "install",
    "export",
    "error",
    "cli",
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

/// The files below `src` with what they hold.
fn code() -> Vec<(String, String)> {
    let mut files = Vec::new();
    let top = project().join("src");
    sources(&top, &mut files);
    let name = |file: &Path| file.strip_prefix(&top).unwrap().to_str().unwrap().to_owned();
    files.iter().map(|file| (name(file), fs::read_to_string(file).unwrap())).collect()
}

fn read(files: &[(String, String)]) -> Crate {
    Crate::read(files.iter().map(|(path, text)| (path.as_str(), text.as_str())))
}

/// The arrows that lead upward, and how many there are in all.
fn upward(house: &Crate) -> (Vec<String>, usize) {
    let floor = |module: &[String]| {
        let room = module.first().map_or("lib", String::as_str);
        // `command` and `lib` stand above all rooms.
        ROOMS.iter().position(|known| *known == room).unwrap_or(ROOMS.len())
    };
    let arrows = house.arrows();
    let up = arrows.iter().filter(|(from, to)| floor(from) < floor(to));
    (up.map(|(from, to)| format!("{} uses {}", from.join("/"), to.join("/"))).collect(), arrows.len())
}

#[test]
fn no_room_uses_one_above_it() {
    let (up, arrows) = upward(&read(&code()));
    assert_eq!(up, [] as [&str; 0]);
    assert!(arrows > 300, "the test reads the paths that it means to read: {arrows}");
}

#[test]
fn no_files_use_each_other_in_a_circle() {
    assert_eq!(read(&code()).circles(), BTreeSet::new());
}

#[test]
fn an_arrow_that_leads_upward_is_found_however_it_is_written() {
    for (text, arrow) in [
        ("use crate::source::unquoted;", "source/paths"),
        ("use crate::{\n    hex,\n    source::{Blob, ObjectId as Id},\n};", "source/object_id"),
        ("fn f() { crate::command::guard_panics() }", "command"),
        ("fn f(_: &super::super::policy::Date) {}", "policy/date"),
    ] {
        let mut files = code();
        files.push(("token/made_up.rs".to_owned(), text.to_owned()));
        let (up, _) = upward(&read(&files));
        assert!(up.contains(&format!("token/made_up uses {arrow}")), "{text}: {up:?}");
    }
}

#[test]
fn a_circle_is_found_through_names_that_are_passed_on() {
    let files = [
        ("lib.rs", "pub mod a;\nmod b;\nmod c;\nmod d;"),
        ("a/mod.rs", "mod x;\nmod y;\npub use x::{One, two as other};\npub use y::Three;"),
        ("a/x.rs", "use super::Three;\npub struct One;\npub fn two() {}"),
        (
            "a/y.rs",
            "// use crate::b::f;\npub struct Three(u8);\n#[cfg(test)]\nmod tests {\n    use crate::b::f;\n}",
        ),
        ("b.rs", "use crate::a::One;\nuse crate::c;\npub fn f() { c::g() }"),
        ("c.rs", "pub fn g() { crate::d::h() }"),
        ("d.rs", "use super::a::other;\nuse crate::a;\npub fn h() { other(); a::Three; }"),
    ];
    let circles = |files: &[(&str, &str)]| Crate::read(files.iter().copied()).circles();
    assert!(circles(&files).is_empty());
    let mut circular = files;
    circular[3].1 = "fn f() -> u8 { crate::b::f(super::One) }";
    let wanted = ["a/x", "a/y", "b", "c", "d"].map(str::to_owned);
    assert_eq!(circles(&circular), BTreeSet::from([BTreeSet::from(wanted)]));
}

#[test]
fn secret_parts_leave_the_finder_in_one_place_and_only_into_a_file_of_its_own() {
    let files = code();
    let naming = |word: &str| -> Vec<&str> {
        let names = files.iter().filter(|(_, text)| text.contains(word)).map(|(name, _)| name.as_str());
        let mut names: Vec<_> = names.filter(|name| !name.contains("tests")).collect();
        names.sort_unstable();
        names
    };
    assert_eq!(naming("SecretExpressions"), ["find/expressions.rs", "find/mod.rs", "scan/rewriting.rs"]);
    let (_, text) = files.iter().find(|(name, _)| name == "find/expressions.rs").unwrap();
    let code = text.split("#[cfg(test)]").next().unwrap();
    let open: Vec<_> =
        code.lines().filter(|line| line.trim().starts_with("pub fn ")).map(str::trim).collect();
    assert_eq!(
        open,
        [
            "pub fn add(&mut self, text: &[u8], found: &Match) {",
            "pub fn count(&self) -> usize {",
            "pub fn write(&self, file: &mut NamedTempFile) -> io::Result<()> {",
        ]
    );
    assert!(!code.contains("derive(Debug") && !code.contains("Clone"));
}

#[test]
fn no_thread_searches_without_the_rules_of_the_policy() {
    let holding = |text: &str| {
        let files = code();
        let some = files.iter().filter(|(path, code)| !path.ends_with("tests.rs") && code.contains(text));
        some.map(|(path, _)| path.clone()).collect::<Vec<_>>()
    };
    // It hands the rules on.
    assert_eq!(holding("threads::side_by_side"), ["find/rule/mod.rs"]);
    // It compares trees.
    assert_eq!(holding("threads::beside"), ["source/changes/trees.rs"]);
    assert!(
        fs::read_to_string(project().join("src/scan/parallel.rs")).unwrap().contains("rules.clone().hold();")
    );
    // The others read, write or wait.
    let known = [
        "command/input.rs",
        "command/progress.rs",
        "scan/parallel.rs",
        "source/readers/ahead.rs",
        "source/readers/git.rs",
        "threads.rs",
    ];
    let mut starting =
        [holding("spawn_scoped("), holding("thread::spawn("), holding("Builder::new().spawn(")].concat();
    starting.sort();
    starting.dedup();
    assert_eq!(starting, known);
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

/// The platform for which the tests were built, in rustc's words.
fn host() -> String {
    let output = Command::new("rustc").arg("-vV").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned()
}

#[test]
fn what_is_linked_has_a_licence_that_is_allowed_and_no_part_that_talks_to_a_network() {
    let rules: toml::Table = fs::read_to_string(project().join("deny.toml")).unwrap().parse().unwrap();
    let list = |table: &str, key: &str| rules[table][key].as_array().unwrap().clone();
    let allowed: Vec<_> =
        list("licenses", "allow").iter().map(|name| name.as_str().unwrap().to_owned()).collect();
    let banned: Vec<_> =
        list("bans", "deny").iter().map(|ban| ban["crate"].as_str().unwrap().to_owned()).collect();
    // The crates of other platforms are not there where nobody but cargo's own build
    // has fetched any; where all cases are tried, they are.
    let mut command = Command::new(env!("CARGO"));
    command.args(["metadata", "--offline", "--locked", "--format-version", "1"]);
    if !effort::all() {
        command.args(["--filter-platform", &host()]);
    }
    let metadata = command.current_dir(project()).output().unwrap();
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
