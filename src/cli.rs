//! The command line.

mod global;
mod hook;
mod install;
mod policy;
mod report;
mod scan;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::export::{TOOLS, Tool, tool_named};
use crate::policy::Date;

pub use global::{ColorChoice, Global};
pub use hook::{HookArgs, HookStage};
pub use install::{DoctorArgs, InstallArgs, WhereArgs};
pub use policy::{BaselineArgs, PolicyArgs, PolicyCommand};
pub use report::{MergeArgs, MergeFormat, ReportArgs, ReportCommand};
pub use scan::{ScanArgs, ScanFormat, ScanScope};

/// The version; with the commit if `packaging/program.sh` built the program.
const VERSION: &str = match option_env!("DTGUARD_VERSION") {
    Some(version) => version,
    None => env!("CARGO_PKG_VERSION"),
};

/// Keeps Dynatrace tokens out of git.
#[derive(Debug, Parser)]
#[command(name = "dtguard", version = VERSION, arg_required_else_help = true, max_term_width = 80, after_help = EXIT_CODES)]
pub struct Cli {
    /// The common options.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 nothing blocks; 1 a token blocks; 2 wrong usage or policy, or a file, an object or git cannot be read, which blocks too; 130 stopped by Ctrl-C. What can be read but not scanned, such as an encrypted archive, is reported and passes, unless the policy has unread = \"block\".\n\nExamples:\n  dtguard install\n  dtguard scan --history";

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Runs as a hook of git: scans a commit, a message or a push, and blocks it if it adds a
    /// token
    #[command(after_help = "Examples:\n  dtguard hook pre-commit\n  dtguard -v hook pre-commit")]
    Hook(HookArgs),
    /// Scans whole files, a diff, commits or a whole history
    #[command(
        after_help = "Examples:\n  dtguard scan --history\n  dtguard scan --range origin/main..HEAD --format sarif --output dtguard.sarif"
    )]
    Scan(ScanArgs),
    /// Writes an allow entry for a token into .dtguard.toml
    #[command(
        after_help = "Examples:\n  dtguard allow dt0c01.ABCDEFGHIJKLMNOPQRSTUVWX --reason \"expired sample\"\n  dtguard allow dt0s16.ABCDEFGH --reason \"test\" --owner qa --expires 2027-06-30"
    )]
    Allow(AllowArgs),
    /// Writes an allow entry for each token in the tracked files; you add the reasons
    #[command(
        after_help = "Examples:\n  dtguard baseline\n  dtguard baseline --review\n  dtguard baseline --history --owner qa --expires 2027-06-30"
    )]
    Baseline(BaselineArgs),
    /// Shows, checks and tries the policy
    #[command(after_help = "Examples:\n  dtguard policy show\n  dtguard policy check")]
    Policy(PolicyArgs),
    /// Installs the hooks in a repository, or in all of them, and proves that they block a token
    #[command(after_help = "Examples:\n  dtguard install\n  dtguard install --user")]
    Install(InstallArgs),
    /// Removes the hooks and restores what was there before
    #[command(after_help = "Examples:\n  dtguard uninstall\n  dtguard uninstall --user")]
    Uninstall(WhereArgs),
    /// Reports which hooks guard this repository and which are missing, and tries them in a
    /// temporary repository
    #[command(
        after_help = "Exit codes: 0 guarded; 1 partly; 2 not guarded, or not proven.\n\nExamples:\n  dtguard doctor\n  dtguard doctor --json --repo ../other"
    )]
    Doctor(DoctorArgs),
    /// Prints what a kind of token gives access to and how to revoke it; without PREFIX or ID,
    /// lists all kinds
    #[command(
        after_help = "Examples:\n  dtguard explain dt0s16\n  dtguard explain dt0c01.ABCDEFGHIJKLMNOPQRSTUVWX"
    )]
    Explain(ExplainArgs),
    /// Shows step by step what to do about a leaked token: revoke it, check its use, find its
    /// places
    #[command(
        after_help = "Exit codes: 0 all of the history was searched; 2 not all of it could be read.\n\nExamples:\n  dtguard respond dt0c01.ABCDEFGHIJKLMNOPQRSTUVWX\n  dtguard respond dt0s16.ABCDEFGH >steps.txt"
    )]
    Respond(RespondArgs),
    /// Merges the JSON reports of many repositories
    #[command(
        after_help = "Examples:\n  dtguard report merge reports/a.json reports/b.json\n  dtguard report merge --files-from list.txt --format html --output fleet.html"
    )]
    Report(ReportArgs),
    /// Prints the kinds of tokens as rules for another tool: a scanner, or what writes logs
    #[command(
        after_help = "Examples:\n  dtguard patterns --list\n  dtguard patterns --for log4j2\n  dtguard patterns --for gitleaks >.gitleaks.toml\n  git secrets --add-provider -- dtguard patterns --for git-secrets"
    )]
    Patterns(PatternsArgs),
    /// Copies its input to standard output with every secret part masked, or masks files in place
    #[command(
        after_help = "Exit codes: 0 copied and masked; 1 with --fail, where something was masked; 2 something could not be read or masked.\n\nExamples:\n  kubectl logs pod | dtguard mask\n  dtguard mask app.log >app.masked.log\n  dtguard mask --in-place --keep-length app.log\n  dtguard mask --hash --key-file mask.key app.log"
    )]
    Mask(MaskArgs),
    /// Imports what other tools allow and forbid, as entries and rules
    #[command(
        after_help = "Examples:\n  dtguard import --dry-run --reason \"seen\"\n  dtguard import .gitleaksignore --reason \"seen\" --owner qa"
    )]
    Import(ImportArgs),
    /// Prints the completion script for a shell
    #[command(
        after_help = "Examples:\n  dtguard completions bash >~/.local/share/bash-completion/completions/dtguard\n  dtguard completions fish >~/.config/fish/completions/dtguard.fish"
    )]
    Completions(CompletionsArgs),
    /// Prints a manual page
    #[command(after_help = "Examples:\n  dtguard man | man -l -\n  dtguard man scan >dtguard-scan.1")]
    Man(ManArgs),
}

