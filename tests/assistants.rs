//! The hooks of coding assistants: what they are answered.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use serde_json::{Value, json};

use crate::support::{DTGUARD, Ran, Repo, effort, hermetic};

/// Runs the hook in `folder` with an event on standard input.
#[track_caller]
fn hook_in(repo: &Repo, folder: &Path, arguments: &[&str], event: impl AsRef<[u8]>) -> Ran {
    repo.check(Ran::fed(hermetic(DTGUARD, folder).args(["hook", "agent"]).args(arguments), event))
}

#[track_caller]
fn hook(repo: &Repo, arguments: &[&str], event: &Value) -> Ran {
    hook_in(repo, &repo.path, arguments, event.to_string())
}

/// How an assistant is answered.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Answered {
    /// With exit code 2 and the message on standard error.
    Refused,
    /// With this field of a JSON object, which has this value, and exit code 0.
    Field(&'static str, &'static str),
    /// The same, with exit code 2.
    RefusedField(&'static str, &'static str),
    /// With the masked output, in this field.
    Masked(&'static str),
    /// With a message in this field.
    Said(&'static str),
}

/// Each documented event that can hold a token: the words that `dtguard install` writes behind
/// `hook agent`, the event with TOKEN in it, and the answer.
#[expect(clippy::too_many_lines, reason = "a table")]
fn events() -> Vec<(&'static [&'static str], Value, Answered)> {
    use Answered::{Field, Masked, Refused, RefusedField, Said};
    let claude = |name: &str, more: Value| {
        let mut event =
            json!({"session_id": "s", "transcript_path": "/t", "cwd": "/", "hook_event_name": name});
        event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        event
    };
    let copilot = |more: Value| {
        let mut event = json!({"sessionId": "s", "timestamp": 1, "cwd": "/"});
        event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        event
    };
    let cursor = |name: &str, more: Value| {
        let mut event = json!({"conversation_id": "c", "generation_id": "g", "hook_event_name": name,
            "cursor_version": "1.7.2", "workspace_roots": ["/"]});
        event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        event
    };
    let windsurf = |name: &str, info: Value| {
        json!({"agent_action_name": name, "trajectory_id": "t",
        "execution_id": "e", "timestamp": "2026-11-29T00:00:00Z", "tool_info": info})
    };
    let bash = json!({"tool_name": "Bash", "tool_input": {"command": "curl -H 'Api-Token TOKEN' x"}});
    let wrote =
        json!({"tool_name": "Write", "tool_input": {"file_path": "/x/.env", "content": "a\nT=TOKEN\n"}});
    let ran = json!({"tool_name": "Bash", "tool_input": {"command": "env"},
        "tool_response": {"stdout": "a\nTOKEN\n", "stderr": "", "interrupted": false, "isImage": false}});
    let prompt = json!({"prompt": "use TOKEN"});
    let ended = json!({"stop_hook_active": false, "last_assistant_message": "TOKEN"});
    let call = json!({"toolName": "bash", "toolArgs": {"command": "curl TOKEN"}});
    let denied = Field("permission", "deny");
    let c: &[&str] = &["claude-code"];
    let g: &[&str] = &["gemini"];
    let x: &[&str] = &["codex"];
    let u: &[&str] = &["cursor"];
    let w: &[&str] = &["windsurf"];
    vec![
        (c, claude("UserPromptSubmit", prompt.clone()), Refused),
        (c, claude("PreToolUse", bash.clone()), Refused),
        (c, claude("PreToolUse", wrote.clone()), Refused),
        (
            c,
            claude("PreToolUse", json!({"tool_name": "mcp__db__query", "tool_input": {"TOKEN": 1}})),
            Refused,
        ),
        (c, claude("PostToolUse", ran.clone()), Masked("/hookSpecificOutput/updatedToolOutput")),
        (
            c,
            claude(
                "PostToolUseFailure",
                json!({"tool_name": "Bash", "tool_input": {}, "error": "Exit code 1\nTOKEN"}),
            ),
            Refused,
        ),
        (
            c,
            claude("PermissionRequest", bash.clone()),
            Field("/hookSpecificOutput/decision/behavior", "deny"),
        ),
        (c, claude("Stop", ended.clone()), Said("/systemMessage")),
        (c, claude("AnEventOfTomorrow", json!({"data": ["TOKEN"]})), Refused),
        (x, claude("UserPromptSubmit", prompt.clone()), Refused),
        (x, claude("PreToolUse", bash.clone()), Refused),
        (
            x,
            claude("PermissionRequest", bash.clone()),
            Field("/hookSpecificOutput/decision/behavior", "deny"),
        ),
        (x, claude("PostToolUse", ran.clone()), Refused),
        (g, claude("BeforeAgent", prompt.clone()), Refused),
        (
            g,
            claude(
                "BeforeTool",
                json!({"tool_name": "run_shell_command", "tool_input": {"command": "TOKEN"}}),
            ),
            Refused,
        ),
        (
            g,
            claude(
                "AfterTool",
                json!({"tool_name": "x", "tool_input": {}, "tool_response": {"llmContent": "a TOKEN b", "returnDisplay": "TOKEN"}}),
            ),
            Masked("/reason"),
        ),
        (
            g,
            claude(
                "AfterTool",
                json!({"tool_name": "x", "tool_input": {}, "tool_response": {"llmContent": [{"text": "TOKEN"}]}}),
            ),
            Refused,
        ),
        (g, claude("AfterAgent", json!({"prompt": "x", "prompt_response": "TOKEN"})), Said("/systemMessage")),
        (&["copilot", "preToolUse"], copilot(call.clone()), RefusedField("/permissionDecision", "deny")),
        (&["copilot"], copilot(call.clone()), RefusedField("/permissionDecision", "deny")),
        (
            &["copilot"],
            copilot(json!({"toolName": "bash", "toolArgs": "{\"command\":\"curl TOKEN\"}"})),
            RefusedField("/permissionDecision", "deny"),
        ),
        (&["copilot", "permissionRequest"], copilot(call.clone()), RefusedField("/behavior", "deny")),
        (
            &["copilot", "postToolUse"],
            copilot(
                json!({"toolName": "bash", "toolArgs": {}, "toolResult": {"resultType": "success", "textResultForLlm": "a TOKEN"}}),
            ),
            Masked("/modifiedResult/textResultForLlm"),
        ),
        (
            &["copilot", "userPromptTransformed"],
            copilot(json!({"prompt": "x", "transformedPrompt": "use TOKEN"})),
            Masked("/modifiedTransformedPrompt"),
        ),
        (&["copilot", "userPromptSubmitted"], copilot(prompt.clone()), Refused),
        (
            u,
            cursor("beforeSubmitPrompt", json!({"prompt": "use TOKEN", "attachments": []})),
            Field("/continue", "false"),
        ),
        (u, cursor("preToolUse", json!({"tool_name": "Shell", "tool_input": {"command": "TOKEN"}})), denied),
        (u, cursor("beforeShellExecution", json!({"command": "TOKEN", "cwd": ""})), denied),
        (
            u,
            cursor("beforeMCPExecution", json!({"tool_name": "x", "tool_input": "{\"a\":\"TOKEN\"}"})),
            denied,
        ),
        (
            u,
            cursor(
                "beforeReadFile",
                json!({"file_path": "/x/.env", "content": "T=TOKEN\n", "attachments": []}),
            ),
            denied,
        ),
        (u, cursor("beforeTabFileRead", json!({"file_path": "/x/.env", "content": "T=TOKEN\n"})), denied),
        (
            u,
            cursor(
                "postToolUse",
                json!({"tool_name": "MCP:x", "tool_input": {}, "tool_output": "{\"a\":\"TOKEN\"}"}),
            ),
            Masked("/updated_mcp_tool_output"),
        ),
        (
            u,
            cursor(
                "postToolUse",
                json!({"tool_name": "Shell", "tool_input": {}, "tool_output": "{\"stdout\":\"TOKEN\"}"}),
            ),
            Said("/additional_context"),
        ),
        (w, windsurf("pre_user_prompt", json!({"user_prompt": "TOKEN"})), Refused),
        (
            w,
            windsurf(
                "pre_write_code",
                json!({"file_path": "/x", "edits": [{"old_string": "", "new_string": "TOKEN"}]}),
            ),
            Refused,
        ),
        (w, windsurf("pre_run_command", json!({"command_line": "curl TOKEN", "cwd": "/"})), Refused),
        (w, windsurf("pre_mcp_tool_use", json!({"mcp_tool_arguments": {"a": {"b": "TOKEN"}}})), Refused),
        (w, windsurf("post_mcp_tool_use", json!({"mcp_result": "TOKEN"})), Refused),
    ]
}

