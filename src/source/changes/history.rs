//! A whole history: all objects of a repository, its commits and its refs.

use std::collections::{HashMap, HashSet};

use crate::source::paths::path_from_bytes;
use crate::source::{Change, Database, ObjectId, Repository, SourceError, unquoted};
use crate::text::lines;

/// How many commits are compared with their parents at a time.
const COMMITS: usize = 4096;

/// A commit among all.
#[derive(Debug, Clone)]
pub struct Commit {
    /// Its id.
    pub id: ObjectId,
    /// When it was written, in seconds since 1970 in UTC.
    pub author_date: i64,
    /// Its parents, by their number in [`History::commits`].
    pub parents: Vec<usize>,
}

/// A ref and what it points at.
#[derive(Debug, Clone)]
pub struct Ref {
    /// Its full name, in git's bytes.
    pub name: Vec<u8>,
    /// What it points at: a commit, or a tag.
    pub object: ObjectId,
    /// What it leads to behind all tags.
    pub target: ObjectId,
    /// The commit that it leads to, by its number; none if it leads to none.
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

impl Repository {
    /// All objects that are here, those of alternates too.
    ///
    /// # Errors
    ///
    /// If a folder or a pack cannot be read.
    pub fn database(&self) -> Result<Database, SourceError> {
        let git = self.plumbing();
        let unexpected = || SourceError::Format { command: "rev-parse".to_owned() };
        let own = git.run(&["rev-parse", "--git-path", "objects"])?;
        let own = path_from_bytes(own.trim_ascii_end().to_vec()).ok_or_else(unexpected)?;
        let mut folders = vec![own];
        // It lists alternates of alternates too, and those that the environment names.
        let counted = git.run(&["-c", "core.quotePath=false", "count-objects", "-v"])?;
        for line in lines(&counted) {
            if let Some(path) = line.strip_prefix(b"alternate: ") {
                folders.push(unquoted(path).and_then(path_from_bytes).ok_or_else(unexpected)?);
            }
        }
        let format = git.run(&["rev-parse", "--show-object-format"])?;
        let id_length = if format.trim_ascii() == b"sha256" { 32 } else { 20 };
        Database::open(folders, id_length)
    }

    /// Whether older commits were left out when this was cloned.
    ///
    /// # Errors
    ///
    /// If git cannot be asked.
    pub fn is_shallow(&self) -> Result<bool, SourceError> {
        if let Ok(repository) = self.libgit2() {
            return Ok(repository.is_shallow());
        }
        let shallow = self.plumbing().run(&["rev-parse", "--is-shallow-repository"])?;
        Ok(shallow.trim_ascii() == b"true")
    }

    /// Checks that all objects that refs and reflogs reach are here. `id`, called `name`
    /// in its folder, is missing; that is no error if only unreachable objects need it.
    ///
    /// # Errors
    ///
    /// [`SourceError::Missing`] if it is not.
    pub fn check_complete(&self, id: ObjectId, name: &[u8]) -> Result<(), SourceError> {
        let arguments = ["rev-list", "--objects", "--all", "--reflog", "--missing=print", "--quiet"];
        let missing = self.plumbing().run(&arguments)?;
        let mut missing = lines(&missing).filter_map(|line| ObjectId::from_hex(line.strip_prefix(b"?")?));
        let Some(first) = missing.next() else { return Ok(()) };
        let path = (first == id && !name.is_empty()).then(|| String::from_utf8_lossy(name).into_owned());
        Err(SourceError::Missing { id: first, path, promised: self.plumbing().has_promisor() })
    }

    /// The commits that refs, HEAD and, with `reflogs`, reflogs and so all stashes
    /// reach.
    ///
    /// # Errors
    ///
    /// If git cannot be asked, or an object that it needs is missing.
    pub fn history(&self, reflogs: bool) -> Result<History, SourceError> {
        let unexpected = || SourceError::Format { command: "rev-list".to_owned() };
        let mut arguments = vec!["rev-list", "--all", "--topo-order", "--reverse", "--format=%H %at %P"];
        if reflogs {
            arguments.push("--reflog");
        }
        let list = self.plumbing().run(&arguments)?;
        let mut numbers: HashMap<ObjectId, usize> = HashMap::new();
        let mut commits: Vec<Commit> = Vec::new();
        for line in lines(&list).filter(|line| !line.starts_with(b"commit ")) {
            let mut fields = line.split(|byte| *byte == b' ').filter(|field| !field.is_empty());
            let id = fields.next().and_then(ObjectId::from_hex).ok_or_else(unexpected)?;
            let date = fields.next().and_then(|date| std::str::from_utf8(date).ok());
            let author_date = date.and_then(|date| date.parse().ok()).unwrap_or_default();
            // Behind the boundary of a shallow clone a parent is not there.
            let parents = fields.filter_map(ObjectId::from_hex).filter_map(|id| numbers.get(&id).copied());
            let commit = Commit { id, author_date, parents: parents.collect() };
            numbers.insert(id, commits.len());
            commits.push(commit);
        }
        let refs = self.refs(&numbers)?;
        Ok(History { commits, refs })
    }

