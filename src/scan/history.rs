//! A whole history: each object is searched once, and only what holds a token is
//! traced back to the commit that brought it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{BuildHasher as _, RandomState};
use std::ops::Range;

use super::content::{gaps, scan_pointed, scan_stream};
use super::text::scan_object;
use super::{Coverage, Gap, Scanned, scan_name};
use crate::find::{Found, Position, is_clear_near, is_ground, search};
use crate::finding::{self, Finding, Of, Part};
use crate::source::{
    Change, Content, Database, History, ObjectId, ObjectKind, Pointer, Repository, SourceError, Stored, Watch,
};
use crate::token::Fingerprint;

/// What makes a token the same as another.
type Token = (&'static str, Fingerprint);

/// What a history was found to hold.
#[derive(Debug, Default)]
pub struct ScannedHistory {
    /// The findings, one for each token and path, those that came first first.
    pub scanned: Scanned,
    /// How many commits were read.
    pub commits: usize,
    /// How many objects were read, trees and messages too.
    pub objects: u64,
}

/// Searches all objects of `repository`. What no ref and no reflog reaches counts as a
/// finding only if `unreachable` says so. If `watch` says to stop, what was found so
/// far is returned.
///
/// # Errors
///
/// [`SourceError`] if an object cannot be read or is missing, or the clone is shallow:
/// what is not here was not searched.
pub fn scan_history(
    repository: &Repository,
    watch: &Watch,
    unreachable: bool,
) -> Result<ScannedHistory, SourceError> {
    if repository.is_shallow()? {
        return Err(SourceError::Shallow);
    }
    // Before the objects are listed: what is pushed meanwhile is not missing.
    let starts = repository.starts()?;
    let database = repository.database()?;
    if let Some((id, name)) = starts.iter().find(|(id, _)| !database.contains(*id)) {
        let path = Some(String::from_utf8_lossy(name).into_owned());
        return Err(SourceError::Missing { id: *id, path, promised: false });
    }
    let hasher = RandomState::new();
    let new = || Reading {
        database: &database,
        pointers: Vec::new(),
        hasher: &hasher,
        watch,
        seen: Seen::default(),
        known: HashSet::new(),
    };
    let states = database.each(repository, watch, new, Reading::take)?;
    let mut seen = Seen::default();
    let mut pointers = Vec::new();
    for state in states {
        seen.add(state.seen);
        pointers.extend(state.pointers);
    }
    let lfs = repository.lfs();
    for (id, pointer) in pointers.into_iter().take_while(|_| !watch.stops()) {
        let of = Of { path: b"", commit: None };
        seen.hold(id, scan_pointed(lfs.open(&pointer), &of, watch).0);
    }
    if let Some((id, path)) = seen.missing.first()
        && !watch.stops()
    {
        repository.check_complete(*id, path)?;
    }
    let objects = watch.done.load(std::sync::atomic::Ordering::Relaxed);
    let Seen { commits, coverage, .. } = seen;
    let mut all = ScannedHistory { commits, objects, ..ScannedHistory::default() };
    if watch.stops() {
        all.scanned.findings = untraced(seen.holders);
    } else if !(seen.holders.is_empty() && seen.names.is_empty()) {
        Trace::of(repository, seen)?.tell(unreachable, &mut all);
    }
    starts.iter().for_each(|(_, name)| all.scanned.add(scan_name(name, None)));
    all.scanned.coverage.add(coverage);
    all.scanned.interrupted = watch.stops();
    Ok(all)
}

/// An object that holds tokens, or could not be looked into.
#[derive(Debug)]
struct Holder {
    /// At no path yet.
    findings: Vec<Finding>,
    gaps: Vec<Gap>,
}

/// What was seen in the objects.
#[derive(Debug, Default)]
struct Seen {
    holders: HashMap<ObjectId, Holder>,
    /// Names of files and folders that hold tokens.
    names: HashSet<Vec<u8>>,
    /// What a tree or a commit names and the database does not have.
    missing: Vec<(ObjectId, Vec<u8>)>,
    commits: usize,
    coverage: Coverage,
}

impl Seen {
    fn add(&mut self, other: Self) {
        self.holders.extend(other.holders);
        self.names.extend(other.names);
        self.missing.extend(other.missing);
        self.commits += other.commits;
        self.coverage.add(other.coverage);
    }

    fn hold(&mut self, id: ObjectId, scanned: Scanned) {
        let Scanned { findings, gaps, coverage, .. } = scanned;
        self.coverage.add(coverage);
        if !(findings.is_empty() && gaps.is_empty()) {
            self.holders.insert(id, Holder { findings, gaps });
        }
    }
}

/// A thread's share of the reading.
struct Reading<'d> {
    database: &'d Database,
    /// What stands for a content that Git LFS keeps, to be searched behind the objects.
    pointers: Vec<(ObjectId, Pointer)>,
    hasher: &'d RandomState,
    watch: &'d Watch,
    seen: Seen,
    /// Entries of trees that were looked at, each by a hash that nobody can foresee.
    known: HashSet<u64>,
}

