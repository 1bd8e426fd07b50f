//! A layer of the policy: one file, and who speaks in it.

use super::PolicyError;

/// Who speaks in a layer. The order is that in which they count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Whoever keeps this machine.
    System,
    /// Whoever keeps the file that `git config dtguard.policy` names.
    Organisation,
    /// The user.
    User,
    /// The repository.
    Repository,
    /// Whoever gave `--policy`, in the repository's stead.
    CommandLine,
}

impl Level {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Organisation => "organisation",
            Self::User => "user",
            Self::Repository => "repository",
            Self::CommandLine => "--policy",
        }
    }
}

/// A policy file that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// Who speaks in it.
    pub level: Level,
    /// What messages call the file.
    pub file: String,
    /// What it says.
    pub text: String,
}

impl Layer {
    /// The layer in the bytes of a file.
    ///
    /// # Errors
    ///
    /// If they are not UTF-8.
    pub fn new(level: Level, file: &str, bytes: &[u8]) -> Result<Self, PolicyError> {
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let valid = bytes
                .get(..error.valid_up_to())
                .and_then(|valid| std::str::from_utf8(valid).ok())
                .unwrap_or_default();
            PolicyError::new(
                file,
                valid,
                Some(valid.len()..valid.len()),
                "the file is not UTF-8 from here on",
                "save it as UTF-8",
            )
        })?;
        Ok(Self { level, file: file.to_owned(), text: text.to_owned() })
    }
}
