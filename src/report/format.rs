//! Which format a report has.

use std::io::{self, Write};

use clap::ValueEnum;

use super::{Layout, Report, RunInfo, json, write_report};

/// The columns of a report for people that goes to no terminal.
const WIDTH: usize = 80;

/// A format of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Text for people.
    Human,
    /// dtguard's own format, with all that is known (docs/json.md).
    Json,
}

/// Writes `report` in `format`.
///
/// # Errors
///
/// If it cannot be written.
pub fn write_as(
    format: Format,
    out: &mut impl Write,
    report: &Report<'_>,
    run: &RunInfo<'_>,
) -> io::Result<()> {
    match format {
        Format::Human => write_report(&mut Layout::new(out, WIDTH), report),
        Format::Json => json::write(out, report, run),
    }
}
