//! The options that several subcommands share.

use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Args, Command, ValueEnum};

/// Options that stand before a subcommand, or after one that uses them.
#[derive(Debug, Args)]
#[command(next_help_heading = "Common options")]
pub struct Global {
    /// When to colour; NO_COLOR, CLICOLOR_FORCE and TERM=dumb count for auto
    #[arg(long, value_name = "auto|always|never", value_enum, hide_possible_values = true, default_value_t = ColorChoice::Auto)]
    pub color: ColorChoice,
    /// Read the policy from FILE instead of .dtguard.toml
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// Print nothing where nothing blocks; git config dtguard.quiet true makes that the rule
    #[arg(short, long)]
    pub quiet: bool,
    /// List every token and place, and what passes
    #[arg(short, long)]
    pub verbose: bool,
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless the environment says otherwise.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The subcommands that use an option; each uses `--color`.
fn uses(option: &str, subcommand: &str) -> bool {
    let subcommands: &[&str] = match option {
        "policy" => &[
            "hook", "scan", "allow", "baseline", "import", "doctor", "policy", "show", "check", "test",
            "unused", "explain", "mask", "patterns", "respond",
        ],
        "quiet" => &[
            "hook",
            "scan",
            "allow",
            "baseline",
            "import",
            "install",
            "uninstall",
            "doctor",
            "mask",
            "respond",
            "policy",
            "check",
        ],
        "verbose" => &["hook", "scan"],
        _ => return true,
    };
    subcommands.contains(&subcommand)
}

/// `dtguard` with each common option added to the subcommands that use it.
pub(super) fn spread(dtguard: Command) -> Command {
    let shared: Vec<Arg> = dtguard.get_arguments().cloned().collect();
    within(dtguard, &|command| {
        let own: Vec<Arg> =
            shared.iter().filter(|arg| uses(arg.get_id().as_str(), command.get_name())).cloned().collect();
        command.args(own)
    })
}

/// `command` with all its subcommands, nested ones too, changed by `change`.
fn within(command: Command, change: &impl Fn(Command) -> Command) -> Command {
    let names: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    names
        .iter()
        .fold(command, |command, name| command.mut_subcommand(name, |sub| change(within(sub, change))))
}

impl Global {
    /// Takes over the options after a subcommand. Fails if an option stands before one that
    /// does not use it.
    pub(super) fn take_over(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        let mut given: Vec<&str> =
            ["policy", "quiet", "verbose"].into_iter().filter(|id| is_given(matches, id)).collect();
        let mut at = matches;
        while let Some((name, below)) = at.subcommand() {
            if is_given(below, "color") {
                self.color = below.get_one("color").copied().unwrap_or(self.color);
            }
            if is_given(below, "policy") {
                self.policy = below.get_one("policy").cloned();
            }
            self.quiet |= is_given(below, "quiet");
            self.verbose |= is_given(below, "verbose");
            given.extend(["policy", "quiet"].into_iter().filter(|id| is_given(below, id)));
            if let Some(option) = given.iter().find(|option| !uses(option, name)) {
                let text = format!(
                    "`dtguard {name}` does not use --{option}\n\nFor more information, try '--help'.\n"
                );
                return Err(clap::Error::raw(ErrorKind::UnknownArgument, text));
            }
            at = below;
        }
        Ok(())
    }
}

fn is_given(matches: &ArgMatches, id: &str) -> bool {
    matches!(matches.try_contains_id(id), Ok(true))
        && matches.value_source(id) == Some(ValueSource::CommandLine)
}
