//! From what a run looks at to what it found.
//!
//! Search first, compare second: a blob is compared with its old version only
//! where it holds a candidate.

use std::collections::HashSet;
use std::io::Read as _;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::find::{Match, find};
use crate::finding::Finding;
use crate::source::{
    Addition, Blob, BlobReader, Content, Multiset, ObjectId, Repository, SourceError, count_added_lines,
    is_binary, line_around, lines, open_path,
};

/// Content worth a second thread, in bytes.
const WORTH_THREADS: usize = 1 << 20;
/// How much changed content is compared line by line only to count its added
/// lines exactly, in bytes.
const COUNT_EXACTLY: usize = 256 * 1024;

/// What a run looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Files with content that was searched.
    pub files: usize,
    /// Lines that the change adds; for whole files all their lines.
    pub lines: usize,
    /// Whether `lines` counts unchanged lines too: those of big files that hold
    /// no candidate, which nobody compared.
    pub lines_at_most: bool,
    /// Bytes that were searched.
    pub bytes: usize,
    /// Folders that were named and are submodules: repositories of their own.
    pub submodules: usize,
}

impl Coverage {
    fn add(&mut self, other: Self) {
        self.files += other.files;
        self.lines += other.lines;
        self.lines_at_most |= other.lines_at_most;
        self.bytes += other.bytes;
        self.submodules += other.submodules;
    }
}

/// What a run found and what it looked at.
#[derive(Debug, Default)]
pub struct Scanned {
    /// In the order of the scope, then of place.
    pub findings: Vec<Finding>,
    /// What was searched.
    pub coverage: Coverage,
}

impl Scanned {
    fn add(&mut self, other: Self) {
        self.findings.extend(other.findings);
        self.coverage.add(other.coverage);
    }
}

/// Searches what `additions` add, each with the commit that adds it if there is
/// one already.
///
/// A little is searched at once; once there turns out to be more, further
/// threads take their share of what is left.
///
/// # Errors
///
/// The first [`SourceError`] of any blob: what cannot be read ends the run.
pub fn scan_additions(
    repository: &Repository,
    additions: &[(Addition, Option<ObjectId>)],
) -> Result<Scanned, SourceError> {
    let preference = repository.preference();
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    let work = |repository: &Repository, enough: usize| -> Result<(), SourceError> {
        let mut blobs = repository.blobs();
        let mut bytes = 0;
        while bytes < enough {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some((addition, commit)) = additions.get(number) else { break };
            let scanned = scan_addition(&mut blobs, addition, *commit, bytes < COUNT_EXACTLY)?;
            bytes += scanned.coverage.bytes;
            done.lock().unwrap_or_else(PoisonError::into_inner).push((number, scanned));
        }
        Ok(())
    };

    work(repository, WORTH_THREADS)?;
    let left = additions.len().saturating_sub(next.load(Ordering::Relaxed));
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(left);
    let reopen = || Repository::open(preference);
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(|| work(&reopen()?, usize::MAX))).collect();
        work(repository, usize::MAX)?;
        others.into_iter().try_for_each(|other| match other.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        })
    })?;

    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_unstable_by_key(|(number, _)| *number);
    let mut all = Scanned::default();
    done.into_iter().for_each(|(_, scanned)| all.add(scanned));
    Ok(all)
}

/// Bytes of a stream that are searched at a time.
const WINDOW: usize = 8 << 20;
/// How many of them are searched again with the next.
const OVERLAP: usize = 64 << 10;

/// Searches all of a stream.
fn scan_stream(
    mut read: impl std::io::Read,
    path: &[u8],
    commit: Option<ObjectId>,
) -> std::io::Result<Scanned> {
    let mut scanned =
        Scanned { coverage: Coverage { files: 1, ..Coverage::default() }, ..Scanned::default() };
    let mut window = Vec::with_capacity(WINDOW);
    let mut passed_lines = 0;
    loop {
        let held = window.len();
        let count = (&mut read).take((WINDOW - held) as u64).read_to_end(&mut window)?;
        let is_last = window.len() < WINDOW;
        // What begins in the overlap is found with the next window.
        let end = if is_last { window.len() } else { window.len() - OVERLAP };
        let matches = find(&window);
        let new = matches.iter().filter(|found| found.span.start < end);
        let mut findings = Finding::all(&window, path, commit, new, &matches);
        for finding in &mut findings {
            finding.place.line = finding.place.line.saturating_add(passed_lines);
        }
        scanned.findings.extend(findings);
        scanned.coverage.bytes += count;
        passed_lines += memchr::memchr_iter(b'\n', window.get(..end).unwrap_or_default()).count();
        if is_last {
            scanned.coverage.lines = passed_lines;
            return Ok(scanned);
        }
        window.drain(..end);
    }
}

fn scan_addition(
    blobs: &mut BlobReader<'_>,
    addition: &Addition,
    commit: Option<ObjectId>,
    count_exactly: bool,
) -> Result<Scanned, SourceError> {
    let new = match blobs.open(addition.new, &addition.path)? {
        Content::Whole(new) => new,
        Content::Stream { read, .. } => {
            let failed = |error| SourceError::broke_off(addition.new, &addition.path, &error);
            return scan_stream(read, &addition.path, commit).map_err(failed);
        }
    };
    let matches = find(&new);
    let count_exactly = count_exactly && new.len() < COUNT_EXACTLY;
    let old: Vec<Blob<'_>> = if matches.is_empty() && !count_exactly {
        Vec::new()
    } else {
        // An old version that is not here, as in a partial clone, hides nothing:
        // without it more counts as added.
        addition.old.iter().filter_map(|id| blobs.read(*id, &addition.path).ok()).collect()
    };
    let (lines, at_most) = match (old.first(), addition.old.is_empty()) {
        _ if is_binary(&new) => (0, false),
        (Some(old), _) if count_exactly => (count_added_lines(&new, old), false),
        (_, new_file) => (lines(&new).count(), !new_file),
    };
    let added = added_matches(&new, &matches, &old);
    Ok(Scanned {
        findings: Finding::all(&new, &addition.path, commit, added, &matches),
        coverage: Coverage { files: 1, lines, lines_at_most: at_most, bytes: new.len(), submodules: 0 },
    })
}

