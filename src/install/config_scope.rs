//! Whose configuration of git's.

/// Whose configuration file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConfigScope {
    /// The user's own.
    User,
    /// That of everybody on this machine.
    System,
}

impl ConfigScope {
    /// What git calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "global",
            Self::System => "system",
        }
    }

    /// dtguard's option for it.
    pub fn option(self) -> &'static str {
        match self {
            Self::User => "--user",
            Self::System => "--system",
        }
    }
}
