//! Scans the objects of a history, before their paths are known.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher as _, RandomState};
use std::ops::Range;

use super::gap::gaps;
use super::stream::scan_stream;
use super::text::scan_object;
use super::{Coverage, Gap, Scanned};
use crate::find::{Found, Position, is_clean_base, is_still_clean, search};
use crate::finding::{Finding, Origin, Part};
use crate::source::{Content, Database, ObjectId, ObjectKind, Pointer, SourceError, Stored, Watch};

/// An object with findings or gaps.
#[derive(Debug, Default)]
pub(super) struct Holder {
    /// Without a path yet.
    pub findings: Vec<Finding>,
    pub gaps: Vec<Gap>,
}

/// What the objects hold.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub holders: HashMap<ObjectId, Holder>,
    /// Names of files and folders that hold tokens.
    pub names: HashSet<Vec<u8>>,
    /// Objects that a tree or a commit names and the database lacks, each with its name.
    pub missing: HashMap<ObjectId, Vec<u8>>,
    pub commits: usize,
    pub coverage: Coverage,
}

impl Seen {
    pub(super) fn add(&mut self, other: Self) {
        self.holders.extend(other.holders);
        self.names.extend(other.names);
        self.missing.extend(other.missing);
        self.commits += other.commits;
        self.coverage.add(other.coverage);
    }

    pub(super) fn hold(&mut self, id: ObjectId, scanned: Scanned) {
        let Scanned { findings, gaps, coverage, .. } = scanned;
        self.coverage.add(coverage);
        if !(findings.is_empty() && gaps.is_empty()) {
            self.holders.insert(id, Holder { findings, gaps });
        }
    }
}

/// The work of one thread.
pub(super) struct Share<'d> {
    pub database: &'d Database,
    /// Pointers of Git LFS, whose content is searched after the objects.
    pub pointers: Vec<(ObjectId, Pointer)>,
    pub hasher: &'d RandomState,
    pub watch: &'d Watch,
    pub seen: Seen,
    /// Hashes of tree entries that were read. The hash is random, so that nobody can construct
    /// a collision.
    pub known: HashSet<u64>,
}

impl Share<'_> {
    /// Scans an object. Returns whether it is text without any token, so that only the
    /// differences of a new version need be searched.
    pub(super) fn take(&mut self, stored: Stored<'_>) -> bool {
        let Stored { kind, id, content, changed } = stored;
        match (kind, content) {
            (ObjectKind::Tree, Content::Whole(tree)) => self.tree(&tree),
            (ObjectKind::Blob, Content::Whole(blob)) => return self.blob(id, &blob, changed),
            (ObjectKind::Commit | ObjectKind::Tag, Content::Whole(text)) => self.text(kind, id, &text),
            (_, Content::Stream { read, .. }) => {
                let origin = Origin::default();
                let failed = |error| SourceError::broke_off(id, b"", &error);
                let streamed = scan_stream(read, &origin, self.watch);
                let (scanned, _) = streamed.or_gap(|error| Gap::unreadable(b"", None, &failed(error)));
                self.seen.hold(id, scanned);
            }
        }
        false
    }

    fn blob(&mut self, id: ObjectId, blob: &[u8], changed: Option<&[Range<usize>]>) -> bool {
        if let Some(pointer) = Pointer::read(blob) {
            self.pointers.push((id, pointer));
            return false;
        }
        self.seen.coverage.files += 1;
        self.seen.coverage.bytes += blob.len() as u64;
        if changed.is_some_and(|changed| is_still_clean(blob, changed)) {
            return true;
        }
        let found = search(blob);
        if found.matches.is_empty() && found.missed.is_empty() {
            return is_clean_base(blob);
        }
        let origin = Origin::default();
        let findings = Finding::all(blob, Position::default(), &origin, &found.matches, &found.matches);
        let gaps = gaps(&origin, found.missed);
        self.seen.hold(id, Scanned { findings, gaps, ..Scanned::default() });
        false
    }

    /// A commit or a tag. Its names and headers are scanned too, since a log shows them.
    fn text(&mut self, kind: ObjectKind, id: ObjectId, text: &[u8]) {
        if kind == ObjectKind::Commit {
            self.seen.commits += 1;
            for line in text.split(|byte| *byte == b'\n').take_while(|line| !line.is_empty()) {
                let named = line.strip_prefix(b"tree ").or_else(|| line.strip_prefix(b"parent "));
                if let Some(named) = named.and_then(ObjectId::from_hex) {
                    self.check(named, b"");
                }
            }
        }
        let part = if kind == ObjectKind::Tag { Part::TagMessage } else { Part::CommitMessage };
        self.seen.hold(id, scan_object(text, id, b"", part));
    }

    fn tree(&mut self, mut tree: &[u8]) {
        let id_length = self.database.id_length();
        while let Some(space) = memchr::memchr(b' ', tree) {
            let (mode, rest) = tree.split_at(space);
            let rest = rest.get(1..).unwrap_or_default();
            let length = memchr::memchr(0, rest).unwrap_or(rest.len());
            let Some((entry, after)) = rest.split_at_checked(length + 1 + id_length) else { break };
            tree = after;
            if !self.known.insert(self.hasher.hash_one(entry)) {
                continue;
            }
            let (name, id) = entry.split_at(length);
            // A submodule's commit is in another repository.
            if mode != b"160000"
                && let Some(id) = id.get(1..).and_then(ObjectId::from_bytes)
            {
                self.check(id, name);
            }
            if !is_clear(name) {
                self.seen.names.insert(name.to_vec());
            }
        }
    }

    fn check(&mut self, id: ObjectId, name: &[u8]) {
        if !self.seen.missing.contains_key(&id) && !self.database.contains(id) {
            self.seen.missing.insert(id, name.to_vec());
        }
    }
}

/// Whether the name holds no token and no gap.
fn is_clear(name: &[u8]) -> bool {
    let Found { matches, missed } = search(name);
    matches.is_empty() && missed.is_empty()
}
