//! Boolean settings of git's configuration.

use std::env;

use crate::source::{Repository, SourceError};

/// Variables that move git's files or add settings. libgit2 ignores them.
const MOVING: [&str; 5] = [
    "GIT_CONFIG_NOSYSTEM",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_COUNT",
    "GIT_CONFIG_PARAMETERS",
];

impl Repository {
    /// The boolean setting `key` of any scope; none if it is not set. Fails if it is no
    /// boolean.
    pub fn flag(&self, key: &str) -> Result<Option<bool>, SourceError> {
        if MOVING.iter().all(|name| env::var_os(name).is_none())
            && let Ok(repository) = self.libgit2()
            && let Ok(config) = repository.config()
        {
            match config.get_bool(key) {
                Ok(value) => return Ok(Some(value)),
                Err(error) if error.code() == git2::ErrorCode::NotFound => return Ok(None),
                // git reports the mistake in its own words.
                Err(_) => {}
            }
        }
        self.plumbing().flag(key)
    }
}
