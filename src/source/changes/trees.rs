//! Compares the trees of commits in this process, because starting git takes longer than
//! comparing one commit.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::rc::Rc;

use crate::source::readers::BlobReader;
use crate::source::store::{Item, Kind, items, order, tree_of};
use crate::source::{Block, Change, Lineage, ObjectId, Repository, SourceError};
use crate::text::lines;
use crate::threads::{self, at_once};

/// How many tree items are cached for the next commit, which mostly has the same ones.
const KEPT: usize = 500_000;
/// From this many commits on a thread of their own is worth starting.
const WORTH_A_THREAD: usize = 100;
/// Deeper folders are left to git, which has its own limit.
const DEEPEST: usize = 256;

/// Something that cannot be read or searched: a tree, a commit, a tag, an index.
#[derive(Debug)]
pub struct Unread {
    /// The commit that changes it, if there is one.
    pub commit: Option<ObjectId>,
    /// Its path; a tree's ends in a slash. Empty for the top.
    pub path: Vec<u8>,
    /// The reason.
    pub error: SourceError,
}

impl Unread {
    /// Its commit, if the commit itself cannot be read.
    pub fn as_commit(&self) -> Option<ObjectId> {
        match &self.error {
            SourceError::Object { id, .. } => Some(*id).filter(|id| Some(*id) == self.commit),
            _ => None,
        }
    }
}

impl Repository {
    /// The changes of each of `commits` against each of its parents, or against nothing.
    /// Unreadable trees are omitted; without an old tree more counts as new.
    pub(in crate::source) fn compare(
        &self,
        commits: &[Lineage],
    ) -> Result<(Vec<Block>, Vec<Unread>), SourceError> {
        if self.libgit2().is_ok()
            && let Ok(blocks) = self.compare_shared(commits)
        {
            return Ok((blocks, Vec::new()));
        }
        self.plumbing().compare(commits).map(|blocks| (blocks, Vec::new())).or_else(|error| match error {
            SourceError::Git { exited: true, .. } => Ok(self.compare_readable(commits)),
            error => Err(error),
        })
    }

    /// Compares on all cores if that is worth the threads, each with its own repository handle.
    fn compare_shared(&self, commits: &[Lineage]) -> Result<Vec<Block>, SourceError> {
        let threads = at_once().min(commits.len() / WORTH_A_THREAD);
        if threads < 2 {
            return compare(&mut Trees::new(self), commits);
        }
        let preference = self.preference();
        let parts: Vec<&[Lineage]> = commits.chunks(commits.len().div_ceil(threads)).collect();
        let other = |part: &&[Lineage]| compare(&mut Trees::new(&Self::open(preference)?), part);
        let compared = threads::beside(&parts, |part| compare(&mut Trees::new(self), part), other);
        Ok(compared.into_iter().collect::<Result<Vec<_>, _>>()?.concat())
    }

    /// Like [`Repository::compare`], commit by commit, because something cannot be read.
    pub(super) fn compare_readable(&self, commits: &[Lineage]) -> (Vec<Block>, Vec<Unread>) {
        let mut all = (Vec::new(), Vec::new());
        let mut trees = Trees { unread: Some(Vec::new()), ..Trees::new(self) };
        for lineage in commits {
            let commit = Some(lineage.0);
            let compared = compare(&mut trees, std::slice::from_ref(lineage));
            let unread = trees.unread.as_mut().map(std::mem::take).unwrap_or_default();
            all.1.extend(unread.into_iter().map(|(path, error)| Unread { commit, path, error }));
            match compared {
                Ok(blocks) => all.0.extend(blocks),
                Err(error) => all.1.push(Unread { commit, path: Vec::new(), error }),
            }
        }
        all
    }

    /// The files in the tree `id`, each as a new one, and its unreadable folders.
    pub(in crate::source) fn files_in(&self, id: ObjectId) -> (Vec<Change>, Vec<(Vec<u8>, SourceError)>) {
        let mut changes = Vec::new();
        let mut trees = Trees { unread: Some(Vec::new()), ..Trees::new(self) };
        let _never_fails = trees.compare(b"", None, Some(id), 0, &mut changes);
        (changes, trees.unread.unwrap_or_default())
    }

