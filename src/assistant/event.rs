//! An event: which assistant sent it, what it is about, and the files that it names.

use std::path::PathBuf;

use serde_json::Value;

use super::Assistant;

/// The tools that read the files which their input names.
const READING: [&str; 6] = ["Read", "read_file", "read_many_files", "view", "fs_read", "read"];
/// The other tools whose input names the file that they are about.
const WRITING: [&str; 9] = [
    "Write",
    "Edit",
    "MultiEdit",
    "NotebookEdit",
    "write_file",
    "replace",
    "create",
    "edit",
    "str_replace_editor",
];
/// The events of Gemini CLI that no other assistant has.
const OF_GEMINI: [&str; 8] = [
    "BeforeTool",
    "AfterTool",
    "BeforeAgent",
    "AfterAgent",
    "BeforeModel",
    "AfterModel",
    "BeforeToolSelection",
    "PreCompress",
];
/// The most files of one event that are read.
const MOST_FILES: usize = 64;

/// An event, as far as it could be understood.
#[derive(Debug, Default)]
pub struct Event {
    /// The assistant that sent it, if that is known.
    pub assistant: Option<Assistant>,
    /// Its name in the assistant's spelling; empty if it has none.
    pub name: String,
    /// All of it; none if it is no JSON, or nested too deep.
    pub value: Option<Value>,
}

impl Event {
    /// Reads the event `raw`. `assistant` and `name` are what the configured command says of
    /// it; else the event's own fields decide.
    pub fn read(raw: &[u8], assistant: Option<Assistant>, name: Option<&str>) -> Self {
        let text = String::from_utf8_lossy(raw);
        let value = serde_json::from_str(text.trim_start_matches('\u{feff}')).ok();
        let mut event = Self { assistant, name: name.unwrap_or_default().to_owned(), value };
        if event.name.is_empty() {
            let said = ["hook_event_name", "agent_action_name"].into_iter().find_map(|key| event.text(key));
            event.name = said.map_or_else(|| event.unnamed().unwrap_or_default(), str::to_owned);
        }
        event.assistant = assistant.or_else(|| event.sender());
        event
    }

    fn field(&self, key: &str) -> Option<&Value> {
        self.value.as_ref()?.get(key)
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.field(key)?.as_str()
    }

    /// The assistant that sends events with these fields.
    fn sender(&self) -> Option<Assistant> {
        let has = |key: &str| self.field(key).is_some();
        match &*self.name {
            _ if has("agent_action_name") => Some(Assistant::Windsurf),
            _ if has("cursor_version") => Some(Assistant::Cursor),
            name if OF_GEMINI.contains(&name) => Some(Assistant::Gemini),
            _ if has("hook_event_name") && has("turn_id") => Some(Assistant::Codex),
            _ if has("hook_event_name") && has("transcript_path") && has("session_id") => {
                Some(Assistant::ClaudeCode)
            }
            _ if has("sessionId") && has("timestamp") && !has("hook_event_name") => Some(Assistant::Copilot),
            _ => None,
        }
    }

    /// The name of an event of GitHub Copilot, which has none in the format that
    /// `dtguard install` chooses.
    fn unnamed(&self) -> Option<String> {
        let has = |key: &str| self.field(key).is_some();
        let name = match () {
            () if !has("sessionId") => return None,
            () if has("toolResult") => "postToolUse",
            () if has("toolName") && has("error") => "postToolUseFailure",
            () if has("toolName") => "preToolUse",
            () if has("transformedPrompt") => "userPromptTransformed",
            () if has("prompt") => "userPromptSubmitted",
            () => return None,
        };
        Some(name.to_owned())
    }

    /// The folder in which the assistant works.
    pub fn folder(&self) -> Option<PathBuf> {
        let info = self.field("tool_info").and_then(|info| info.get("cwd"));
        let root = self.field("workspace_roots").and_then(|roots| roots.get(0));
        let said = [self.field("cwd"), info, root].into_iter().flatten().find_map(Value::as_str)?;
        (!said.is_empty()).then(|| PathBuf::from(said))
    }

    /// Whether what it is about has happened already.
    pub fn is_after(&self) -> bool {
        let name = self.name.to_ascii_lowercase();
        name.starts_with("post") || name.starts_with("after") || self.output().is_some()
    }

    /// What a tool has put out, where the assistant takes another text in its place.
    pub fn output(&self) -> Option<&Value> {
        match self.assistant? {
            Assistant::ClaudeCode => self.field("tool_response"),
            Assistant::Gemini => self.field("tool_response")?.get("llmContent"),
            Assistant::Copilot => self.field("toolResult")?.get("textResultForLlm"),
            Assistant::Cursor if self.tool().starts_with("MCP:") => self.field("tool_output"),
            Assistant::Cursor | Assistant::Codex | Assistant::Windsurf => None,
        }
    }

    /// The name of the tool that it is about; empty if it is about none.
    pub fn tool(&self) -> &str {
        ["tool_name", "toolName"].into_iter().find_map(|key| self.text(key)).unwrap_or_default()
    }

    /// What the tool is to do. Some assistants write it as a text that holds JSON.
    fn input(&self) -> Option<Value> {
        let input = ["tool_input", "toolArgs", "tool_info"].into_iter().find_map(|key| self.field(key))?;
        match input {
            Value::String(text) => serde_json::from_str(text).ok(),
            input => Some(input.clone()),
        }
    }

