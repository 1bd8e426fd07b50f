//! Scans a whole history. Each object is searched once, and only findings are traced back to
//! their commits.

use std::collections::{HashMap, HashSet};
use std::hash::RandomState;

use super::content::scan_pointed;
use super::history_objects::{Holder, Seen, Share};
use super::parallel::on_threads;
use super::trace::Trace;
use super::{Gap, Scanned, scan_name};
use crate::find::Rules;
use crate::finding::{Finding, Origin};
use crate::source::{Database, ObjectId, Repository, SourceError, Sweep, Watch};

/// Scans all objects of `repository`. Objects that no ref, reflog or index reaches count only
/// if `unreachable` is set. What is missing or damaged is a gap, and so is what a shallow clone
/// omits. If `watch` stops the scan, returns what was found so far.
///
/// Returns one finding for each token and path, the oldest first, and how many commits were
/// read.
pub fn scan_history(
    repository: &Repository,
    watch: &Watch,
    unreachable: bool,
) -> Result<(Scanned, usize), SourceError> {
    // List refs before objects: what is pushed meanwhile is not missing.
    let (starts, unread_refs) = repository.readable_starts()?;
    let (indexed, unread_indexes) = repository.indexed();
    let database = repository.database()?;
    let (mut seen, gaps) = read(repository, &database, watch)?;
    let commits = seen.commits;
    let mut scanned = Scanned { coverage: seen.coverage, ..Scanned::default() };
    if repository.is_shallow()? {
        scanned.add_gap(Gap::unreadable(b"", None, &SourceError::shallow()));
    }
    for error in database.faults().iter().chain(&unread_indexes).chain(&unread_refs) {
        scanned.add_gap(Gap::unreadable(file_of(error), None, error));
    }
    gaps.into_iter().for_each(|gap| scanned.add_gap(gap));
    let lost = starts.iter().any(|(id, _)| !database.contains(*id));
    let is_unread = unread_refs.is_some() || !unread_indexes.is_empty();
    let is_broken = lost || is_unread || !database.faults().is_empty();
    if watch.stops() {
        scanned.findings = untraced(seen.holders);
    } else {
        let names = starts.iter().map(|(id, name)| (*id, name));
        for (id, name) in names.chain(indexed.iter().map(|(path, id)| (*id, path))) {
            if !database.contains(id) {
                seen.missing.insert(id, name.clone());
            }
        }
        miss(repository, &mut seen);
        if !(seen.holders.is_empty() && seen.names.is_empty() && Rules::in_force().is_empty()) {
            Trace::of(repository, seen, &indexed, is_broken)?.report(unreachable, &mut scanned);
        } else if let Err(error) = repository.check_refs() {
            scanned.add_gap(Gap::unreadable(b"", None, &error));
        }
    }
    add_names(&mut scanned, starts.iter().map(|(_, name)| name).chain(indexed.iter().map(|(path, _)| path)));
    scanned.interrupted = watch.stops();
    Ok((scanned, commits))
}

/// The file in `error`.
fn file_of(error: &SourceError) -> &[u8] {
    match error {
        SourceError::Pack { path, .. } | SourceError::File { path, .. } => path.as_bytes(),
        _ => b"",
    }
}

/// Scans `names` and adds the findings that they do not have yet.
fn add_names<'n>(scanned: &mut Scanned, names: impl Iterator<Item = &'n Vec<u8>>) {
    for name in names {
        let mut new = scan_name(name, None);
        new.findings.retain(|finding| {
            let is_it =
                |known: &Finding| known.place.path == *name && known.fingerprint == finding.fingerprint;
            !scanned.findings.iter().any(is_it)
        });
        scanned.add(new);
    }
}

/// Scans everything in `database`.
pub(super) fn read(
    repository: &Repository,
    database: &Database,
    watch: &Watch,
) -> Result<(Seen, Vec<Gap>), SourceError> {
    let hasher = RandomState::new();
    let new = || Share {
        database,
        hasher: &hasher,
        watch,
        pointers: Vec::new(),
        seen: Seen::default(),
        known: HashSet::new(),
    };
    let sweep = Sweep::of(database, watch);
    let work = || {
        let mut share = new();
        sweep.share(&mut |stored| share.take(stored));
        Ok(share)
    };
    let shares = on_threads(usize::MAX, watch, |_| work(), |_| work())?;
    let mut rest = new();
    let unread = sweep.rest(repository, &mut |stored| rest.take(stored));
    let mut seen = Seen::default();
    let mut pointers = Vec::new();
    for share in shares.into_iter().chain([rest]) {
        seen.add(share.seen);
        pointers.extend(share.pointers);
    }
    let mut gaps = Vec::new();
    for (id, error) in unread {
        let gap = Gap::unreadable(file_of(&error), None, &error);
        match id {
            Some(id) => seen.holders.entry(id).or_default().gaps.push(gap),
            None => gaps.push(gap),
        }
    }
    let lfs = repository.lfs();
    for (id, pointer) in pointers.into_iter().take_while(|_| !watch.stops()) {
        let origin = Origin::default();
        seen.hold(id, scan_pointed(lfs.open(&pointer), &origin, watch).0);
    }
    Ok((seen, gaps))
}

/// Adds gaps for missing reachable objects; if git cannot list these, for all missing objects.
fn miss(repository: &Repository, seen: &mut Seen) {
    if seen.missing.is_empty() {
        return;
    }
    let (reachable, promised) = (repository.missing(), repository.is_partial());
    for (id, name) in std::mem::take(&mut seen.missing) {
        if reachable.as_ref().is_none_or(|reachable| reachable.contains(&id)) {
            let error = SourceError::Missing { id, path: None, promised };
            // Its path is unknown, but its folder has a name for it.
            let gap = Gap::unreadable(&name, None, &error);
            seen.holders.entry(id).or_default().gaps.push(gap);
        }
    }
}

/// The findings of an interrupted run, named by their objects.
fn untraced(holders: HashMap<ObjectId, Holder>) -> Vec<Finding> {
    let found = holders.into_iter().flat_map(|(id, holder)| {
        holder.findings.into_iter().map(move |mut finding| {
            finding.place.path = format!("object {id}").into_bytes();
            finding
        })
    });
    found.collect()
}
