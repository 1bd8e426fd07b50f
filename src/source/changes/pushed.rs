//! What a push brings: commits, tags and tagged content that the receiver lacks.

use std::collections::{HashMap, HashSet};
use std::ffi::OsString;

use super::commits::{CommitAdditions, additions_of, readable_of};
use super::lineages::rev_list;
use super::searched::Searched;
use super::trees::Unread;
use crate::source::store::Kind;
use crate::source::{Addition, ObjectId, Repository, SourceError, additions};
use crate::text::lines;

/// A reference that a push creates, moves or deletes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefUpdate {
    /// Its name at the receiver, in git's bytes; the pusher chooses it.
    pub name: Vec<u8>,
    /// Its old target; none if it is new.
    pub old: Option<ObjectId>,
    /// Its new target; none if it is deleted.
    pub new: Option<ObjectId>,
}

impl RefUpdate {
    /// Parses git's lines for pre-push: `LOCAL NEW NAME OLD`. `LOCAL` is what the user typed,
    /// and may contain blanks.
    pub fn of_pre_push(input: &[u8]) -> Result<Vec<Self>, SourceError> {
        read_lines(input, "lines of the form LOCAL ID REF ID on standard input", |line| {
            let mut words = line.rsplitn(4, |byte| *byte == b' ');
            let (old, name, new) = (words.next()?, words.next()?, words.next()?);
            words.next().and_then(|_| Self::new(name, old, new))
        })
    }

    /// Parses git's lines for pre-receive: `OLD NEW NAME`.
    pub fn of_pre_receive(input: &[u8]) -> Result<Vec<Self>, SourceError> {
        read_lines(input, "lines of the form ID ID REF on standard input", |line| {
            let mut words = line.splitn(3, |byte| *byte == b' ');
            let (old, new) = (words.next()?, words.next()?);
            Self::new(words.next()?, old, new)
        })
    }

    /// Parses git's arguments for update: `NAME OLD NEW`.
    pub fn of_update(arguments: &[OsString]) -> Result<Self, SourceError> {
        let update = match arguments {
            [name, old, new] => {
                Self::new(name.as_encoded_bytes(), old.as_encoded_bytes(), new.as_encoded_bytes())
            }
            _ => None,
        };
        let got = || format!("{} arguments", arguments.len());
        update.ok_or_else(|| SourceError::hook_input("a reference and two ids", &got()))
    }

    fn new(name: &[u8], old: &[u8], new: &[u8]) -> Option<Self> {
        let id = |hex| Some(ObjectId::from_hex(hex)?).map(|id| Some(id).filter(|id| !id.is_zero()));
        Some(Self { name: name.to_vec(), old: id(old)?, new: id(new)? })
    }
}

fn read_lines(
    input: &[u8],
    wanted: &'static str,
    read: impl Fn(&[u8]) -> Option<RefUpdate>,
) -> Result<Vec<RefUpdate>, SourceError> {
    lines(input)
        .filter(|line| !line.is_empty())
        .map(|line| {
            let got = || String::from_utf8_lossy(line).into_owned();
            read(line).ok_or_else(|| SourceError::hook_input(wanted, &got()))
        })
        .collect()
}

/// The receiver of a push.
#[derive(Debug, Clone, Copy)]
pub enum Receiver<'a> {
    /// Another repository.
    Remote {
        /// The remote's name; the URL or path if the push names one.
        name: &'a str,
        /// Its address.
        url: &'a str,
    },
    /// This repository. Its references still have their old targets.
    Here,
}

/// What a push brings.
#[derive(Debug, Default)]
pub struct Pushed {
    /// The commits that the receiver lacks, newest first, each once.
    pub commits: Vec<CommitAdditions>,
    /// The new targets of the references, even if the receiver has them.
    pub tips: Vec<Tip>,
    /// The annotated tags.
    pub tags: Vec<Tag>,
    /// The content of tagged trees and blobs. Each path begins with the reference's name.
    pub tagged: Vec<Addition>,
    /// The unreadable targets of references, with paths like those of `tagged`.
    pub unread: Vec<Unread>,
    /// The record of searched commits, if this push can extend it.
    searched: Option<Searched>,
}

/// The commit at the tip of a pushed reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tip {
    /// The commit.
    pub commit: ObjectId,
    /// The reference.
    pub name: Vec<u8>,
}

/// An annotated tag.
#[derive(Debug)]
pub struct Tag {
    /// The tag object.
    pub id: ObjectId,
    /// The reference that brings it.
    pub name: Vec<u8>,
    /// Its content, as git stores it.
    pub content: Vec<u8>,
}