    /// The tree behind `id`: a commit's, possibly behind tags, or `id` itself. None for a file.
    /// Fails with [`SourceError::Object`] for the first unreadable object on the way.
    pub(in crate::source) fn tree_behind(&self, id: ObjectId) -> Result<Option<ObjectId>, SourceError> {
        let mut objects = self.blobs();
        let mut id = id;
        loop {
            let (kind, content) = objects.any(id)?;
            let next = match kind {
                Kind::Tree => return Ok(Some(id)),
                Kind::Blob => return Ok(None),
                Kind::Commit => tree_of(&content),
                Kind::Tag => content
                    .strip_prefix(b"object ")
                    .and_then(|rest| lines(rest).next())
                    .and_then(ObjectId::from_hex),
            };
            id = next.ok_or_else(|| SourceError::senseless(id))?;
        }
    }
}

impl SourceError {
    /// The error that the tree `id` is nested too deeply.
    fn deep(id: ObjectId) -> Self {
        Self::of_object(id, "its folders are too deep")
    }

    /// The error that the object `id` has the wrong type.
    fn senseless(id: ObjectId) -> Self {
        Self::of_object(id, "it makes no sense")
    }

    fn of_object(id: ObjectId, why: &str) -> Self {
        Self::Object { id, path: None, libgit2: why.to_owned(), git: why.to_owned(), promised: false }
    }
}

/// The differences of each of `commits` to each of its parents; without parents, all its
/// content. git's plumbing gives the same.
fn compare(trees: &mut Trees<'_>, commits: &[Lineage]) -> Result<Vec<Block>, SourceError> {
    let mut blocks = Vec::new();
    for (commit, parents) in commits {
        let new = trees.of_commit(*commit)?;
        let mut olds = Vec::new();
        for parent in parents {
            match trees.of_commit(*parent) {
                Ok(tree) => olds.push(Some(tree)),
                Err(_) if trees.unread.is_some() => olds.push(None),
                Err(error) => return Err(error),
            }
        }
        if olds.is_empty() {
            olds.push(None);
        }
        for old in olds {
            let mut changes = Vec::new();
            trees.compare(b"", old, Some(new), 0, &mut changes)?;
            blocks.push((*commit, changes));
        }
    }
    Ok(blocks)
}

/// A cache of trees.
struct Trees<'r> {
    objects: BlobReader<'r>,
    kept: HashMap<ObjectId, Rc<[Item]>>,
    /// The number of items in `kept`.
    items: usize,
    of_commits: HashMap<ObjectId, ObjectId>,
    /// The unreadable trees with their reasons; none if such a tree is an error.
    unread: Option<Vec<(Vec<u8>, SourceError)>>,
}

impl<'r> Trees<'r> {
    fn new(repository: &'r Repository) -> Self {
        let objects = repository.blobs();
        Self { objects, kept: HashMap::new(), items: 0, of_commits: HashMap::new(), unread: None }
    }

    fn of_commit(&mut self, commit: ObjectId) -> Result<ObjectId, SourceError> {
        if let Some(tree) = self.of_commits.get(&commit) {
            return Ok(*tree);
        }
        let tree = match self.objects.any(commit)? {
            (Kind::Commit, content) => tree_of(&content),
            _ => None,
        };
        let tree = tree.ok_or_else(|| SourceError::senseless(commit))?;
        self.of_commits.insert(commit, tree);
        Ok(tree)
    }

