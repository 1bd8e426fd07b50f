//! All objects of a repository, each read once, in the order in which it is
//! cheapest, on all cores.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::loose::{Kind, Loose, Object};
use super::pack::{Answer, Pack, Packed};
use crate::source::{Blob, Content, LARGEST_WHOLE, ObjectId, Repository, SourceError};

/// The progress of a long run, for another thread to read, and its stop signal.
#[derive(Debug, Default)]
pub struct Watch {
    /// How many objects or files there are, once that is known.
    pub total: AtomicU64,
    /// How many of them are done.
    pub done: AtomicU64,
    /// How many bytes they had.
    pub bytes: AtomicU64,
    /// Whether to stop.
    pub stop: AtomicBool,
}

impl Watch {
    /// Counts one more of `bytes` bytes; whether to go on.
    pub fn count(&self, bytes: u64) -> bool {
        self.done.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        !self.stops()
    }

    /// Whether to stop.
    pub fn stops(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// An object as it is handed out, once.
pub struct Stored<'a> {
    /// What it is.
    pub kind: Kind,
    /// Its id.
    pub id: ObjectId,
    /// All of it, or a stream of a blob that is too large for that.
    pub content: Content<'a>,
    /// Where it differs from another object that was handed out and called a ground,
    /// in order: what is new, and as empty ranges the places where something was left
    /// out or moved.
    pub fresh: Option<&'a [Range<usize>]>,
}

/// How often packs are listed anew because they changed meanwhile.
const LISTINGS: usize = 10;

/// Objects in files of their own.
type Files = Vec<(PathBuf, ObjectId)>;

/// All objects of a repository and its alternates.
pub struct Database {
    packs: Vec<Pack>,
    /// Those in files of their own that are in no pack.
    loose: Vec<(PathBuf, ObjectId)>,
    /// Those that are in neither, but in what another reader can perhaps still read.
    others: Vec<ObjectId>,
    /// The ids of both.
    ids: HashSet<ObjectId>,
    folders: Vec<PathBuf>,
    id_length: usize,
    faults: Vec<SourceError>,
}

impl Database {
    /// Lists what is in `folders`, each a folder `objects`, with ids of `id_length`
    /// bytes. What of it cannot be read is among the faults.
    pub(in crate::source) fn open(folders: Vec<PathBuf>, id_length: usize) -> Self {
        let mut faults = Vec::new();
        let (indexes, mut loose) = list(&folders, &mut faults, || {});
        let mut packs = Vec::new();
        for path in &indexes {
            match Pack::open(path, id_length) {
                Ok(pack) => packs.push(pack),
                Err(error) => faults.push(in_pack(path, error)),
            }
        }
        let packed = |id: &ObjectId| packs.iter().any(|pack: &Pack| pack.contains(*id));
        let mut ids = HashSet::new();
        loose.retain(|(_, id)| !packed(id) && ids.insert(*id));
        Self { packs, loose, others: Vec::new(), ids, folders, id_length, faults }
    }

    /// The packs and folders that cannot be read as a whole.
    pub fn faults(&self) -> &[SourceError] {
        &self.faults
    }

    /// Adds objects that another reader lists.
    pub(in crate::source) fn add(&mut self, listed: impl Iterator<Item = ObjectId>) {
        for id in listed {
            if !self.contains(id) {
                self.ids.insert(id);
                self.others.push(id);
            }
        }
    }

    /// How many objects there are, those in several packs as often.
    fn len(&self) -> usize {
        self.loose.len() + self.others.len() + self.packs.iter().map(Pack::len).sum::<usize>()
    }

    /// How many bytes an object id has here.
    pub fn id_length(&self) -> usize {
        self.id_length
    }

    /// Whether it has the object, damaged or not.
    pub fn contains(&self, id: ObjectId) -> bool {
        self.packs.iter().any(|pack| pack.contains(id)) || self.ids.contains(&id)
    }

    /// A reading of all objects, for several threads.
    pub fn reading<'d>(&'d self, watch: &'d Watch) -> Reading<'d> {
        watch.total.store(self.len() as u64, Ordering::Relaxed);
        Reading {
            database: self,
            watch,
            next: self.packs.iter().map(|_| AtomicUsize::new(0)).collect(),
            next_loose: AtomicUsize::new(0),
            packed: AtomicUsize::new(0),
            large: Mutex::default(),
            damaged: Mutex::default(),
        }
    }
}

/// Takes an object; says whether it is a ground: of some others is said then where they
/// differ from it, which they may do little.
type Visit<'v> = dyn FnMut(Stored<'_>) -> bool + 'v;

/// One reading of a database by several threads: it hands out each object that is here,
/// reachable or not, once and in no order.
pub struct Reading<'d> {
    database: &'d Database,
    watch: &'d Watch,
    /// For each pack which family of objects is next.
    next: Vec<AtomicUsize>,
    next_loose: AtomicUsize,
    /// How many entries of packs were handed out.
    packed: AtomicUsize,
    /// What is too large to be in memory while others are.
    large: Mutex<Vec<ObjectId>>,
    /// What cannot be read where it was looked for.
    damaged: Mutex<Vec<ObjectId>>,
}

