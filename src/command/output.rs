//! Writes a scan's report to its file or stream.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::context::Context;
use super::run::is_silent;
use crate::cli::{ScanArgs, ScanFormat};
use crate::error::Error;
use crate::report::{Format, Report, RunInfo, write_as, write_gaps, write_job_summary, write_report};
use crate::scan::Gap;

/// Writes the `report` on `run` in the format and to the file that `arguments` name.
pub(super) fn write(
    context: &Context<'_>,
    arguments: &ScanArgs,
    report: &Report<'_>,
    info: &RunInfo<'_>,
) -> Result<(), Error> {
    let (format, output) = match arguments.format {
        ScanFormat::Report(format) => (format, arguments.output.as_deref()),
        // The file holds expressions, so the report goes to the terminal.
        ScanFormat::FilterRepo => (Format::Human, None),
    };
    let machine = format != Format::Human || output.is_some();
    // If the machine report goes to a file, people get a report too.
    if (!machine || output.is_some()) && !is_silent(context, info.outcome, report) {
        context.show(|page| write_report(page, report));
    } else if report.gaps.iter().any(Gap::is_unreadable) {
        // A CI log shows the way out only if it is written here too.
        context.show(|page| write_gaps(page, report));
    }
    if machine {
        let mut text = Vec::new();
        write_as(format, &mut text, report, info)?;
        put(output, &|out| out.write_all(&text))?;
        if format == Format::Github {
            summarize(report, info)?;
        }
    }
    Ok(())
}

/// Writes to the file, or to standard output. If `write` fails in one place, it is called again
/// for another.
pub(super) fn put(
    file: Option<&Path>,
    write: &dyn Fn(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Error> {
    let Some(path) = file else {
        let mut out = io::stdout().lock();
        return match write(&mut out).and_then(|()| out.flush()) {
            // The reader closed the pipe; the verdict stands.
            Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
            _ => Ok(()),
        };
    };
    replace(path, write).map_err(|error| Error::Write { path: path.display().to_string(), error })
}

/// Replaces the file at `path` completely or not at all, because half a report looks like one
/// that found less. Pipes, devices and files in read-only folders are written directly.
fn replace(path: &Path, write: &dyn Fn(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let write = |file: &File| {
        let mut file = BufWriter::new(file);
        write(&mut file).and_then(|()| file.flush())
    };
    let path = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let old = path.metadata().ok();
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut usual = tempfile::Builder::new();
    #[cfg(unix)]
    usual.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let new = match &old {
        Some(old) if !old.is_file() || old.permissions().readonly() => None,
        _ => usual.prefix(".dtguard-").tempfile_in(folder).ok(),
    };
    let Some(new) = new else { return write(&File::create(&path)?) };
    write(new.as_file())?;
    if let Some(old) = old {
        new.as_file().set_permissions(old.permissions())?;
    }
    match new.persist(&path) {
        Ok(_) => Ok(()),
        // The path may be on another file system.
        Err(_) => write(&File::create(&path)?),
    }
}

/// Appends the summary to the job page of a GitHub workflow, if this is one.
fn summarize(report: &Report<'_>, run: &RunInfo<'_>) -> Result<(), Error> {
    let page = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|page| !page.is_empty()).map(PathBuf::from);
    let Some(page) = page else { return Ok(()) };
    let mut text = Vec::new();
    write_job_summary(&mut text, report, run)?;
    let written =
        OpenOptions::new().create(true).append(true).open(&page).and_then(|mut file| file.write_all(&text));
    written.map_err(|error| Error::Write { path: page.display().to_string(), error })
}
