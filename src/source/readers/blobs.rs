//! Reads blobs, commits and tags through the reader that has them.

use std::io::Read as _;

use git2::{ObjectType, Oid};
use sha2::{Digest as _, Sha256};

use super::ahead::Ahead;
use super::cat_file::CatFile;
use super::git::Plumbing;
use super::lfs::{Lfs, Pointer};
use super::libgit2::{Found, Libgit2, Refusal};
use super::preference::Preference;
use crate::source::store::{Kind, Object};
use crate::source::{Addition, Blob, Content, ObjectId, SourceError};

/// Reads loose and packed blobs itself, through libgit2 what it cannot read, and the others
/// through `git cat-file --batch`.
pub struct BlobReader<'r> {
    /// libgit2's handle, or why there is none.
    libgit2: &'r Result<Libgit2, String>,
    git: &'r Plumbing,
    preference: Preference,
    /// Larger content is a stream.
    largest: u64,
    objects: Option<CatFile>,
    lfs: Lfs<'r>,
    /// Whether this is a partial clone; unknown until a blob is missing.
    promised: Option<bool>,
}

impl<'r> BlobReader<'r> {
    /// A reader through both. Content larger than `largest` bytes is a stream.
    pub fn new(
        libgit2: &'r Result<Libgit2, String>,
        git: &'r Plumbing,
        preference: Preference,
        largest: usize,
    ) -> Self {
        Self {
            libgit2,
            git,
            preference,
            largest: largest as u64,
            objects: None,
            lfs: Lfs::new(libgit2, git),
            promised: None,
        }
    }

