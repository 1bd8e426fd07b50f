//! A yes or no in git's configuration.

use std::env;

use crate::source::{Repository, SourceError};

/// What moves git's files or adds to them: libgit2 does not know these variables.
const MOVING: [&str; 5] = [
    "GIT_CONFIG_NOSYSTEM",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_COUNT",
    "GIT_CONFIG_PARAMETERS",
];

impl Repository {
    /// The setting `key` of any scope, as git reads a boolean; none where it is not set.
    /// Fails if it is no boolean.
    pub fn flag(&self, key: &str) -> Result<Option<bool>, SourceError> {
        if MOVING.iter().all(|name| env::var_os(name).is_none())
            && let Ok(repository) = self.libgit2()
            && let Ok(config) = repository.config()
        {
            match config.get_bool(key) {
                Ok(value) => return Ok(Some(value)),
                Err(error) if error.code() == git2::ErrorCode::NotFound => return Ok(None),
                // git says in its own words what is wrong.
                Err(_) => {}
            }
        }
        self.plumbing().flag(key)
    }
}
