//! The commits of a range, and what each adds to its parents.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::lineages::listed;
use super::searched::Searched;
use super::shallow::restore_parents;
use super::trees::Unread;
use super::walk::walk;
use crate::source::{Addition, Change, Lineage, ObjectId, Repository, SourceError, additions, new_paths};

/// What one commit adds.
#[derive(Debug)]
pub struct CommitAdditions {
    /// The commit.
    pub commit: ObjectId,
    /// Its parents; none at the edge of a shallow clone.
    pub parents: Vec<ObjectId>,
    /// What it adds to its parent; for a merge, to each of its parents.
    pub additions: Vec<Addition>,
    /// The new paths in it.
    pub new_paths: Vec<Vec<u8>>,
    /// What of it cannot be read.
    pub unread: Vec<Unread>,
}

/// The commits that a range excludes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Since {
    /// The commits that this revision reaches.
    Revision(String),
    /// The commits that were searched before without a finding. What the receiver has is
    /// unknown, and remote-tracking branches may be stale or made by hand.
    Searched,
}

/// The commits that `to` reaches and `since` does not exclude, newest first; for a revision the
/// same as `git log since..to`.
///
/// Each commit is compared with its own parents, because a token that one commit adds and the
/// next removes stays in the history. Fails with [`SourceError::no_revision`] if a revision
/// does not exist, as in a shallow clone without the base; with [`SourceError::shallow`] if
/// commits may be missing; or if git fails. What was searched by other `rules` is not skipped.
pub fn commits(
    repository: &Repository,
    since: &Since,
    to: &str,
    rules: &str,
) -> Result<Vec<CommitAdditions>, SourceError> {
    // The revision exists and cannot be read, so its commit cannot be searched.
    let commit = |revision: &str| match repository.named(&format!("{revision}^{{commit}}")) {
        Err(error) => {
            let named = repository.named(revision).ok().filter(|id| repository.is_damaged(*id));
            named.ok_or_else(|| repository.unknown(revision, error))
        }
        named => named,
    };
    let to = commit(to)?;
    let Since::Revision(from) = since else {
        let listed = Searched::read(repository, rules).left(repository, &[to], &[], false);
        // git skips an unreadable tip.
        let listed = match listed {
            Ok(listed) if !repository.is_damaged(to) => listed,
            listed => readable_of(repository, &[to], &[]).map_or(listed, Ok)?,
        };
        return additions_of(repository, listed);
    };
    let from = commit(from)?;
    listed_in(repository, &[&to.to_string()], &[&format!("^{from}")])
}

/// Like [`commits`], for the commits of `git log RANGE`: `A..B`, `A...B`, or a revision for
/// everything that it reaches.
pub fn commits_in(repository: &Repository, range: &str) -> Result<Vec<CommitAdditions>, SourceError> {
    let git = repository.plumbing();
    let exists = |name: &&str| {
        let name = format!("{name}^{{commit}}");
        git.run(&["rev-parse", "--verify", "--quiet", "--end-of-options", &name]).is_ok()
    };
    // git accepts a whole id without checking that the commit exists.
    let missing = |error: SourceError| {
        let mut ends =
            range.split("..").map(|end| end.trim_matches(['.', '^'])).filter(|end| !end.is_empty());
        repository.unknown(ends.find(|end| !exists(end)).unwrap_or(range), error)
    };
    let arguments = ["rev-parse", "--revs-only", "--end-of-options", range, "--"];
    let ends = git.run(&arguments).map_err(missing)?;
    let ends = String::from_utf8_lossy(&ends).into_owned();
    let ends: Vec<&str> = ends.lines().filter(|line| *line != "--end-of-options").collect();
    let (left_out, tips): (Vec<&str>, Vec<&str>) = ends.iter().partition(|end| end.starts_with('^'));
    if tips.is_empty() {
        return Err(repository.no_revision(range));
    }
    listed_in(repository, &tips, &left_out).map_err(missing)
}

/// The commits that `tips` reach and `left_out` do not. Each of `left_out` begins with `^`.
fn listed_in(
    repository: &Repository,
    tips: &[&str],
    left_out: &[&str],
) -> Result<Vec<CommitAdditions>, SourceError> {
    let git = repository.plumbing();
    let range = [tips, left_out].concat();
    let mut order = match git.run(&[&["rev-list", "--parents"], range.as_slice()].concat()) {
        Ok(list) => listed(&list)?,
        Err(error) => return additions_of(repository, readable(repository, tips, left_out).ok_or(error)?),
    };
    restore_parents(git, &mut order, &range, left_out)?;
    additions_of(repository, order)
}

