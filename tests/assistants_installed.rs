//! `dtguard install --agent`: the hooks in the configuration of a coding assistant, beside those
//! of others, and out of it again.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{DTGUARD, Ran, Repo, effort, hermetic};

/// Each assistant with its file in a project and that of a user.
const FILES: [(&str, &str, &str); 6] = [
    ("claude-code", ".claude/settings.json", ".claude/settings.json"),
    ("codex", ".codex/hooks.json", ".codex/hooks.json"),
    ("copilot", ".github/hooks/dtguard.json", ".copilot/hooks/dtguard.json"),
    ("cursor", ".cursor/hooks.json", ".cursor/hooks.json"),
    ("gemini", ".gemini/settings.json", ".gemini/settings.json"),
    ("windsurf", ".windsurf/hooks.json", ".codeium/windsurf/hooks.json"),
];

/// A repository, a home beside it, and dtguard on PATH.
struct Place {
    repo: Repo,
    home: PathBuf,
    path: String,
}

impl Place {
    fn new() -> Self {
        let repo = Repo::new();
        let home = repo.outside().join("home");
        fs::create_dir(&home).unwrap();
        let bin = Path::new(DTGUARD).parent().unwrap().to_path_buf();
        let usual = std::env::var_os("PATH").unwrap();
        let path = std::env::join_paths([bin].into_iter().chain(std::env::split_paths(&usual))).unwrap();
        Self { repo, home, path: path.into_string().unwrap() }
    }

    fn program(&self) -> &'static Path {
        Path::new(DTGUARD)
    }

    fn run_as(&self, program: &Path, arguments: &[&str]) -> Ran {
        let mut command = hermetic(program, &self.repo.path);
        command.args(arguments).env("HOME", &self.home).env("PATH", &self.path);
        loop {
            match command.output() {
                // Another test's child still has the copied program open for writing.
                Err(error) if error.kind() == ErrorKind::ExecutableFileBusy => {
                    std::thread::sleep(Duration::from_millis(20));
                }
                output => return self.repo.check(Ran::of(output.unwrap())),
            }
        }
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        self.run_as(self.program(), arguments)
    }

    fn file(&self, user: bool, assistant: &str) -> PathBuf {
        let (_, project, users) = FILES.into_iter().find(|(name, ..)| *name == assistant).unwrap();
        if user { self.home.join(users) } else { self.repo.path.join(project) }
    }

    /// The commands in a configuration.
    fn commands(&self, file: &Path) -> Vec<String> {
        let config: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
        let mut found = Vec::new();
        commands(&config["hooks"], &mut found);
        found
    }

    /// Runs a command as an assistant does, with `event` on standard input.
    fn as_assistant(&self, command: &str, event: &Value) -> Ran {
        let input = self.repo.outside().join("event");
        fs::write(&input, event.to_string()).unwrap();
        let mut shell = hermetic("sh", &self.repo.path);
        shell.args(["-c", command]).env("PATH", &self.path).stdin(fs::File::open(&input).unwrap());
        self.repo.check(Ran::of(shell.output().unwrap()))
    }
}

fn commands(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| commands(item, found)),
        Value::Object(fields) => {
            for (key, field) in fields {
                match field {
                    Value::String(text) if key == "command" || key == "bash" => found.push(text.clone()),
                    field => commands(field, found),
                }
            }
        }
        _ => {}
    }
}