/// Those of `matches` in `new` that none of the `old` versions accounts for: what
/// stands on one line of plain text, if that line stands there more often now; what
/// is encoded, goes over several or lies where either side is binary, if the token
/// does.
fn added_matches<'m>(new: &[u8], matches: &'m [Match], old: &[Blob<'_>]) -> Vec<&'m Match> {
    if matches.is_empty() || old.is_empty() {
        return matches.iter().collect();
    }
    let binary = is_binary(new) || old.iter().any(|old| is_binary(old));
    let lines_of = lines_of(new, matches);
    let (on_a_line, others): (Vec<usize>, Vec<usize>) =
        (0..matches.len()).partition(|number| !binary && is_on_one_line(matches, &lines_of, *number));

    let token = |number: usize| matches.get(number).map(|found| (found.kind.id, found.fingerprint));
    let line = |number: usize| lines_of.get(number).and_then(|line| new.get(line.clone()));
    let candidates: HashSet<&[u8]> = on_a_line.iter().filter_map(|number| line(*number)).collect();
    let mut held_lines: Vec<_> =
        old.iter().map(|old| Multiset::of(lines(old).filter(|line| candidates.contains(line)))).collect();
    let mut held_tokens: Vec<_> = old
        .iter()
        .filter(|_| !others.is_empty())
        .map(|old| Multiset::of(find(old).into_iter().map(|found| Some((found.kind.id, found.fingerprint)))))
        .collect();

    let mut added = vec![false; matches.len()];
    let mut verdict = |number: usize, is_added: bool| added.get_mut(number).map(|added| *added = is_added);
    // A line with several tokens is added or not as one.
    let mut last: Option<(&Range<usize>, bool)> = None;
    for number in on_a_line {
        let Some(range) = lines_of.get(number) else { continue };
        let is_added = match last {
            Some((same, is_added)) if same == range => is_added,
            _ => !take_from_any(&mut held_lines, &line(number).unwrap_or_default()),
        };
        last = Some((range, is_added));
        // Its place is accounted for, and must not excuse another one's.
        if !is_added {
            take_from_any(&mut held_tokens, &token(number));
        }
        verdict(number, is_added);
    }
    for number in others {
        verdict(number, !take_from_any(&mut held_tokens, &token(number)));
    }
    matches.iter().zip(added).filter_map(|(found, added)| added.then_some(found)).collect()
}

/// Whether the match of this number stands in plain text and ends on the line on
/// which it begins.
fn is_on_one_line(matches: &[Match], lines_of: &[Range<usize>], number: usize) -> bool {
    let found = matches.get(number).zip(lines_of.get(number));
    found.is_some_and(|(found, line)| found.encodings.is_plain() && found.span.end <= line.end)
}

/// The line on which each of `matches`, sorted by where they begin, begins.
fn lines_of(content: &[u8], matches: &[Match]) -> Vec<Range<usize>> {
    let mut lines: Vec<Range<usize>> = Vec::with_capacity(matches.len());
    for found in matches {
        let start = found.span.start;
        let same = lines.last().filter(|line| line.contains(&start)).cloned();
        lines.push(same.unwrap_or_else(|| line_around(content, start)));
    }
    lines
}

/// Takes `key` away from each of `held`; whether any had one left.
fn take_from_any<K: std::hash::Hash + Eq>(held: &mut [Multiset<K>], key: &K) -> bool {
    // Each gives one up, even once the answer is known.
    let given = held.iter_mut().filter_map(|multiset| multiset.take(key).then_some(())).count();
    given > 0
}

/// Searches the whole content of the files `paths`. Findings name each by its
/// path from `top`, the top of the work tree, wherever it was named from, so that
/// a policy means the same file; one that lies elsewhere keeps its own path.
///
/// # Errors
///
/// The first [`SourceError`] of any file: what cannot be read ends the run.
pub fn scan_files(paths: &[PathBuf], top: Option<&Path>) -> Result<Scanned, SourceError> {
    let mut all = Scanned::default();
    for path in paths {
        let Some(content) = open_path(path)? else {
            all.coverage.submodules += 1;
            continue;
        };
        let name = slashed(&from_top(path, top).unwrap_or_else(|| path.clone()));
        let content = match content {
            Content::Whole(content) => content,
            Content::Stream { read, .. } => {
                all.add(scan_stream(read, &name, None).map_err(|error| SourceError::of_file(path, error))?);
                all.findings.extend(Finding::in_path(&name, None));
                continue;
            }
        };
        let matches = find(&content);
        all.findings.extend(Finding::all(&content, &name, None, &matches, &matches));
        all.findings.extend(Finding::in_path(&name, None));
        let lines = if is_binary(&content) { 0 } else { lines(&content).count() };
        all.coverage.add(Coverage { files: 1, lines, bytes: content.len(), ..Coverage::default() });
    }
    Ok(all)
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
