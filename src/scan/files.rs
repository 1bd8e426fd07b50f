//! Whole files: named ones, those of a folder, and what comes through a pipe.

use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::{Coverage, ONE_STREAM, Scanned, gaps, scan_kept, scan_stream};
use crate::find::{Found, Position, search};
use crate::finding::{Finding, Of};
use crate::source::{
    BlobReader, Content, Listed, Pointer, Repository, SourceError, Watch, is_binary, lines, open_path,
};

/// How many files a thread takes at a time.
const SHARE: usize = 16;

/// Searches the whole content of the files `paths`. Findings name each by its
/// path from `top`, the top of the work tree, wherever it was named from, so that
/// a policy means the same file; one that lies elsewhere keeps its own path.
///
/// # Errors
///
/// The first [`SourceError`] of any file: what cannot be read ends the run.
pub fn scan_files(paths: &[PathBuf], top: Option<&Path>) -> Result<Scanned, SourceError> {
    let listed: Vec<Listed> =
        paths.iter().map(|path| Listed { file: path.clone(), path: None, staged: None }).collect();
    scan_listed(&listed, top, None, &Watch::default())
}

/// As [`scan_files`], on all cores; what is listed as tracked and not there is read
/// from `repository`. If `watch` says to stop, what was found so far is returned.
///
/// # Errors
///
/// As [`scan_files`].
pub fn scan_listed(
    files: &[Listed],
    top: Option<&Path>,
    repository: Option<&Repository>,
    watch: &Watch,
) -> Result<Scanned, SourceError> {
    watch.total.store(files.len() as u64, Ordering::Relaxed);
    let shares: Vec<&[Listed]> = files.chunks(SHARE).collect();
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    let work = |repository: Option<&Repository>| -> Result<(), SourceError> {
        let mut blobs = repository.map(Repository::blobs);
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(share) = shares.get(number) else { return Ok(()) };
            let mut all = Scanned::default();
            for listed in *share {
                let before = all.coverage.bytes;
                scan_file(listed, top, blobs.as_mut(), &mut all)?;
                if !watch.count(all.coverage.bytes - before) {
                    break;
                }
            }
            done.lock().unwrap_or_else(PoisonError::into_inner).push((number, all));
            if watch.stops() {
                return Ok(());
            }
        }
    };
    let preference = repository.map(Repository::preference);
    let reopen = || preference.map(Repository::open).transpose();
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(shares.len());
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(|| work(reopen()?.as_ref()))).collect();
        let own = work(repository);
        let joined = others.into_iter().map(|other| match other.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        joined.fold(own, Result::and)
    })?;
    Ok(Scanned::in_order(done))
}

fn scan_file(
    listed: &Listed,
    top: Option<&Path>,
    mut blobs: Option<&mut BlobReader<'_>>,
    all: &mut Scanned,
) -> Result<(), SourceError> {
    let path = match &listed.path {
        Some(path) => path.clone(),
        None => slashed(&from_top(&listed.file, top).unwrap_or_else(|| listed.file.clone())),
    };
    let of = Of { path: &path, commit: None };
    let gone = |error: &SourceError| {
        matches!(error, SourceError::File { error, .. }
            if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory))
    };
    let content = match (open_path(&listed.file), listed.staged, blobs.as_deref_mut()) {
        (Err(error), Some(id), Some(blobs)) if gone(&error) => Some(blobs.open(id, &path)?),
        // A folder took its place.
        (Err(_), Some(id), Some(blobs)) if listed.file.is_dir() => Some(blobs.open(id, &path)?),
        (content, _, _) => content?,
    };
    match content {
        None => all.coverage.submodules += 1,
        Some(Content::Whole(content)) if Pointer::read(&content).is_some() => {
            let pointed = Pointer::read(&content).zip(blobs.as_deref());
            let pointed = pointed.map(|(pointer, blobs)| blobs.open_pointed(&pointer)).transpose()?;
            all.add(scan_kept(pointed.flatten(), &of)?.0);
        }
        Some(Content::Whole(content)) => {
            let Found { matches, missed } = search(&content);
            all.findings.extend(Finding::all(&content, Position::default(), &of, &matches, &matches));
            all.gaps.extend(gaps(&of, missed));
            let lines = if is_binary(&content) { 0 } else { lines(&content).count() };
            let bytes = content.len() as u64;
            all.coverage.add(Coverage { files: 1, lines, bytes, ..Coverage::default() });
        }
        Some(Content::Stream { read, .. }) => {
            let _one = ONE_STREAM.lock().unwrap_or_else(PoisonError::into_inner);
            all.add(scan_stream(read, &of).map_err(|error| SourceError::of_file(&listed.file, error))?.0);
        }
    }
    all.findings.extend(Finding::in_path(&path, None));
    Ok(())
}

/// Searches all that `read` gives; findings name it `name`.
///
/// # Errors
///
/// [`SourceError::File`] if it gives an error.
pub fn scan_reader(read: impl Read, name: &str) -> Result<Scanned, SourceError> {
    let of = Of { path: name.as_bytes(), commit: None };
    let failed = |error| SourceError::of_file(Path::new(name), error);
    scan_stream(Box::new(read), &of).map(|(scanned, _)| scanned).map_err(failed)
}

/// `path` as seen from `top`, all links and `..` in the folders above it
/// resolved; not its last part, which may itself be a link that is committed.
fn from_top(path: &Path, top: Option<&Path>) -> Option<PathBuf> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let real = folder.canonicalize().ok()?.join(path.file_name()?);
    real.strip_prefix(top?.canonicalize().ok()?).ok().map(Path::to_path_buf)
}

/// A path in git's bytes: with `/` between its parts.
fn slashed(path: &Path) -> Vec<u8> {
    let bytes = path.as_os_str().as_encoded_bytes();
    if std::path::MAIN_SEPARATOR == '/' {
        return bytes.to_vec();
    }
    bytes.iter().map(|byte| if *byte == b'\\' { b'/' } else { *byte }).collect()
}
