//! What the user typed.

mod policy;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::export::Tool;
use crate::install::{ConfigScope, Stage};
use crate::policy::Date;
use crate::report::Format;
use crate::source::Preference;

pub use policy::{BaselineArgs, PolicyArgs, PolicyCommand};

/// The version; with the commit where `packaging/program.sh` built the program.
const VERSION: &str = match option_env!("DTGUARD_VERSION") {
    Some(version) => version,
    None => env!("CARGO_PKG_VERSION"),
};

/// Keeps Dynatrace tokens out of git.
#[derive(Debug, Parser)]
#[command(name = "dtguard", version = VERSION, arg_required_else_help = true, after_help = EXIT_CODES)]
pub struct Cli {
    /// Options of every subcommand.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 nothing blocks; 1 a token blocks; 2 something is wrong or cannot be read, which\nblocks too; 130 stopped by Ctrl-C.";

/// Options of every subcommand.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub struct Global {
    /// When to colour: NO_COLOR, CLICOLOR_FORCE and TERM=dumb count for auto
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t = ColorChoice::Auto)]
    pub color: ColorChoice,
    /// Read the policy from FILE instead of .dtguard.toml
    #[arg(long, global = true, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// Print nothing where nothing blocks
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// List every token and place, and what passes
    #[arg(short, long, global = true)]
    pub verbose: bool,
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless the environment says otherwise.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// What git runs: scans what is committed, pushed or received, and blocks it if it adds a
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
        after_help = "Examples:\n  dtguard allow dt0c01.ABCDEFGHIJKLMNOPQRSTUVWX --reason \"expired sample\"\n  dtguard allow dt0c01.ABCDEFGHIJKLMNOPQRSTUVWX --reason \"test system\" --owner qa --expires 2027-06-30"
    )]
    Allow(AllowArgs),
    /// Writes an entry for each token that the tracked files hold; each still needs its reason
    #[command(
        after_help = "Examples:\n  dtguard baseline\n  dtguard baseline --history --owner qa --expires 2027-06-30"
    )]
    Baseline(BaselineArgs),
    /// Shows, checks and tries the policy
    #[command(after_help = "Examples:\n  dtguard policy show\n  dtguard policy check")]
    Policy(PolicyArgs),
    /// Puts the hooks into a repository, or into all of them, and proves that they guard
    #[command(after_help = "Examples:\n  dtguard install\n  dtguard install --user")]
    Install(InstallArgs),
    /// Takes the hooks out again and puts back what was there before
    #[command(after_help = "Examples:\n  dtguard uninstall\n  dtguard uninstall --user")]
    Uninstall(WhereArgs),
    /// Reports what guards this repository and where a token could pass, and proves it in a
    /// throw-away repository
    #[command(
        after_help = "Exit codes: 0 guarded; 1 partly; 2 not guarded, or not proven.\n\nExamples:\n  dtguard doctor\n  dtguard doctor --json --repo ../other"
    )]
    Doctor(DoctorArgs),
    /// Prints what a kind of token opens and how to revoke it; without PREFIX or ID, all kinds
    #[command(
        after_help = "Examples:\n  dtguard explain dt0s16\n  dtguard explain dt0c01.ABCDEFGHIJKLMNOPQRSTUVWX"
    )]
    Explain(ExplainArgs),
    /// Prints the kinds of tokens as rules for another tool
    #[command(
        after_help = "Examples:\n  dtguard patterns --for gitleaks >.gitleaks.toml\n  git secrets --add-provider -- dtguard patterns --for git-secrets"
    )]
    Patterns(PatternsArgs),
    /// Copies its input to standard output with every secret part masked
    #[command(
        after_help = "Examples:\n  kubectl logs pod | dtguard mask\n  dtguard mask app.log >app.masked.log"
    )]
    Mask(MaskArgs),
    /// Turns what other tools allow into allow entries
    #[command(
        after_help = "Examples:\n  dtguard import --dry-run --reason \"seen\"\n  dtguard import .gitleaksignore --reason \"seen\" --owner qa"
    )]
    Import(ImportArgs),
    /// Prints a script that completes commands and options in a shell
    #[command(
        after_help = "Examples:\n  dtguard completions bash >~/.local/share/bash-completion/completions/dtguard\n  dtguard completions fish >~/.config/fish/completions/dtguard.fish"
    )]
    Completions(CompletionsArgs),
    /// Prints a manual page
    #[command(after_help = "Examples:\n  dtguard man | man -l -\n  dtguard man scan >dtguard-scan.1")]
    Man(ManArgs),
}

/// `dtguard hook`
#[derive(Debug, Args)]
pub struct HookArgs {
    /// The hook that git runs
    #[arg(value_name = "STAGE")]
    pub stage: Stage,
    /// git's own arguments for the hook; of pre-commit outside of a commit: files to scan in
    /// full, as pre-commit and prek name them
    #[arg(value_name = "ARG", trailing_var_arg = true, allow_hyphen_values = true)]
    pub arguments: Vec<OsString>,
    /// Which reader to use, for tests that compare them
    #[arg(long, hide = true, value_enum, default_value_t = Reader::Fastest)]
    pub reader: Reader,
}

