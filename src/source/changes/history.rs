//! A whole history: all objects of a repository, its commits and its refs.

use std::collections::{HashMap, HashSet};
use std::fs::{self, DirEntry};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::trees::Unread;
use super::walk::{Walked, walk};
use crate::source::paths::path_from_bytes;
use crate::source::store::Kind;
use crate::source::{Change, Database, ObjectId, Repository, SourceError, unquoted};
use crate::text::lines;

/// A push's quarantine of this age is abandoned.
const ABANDONED: Duration = Duration::from_secs(24 * 3600);
/// How many commits are compared with their parents at a time.
const COMMITS: usize = 4096;

/// A commit of the history.
#[derive(Debug, Clone)]
pub struct Commit {
    /// Its id.
    pub id: ObjectId,
    /// When its author wrote it, in seconds since 1970 in UTC.
    pub author_date: i64,
    /// Its parents, by their number in [`History::commits`].
    pub parents: Vec<usize>,
}

/// A ref with its target.
#[derive(Debug, Clone)]
pub struct Ref {
    /// Its full name, in git's bytes.
    pub name: Vec<u8>,
    /// The object that it names: a commit or a tag.
    pub object: ObjectId,
    /// The object behind all tags.
    pub target: ObjectId,
    /// The number of its commit; none if its target is no commit.
    pub commit: Option<usize>,
}

/// All commits that refs and reflogs reach.
#[derive(Debug, Default)]
pub struct History {
    /// Parents before their children.
    pub commits: Vec<Commit>,
    /// Sorted by name.
    pub refs: Vec<Ref>,
}

/// The objects at which a history begins, each with the name of its reference.
pub type Starts = Vec<(ObjectId, Vec<u8>)>;

/// Why a history is incomplete.
#[derive(Debug)]
pub struct Cut {
    /// The unreadable commits. What only they reach is missing too.
    pub unread: Vec<ObjectId>,
    /// git's message.
    pub error: SourceError,
}

impl Repository {
    /// All objects in this repository and its alternates.
    pub fn database(&self) -> Result<Database, SourceError> {
        let git = self.plumbing();
        let unexpected = || SourceError::unexpected("rev-parse");
        let own = git.run(&["rev-parse", "--git-path", "objects"])?;
        let own = path_from_bytes(own.trim_ascii_end().to_vec()).ok_or_else(unexpected)?;
        let mut folders = vec![own];
        // It lists nested alternates too, and those of the environment.
        let counted = git.run(&["-c", "core.quotePath=false", "count-objects", "-v"])?;
        for line in lines(&counted) {
            if let Some(path) = line.strip_prefix(b"alternate: ") {
                folders.push(unquoted(path).and_then(path_from_bytes).ok_or_else(unexpected)?);
            }
        }
        let left_behind: Vec<PathBuf> = folders.iter().flat_map(|folder| left_behind(folder)).collect();
        folders.extend(left_behind);
        let mut database = Database::open(folders, self.id_length()?);
        // git may find objects in a pack that this reader cannot read completely.
        if !database.faults().is_empty()
            && let Ok(list) = git.run(&["cat-file", "--batch-all-objects", "--batch-check=%(objectname)"])
        {
            database.add(lines(&list).filter_map(ObjectId::from_hex));
        }
        Ok(database)
    }

    /// Whether older commits were left out when this was cloned.
    pub fn is_shallow(&self) -> Result<bool, SourceError> {
        if let Ok(repository) = self.libgit2() {
            return Ok(repository.is_shallow());
        }
        let shallow = self.plumbing().run(&["rev-parse", "--is-shallow-repository"])?;
        Ok(shallow.trim_ascii() == b"true")
    }

    /// The missing objects among those that refs, reflogs and the index reach; none if git
    /// cannot say.
    pub fn missing(&self) -> Option<HashSet<ObjectId>> {
        // Otherwise git uses commits from there that it does not have.
        let without_graph = ["-c", "core.commitGraph=false"];
        let list = ["rev-list", "--objects", "--all", "--reflog", "--indexed-objects"];
        let arguments = [&without_graph[..], &list, &["--missing=print", "--quiet"]].concat();
        let missing = self.plumbing().run(&arguments).ok()?;
        let ids = lines(&missing).filter_map(|line| ObjectId::from_hex(line.strip_prefix(b"?")?));
        Some(ids.collect())
    }

    /// Whether this is a partial clone, so that a remote has the missing objects.
    pub fn is_partial(&self) -> bool {
        self.plumbing().has_promisor()
    }

    /// Fails if git cannot read one of the refs; then it lists nothing.
    pub fn check_refs(&self) -> Result<(), SourceError> {
        self.plumbing().run(&["rev-list", "--all", "--max-count=1"]).map(drop)
    }

