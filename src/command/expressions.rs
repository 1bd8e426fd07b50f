//! `dtguard scan --history --format filter-repo`: writes the expressions that remove tokens
//! from a history.

use tempfile::NamedTempFile;

use super::context::Context;
use crate::cli::{ScanArgs, ScanFormat};
use crate::error::Error;
use crate::finding::Finding;
use crate::report::{Report, write_rewriting};
use crate::scan::{Gap, rewriting};
use crate::source::{Watch, private_file};

/// The file for the expressions, if `arguments` ask for it. It is created before the search,
/// which may take long.
pub(super) fn file(arguments: &ScanArgs) -> Result<Option<NamedTempFile>, Error> {
    if arguments.format != ScanFormat::FilterRepo {
        return Ok(None);
    }
    let how = "dtguard scan --history --format filter-repo --output ../expressions.txt";
    if !arguments.scope.history {
        return Err(Error::usage("--format filter-repo is for a history", how));
    }
    let Some(path) = &arguments.output else {
        let why = "--format filter-repo writes secret parts, so it needs a file of its own";
        return Err(Error::usage(why, how));
    };
    Ok(Some(private_file(path)?))
}

/// Writes the expressions for the tokens in `blocking` to `file`; without any, the file is
/// removed. Returns whether they cover all that was searched, and everything could be searched.
pub(super) fn write(
    context: &Context<'_>,
    mut file: NamedTempFile,
    report: &Report<'_>,
    blocking: &[&Finding],
    watch: &Watch,
) -> Result<bool, Error> {
    if blocking.is_empty() || report.interrupted {
        return Ok(true);
    }
    let rewriting = rewriting(context.repository()?, blocking, watch)?;
    let path = file.path().display().to_string();
    if rewriting.expressions.count() > 0 {
        let failed = |error| Error::Write { path: path.clone(), error };
        rewriting.expressions.write(&mut file).map_err(failed)?;
        file.keep().map_err(|error| failed(error.error))?;
    }
    context.show(|page| write_rewriting(page, &path, &rewriting));
    Ok(rewriting.beyond.is_empty() && !report.gaps.iter().any(Gap::is_unreadable))
}
