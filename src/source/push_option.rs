//! Push options: `git push -o NAME=VALUE`.

use std::env;

/// The value of the push option `name`, the last one if there are several; empty if it has no
/// value. git passes them to pre-receive if `receive.advertisePushOptions` is set.
pub fn push_option(name: &str) -> Option<String> {
    let count: usize = env::var("GIT_PUSH_OPTION_COUNT").ok()?.parse().ok()?;
    (0..count).rev().find_map(|number| {
        let option = env::var_os(format!("GIT_PUSH_OPTION_{number}"))?.to_string_lossy().into_owned();
        let value = option.strip_prefix(name)?;
        if value.is_empty() { Some(String::new()) } else { value.strip_prefix('=').map(str::to_owned) }
    })
}