    /// The commits that refs, HEAD and reflogs reach, and thereby all stashes. If git cannot
    /// list them, the readable ones that refs and HEAD reach, and the reason.
    pub fn history(&self) -> Result<(History, Option<Cut>), SourceError> {
        let error = match self.listed_history() {
            Ok(history) => return Ok((history, None)),
            Err(error) => error,
        };
        let tips: Vec<ObjectId> = self.readable_starts()?.0.into_iter().map(|(id, _)| id).collect();
        let (unread, read): (Vec<_>, Vec<_>) =
            walk(self, &tips, &[]).into_iter().partition(|walked| walked.is_unread);
        let mut numbers: HashMap<ObjectId, usize> = HashMap::new();
        let mut commits = Vec::new();
        for Walked { lineage: (id, parents), author_date, .. } in read {
            let parents = parents.iter().filter_map(|id| numbers.get(id).copied()).collect();
            numbers.insert(id, commits.len());
            commits.push(Commit { id, author_date, parents });
        }
        let refs = self.refs(&numbers)?;
        let unread = unread.into_iter().map(|walked| walked.lineage.0).collect();
        Ok((History { commits, refs }, Some(Cut { unread, error })))
    }

    fn listed_history(&self) -> Result<History, SourceError> {
        let unexpected = || SourceError::unexpected("rev-list");
        let arguments = ["rev-list", "--all", "--reflog", "--topo-order", "--reverse", "--format=%H %at %P"];
        let list = self.plumbing().run(&arguments)?;
        let mut numbers: HashMap<ObjectId, usize> = HashMap::new();
        let mut commits: Vec<Commit> = Vec::new();
        for line in lines(&list).filter(|line| !line.starts_with(b"commit ")) {
            let mut fields = line.split(|byte| *byte == b' ').filter(|field| !field.is_empty());
            let id = fields.next().and_then(ObjectId::from_hex).ok_or_else(unexpected)?;
            let date = fields.next().and_then(|date| std::str::from_utf8(date).ok());
            let author_date = date.and_then(|date| date.parse().ok()).unwrap_or_default();
            // The parent is behind the boundary of a shallow clone.
            let parents = fields.filter_map(ObjectId::from_hex).filter_map(|id| numbers.get(&id).copied());
            let commit = Commit { id, author_date, parents: parents.collect() };
            numbers.insert(id, commits.len());
            commits.push(commit);
        }
        let refs = self.refs(&numbers)?;
        Ok(History { commits, refs })
    }

    fn refs(&self, commits: &HashMap<ObjectId, usize>) -> Result<Vec<Ref>, SourceError> {
        let unexpected = || SourceError::unexpected("for-each-ref");
        let names = ["for-each-ref", "--format=%(objectname) %(*objectname) %(refname)"];
        let Ok(list) = self.plumbing().run(&names) else { return self.readable_refs(commits) };
        let mut refs = Vec::new();
        for line in lines(&list) {
            let mut fields = line.splitn(3, |byte| *byte == b' ');
            let mut id = || fields.next().map(ObjectId::from_hex);
            let (object, behind) = (id().flatten().ok_or_else(unexpected)?, id().flatten());
            let name = fields.next().ok_or_else(unexpected)?.to_vec();
            let target = behind.unwrap_or(object);
            refs.push(Ref { name, object, target, commit: commits.get(&target).copied() });
        }
        Ok(refs)
    }

    /// Like [`Repository::refs`], if a ref's object cannot be read.
    fn readable_refs(&self, commits: &HashMap<ObjectId, usize>) -> Result<Vec<Ref>, SourceError> {
        let refs = self.readable_starts()?.0.into_iter().filter(|(_, name)| name != b"HEAD");
        let refs = refs.map(|(object, name)| {
            let target = self.behind_tag(object).last().copied().unwrap_or(object);
            Ref { name, object, target, commit: commits.get(&target).copied() }
        });
        Ok(refs.collect())
    }

    /// The targets of all refs and of HEAD, with their names.
    pub fn starts(&self) -> Result<Starts, SourceError> {
        let unexpected = || SourceError::unexpected("for-each-ref");
        let list = self.plumbing().run(&["for-each-ref", "--format=%(objectname) %(refname)"])?;
        let start = |line: &[u8]| {
            let (id, name) = line.split_at(memchr::memchr(b' ', line)?);
            Some((ObjectId::from_hex(id)?, name.get(1..)?.to_vec()))
        };
        let starts = lines(&list).map(start).collect::<Option<Vec<_>>>();
        let mut starts = starts.ok_or_else(unexpected)?;
        // An unborn branch has none.
        let head = self.plumbing().run(&["rev-parse", "--quiet", "--verify", "HEAD"]).unwrap_or_default();
        starts.extend(ObjectId::from_hex(head.trim_ascii()).map(|id| (id, b"HEAD".to_vec())));
        Ok(starts)
    }

    /// Like [`Repository::starts`]; if git can read no reference, nothing and the reason.
    pub fn readable_starts(&self) -> Result<(Starts, Option<SourceError>), SourceError> {
        match self.starts() {
            Ok(starts) => Ok((starts, None)),
            Err(error @ SourceError::Git { exited: true, .. }) if self.is_there() => {
                Ok((Vec::new(), Some(error)))
            }
            Err(error) => Err(error),
        }
    }

