//! The catalogue, written for others to read: people, and other tools.

mod by_family;
mod by_kind;
mod detect_secrets;
mod expression;
mod git_secrets;
mod gitleaks;
mod markdown;
mod masking;
mod own;
mod tool;
mod tools;

pub use markdown::catalogue as markdown;
pub use tool::{Family, Tool};
pub use tools::{TOOLS, tool_named};
