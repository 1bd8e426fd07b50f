//! Where the hooks of an assistant are configured, and how.

use super::Assistant;

/// How the hooks of an event are listed in a configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `{"matcher": .., "hooks": [{"type": "command", "command": ..}]}`; the matcher only if
    /// the event is about a tool.
    Grouped,
    /// `{"command": ..}`
    Flat,
    /// `{"type": "command", "bash": .., "powershell": ..}`
    PerShell,
}

/// The configuration of an assistant's hooks.
#[derive(Debug)]
pub struct Setup {
    /// The file in a project, from its top.
    pub project: &'static str,
    /// The file of a user, from the home folder.
    pub user: &'static str,
    /// How an event's hooks are listed.
    pub form: Form,
    /// Whether a new file says which version its format has.
    pub versioned: bool,
    /// The events to hook into, each with whether it takes a matcher of tools.
    pub events: &'static [(&'static str, bool)],
}

const CLAUDE_CODE: Setup = Setup {
    project: ".claude/settings.json",
    user: ".claude/settings.json",
    form: Form::Grouped,
    versioned: false,
    events: &[
        ("UserPromptSubmit", false),
        ("PreToolUse", true),
        ("PostToolUse", true),
        ("PostToolUseFailure", true),
    ],
};

const CODEX: Setup = Setup {
    project: ".codex/hooks.json",
    user: ".codex/hooks.json",
    form: Form::Grouped,
    versioned: false,
    events: &[("UserPromptSubmit", false), ("PreToolUse", true), ("PostToolUse", true)],
};

const COPILOT: Setup = Setup {
    project: ".github/hooks/dtguard.json",
    user: ".copilot/hooks/dtguard.json",
    form: Form::PerShell,
    versioned: true,
    events: &[
        ("userPromptSubmitted", false),
        ("userPromptTransformed", false),
        ("preToolUse", false),
        ("postToolUse", false),
        ("postToolUseFailure", false),
    ],
};

const CURSOR: Setup = Setup {
    project: ".cursor/hooks.json",
    user: ".cursor/hooks.json",
    form: Form::Flat,
    versioned: true,
    events: &[
        ("beforeSubmitPrompt", false),
        ("beforeReadFile", false),
        ("beforeTabFileRead", false),
        ("preToolUse", false),
        ("postToolUse", false),
    ],
};

const GEMINI: Setup = Setup {
    project: ".gemini/settings.json",
    user: ".gemini/settings.json",
    form: Form::Grouped,
    versioned: false,
    events: &[("BeforeAgent", false), ("BeforeTool", false), ("AfterTool", false)],
};

const WINDSURF: Setup = Setup {
    project: ".windsurf/hooks.json",
    user: ".codeium/windsurf/hooks.json",
    form: Form::Flat,
    versioned: false,
    events: &[
        ("pre_user_prompt", false),
        ("pre_read_code", false),
        ("pre_write_code", false),
        ("pre_run_command", false),
        ("pre_mcp_tool_use", false),
        ("post_mcp_tool_use", false),
    ],
};

impl Assistant {
    /// Where and how its hooks are configured.
    pub fn setup(self) -> &'static Setup {
        match self {
            Self::ClaudeCode => &CLAUDE_CODE,
            Self::Codex => &CODEX,
            Self::Copilot => &COPILOT,
            Self::Cursor => &CURSOR,
            Self::Gemini => &GEMINI,
            Self::Windsurf => &WINDSURF,
        }
    }
}
