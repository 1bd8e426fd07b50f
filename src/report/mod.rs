//! What people and machines are told. Nothing here decides the exit status.

mod catalogue;
mod format;
mod human;
mod json;
mod layout;
mod run;
mod safe_json;
mod sanitize;
mod text;

pub use catalogue::{write_kind, write_kinds};
pub use format::{Format, write_as};
pub use human::write_report;
pub use layout::{Layout, Role};
pub use run::{Outcome, Report, RunInfo, Scope};
pub use sanitize::sanitize;
