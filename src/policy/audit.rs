//! The audit targets of a policy.

use std::path::PathBuf;

/// An audit target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audit {
    /// Where it goes.
    pub target: Target,
    /// Whether a run blocks if it cannot write its line there.
    pub required: bool,
    /// The file and line of the policy that name it.
    pub stated_at: String,
}

/// Where audit lines go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// To the end of a file.
    File(PathBuf),
    /// To the system log.
    Syslog,
}
