//! What the team lets pass: the policy file, judging a finding by it, and
//! adding to it.

mod compile;
mod date;
mod edit;
mod error;
mod file;
mod judge;

pub use date::Date;
pub use edit::{Allowance, Edited, add_entry, write};
pub use error::PolicyError;
pub use judge::{Entry, Judged, Policy, Verdict};

/// The policy file's name, at the top of a repository.
pub const FILE_NAME: &str = ".dtguard.toml";
