//! `dtguard completions` and `dtguard man`: what shells and `man` read.

use std::io::Write as _;

use clap::CommandFactory as _;

use crate::cli::{Cli, CompletionsArgs};
use crate::error::Error;
use crate::report::Outcome;

pub(super) fn completions(arguments: &CompletionsArgs) -> Result<Outcome, Error> {
    let mut text = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "dtguard", &mut text);
    print(&text)
}

pub(super) fn manual() -> Result<Outcome, Error> {
    let mut text = Vec::new();
    let mut command = Cli::command();
    command.build();
    clap_mangen::Man::new(command.clone()).render(&mut text)?;
    for subcommand in command.get_subcommands().filter(|one| !one.is_hide_set() && one.get_name() != "help") {
        let mut page = Vec::new();
        let man = clap_mangen::Man::new(subcommand.clone());
        man.render_description_section(&mut page)?;
        text.extend(page);
    }
    print(&text)
}

fn print(text: &[u8]) -> Result<Outcome, Error> {
    let mut out = std::io::stdout().lock();
    out.write_all(text)?;
    out.flush()?;
    Ok(Outcome::Passes)
}