#[test]
fn what_is_installed_for_an_assistant_blocks_a_token_and_goes_away_without_a_trace() {
    let place = Place::new();
    let token = place.repo.token("dt0c01", 1).text;
    for user in [false, true] {
        for (assistant, ..) in FILES {
            let option = if user { &["--user", "--agent", assistant][..] } else { &["--agent", assistant] };
            let install: Vec<_> = ["install"].iter().chain(option).copied().collect();
            let file = place.file(user, assistant);
            place
                .run(&install)
                .succeeds()
                .says("Installed")
                .says(file.file_name().unwrap().to_str().unwrap());
            let text = fs::read_to_string(&file).unwrap();
            let all = place.commands(&file);
            assert!(all.len() > 2, "{text}");
            for command in all.iter().take(if effort::all() { usize::MAX } else { 1 }) {
                let start =
                    if user { place.program().to_str().unwrap().to_owned() } else { "dtguard".to_owned() };
                assert!(command.starts_with(&format!("{start} hook agent {assistant}")), "{command}");
                let ran = place
                    .as_assistant(command, &json!({"hook_event_name": "PreToolUse", "tool_input": token}));
                let said = ran.stdout.clone() + &ran.stderr;
                assert!(said.contains("dtguard respond") || said.contains("********"), "{command}: {said}");
                place.as_assistant(command, &json!({"hook_event_name": "PreToolUse"})).succeeds();
            }
            place.run(&install).succeeds().says("Already there");
            assert_eq!(fs::read_to_string(&file).unwrap(), text);
            let uninstall: Vec<_> = ["uninstall"].iter().chain(option).copied().collect();
            place.run(&uninstall).succeeds().says("Removed");
            place.run(&uninstall).succeeds().says("Not there");
            assert!(!file.exists() && !file.parent().unwrap().exists(), "{}", file.display());
        }
    }
    assert_eq!(fs::read_dir(&place.home).unwrap().count(), 0);
}

#[test]
fn what_others_configured_stays_byte_for_byte() {
    let place = Place::new();
    let other = r#"{"matcher": "Bash", "hooks": [{"type":"command","command":"other.sh","timeout":1.50}]}"#;
    for text in [
        "{}".to_owned(),
        "{\n  \"hooks\": {}\n}\n".to_owned(),
        "{\"permissions\":{\"deny\":[\"Read(./.env)\"]},\"hooks\":{\"PreToolUse\":[OTHER],\"pre_read_code\":[{\"command\":\"x\"}]}}".replace("OTHER", other),
        "{\r\n\t\"a\": 1,\r\n\t\"hooks\": {\r\n\t\t\"BeforeTool\": [\r\n\t\t\tOTHER\r\n\t\t],\r\n\t\t\"beforeReadFile\" : [ { \"command\" : \"y\" } ]\r\n\t},\r\n\t\"z\": \"\\u00fc\"\r\n}".replace("OTHER", other),
        "{\n    \"version\": 1,\n    \"hooks\": {\n        \"preToolUse\": [\n            {\"command\": \"dtguard hook agent-of-others\"}\n        ],\n        \"Stop\": []\n    },\n    \"big\": 123456789012345678901234567890\n}\n".to_owned(),
    ] {
        // One for each form.
        for assistant in ["gemini", "cursor", "copilot"] {
            let file = place.file(false, assistant);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(&file, &text).unwrap();
            place.run(&["install", "--agent", assistant]).succeeds().says("Installed");
            let with = fs::read_to_string(&file).unwrap();
            assert!(serde_json::from_str::<Value>(&with).is_ok(), "{with}");
            for line in text.lines().filter(|line| line.len() > 8 && !line.contains("hooks") && !line.ends_with([']', '}'])) {
                assert!(with.contains(line.trim_end_matches(',')), "{line} in {with}");
            }
            place.run(&["install", "--agent", assistant]).succeeds().says("Already there");
            place.run(&["uninstall", "--agent", assistant]).succeeds().says("Removed");
            match fs::read_to_string(&file) {
                Ok(left) if text.contains("{}\n}") => assert_eq!(left.trim(), "{}"),
                Ok(left) => assert_eq!(left, text, "{assistant}"),
                Err(_) => assert!(text.len() < 20 || !text.contains("other"), "{text}"),
            }
        }
    }
}

#[test]
fn a_hook_of_others_in_our_group_stays_and_ours_goes_with_what_was_added_to_it() {
    let place = Place::new();
    place.run(&["install", "--agent", "claude-code"]).succeeds();
    let file = place.file(false, "claude-code");
    let mut config: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    let theirs = json!({"type": "command", "command": "/opt/theirs hook agent claude-code"});
    config["hooks"]["PreToolUse"][0]["hooks"].as_array_mut().unwrap().insert(0, theirs.clone());
    config["hooks"]["PreToolUse"][0]["hooks"][1]["timeout"] = json!(5);
    fs::write(&file, config.to_string()).unwrap();
    place.run(&["install", "--agent", "claude-code"]).succeeds().says("Already there");
    place.run(&["uninstall", "--agent", "claude-code"]).succeeds();
    let left: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(left, json!({"hooks": {"PreToolUse": [{"matcher": "*", "hooks": [theirs]}]}}));
}

