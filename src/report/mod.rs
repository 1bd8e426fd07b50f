//! What people are told. Nothing here decides the exit status.

mod catalogue;
mod human;
mod layout;
mod sanitize;

pub use catalogue::{write_kind, write_kinds};
pub use human::{Report, Scope, write_report};
pub use layout::{Layout, Role};
pub use sanitize::sanitize;
