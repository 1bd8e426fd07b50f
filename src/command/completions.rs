//! `dtguard completions` and `dtguard man`: what shells and `man` read.

use clap::CommandFactory as _;

use super::context::print;
use crate::cli::{Cli, CompletionsArgs, ManArgs};
use crate::error::Error;
use crate::find::mask;
use crate::verdict::Outcome;

pub(super) fn completions(arguments: &CompletionsArgs) -> Result<Outcome, Error> {
    let mut text = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "dtguard", &mut text);
    print(&text)
}

pub(super) fn manual(arguments: &ManArgs) -> Result<Outcome, Error> {
    let mut dtguard = Cli::command().disable_help_subcommand(true);
    dtguard.build();
    let page = match &arguments.command {
        None => dtguard,
        Some(name) => dtguard.find_subcommand(name).cloned().ok_or_else(|| {
            Error::usage(format!("there is no subcommand `{}`", mask(name)), "dtguard --help")
        })?,
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(page).render(&mut text)?;
    print(&text)
}
