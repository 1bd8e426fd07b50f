//! The arguments of `dtguard hook`.

use std::ffi::OsString;

use clap::Args;

use crate::install::Stage;
use crate::source::Preference;

/// `dtguard hook`
#[derive(Debug, Args)]
pub struct HookArgs {
    /// The hook that git runs
    #[arg(value_name = "STAGE")]
    pub stage: Stage,
    /// The arguments that git passes to the hook. Outside a commit: files to scan in full, as
    /// pre-commit and prek name them
    #[arg(value_name = "ARG", trailing_var_arg = true, allow_hyphen_values = true)]
    pub arguments: Vec<OsString>,
    /// Which reader to use, for tests that compare them
    #[cfg_attr(any(debug_assertions, feature = "readers"), arg(long, hide = true, value_enum, default_value_t = Preference::Fastest))]
    #[cfg_attr(not(any(debug_assertions, feature = "readers")), arg(skip))]
    pub reader: Preference,
}

/// Inserts `--` after `hook STAGE`: the following words are file names, which may begin with a
/// dash.
pub(super) fn positional_after_stage(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let mut words = arguments.iter().enumerate().skip(1);
    let mut next_word = || {
        while let Some((number, word)) = words.next() {
            if ["--policy", "--color", "--reader"].iter().any(|option| word == option) {
                words.next();
            } else if !word.as_encoded_bytes().starts_with(b"-") {
                return Some((number, word));
            }
        }
        None
    };
    let stage =
        next_word().filter(|(_, word)| *word == "hook").and_then(|_| next_word()).map(|(stage, _)| stage);
    if let Some(stage) = stage
        && arguments.get(stage + 1).is_some_and(|next| next != "--")
    {
        arguments.insert(stage + 1, "--".into());
    }
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(line: &str) -> String {
        let arguments = positional_after_stage(line.split(' ').map(OsString::from).collect());
        arguments.iter().map(|argument| argument.to_string_lossy()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn only_what_follows_the_stage_of_a_hook_is_kept_from_being_an_option() {
        for (typed, meant) in [
            ("dtguard hook pre-commit", "dtguard hook pre-commit"),
            ("dtguard hook pre-commit -q a", "dtguard hook pre-commit -- -q a"),
            ("dtguard hook pre-commit -- -q", "dtguard hook pre-commit -- -q"),
            (
                "dtguard -q --policy hook hook --reader git pre-commit a",
                "dtguard -q --policy hook hook --reader git pre-commit -- a",
            ),
            (
                "dtguard allow x --reason hook --owner pre-commit --expires y",
                "dtguard allow x --reason hook --owner pre-commit --expires y",
            ),
            (
                "dtguard --color never explain hook pre-commit x",
                "dtguard --color never explain hook pre-commit x",
            ),
        ] {
            assert_eq!(arguments(typed), meant);
        }
    }
}
