//! From what a run looks at to what it found.
//!
//! Search first, compare second: a blob is compared with its old version only
//! where it holds a candidate.

mod added;
mod commits;
mod diff;
mod files;
mod history;

use std::io::{self, Read};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::find::{Found, Match, Missed, Position, Unread, search, search_stream};
use crate::finding::{Finding, Of};
use crate::source::{
    Addition, BlobReader, Content, ObjectId, Pointer, Repository, SourceError, count_added_lines, is_binary,
    lines,
};
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub use added::added_matches as added_of;
use added::{Token, added_matches, added_tokens, held_tokens};
pub use commits::{scan_commits, scan_tags};
pub use diff::scan_diff;
pub use files::{scan_files, scan_listed, scan_reader};
pub use history::{ScannedHistory, scan_history};

/// Content worth a second thread, in bytes.
const WORTH_THREADS: u64 = 1 << 20;
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
    pub bytes: u64,
    /// Folders that were named and are submodules: repositories of their own.
    pub submodules: usize,
    /// Tokens in a history that nothing reaches, and that were not asked for.
    pub unreachable: usize,
}

impl Coverage {
    fn add(&mut self, other: Self) {
        self.files += other.files;
        self.lines += other.lines;
        self.lines_at_most |= other.lines_at_most;
        self.bytes += other.bytes;
        self.submodules += other.submodules;
        self.unreachable += other.unreachable;
    }
}

/// What a run found and what it looked at.
#[derive(Debug, Clone, Default)]
pub struct Scanned {
    /// In the order of the scope, then of place.
    pub findings: Vec<Finding>,
    /// What was searched.
    pub coverage: Coverage,
    /// What was not.
    pub gaps: Vec<Gap>,
}

/// A part of a file that could not be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// The file's path, in git's bytes.
    pub path: Vec<u8>,
    /// Which part, and why.
    pub missed: Missed,
}

impl Scanned {
    /// What several threads found, each part with its number.
    fn in_order(parts: Mutex<Vec<(usize, Self)>>) -> Self {
        let mut parts = parts.into_inner().unwrap_or_else(PoisonError::into_inner);
        parts.sort_unstable_by_key(|(number, _)| *number);
        let mut all = Self::default();
        parts.into_iter().for_each(|(_, part)| all.add(part));
        all
    }

    /// Adds what `other` found and looked at.
    pub fn add(&mut self, other: Self) {
        self.findings.extend(other.findings);
        self.gaps.extend(other.gaps);
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
    let work = |repository: &Repository, enough: u64| -> Result<(), SourceError> {
        let mut blobs = repository.blobs();
        let mut bytes = 0;
        while bytes < enough {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some((addition, commit)) = additions.get(number) else { break };
            let scanned = scan_addition(&mut blobs, addition, *commit, bytes < COUNT_EXACTLY as u64)?;
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
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(|| work(&reopen()?, u64::MAX))).collect();
        work(repository, u64::MAX)?;
        others.into_iter().try_for_each(|other| match other.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        })
    })?;

    Ok(Scanned::in_order(done))
}

