//! Walks commits one by one. git lists none if one of them cannot be read.

use std::collections::{HashMap, HashSet};

use crate::source::readers::BlobReader;
use crate::source::store::Kind;
use crate::source::{Lineage, ObjectId, Repository};
use crate::text::lines;

/// A commit, readable or not.
#[derive(Debug)]
pub struct Walked {
    /// The commit and its parents; no parents if it cannot be read.
    pub lineage: Lineage,
    /// When its author wrote it, in seconds since 1970 in UTC.
    pub author_date: i64,
    /// Whether it cannot be read.
    pub is_unread: bool,
}

/// The readable commits that `tips` reach and `left_out` do not, parents before their children.
/// What is behind an unreadable commit is unknown; if that is an excluded one, it is included,
/// and so is what only it excludes.
pub fn walk(repository: &Repository, tips: &[ObjectId], left_out: &[ObjectId]) -> Vec<Walked> {
    let mut objects = repository.blobs();
    let mut known = HashSet::new();
    let unread = visit(&mut objects, left_out, &mut known).into_iter().filter(|walked| walked.is_unread);
    let mut walked: Vec<_> = unread.collect();
    walked.extend(visit(&mut objects, tips, &mut known));
    walked
}

/// The most commits of a row, see [`row`].
const ROW: usize = 1024;

/// The commits from `tip` back to the first of `ends`, newest first, as `git rev-list` lists
/// them. Only for the usual push, of commits with one parent each, because starting git takes
/// longer than reading these. None if git has to be asked.
pub fn row(repository: &Repository, tip: ObjectId, ends: &[ObjectId]) -> Option<Vec<Lineage>> {
    if ends.is_empty() || repository.libgit2().is_err() || repository.is_shallow().ok()? {
        return None;
    }
    let mut objects = repository.blobs();
    let (mut row, mut at) = (Vec::new(), tip);
    while !ends.contains(&at) {
        let (Kind::Commit, text) = objects.any(at).ok()? else { return None };
        let [parent] = named(&text, b"parent ")[..] else { return None };
        if row.len() == ROW {
            return None;
        }
        row.push((at, vec![parent]));
        at = parent;
    }
    Some(row)
}

/// Like [`walk`], for `tips` without `known`, which grows by the result.
fn visit(objects: &mut BlobReader<'_>, tips: &[ObjectId], known: &mut HashSet<ObjectId>) -> Vec<Walked> {
    let mut order = Vec::new();
    let mut open: HashMap<ObjectId, Walked> = HashMap::new();
    // The newest is on top of the stack.
    let mut stack: Vec<(ObjectId, bool)> = tips.iter().map(|tip| (*tip, false)).collect();
    while let Some((id, is_done)) = stack.pop() {
        if is_done {
            order.extend(open.remove(&id));
            continue;
        }
        if !known.insert(id) {
            continue;
        }
        let (walked, next) = match objects.any(id) {
            Ok((Kind::Commit, text)) => {
                let parents = named(&text, b"parent ");
                let author_date = author_date(&text);
                let next = parents.clone();
                (Walked { lineage: (id, parents), author_date, is_unread: false }, next)
            }
            Ok((Kind::Tag, text)) => {
                stack.extend(named(&text, b"object ").into_iter().map(|target| (target, false)));
                continue;
            }
            Ok((Kind::Tree | Kind::Blob, _)) => continue,
            Err(_) => (Walked { lineage: (id, Vec::new()), author_date: 0, is_unread: true }, Vec::new()),
        };
        open.insert(id, walked);
        stack.push((id, true));
        stack.extend(next.into_iter().map(|parent| (parent, false)));
    }
    order
}

/// The ids after `key` in the header of a commit or a tag.
fn named(text: &[u8], key: &[u8]) -> Vec<ObjectId> {
    let header = lines(text).take_while(|line| !line.is_empty());
    header.filter_map(|line| ObjectId::from_hex(line.strip_prefix(key)?)).collect()
}

/// `author NAME <EMAIL> SECONDS ZONE`
fn author_date(text: &[u8]) -> i64 {
    let author = lines(text).find_map(|line| line.strip_prefix(b"author "));
    let date = author.and_then(|author| author.rsplit(|byte| *byte == b' ').nth(1));
    date.and_then(|date| std::str::from_utf8(date).ok()?.parse().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Preference;
    use crate::source::changes::lineages::rev_list;
    use crate::source::testing::{git, open};

    #[test]
    fn a_row_of_commits_is_what_git_lists_and_anything_else_is_left_to_git() {
        let folder = tempfile::tempdir().unwrap();
        git(folder.path(), &["init", "--quiet"], b"");
        let tree = git(folder.path(), &["write-tree"], b"");
        let opened = git2::Repository::open(folder.path()).unwrap();
        let store = opened.odb().unwrap();
        let commit = |parents: &[ObjectId]| {
            let parents: String = parents.iter().map(|parent| format!("parent {parent}\n")).collect();
            let who = "Test <test@localhost> 1700000000 +0000";
            let text = format!("tree {tree}\n{parents}author {who}\ncommitter {who}\n\nm\n");
            let id = store.write(git2::ObjectType::Commit, text.as_bytes()).unwrap();
            ObjectId::from_bytes(id.as_bytes()).unwrap()
        };
        let mut all = vec![commit(&[])];
        for _ in 0..=ROW {
            all.push(commit(&all[all.len() - 1..]));
        }
        let side = commit(&all[3..4]);
        let merge = commit(&[all[6], side]);
        let repository = open(folder.path(), Preference::Fastest);
        let listed = |tip: ObjectId, end: ObjectId| rev_list(&repository, &[], &[tip], &[end]).unwrap();
        for (tip, end) in
            [(all[5], all[4]), (all[9], all[2]), (all[4], all[4]), (all[ROW], all[0]), (side, all[1])]
        {
            assert_eq!(row(&repository, tip, &[end]).unwrap(), listed(tip, end));
        }
        assert_eq!(row(&repository, all[9], &[all[1], all[5]]).unwrap(), listed(all[9], all[5]));
        for (tip, ends) in [
            (all[5], vec![]),
            (all[ROW + 1], vec![all[0]]),
            (all[5], vec![all[6]]),
            (merge, vec![all[3]]),
            (ObjectId::from_bytes(&[7; 20]).unwrap(), vec![all[0]]),
        ] {
            assert_eq!(row(&repository, tip, &ends), None, "{tip}");
        }
        // What hides commits from git hides none from either.
        std::fs::create_dir_all(folder.path().join(".git/info")).unwrap();
        std::fs::write(folder.path().join(".git/info/grafts"), format!("{} {}\n", all[5], all[1])).unwrap();
        assert_eq!(row(&repository, all[6], &[all[2]]).unwrap(), listed(all[6], all[2]));
        assert_eq!(listed(all[6], all[2]).len(), 4);
    }
}