    fn items(&mut self, tree: Option<ObjectId>) -> Result<Rc<[Item]>, SourceError> {
        let Some(tree) = tree else { return Ok(Rc::from([])) };
        if let Some(items) = self.kept.get(&tree) {
            return Ok(Rc::clone(items));
        }
        let items: Option<Rc<[Item]>> = match self.objects.any(tree)? {
            (Kind::Tree, content) => items(&content, tree.as_bytes().len()).map(Into::into),
            _ => None,
        };
        let items = items.ok_or_else(|| SourceError::senseless(tree))?;
        // Keeping them longer costs memory, shorter costs time.
        if self.items + items.len() > KEPT {
            self.kept.clear();
            self.items = 0;
        }
        self.items += items.len();
        self.kept.insert(tree, Rc::clone(&items));
        Ok(items)
    }

    /// Adds the differences between the trees `old` and `new` at `folder` to `changes`, in
    /// order of paths. Skips an item of `new` only if `old` has the same one: a forged tree may
    /// have its items in any order.
    fn compare(
        &mut self,
        folder: &[u8],
        old: Option<ObjectId>,
        new: Option<ObjectId>,
        depth: usize,
        changes: &mut Vec<Change>,
    ) -> Result<(), SourceError> {
        if old == new {
            return Ok(());
        }
        let news = match new.or(old).filter(|_| depth > DEEPEST) {
            Some(tree) => Err(SourceError::deep(tree)),
            None => self.items(new),
        };
        let news = match (news, &mut self.unread) {
            (Err(error), Some(unread)) => {
                // Removed items add nothing.
                unread.extend(new.map(|_| (folder.to_vec(), error)));
                return Ok(());
            }
            (news, _) => news?,
        };
        let olds = match self.items(old) {
            Err(_) if self.unread.is_some() => Rc::from([]),
            olds => olds?,
        };
        let (mut olds, mut news) = (olds.iter().peekable(), news.iter().peekable());
        loop {
            let order = match (olds.peek(), news.peek()) {
                (None, None) => return Ok(()),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(old), Some(new)) => order((&old.name, old.is_folder()), (&new.name, new.is_folder())),
            };
            let old = if order.is_le() { olds.next() } else { None };
            let new = if order.is_ge() { news.next() } else { None };
            let Some(item) = new.or(old) else { return Ok(()) };
            let mut path = [folder, item.name.as_slice()].concat();
            if item.is_folder() {
                path.push(b'/');
                self.compare(&path, old.map(|old| old.id), new.map(|new| new.id), depth + 1, changes)?;
            } else {
                let (old, new) = (old.map(Item::entry), new.map(Item::entry));
                if old != new {
                    changes.push(Change { path, old, new, size: None });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Preference, TreeEntry};

    #[test]
    fn folders_that_nest_deeper_than_anybodys_are_left_to_git_and_exhaust_no_stack() {
        let folder = tempfile::tempdir().unwrap();
        let repository = git2::Repository::init_bare(folder.path()).unwrap();
        let file = repository.blob(b"text").unwrap();
        // The commit whose file is nested so deeply.
        let commit = |depth: usize| {
            let mut id = file;
            for level in 0..=depth {
                let mut tree = repository.treebuilder(None).unwrap();
                tree.insert("a", id, if level == 0 { 0o100_644 } else { 0o040_000 }).unwrap();
                id = tree.write().unwrap();
            }
            let text = format!("tree {id}\n\nm\n");
            let id = repository.odb().unwrap().write(git2::ObjectType::Commit, text.as_bytes()).unwrap();
            ObjectId::from_bytes(id.as_bytes()).unwrap()
        };
        let (deepest, deeper) = (commit(DEEPEST), commit(DEEPEST + 1));
        let file = ObjectId::from_bytes(file.as_bytes()).unwrap();
        let reader = Repository::in_folder(folder.path().to_path_buf(), Preference::Fastest);
        let compared = compare(&mut Trees::new(&reader), &[(deepest, Vec::new())]).ok().unwrap();
        let change = Change {
            path: [&b"a/".repeat(DEEPEST), &b"a"[..]].concat(),
            old: None,
            new: Some(TreeEntry { id: file, mode: 0o100_644 }),
            size: None,
        };
        assert_eq!(compared, [(deepest, vec![change])]);
        assert!(compare(&mut Trees::new(&reader), &[(deeper, Vec::new())]).is_err());
    }
}
