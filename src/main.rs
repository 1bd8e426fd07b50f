//! The `dtguard` program: parse, run, exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    dtguard::command::guard_panics();
    match dtguard::cli::parse() {
        Ok(cli) => dtguard::command::run(&cli),
        Err(error) => dtguard::command::write_usage(&error),
    }
}
