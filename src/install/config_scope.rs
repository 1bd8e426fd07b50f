//! Whose configuration of git's.

named! {
    /// Whose configuration file.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum ConfigScope {
        /// The user's own.
        User = "global",
        /// That of everybody on this machine.
        System = "system",
    }
}

impl ConfigScope {
    /// dtguard's option for it.
    pub fn option(self) -> &'static str {
        match self {
            Self::User => "--user",
            Self::System => "--system",
        }
    }
}