impl Pushed {
    /// The new commits that `tips` reach.
    pub fn reached_from(&self, tips: &[ObjectId]) -> HashSet<ObjectId> {
        let parents: HashMap<_, _> =
            self.commits.iter().map(|commit| (commit.commit, commit.parents.as_slice())).collect();
        let mut reached = HashSet::new();
        let mut left = tips.to_vec();
        while let Some(commit) = left.pop() {
            if let Some(parents) = parents.get(&commit)
                && reached.insert(commit)
            {
                left.extend_from_slice(parents);
            }
        }
        reached
    }
}

/// The commits, tags and tagged content of `updates` that `receiver` may lack. What was searched
/// by other `rules` is not skipped. Calls `listed`
/// with the number of commits before they are read, and with whether the next push will skip
/// them.
pub fn pushed(
    repository: &Repository,
    updates: &[RefUpdate],
    receiver: Receiver<'_>,
    rules: &str,
    listed: impl FnOnce(usize, bool),
) -> Result<Pushed, SourceError> {
    let mut pushed = Pushed::default();
    let mut seen = HashSet::new();
    for update in updates {
        let added = update.new.map(|new| pushed.add(repository, &update.name, new, &mut seen));
        if let Some(Err(error)) = added {
            pushed.unread.push(Unread { commit: None, path: update.name.clone(), error });
        }
    }
    if pushed.tips.is_empty() {
        return Ok(pushed);
    }
    let tips = pushed.tip_commits();
    let olds: Vec<ObjectId> = updates.iter().filter_map(|update| update.old).collect();
    let found = match receiver {
        Receiver::Here => rev_list(repository, &["--not", "--all"], &tips, &[]),
        // The remote's references in this push are excluded, and so are searched commits.
        // Remote-tracking branches are not: they may be stale or made by hand.
        Receiver::Remote { name, url } => {
            let promised = gave_promises(repository, name, url);
            let searched = Searched::read(repository, rules);
            searched.left(repository, &tips, &olds, promised).and_then(|commits| {
                let is_whole = !promised && searched.reaches(repository, &olds)?;
                pushed.searched = is_whole.then_some(searched);
                Ok(commits)
            })
        }
    };
    let commits = match found {
        Ok(commits) => commits,
        // An object between cannot be read: search the others.
        Err(error) => {
            let known = match receiver {
                Receiver::Here => repository.starts()?.into_iter().map(|(id, _)| id).collect(),
                Receiver::Remote { .. } => olds,
            };
            readable_of(repository, &tips, &known).ok_or(error)?
        }
    };
    listed(commits.len(), pushed.searched.is_some());
    pushed.commits = additions_of(repository, commits)?;
    Ok(pushed)
}

impl Pushed {
    fn tip_commits(&self) -> Vec<ObjectId> {
        self.tips.iter().map(|tip| tip.commit).collect()
    }

    /// Records for the next push that this one was searched. The commits `found` have findings
    /// or gaps.
    pub fn note(&mut self, found: impl Iterator<Item = ObjectId>) {
        if let Some(searched) = self.searched.take() {
            searched.note(&self.tip_commits(), found);
        }
    }

    /// Adds the target of the reference `name`; for a tag also what it tags.
    fn add(
        &mut self,
        repository: &Repository,
        name: &[u8],
        id: ObjectId,
        seen: &mut HashSet<ObjectId>,
    ) -> Result<(), SourceError> {
        let mut id = id;
        loop {
            match repository.kind(id)? {
                Kind::Commit => {
                    // git skips an unreadable tip.
                    repository.blobs().any(id)?;
                    self.tips.push(Tip { commit: id, name: name.to_vec() });
                }
                Kind::Tag => {
                    let content = repository.blobs().object(id)?;
                    let target = content.strip_prefix(b"object ").and_then(|rest| lines(rest).next());
                    let target = target.and_then(ObjectId::from_hex);
                    if seen.insert(id) {
                        self.tags.push(Tag { id, name: name.to_vec(), content });
                    }
                    id = target.ok_or_else(|| SourceError::unexpected(&format!("cat-file tag {id}")))?;
                    continue;
                }
                Kind::Tree if seen.insert(id) => {
                    let (mut changes, unread) = repository.files_in(id);
                    let within = |path: &[u8]| [name, b":", path].concat();
                    changes.iter_mut().for_each(|change| change.path = within(&change.path));
                    self.tagged.extend(additions(&changes));
                    let unread = unread.into_iter();
                    self.unread.extend(unread.map(|(path, error)| Unread {
                        commit: None,
                        path: within(&path),
                        error,
                    }));
                }
                Kind::Blob if seen.insert(id) => {
                    self.tagged.push(Addition { path: name.to_vec(), new: id, size: None, old: Vec::new() });
                }
                Kind::Tree | Kind::Blob => {}
            }
            return Ok(());
        }
    }
}

