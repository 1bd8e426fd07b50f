//! One file for each subcommand: it calls the rooms below in order.

mod agent;
mod allow;
mod arriving;
mod audit;
mod baseline;
mod change;
mod completions;
mod context;
mod doctor;
mod entries;
mod exit;
mod explain;
mod expressions;
mod hook;
mod import;
mod in_force;
mod input;
mod install;
mod install_agents;
mod leaving;
mod manual;
mod mask;
mod message;
mod output;
mod patterns;
mod policy;
mod progress;
mod report;
mod respond;
mod review;
mod run;
mod scan;

use std::io;
use std::process::ExitCode;

use crate::cli::{Cli, Command};
use crate::error::Error;
use crate::find::mask;
use crate::report::sanitize;
use context::{Context, fitted};
use exit::exit;

/// Runs a subcommand. Exit codes: 0 nothing blocks; 1 a token blocks; 2 something could not be
/// scanned.
pub fn run(cli: &Cli) -> ExitCode {
    let context = &Context::of(cli);
    let result = match &cli.command {
        Command::Hook(arguments) => hook::run(context, arguments),
        Command::Scan(arguments) => scan::run(context, arguments),
        Command::Allow(arguments) => allow::run(context, arguments),
        Command::Baseline(arguments) => baseline::run(context, arguments),
        Command::Policy(arguments) => policy::run(context, arguments),
        Command::Install(arguments) => install::install(context, arguments),
        Command::Uninstall(arguments) => install::uninstall(context, arguments),
        Command::Doctor(arguments) => doctor::run(context, arguments),
        Command::Explain(arguments) => explain::run(context, arguments),
        Command::Respond(arguments) => respond::run(context, arguments),
        Command::Report(arguments) => report::run(context, arguments),
        Command::Patterns(arguments) => patterns::run(context, arguments),
        Command::Mask(arguments) => mask::run(context, arguments),
        Command::Import(arguments) => import::run(context, arguments),
        Command::Completions(arguments) => completions::run(arguments),
        Command::Man(arguments) => manual::run(arguments),
    };
    match result {
        Ok(outcome) => ExitCode::from(outcome.exit_code()),
        // The reader of the output closed the pipe: that is no error.
        Err(Error::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            context.error(&error, matches!(cli.command, Command::Hook(_)));
            if matches!(cli.command, Command::Hook(_) | Command::Scan(_)) {
                audit::leave_error(context);
            }
            ExitCode::from(2)
        }
    }
}

/// Prints help and version, or what is wrong with the command line. Tokens are masked, since
/// one may be typed in the wrong place.
pub fn write_usage(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        // The reader of the output closed the pipe.
        let _seen_enough = error.print();
        return ExitCode::SUCCESS;
    }
    let typed = error.render().to_string();
    let mut text = mask(&typed);
    if text != typed {
        text.push_str(
            "\nThat holds a whole token, with its secret part; it is in your shell's history now.\n",
        );
    }
    let _nobody_listens = io::Write::write_all(&mut io::stderr().lock(), fitted(text).as_bytes());
    ExitCode::from(2)
}

/// Makes a panic end the process with exit code 2. The message holds nothing that was read.
pub fn guard_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let mut out = io::stderr().lock();
        let _nothing_left_to_do = io::Write::write_all(
            &mut out,
            format!(
                "dtguard: internal error at {}; nothing was let through. Please report this line.\n    git fsck --full\n    (if this lists damage, that is the cause)\n",
                sanitize(place.as_bytes())
            )
            .as_bytes(),
        );
        exit(2);
    }));
}
