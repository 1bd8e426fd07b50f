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
    loose_ids: HashSet<ObjectId>,
    folders: Vec<PathBuf>,
    id_length: usize,
}

impl Database {
    /// Lists what is in `folders`, each a folder `objects`, with ids of `id_length`
    /// bytes.
    pub(in crate::source) fn open(folders: Vec<PathBuf>, id_length: usize) -> Result<Self, SourceError> {
        let (indexes, mut loose) = list(&folders, || {})?;
        let open = |path: &PathBuf| Pack::open(path, id_length).map_err(|error| in_pack(path, error));
        let packs = indexes.iter().map(open).collect::<Result<Vec<_>, _>>()?;
        let packed = |id: &ObjectId| packs.iter().any(|pack: &Pack| pack.contains(*id));
        let mut loose_ids = HashSet::new();
        loose.retain(|(_, id)| !packed(id) && loose_ids.insert(*id));
        Ok(Self { packs, loose, loose_ids, folders, id_length })
    }

    /// How many objects there are, those in several packs as often.
    fn len(&self) -> usize {
        self.loose.len() + self.packs.iter().map(Pack::len).sum::<usize>()
    }

    /// How many bytes an object id has here.
    pub fn id_length(&self) -> usize {
        self.id_length
    }

    /// Whether it has the object.
    pub fn contains(&self, id: ObjectId) -> bool {
        self.packs.iter().any(|pack| pack.contains(id)) || self.loose_ids.contains(&id)
    }

    /// Hands out each object that is here, reachable or not, once and in no order: to
    /// one of the states that `make` makes, one a thread. Returns these. What is too
    /// large for memory is a stream, read through `repository`.
    ///
    /// `visit` says whether the object is a ground: of some others is said then where
    /// they differ from it, which they may do little.
    ///
    /// # Errors
    ///
    /// The first error that `visit` gives, or the first object that cannot be read.
    pub fn each<S: Send>(
        &self,
        repository: &Repository,
        watch: &Watch,
        make: impl Fn() -> S + Sync,
        visit: impl Fn(&mut S, Stored<'_>) -> Result<bool, SourceError> + Sync,
    ) -> Result<Vec<S>, SourceError> {
        watch.total.store(self.len() as u64, Ordering::Relaxed);
        let reading = Reading {
            database: self,
            watch,
            next: self.packs.iter().map(|_| AtomicUsize::new(0)).collect(),
            next_loose: AtomicUsize::new(0),
            packed: AtomicUsize::new(0),
            later: Mutex::default(),
            failed: AtomicBool::new(false),
        };
        let work = || -> Result<S, SourceError> {
            let mut state = make();
            let worked = reading.work(&mut |stored| visit(&mut state, stored));
            // The others need not go on then: there is no all-clear any more.
            reading.failed.fetch_or(worked.is_err(), Ordering::Relaxed);
            worked.map(|()| state)
        };
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let mut states = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            let joined = threads.into_iter().map(|thread| match thread.join() {
                Ok(state) => state,
                Err(panic) => std::panic::resume_unwind(panic),
            });
            joined.collect::<Result<Vec<S>, SourceError>>()
        })?;
        if watch.stops() {
            return Ok(states);
        }
        let Reading { packed, later, .. } = reading;
        if packed.into_inner() != self.packs.iter().map(Pack::len).sum::<usize>() {
            let path = self.packs.first().map(|pack| pack.path().to_path_buf()).unwrap_or_default();
            return Err(in_pack(&path, io::Error::other("some of its objects build on themselves")));
        }
        let mut blobs = repository.blobs();
        let later = later.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Some(state) = states.first_mut() {
            for id in later {
                // What else than a blob is so large is damaged, or an attack: an error.
                let content = blobs.open(id, b"")?;
                visit(state, Stored { kind: Kind::Blob, id, content, fresh: None })?;
                if !watch.count(LARGEST_WHOLE as u64) {
                    break;
                }
            }
        }
        Ok(states)
    }
}

/// One reading of a database by several threads.
struct Reading<'d> {
    database: &'d Database,
    watch: &'d Watch,
    /// For each pack which family of objects is next.
    next: Vec<AtomicUsize>,
    next_loose: AtomicUsize,
    /// How many entries of packs were handed out.
    packed: AtomicUsize,
    /// What is too large to be in memory while others are.
    later: Mutex<Vec<ObjectId>>,
    /// Whether any thread failed.
    failed: AtomicBool,
}

