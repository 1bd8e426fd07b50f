//! What differs between the trees of commits, read without a process: for one
//! commit git takes longer to start than to answer.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::rc::Rc;

use crate::source::readers::{Libgit2, Refusal};
use crate::source::store::{Item, order};
use crate::source::{Block, Change, Lineage, ObjectId, Repository, SourceError};

/// How many items of trees are kept for the next commit, which mostly has them too.
const KEPT: usize = 500_000;
/// Deeper folders are for git, which knows its own limit.
const DEEPEST: usize = 256;

/// A tree, or a commit, that cannot be read, and so is not searched.
#[derive(Debug)]
pub struct Unread {
    /// The commit that changes it.
    pub commit: ObjectId,
    /// Its path, which ends in a slash; empty for the top.
    pub path: Vec<u8>,
    /// Why.
    pub error: SourceError,
}

impl Unread {
    /// Whether the commit itself cannot be read.
    pub fn is_commit(&self) -> bool {
        matches!(&self.error, SourceError::Object { id, .. } if *id == self.commit)
    }
}

impl Repository {
    /// What each of `commits` changes against each of its parents, or as a root. Trees that
    /// cannot be read are left out; without an old one more counts as new.
    pub(in crate::source) fn compare(
        &self,
        commits: &[Lineage],
    ) -> Result<(Vec<Block>, Vec<Unread>), SourceError> {
        if let Ok(repository) = self.libgit2()
            && let Ok(blocks) = compare(&mut Trees::new(repository), commits)
        {
            return Ok((blocks, Vec::new()));
        }
        self.plumbing().compare(commits).map(|blocks| (blocks, Vec::new())).or_else(|error| match error {
            SourceError::Git { exited: true, .. } => Ok(self.compare_readable(commits)),
            error => Err(error),
        })
    }

    /// As [`Repository::compare`], one commit after the other, since something cannot be
    /// read.
    pub(super) fn compare_readable(&self, commits: &[Lineage]) -> (Vec<Block>, Vec<Unread>) {
        let mut all = (Vec::new(), Vec::new());
        let mut objects = self.blobs();
        let mut trees = self
            .libgit2()
            .as_ref()
            .ok()
            .map(|repository| Trees { unread: Some(Vec::new()), ..Trees::new(repository) });
        for lineage in commits {
            let commit = lineage.0;
            let one = std::slice::from_ref(lineage);
            let compared = match &mut trees {
                Some(trees) => compare(trees, one).ok(),
                None => self.plumbing().compare(one).ok(),
            };
            let whole = compared.is_some();
            all.0.extend(compared.unwrap_or_default());
            let trees = trees.as_mut().and_then(|trees| trees.unread.as_mut());
            for (path, id) in trees.map(std::mem::take).unwrap_or_default() {
                let error = objects.any(id).err().unwrap_or_else(|| SourceError::deep(id));
                all.1.push(Unread { commit, path, error });
            }
            if !whole {
                let unexpected = || SourceError::Format { command: format!("diff-tree {commit}") };
                let error = objects.any(commit).err().unwrap_or_else(unexpected);
                all.1.push(Unread { commit, path: Vec::new(), error });
            }
        }
        all
    }

    /// The files in the tree `id`, and its folders that cannot be read.
    pub(super) fn files_in(&self, id: ObjectId) -> (Vec<Change>, Vec<Unread>) {
        let mut changes = Vec::new();
        let Ok(repository) = self.libgit2() else {
            let listed = self.plumbing().tree(id);
            return match listed {
                Ok(listed) => (listed, Vec::new()),
                Err(error) => (changes, vec![Unread { commit: id, path: Vec::new(), error }]),
            };
        };
        let mut trees = Trees { unread: Some(Vec::new()), ..Trees::new(repository) };
        let _never_fails = trees.compare(b"", None, Some(id), 0, &mut changes);
        let mut objects = self.blobs();
        let unread = trees.unread.into_iter().flatten().map(|(path, tree)| {
            let error = objects.any(tree).err().unwrap_or_else(|| SourceError::deep(tree));
            Unread { commit: id, path, error }
        });
        (changes, unread.collect())
    }
}