impl Reading<'_> {
    /// Looks at an object; whether it is text without any token, so that of what differs
    /// from it only the differences need be looked at.
    fn take(&mut self, stored: Stored<'_>) -> Result<bool, SourceError> {
        let Stored { kind, id, content, fresh } = stored;
        match (kind, content) {
            (ObjectKind::Tree, Content::Whole(tree)) => self.tree(&tree),
            (ObjectKind::Blob, Content::Whole(blob)) => return Ok(self.blob(id, &blob, fresh)),
            (ObjectKind::Commit | ObjectKind::Tag, Content::Whole(text)) => self.text(kind, id, &text),
            (_, Content::Stream { read, .. }) => {
                let of = Of { path: b"", commit: None };
                let failed = |error| SourceError::broke_off(id, b"", &error);
                let streamed = scan_stream(read, &of, self.watch);
                let (scanned, _) = streamed.or_gap(|error| Gap::unreadable(b"", None, &failed(error)));
                self.seen.hold(id, scanned);
            }
        }
        Ok(false)
    }

    fn blob(&mut self, id: ObjectId, blob: &[u8], fresh: Option<&[Range<usize>]>) -> bool {
        if let Some(pointer) = Pointer::read(blob) {
            self.pointers.push((id, pointer));
            return false;
        }
        self.seen.coverage.files += 1;
        self.seen.coverage.bytes += blob.len() as u64;
        if fresh.is_some_and(|fresh| is_clear_near(blob, fresh)) {
            return true;
        }
        let found = search(blob);
        if found.matches.is_empty() && found.missed.is_empty() {
            return is_ground(blob);
        }
        let of = Of { path: b"", commit: None };
        let findings = Finding::all(blob, Position::default(), &of, &found.matches, &found.matches);
        let gaps = gaps(&of, found.missed);
        self.seen.hold(id, Scanned { findings, gaps, ..Scanned::default() });
        false
    }

    /// A commit or a tag, whose names and headers whoever reads a log reads too.
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
        if self.seen.missing.len() < 64 && !self.database.contains(id) {
            self.seen.missing.push((id, name.to_vec()));
        }
    }
}

/// Whether the name holds nothing and could be read as a whole.
fn is_clear(name: &[u8]) -> bool {
    let Found { matches, missed } = search(name);
    matches.is_empty() && missed.is_empty()
}

/// What was found before somebody stopped the run: it is named by its object.
fn untraced(holders: HashMap<ObjectId, Holder>) -> Vec<Finding> {
    let found = holders.into_iter().flat_map(|(id, holder)| {
        holder.findings.into_iter().map(move |mut finding| {
            finding.place.path = format!("object {id}").into_bytes();
            finding
        })
    });
    found.collect()
}

/// A token at a path, and how it came there.
struct Sighting {
    finding: Finding,
    /// The number of the commit that brought it; none where no commit holds it.
    commit: Option<usize>,
}

