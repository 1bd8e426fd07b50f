//! Scans whole files: named ones, folders, and pipes.

use std::borrow::Cow;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use super::content::{scan_pointed, scan_whole};
use super::parallel::{Worker, scan_each};
use super::stream::scan_stream;
use super::text::scan_name;
use super::{Coverage, Gap, Scanned};
use crate::finding::Origin;
use crate::source::{Content, Listed, Listing, Pointer, Repository, SourceError, Watch, open_path};

/// Scans the whole content of the files `paths`. Findings use paths from `top`, the top of the
/// work tree, so that policies match; files elsewhere keep their own paths.
pub fn scan_files(paths: &[PathBuf], top: Option<&Path>) -> Result<Scanned, SourceError> {
    let files = paths.iter().map(|path| Listed { file: path.clone(), path: None, staged: None }).collect();
    scan_listing(&Listing { files, ..Listing::default() }, top, None, &Watch::default())
}

/// Like [`scan_files`], on all cores. Tracked files that are missing in the work tree are read
/// from `repository`; unreadable folders are gaps. If `watch` stops the scan, returns what was
/// found so far.
pub fn scan_listing(
    listing: &Listing,
    top: Option<&Path>,
    repository: Option<&Repository>,
    watch: &Watch,
) -> Result<Scanned, SourceError> {
    let mut names = Names::from_top(top);
    let named: Vec<_> = listing.files.iter().map(|listed| (listed, names.of(listed))).collect();
    let mut scanned = scan_each(&named, repository, watch, |worker, (listed, path)| {
        scan_file(worker, listed, path, watch)
    })?;
    scanned.coverage.submodules += listing.repositories.len();
    for error in &listing.unread {
        let path = match error {
            SourceError::File { path, .. } => slashed(Path::new(path)),
            _ => Vec::new(),
        };
        scanned.add_gap(Gap::unreadable(&path, None, error));
    }
    Ok(scanned)
}

fn scan_file(worker: &mut Worker<'_>, listed: &Listed, path: &[u8], watch: &Watch) -> Scanned {
    let origin = Origin { path, commit: None };
    let unreadable = |error: SourceError| Gap::unreadable(path, None, &error);
    let mut scanned = match open(worker, listed, path) {
        Ok(None) => {
            let coverage = Coverage { submodules: 1, ..Coverage::default() };
            Scanned { coverage, ..Scanned::default() }
        }
        Ok(Some(Content::Whole(content))) => match (Pointer::read(&content), &worker.blobs) {
            (None, _) => scan_whole(&content, &origin),
            (Some(pointer), Some(blobs)) => scan_pointed(blobs.open_pointed(&pointer), &origin, watch).0,
            (Some(_), None) => scan_pointed(Ok(None), &origin, watch).0,
        },
        Ok(Some(Content::Stream { read, .. })) => {
            let failed = |error| unreadable(SourceError::of_file(&listed.file, error));
            scan_stream(read, &origin, watch).or_gap(failed).0
        }
        // A typed path that does not exist holds no name to scan.
        Err(error) if is_gone(&error) => return unreadable(error).into(),
        Err(error) => unreadable(error).into(),
    };
    scanned.add(scan_name(path, None));
    scanned
}

/// Opens a file, or for a missing tracked one the content in the index. None for a submodule.
fn open<'r>(
    worker: &mut Worker<'r>,
    listed: &Listed,
    path: &[u8],
) -> Result<Option<Content<'r>>, SourceError> {
    match (open_path(&listed.file), listed.staged, &mut worker.blobs) {
        // A folder may have replaced it.
        (Err(error), Some(id), Some(blobs)) if is_gone(&error) || listed.file.is_dir() => {
            blobs.open(id, path).map(Some)
        }
        (content, _, _) => content,
    }
}

fn is_gone(error: &SourceError) -> bool {
    matches!(error, SourceError::File { error, .. }
        if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory))
}

/// Scans everything from `read` until `watch` stops it. Findings use the path `name`.
pub fn scan_reader(read: impl Read, name: &str, watch: &Watch) -> Scanned {
    let origin = Origin { path: name.as_bytes(), commit: None };
    let failed = |error| Gap::unreadable(origin.path, None, &SourceError::of_file(Path::new(name), error));
    scan_stream(read, &origin, watch).or_gap(failed).0
}

/// Converts paths to those from the top of the work tree, which policies use.
struct Names {
    /// The top, with all links resolved.
    top: Option<PathBuf>,
    /// The folder of the last file, and its resolved path. Resolving it for each file would
    /// cost more than reading a small one.
    last: Option<(PathBuf, Option<PathBuf>)>,
}

impl Names {
    fn from_top(top: Option<&Path>) -> Self {
        Self { top: top.and_then(|top| top.canonicalize().ok()), last: None }
    }

    /// The path from the top for files below it, else the listed path.
    fn of<'l>(&mut self, listed: &'l Listed) -> Cow<'l, [u8]> {
        match &listed.path {
            Some(path) => Cow::Borrowed(path),
            None => slashed(&self.below(&listed.file).unwrap_or_else(|| listed.file.clone())).into(),
        }
    }

    /// The last part stays unresolved, since it may be a committed link.
    fn below(&mut self, file: &Path) -> Option<PathBuf> {
        let top = self.top.as_deref()?;
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if self.last.as_ref().is_none_or(|(last, _)| last != folder) {
            self.last = Some((folder.to_path_buf(), folder.canonicalize().ok()));
        }
        let real = self.last.as_ref()?.1.as_deref()?;
        Some(real.strip_prefix(top).ok()?.join(file.file_name()?))
    }
}

/// A path in git's bytes, with `/` between its parts.
fn slashed(path: &Path) -> Vec<u8> {
    let bytes = path.as_os_str().as_encoded_bytes();
    if std::path::MAIN_SEPARATOR == '/' {
        return bytes.to_vec();
    }
    bytes.iter().map(|byte| if *byte == b'\\' { b'/' } else { *byte }).collect()
}