impl SourceError {
    /// The tree `id` lies in too many folders.
    fn deep(id: ObjectId) -> Self {
        let why = || "its folders are too deep".to_owned();
        Self::Object { id, path: None, libgit2: why(), git: why(), promised: false }
    }
}

/// For each of `commits` and each of its parents what differs; for one without
/// parents all that it holds. git's plumbing gives the same.
fn compare(trees: &mut Trees<'_>, commits: &[Lineage]) -> Result<Vec<Block>, Refusal> {
    let mut blocks = Vec::new();
    for (commit, parents) in commits {
        let new = trees.of_commit(*commit)?;
        let mut olds = Vec::new();
        for parent in parents {
            match trees.of_commit(*parent) {
                Ok(tree) => olds.push(Some(tree)),
                Err(_) if trees.unread.is_some() => olds.push(None),
                Err(refusal) => return Err(refusal),
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

/// Trees, read once while they are needed.
struct Trees<'r> {
    repository: &'r Libgit2,
    kept: HashMap<ObjectId, Rc<[Item]>>,
    /// How many items are in `kept`.
    items: usize,
    of_commits: HashMap<ObjectId, ObjectId>,
    /// Paths and ids of trees that cannot be read; none where that is an error.
    unread: Option<Vec<(Vec<u8>, ObjectId)>>,
}

impl<'r> Trees<'r> {
    fn new(repository: &'r Libgit2) -> Self {
        Self { repository, kept: HashMap::new(), items: 0, of_commits: HashMap::new(), unread: None }
    }

    fn of_commit(&mut self, commit: ObjectId) -> Result<ObjectId, Refusal> {
        if let Some(tree) = self.of_commits.get(&commit) {
            return Ok(*tree);
        }
        let tree = self.repository.tree_of_commit(commit)?;
        self.of_commits.insert(commit, tree);
        Ok(tree)
    }

    fn items(&mut self, tree: Option<ObjectId>) -> Result<Rc<[Item]>, Refusal> {
        let Some(tree) = tree else { return Ok(Rc::from([])) };
        if let Some(items) = self.kept.get(&tree) {
            return Ok(Rc::clone(items));
        }
        let items = self.repository.tree(tree)?;
        // Kept too long or too short they would only take memory or time.
        if self.items + items.len() > KEPT {
            self.kept.clear();
            self.items = 0;
        }
        self.items += items.len();
        self.kept.insert(tree, Rc::clone(&items));
        Ok(items)
    }

    /// Adds what differs between the trees `old` and `new` at `folder` to `changes`,
    /// in the order of paths. An item of `new` is skipped only where `old` has the same
    /// one; a forged tree may have its items in any order.
    fn compare(
        &mut self,
        folder: &[u8],
        old: Option<ObjectId>,
        new: Option<ObjectId>,
        depth: usize,
        changes: &mut Vec<Change>,
    ) -> Result<(), Refusal> {
        if old == new {
            return Ok(());
        }
        let news = if depth > DEEPEST {
            Err(Refusal::Cannot("its folders are too deep".to_owned()))
        } else {
            self.items(new)
        };
        let news = match (news, &mut self.unread, new) {
            (Err(_), Some(unread), Some(new)) => {
                unread.push((folder.to_vec(), new));
                return Ok(());
            }
            (news, ..) => news?,
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
    use crate::source::Entry;

    #[test]
    fn folders_that_nest_deeper_than_anybodys_are_left_to_git_and_exhaust_no_stack() {
        let folder = tempfile::tempdir().unwrap();
        let repository = git2::Repository::init_bare(folder.path()).unwrap();
        let file = repository.blob(b"text").unwrap();
        // The commit whose file lies in so many folders.
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
        let reader = Libgit2::of(git2::Repository::open(folder.path()).unwrap());
        let compared = compare(&mut Trees::new(&reader), &[(deepest, Vec::new())]).ok().unwrap();
        let change = Change {
            path: [&b"a/".repeat(DEEPEST), &b"a"[..]].concat(),
            old: None,
            new: Some(Entry { id: file, mode: 0o100_644 }),
            size: None,
        };
        assert_eq!(compared, [(deepest, vec![change])]);
        assert!(compare(&mut Trees::new(&reader), &[(deeper, Vec::new())]).is_err());
    }
}
