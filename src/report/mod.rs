//! What people and machines are told. Nothing here decides the exit status.

mod audit;
mod catalogue;
mod compact;
mod format;
mod gaps;
mod github;
mod gitlab;
mod human;
mod imported;
mod json;
mod junit;
mod layout;
mod masked;
mod mend;
mod passing;
mod policy_json;
mod policy_page;
mod run;
mod safe_json;
mod sanitize;
mod sarif;
mod text;

pub use audit::Passage;
pub use catalogue::{write_kind, write_kinds};
pub use compact::write_compact;
pub use format::{Format, write_as};
pub use github::write_job_summary;
pub use human::write_report;
pub use imported::write_imported;
pub use layout::{Layout, Role};
pub use masked::write_unmasked;
pub use mend::{write_message_mending, write_push_mending};
pub use policy_json::write_policy_json;
pub use policy_page::{write_answer, write_entry, write_policy};
pub use run::{Report, RunInfo, Scope};
pub use sanitize::sanitize;
