//! The catalogue, written for others to read: people, and other tools.

mod detect_secrets;
mod expression;
mod git_secrets;
mod gitleaks;
mod grep;
mod markdown;
mod masking;
mod talisman;
mod tool;
mod trufflehog;

pub use markdown::catalogue as markdown;
pub use tool::{Family, TOOLS, Tool};
