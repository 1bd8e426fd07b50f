//! Traces findings to the commits that added them and the refs that reach them.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::history_objects::{Holder, Seen};
use super::{Gap, Scanned, scan_name};
use crate::find::Rules;
use crate::finding::{self, Finding, Part, Token};
use crate::source::{Change, Cut, History, ObjectId, Repository, SourceError, Unread};

/// A token at a path, with its commit.
struct Sighting {
    finding: Finding,
    /// The number of the commit that added it; none if no commit holds it.
    commit: Option<usize>,
}

/// The commits that added findings, and the refs that reach them.
#[derive(Default)]
pub(super) struct Trace {
    seen: Seen,
    history: History,
    /// By commit, path and token; the first sighting of each.
    sightings: BTreeMap<(Option<usize>, Vec<u8>, Token), Sighting>,
    placed: HashSet<(Token, Vec<u8>)>,
    /// All reachable objects.
    reached: HashSet<ObjectId>,
    /// The tokens in an index.
    staged: HashSet<Token>,
    /// The commits that add each token.
    brought: HashMap<Token, Vec<usize>>,
    gaps: Vec<Gap>,
    /// Whether commits or trees cannot be read, so that unreachable objects are unknown.
    is_broken: bool,
    /// Path, object or commit, and member of each reported gap.
    noted: HashSet<(Vec<u8>, Option<ObjectId>, Vec<u8>)>,
    tip: HashSet<ObjectId>,
}

impl Trace {
    /// Traces what was `seen` in the objects. `indexed` is the content of the indexes.
    /// `is_broken` says that refs or packs cannot be read.
    pub(super) fn of(
        repository: &Repository,
        seen: Seen,
        indexed: &[(Vec<u8>, ObjectId)],
        is_broken: bool,
    ) -> Result<Self, SourceError> {
        let (history, cut) = repository.history()?;
        let tip = repository.head_blobs();
        let mut trace = Self { seen, history, is_broken, tip, ..Self::default() };
        if let Some(Cut { unread, error }) = cut {
            if unread.is_empty() {
                trace.is_broken = true;
                trace.gap(Gap::unreadable(b"", None, &error));
            }
            unread.into_iter().for_each(|commit| trace.unread_commit(commit));
        }
        trace.commits(repository)?;
        trace.refs(repository);
        for (path, id) in indexed {
            if let Some(holder) = trace.seen.holders.get(id) {
                trace.staged.extend(holder.findings.iter().map(Finding::token));
                trace.place(*id, None, path);
            }
        }
        Ok(trace)
    }

    /// Traces the changes and messages of commits.
    fn commits(&mut self, repository: &Repository) -> Result<(), SourceError> {
        let history = std::mem::take(&mut self.history);
        let unread =
            repository.each_change(&history, &mut |commit, change| self.change(&history, commit, change))?;
        unread.into_iter().for_each(|unread| self.unread_tree(unread));
        for (commit, id) in history.commits.iter().map(|commit| commit.id).enumerate() {
            self.place(id, Some((commit, id)), b"");
        }
        self.history = history;
        Ok(())
    }

    /// Traces refs that name no commit, and the messages of tags.
    fn refs(&mut self, repository: &Repository) {
        for reference in std::mem::take(&mut self.history.refs) {
            self.place(reference.object, None, &reference.name);
            if reference.object != reference.target {
                for id in repository.behind_tag(reference.object) {
                    self.place(id, None, &reference.name);
                }
            }
            if reference.commit.is_none() {
                let (files, unread) = repository.files_of(reference.target);
                unread.into_iter().for_each(|unread| self.unread_tree(unread));
                for (path, id) in files {
                    self.place(id, None, &path);
                    self.name(&path, None);
                }
            }
            self.history.refs.push(reference);
        }
    }

    /// Adds a gap for an unreadable commit, with everything that it reaches.
    fn unread_commit(&mut self, id: ObjectId) {
        self.is_broken = true;
        let gaps = self.seen.holders.get(&id).map(|holder| holder.gaps.clone()).unwrap_or_default();
        if self.reached.insert(id) {
            for gap in gaps {
                self.gap(Gap { path: Vec::new(), commit: Some(id), ..gap }.of(Part::CommitMessage));
            }
        }
    }