    /// The readable objects from the tag `id` to its final target.
    pub fn behind_tag(&self, id: ObjectId) -> Vec<ObjectId> {
        let mut objects = self.blobs();
        let mut behind = Vec::new();
        let mut tag = Some(id);
        while let Some(id) = tag.take() {
            let Ok((Kind::Tag, content)) = objects.any(id) else { break };
            let mut lines = lines(&content);
            let target = lines.next().and_then(|line| ObjectId::from_hex(line.strip_prefix(b"object ")?));
            tag = target.filter(|_| lines.next() == Some(b"type tag"));
            behind.extend(target);
        }
        behind
    }

    /// Hands out the changes of each commit against each of its parents, with the commit's
    /// number, parents first. Returns the unreadable trees.
    pub fn each_change(
        &self,
        history: &History,
        out: &mut dyn FnMut(usize, &Change),
    ) -> Result<Vec<Unread>, SourceError> {
        let mut all_unread = Vec::new();
        for (part, commits) in history.commits.chunks(COMMITS).enumerate() {
            let mut lineages = Vec::with_capacity(commits.len());
            let mut numbers = HashMap::new();
            for (number, commit) in commits.iter().enumerate() {
                numbers.insert(commit.id, part * COMMITS + number);
                let parents = commit.parents.iter().filter_map(|parent| history.commits.get(*parent));
                lineages.push((commit.id, parents.map(|parent| parent.id).collect()));
            }
            // git is faster for many commits.
            let (blocks, unread) = match self.plumbing().compare(&lineages) {
                Ok(blocks) => (blocks, Vec::new()),
                Err(SourceError::Git { exited: true, .. }) => self.compare_readable(&lineages),
                Err(error) => return Err(error),
            };
            all_unread.extend(unread);
            for (commit, changes) in blocks {
                if let Some(number) = numbers.get(&commit) {
                    changes.iter().for_each(|change| out(*number, change));
                }
            }
        }
        Ok(all_unread)
    }

    /// The readable blobs of HEAD's tree; none on an unborn branch.
    pub fn head_blobs(&self) -> HashSet<ObjectId> {
        let head = self.plumbing().run(&["rev-parse", "--quiet", "--verify", "HEAD^{tree}"]);
        let tree = head.ok().and_then(|id| ObjectId::from_hex(id.trim_ascii()));
        let files = tree.map(|tree| self.files_of(tree).0).unwrap_or_default();
        files.into_iter().map(|(_, id)| id).collect()
    }

    /// The paths and blobs of the tree behind `id`, and its unreadable folders; none if there
    /// is no tree.
    pub fn files_of(&self, id: ObjectId) -> (Vec<(Vec<u8>, ObjectId)>, Vec<Unread>) {
        let (changes, unread) = self.files_behind(id);
        let files = changes.into_iter().filter_map(|change| {
            // A submodule's commit is in another repository.
            let new = change.new.filter(|new| !new.is_submodule())?;
            Some((change.path, new.id))
        });
        (files.collect(), unread)
    }
}

/// The quarantines of killed pushes among the `objects`: git does not read them, but they hold
/// what was pushed. A younger one may belong to a push in progress.
fn left_behind(objects: &Path) -> Vec<PathBuf> {
    let is_old = |entry: &DirEntry| {
        let changed = entry.metadata().and_then(|data| data.modified()).ok();
        changed.and_then(|changed| changed.elapsed().ok()).is_some_and(|age| age > ABANDONED)
    };
    let is_quarantine = |entry: &DirEntry| entry.file_name().as_encoded_bytes().starts_with(b"tmp_objdir-");
    let entries = fs::read_dir(objects).into_iter().flatten().flatten();
    entries.filter(|entry| is_quarantine(entry) && is_old(entry)).map(|entry| entry.path()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Preference;
    use crate::source::testing::{git, open, write};

    #[test]
    fn what_is_missing_is_what_something_reaches_and_nothing_that_was_thrown_away() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path();
        git(top, &["init", "--quiet"], b"");
        let id = write(top, b"text");
        let staged = write(top, b"staged");
        let add = |id: ObjectId, name: &str| {
            git(top, &["update-index", "--add", "--cacheinfo", &format!("100644,{id},{name}")], b"");
        };
        add(id, "f");
        git(top, &["commit", "--quiet", "-m", "m"], b"");
        add(staged, "g");
        let other = write(top, b"thrown away");
        let repository = open(top, Preference::Fastest);
        assert_eq!(repository.missing(), Some(HashSet::new()));
        assert_eq!(repository.head_blobs(), HashSet::from([id]));
        let files = vec![(b"f".to_vec(), id), (b"g".to_vec(), staged)];
        assert_eq!(repository.indexed().0, files);
        for id in [id, staged, other] {
            let name = id.to_string();
            std::fs::remove_file(top.join(".git/objects").join(&name[..2]).join(&name[2..])).unwrap();
        }
        assert_eq!(repository.missing(), Some(HashSet::from([id, staged])));
    }
}
