//! `dtguard completions`: prints scripts for shells.

use clap::Command;
use clap::builder::PossibleValuesParser;

use super::context::print;
use crate::cli::{self, CompletionsArgs};
use crate::error::Error;
use crate::token::KINDS;
use crate::verdict::Outcome;

pub(super) fn run(arguments: &CompletionsArgs) -> Result<Outcome, Error> {
    let mut text = Vec::new();
    clap_complete::generate(arguments.shell, &mut offering(cli::command()), "dtguard", &mut text);
    print(&text)
}

/// `dtguard`, with values to offer for arguments that accept other values too, such as an
/// identifier.
fn offering(dtguard: Command) -> Command {
    let prefixes = KINDS.iter().flat_map(|kind| kind.prefixes.iter().copied());
    let prefixes = PossibleValuesParser::new(prefixes);
    // clap needs names of static lifetime; the program ends right after this.
    let names = dtguard.get_subcommands().map(|command| &*command.get_name().to_owned().leak());
    let names = PossibleValuesParser::new(names.collect::<Vec<&'static str>>());
    dtguard
        .mut_subcommand("explain", |explain| explain.mut_arg("kind", |kind| kind.value_parser(prefixes)))
        .mut_subcommand("man", |man| man.mut_arg("command", |command| command.value_parser(names)))
}