impl Reading<'_> {
    /// Counts one more object; whether to go on.
    fn count(&self, bytes: u64) -> bool {
        self.watch.count(bytes) && !self.failed.load(Ordering::Relaxed)
    }

    /// Takes a share of all until nothing is left.
    fn work(&self, out: &mut dyn FnMut(Stored<'_>) -> Result<bool, SourceError>) -> Result<(), SourceError> {
        let packs = &self.database.packs;
        for (number, (pack, next)) in packs.iter().zip(&self.next).enumerate() {
            let earlier = packs.get(..number).unwrap_or_default();
            let mut failed = None;
            let read = pack.each(next, &mut |packed| {
                self.packed.fetch_add(1, Ordering::Relaxed);
                let (id, object) = match packed {
                    Packed::Object { kind, id, content, fresh } => (id, Some((kind, content, fresh))),
                    Packed::Elsewhere(id) => (id, None),
                };
                let answer = |goes_on: bool, ground: bool| match (goes_on, ground) {
                    (false, _) => Answer::Stop,
                    (true, false) => Answer::Next,
                    (true, true) => Answer::Ground,
                };
                // Others may build on an object that an earlier pack has too.
                if earlier.iter().any(|pack| pack.contains(id)) {
                    return Ok(answer(self.count(0), false));
                }
                let Some((kind, content, fresh)) = object else {
                    self.later.lock().unwrap_or_else(PoisonError::into_inner).push(id);
                    // Whether to stop is asked where something takes time.
                    return Ok(Answer::Next);
                };
                let bytes = content.len() as u64;
                match out(Stored { kind, id, content: Content::Whole(Blob::Borrowed(content)), fresh }) {
                    Ok(ground) => Ok(answer(self.count(bytes), ground)),
                    Err(error) => {
                        failed = Some(error);
                        Ok(Answer::Stop)
                    }
                }
            });
            if let Some(error) = failed {
                return Err(error);
            }
            read.map_err(|error| in_pack(pack.path(), error))?;
        }
        self.work_loose(out)
    }

    fn work_loose(
        &self,
        out: &mut dyn FnMut(Stored<'_>) -> Result<bool, SourceError>,
    ) -> Result<(), SourceError> {
        let loose = Loose::in_folders(self.database.folders.clone());
        while let Some((path, id)) = self.database.loose.get(self.next_loose.fetch_add(1, Ordering::Relaxed))
        {
            let failed = |error| SourceError::of_file(path, error);
            let gone = || failed(io::ErrorKind::NotFound.into());
            match loose.open(*id, LARGEST_WHOLE as u64).ok_or_else(gone)?.map_err(failed)? {
                Object::Whole(kind, content) => {
                    let bytes = content.len() as u64;
                    out(Stored { kind, id: *id, content: Content::Whole(Blob::Read(content)), fresh: None })?;
                    if !self.count(bytes) {
                        break;
                    }
                }
                Object::Large(..) => {
                    self.later.lock().unwrap_or_else(PoisonError::into_inner).push(*id);
                }
            }
        }
        Ok(())
    }
}

/// The indexes of the packs in `folders`, and the objects in files of their own.
/// `between` is called before these are listed.
///
/// git moves an object into a pack before it deletes its file. An object that moves
/// between both listings would be in neither, so packs are listed once more.
fn list(folders: &[PathBuf], mut between: impl FnMut()) -> Result<(Vec<PathBuf>, Files), SourceError> {
    let mut indexes = indexes_in(folders)?;
    for _ in 0..LISTINGS {
        between();
        let loose = loose_in(folders)?;
        let now = indexes_in(folders)?;
        if now == indexes {
            return Ok((indexes, loose));
        }
        indexes = now;
    }
    let path = folders.first().map(|folder| folder.join("pack")).unwrap_or_default();
    Err(in_pack(&path, io::Error::other("git is repacking all the time")))
}

/// git treats a pack without index as unfinished.
fn indexes_in(folders: &[PathBuf]) -> Result<Vec<PathBuf>, SourceError> {
    let mut indexes = Vec::new();
    for folder in folders {
        let files = files_in(&folder.join("pack"))?.into_iter();
        indexes.extend(files.filter(|path| path.extension().is_some_and(|extension| extension == "idx")));
    }
    Ok(indexes)
}

fn loose_in(folders: &[PathBuf]) -> Result<Files, SourceError> {
    let mut loose = Vec::new();
    for folder in folders {
        for byte in 0..=255_u8 {
            let first = format!("{byte:02x}");
            for path in files_in(&folder.join(&first))? {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                // Beside objects there are the files of those that are being written.
                if let Some(id) = ObjectId::from_hex(format!("{first}{name}").as_bytes()) {
                    loose.push((path, id));
                }
            }
        }
    }
    Ok(loose)
}

/// The files in a folder, sorted; none if there is no such folder.
fn files_in(folder: &Path) -> Result<Vec<PathBuf>, SourceError> {
    let failed = |error| SourceError::of_file(folder, error);
    let list = match fs::read_dir(folder) {
        Ok(list) => list,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut files =
        list.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>().map_err(failed)?;
    files.sort();
    Ok(files)
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
        let database = Database::open(vec![top.join(".git/objects")], 20).unwrap();
        let states = database.each(&repository, watch, Vec::new, |all, stored| {
            let length = match stored.content {
                Content::Whole(blob) => blob.len(),
                Content::Stream { mut read, .. } => io::copy(&mut read, &mut io::sink()).unwrap() as usize,
            };
            all.push((stored.id, length));
            Ok(false)
        });
        let mut all = states.unwrap().concat();
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
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        assert!(handed_out(folder.path(), &watch).len() <= threads);
    }

    /// Windows calls such a folder absent.
    #[cfg(unix)]
    #[test]
    fn a_folder_that_cannot_be_listed_is_not_taken_for_one_without_packs() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("pack"), "a file in the place of a folder").unwrap();
        assert!(Database::open(vec![folder.path().to_path_buf()], 20).is_err());
        assert!(Database::open(vec![folder.path().join("absent")], 20).is_ok());
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
        assert_eq!(list(&[objects], pack).unwrap(), (vec![index.clone()], Vec::new()));
    }
}
