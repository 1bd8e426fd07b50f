//! What a commit adds besides the staged change: merged commits, and the content of a commit
//! that it replaces.

use std::env;
use std::time::UNIX_EPOCH;

use super::commits::{Brought, CommitAdditions, additions_of, readable_of};
use super::lineages::listed;
use super::trees::Unread;
use crate::source::environment::author_date;
use crate::source::{Base, ObjectId, Repository, SourceError};
use crate::text::lines;

/// Commits of a script may follow each other within this many seconds.
const BESIDE: u64 = 1;

/// The commits that `git merge` is about to merge. It passes them to its hook as
/// `GITHEAD_<id>=NAME`.
pub fn heads_of_merge() -> Vec<ObjectId> {
    let names = env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned());
    let id = |name: String| ObjectId::from_hex(name.strip_prefix("GITHEAD_")?.as_bytes());
    let mut heads: Vec<_> = names.filter_map(id).collect();
    heads.sort();
    heads
}

impl Repository {
    /// The commits of a merge that stopped; the next commit merges them.
    pub fn merge_heads(&self) -> Result<Vec<ObjectId>, SourceError> {
        let Some(file) = self.git_dir().map(|folder| folder.join("MERGE_HEAD")) else {
            return Ok(Vec::new());
        };
        match std::fs::read(&file) {
            Ok(content) => Ok(lines(&content).filter_map(ObjectId::from_hex).collect()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(SourceError::of_file(&file, error)),
        }
    }

    /// What `heads` add to HEAD. Commits of a remote-tracking branch are excluded: they do not
    /// originate here, and pre-push trusts no such branch.
    pub fn merged(&self, heads: &[ObjectId]) -> Result<Vec<CommitAdditions>, SourceError> {
        let heads: Vec<_> = heads.iter().map(ObjectId::to_string).collect();
        self.brought(&heads.iter().map(String::as_str).collect::<Vec<_>>(), &["HEAD"])
    }

    /// What the last merge or pull brought; like [`Repository::merged`].
    pub fn last_merged(&self) -> Result<Vec<CommitAdditions>, SourceError> {
        self.brought(&["HEAD"], &["ORIG_HEAD"])
    }

    fn brought(&self, heads: &[&str], had: &[&str]) -> Result<Vec<CommitAdditions>, SourceError> {
        if heads.is_empty() {
            return Ok(Vec::new());
        }
        let arguments = [&["rev-list", "--parents"], heads, &["--not", "--remotes"], had].concat();
        let commits = match self.plumbing().run(&arguments) {
            Ok(list) => listed(&list)?,
            // An object between cannot be read: search the others.
            Err(error) => {
                let tracked =
                    self.starts()?.into_iter().filter(|(_, name)| name.starts_with(b"refs/remotes/"));
                let named = |name: &&str| self.named(name).ok();
                let left_out: Vec<_> =
                    tracked.map(|(id, _)| id).chain(had.iter().filter_map(named)).collect();
                let tips: Vec<_> = heads.iter().filter_map(named).collect();
                readable_of(self, &tips, &left_out).ok_or(error)?
            }
        };
        additions_of(self, commits)
    }

    /// Whether the new commit seems to replace HEAD: it has HEAD's author date, but is made
    /// later. git reports no more to the hooks before a commit.
    pub fn amends(&self) -> bool {
        let Some((date, head)) = author_date().zip(self.head_commit()) else { return false };
        let head = self.blobs().object(head).unwrap_or_default();
        let line = |name: &[u8]| lines(&head).find(|line| line.starts_with(name)).unwrap_or_default();
        let at = line(b"committer ").rsplit(|byte| *byte == b' ').nth(1).unwrap_or_default();
        let at: Option<u64> = str::from_utf8(at).ok().and_then(|second| second.parse().ok());
        let now = UNIX_EPOCH.elapsed().map_or(0, |since| since.as_secs());
        line(b"author ").ends_with(&[b"> ", date.as_slice()].concat())
            && at.is_some_and(|at| at + BESIDE < now)
    }

    /// What the index holds that no parent of HEAD holds, which is what a replacement of HEAD
    /// adds; and its unreadable parts. None if a remote-tracking branch has HEAD, so that it is
    /// not the user's alone.
    pub fn amended(&self) -> Result<Option<(Brought, Vec<Unread>)>, SourceError> {
        let own = ["rev-list", "--parents", "--max-count=1", "HEAD", "--not", "--remotes"];
        let Some((_, parents)) = listed(&self.plumbing().run(&own)?)?.pop() else { return Ok(None) };
        let bases = match parents.as_slice() {
            [] => vec![Base::Nothing],
            parents => parents.iter().copied().map(Base::Commit).collect(),
        };
        let wanted = bases.len();
        let (mut blocks, mut unread) = (Vec::new(), Vec::new());
        for base in bases {
            let staged = self.staged_against(base)?;
            blocks.push(Brought::by(&staged.changes));
            unread.extend(staged.unread);
        }
        Ok(Some((Brought::to_all(blocks, wanted), unread)))
    }
}
