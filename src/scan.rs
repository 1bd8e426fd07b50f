//! From what a run looks at to what it found.
//!
//! Search first, compare second: a blob is compared with its old version only
//! where it holds a candidate.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::find::{Match, find};
use crate::finding::Finding;
use crate::source::{
    Addition, Blob, BlobReader, Multiset, ObjectId, Preference, Repository, SourceError, count_added_lines,
    is_binary, line_around, lines, read_path,
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
}

impl Coverage {
    fn add(&mut self, other: Self) {
        self.files += other.files;
        self.lines += other.lines;
        self.lines_at_most |= other.lines_at_most;
        self.bytes += other.bytes;
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
    preference: Preference,
    additions: &[(Addition, Option<ObjectId>)],
) -> Result<Scanned, SourceError> {
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
            if let Ok(mut done) = done.lock() {
                done.push((number, scanned));
            }
        }
        Ok(())
    };

    work(repository, WORTH_THREADS)?;
    let left = additions.len().saturating_sub(next.load(Ordering::Relaxed));
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(left);
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads)
            .map(|_| {
                scope.spawn(|| {
                    Repository::open(preference).and_then(|repository| work(&repository, usize::MAX))
                })
            })
            .collect();
        work(repository, usize::MAX)?;
        others.into_iter().try_for_each(|other| match other.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        })
    })?;

    let mut done = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    done.sort_unstable_by_key(|(number, _)| *number);
    let mut all = Scanned::default();
    done.into_iter().for_each(|(_, scanned)| all.add(scanned));
    Ok(all)
}

fn scan_addition(
    blobs: &mut BlobReader<'_>,
    addition: &Addition,
    commit: Option<ObjectId>,
    count_exactly: bool,
) -> Result<Scanned, SourceError> {
    let new = blobs.read(addition.new, &addition.path)?;
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
        findings: added
            .iter()
            .map(|found| Finding::new(&new, &addition.path, commit, found, &matches))
            .collect(),
        coverage: Coverage { files: 1, lines, lines_at_most: at_most, bytes: new.len() },
    })
}

/// Those of `matches` in `new` that none of the `old` versions accounts for: in
/// text, matches on lines that stand there more often now; where either side is
/// binary, tokens that occur more often now.
fn added_matches<'m>(new: &[u8], matches: &'m [Match], old: &[Blob<'_>]) -> Vec<&'m Match> {
    if matches.is_empty() || old.is_empty() {
        return matches.iter().collect();
    }
    if is_binary(new) || old.iter().any(|old| is_binary(old)) {
        let mut held: Vec<_> = old
            .iter()
            .map(|old| Multiset::of(find(old).into_iter().map(|found| (found.kind.id, found.fingerprint))))
            .collect();
        return matches
            .iter()
            .filter(|found| !take_from_any(&mut held, &(found.kind.id, found.fingerprint)))
            .collect();
    }
    let line_of = |found: &Match| line_around(new, found.span.start);
    let candidates: std::collections::HashSet<&[u8]> =
        matches.iter().filter_map(|found| new.get(line_of(found))).collect();
    let mut held: Vec<_> =
        old.iter().map(|old| Multiset::of(lines(old).filter(|line| candidates.contains(line)))).collect();
    let mut verdicts: Vec<(usize, bool)> = Vec::new();
    matches
        .iter()
        .filter(|found| {
            let line = line_of(found);
            match verdicts.last() {
                Some((start, added)) if *start == line.start => *added,
                _ => {
                    let added = !take_from_any(&mut held, &new.get(line.clone()).unwrap_or_default());
                    verdicts.push((line.start, added));
                    added
                }
            }
        })
        .collect()
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
/// [`SourceError::File`] for the first file that cannot be read.
pub fn scan_files(paths: &[PathBuf], top: Option<&Path>) -> Result<Scanned, SourceError> {
    let mut all = Scanned::default();
    for path in paths {
        let Some(content) = read_path(path)? else { continue };
        let matches = find(&content);
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.clone());
        let name = slashed(top.and_then(|top| absolute.strip_prefix(top).ok()).unwrap_or(path));
        all.findings.extend(matches.iter().map(|found| Finding::new(&content, &name, None, found, &matches)));
        let lines = if is_binary(&content) { 0 } else { lines(&content).count() };
        all.coverage.add(Coverage { files: 1, lines, lines_at_most: false, bytes: content.len() });
    }
    Ok(all)
}

/// A path in git's bytes: with `/` between its parts.
fn slashed(path: &Path) -> Vec<u8> {
    let bytes = path.as_os_str().as_encoded_bytes();
    if std::path::MAIN_SEPARATOR == '/' {
        return bytes.to_vec();
    }
    bytes.iter().map(|byte| if *byte == b'\\' { b'/' } else { *byte }).collect()
}
