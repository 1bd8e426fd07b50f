//! Prints a generated token that no environment knows, to try the guard with:
//!
//!     cargo run --quiet --example specimen dt0c01
//!
//! The argument is a prefix or the name of a kind (`dtguard explain` lists them); a number
//! behind it draws another token.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it is a program")]

use std::process::ExitCode;

use dtguard::token::{by_name, specimen};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (name, seed) = match &arguments[..] {
        [name] => (name, Ok(1)),
        [name, seed] => (name, seed.parse()),
        _ => {
            eprintln!("usage: specimen KIND [NUMBER]");
            return ExitCode::from(2);
        }
    };
    match (by_name(name), seed) {
        (Some(kind), Ok(seed)) => {
            println!("{}", specimen(kind, seed).text);
            ExitCode::SUCCESS
        }
        (None, _) => {
            eprintln!("no kind is called `{name}`; `dtguard explain` lists all");
            ExitCode::from(2)
        }
        (_, Err(error)) => {
            eprintln!("the number: {error}");
            ExitCode::from(2)
        }
    }
}
