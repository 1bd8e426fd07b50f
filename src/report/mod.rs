//! What people and machines are told. Nothing here decides the exit status.

mod catalogue;
mod format;
mod github;
mod gitlab;
mod human;
mod json;
mod junit;
mod layout;
mod run;
mod safe_json;
mod sanitize;
mod sarif;
mod text;

pub use catalogue::{write_kind, write_kinds};
pub use format::{Format, write_as};
pub use github::write_job_summary;
pub use human::write_report;
pub use layout::{Layout, Role};
pub use run::{Outcome, Report, RunInfo, Scope};
pub use sanitize::sanitize;
