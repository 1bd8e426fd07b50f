//! Boolean settings of git's configuration.

use std::env;
use std::path::Path;

use git2::ErrorCode;

use super::settings::{mentions_dtguard, text_mentions_dtguard};
use crate::source::{Repository, SourceError};

/// Variables that move git's files, which libgit2 ignores.
const FILES: [&str; 2] = ["GIT_CONFIG_SYSTEM", "GIT_CONFIG_GLOBAL"];
/// Variables that hide files or add settings. libgit2 ignores them, too.
const OTHERS: [&str; 3] = ["GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_COUNT", "GIT_CONFIG_PARAMETERS"];

impl Repository {
    /// The boolean setting `key` of any scope, which begins with `dtguard`; none if it is not
    /// set. Fails if it is no boolean.
    pub fn flag(&self, key: &str) -> Result<Option<bool>, SourceError> {
        let moved = FILES.iter().chain(&OTHERS).any(|name| env::var_os(name).is_some());
        if let Ok(repository) = self.libgit2() {
            match repository.config().and_then(|config| config.get_bool(key)) {
                Ok(value) if !moved => return Ok(Some(value)),
                Err(error) if error.code() == ErrorCode::NotFound && !(moved && is_mentioned()) => {
                    return Ok(None);
                }
                // git knows, and reports a mistake in its own words.
                _ => {}
            }
        }
        self.plumbing().flag(key)
    }
}

/// Whether a setting of dtguard can come from what libgit2 ignores. It saves a process: most
/// such variables are about something else.
fn is_mentioned() -> bool {
    let files = FILES.iter().filter_map(env::var_os).any(|file| mentions_dtguard(Path::new(&file)));
    let named = |name: &[u8]| name.starts_with(b"GIT_CONFIG_KEY_") || name == b"GIT_CONFIG_PARAMETERS";
    files
        || env::vars_os().any(|(name, value)| {
            named(name.as_encoded_bytes()) && text_mentions_dtguard(value.as_encoded_bytes())
        })
}
