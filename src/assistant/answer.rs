//! Answers: what an assistant reads as "no", as a masked output, or as a message.

use serde_json::Value;

use super::{Assistant, Event};
use crate::find::{find, mask};

/// What an answer does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It stops what was about to happen.
    Prevents,
    /// It has happened; the model gets the output masked, or a message in its place.
    Masks,
    /// It has happened; the model, or the user, gets a message.
    Reports,
}

/// What the hook writes, and how it ends.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// For standard output.
    pub output: String,
    /// For standard error.
    pub message: String,
    /// The exit code.
    pub code: u8,
}

impl Answer {
    /// No opinion: the assistant goes on as if there were no hook.
    pub fn none(assistant: Option<Assistant>) -> Self {
        // With `failClosed`, Cursor takes a hook that writes no JSON for a failed one.
        let output = if assistant == Some(Assistant::Cursor) { "{}\n" } else { "" };
        Self { output: output.to_owned(), ..Self::default() }
    }

    /// A message to the user where nothing is to be prevented.
    pub fn note(assistant: Option<Assistant>, message: &str) -> Self {
        match assistant {
            Some(Assistant::ClaudeCode | Assistant::Gemini) => json(&object! { "systemMessage": message }),
            _ => Self { message: message.to_owned(), ..Self::none(assistant) },
        }
    }

    fn refusal(message: &str) -> Self {
        Self { message: message.to_owned(), code: 2, ..Self::default() }
    }
}

fn json(value: &Value) -> Answer {
    Answer { output: format!("{value}\n"), ..Answer::default() }
}

impl Event {
    /// What [`Event::answer`] does.
    pub fn effect(&self) -> Effect {
        use Assistant::{ClaudeCode, Codex, Copilot, Cursor, Gemini};
        match (self.assistant, &*self.name) {
            (Some(Copilot), "userPromptTransformed" | "postToolUse") => Effect::Masks,
            (Some(Codex), "PostToolUse") | (Some(Gemini), "AfterTool") => Effect::Masks,
            (Some(ClaudeCode | Copilot | Cursor), _) if self.masked().is_some() => Effect::Masks,
            (Some(Copilot), "userPromptSubmitted") => Effect::Reports,
            _ if self.is_after() || self.is_only_noted() => Effect::Reports,
            _ => Effect::Prevents,
        }
    }

    /// The output of the tool with every secret part masked, in the same shape; none if there
    /// is no output, or if not all of a token in it can be masked.
    fn masked(&self) -> Option<Value> {
        let output = self.output()?;
        let mut value = output.clone();
        mask_texts(&mut value);
        // Some tokens are recognised only together with what stands around their text.
        let text = mask(&value.to_string());
        find(text.as_bytes()).is_empty().then(|| serde_json::from_str(&text).ok())?
    }

    /// Whether nothing can be prevented, and a refusal would only make the assistant go on.
    fn is_only_noted(&self) -> bool {
        let name = &*self.name;
        match self.assistant {
            Some(Assistant::ClaudeCode | Assistant::Codex | Assistant::Gemini) => {
                let ends = ["Stop", "SubagentStop", "StopFailure", "AfterAgent", "SubagentStart"];
                let beside = ["SessionStart", "SessionEnd", "Notification", "PreCompact", "PreCompress"];
                ends.contains(&name) || beside.contains(&name)
            }
            Some(Assistant::Cursor) => {
                let ends =
                    ["stop", "subagentStop", "sessionStart", "sessionEnd", "preCompact", "workspaceOpen"];
                ends.contains(&name)
            }
            _ => false,
        }
    }

    /// The answer that says `message`, because the event holds a token that blocks, or could
    /// not be searched.
    pub fn answer(&self, message: &str) -> Answer {
        match self.assistant {
            _ if self.is_only_noted() => Answer::note(self.assistant, message),
            Some(Assistant::ClaudeCode | Assistant::Codex) if self.name == "PermissionRequest" => {
                let decision = object! { "behavior": "deny", "message": message };
                json(&specific(&self.name, "decision", &decision))
            }
            Some(Assistant::ClaudeCode) => self.of_claude_code(message),
            Some(Assistant::Copilot) => self.of_copilot(message),
            Some(Assistant::Cursor) => self.of_cursor(message),
            Some(Assistant::Gemini) => self.of_gemini(message),
            Some(Assistant::Codex | Assistant::Windsurf) | None => Answer::refusal(message),
        }
    }