impl From<Reader> for Preference {
    fn from(reader: Reader) -> Self {
        match reader {
            Reader::Fastest => Self::Fastest,
            Reader::Libgit2 => Self::Libgit2,
            Reader::Git => Self::Git,
        }
    }
}

/// `--reader`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Reader {
    /// Whichever is faster and can.
    Fastest,
    /// libgit2 alone.
    Libgit2,
    /// The git executable alone.
    Git,
}

/// The headings under which the options of `dtguard scan` are listed.
const WHAT: &str = "What to scan";
const REPORT: &str = "Report";

/// `dtguard scan`
#[derive(Debug, Args)]
pub struct ScanArgs {
    /// Files and folders, or - for standard input [default: all tracked files]
    #[arg(value_name = "PATH|-")]
    pub paths: Vec<PathBuf>,
    /// Which commits or objects, instead of files.
    #[command(flatten)]
    pub scope: ScanScope,
    /// Also files that git does not track, but for ignored ones
    #[arg(long, help_heading = WHAT, conflicts_with_all = ["staged", "range", "rev", "history", "diff"])]
    pub untracked: bool,
    /// Also ignored files
    #[arg(long, help_heading = WHAT, conflicts_with_all = ["staged", "range", "rev", "history", "diff"])]
    pub ignored: bool,
    /// Also the files that each submodule tracks
    #[arg(long, help_heading = WHAT, conflicts_with_all = ["staged", "range", "rev", "history", "diff"])]
    pub recurse_submodules: bool,
    /// With --history: also objects that no ref, no reflog and no index reaches
    #[arg(long, help_heading = WHAT, requires = "history")]
    pub unreachable: bool,
    /// How to write the report; all but human go to standard output
    #[arg(long, help_heading = REPORT, value_enum, value_name = "FORMAT", default_value_t = Format::Human)]
    pub format: Format,
    /// Write to FILE instead of standard output
    #[arg(long, help_heading = REPORT, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Which reader to use, for tests that compare them
    #[arg(long, hide = true, value_enum, default_value_t = Reader::Fastest)]
    pub reader: Reader,
}

/// What `dtguard scan` scans where it is not files.
#[derive(Debug, Args)]
#[command(next_help_heading = WHAT)]
#[group(multiple = false, conflicts_with = "paths")]
pub struct ScanScope {
    /// The staged change, as the hook does
    #[arg(long)]
    pub staged: bool,
    /// What each commit of the range adds, as git log understands it
    #[arg(long, value_name = "A..B")]
    pub range: Option<String>,
    /// The files of a commit
    #[arg(long, value_name = "REV")]
    pub rev: Option<String>,
    /// All objects: every version of every file, messages, tags, stashes and notes
    #[arg(long)]
    pub history: bool,
    /// What the unified diff on standard input adds
    #[arg(long)]
    pub diff: bool,
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
    /// Who answers for it; of an entry that is there, left out: as before
    #[arg(long, value_name = "WHO")]
    pub owner: Option<String>,
    /// The last day on which it is allowed; of an entry that is there, left out: as before
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = date)]
    pub expires: Option<Date>,
}

fn date(text: &str) -> Result<Date, String> {
    text.parse().map_err(|()| "not a day of the form YYYY-MM-DD".to_owned())
}

/// `dtguard install`
#[derive(Debug, Args)]
pub struct InstallArgs {
    /// Where and which.
    #[command(flatten)]
    pub target: WhereArgs,
    /// Put no hook anywhere, only prove that hooks work here
    #[arg(long, conflicts_with_all = ["user", "system", "template"])]
    pub no_hook: bool,
    /// With --user or --system: by core.hooksPath even where git has configured
    /// hooks, for other gits that have none
    #[arg(long)]
    pub hooks_path: bool,
    /// With --user or --system: where core.hooksPath leads to somebody's folder,
    /// put the hooks into it, beside what is there
    #[arg(long, conflicts_with = "hooks_path")]
    pub beside: bool,
}

/// Where hooks go.
#[derive(Debug, Args)]
pub struct WhereArgs {
    /// The repository, instead of the one around the current folder
    #[arg(long, value_name = "DIR", conflicts_with_all = ["user", "system", "template"])]
    pub repo: Option<PathBuf>,
    /// Every repository of this user, through git's global configuration; with
    /// --template, make that the user's template
    #[arg(long, conflicts_with = "system")]
    pub user: bool,
    /// Every repository on this machine, through git's system configuration; with
    /// --template, make that everybody's template
    #[arg(long)]
    pub system: bool,
    /// A template, from which git copies the hooks into each new repository
    #[arg(long, value_name = "DIR")]
    pub template: Option<PathBuf>,
    /// Only this hook; may be given more than once [default: those of a work tree, in
    /// a bare repository pre-receive; to uninstall, all]
    #[arg(long, value_name = "STAGE")]
    pub stage: Vec<Stage>,
    /// In the submodules too that are checked out, and in theirs
    #[arg(long, conflicts_with_all = ["user", "system", "template"])]
    pub recurse_submodules: bool,
    /// Beside husky and lefthook, which run only what their own files name: change
    /// those files (.husky/STAGE; lefthook.yml and a file that it extends)
    #[arg(long, conflicts_with_all = ["user", "system", "template"])]
    pub write: bool,
}