/// Which commits brought what, and which refs reach them.
struct Trace {
    seen: Seen,
    history: History,
    /// By token and path; of each the first.
    sightings: BTreeMap<(Option<usize>, Vec<u8>, Token), Sighting>,
    placed: HashSet<(Token, Vec<u8>)>,
    /// The objects that something reaches.
    reached: HashSet<ObjectId>,
    /// The commits that bring each token.
    brought: HashMap<Token, Vec<usize>>,
    gaps: Vec<Gap>,
    /// Path, object or commit, and member of each gap.
    told: HashSet<(Vec<u8>, Option<ObjectId>, Vec<u8>)>,
    tip: HashSet<ObjectId>,
}

impl Trace {
    fn of(repository: &Repository, seen: Seen) -> Result<Self, SourceError> {
        let history = repository.history(true)?;
        let tip = repository.head_blobs()?;
        let mut trace = Self {
            seen,
            history: History::default(),
            sightings: BTreeMap::new(),
            placed: HashSet::new(),
            reached: HashSet::new(),
            brought: HashMap::new(),
            gaps: Vec::new(),
            told: HashSet::new(),
            tip,
        };
        repository.each_change(&history, &mut |commit, change| trace.change(&history, commit, change))?;
        for (commit, id) in history.commits.iter().map(|commit| commit.id).enumerate() {
            trace.place(id, Some((commit, id)), b"");
        }
        // Tags of what is no commit, and the messages of tags.
        for reference in &history.refs {
            trace.place(reference.object, None, &reference.name);
            if reference.object != reference.target {
                for id in repository.behind_tag(reference.object)? {
                    trace.place(id, None, &reference.name);
                }
            }
            if reference.commit.is_none() {
                for (path, id) in repository.files_of(reference.target)? {
                    trace.place(id, None, &path);
                    trace.name(&path, None);
                }
            }
        }
        trace.history = history;
        Ok(trace)
    }

    fn change(&mut self, history: &History, commit: usize, change: &Change) {
        let id = history.commits.get(commit).map(|commit| commit.id);
        let (Some(new), Some(id)) = (change.new, id) else { return };
        if self.seen.holders.contains_key(&new.id) {
            self.place(new.id, Some((commit, id)), &change.path);
        }
        if change.old.is_none() {
            self.name(&change.path, Some((commit, id)));
        }
    }

    /// Notes what the names of a new path hold, in the commit of this number and id.
    fn name(&mut self, path: &[u8], commit: Option<(usize, ObjectId)>) {
        if !path.split(|byte| *byte == b'/').any(|name| self.seen.names.contains(name)) {
            return;
        }
        let Scanned { findings, gaps, .. } = scan_name(path, commit.map(|(_, id)| id));
        findings.into_iter().for_each(|found| self.sight(found, commit.map(|(number, _)| number)));
        gaps.into_iter().for_each(|gap| self.gap(gap));
    }

    fn gap(&mut self, gap: Gap) {
        // A message has no path.
        let whose = gap.object().or(gap.commit.filter(|_| gap.path.is_empty()));
        if self.told.insert((gap.path.clone(), whose, gap.member().to_vec())) {
            self.gaps.push(gap);
        }
    }

    /// Notes that the object, if it holds anything, stands at `path` in the commit of
    /// this number and id.
    fn place(&mut self, object: ObjectId, commit: Option<(usize, ObjectId)>, path: &[u8]) {
        let Some(holder) = self.seen.holders.get(&object) else { return };
        self.reached.insert(object);
        let findings = holder.findings.clone();
        for mut gap in holder.gaps.clone() {
            gap.path = path.to_vec();
            gap.commit = commit.map(|(_, id)| id);
            self.gap(gap);
        }
        for mut finding in findings {
            finding.place.path = path.to_vec();
            finding.place.commit = commit.map(|(_, id)| id);
            self.sight(finding, commit.map(|(number, _)| number));
        }
    }