    fn of_claude_code(&self, message: &str) -> Answer {
        match self.masked().filter(|_| self.name == "PostToolUse") {
            Some(masked) => {
                let output = object! {
                    "hookEventName": self.name,
                    "updatedToolOutput": masked,
                    "additionalContext": message,
                };
                json(&object! { "hookSpecificOutput": output, "systemMessage": message })
            }
            None => Answer::refusal(message),
        }
    }

    fn of_gemini(&self, message: &str) -> Answer {
        match (&*self.name, self.masked()) {
            // The reason stands in place of the output.
            ("AfterTool", Some(Value::String(masked))) => {
                let reason = format!("{message}\nThe output of the tool, masked:\n{masked}");
                json(&object! { "decision": "deny", "reason": reason, "systemMessage": message })
            }
            _ => Answer::refusal(message),
        }
    }

    fn of_copilot(&self, message: &str) -> Answer {
        let refused =
            |decision: &Value| Answer { output: format!("{decision}\n"), ..Answer::refusal(message) };
        match (&*self.name, self.masked()) {
            ("preToolUse", _) => {
                refused(&object! { "permissionDecision": "deny", "permissionDecisionReason": message })
            }
            ("permissionRequest", _) => refused(&object! { "behavior": "deny", "message": message }),
            ("postToolUse", Some(masked)) => {
                let result = object! { "resultType": "success", "textResultForLlm": masked };
                json(&object! { "modifiedResult": result, "additionalContext": message })
            }
            ("postToolUse", None) => {
                let result = object! { "resultType": "success", "textResultForLlm": message };
                json(&object! { "modifiedResult": result })
            }
            // Its standard output is what the agent gets.
            ("postToolUseFailure", _) => {
                Answer { output: format!("{message}\n"), ..Answer::refusal(message) }
            }
            ("userPromptTransformed", _) => {
                let prompt = self.value.as_ref().and_then(|event| event.get("transformedPrompt"));
                let masked = prompt.and_then(Value::as_str).map(mask).unwrap_or_default();
                let masked = if find(masked.as_bytes()).is_empty() { masked } else { message.to_owned() };
                let rewritten = json(&object! { "modifiedTransformedPrompt": masked });
                Answer { message: message.to_owned(), ..rewritten }
            }
            _ => Answer::refusal(message),
        }
    }

    fn of_cursor(&self, message: &str) -> Answer {
        match (&*self.name, self.masked()) {
            ("beforeSubmitPrompt", _) => json(&object! { "continue": false, "user_message": message }),
            (
                "preToolUse"
                | "beforeShellExecution"
                | "beforeMCPExecution"
                | "beforeReadFile"
                | "beforeTabFileRead"
                | "subagentStart",
                _,
            ) => {
                let answer =
                    object! { "permission": "deny", "user_message": message, "agent_message": message };
                json(&answer)
            }
            ("postToolUse", Some(Value::String(masked))) => match serde_json::from_str::<Value>(&masked) {
                Ok(masked @ Value::Object(_)) => {
                    json(&object! { "updated_mcp_tool_output": masked, "additional_context": message })
                }
                _ => json(&object! { "additional_context": message }),
            },
            ("postToolUse", _) => json(&object! { "additional_context": message }),
            // It reads no answer to these.
            (name, _) if name.starts_with("after") || name == "postToolUseFailure" => {
                Answer::note(self.assistant, message)
            }
            _ => Answer::refusal(message),
        }
    }
}

/// What is particular to one event of Claude Code, and of those that answer like it.
fn specific(name: &str, key: &'static str, value: &Value) -> Value {
    let inner = crate::json::of_fields(vec![("hookEventName", name.into()), (key, value.clone())]);
    object! { "hookSpecificOutput": inner }
}

/// Masks every text in `value`, keys too.
fn mask_texts(value: &mut Value) {
    match value {
        Value::String(text) => *text = mask(text),
        Value::Array(items) => items.iter_mut().for_each(mask_texts),
        Value::Object(fields) => {
            let old = std::mem::take(fields);
            fields.extend(old.into_iter().map(|(key, mut field)| {
                mask_texts(&mut field);
                (mask(&key), field)
            }));
        }
        _ => {}
    }
}