/// `event` with `text` in place of TOKEN.
fn with(event: &Value, text: &str) -> Value {
    let quoted = Value::from(text).to_string();
    let mut filled = event.to_string().replace("TOKEN", quoted.trim_matches('"'));
    if serde_json::from_str::<Value>(&filled).is_err() {
        filled = event.to_string().replace("TOKEN", "x");
    }
    serde_json::from_str(&filled).unwrap()
}

#[test]
fn a_token_in_any_event_of_an_assistant_is_answered_in_its_own_way() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1);
    for (arguments, event, answered) in events() {
        let event = with(&event, &token.text);
        let case = format!("{arguments:?} {}", event["hook_event_name"]);
        let ran = hook(&repo, arguments, &event);
        let output: Value = serde_json::from_str(&ran.stdout).unwrap_or_default();
        let field = |pointer: &str| {
            let pointer = if pointer.starts_with('/') { pointer.to_owned() } else { format!("/{pointer}") };
            match output.pointer(&pointer) {
                Some(Value::String(text)) => text.clone(),
                Some(other) => other.to_string(),
                None => panic!("{case}: no {pointer} in {}{}", ran.stdout, ran.stderr),
            }
        };
        let identifier = token.identifier().unwrap();
        let is_explained = |text: &str| {
            text.contains(identifier) && text.contains("opens: ") && text.contains("dtguard respond ")
        };
        let everything = format!("{}{}", ran.stdout, ran.stderr);
        assert!(is_explained(&everything), "{case}: {everything}");
        let code = match answered {
            Answered::Refused => {
                assert!(ran.stdout.is_empty() && is_explained(&ran.stderr), "{case}: {everything}");
                2
            }
            Answered::Field(name, value) => {
                assert_eq!(field(name), value, "{case}");
                0
            }
            Answered::RefusedField(name, value) => {
                assert_eq!(field(name), value, "{case}");
                2
            }
            Answered::Masked(name) => {
                assert!(field(name).contains(&format!("{identifier}.********")), "{case}: {everything}");
                0
            }
            Answered::Said(name) => {
                assert!(is_explained(&field(name)), "{case}");
                0
            }
        };
        assert_eq!(ran.code, code, "{case}: {everything}");
        // Without the assistant's name the event's own fields decide.
        if arguments.len() == 1 && event["hook_event_name"] != "AnEventOfTomorrow" && arguments[0] != "codex"
        {
            assert_eq!(hook(&repo, &[], &event).stdout, ran.stdout, "{case}");
        }
    }
}