    /// The whole blob `id`, of any size. `path` is for error messages.
    pub fn read(&mut self, id: ObjectId, path: &[u8]) -> Result<Blob<'r>, SourceError> {
        match self.content(id, path, u64::MAX, false)? {
            Content::Whole(blob) => Ok(blob),
            Content::Stream { mut read, .. } => {
                let mut content = Vec::new();
                let read = read.read_to_end(&mut content);
                read.map(|_| Blob::Read(content)).map_err(|error| SourceError::broke_off(id, path, &error))
            }
        }
    }

    /// The blob `id`, as a stream if it is larger than
    /// [`LARGEST_WHOLE`](crate::source::LARGEST_WHOLE). Fails with [`SourceError::Object`] if
    /// neither reader has it. [`SourceError::broke_off`] reports an error of the stream.
    pub fn open(&mut self, id: ObjectId, path: &[u8]) -> Result<Content<'r>, SourceError> {
        self.content(id, path, self.largest, true)
    }

    /// Like [`BlobReader::open`], for the new blob of `addition`.
    pub fn open_new(&mut self, addition: &Addition) -> Result<Content<'r>, SourceError> {
        // Asking a pack for the size takes as long as reading a small file from it. A wrong
        // size in the index only costs memory, or time at the limit.
        let may_be_large = addition.size.is_none_or(|size| u64::from(size) > self.largest);
        self.content(addition.new, &addition.path, self.largest, may_be_large)
    }

    /// The content of `pointer`, see [`Lfs::open`].
    pub fn open_pointed(&self, pointer: &Pointer) -> Result<Option<Content<'static>>, SourceError> {
        self.lfs.open(pointer)
    }

    /// The commit or tag `id` as git stores it.
    pub fn object(&mut self, id: ObjectId) -> Result<Vec<u8>, SourceError> {
        self.any(id).map(|(_, content)| content)
    }

    /// The object `id` and its kind.
    pub fn any(&mut self, id: ObjectId) -> Result<(Kind, Vec<u8>), SourceError> {
        let libgit2 = match self.libgit2 {
            Ok(repository) => match repository.object(id) {
                Ok(object) => return Ok(object),
                Err(Refusal::Cannot(message)) => message,
                Err(Refusal::Final(error)) => return Err(error),
            },
            Err(message) => message.clone(),
        };
        let git = match self.ask_git_for_any(id) {
            Ok(Some(object)) => return Ok(object),
            Ok(None) => "missing".to_owned(),
            Err(error) => error.to_string(),
        };
        Err(SourceError::Object { id, path: None, libgit2, git, promised: self.is_promised() })
    }

    /// Like [`BlobReader::any`], for an object that some reader found damaged: git does not
    /// compare everything that it reads with its id. Fails with [`SourceError::Object`] if
    /// neither reader has it, or if its content does not match the id.
    pub fn checked(&mut self, id: ObjectId) -> Result<(Kind, Vec<u8>), SourceError> {
        let (kind, content) = self.any(id)?;
        if id_of(kind, &content, id.as_bytes().len()) == Some(id) {
            return Ok((kind, content));
        }
        let why = || "damaged: it is not what its id says".to_owned();
        Err(SourceError::Object { id, path: None, libgit2: why(), git: why(), promised: false })
    }

    /// Whether this is a partial clone.
    fn is_promised(&mut self) -> bool {
        let git = self.git;
        *self.promised.get_or_insert_with(|| git.has_promisor())
    }

    fn ask_git_for_any(&mut self, id: ObjectId) -> Result<Option<(Kind, Vec<u8>)>, SourceError> {
        let mut objects = self.objects.take().map_or_else(|| self.git.objects(), Ok)?;
        let asked = objects.ask_any(&id.to_string())?;
        let object = asked.map(|(kind, size)| Ok((kind, objects.whole(size)?))).transpose()?;
        self.objects = Some(objects);
        Ok(object)
    }

    /// The blob, as a stream if it is larger than `largest`. It can be larger only if
    /// `may_be_large`.
    fn content(
        &mut self,
        id: ObjectId,
        path: &[u8],
        largest: u64,
        may_be_large: bool,
    ) -> Result<Content<'r>, SourceError> {
        let libgit2 = match self.libgit2 {
            Ok(repository) => match self.by_libgit2(repository, id, largest, may_be_large) {
                Ok(content) => return Ok(content),
                Err(Refusal::Cannot(message)) => message,
                Err(Refusal::Final(error)) => return Err(error),
            },
            Err(message) => message.clone(),
        };
        let git = if self.preference == Preference::Libgit2 {
            "not asked".to_owned()
        } else {
            match self.ask_git(id, largest) {
                Ok(Some(content)) => return Ok(content),
                Ok(None) => "missing".to_owned(),
                Err(error) => error.to_string(),
            }
        };
        let path = Some(String::from_utf8_lossy(path).into_owned());
        Err(SourceError::Object { id, path, libgit2, git, promised: self.is_promised() })
    }

    fn by_libgit2(
        &mut self,
        repository: &'r Libgit2,
        id: ObjectId,
        largest: u64,
        may_be_large: bool,
    ) -> Result<Content<'r>, Refusal> {
        match repository.blob(id, largest, may_be_large)? {
            Found::Loose(Object::Whole(_, content)) => Ok(Content::Whole(Blob::Read(content))),
            Found::Loose(Object::Large(_, size, inflating)) => {
                Ok(Content::Stream { read: Box::new(Ahead::of(inflating)), size })
            }
            Found::Packed(content) => Ok(Content::Whole(Blob::Kept(content))),
            // libgit2 streams nothing from packs. If git does not start, this costs memory.
            Found::TooLarge => {
                let asks_git = self.preference != Preference::Libgit2;
                match asks_git.then(|| self.ask_git(id, largest)) {
                    Some(Ok(Some(content))) => Ok(content),
                    _ => self.by_libgit2(repository, id, largest, false),
                }
            }
        }
    }

    fn ask_git(&mut self, id: ObjectId, largest: u64) -> Result<Option<Content<'r>>, SourceError> {
        let mut objects = self.objects.take().map_or_else(|| self.git.objects(), Ok)?;
        // A failed process may be out of step, and a streaming one is in use: the next question
        // gets a new process.
        let content = match objects.ask(&id.to_string())? {
            Some(size) if size > largest => {
                let read = Box::new(objects.into_stream(size));
                return Ok(Some(Content::Stream { read, size }));
            }
            Some(size) => Some(Content::Whole(Blob::Read(objects.whole(size)?))),
            None => None,
        };
        self.objects = Some(objects);
        Ok(content)
    }
}