/// The readable commits of a range, newest first, if git lists none because of an unreadable
/// one. None if git failed for another reason.
fn readable(repository: &Repository, tips: &[&str], left_out: &[&str]) -> Option<Vec<Lineage>> {
    let id = |end: &&str| ObjectId::from_hex(end.trim_start_matches('^').as_bytes());
    let tips = tips.iter().map(id).collect::<Option<Vec<_>>>()?;
    let left_out = left_out.iter().map(id).collect::<Option<Vec<_>>>()?;
    // A range needs its ends.
    let mut objects = repository.blobs();
    let is_missing = |end: &ObjectId| objects.any(*end).is_err_and(|error| error.is_of_missing());
    if tips.iter().chain(&left_out).any(is_missing) {
        return None;
    }
    readable_of(repository, &tips, &left_out)
}

/// Like [`readable`], for a range whose ends exist.
pub(super) fn readable_of(
    repository: &Repository,
    tips: &[ObjectId],
    left_out: &[ObjectId],
) -> Option<Vec<Lineage>> {
    let walked = walk(repository, tips, left_out);
    let is_cause = walked.iter().any(|walked| walked.is_unread);
    is_cause.then(|| walked.into_iter().rev().map(|walked| walked.lineage).collect())
}

/// HEAD's commit; nothing on an unborn branch.
pub fn last_commit(repository: &Repository) -> Result<Vec<CommitAdditions>, SourceError> {
    let git = repository.plumbing();
    additions_of(repository, listed(&git.run(&["rev-list", "--parents", "--max-count=1", "HEAD"])?)?)
}

/// The additions of each of `commits`, in their order.
pub fn additions_of(
    repository: &Repository,
    commits: Vec<Lineage>,
) -> Result<Vec<CommitAdditions>, SourceError> {
    if commits.is_empty() {
        return Ok(Vec::new());
    }
    let mut blocks: HashMap<ObjectId, Vec<Brought>> = HashMap::new();
    let (compared, unread) = repository.compare(&commits)?;
    for (commit, changes) in compared {
        blocks.entry(commit).or_default().push(Brought::by(&changes));
    }
    let mut unread_of: HashMap<ObjectId, Vec<Unread>> = HashMap::new();
    // An unreadable commit is reported where its message is searched.
    for unread in unread.into_iter().filter(|unread| unread.as_commit().is_none()) {
        if let Some(commit) = unread.commit {
            unread_of.entry(commit).or_default().push(unread);
        }
    }
    Ok(commits
        .into_iter()
        .map(|(commit, parents)| {
            let found = blocks.remove(&commit).unwrap_or_default();
            let Brought { additions, new_paths } = Brought::to_all(found, parents.len().max(1));
            let unread = unread_of.remove(&commit).unwrap_or_default();
            CommitAdditions { commit, parents, additions, new_paths, unread }
        })
        .collect())
}

/// What a commit adds to one parent, or to all of them.
#[derive(Debug, Default)]
pub struct Brought {
    /// The content.
    pub additions: Vec<Addition>,
    /// The new paths, each once.
    pub new_paths: Vec<Vec<u8>>,
}

impl Brought {
    /// The additions in `changes`, which compare with one parent.
    pub fn by(changes: &[Change]) -> Self {
        // A forged tree may name a path twice.
        let paths: BTreeSet<_> = new_paths(changes).collect();
        let new_paths = paths.into_iter().map(<[u8]>::to_vec).collect();
        Self { additions: additions(changes), new_paths }
    }

    /// What `blocks` have in common: what is new to each of so many parents. A parent to which
    /// nothing is new may have no block.
    pub fn to_all(blocks: Vec<Self>, parents: usize) -> Self {
        let mut paths: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
        let mut found = Vec::with_capacity(blocks.len());
        for Self { additions, new_paths } in blocks {
            found.push(additions);
            new_paths.into_iter().for_each(|path| *paths.entry(path).or_default() += 1);
        }
        let new_paths = paths.into_iter().filter(|(_, count)| *count == parents).map(|(path, _)| path);
        Self { new_paths: new_paths.collect(), additions: new_to_all(found, parents) }
    }
}

/// The additions that occur for each of `parents` parents, with all their old blobs. A forged
/// tree may have several at one path; each counts.
fn new_to_all(blocks: Vec<Vec<Addition>>, parents: usize) -> Vec<Addition> {
    let mut merged: Vec<(Addition, HashSet<usize>)> = Vec::new();
    let mut places: HashMap<(Vec<u8>, ObjectId), usize> = HashMap::new();
    for (block, additions) in blocks.into_iter().enumerate() {
        for addition in additions {
            let place = *places.entry((addition.path.clone(), addition.new)).or_insert(merged.len());
            match merged.get_mut(place) {
                Some((first, seen)) => {
                    first.old.extend(addition.old);
                    seen.insert(block);
                }
                None => merged.push((addition, HashSet::from([block]))),
            }
        }
    }
    merged.into_iter().filter(|(_, seen)| seen.len() == parents).map(|(addition, _)| addition).collect()
}
