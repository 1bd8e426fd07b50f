//! The arguments of `dtguard hook`.

use std::ffi::OsString;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};

use crate::install::Stage;
use crate::source::Preference;

/// `dtguard hook`
#[derive(Debug, Args)]
pub struct HookArgs {
    /// The hook that git runs, or agent for the hook of a coding assistant
    #[arg(value_name = "STAGE", value_parser = stage())]
    pub stage: HookStage,
    /// The arguments that git passes to the hook. Outside a commit: files to scan in full, as
    /// pre-commit and prek name them. For agent: the assistant's name, and the event's
    #[arg(value_name = "ARG", trailing_var_arg = true, allow_hyphen_values = true)]
    pub arguments: Vec<OsString>,
    /// Which reader to use, for tests that compare them
    #[cfg_attr(any(debug_assertions, feature = "readers"), arg(long, hide = true, value_enum, default_value_t = Preference::Fastest))]
    #[cfg_attr(not(any(debug_assertions, feature = "readers")), arg(skip))]
    pub reader: Preference,
}

/// What runs the hook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HookStage {
    /// git, for one of its stages.
    Git(Stage),
    /// A coding assistant, for one of its events.
    Agent,
}

impl HookStage {
    /// Its name in the audit.
    pub fn name(self) -> &'static str {
        match self {
            Self::Git(stage) => stage.name(),
            Self::Agent => AGENT,
        }
    }
}

/// The word for the stage of a coding assistant.
const AGENT: &str = "agent";

/// The names of the stages, each read as its value.
fn stage() -> impl TypedValueParser<Value = HookStage> {
    let agent = PossibleValue::new(AGENT)
        .help("Before a coding assistant sends a prompt or runs a tool, and after the tool");
    let git = Stage::value_variants().iter().filter_map(Stage::to_possible_value);
    PossibleValuesParser::new(git.chain([agent])).try_map(|name| match &*name {
        AGENT => Ok(HookStage::Agent),
        name => Stage::from_str(name, false).map(HookStage::Git),
    })
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
