//! Reads all objects of a repository once, in the cheapest order, on all cores.

use std::io;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::database::{Database, in_pack};
use super::loose::{Kind, Loose, Object};
use super::pack::{Answer, Pack, Packed};
use crate::source::{Blob, Content, LARGEST_WHOLE, ObjectId, Repository, SourceError, Watch};

/// An object that is handed out.
pub struct Stored<'a> {
    /// Its kind.
    pub kind: Kind,
    /// Its id.
    pub id: ObjectId,
    /// Its whole content, or a stream of a blob that is too large for memory.
    pub content: Content<'a>,
    /// Its differences to a clean base that was handed out, in order: new ranges, and empty
    /// ranges where something was removed or moved.
    pub changed: Option<&'a [Range<usize>]>,
}

/// Receives an object. Returns whether it is a clean base; its dependants then come with the
/// ranges in which they differ.
type Visit<'v> = dyn FnMut(Stored<'_>) -> bool + 'v;

/// One pass of several threads over a database. It hands out each existing object, reachable or
/// not, once and in no order.
pub struct Sweep<'d> {
    database: &'d Database,
    watch: &'d Watch,
    /// The next family of objects in each pack.
    next: Vec<AtomicUsize>,
    next_loose: AtomicUsize,
    /// The number of pack entries that were handed out.
    packed: AtomicUsize,
    /// Objects too large to be in memory beside others.
    large: Mutex<Vec<ObjectId>>,
    /// Objects that could not be read in their expected place.
    damaged: Mutex<Vec<ObjectId>>,
}

impl<'d> Sweep<'d> {
    /// A pass over all objects of `database`.
    pub fn of(database: &'d Database, watch: &'d Watch) -> Self {
        watch.total.store(database.len() as u64, Ordering::Relaxed);
        Self {
            database,
            watch,
            next: database.packs.iter().map(|_| AtomicUsize::new(0)).collect(),
            next_loose: AtomicUsize::new(0),
            packed: AtomicUsize::new(0),
            large: Mutex::default(),
            damaged: Mutex::default(),
        }
    }

    /// Hands out objects until none is left.
    pub fn share(&self, visit: &mut Visit<'_>) {
        let packs = &self.database.packs;
        for (number, (pack, next)) in packs.iter().zip(&self.next).enumerate() {
            let earlier = packs.get(..number).unwrap_or_default();
            let mut take = |packed: Packed<'_>| {
                self.packed.fetch_add(1, Ordering::Relaxed);
                let (Packed::Object { id, .. } | Packed::Elsewhere(id) | Packed::Damaged(id)) = packed;
                // Others may build on an object that an earlier pack has too.
                if earlier.iter().any(|pack| pack.contains(id)) {
                    return Ok(if self.watch.count(0) { Answer::Next } else { Answer::Stop });
                }
                Ok(match packed {
                    Packed::Object { kind, content, changed, .. } => {
                        let bytes = content.len() as u64;
                        let content = Content::Whole(Blob::Borrowed(content));
                        match (visit(Stored { kind, id, content, changed }), self.watch.count(bytes)) {
                            (_, false) => Answer::Stop,
                            (true, true) => Answer::CleanBase,
                            (false, true) => Answer::Next,
                        }
                    }
                    // Check for a stop where work takes time.
                    Packed::Elsewhere(_) => push(&self.large, id, Answer::Next),
                    Packed::Damaged(_) => push(&self.damaged, id, Answer::Next),
                })
            };
            // An entry without an id ends its family; the count shows that it is missing.
            while pack.each(next, &mut take).is_err() {}
            if self.watch.stops() {
                return;
            }
        }
        self.share_loose(visit);
    }

    fn share_loose(&self, visit: &mut Visit<'_>) {
        let loose = Loose::in_folders(self.database.folders.clone());
        while let Some((_, id)) = self.database.loose.get(self.next_loose.fetch_add(1, Ordering::Relaxed)) {
            let bytes = match loose.open(*id, LARGEST_WHOLE as u64) {
                Some(Ok(Object::Whole(kind, content))) => {
                    let bytes = content.len() as u64;
                    let content = Content::Whole(Blob::Read(content));
                    visit(Stored { kind, id: *id, content, changed: None });
                    bytes
                }
                Some(Ok(Object::Large(..))) => push(&self.large, *id, 0),
                // It may have moved into a pack meanwhile.
                Some(Err(_)) | None => push(&self.damaged, *id, 0),
            };
            if !self.watch.count(bytes) {
                return;
            }
        }
    }

    /// Hands out the rest after all threads: objects too large for memory as streams, and
    /// damaged ones that `repository` can still read. Returns the unreadable objects, by id if
    /// known.
    pub fn rest(
        self,
        repository: &Repository,
        visit: &mut Visit<'_>,
    ) -> Vec<(Option<ObjectId>, SourceError)> {
        let Self { database, watch, packed, large, damaged, .. } = self;
        let mut unread = Vec::new();
        let mut blobs = repository.blobs();
        for id in large.into_inner().unwrap_or_else(PoisonError::into_inner) {
            match blobs.open(id, b"") {
                // Anything so large other than a blob is damaged or an attack: an error.
                Ok(content) => drop(visit(Stored { kind: Kind::Blob, id, content, changed: None })),
                Err(error) => unread.push((Some(id), error)),
            }
            if !watch.count(LARGEST_WHOLE as u64) {
                return unread;
            }
        }
        let mut damaged = damaged.into_inner().unwrap_or_else(PoisonError::into_inner);
        damaged.extend(&database.others);
        if packed.into_inner() != database.packs.iter().map(Pack::len).sum::<usize>() {
            let before = damaged.len();
            damaged.extend(database.packs.iter().flat_map(Pack::rootless));
            if let (true, Some(pack)) = (damaged.len() == before, database.packs.first()) {
                let error = io::Error::other("it has objects without an id");
                unread.push((None, in_pack(pack.path(), error)));
            }
        }
        for id in damaged.into_iter().take_while(|_| !watch.stops()) {
            match blobs.checked(id) {
                Ok((kind, content)) => {
                    let content = Content::Whole(Blob::Read(content));
                    visit(Stored { kind, id, content, changed: None });
                }
                Err(error) => unread.push((Some(id), error)),
            }
            watch.count(0);
        }
        unread
    }
}

