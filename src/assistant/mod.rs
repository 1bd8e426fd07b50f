//! Coding assistants: the events that their hooks read, the answers that they understand, and
//! where their configuration is.
//!
//! Only what an assistant documents is used; [`Assistant::source`] names the page. An event of
//! any other shape is searched too, and answered with exit code 2 and a message on
//! standard error, which most assistants take for a refusal.

mod answer;
mod event;
mod setup;

pub use answer::{Answer, Effect};
pub use event::Event;
pub use setup::{Form, Setup};

named! {
    /// An assistant whose hooks are documented.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Assistant {
        /// Claude Code
        ClaudeCode = "claude-code",
        /// OpenAI Codex
        Codex = "codex",
        /// GitHub Copilot, in the terminal and in the cloud
        Copilot = "copilot",
        /// Cursor
        Cursor = "cursor",
        /// Gemini CLI
        Gemini = "gemini",
        /// Windsurf Cascade
        Windsurf = "windsurf",
    }
}

impl Assistant {
    /// The assistant of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|assistant| assistant.name() == name)
    }

    /// The page that documents its hooks. All were read on 2026-11-29, as stored copies of
    /// different age.
    pub fn source(self) -> &'static str {
        match self {
            Self::ClaudeCode => "https://code.claude.com/docs/en/hooks",
            Self::Codex => "https://developers.openai.com/codex/hooks",
            Self::Copilot => "https://docs.github.com/en/copilot/reference/hooks-reference",
            Self::Cursor => "https://cursor.com/docs/hooks",
            Self::Gemini => "https://geminicli.com/docs/hooks/reference",
            Self::Windsurf => "https://docs.windsurf.com/windsurf/cascade/hooks",
        }
    }
}