    /// Adds a gap for an unreadable tree, with everything in it.
    fn unread_tree(&mut self, unread: Unread) {
        let gap = Gap::unreadable(&unread.path, unread.commit, &unread.error);
        self.is_broken = true;
        if let Some(commit) = unread.as_commit() {
            let holder = || Holder { gaps: vec![gap], ..Holder::default() };
            self.seen.holders.entry(commit).or_insert_with(holder);
            return self.unread_commit(commit);
        }
        self.reached.extend(gap.object());
        self.gap(gap);
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

    /// Adds findings in the names of a new path, in the commit of this number and id.
    fn name(&mut self, path: &[u8], commit: Option<(usize, ObjectId)>) {
        // What a rule forbids may go over several names.
        let may_hold = !Rules::in_force().is_empty()
            || path.split(|byte| *byte == b'/').any(|name| self.seen.names.contains(name));
        if !may_hold {
            return;
        }
        let Scanned { findings, gaps, .. } = scan_name(path, commit.map(|(_, id)| id));
        findings.into_iter().for_each(|found| self.sight(found, commit.map(|(number, _)| number)));
        gaps.into_iter().for_each(|gap| self.gap(gap));
    }

    fn gap(&mut self, gap: Gap) {
        // A message has no path.
        let whose = gap.object().or(gap.commit.filter(|_| gap.path.is_empty()));
        if self.noted.insert((gap.path.clone(), whose, gap.member().to_vec())) {
            self.gaps.push(gap);
        }
    }

    /// Adds the findings and gaps of the object at `path` in the commit of this number and id.
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
        let token = finding.token();
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

    /// Adds all findings to `scanned`.
    pub(super) fn report(mut self, unreachable: bool, scanned: &mut Scanned) {
        let mut versions: HashMap<Token, usize> = HashMap::new();
        let mut in_tip: HashSet<Token> = HashSet::new();
        for (id, holder) in &self.seen.holders {
            let tokens: HashSet<Token> = holder.findings.iter().map(Finding::token).collect();
            in_tip.extend(tokens.iter().filter(|_| self.tip.contains(id)));
            tokens.into_iter().for_each(|token| *versions.entry(token).or_default() += 1);
        }
        let versions = |token: &Token| versions.get(token).copied().unwrap_or(1);
        let refs = self.reached_by();
        for (_, Sighting { mut finding, commit }) in std::mem::take(&mut self.sightings) {
            let token = finding.token();
            let commit = commit.and_then(|commit| self.history.commits.get(commit));
            finding.history = Some(Box::new(finding::History {
                author_date: commit.map(|commit| commit.author_date),
                versions: versions(&token),
                in_tip: in_tip.contains(&token),
                staged: self.staged.contains(&token),
                refs: refs.get(&token).cloned().unwrap_or_default(),
            }));
            scanned.findings.push(finding);
        }
        let lost = self.lost(versions);
        if unreachable || self.is_broken {
            scanned.findings.extend(lost.into_values());
        } else {
            scanned.coverage.unreachable = lost.len();
        }
        self.gaps.into_iter().for_each(|gap| scanned.add_gap(gap));
    }

    /// The tokens in unreachable objects, each in the first of them. Gaps of these objects are
    /// reported, because an unreadable object may reach them.
    fn lost(&mut self, versions: impl Fn(&Token) -> usize) -> BTreeMap<Token, Finding> {
        let reachable: HashSet<Token> = self.placed.iter().map(|(token, _)| *token).collect();
        let holders = std::mem::take(&mut self.seen.holders).into_iter();
        // In a stable order.
        let unreached: BTreeMap<ObjectId, Holder> =
            holders.filter(|(id, _)| !self.reached.contains(id)).collect();
        let mut lost: BTreeMap<Token, Finding> = BTreeMap::new();
        for (id, holder) in unreached {
            self.gaps.extend(holder.gaps.into_iter().filter(Gap::is_unreadable));
            for mut finding in holder.findings {
                let token = finding.token();
                if !reachable.contains(&token) {
                    finding.place.path = format!("object {id}").into_bytes();
                    let history = finding::History { versions: versions(&token), ..Default::default() };
                    finding.history = Some(Box::new(history));
                    lost.entry(token).or_insert(finding);
                }
            }
        }
        lost
    }

    /// The names of the refs that reach each token.
    fn reached_by(&self) -> HashMap<Token, Vec<Vec<u8>>> {
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
                let parents = commit.parents.iter().filter_map(|parent| marks.get(*parent));
                let inherited = parents.fold(0, |all, mark| all | mark);
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
