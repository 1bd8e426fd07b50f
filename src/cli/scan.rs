//! The arguments of `dtguard scan`.

use std::path::PathBuf;

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};

use crate::report::Format;
use crate::source::Preference;

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
    /// Also untracked files, but not ignored ones
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
    /// The format of the report; all but human go to standard output
    #[arg(long, help_heading = REPORT, value_enum, value_name = "FORMAT", default_value_t = ScanFormat::Report(Format::Human))]
    pub format: ScanFormat,
    /// Write to FILE instead of standard output
    #[arg(long, help_heading = REPORT, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Which reader to use, for tests that compare them
    #[cfg_attr(any(debug_assertions, feature = "readers"), arg(long, hide = true, value_enum, default_value_t = Preference::Fastest))]
    #[cfg_attr(not(any(debug_assertions, feature = "readers")), arg(skip))]
    pub reader: Preference,
}

/// The values of `--format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScanFormat {
    /// A report, without secret parts.
    Report(Format),
    /// Expressions that remove the tokens from a history; they hold the secret parts.
    FilterRepo,
}

impl ValueEnum for ScanFormat {
    fn value_variants<'a>() -> &'a [Self] {
        &[
            Self::Report(Format::Human),
            Self::Report(Format::Json),
            Self::Report(Format::Sarif),
            Self::Report(Format::Github),
            Self::Report(Format::Gitlab),
            Self::Report(Format::Junit),
            Self::FilterRepo,
        ]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        match self {
            Self::Report(format) => format.to_possible_value(),
            Self::FilterRepo => Some(PossibleValue::new("filter-repo").help(
                "Expressions for git filter-repo --replace-text, with --history and --output; they hold the secret parts",
            )),
        }
    }
}

/// What `dtguard scan` scans instead of files.
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