fn push<A>(list: &Mutex<Vec<ObjectId>>, id: ObjectId, answer: A) -> A {
    list.lock().unwrap_or_else(PoisonError::into_inner).push(id);
    answer
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::atomic::AtomicBool;

    use super::*;
    use crate::source::Preference;
    use crate::source::testing::{git, open, write};

    /// The objects of the repository in `top` that are handed out, each with its length, in
    /// order.
    fn handed_out(top: &Path, watch: &Watch) -> Vec<(ObjectId, usize)> {
        let repository = open(top, Preference::Fastest);
        let database = Database::open(vec![top.join(".git/objects")], 20);
        assert!(database.faults().is_empty());
        let mut all = Vec::new();
        let mut visit = |stored: Stored<'_>| {
            let length = match stored.content {
                Content::Whole(blob) => blob.len(),
                Content::Stream { mut read, .. } => io::copy(&mut read, &mut io::sink()).unwrap() as usize,
            };
            all.push((stored.id, length));
            false
        };
        let sweep = Sweep::of(&database, watch);
        sweep.share(&mut visit);
        assert!(sweep.rest(&repository, &mut visit).is_empty());
        all.sort();
        all
    }

    #[test]
    fn what_is_too_large_for_memory_is_handed_out_once_wherever_it_stands() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path();
        git(top, &["init", "--quiet"], b"");
        git(top, &["config", "core.bigFileThreshold", "1m"], b"");
        let lengths = [4, LARGEST_WHOLE + 1, LARGEST_WHOLE + 2, LARGEST_WHOLE + 3];
        let ids = lengths.map(|length| write(top, &vec![b'a'; length]));
        let pack = top.join(".git/objects/pack/pack");
        // One is in both packs, and one in none.
        for packed in [&ids[..3], &ids[1..2]] {
            let names: String = packed.iter().map(|id| format!("{id} f\n")).collect();
            git(top, &["pack-objects", "-q", pack.to_str().unwrap()], names.as_bytes());
        }
        git(top, &["prune-packed"], b"");
        let watch = Watch::default();
        let mut wanted: Vec<_> = ids.into_iter().zip(lengths).collect();
        wanted.sort();
        assert_eq!(handed_out(top, &watch), wanted);
        assert_eq!(watch.total.into_inner(), 5);
    }

    #[test]
    fn a_sweep_that_is_to_stop_hands_out_no_more_than_one_object_a_thread() {
        let folder = tempfile::tempdir().unwrap();
        let repository = git2::Repository::init(folder.path()).unwrap();
        for number in 0..1_000 {
            repository.blob(format!("{number}").as_bytes()).unwrap();
        }
        let watch = Watch::default();
        assert_eq!(handed_out(folder.path(), &watch).len(), 1_000);
        assert_eq!(watch.total.into_inner(), 1_000);
        let watch = Watch { stop: AtomicBool::new(true), ..Watch::default() };
        assert!(handed_out(folder.path(), &watch).len() <= 1);
    }
}