#[test]
fn a_clean_event_gets_no_opinion_so_that_the_assistant_still_asks_its_user() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1);
    for (arguments, event, _) in events() {
        let texts = [token.identifier().unwrap(), "${DT_TOKEN}"];
        for text in if effort::all() { &texts[..] } else { &texts[..1] } {
            let ran = hook(&repo, arguments, &with(&event, text));
            let nothing = if arguments == ["cursor"] { "{}\n" } else { "" };
            assert_eq!((ran.code, &*ran.stdout, &*ran.stderr), (0, nothing, ""), "{arguments:?} {text}");
        }
    }
}

#[test]
fn an_output_is_masked_in_its_own_shape_and_keeps_all_else() {
    let repo = Repo::new();
    let (token, other) = (repo.token("dt0s16", 1).text, repo.token("dt0c01", 2).text);
    let response = json!({"stdout": format!("a\n\"{token}\"\t{other}\u{fc}"), "n": [1, 1.5, null, true],
        (token.clone()): {"deep": [format!("{{\"x\":\"{token}\"}}")]}, "big": 12345678901234567890_u64});
    let event = json!({"hook_event_name": "PostToolUse", "session_id": "s", "transcript_path": "/t",
        "tool_name": "mcp__x__y", "tool_input": {}, "tool_response": response});
    let ran = hook(&repo, &["claude-code"], &event).succeeds();
    let output: Value = serde_json::from_str(&ran.stdout).unwrap();
    let masked = output.pointer("/hookSpecificOutput/updatedToolOutput").unwrap();
    let wanted = [&token, &other].iter().fold(response.to_string(), |text, token| {
        let (public, _) = token.rsplit_once('.').unwrap();
        text.replace(&**token, &format!("{public}.********"))
    });
    assert_eq!(masked.to_string(), wanted);
}