impl Repository {
    /// A remote-tracking branch that contains `commit`, if its name is text.
    pub fn tracked_by(&self, commit: ObjectId) -> Option<String> {
        let contains = format!("--contains={commit}");
        let arguments =
            ["for-each-ref", "--count=1", "--format=%(refname:short)", &contains, "refs/remotes/"];
        let name = self.plumbing().run(&arguments).ok()?;
        Some(String::from_utf8_lossy(&name).trim_end().to_owned()).filter(|name| !name.is_empty())
    }
}

/// Whether this is a partial clone of `url`, the remote `name`, and of nothing else. Then the
/// remote has the missing objects, and they need not be searched.
fn gave_promises(repository: &Repository, name: &str, url: &str) -> bool {
    if !repository.may_be_promised() {
        return false;
    }
    let promisors = repository.plumbing().promisors();
    let own = [format!("remote.{name}.promisor\n"), format!("extensions.partialclone\n{name}")];
    let is_own = |setting: &Vec<u8>| own.iter().any(|own| setting.starts_with(own.as_bytes()));
    !promisors.is_empty()
        && promisors.iter().all(is_own)
        && repository.fetch_url(name).is_some_and(|fetched| is_same_place(&fetched, url))
}

/// Whether two URLs name the same repository, possibly through different protocols.
fn is_same_place(one: &str, other: &str) -> bool {
    one == other || host_and_path(one).is_some_and(|one| host_and_path(other) == Some(one))
}

/// The host and path of a URL; none for a local path.
fn host_and_path(url: &str) -> Option<(String, &str)> {
    let (authority, path) = match url.split_once("://") {
        Some(("file", _)) => return None,
        Some((_, rest)) => rest.split_once('/')?,
        // As in ssh; a colon after a slash belongs to a path.
        None => url.split_once(':').filter(|(host, _)| !host.contains('/') && host.len() > 1)?,
    };
    let host = authority.rsplit('@').next()?.split(':').next()?;
    let path = path.trim_matches('/');
    Some((host.to_ascii_lowercase(), path.strip_suffix(".git").unwrap_or(path)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(digit: &str) -> String {
        digit.repeat(40)
    }

    fn update(name: &str, old: &str, new: &str) -> RefUpdate {
        RefUpdate::new(name.as_bytes(), id(old).as_bytes(), id(new).as_bytes()).unwrap()
    }

    #[test]
    fn what_was_typed_to_name_a_commit_does_not_shift_the_ids() {
        let line = format!("HEAD^{{/a b c}} {} refs/heads/x {}\n", id("a"), id("0"));
        let read = RefUpdate::of_pre_push(line.as_bytes()).unwrap();
        assert_eq!(read, [update("refs/heads/x", "0", "a")]);
        assert_eq!((read[0].old, read[0].new.is_some()), (None, true));
        let line = format!("(delete) {} refs/heads/x {}\n", id("0"), id("b"));
        assert_eq!(RefUpdate::of_pre_push(line.as_bytes()).unwrap()[0].new, None);
        let line = format!("{} {} refs/heads/a b\n", id("1"), id("2"));
        assert_eq!(RefUpdate::of_pre_receive(line.as_bytes()).unwrap(), [update("refs/heads/a b", "1", "2")]);
    }

    #[test]
    fn a_line_that_git_would_not_write_is_no_push_of_nothing() {
        for line in ["x", "a b c d", &format!("l {} refs/heads/x", id("a")), &format!("{} x r", id("a"))] {
            assert!(RefUpdate::of_pre_push(line.as_bytes()).is_err(), "{line}");
            assert!(RefUpdate::of_pre_receive(line.as_bytes()).is_err(), "{line}");
        }
        assert!(RefUpdate::of_update(&["refs/heads/x".into()]).is_err());
        assert_eq!(RefUpdate::of_pre_push(b"").unwrap(), []);
    }

    #[test]
    fn another_protocol_is_the_same_place_and_another_host_or_path_is_not() {
        let url = "https://example.com/team/app.git";
        for (other, same) in [
            ("git@example.com:team/app.git", true),
            ("ssh://git@Example.com:22/team/app", true),
            ("https://user@example.com/team/app/", true),
            ("https://example.org/team/app.git", false),
            ("git@example.com:team/other.git", false),
            ("/srv/team/app.git", false),
            ("file:///team/app.git", false),
        ] {
            assert_eq!(is_same_place(url, other), same, "{other}");
        }
        assert!(is_same_place("../app", "../app") && !is_same_place("../app", "../other"));
        assert!(!is_same_place("file:///a", "file:///b"));
        // Local paths with colons, and Windows drives.
        assert!(!is_same_place("./a:team/app", "./a:team/app.git"));
        assert!(!is_same_place("c:/team/app", "C:/team/app"));
    }
}
