//! A layer of the policy: one file, and its rank.

use super::PolicyError;

/// The largest policy file, in bytes.
pub(super) const LARGEST: usize = 32 << 20;

named! {
    /// The ranks of layers, the highest first.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
    pub enum Level {
        /// The administrator of this machine.
        System = "system",
        /// The organisation, whose file `git config dtguard.policy` names.
        Organisation = "organisation",
        /// The user.
        User = "user",
        /// The repository.
        Repository = "repository",
        /// The file of `--policy`, which replaces the repository's.
        CommandLine = "--policy",
    }
}

/// A policy file that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// Its rank.
    pub level: Level,
    /// The file's name in messages.
    pub file: String,
    /// Its content.
    pub text: String,
}

impl Layer {
    /// The layer in a file's `bytes`. Fails if they are too many or not UTF-8.
    pub fn new(level: Level, file: &str, bytes: &[u8]) -> Result<Self, PolicyError> {
        if bytes.len() > LARGEST {
            let message = format!("a policy has at most {} MB", LARGEST >> 20);
            return Err(PolicyError::new(file, "", None, &message, "make it shorter"));
        }
        // UTF-16 contains zeros, and may be valid UTF-8 by chance.
        let zero = memchr::memchr(0, bytes);
        let end = zero.unwrap_or(bytes.len());
        let read = std::str::from_utf8(bytes.get(..end).unwrap_or_default());
        let valid = read.map_or_else(|error| error.valid_up_to(), str::len);
        let text = bytes.get(..valid).and_then(|valid| std::str::from_utf8(valid).ok()).unwrap_or_default();
        if text.len() < bytes.len() {
            let (here, message) = (Some(valid..valid), "the file is not UTF-8 from here on");
            return Err(PolicyError::new(file, text, here, message, "save it as UTF-8"));
        }
        Ok(Self { level, file: file.to_owned(), text: text.to_owned() })
    }
}