impl Reading<'_> {
    /// Hands a share of all objects out until nothing is left.
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
                    Packed::Object { kind, content, fresh, .. } => {
                        let bytes = content.len() as u64;
                        let content = Content::Whole(Blob::Borrowed(content));
                        match (visit(Stored { kind, id, content, fresh }), self.watch.count(bytes)) {
                            (_, false) => Answer::Stop,
                            (true, true) => Answer::Ground,
                            (false, true) => Answer::Next,
                        }
                    }
                    // Whether to stop is asked where something takes time.
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
                    visit(Stored { kind, id: *id, content, fresh: None });
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

    /// Hands out what is left once all threads have done their share: what is too large for
    /// memory, as a stream, and what `repository` can read although it is damaged here.
    /// Returns what cannot be read at all, by its id where it has one.
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
                // What else than a blob is so large is damaged, or an attack: an error.
                Ok(content) => drop(visit(Stored { kind: Kind::Blob, id, content, fresh: None })),
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
                    visit(Stored { kind, id, content, fresh: None });
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

/// The indexes of the packs in `folders`, and the objects in files of their own.
/// `between` is called before these are listed.
///
/// git moves an object into a pack before it deletes its file. An object that moves
/// between both listings would be in neither, so packs are listed once more.
fn list(
    folders: &[PathBuf],
    faults: &mut Vec<SourceError>,
    mut between: impl FnMut(),
) -> (Vec<PathBuf>, Files) {
    let mut found = Vec::new();
    let mut indexes = indexes_in(folders, &mut found);
    for _ in 0..LISTINGS {
        between();
        found.clear();
        let loose = loose_in(folders, &mut found);
        let now = indexes_in(folders, &mut found);
        if now == indexes {
            faults.append(&mut found);
            return (indexes, loose);
        }
        indexes = now;
    }
    let path = folders.first().map(|folder| folder.join("pack")).unwrap_or_default();
    faults.push(in_pack(&path, io::Error::other("git is repacking all the time")));
    (indexes, loose_in(folders, faults))
}

/// git treats a pack without index as unfinished.
fn indexes_in(folders: &[PathBuf], faults: &mut Vec<SourceError>) -> Vec<PathBuf> {
    let mut indexes = Vec::new();
    for folder in folders {
        let files = files_in(&folder.join("pack"), faults).into_iter();
        indexes.extend(files.filter(|path| path.extension().is_some_and(|extension| extension == "idx")));
    }
    indexes
}

fn loose_in(folders: &[PathBuf], faults: &mut Vec<SourceError>) -> Files {
    let mut loose = Vec::new();
    for folder in folders {
        for byte in 0..=255_u8 {
            let first = format!("{byte:02x}");
            for path in files_in(&folder.join(&first), faults) {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                // Beside objects there are the files of those that are being written.
                if let Some(id) = ObjectId::from_hex(format!("{first}{name}").as_bytes()) {
                    loose.push((path, id));
                }
            }
        }
    }
    loose
}

/// The files in a folder, sorted; none if there is no such folder.
fn files_in(folder: &Path, faults: &mut Vec<SourceError>) -> Vec<PathBuf> {
    let list = fs::read_dir(folder).and_then(|list| list.map(|entry| Ok(entry?.path())).collect());
    let mut files: Vec<PathBuf> = match list {
        Ok(files) => files,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => {
            faults.push(SourceError::of_file(folder, error));
            Vec::new()
        }
    };
    files.sort();
    files
}

fn in_pack(path: &Path, error: io::Error) -> SourceError {
    SourceError::Pack { path: path.display().to_string(), error }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Preference;
    use crate::source::testing::{git, open, write};

    /// What of the repository in `top` is handed out, each with its length, in order.
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
        let reading = database.reading(watch);
        reading.share(&mut visit);
        assert!(reading.rest(&repository, &mut visit).is_empty());
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
        // One of them stands in both packs, and one in none.
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
    fn a_reading_that_is_to_stop_hands_out_no_more_than_one_object_a_thread() {
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

    /// Windows calls such a folder absent.
    #[cfg(unix)]
    #[test]
    fn a_folder_that_cannot_be_listed_is_not_taken_for_one_without_packs() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("pack"), "a file in the place of a folder").unwrap();
        assert_eq!(Database::open(vec![folder.path().to_path_buf()], 20).faults().len(), 1);
        assert!(Database::open(vec![folder.path().join("absent")], 20).faults().is_empty());
    }

    #[test]
    fn an_object_that_git_packs_while_objects_are_listed_stands_in_the_list() {
        let folder = tempfile::tempdir().unwrap();
        let (objects, name) = (folder.path().to_path_buf(), "b".repeat(38));
        fs::create_dir(objects.join("pack")).unwrap();
        fs::create_dir(objects.join("aa")).unwrap();
        let (loose, index) = (objects.join("aa").join(name), objects.join("pack/pack-1.idx"));
        fs::write(&loose, "").unwrap();
        let pack = || {
            fs::write(&index, "").unwrap();
            let _gone = fs::remove_file(&loose);
        };
        assert_eq!(list(&[objects], &mut Vec::new(), pack), (vec![index.clone()], Vec::new()));
    }
}
