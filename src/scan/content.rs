//! Scans content at a path: what a change adds to it, or all of it.

use super::added::{added_matches, added_tokens, held_tokens};
use super::gap::gaps;
use super::parallel::Worker;
use super::stream::scan_stream;
use super::{Coverage, Gap, Scanned};
use crate::find::{Found, Missed, Position, Unread, search};
use crate::finding::{Finding, Origin, Token};
use crate::source::{Addition, BlobReader, Content, ObjectId, Pointer, SourceError, Watch};
use crate::text::{count_added_lines, count_lines, is_binary};

/// Up to this many bytes, changed content is compared only to count its added lines exactly.
const COUNT_EXACTLY: usize = 256 * 1024;

/// Scans what `addition`, brought by `commit`, adds.
pub(super) fn scan_addition(
    worker: &mut Worker<'_>,
    addition: &Addition,
    commit: Option<ObjectId>,
    watch: &Watch,
) -> Scanned {
    let origin = Origin { path: &addition.path, commit };
    let unreadable = |error: SourceError| Gap::unreadable(origin.path, commit, &error);
    let count_exactly = worker.bytes < COUNT_EXACTLY as u64;
    let Some(blobs) = &mut worker.blobs else { return unreadable(SourceError::bare()).into() };
    let (mut scanned, tokens) = match blobs.open_new(addition) {
        Ok(Content::Whole(new)) => match Pointer::read(&new) {
            None => return scan_added(blobs, addition, &new, &origin, count_exactly),
            Some(pointer) => scan_pointed(blobs.open_pointed(&pointer), &origin, watch),
        },
        Ok(Content::Stream { read, .. }) => {
            let failed = |error| unreadable(SourceError::broke_off(addition.new, &addition.path, &error));
            scan_stream(read, &origin, watch).or_gap(failed)
        }
        Err(error) => return unreadable(error).into(),
    };
    if !tokens.is_empty() {
        let held = addition.old.iter().map(|id| held_tokens(blobs, *id, &addition.path)).collect();
        let mut added = added_tokens(&tokens, held).into_iter();
        scanned.findings.retain(|_| added.next().unwrap_or(true));
    }
    // Its lines are not compared with the old version's.
    scanned.coverage.lines_at_most = !addition.old.is_empty();
    scanned
}

/// Scans the `content` that Git LFS stores. If it is not in this clone, that is a gap. Returns
/// the tokens of the findings, too.
pub(super) fn scan_pointed(
    content: Result<Option<Content<'_>>, SourceError>,
    origin: &Origin<'_>,
    watch: &Watch,
) -> (Scanned, Vec<Token>) {
    let unreadable = |error: &SourceError| Gap::unreadable(origin.path, origin.commit, error);
    match content {
        Ok(Some(content)) => {
            let failed = |error| unreadable(&SourceError::of_file("an object of Git LFS", error));
            scan_stream(content.into_read(), origin, watch).or_gap(failed)
        }
        Ok(None) => {
            let missed = Missed { member: Vec::new(), why: Unread::NotHere };
            let coverage = Coverage { files: 1, ..Coverage::default() };
            (Scanned { gaps: gaps(origin, vec![missed]), coverage, ..Scanned::default() }, Vec::new())
        }
        Err(error) => (unreadable(&error).into(), Vec::new()),
    }
}

/// Scans what `addition` adds; its whole content is `new`.
fn scan_added(
    blobs: &mut BlobReader<'_>,
    addition: &Addition,
    new: &[u8],
    origin: &Origin<'_>,
    count_exactly: bool,
) -> Scanned {
    let Found { matches, missed } = search(new);
    let count_exactly = count_exactly && new.len() < COUNT_EXACTLY;
    let mut old: Vec<Content<'_>> = Vec::new();
    if !matches.is_empty() || count_exactly {
        // A missing old version, as in a partial clone, hides nothing: more counts as added.
        for id in &addition.old {
            old.extend(blobs.open(*id, &addition.path));
        }
    }
    let (lines, lines_at_most) = match (old.first(), addition.old.is_empty()) {
        _ if is_binary(new) => (0, false),
        (Some(Content::Whole(old)), _) if count_exactly => (count_added_lines(new, old), false),
        (_, new_file) => (count_lines(new), !new_file),
    };
    let added = added_matches(new, &matches, old);
    let coverage = Coverage { files: 1, lines, lines_at_most, ..Coverage::of_bytes(new.len()) };
    let findings = Finding::all(new, Position::default(), origin, added, &matches);
    Scanned { findings, gaps: gaps(origin, missed), coverage, ..Scanned::default() }
}

/// Searches all of `content`.
pub(super) fn scan_whole(content: &[u8], origin: &Origin<'_>) -> Scanned {
    let Found { matches, missed } = search(content);
    let lines = if is_binary(content) { 0 } else { count_lines(content) };
    Scanned {
        findings: Finding::all(content, Position::default(), origin, &matches, &matches),
        gaps: gaps(origin, missed),
        coverage: Coverage { files: 1, lines, ..Coverage::of_bytes(content.len()) },
        ..Scanned::default()
    }
}
