//! Scans names, messages, commits and tags.

use super::gap::gaps;
use super::{Coverage, Scanned};
use crate::find::{Found, Position, search};
use crate::finding::{Finding, Origin, Part};
use crate::source::ObjectId;

/// Scans the name `path` itself: listings show it.
pub fn scan_name(path: &[u8], commit: Option<ObjectId>) -> Scanned {
    part_of(path, &Origin { path, commit }, Part::Path)
}

/// Scans a message that is being written.
pub fn scan_message(message: &[u8]) -> Scanned {
    let coverage = Coverage::of_bytes(message.len());
    Scanned { coverage, ..part_of(message, &Origin::default(), Part::CommitMessage) }
}

/// Scans the commit or tag `id`: its message, whose lines are counted from its first, and its
/// header. `path` is the name of a tag's reference.
pub(super) fn scan_object(content: &[u8], id: ObjectId, path: &[u8], part: Part) -> Scanned {
    let end = memchr::memmem::find(content, b"\n\n").map_or(content.len(), |at| at + 1);
    let (header, message) = content.split_at_checked(end).unwrap_or((content, b""));
    let origin = Origin { path, commit: Some(id) };
    let mut scanned = part_of(header, &origin, part);
    scanned.add(part_of(message.get(1..).unwrap_or_default(), &origin, part));
    scanned.coverage = Coverage::of_bytes(content.len());
    scanned
}

/// Scans `text`, which is `part` of something. It does not count as content.
fn part_of(text: &[u8], origin: &Origin<'_>, part: Part) -> Scanned {
    let Found { matches, missed } = search(text);
    let mut findings = Finding::all(text, Position::default(), origin, &matches, &matches);
    findings.iter_mut().for_each(|finding| finding.place.part = part);
    let gaps = gaps(origin, missed).into_iter().map(|gap| gap.of(part)).collect();
    Scanned { findings, gaps, ..Scanned::default() }
}