impl WhereArgs {
    /// The stages to install.
    pub fn stages(&self) -> Vec<Stage> {
        if !self.stage.is_empty() {
            self.stage.clone()
        } else if self.scope().is_some() || self.template.is_some() {
            Stage::CLIENT.to_vec()
        } else {
            Stage::usual(self.repo.as_deref()).to_vec()
        }
    }

    /// The stages to take out.
    pub fn stages_to_remove(&self) -> Vec<Stage> {
        if self.stage.is_empty() { Stage::ALL.to_vec() } else { self.stage.clone() }
    }

    /// Whose configuration, if not one repository's.
    pub fn scope(&self) -> Option<ConfigScope> {
        match (self.user, self.system) {
            (true, _) => Some(ConfigScope::User),
            (_, true) => Some(ConfigScope::System),
            _ => None,
        }
    }
}

/// `dtguard doctor`
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// The repository, instead of the one around the current folder; outside of
    /// any, what a new one would get
    #[arg(long, value_name = "DIR")]
    pub repo: Option<PathBuf>,
    /// Print it as JSON on standard output
    #[arg(long)]
    pub json: bool,
}

/// `dtguard explain`
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// A prefix (dt0s16), an identifier (dt0s16.PUBLIC) or a kind's id
    #[arg(value_name = "PREFIX|ID")]
    pub kind: Option<String>,
    /// Print all kinds as the page docs/token-kinds.md
    #[arg(long, conflicts_with = "kind")]
    pub markdown: bool,
}

/// `dtguard patterns`
#[derive(Debug, Args)]
pub struct PatternsArgs {
    /// The tool that is to read them
    #[arg(long = "for", value_name = "TOOL", value_enum)]
    pub tool: Tool,
}

/// `dtguard mask`
#[derive(Debug, Args)]
pub struct MaskArgs {
    /// Files to copy, one after the other; - is standard input, as is none
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

/// `dtguard import`
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// .gitallowed, .gitleaksignore, .gitleaks.toml, .secrets.baseline,
    /// .secretsignore or .talismanrc; none: those at the top of the work tree, and
    /// git's setting secrets.allowed
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Why the tokens are no secrets, for those of which the file does not say it
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Who answers for the entries
    #[arg(long, value_name = "WHO")]
    pub owner: Option<String>,
    /// The last day on which the entries hold
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = date)]
    pub expires: Option<Date>,
    /// Print the policy as it would be and write nothing
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
    /// The subcommand to print the page of; none: of dtguard itself
    #[arg(value_name = "COMMAND")]
    pub command: Option<String>,
}

/// Reads the command line. The error holds what to print, to which stream, and
/// the exit code: help and version are asked for, the rest are mistakes.
///
/// # Errors
///
/// If there is nothing to run.
pub fn parse() -> Result<Cli, clap::Error> {
    Cli::try_parse_from(positional_after_stage(std::env::args_os().collect()))
}

/// `arguments` with a `--` behind `hook STAGE`: what follows there are names of
/// files, which may begin with a dash like an option.
fn positional_after_stage(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let mut words = arguments.iter().enumerate().skip(1);
    let mut next_word = || {
        while let Some((number, word)) = words.next() {
            if ["--policy", "--color", "--reader"].iter().any(|option| word == option) {
                words.next();
            } else if !word.as_encoded_bytes().starts_with(b"-") {
                return Some((number, word));
            }
        }
        None
    };
    let stage =
        next_word().filter(|(_, word)| *word == "hook").and_then(|_| next_word()).map(|(stage, _)| stage);
    if let Some(stage) = stage
        && arguments.get(stage + 1).is_some_and(|next| next != "--")
    {
        arguments.insert(stage + 1, "--".into());
    }
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(line: &str) -> String {
        let arguments = positional_after_stage(line.split(' ').map(OsString::from).collect());
        arguments.iter().map(|argument| argument.to_string_lossy()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn only_what_follows_the_stage_of_a_hook_is_kept_from_being_an_option() {
        for (typed, meant) in [
            ("dtguard hook pre-commit", "dtguard hook pre-commit"),
            ("dtguard hook pre-commit -q a", "dtguard hook pre-commit -- -q a"),
            ("dtguard hook pre-commit -- -q", "dtguard hook pre-commit -- -q"),
            (
                "dtguard -q --policy hook hook --reader git pre-commit a",
                "dtguard -q --policy hook hook --reader git pre-commit -- a",
            ),
            (
                "dtguard allow x --reason hook --owner pre-commit --expires y",
                "dtguard allow x --reason hook --owner pre-commit --expires y",
            ),
            (
                "dtguard --color never explain hook pre-commit x",
                "dtguard --color never explain hook pre-commit x",
            ),
        ] {
            assert_eq!(arguments(typed), meant);
        }
    }
}
