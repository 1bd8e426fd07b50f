//! Parts of the object reader, for `fuzz/` only.

use std::io;
use std::ops::Range;
use std::path::Path;
use std::sync::atomic::AtomicUsize;

use super::store::{Answer, InPack, Pack, Packed, Packs, items};
use crate::packed::apply;

use super::{Cleanup, LARGEST_WHOLE, ObjectId, ObjectKind, TreeEntry};

/// An object of a pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// What it is.
    pub kind: ObjectKind,
    /// Its kind.
    pub id: ObjectId,
    /// All of it.
    pub content: Vec<u8>,
    /// Its differences to its base, if that is a clean base.
    pub changed: Option<Vec<Range<usize>>>,
}

/// The objects of the pack with the index at `path`, and the ids that another reader must read.
/// `is_clean_base` decides which are clean bases.
pub fn read_pack(
    path: &Path,
    id_length: usize,
    is_clean_base: impl Fn(ObjectId) -> bool,
) -> io::Result<(Vec<Read>, Vec<ObjectId>)> {
    let pack = Pack::open(path, id_length)?;
    let (mut objects, mut elsewhere) = (Vec::new(), Vec::new());
    pack.each(&AtomicUsize::new(0), &mut |packed| {
        match packed {
            Packed::Object { kind, id, content, changed } => {
                let (content, changed) = (content.to_vec(), changed.map(<[_]>::to_vec));
                objects.push(Read { kind, id, content, changed });
                return Ok(if is_clean_base(id) { Answer::CleanBase } else { Answer::Next });
            }
            Packed::Elsewhere(id) => elsewhere.push(id),
            Packed::Damaged(_) => return Err(io::Error::other("an object is damaged")),
        }
        Ok(Answer::Next)
    })?;
    // Counted as in the database.
    match objects.len() + elsewhere.len() == pack.len() {
        true => Ok((objects, elsewhere)),
        false => Err(io::Error::other("some objects build on themselves")),
    }
}

/// The object `id`, read by itself from the packs in `objects`; none if another reader must read
/// it.
pub fn read_single(objects: &Path, id: ObjectId) -> Option<(ObjectKind, Vec<u8>)> {
    match Packs::in_folders(vec![objects.to_path_buf()], id.as_bytes().len()).open(id, u64::MAX)? {
        InPack::Whole(kind, content) => Some((kind, content.to_vec())),
        InPack::TooLarge(_) => None,
    }
}

/// The object from `base` and `delta`, and its differences to `base`.
pub fn made(base: &[u8], delta: &[u8]) -> Option<(Vec<u8>, Vec<Range<usize>>)> {
    apply(base, delta, LARGEST_WHOLE)?.map(|made| (made.content, made.changed))
}

/// The names and entries of a tree, with ids of `id_length` bytes.
pub fn tree(content: &[u8], id_length: usize) -> Option<Vec<(Vec<u8>, TreeEntry)>> {
    let items = items(content, id_length)?;
    Some(items.into_iter().map(|item| (item.name.clone(), item.entry())).collect())
}

/// The cleanup in `settings`, as git prints them.
pub fn cleanup(settings: &[u8], edited: bool) -> Cleanup {
    Cleanup::read(settings, edited)
}