    fn refs(&self, commits: &HashMap<ObjectId, usize>) -> Result<Vec<Ref>, SourceError> {
        let unexpected = || SourceError::Format { command: "for-each-ref".to_owned() };
        let list =
            self.plumbing().run(&["for-each-ref", "--format=%(objectname) %(*objectname) %(refname)"])?;
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

    /// The targets of all refs and of HEAD, with their names.
    ///
    /// # Errors
    ///
    /// If git cannot be asked.
    pub fn starts(&self) -> Result<Vec<(ObjectId, Vec<u8>)>, SourceError> {
        let unexpected = || SourceError::Format { command: "for-each-ref".to_owned() };
        let list = self.plumbing().run(&["for-each-ref", "--format=%(objectname) %(refname)"])?;
        let start = |line: &[u8]| {
            let (id, name) = line.split_at(memchr::memchr(b' ', line)?);
            Some((ObjectId::from_hex(id)?, name.get(1..)?.to_vec()))
        };
        let starts = lines(&list).map(start).collect::<Option<Vec<_>>>();
        let mut starts = starts.ok_or_else(unexpected)?;
        // There is none on an unborn branch.
        let head = self.plumbing().run(&["rev-parse", "--quiet", "--verify", "HEAD"]).unwrap_or_default();
        starts.extend(ObjectId::from_hex(head.trim_ascii()).map(|id| (id, b"HEAD".to_vec())));
        Ok(starts)
    }

    /// The tags that lie between the tag `id` and what it tags in the end, and that.
    ///
    /// # Errors
    ///
    /// If one cannot be read.
    pub fn behind_tag(&self, id: ObjectId) -> Result<Vec<ObjectId>, SourceError> {
        let mut blobs = self.blobs();
        let mut behind = Vec::new();
        let mut tag = Some(id);
        while let Some(id) = tag {
            let content = blobs.object(id)?;
            let mut lines = crate::text::lines(&content);
            let target = lines.next().and_then(|line| ObjectId::from_hex(line.strip_prefix(b"object ")?));
            tag = target.filter(|_| lines.next() == Some(b"type tag"));
            behind.extend(target);
        }
        Ok(behind)
    }

    /// Hands out what each of the commits changes against each of its parents, parents
    /// first, with the commit's number.
    ///
    /// # Errors
    ///
    /// If git cannot be asked, or an object that it needs is missing.
    pub fn each_change(
        &self,
        history: &History,
        out: &mut dyn FnMut(usize, &Change),
    ) -> Result<(), SourceError> {
        for (part, commits) in history.commits.chunks(COMMITS).enumerate() {
            let mut lineages = Vec::with_capacity(commits.len());
            let mut numbers = HashMap::new();
            for (number, commit) in commits.iter().enumerate() {
                numbers.insert(commit.id, part * COMMITS + number);
                let parents = commit.parents.iter().filter_map(|parent| history.commits.get(*parent));
                lineages.push((commit.id, parents.map(|parent| parent.id).collect()));
            }
            for (commit, changes) in self.plumbing().compare(&lineages)? {
                if let Some(number) = numbers.get(&commit) {
                    changes.iter().for_each(|change| out(*number, change));
                }
            }
        }
        Ok(())
    }

    /// The blobs in HEAD's tree; none on an unborn branch.
    ///
    /// # Errors
    ///
    /// If git cannot be asked, or an object that it needs is missing.
    pub fn head_blobs(&self) -> Result<HashSet<ObjectId>, SourceError> {
        let git = self.plumbing();
        match git.run(&["rev-parse", "--quiet", "--verify", "HEAD^{commit}"]) {
            Ok(_) => Ok(self.list("HEAD")?.into_iter().map(|(_, id)| id).collect()),
            Err(_) => Ok(HashSet::new()),
        }
    }

    /// The paths and blobs in the tree `id`; none if it is no tree.
    ///
    /// # Errors
    ///
    /// If git cannot be asked, or an object that it needs is missing.
    pub fn files_of(&self, id: ObjectId) -> Result<Vec<(Vec<u8>, ObjectId)>, SourceError> {
        let tree = format!("{id}^{{tree}}");
        match self.plumbing().run(&["rev-parse", "--quiet", "--verify", &tree]) {
            Ok(_) => self.list(&tree),
            Err(_) => Ok(Vec::new()),
        }
    }

    fn list(&self, tree: &str) -> Result<Vec<(Vec<u8>, ObjectId)>, SourceError> {
        let list = self.plumbing().run(&["ls-tree", "-r", "-z", "--full-tree", tree])?;
        let lines = list.split(|byte| *byte == 0).filter(|line| !line.is_empty());
        // A submodule's commit is in another repository.
        let files = lines.filter(|line| !line.starts_with(b"160000 "));
        let parsed = files.map(|line| {
            let (meta, path) = line.split_at(memchr::memchr(b'\t', line)?);
            let id = meta.split(|byte| *byte == b' ').nth(2).and_then(ObjectId::from_hex)?;
            Some((path.get(1..)?.to_vec(), id))
        });
        parsed.collect::<Option<_>>().ok_or_else(|| SourceError::Format { command: "ls-tree".to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Preference;
    use crate::source::testing::{git, open, write};

    #[test]
    fn what_is_missing_is_named_by_its_path_and_nothing_else_is() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path();
        git(top, &["init", "--quiet"], b"");
        let id = write(top, b"text");
        git(top, &["update-index", "--add", "--cacheinfo", &format!("100644,{id},f")], b"");
        git(top, &["commit", "--quiet", "-m", "m"], b"");
        let other = write(top, b"thrown away");
        let repository = open(top, Preference::Fastest);
        assert!(repository.check_complete(other, b"gone").is_ok());
        assert_eq!(repository.head_blobs().unwrap(), HashSet::from([id]));

        let name = id.to_string();
        std::fs::remove_file(top.join(".git/objects").join(&name[..2]).join(&name[2..])).unwrap();
        for (asked, name, told) in [(id, "f", Some("f")), (other, "gone", None), (id, "", None)] {
            match repository.check_complete(asked, name.as_bytes()) {
                Err(SourceError::Missing { id: missing, path, .. }) => {
                    assert_eq!((missing, path.as_deref()), (id, told));
                }
                other => panic!("{other:?}"),
            }
        }
    }
}