#[test]
fn a_token_is_found_however_the_event_writes_it() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 7).text;
    let base64 = base64::engine::general_purpose::STANDARD.encode(format!("DT_TOKEN={token}"));
    let escaped: String = token.chars().map(|c| format!("\\u{:04x}", u32::from(c))).collect();
    let nested = |times: usize| {
        (0..times).fold(json!({ "a": token }), |inner, _| json!({ "a": inner.to_string() })).to_string()
    };
    let wrapped = base64.as_bytes().chunks(60).map(String::from_utf8_lossy).collect::<Vec<_>>().join("\\n");
    for event in [
        format!("{{\"prompt\":\"{escaped}\"}}"),
        format!("{{\"{escaped}\":[]}}"),
        format!("{{\"tool_input\":{{\"command\":\"echo {base64} | base64 -d\"}}}}"),
        format!("{{\"tool_input\":{{\"content\":\"{wrapped}\"}}}}"),
        format!("[[[[\"{token}\"]]]]"),
        format!("\"{token}\""),
        format!("{{\"a\":\"\\\"{token}\\\"\"}}"),
        format!("{{\"a\":\"x\\n\\t{token}\\r\\n\"}}"),
        nested(1),
        nested(3),
        nested(7),
        format!("{{\"a\":\"{}\"", "x".repeat(10)) + &format!(", {token}"),
        format!("{}\"{token}\"{}", "[".repeat(500), "]".repeat(500)),
        format!("{}{token}", "{\"a\":".repeat(200_000)),
        format!("\u{feff}{{\"a\":\"{token}\"}}"),
        format!("no JSON {token}"),
    ] {
        let ran = hook_in(&repo, &repo.path, &[], &event);
        let start: String = event.chars().take(60).collect();
        assert_eq!((ran.code, &*ran.stdout), (2, ""), "{start}: {}", ran.stderr);
        ran.says("1 Dynatrace token");
    }
    let wide: Vec<u8> = token.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let invalid = [b"{\"a\":\"\xff\xfe", token.as_bytes(), b"\"}"].concat();
    for event in [wide, invalid] {
        assert_eq!(hook_in(&repo, &repo.path, &["cursor"], event).code, 2);
    }
}

#[test]
fn a_key_of_any_length_is_shown_masked_and_cut() {
    let repo = Repo::new();
    let (key, token) = (repo.token("dt0c01", 21).text, repo.token("dt0s16", 22).text);
    for start in (0..70).step_by(5) {
        let key = format!("{}{key}{}", "x".repeat(start), " y".repeat(5_000));
        let ran = hook(&repo, &["codex"], &json!({"tool_input": {key: {"a": token}}}));
        assert!(ran.code == 2 && ran.stderr.len() < 4_000, "{}", ran.stderr.len());
        let secrets = [repo.token("dt0c01", 21), repo.token("dt0s16", 22)];
        for secret in secrets.each_ref().map(|token| &token.secret()[..8]) {
            assert!(!ran.stderr.contains(secret), "{}", ran.stderr);
        }
    }
}

#[test]
fn what_is_no_event_is_searched_and_passes_if_it_is_clean() {
    let repo = Repo::new();
    for event in [
        "no JSON",
        "{",
        "[]",
        "7",
        "null",
        "{}",
        "\u{0}",
        "{\"hook_event_name\":7,\"cwd\":[],\"tool_name\":{}}",
    ] {
        hook_in(&repo, &repo.path, &[], event).succeeds().says_nothing();
    }
    hook_in(&repo, &repo.path, &[], [0xff, 0xfe]).succeeds().says_nothing();
    hook_in(&repo, &repo.path, &["claude-code"], "[".repeat(100_000)).succeeds().says_nothing();
}

