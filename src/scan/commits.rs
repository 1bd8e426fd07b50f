//! Scans changes: content, names, and the commits and tags themselves.

use super::content::scan_addition;
use super::parallel::{Worker, scan_each};
use super::text::{scan_name, scan_object};
use super::{Gap, Scanned, scan_message};
use crate::finding::Part;
use crate::source::{
    Addition, Brought, CommitAdditions, ObjectId, Pushed, RefUpdate, Repository, SourceError, Staged, Tag,
    Unread, Watch, additions, new_paths, people,
};

/// All parts of a change that can hold a token. Each scope has some of them.
#[derive(Default)]
struct Brings<'a> {
    /// Content, each with the commit that adds it, if that exists already.
    contents: Vec<(&'a Addition, Option<ObjectId>)>,
    /// New names, each with its commit.
    names: Vec<(&'a [u8], Option<ObjectId>)>,
    /// Commits: their messages, authors and other headers.
    commits: Vec<ObjectId>,
    /// Annotated tags.
    tags: &'a [Tag],
    /// What cannot be read.
    unread: Vec<&'a Unread>,
}

/// A part that threads share.
enum Piece<'a> {
    Content(&'a Addition, Option<ObjectId>),
    Name(&'a [u8], Option<ObjectId>),
    Commit(ObjectId),
}

impl Brings<'_> {
    fn scan(&self, repository: &Repository, watch: &Watch) -> Result<Scanned, SourceError> {
        let contents = self.contents.iter().map(|(addition, commit)| Piece::Content(addition, *commit));
        let names = self.names.iter().map(|(name, commit)| Piece::Name(name, *commit));
        let commits = self.commits.iter().map(|commit| Piece::Commit(*commit));
        let pieces: Vec<_> = contents.chain(names).chain(commits).collect();
        let mut scanned = scan_each(&pieces, Some(repository), watch, |worker, piece| match piece {
            Piece::Content(addition, commit) => scan_addition(worker, addition, *commit, watch),
            Piece::Name(name, commit) => scan_name(name, *commit),
            Piece::Commit(id) => scan_commit(worker, *id),
        })?;
        for Tag { id, name, content } in self.tags {
            scanned.add(scan_object(content, *id, name, Part::TagMessage));
        }
        for Unread { commit, path, error } in self.unread.iter().copied() {
            scanned.add_gap(Gap::unreadable(path, *commit, error));
        }
        scanned.interrupted = watch.stops();
        Ok(scanned)
    }
}

/// Scans the message and the header of the commit `id`.
fn scan_commit(worker: &mut Worker<'_>, id: ObjectId) -> Scanned {
    let read = worker.blobs.as_mut().map_or_else(|| Err(SourceError::bare()), |objects| objects.object(id));
    match read {
        Ok(content) => scan_object(&content, id, b"", Part::CommitMessage),
        Err(error) => Gap::unreadable(b"", Some(id), &error).of(Part::CommitMessage).into(),
    }
}

/// Scans what is `staged`, the author of the new commit, and the commits of a `merge`.
pub fn scan_staged(
    repository: &Repository,
    staged: &Staged,
    merge: &[CommitAdditions],
    watch: &Watch,
) -> Result<Scanned, SourceError> {
    let added = additions(&staged.changes);
    let brings = Brings {
        contents: added.iter().map(|addition| (addition, None)).collect(),
        names: new_paths(&staged.changes).map(|path| (path, None)).collect(),
        ..Brings::default()
    };
    let mut scanned = brings.scan(repository, watch)?;
    for Unread { commit, path, error } in &staged.unread {
        let gap = Gap::unreadable(path, *commit, error);
        // What is staged cannot be compared with an unread version, old or new.
        let is_base = commit.is_some();
        scanned.add_gap(if is_base { gap.with("what is staged there counts as new") } else { gap });
    }
    let people = scan_message(&people());
    scanned.findings.extend(people.findings);
    scanned.gaps.extend(people.gaps);
    let mut brought = scan_commits(repository, merge, watch)?;
    // Findings that the staged change repeats were reported there.
    brought
        .findings
        .retain(|finding| scanned.findings.iter().all(|staged| staged.fingerprint != finding.fingerprint));
    brought.coverage = super::Coverage::default();
    scanned.add(brought);
    Ok(scanned)
}

/// Scans what an amended commit adds to the parents of the commit that it replaces. `unread`
/// are the parts that cannot be read.
pub fn scan_amended(
    repository: &Repository,
    brought: &Brought,
    unread: &[Unread],
    watch: &Watch,
) -> Result<Scanned, SourceError> {
    let amended = Brings {
        contents: brought.additions.iter().map(|addition| (addition, None)).collect(),
        names: brought.new_paths.iter().map(|path| (path.as_slice(), None)).collect(),
        unread: unread.iter().collect(),
        // commit-msg scans its message.
        ..Brings::default()
    };
    amended.scan(repository, watch)
}

/// Scans what `commits` add: files, paths, messages and headers such as the author's name.
pub fn scan_commits(
    repository: &Repository,
    commits: &[CommitAdditions],
    watch: &Watch,
) -> Result<Scanned, SourceError> {
    of_commits(commits).scan(repository, watch)
}

fn of_commits(commits: &[CommitAdditions]) -> Brings<'_> {
    let contents = commits
        .iter()
        .flat_map(|commit| commit.additions.iter().map(|addition| (addition, Some(commit.commit))));
    let names = commits
        .iter()
        .flat_map(|commit| commit.new_paths.iter().map(|path| (path.as_slice(), Some(commit.commit))));
    Brings {
        contents: contents.collect(),
        names: names.collect(),
        commits: commits.iter().map(|commit| commit.commit).collect(),
        unread: commits.iter().flat_map(|commit| &commit.unread).collect(),
        ..Brings::default()
    }
}

/// Scans a push: its commits, its tags with their targets, and the names of new references
/// among `updates`.
pub fn scan_push(
    repository: &Repository,
    pushed: &Pushed,
    updates: &[RefUpdate],
    watch: &Watch,
) -> Result<Scanned, SourceError> {
    let mut brings = of_commits(&pushed.commits);
    brings.contents.extend(pushed.tagged.iter().map(|addition| (addition, None)));
    brings.names.extend(pushed.tagged.iter().map(|addition| (addition.path.as_slice(), None)));
    let new = updates.iter().filter(|update| update.old.is_none() && update.new.is_some());
    brings.names.extend(new.map(|update| (update.name.as_slice(), None)));
    brings.tags = &pushed.tags;
    brings.unread.extend(&pushed.unread);
    brings.scan(repository, watch)
}

/// Scans the `files` of the commit `id`; `unread` cannot be read.
pub fn scan_revision(
    repository: &Repository,
    id: ObjectId,
    files: &[Addition],
    unread: &[Unread],
    watch: &Watch,
) -> Result<Scanned, SourceError> {
    let files = Brings {
        contents: files.iter().map(|file| (file, Some(id))).collect(),
        names: files.iter().map(|file| (file.path.as_slice(), Some(id))).collect(),
        unread: unread.iter().collect(),
        // This is a scan of files; the commit itself belongs to other scopes.
        ..Brings::default()
    };
    files.scan(repository, watch)
}