#[test]
fn a_file_that_cannot_be_edited_safely_stays_and_the_lines_are_shown() {
    let place = Place::new();
    for text in [
        "{\n  // a comment\n  \"hooks\": {}\n}\n",
        "{\"hooks\": {},}",
        "[]",
        "{\"hooks\": []}",
        "{\"hooks\": {\"BeforeTool\": {}}}",
        "no JSON",
    ] {
        let file = place.file(false, "gemini");
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, text).unwrap();
        let ran = place.run(&["install", "--agent", "gemini"]);
        assert_eq!(ran.code, 2, "{text}");
        ran.says("cannot be edited")
            .says("add this by hand")
            .says("\"command\": \"dtguard hook agent gemini\"");
        assert_eq!(fs::read_to_string(&file).unwrap(), text);
        place.run(&["uninstall", "--agent", "gemini"]).succeeds().says("Not there: gemini");
        let ours = format!("{text}// dtguard hook agent gemini\n");
        fs::write(&file, &ours).unwrap();
        let ran = place.run(&["uninstall", "--agent", "gemini"]);
        assert_eq!(ran.code, 2, "{text}");
        ran.says("take out by hand each hook").says_not("add this by hand").says_not("\"command\"");
        assert_eq!(fs::read_to_string(&file).unwrap(), ours);
    }
    fs::write(place.file(false, "gemini"), [0xff]).unwrap();
    assert_eq!(place.run(&["install", "--agent", "gemini"]).code, 2);
    // A file that is there and empty is one without hooks.
    fs::write(place.file(false, "gemini"), "\n").unwrap();
    place.run(&["install", "--agent", "gemini", "--agent", "codex"]).succeeds().says("/hooks");
    let outside =
        hermetic(DTGUARD, place.repo.outside()).args(["install", "--agent", "gemini"]).output().unwrap();
    Ran::of(outside).refuses("in no work tree").says("dtguard install --user --agent gemini");
}

#[cfg(unix)]
#[test]
fn a_link_of_a_repository_leads_nowhere_else_and_one_of_the_user_is_kept() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let place = Place::new();
    let elsewhere = place.repo.outside().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    let target = elsewhere.join("settings.json");
    fs::write(&target, "{\"a\": 1}").unwrap();
    fs::set_permissions(&target, fs::Permissions::from_mode(0o600)).unwrap();
    symlink(&elsewhere, place.repo.path.join(".claude")).unwrap();
    assert_eq!(place.run(&["install", "--agent", "claude-code"]).code, 2);
    fs::create_dir(place.repo.path.join(".gemini")).unwrap();
    symlink(&target, place.repo.path.join(".gemini/settings.json")).unwrap();
    assert_eq!(place.run(&["install", "--agent", "gemini"]).code, 2);
    assert_eq!(fs::read_to_string(&target).unwrap(), "{\"a\": 1}");
    fs::create_dir(place.home.join(".claude")).unwrap();
    let link = place.home.join(".claude/settings.json");
    symlink(&target, &link).unwrap();
    place.run(&["install", "--user", "--agent", "claude-code"]).succeeds();
    assert!(link.is_symlink() && fs::read_to_string(&target).unwrap().contains("hook agent"));
    assert_eq!(fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o600);
    place.run(&["uninstall", "--user", "--agent", "claude-code"]).succeeds();
    assert_eq!(fs::read_to_string(&target).unwrap(), "{\"a\": 1}");
    // Nor does the link go if nothing else is left in the file.
    fs::write(&target, "{}").unwrap();
    place.run(&["install", "--user", "--agent", "claude-code"]).succeeds();
    place.run(&["uninstall", "--user", "--agent", "claude-code"]).succeeds();
    assert!(link.is_symlink() && fs::read_to_string(&target).unwrap() == "{}");
}