    /// Whether the tool that it is about reads files.
    pub fn is_about_reading(&self) -> bool {
        READING.contains(&self.tool()) || ["pre_read_code", "post_read_code"].contains(&&*self.name)
    }

    /// The file that it is about, as the assistant names it, if it is about one.
    pub fn file(&self) -> Option<String> {
        let path = |value: &Value| {
            let said = ["file_path", "path"].into_iter().find_map(|key| value.get(key)?.as_str());
            said.map(str::to_owned)
        };
        let of_tool = self.is_about_reading()
            || WRITING.contains(&self.tool())
            || ["pre_write_code", "post_write_code"].contains(&&*self.name);
        match &*self.name {
            "beforeReadFile" | "beforeTabFileRead" | "afterFileEdit" | "afterTabFileEdit" => {
                path(self.value.as_ref()?)
            }
            _ if of_tool => path(&self.input()?),
            _ => None,
        }
    }

    /// The texts of which each may name a file that the assistant is about to read.
    pub fn files_to_read(&self) -> Vec<String> {
        let mut named = Vec::new();
        if self.is_about_reading() && !self.is_after() {
            self.input().iter().for_each(|input| texts(input, &mut named));
        }
        // A prompt's attachments are sent with it.
        if self.name == "beforeSubmitPrompt" {
            self.field("attachments").iter().for_each(|files| texts(files, &mut named));
        }
        named
    }
}

/// Adds the first texts in `value`.
fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        _ if found.len() == MOST_FILES => {}
        Value::String(text) => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(fields) => fields.values().for_each(|field| texts(field, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(raw: &str) -> Event {
        Event::read(raw.as_bytes(), None, None)
    }

    #[test]
    fn the_sender_of_an_event_is_known_by_its_fields() {
        for (raw, sender, name) in [
            (
                r#"{"hook_event_name":"PreToolUse","session_id":"a","transcript_path":"/t","tool_name":"Bash"}"#,
                "claude-code",
                "PreToolUse",
            ),
            (
                r#"{"hook_event_name":"PreToolUse","session_id":"a","turn_id":"1","transcript_path":null}"#,
                "codex",
                "PreToolUse",
            ),
            (
                r#"{"hook_event_name":"BeforeTool","session_id":"a","transcript_path":"/t"}"#,
                "gemini",
                "BeforeTool",
            ),
            (
                r#"{"hook_event_name":"preToolUse","conversation_id":"a","cursor_version":"1.7"}"#,
                "cursor",
                "preToolUse",
            ),
            (r#"{"agent_action_name":"pre_run_command","tool_info":{}}"#, "windsurf", "pre_run_command"),
            (r#"{"sessionId":"a","timestamp":1,"toolName":"bash","toolArgs":{}}"#, "copilot", "preToolUse"),
            (
                r#"{"sessionId":"a","timestamp":1,"toolName":"bash","toolArgs":{},"toolResult":{}}"#,
                "copilot",
                "postToolUse",
            ),
            (
                r#"{"sessionId":"a","timestamp":1,"toolName":"bash","error":"x"}"#,
                "copilot",
                "postToolUseFailure",
            ),
            (r#"{"sessionId":"a","timestamp":1,"prompt":"x"}"#, "copilot", "userPromptSubmitted"),
            (
                r#"{"sessionId":"a","timestamp":1,"prompt":"x","transformedPrompt":"x"}"#,
                "copilot",
                "userPromptTransformed",
            ),
            (r#"{"hook_event_name":"preToolUse","cwd":"/","tool_name":"write"}"#, "", "preToolUse"),
            (r#"[1, 2]"#, "", ""),
            ("no JSON", "", ""),
        ] {
            let event = read(raw);
            let found = event.assistant.map(Assistant::name).unwrap_or_default();
            assert_eq!((found, &*event.name), (sender, name), "{raw}");
        }
        let event = Event::read(b"{", Some(Assistant::Cursor), Some("stop"));
        assert_eq!((event.assistant, &*event.name, event.value), (Some(Assistant::Cursor), "stop", None));
    }

    #[test]
    fn only_what_is_about_to_be_read_is_a_file_to_read() {
        let files = |raw: &str| read(raw).files_to_read();
        assert_eq!(files(r#"{"tool_name":"Read","tool_input":{"file_path":"/a","limit":1}}"#), ["/a"]);
        assert_eq!(
            files(r#"{"tool_name":"read_many_files","tool_input":{"include":["a","b"]}}"#),
            ["a", "b"]
        );
        assert_eq!(files(r#"{"toolName":"view","toolArgs":"{\"path\":\"a\"}"}"#), ["a"]);
        assert_eq!(files(r#"{"agent_action_name":"pre_read_code","tool_info":{"file_path":"/a"}}"#), ["/a"]);
        assert_eq!(
            files(r#"{"hook_event_name":"beforeSubmitPrompt","attachments":[{"file_path":"/a"}]}"#),
            ["/a"]
        );
        for none in [
            r#"{"hook_event_name":"PostToolUse","tool_name":"Read","tool_input":{"file_path":"/a"}}"#,
            r#"{"tool_name":"Write","tool_input":{"file_path":"/a"}}"#,
            r#"{"tool_name":"mcp__x__Read","tool_input":{"file_path":"/a"}}"#,
            r#"{"tool_name":"Read","tool_input":7}"#,
        ] {
            assert_eq!(files(none), [] as [&str; 0], "{none}");
        }
    }
}
