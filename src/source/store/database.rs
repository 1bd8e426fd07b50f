//! All objects of a repository: in packs and in loose files.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::pack::Pack;
use crate::source::{ObjectId, SourceError};

/// How often packs are listed again because they changed meanwhile.
const LISTINGS: usize = 10;

/// Loose objects.
type Files = Vec<(PathBuf, ObjectId)>;

/// All objects of a repository and its alternates.
pub struct Database {
    pub(super) packs: Vec<Pack>,
    /// Loose objects that are in no pack.
    pub(super) loose: Files,
    /// Objects in neither, which another reader may be able to read.
    pub(super) others: Vec<ObjectId>,
    /// The ids of both.
    ids: HashSet<ObjectId>,
    pub(super) folders: Vec<PathBuf>,
    id_length: usize,
    faults: Vec<SourceError>,
}

impl Database {
    /// Lists the content of `folders`, each named `objects`, with ids of `id_length` bytes.
    /// Unreadable parts become faults.
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

    /// Packs and folders that cannot be read completely.
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

    /// The number of objects; one in several packs counts as often.
    pub(super) fn len(&self) -> usize {
        self.loose.len() + self.others.len() + self.packs.iter().map(Pack::len).sum::<usize>()
    }

    /// The length of object ids.
    pub fn id_length(&self) -> usize {
        self.id_length
    }

    /// Whether it has the object, damaged or not.
    pub fn contains(&self, id: ObjectId) -> bool {
        self.packs.iter().any(|pack| pack.contains(id)) || self.ids.contains(&id)
    }
}

/// The indexes of the packs in `folders`, and the loose objects. Calls `between` before listing
/// the latter.
///
/// git moves an object into a pack before it deletes its file. An object that moves between
/// both listings would be in neither, so packs are listed once more.
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

/// git treats a pack without an index as unfinished.
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
                // Temporary files of objects being written are there too.
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

pub(super) fn in_pack(path: &Path, error: io::Error) -> SourceError {
    SourceError::Pack { path: path.display().to_string(), error }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Windows reports such a folder as absent.
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