#[cfg(unix)]
#[test]
fn a_program_with_any_path_is_started_by_the_users_hooks() {
    let place = Place::new();
    let token = place.repo.token("dt0c01", 2).text;
    let folder = place.repo.outside().join("it's $HOME; \"a\" folder");
    fs::create_dir(&folder).unwrap();
    let program = folder.join("dtguard");
    fs::hard_link(DTGUARD, &program).or_else(|_| fs::copy(DTGUARD, &program).map(drop)).unwrap();
    for (assistant, ..) in FILES {
        place.run_as(&program, &["install", "--user", "--agent", assistant]).succeeds();
        place.run_as(&program, &["install", "--user", "--agent", assistant]).succeeds().says("Already there");
        let command = place.commands(&place.file(true, assistant)).remove(0);
        let ran = place.as_assistant(&command, &json!({ "prompt": token }));
        assert!((ran.stdout + &ran.stderr).contains("dt0c01."), "{command}");
    }
    // Another program corrects them, and they are still known as ours.
    place.run(&["install", "--user", "--agent", "cursor"]).succeeds().says("Installed");
    let commands = place.commands(&place.file(true, "cursor"));
    assert!(
        commands.iter().all(|command| command.starts_with(place.program().to_str().unwrap())),
        "{commands:?}"
    );
    fs::remove_dir_all(&folder).unwrap();
    let found: Value = serde_json::from_str(&place.run(&["doctor", "--json"]).stdout).unwrap();
    let what = |name: &str| {
        let all = found["problems"].as_array().unwrap().iter().map(|one| one["what"].as_str().unwrap());
        all.filter(|what| what.starts_with(name)).map(str::to_owned).collect::<Vec<_>>()
    };
    assert!(what("codex: ")[0].contains("which does not exist"), "{found}");
    assert_eq!(what("cursor: "), [] as [&str; 0]);
    for (assistant, ..) in FILES {
        place.run(&["uninstall", "--user", "--agent", assistant]).succeeds().says("Removed");
    }
}

#[test]
fn doctor_reports_the_assistants_that_are_hooked_and_what_is_wrong_with_them() {
    let place = Place::new();
    place.run(&["install"]).succeeds();
    let doctor = || -> (Value, i32) {
        let ran = place.run(&["doctor", "--json"]);
        (serde_json::from_str(&ran.stdout).unwrap(), ran.code)
    };
    assert_eq!(doctor().0["assistants"], json!([]));
    place.run(&["install", "--agent", "claude-code", "--agent", "cursor"]).succeeds();
    let state = |found: &Value, at: usize| found["assistants"][at]["state"].as_str().unwrap().to_owned();
    let (found, code) = doctor();
    assert_eq!((state(&found, 0), state(&found, 1), code), ("installed".into(), "installed".into(), 0));
    assert!(place.run(&["doctor"]).stderr.contains("claude-code        installed ("));
    let file = place.file(false, "claude-code");
    let text = fs::read_to_string(&file).unwrap();
    for (from, to, wanted) in [
        ("hook agent claude-code", "hook agent claude-code --quick", "other"),
        ("\"UserPromptSubmit\"", "\"UserPromptSubmitted\"", "partly"),
        ("{\n", "{ // comment\n", "unreadable"),
    ] {
        fs::write(&file, text.replacen(from, to, 1)).unwrap();
        let (found, code) = doctor();
        assert_eq!((state(&found, 0), code), (wanted.to_owned(), 0), "a commit is guarded still");
        let what = found["problems"][0]["what"].as_str().unwrap();
        assert!(what.starts_with("claude-code: ") && found["problems"][0]["open"] == false, "{found}");
    }
    // What never was dtguard's is no matter of doctor.
    fs::write(&file, "{ // comment\n}").unwrap();
    assert_eq!(doctor().0["assistants"].as_array().unwrap().len(), 1);
}

#[test]
fn a_shared_file_needs_dtguard_on_path_and_the_user_is_warned_if_it_is_not() {
    let place = Place::new();
    let mut command = Command::new(DTGUARD);
    command.args(["install", "--agent", "copilot"]).current_dir(&place.repo.path).stdin(Stdio::null());
    let ran = Ran::of(command.output().unwrap()).succeeds();
    ran.says("is not the one on PATH")
        .says("dtguard install --user --agent copilot")
        .says("Copilot refuses every tool");
    let refused = place.run(&["install", "--agent", "nobody"]);
    assert_eq!(refused.code, 2);
    refused.says("claude-code");
    for option in
        [&["--system"][..], &["--stage", "pre-commit"], &["--no-hook"], &["--template", "x"], &["--beside"]]
    {
        let arguments: Vec<_> = ["install", "--agent", "codex"].iter().chain(option).copied().collect();
        assert_eq!(place.run(&arguments).code, 2, "{option:?}");
    }
}