/// `dtguard allow`
#[derive(Debug, Args)]
pub struct AllowArgs {
    /// The token's identifier (dt0c01.PUBLIC) or its fingerprint, as the
    /// blocked commit's message names it
    #[arg(value_name = "ID|FINGERPRINT")]
    pub token: String,
    /// Why it is no secret
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// Who is responsible for it; by default an existing entry keeps its owner
    #[arg(long, value_name = "WHO")]
    pub owner: Option<String>,
    /// The last day on which it is allowed; by default an existing entry keeps its day
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = date)]
    pub expires: Option<Date>,
}

fn date(text: &str) -> Result<Date, String> {
    text.parse().map_err(|()| "not a day of the form YYYY-MM-DD".to_owned())
}

/// `dtguard explain`
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// A prefix (dt0s16), an identifier (dt0s16.PUBLIC) or a kind's id
    #[arg(value_name = "PREFIX|ID")]
    pub kind: Option<String>,
    /// Print all kinds in Markdown, as docs/token-kinds.md
    #[arg(long, conflicts_with = "kind")]
    pub markdown: bool,
}

/// `dtguard respond`
#[derive(Debug, Args)]
pub struct RespondArgs {
    /// The token's identifier (dt0c01.PUBLIC) or its fingerprint, as the
    /// blocked commit's message names it
    #[arg(value_name = "ID|FINGERPRINT")]
    pub token: String,
}

/// `dtguard patterns`
#[derive(Debug, Args)]
pub struct PatternsArgs {
    /// The tool that reads them
    #[arg(long = "for", value_name = "TOOL", value_parser = tool(), hide_possible_values = true)]
    pub tool: Option<&'static Tool>,
    /// Print the names of all tools, and what each gets
    #[arg(long, conflicts_with = "tool", required_unless_present = "tool")]
    pub list: bool,
}

/// The names of the tools, each read as its entry.
fn tool() -> impl TypedValueParser<Value = &'static Tool> {
    let names = PossibleValuesParser::new(TOOLS.iter().map(|tool| tool.name));
    names.try_map(|name| tool_named(&name).ok_or("no such tool"))
}

/// `dtguard mask`
#[derive(Debug, Args)]
pub struct MaskArgs {
    /// Files to copy, one after the other; - or no file for standard input
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Write one * for each masked byte, so that offsets stay the same; by default ********
    #[arg(long, conflicts_with = "hash")]
    pub keep_length: bool,
    /// Replace each secret part by a hash that is the same for the same token; --key-file or
    /// DTGUARD_MASK_KEY holds its key
    #[arg(long)]
    pub hash: bool,
    /// Read the key for --hash, at least 16 bytes, from FILE
    #[arg(long, value_name = "FILE", requires = "hash")]
    pub key_file: Option<PathBuf>,
    /// Mask the files themselves instead of writing to standard output; a file without a token
    /// stays untouched
    #[arg(long, requires = "files")]
    pub in_place: bool,
    /// Exit with 1 if something was masked
    #[arg(long)]
    pub fail: bool,
}

/// `dtguard import`
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// .gitallowed, .gitleaksignore, .gitleaks.toml, .secrets.baseline, .secretsignore or
    /// .talismanrc [default: those at the top of the work tree, and git's settings
    /// secrets.allowed, secrets.patterns and secrets.providers]
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Why the tokens are no secrets, for those whose file does not give a reason
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Who is responsible for the entries
    #[arg(long, value_name = "WHO")]
    pub owner: Option<String>,
    /// The last day on which the entries are valid
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = date)]
    pub expires: Option<Date>,
    /// Print the new policy and write nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// `dtguard completions`
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL", value_enum)]
    pub shell: clap_complete::Shell,
}

/// `dtguard man`
#[derive(Debug, Args)]
pub struct ManArgs {
    /// The subcommand, such as `scan` or `policy show`; without one, the page of dtguard itself
    #[arg(value_name = "COMMAND")]
    pub command: Vec<String>,
}

/// The definition of the command line.
pub fn command() -> clap::Command {
    global::spread(Cli::command())
}

/// Parses the command line. The error has the text, its stream and the exit code: it stands for
/// help and version too.
pub fn parse() -> Result<Cli, clap::Error> {
    parse_from(std::env::args_os().collect())
}

fn parse_from(arguments: Vec<OsString>) -> Result<Cli, clap::Error> {
    let mut command = command();
    let matches = command.try_get_matches_from_mut(hook::positional_after_stage(arguments))?;
    let mut cli = Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))?;
    cli.global.take_over(&matches)?;
    Ok(cli)
}