#[test]
fn an_assistant_that_sends_nothing_is_stopped() {
    let repo = Repo::new();
    for (arguments, event) in [(&[][..], ""), (&["claude-code"], " \n"), (&["cursor", "beforeReadFile"], "")]
    {
        let ran = hook_in(&repo, &repo.path, arguments, event);
        let said = format!("{}{}", ran.stdout, ran.stderr);
        assert!(said.contains("no event of an assistant"), "{said}");
        assert_eq!(ran.code, if arguments.contains(&"cursor") { 0 } else { 2 });
        assert_eq!(ran.stdout.contains("\"permission\":\"deny\""), arguments.contains(&"cursor"));
    }
    let mut closed = hermetic(DTGUARD, &repo.path);
    assert_eq!(closed.args(["hook", "agent", "gemini"]).status().unwrap().code(), Some(2));
    hook_in(&repo, &repo.path, &["nobody"], "{}")
        .refuses("no assistant is known as `nobody`")
        .says("windsurf");
    assert_eq!(hook_in(&repo, &repo.path, &["cursor", "stop", "more"], "{}").code, 2);
}

#[test]
fn a_file_that_is_about_to_be_read_is_searched_first() {
    let repo = Repo::new();
    let token = repo.token("dt0s16", 3).text;
    repo.write("deploy/.env", format!("A=b\nT={token}\n"));
    repo.write("clean.env", "A=b\n");
    let path = |name: &str| repo.path.join(name).to_str().unwrap().to_owned();
    let read = |event: &Value| hook(&repo, &[], event);
    let claude = |path: &str| json!({"hook_event_name": "PreToolUse", "tool_name": "Read", "cwd": repo.path, "tool_input": {"file_path": path}});
    for event in [
        claude(&path("deploy/.env")),
        claude("deploy/.env"),
        json!({"sessionId": "s", "timestamp": 1, "cwd": repo.path, "toolName": "view", "toolArgs": {"path": "deploy/.env"}}),
        json!({"hook_event_name": "BeforeTool", "tool_name": "read_many_files", "cwd": repo.path, "tool_input": {"include": ["clean.env", "deploy/.env"]}}),
        json!({"agent_action_name": "pre_read_code", "tool_info": {"file_path": path("deploy/.env")}}),
    ] {
        let ran = read(&event);
        assert_eq!(ran.code, 2, "{event}");
        ran.says("deploy/.env:2:3");
    }
    let attached = json!({"hook_event_name": "beforeSubmitPrompt", "cursor_version": "1", "prompt": "x",
        "attachments": [{"type": "file", "file_path": path("deploy/.env")}]});
    assert!(read(&attached).stdout.contains("\"continue\":false"));
    for clean in ["clean.env", "absent", "", ".", "/dev/null", "\u{0}"] {
        read(&claude(clean)).succeeds().says_nothing();
    }
    // Writing a file shows nothing of what is in it.
    let event = json!({"hook_event_name": "PreToolUse", "tool_name": "Write", "tool_input": {"file_path": path("deploy/.env"), "content": ""}});
    read(&event).succeeds().says_nothing();
}

#[cfg(unix)]
#[test]
fn a_pipe_or_an_endless_file_that_an_assistant_names_is_not_waited_for() {
    let repo = Repo::new();
    let pipe = repo.path.join("pipe");
    assert!(hermetic("mkfifo", &repo.path).arg("pipe").status().unwrap().success());
    for path in [pipe.to_str().unwrap(), "/dev/zero", "/dev/stdin"] {
        let event = json!({"tool_name": "Read", "tool_input": {"file_path": path}});
        hook(&repo, &[], &event).succeeds().says_nothing();
    }
}

