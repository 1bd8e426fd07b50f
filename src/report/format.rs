//! The formats of reports.

use std::io::{self, Write};

use clap::ValueEnum;

use super::{Page, Report, RunInfo, github, gitlab, json, junit, sarif, write_report};

/// The columns of a report for people in a file or pipe.
const WIDTH: usize = 80;

/// A format of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Text for people.
    Human,
    /// dtguard's own format, with all details (docs/json.md).
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Annotations of a GitHub workflow; GitHub reads them from standard output only.
    Github,
    /// GitLab's report of secret detection.
    Gitlab,
    /// JUnit's XML, for the test view of other CI systems.
    Junit,
}

/// Writes `report` in `format`.
pub fn write_as(
    format: Format,
    out: &mut impl Write,
    report: &Report<'_>,
    run: &RunInfo<'_>,
) -> io::Result<()> {
    match format {
        Format::Human => {
            let mut page = Page::new(WIDTH);
            write_report(&mut page, report);
            out.write_all(page.into_text().as_bytes())
        }
        Format::Json => json::write(out, report, run),
        Format::Sarif => sarif::write(out, report, run),
        Format::Github => github::write(out, report),
        Format::Gitlab => gitlab::write(out, report, run),
        Format::Junit => junit::write(out, report, run),
    }
}
