//! `dtguard completions` and `dtguard man`: what shells and `man` read.

use std::io::Write as _;

use clap::CommandFactory as _;

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
        Some(name) => dtguard.find_subcommand(name).cloned().ok_or_else(|| Error::Usage {
            message: format!("there is no subcommand `{}`", mask(name)),
            hint: "dtguard --help".to_owned(),
        })?,
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(page).render(&mut text)?;
    print(&text)
}

fn print(text: &[u8]) -> Result<Outcome, Error> {
    let mut out = std::io::stdout().lock();
    out.write_all(text)?;
    out.flush()?;
    Ok(Outcome::Passes)
}