#[test]
fn the_policy_of_head_counts_and_not_what_the_assistant_writes_or_stages() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 4);
    let event = json!({"hook_event_name": "PreToolUse", "cwd": repo.path, "tool_name": "Bash",
        "tool_input": {"command": token.text}});
    let policy =
        format!("version = 1\n[[allow]]\nid = \"{}\"\nreason = \"r\"\n", token.identifier().unwrap());
    repo.write(".dtguard.toml", &policy);
    assert_eq!(hook(&repo, &[], &event).code, 2, "in the work tree");
    repo.stage(".dtguard.toml", &policy);
    assert_eq!(hook(&repo, &[], &event).code, 2, "staged");
    repo.commit_unseen();
    hook(&repo, &[], &event).succeeds().says_nothing();
    // From anywhere: the event names the folder.
    hook_in(&repo, repo.outside(), &[], event.to_string()).succeeds();
    let elsewhere = with(&event, "x").to_string().replace(repo.path.to_str().unwrap(), "/nonexistent");
    assert_eq!(hook_in(&repo, repo.outside(), &[], elsewhere).code, 2, "not its policy");
    repo.write(".dtguard.toml", "version = 1\n[[allow]]\n");
    repo.stage(".dtguard.toml", "version = 1\n[[allow]]\n");
    repo.commit_unseen();
    hook(&repo, &[], &event).refuses("");
    // A clean event needs no policy of the repository.
    hook(&repo, &[], &with(&json!({"cwd": repo.path, "prompt": "x"}), "")).succeeds();
}

#[test]
fn an_entry_by_path_counts_for_the_file_that_a_tool_reads_or_writes() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 5).text;
    let policy = "version = 1\n[[allow]]\npath = \"fixtures/**\"\nkinds = [\"dt0c01\"]\nreason = \"r\"\n";
    repo.stage(".dtguard.toml", policy);
    repo.stage("fixtures/a.env", &token);
    repo.commit_unseen();
    let event = |name: &str, tool: &str, path: &str, more: Value| {
        let path = repo.path.join(path);
        let mut input = json!({ "file_path": path });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"hook_event_name": name, "cwd": repo.path, "tool_name": tool, "tool_input": input, "tool_response": {"content": token}})
    };
    hook(&repo, &[], &event("PreToolUse", "Read", "fixtures/a.env", json!({}))).succeeds().says_nothing();
    hook(&repo, &[], &event("PostToolUse", "Read", "fixtures/a.env", json!({}))).succeeds().says_nothing();
    hook(&repo, &[], &event("PreToolUse", "Write", "fixtures/new", json!({"content": token}))).succeeds();
    for (tool, path) in [
        ("Write", "src/new"),
        ("Write", "fixtures/../src/new"),
        ("mcp__x__send", "fixtures/a.env"),
        ("Bash", "fixtures/a.env"),
    ] {
        let ran = hook(&repo, &[], &event("PreToolUse", tool, path, json!({"content": token})));
        assert_eq!(ran.code, 2, "{tool} {path}");
    }
}

#[cfg(unix)]
#[test]
fn a_link_in_an_allowed_folder_allows_nothing_of_the_file_behind_it() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 15).text;
    let policy = "version = 1\n[[allow]]\npath = \"fixtures/**\"\nkinds = [\"dt0c01\"]\nreason = \"r\"\n";
    repo.stage(".dtguard.toml", policy);
    repo.commit_unseen();
    repo.write("deploy/.env", &token);
    repo.write("fixtures/a.env", "x");
    std::os::unix::fs::symlink("../deploy/.env", repo.path.join("fixtures/link")).unwrap();
    for name in ["PreToolUse", "PostToolUse"] {
        let event = json!({"hook_event_name": name, "cwd": repo.path, "tool_name": "Read",
            "tool_input": {"file_path": "fixtures/link"}, "tool_response": token});
        let ran = hook(&repo, &[], &event);
        assert_eq!(ran.code, 2, "{name}");
        ran.says("deploy/.env:1:1");
    }
}

#[test]
fn samples_and_fillers_are_judged_as_the_policy_says() {
    let repo = Repo::new();
    let filler = format!("dt0c01.{}.{}", "X".repeat(24), "X".repeat(64));
    hook(&repo, &["claude-code"], &json!({"hook_event_name": "UserPromptSubmit", "prompt": filler}))
        .succeeds()
        .says_nothing();
}

#[test]
fn a_folder_that_is_missing_or_no_repository_changes_nothing() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 6).text;
    for folder in
        [json!(repo.outside()), json!("/nonexistent"), json!("relative"), json!(""), json!(7), Value::Null]
    {
        let event =
            |text: &str| json!({"hook_event_name": "BeforeTool", "cwd": folder, "tool_input": {"a": text}});
        hook_in(&repo, repo.outside(), &[], event("x").to_string()).succeeds().says_nothing();
        let ran = hook_in(&repo, repo.outside(), &[], event(&token).to_string());
        assert_eq!(ran.code, 2, "{folder}");
        ran.says("1 Dynatrace token").says_not("cannot read");
    }
}

