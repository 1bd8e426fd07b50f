//! `dtguard report merge`: the reports of many repositories as one.

use std::fs;
use std::io::{self, Read as _, Write};
use std::path::Path;

use super::context::{Context, page};
use super::{input, output};
use crate::cli::{MergeArgs, MergeFormat, ReportArgs, ReportCommand};
use crate::error::Error;
use crate::policy::now;
use crate::report::{Gathered, Merged};
use crate::source::{SourceError, path_from_bytes};
use crate::verdict::Outcome;

/// The columns of a summary in a file.
const WIDTH: usize = 100;

pub(super) fn run(context: &Context<'_>, arguments: &ReportArgs) -> Result<Outcome, Error> {
    let ReportCommand::Merge(arguments) = &arguments.command;
    let mut gathered = Gathered::new(clock()).map_err(aside)?;
    if let Some(list) = &arguments.expect {
        gathered.expect(&read(list)?);
    }
    for file in &arguments.files {
        add(&mut gathered, file)?;
    }
    if let Some(list) = &arguments.files_from {
        let list = read(list)?;
        let end = if arguments.null { b'\0' } else { b'\n' };
        for name in list.split(|byte| *byte == end) {
            let name = if arguments.null { name } else { name.strip_suffix(b"\r").unwrap_or(name) };
            if let Some(file) = path_from_bytes(name.to_vec()).filter(|_| !name.is_empty()) {
                add(&mut gathered, &file)?;
            }
        }
    }
    let merged = gathered.finish().map_err(aside)?;
    write(context, arguments, &merged)?;
    Ok(merged.outcome())
}

/// The time of the merge in seconds: the variable's, so that the same reports make the same page,
/// or now.
fn clock() -> i64 {
    let fixed = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|seconds| seconds.parse().ok());
    fixed.unwrap_or_else(now)
}

fn aside(error: io::Error) -> Error {
    Error::Write { path: std::env::temp_dir().display().to_string(), error }
}

fn read(list: &Path) -> Result<Vec<u8>, Error> {
    if list.as_os_str() == "-" {
        return input::all();
    }
    fs::read(list).map_err(|error| SourceError::of_file(list, error).into())
}

fn add(gathered: &mut Gathered, file: &Path) -> Result<(), Error> {
    gathered.add(file.as_os_str().as_encoded_bytes(), content(file)).map_err(aside)
}

/// The content of a report. Of one that is too large only a part, which is too large as well.
fn content(file: &Path) -> io::Result<Vec<u8>> {
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    let mut content = Vec::new();
    fs::File::open(file)?.take(Gathered::LARGEST as u64 + 1).read_to_end(&mut content)?;
    Ok(content)
}

fn write(context: &Context<'_>, arguments: &MergeArgs, merged: &Merged) -> Result<(), Error> {
    let file = arguments.output.as_deref();
    let in_format = |out: &mut dyn Write| match arguments.format {
        MergeFormat::Human => out.write_all(page(WIDTH, |page| merged.write_summary(page)).as_bytes()),
        MergeFormat::Json => merged.write_json(out),
        MergeFormat::Html => merged.write_html(out),
    };
    if arguments.format == MergeFormat::Human && file.is_none() {
        context.print(|page| merged.write_summary(page))?;
        return Ok(());
    }
    output::put(file, &in_format)?;
    match file {
        Some(_) => context.show(|page| merged.write_summary(page)),
        None => context.show(|page| merged.write_problems(page)),
    }
    Ok(())
}
