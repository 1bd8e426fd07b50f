//! Where a policy wants each run to leave a line.

use std::path::PathBuf;

/// A place for the line of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audit {
    /// Where it goes.
    pub target: Target,
    /// Whether a run that cannot leave it there is no good.
    pub required: bool,
    /// The file and line of the policy that say so.
    pub stated_at: String,
}

/// Where the line of a run goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// To the end of a file.
    File(PathBuf),
    /// To the system's log.
    Syslog,
}
