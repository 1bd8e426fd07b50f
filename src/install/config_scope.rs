//! The scopes of git's configuration.

named! {
    /// A scope of git's configuration.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum ConfigScope {
        /// The user's configuration.
        User = "global",
        /// The configuration of the whole machine.
        System = "system",
    }
}

impl ConfigScope {
    /// The option of dtguard for it.
    pub fn option(self) -> &'static str {
        match self {
            Self::User => "--user",
            Self::System => "--system",
        }
    }
}
