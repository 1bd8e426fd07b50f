//! The `dtguard` program: parse, run, exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    dtguard::command::guard_panics();
    dtguard::command::run(&dtguard::cli::parse())
}