#[test]
fn each_event_has_its_audit_line_and_before_its_day_a_token_is_only_reported() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 8);
    let (policy, log) = (repo.outside().join("team.toml"), repo.outside().join("audit.jsonl"));
    let config = repo.outside().join("gitconfig");
    fs::write(&config, format!("[dtguard]\n\tpolicy = '{}'\n", policy.display()).replace('\'', "\""))
        .unwrap();
    fs::write(
        &policy,
        format!("version = 1\n[audit]\nfile = '{}'\n[enforce]\nfrom = 2999-01-01\n", log.display()),
    )
    .unwrap();
    let run = |arguments: &[&str], event: &Value| {
        let mut hook = hermetic(DTGUARD, &repo.path);
        hook.args(["hook", "agent"]).args(arguments).env("GIT_CONFIG_GLOBAL", &config);
        let input = repo.outside().join("event");
        fs::write(&input, event.to_string()).unwrap();
        hook.stdin(fs::File::open(&input).unwrap());
        repo.check(Ran::of(hook.output().unwrap()))
    };
    let event =
        json!({"hook_event_name": "PreToolUse", "tool_name": "Bash", "tool_input": {"command": token.text}});
    run(&["codex"], &event).succeeds().says("would block this from 2999-01-01 on").says("dtguard respond");
    let ran = run(&["claude-code"], &event).succeeds();
    assert!(
        ran.stdout.starts_with("{\"systemMessage\":\"dtguard would block this from 2999-01-01"),
        "{}",
        ran.stdout
    );
    run(&["codex"], &json!({"prompt": "x"})).succeeds().says_nothing();
    let lines: Vec<Value> =
        fs::read_to_string(&log).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let said: Vec<_> = lines
        .iter()
        .map(|line| (line["stage"].as_str().unwrap(), line["verdict"].as_str().unwrap()))
        .collect();
    assert_eq!(said, [("agent", "would block"), ("agent", "would block"), ("agent", "passes")]);
    assert_eq!((&lines[0]["scope"], &lines[0]["exit_code"]), (&json!("event"), &json!(0)));
    fs::write(&policy, "version = 1\n[enforce]\n").unwrap();
    assert_eq!(run(&["codex"], &event).code, 2);
    // A policy that cannot be read stops the assistant, as it stops a commit.
    fs::write(&policy, "version = 2\n").unwrap();
    let ran = run(&["cursor", "beforeReadFile"], &json!({"content": "x"}));
    assert!(
        ran.stdout.contains("\"permission\":\"deny\"") && ran.stdout.contains("team.toml"),
        "{}",
        ran.stdout
    );
}

#[test]
fn an_event_of_many_megabytes_is_searched_to_its_end() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 9).text;
    let length = if effort::all() { 50 << 20 } else { 1 << 20 };
    let lines = "a line of some words \\\"quoted\\\"\\n".repeat(length / 32);
    for (end, code) in [("", 0), (&*token, 2)] {
        let event = format!("{{\"tool_name\":\"Write\",\"tool_input\":{{\"content\":\"{lines}{end}\"}}}}");
        assert_eq!(hook_in(&repo, &repo.path, &[], event).code, code);
    }
}

#[test]
fn what_the_policy_of_head_forbids_is_kept_from_an_assistant_and_not_shown_to_it() {
    let repo = Repo::new();
    let event = json!({"hook_event_name": "PreToolUse", "cwd": repo.path, "tool_name": "Bash",
        "tool_input": {"command": "ping zebra-7.corp"}});
    hook(&repo, &[], &event).succeeds();
    repo.stage(".dtguard.toml", "version = 1\n[[forbid]]\nid = \"host\"\npattern = 'zebra-[0-9]+'\n");
    repo.commit_unseen();
    let ran = hook(&repo, &[], &event);
    assert_eq!(ran.code, 2, "{ran:?}");
    ran.says("The rule host at .dtguard.toml:2 forbids it").says_not("zebra-7");
}