    fn sight(&mut self, finding: Finding, commit: Option<usize>) {
        let token = (finding.kind.id, finding.fingerprint);
        if let Some(commit) = commit {
            let brought = self.brought.entry(token).or_default();
            if brought.last() != Some(&commit) {
                brought.push(commit);
            }
        }
        let path = finding.place.path.clone();
        if self.placed.insert((token, path.clone())) {
            self.sightings.insert((commit, path, token), Sighting { finding, commit });
        }
    }

    fn tell(mut self, unreachable: bool, all: &mut ScannedHistory) {
        let mut versions: HashMap<Token, usize> = HashMap::new();
        let mut in_tip: HashSet<Token> = HashSet::new();
        for (id, holder) in &self.seen.holders {
            let tokens: HashSet<Token> =
                holder.findings.iter().map(|found| (found.kind.id, found.fingerprint)).collect();
            for token in tokens {
                *versions.entry(token).or_default() += 1;
                if self.tip.contains(id) {
                    in_tip.insert(token);
                }
            }
        }
        let refs = self.refs();
        let holders = std::mem::take(&mut self.seen.holders);
        let reachable: HashSet<Token> = self.placed.iter().map(|(token, _)| *token).collect();
        for Sighting { mut finding, commit } in self.sightings.into_values() {
            let token = (finding.kind.id, finding.fingerprint);
            finding.history = Some(Box::new(finding::History {
                author_date: commit
                    .and_then(|commit| self.history.commits.get(commit))
                    .map(|commit| commit.author_date),
                versions: versions.get(&token).copied().unwrap_or(1),
                in_tip: in_tip.contains(&token),
                refs: refs.get(&token).cloned().unwrap_or_default(),
            }));
            all.scanned.findings.push(finding);
        }
        let mut lost: BTreeMap<Token, Finding> = BTreeMap::new();
        for (id, holder) in holders.into_iter().filter(|(id, _)| !self.reached.contains(id)) {
            for mut finding in holder.findings {
                let token = (finding.kind.id, finding.fingerprint);
                if !reachable.contains(&token) {
                    let versions = versions.get(&token).copied().unwrap_or(1);
                    finding.place.path = format!("object {id}").into_bytes();
                    finding.history = Some(Box::new(finding::History {
                        author_date: None,
                        versions,
                        in_tip: false,
                        refs: Vec::new(),
                    }));
                    lost.entry(token).or_insert(finding);
                }
            }
        }
        if unreachable {
            all.scanned.findings.extend(lost.into_values());
        } else {
            all.scanned.coverage.unreachable = lost.len();
        }
        self.gaps.into_iter().for_each(|gap| all.scanned.add_gap(gap));
    }

    /// The names of the refs that reach each token.
    fn refs(&self) -> HashMap<Token, Vec<Vec<u8>>> {
        let mut refs: HashMap<Token, Vec<Vec<u8>>> = HashMap::new();
        let tokens: Vec<(&Token, &Vec<usize>)> = self.brought.iter().collect();
        for some in tokens.chunks(64) {
            let mut marks = vec![0_u64; self.history.commits.len()];
            for (bit, (_, commits)) in some.iter().enumerate() {
                commits.iter().for_each(|commit| {
                    if let Some(mark) = marks.get_mut(*commit) {
                        *mark |= 1 << bit;
                    }
                });
            }
            for (number, commit) in self.history.commits.iter().enumerate() {
                let inherited = commit
                    .parents
                    .iter()
                    .filter_map(|parent| marks.get(*parent))
                    .fold(0, |all, mark| all | mark);
                if let Some(mark) = marks.get_mut(number) {
                    *mark |= inherited;
                }
            }
            for reference in &self.history.refs {
                let mark = reference.commit.and_then(|commit| marks.get(commit)).copied().unwrap_or_default();
                for (bit, (token, _)) in some.iter().enumerate() {
                    if mark >> bit & 1 == 1 {
                        refs.entry(**token).or_default().push(reference.name.clone());
                    }
                }
            }
        }
        refs
    }
}
