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