/// git's id of an object, with `length` bytes.
fn id_of(kind: Kind, content: &[u8], length: usize) -> Option<ObjectId> {
    if length == 20 {
        let of_libgit2 = ObjectType::from_str(kind.name())?;
        return ObjectId::from_bytes(Oid::hash_object(of_libgit2, content).ok()?.as_bytes());
    }
    let mut digest = Sha256::new();
    digest.update(format!("{kind} {}\0", content.len()));
    digest.update(content);
    ObjectId::from_bytes(&digest.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::testing::{git, open, write};

    const LIMIT: usize = 1 << 20;

    /// Text that deflate hardly compresses.
    fn text(seed: u32, size: usize) -> Vec<u8> {
        let mut state = seed;
        std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            b"0123456789abcdefghijklmnopqrstu\n"[(state >> 27) as usize]
        })
        .take(size)
        .collect()
    }

    /// Whether it came as a stream, and its whole content.
    fn taken(content: Content<'_>) -> (bool, Vec<u8>) {
        match content {
            Content::Whole(blob) => (false, blob.to_vec()),
            Content::Stream { mut read, size } => {
                let mut content = Vec::new();
                read.read_to_end(&mut content).unwrap();
                assert_eq!(content.len() as u64, size);
                (true, content)
            }
        }
    }

    #[test]
    fn a_huge_blob_streams_whole_wherever_git_keeps_it_and_a_small_one_does_not() {
        for (format, readers) in
            [("sha1", &[Preference::Fastest, Preference::Git][..]), ("sha256", &[Preference::Fastest])]
        {
            let folder = tempfile::tempdir().unwrap();
            git(folder.path(), &["init", "--quiet", "--object-format", format], b"");
            let mut contents = [
                (false, b"small".to_vec()),
                (false, text(1, LIMIT)),
                // Zeros make the smallest file of a large blob.
                (true, vec![0; LIMIT + 1]),
                (true, text(2, 3 * LIMIT)),
                (true, text(2, 3 * LIMIT)),
            ];
            // A blob that a pack stores as a delta to the one before.
            contents[4].1.extend_from_slice(b"and more");
            let ids = contents.each_ref().map(|(_, content)| write(folder.path(), content));
            for store in ["loose", "packed"] {
                for reader in readers {
                    let repository = open(folder.path(), *reader);
                    let mut blobs = repository.blobs_up_to(LIMIT);
                    for (id, (streams, content)) in ids.iter().zip(&contents) {
                        let opened = taken(blobs.open(*id, b"f").unwrap());
                        assert!(
                            opened == (*streams, content.clone()),
                            "{format} {store} {reader:?} {streams}"
                        );
                        assert!(*blobs.read(*id, b"f").unwrap() == **content, "read() is whole always");
                    }
                }
                let names: String = ids.iter().map(|id| format!("{id} f\n")).collect();
                let pack = folder.path().join(".git/objects/pack/pack");
                git(folder.path(), &["pack-objects", "-q", pack.to_str().unwrap()], names.as_bytes());
                git(folder.path(), &["prune-packed"], b"");
            }
            let loose = ids[0].to_string();
            assert!(!folder.path().join(".git/objects").join(&loose[..2]).exists(), "they are packed");
        }
    }

    #[test]
    fn a_size_in_the_index_that_says_huge_is_believed_and_one_that_says_small_is_for_small_files() {
        let folder = tempfile::tempdir().unwrap();
        git(folder.path(), &["init", "--quiet"], b"");
        let huge = write(folder.path(), &text(4, 3 * LIMIT));
        let pack = folder.path().join(".git/objects/pack/pack");
        let names = format!("{huge} f\n");
        git(folder.path(), &["pack-objects", "-q", pack.to_str().unwrap()], names.as_bytes());
        git(folder.path(), &["prune-packed"], b"");
        let repository = open(folder.path(), Preference::Fastest);
        let mut blobs = repository.blobs_up_to(LIMIT);
        for (size, streams) in [(None, true), (Some(3 * LIMIT as u32), true), (Some(9), false)] {
            let addition = Addition { path: b"f".to_vec(), new: huge, size, old: Vec::new() };
            let (streamed, content) = taken(blobs.open_new(&addition).unwrap());
            assert!((streamed, content.len()) == (streams, 3 * LIMIT), "{size:?}");
        }
    }

    #[test]
    fn a_huge_blob_that_is_cut_short_or_missing_is_an_error_and_no_short_file() {
        let folder = tempfile::tempdir().unwrap();
        git(folder.path(), &["init", "--quiet"], b"");
        let id = write(folder.path(), &text(3, 3 * LIMIT));
        let name = id.to_string();
        let file = folder.path().join(".git/objects").join(&name[..2]).join(&name[2..]);
        let half = std::fs::read(&file).unwrap();
        std::fs::remove_file(&file).unwrap();
        std::fs::write(&file, &half[..half.len() / 2]).unwrap();
        for reader in [Preference::Fastest, Preference::Git] {
            let repository = open(folder.path(), reader);
            let mut blobs = repository.blobs_up_to(LIMIT);
            let Content::Stream { mut read, .. } = blobs.open(id, b"f").unwrap() else {
                panic!("its header still says that it is huge");
            };
            let error = read.read_to_end(&mut Vec::new()).unwrap_err();
            let error = SourceError::broke_off(id, b"f", &error).to_string();
            assert!(error.contains(&name) && error.contains("(`f`)"), "{error}");
            let missing = ObjectId::from_hex("ab".repeat(20).as_bytes()).unwrap();
            assert!(matches!(blobs.open(missing, b"f"), Err(SourceError::Object { .. })));
        }
    }
}
