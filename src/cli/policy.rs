//! The arguments of `dtguard policy` and `dtguard baseline`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::policy::Date;

/// `dtguard policy`
#[derive(Debug, Args)]
pub struct PolicyArgs {
    /// What to do with it.
    #[command(subcommand)]
    pub command: PolicyCommand,
}

/// What to do with the policy.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Prints the policy in force here, each value with the file and line that set it
    #[command(after_help = "Examples:\n  dtguard policy show\n  dtguard policy show --json")]
    Show {
        /// As JSON, for programs
        #[arg(long)]
        json: bool,
    },
    /// Checks all layers for mistakes and lists what is too wide, expired or about to expire
    #[command(after_help = "Examples:\n  dtguard policy check\n  dtguard policy check team.toml")]
    Check {
        /// Check this file alone: .dtguard.toml as a repository's, any other as an organisation's
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// Shows what would happen to a token or a file, and which entry decides
    #[command(
        after_help = "Examples:\n  dtguard policy test dt0c01.ABCDEFGHIJKLMNOPQRSTUVWX\n  dtguard policy test tests/fixtures/app.log"
    )]
    Test {
        /// Tokens, identifiers, fingerprints, commit ids or files; - for standard input, which
        /// keeps a token out of the shell's history
        #[arg(value_name = "TOKEN|ID|FINGERPRINT|PATH", required = true, allow_hyphen_values = true)]
        things: Vec<OsString>,
    },
    /// Lists entries of this repository that match nothing in its tracked files, and expired ones
    #[command(after_help = "Examples:\n  dtguard policy unused\n  dtguard policy unused --history")]
    Unused {
        /// Scan the whole history, and check the entries for a commit too
        #[arg(long)]
        history: bool,
    },
}

/// `dtguard baseline`
#[derive(Debug, Args)]
pub struct BaselineArgs {
    /// Scan the whole history, not only the tracked files
    #[arg(long)]
    pub history: bool,
    /// Go through the tokens of the whole history one by one and ask: revoked, false alarm,
    /// keep blocking, or later
    #[arg(long, conflicts_with = "history")]
    pub review: bool,
    /// Who is responsible for the entries
    #[arg(long, value_name = "WHO")]
    pub owner: Option<String>,
    /// The last day on which the entries are valid
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = super::date)]
    pub expires: Option<Date>,
}
