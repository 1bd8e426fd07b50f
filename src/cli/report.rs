//! The arguments of `dtguard report`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// `dtguard report`
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// What to do with reports.
    #[command(subcommand)]
    pub command: ReportCommand,
}

/// What to do with reports.
#[derive(Debug, Subcommand)]
pub enum ReportCommand {
    /// Merges the JSON reports of many repositories into one document or page
    #[command(
        after_help = "Exit codes: 0 nothing blocks; 1 a token blocks in some repository; 2 a report is missing, cut off, a duplicate or itself incomplete.\n\nExamples:\n  dtguard report merge --expect repositories.txt reports/*.json\n  dtguard report merge --format html --output fleet.html reports/*.json"
    )]
    Merge(MergeArgs),
}

/// `dtguard report merge`
#[derive(Debug, Args)]
pub struct MergeArgs {
    /// Reports that dtguard scan --format json wrote
    #[arg(value_name = "FILE", required_unless_present = "files_from")]
    pub files: Vec<PathBuf>,
    /// Also the reports that FILE lists, one a line; - for standard input
    #[arg(long, value_name = "FILE")]
    pub files_from: Option<PathBuf>,
    /// In that list, a null byte ends each name, as find -print0 writes it
    #[arg(short = '0', long, requires = "files_from")]
    pub null: bool,
    /// Report each repository that FILE lists, one name or address a line, and that has no report
    #[arg(long, value_name = "FILE")]
    pub expect: Option<PathBuf>,
    /// The format of the result
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = MergeFormat::Human)]
    pub format: MergeFormat,
    /// Write to FILE instead of standard output
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// The formats of a merged report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum MergeFormat {
    /// A short summary for people.
    Human,
    /// All details, for programs (docs/fleet.md).
    Json,
    /// One page for a browser, complete in itself.
    Html,
}