fn scan_addition(
    blobs: &mut BlobReader<'_>,
    addition: &Addition,
    commit: Option<ObjectId>,
    count_exactly: bool,
) -> Result<Scanned, SourceError> {
    let of = Of { path: &addition.path, commit };
    let new = match blobs.open_new(addition)? {
        Content::Whole(new) => new,
        Content::Stream { read, .. } => {
            let _one = ONE_STREAM.lock().unwrap_or_else(PoisonError::into_inner);
            let failed = |error| SourceError::broke_off(addition.new, &addition.path, &error);
            let (mut scanned, tokens) = scan_stream(read, &of).map_err(failed)?;
            if !tokens.is_empty() {
                let held = addition.old.iter().map(|id| held_tokens(blobs, *id, &addition.path)).collect();
                let mut added = added_tokens(&tokens, held).into_iter();
                scanned.findings.retain(|_| added.next().unwrap_or(true));
            }
            return Ok(scanned);
        }
    };
    if let Some(pointer) = Pointer::read(&new) {
        return scan_pointed(blobs, addition, &of, &pointer);
    }
    let Found { matches, missed } = search(&new);
    let count_exactly = count_exactly && new.len() < COUNT_EXACTLY;
    let mut old: Vec<Content<'_>> = Vec::new();
    if !matches.is_empty() || count_exactly {
        // An old version that is not here, as in a partial clone, hides nothing:
        // without it more counts as added.
        for id in &addition.old {
            old.extend(blobs.open(*id, &addition.path));
        }
    }
    let (lines, at_most) = match (old.first(), addition.old.is_empty()) {
        _ if is_binary(&new) => (0, false),
        (Some(Content::Whole(old)), _) if count_exactly => (count_added_lines(&new, old), false),
        (_, new_file) => (lines(&new).count(), !new_file),
    };
    let added = added_matches(&new, &matches, old);
    Ok(Scanned {
        findings: Finding::all(&new, Position::default(), &of, added, &matches),
        gaps: gaps(&of, missed),
        coverage: Coverage {
            files: 1,
            lines,
            lines_at_most: at_most,
            bytes: new.len() as u64,
            ..Coverage::default()
        },
    })
}

/// Searches what the pointer that `addition` adds stands for: a token counts that the old
/// versions do not hold.
fn scan_pointed(
    blobs: &mut BlobReader<'_>,
    addition: &Addition,
    of: &Of<'_>,
    pointer: &Pointer,
) -> Result<Scanned, SourceError> {
    let (mut scanned, tokens) = scan_kept(blobs.open_pointed(pointer)?, of)?;
    if !tokens.is_empty() {
        let held = addition.old.iter().map(|id| held_tokens(blobs, *id, &addition.path)).collect();
        let mut added = added_tokens(&tokens, held).into_iter();
        scanned.findings.retain(|_| added.next().unwrap_or(true));
    }
    Ok(scanned)
}

/// Searches the content of a pointer; where it is not here, that is a gap. The tokens go
/// with the findings.
fn scan_kept(content: Option<Content<'static>>, of: &Of<'_>) -> Result<(Scanned, Vec<Token>), SourceError> {
    let Some(content) = content else {
        let missed = Missed { member: Vec::new(), why: Unread::NotHere };
        let gaps = vec![Gap { path: of.path.to_vec(), missed }];
        let coverage = Coverage { files: 1, ..Coverage::default() };
        return Ok((Scanned { gaps, coverage, ..Scanned::default() }, Vec::new()));
    };
    let _one = ONE_STREAM.lock().unwrap_or_else(PoisonError::into_inner);
    scan_stream(content.into_read(), of)
        .map_err(|error| SourceError::of_file(Path::new("an object of Git LFS"), error))
}

/// At most one content at a time is too big for memory: a container among them
/// would be there whole.
static ONE_STREAM: Mutex<()> = Mutex::new(());

/// Searches all of a stream. The tokens go with the findings.
fn scan_stream(mut read: Box<dyn Read + '_>, of: &Of<'_>) -> io::Result<(Scanned, Vec<Token>)> {
    let mut scanned = Scanned::default();
    let mut tokens = Vec::new();
    let mut lines = 0;
    let (missed, bytes) = search_stream(&mut *read, &mut |window, matches| {
        scanned.findings.extend(Finding::all(window.bytes, window.start, of, matches, matches));
        tokens.extend(matches.iter().map(Match::key));
        let own = window.bytes.get(window.own.clone()).unwrap_or_default();
        lines += memchr::memchr_iter(b'\n', own).count();
    })?;
    scanned.gaps = gaps(of, missed);
    scanned.coverage = Coverage { files: 1, lines, bytes, ..Coverage::default() };
    Ok((scanned, tokens))
}

fn gaps(of: &Of<'_>, missed: Vec<Missed>) -> Vec<Gap> {
    missed.into_iter().map(|missed| Gap { path: of.path.to_vec(), missed }).collect()
}
