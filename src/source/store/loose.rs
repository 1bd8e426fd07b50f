//! Reads loose objects, `objects/ab/cdef...`. libgit2 loops for ever over one that was cut
//! short, and pads a short one with zeros.
//!
//! What git would refuse is an error: a header other than `TYPE SIZE\0` with a plain decimal
//! size, too few or too many bytes, a wrong checksum, or anything after the end. libgit2 must
//! not read such an object; git may have another copy in a pack.

use std::cell::{OnceCell, RefCell};
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Error, ErrorKind, Read, Seek as _};
use std::path::{Path, PathBuf};

use flate2::bufread::ZlibDecoder;
use flate2::{Decompress, FlushDecompress, Status};

use crate::source::paths::path_from_bytes;
use crate::source::{LARGEST_WHOLE, ObjectId};

#[cfg(test)]
mod tests;

/// Files up to this size are inflated at once.
const SMALL_FILE: u64 = 128 << 10;
/// The largest object that is inflated at once, with its header.
const SMALL_OBJECT: usize = 1 << 20;
/// The longest header that git accepts, with its NUL.
const LONGEST_HEADER: usize = 32;
/// The deepest nesting of alternates that libgit2 reads.
const DEEPEST: usize = 5;

named! {
    /// The kind of an object.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Kind {
        /// The content of a file, or the target of a link.
        Blob = "blob",
        /// A folder.
        Tree = "tree",
        /// A commit with its message.
        Commit = "commit",
        /// An annotated tag with its message.
        Tag = "tag",
    }
}

impl Kind {
    /// The kind with git's name `name`.
    pub fn called(name: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name().as_bytes() == name)
    }
}

/// A loose object that was checked, or is checked while it is read.
pub enum Object {
    /// A whole object.
    Whole(Kind, Vec<u8>),
    /// A larger object than requested.
    Large(Kind, u64, Box<Inflating>),
}

/// The folders in which libgit2 would search loose objects.
pub struct Loose {
    stores: Vec<Store>,
    buffers: RefCell<Option<Buffers>>,
}

/// One folder `objects`.
struct Store {
    folder: PathBuf,
    /// Which of the folders `00` to `ff` exist, listed when a file is missing. If everything is
    /// packed, that saves searching for each object.
    present: OnceCell<Vec<bool>>,
}

/// Reusable buffers for small objects.
struct Buffers {
    inflate: Decompress,
    file: Vec<u8>,
    object: Vec<u8>,
}

/// The folders `objects` of `repository`, as libgit2 finds them in the environment and in
/// `info/alternates`.
pub fn folders_of(repository: &git2::Repository) -> Vec<PathBuf> {
    let own = std::env::var_os("GIT_OBJECT_DIRECTORY")
        .map_or_else(|| repository.commondir().join("objects"), PathBuf::from);
    let mut folders = Vec::new();
    add_with_alternates(&mut folders, own, 0);
    if let Some(others) = std::env::var_os("GIT_ALTERNATE_OBJECT_DIRECTORIES") {
        std::env::split_paths(&others).for_each(|other| add_with_alternates(&mut folders, other, 1));
    }
    folders
}

impl Loose {
    /// Those in these folders `objects`.
    pub fn in_folders(folders: Vec<PathBuf>) -> Self {
        let store = |folder| Store { folder, present: OnceCell::new() };
        let stores = folders.into_iter().map(store).collect();
        Self { stores, buffers: RefCell::new(None) }
    }

    /// Whether a remote may have promised objects that are missing here: git writes a file
    /// beside each pack of such a remote. A folder that cannot be read may hold one.
    pub fn may_be_promised(&self) -> bool {
        self.stores.iter().any(|store| match std::fs::read_dir(store.folder.join("pack")) {
            Ok(entries) => entries.flatten().any(|entry| {
                Path::new(&entry.file_name()).extension().is_some_and(|extension| extension == "promisor")
            }),
            Err(error) => error.kind() != io::ErrorKind::NotFound,
        })
    }

    /// The object `id`, as a stream if it has more than `largest` bytes; none if it has no
    /// file.
    pub fn open(&self, id: ObjectId, largest: u64) -> Option<io::Result<Object>> {
        self.stores.iter().find_map(|store| store.file(id)).map(|file| self.read(file?, largest))
    }

    /// The whole object `id`; none if it has no file.
    pub fn whole(&self, id: ObjectId) -> Option<io::Result<(Kind, Vec<u8>)>> {
        self.open(id, u64::MAX).map(|object| match object? {
            Object::Whole(kind, content) => Ok((kind, content)),
            Object::Large(..) => Err(damaged("it is larger than memory")),
        })
    }

    fn read(&self, mut file: File, largest: u64) -> io::Result<Object> {
        let length = file.metadata()?.len();
        // The code below reads the same, but slower.
        if length <= SMALL_FILE {
            let mut buffers = self.buffers.borrow_mut();
            let buffers = buffers.get_or_insert_with(Buffers::new);
            if let Some((kind, content)) = buffers.read(&mut file, length)?
                && content.len() as u64 <= largest
            {
                return Ok(Object::Whole(kind, content.to_vec()));
            }
            file.rewind()?;
        }
        let (kind, size, mut inflating) = Inflating::start(file)?;
        if size > largest {
            return Ok(Object::Large(kind, size, Box::new(inflating)));
        }
        // A false size must not allocate all memory at once.
        let capacity = size.min(LARGEST_WHOLE as u64);
        let mut content = Vec::with_capacity(usize::try_from(capacity).unwrap_or_default());
        inflating.read_to_end(&mut content)?;
        Ok(Object::Whole(kind, content))
    }
}

fn add_with_alternates(folders: &mut Vec<PathBuf>, folder: PathBuf, depth: usize) {
    if folders.contains(&folder) {
        return;
    }
    let alternates = std::fs::read(folder.join("info/alternates")).unwrap_or_default();
    let others: Vec<PathBuf> = if depth > DEEPEST { Vec::new() } else { named(&folder, &alternates) };
    folders.push(folder);
    others.into_iter().for_each(|other| add_with_alternates(folders, other, depth + 1));
}

/// The folders that the file `alternates` in `folder` lists, one per line.
fn named(folder: &Path, alternates: &[u8]) -> Vec<PathBuf> {
    alternates
        .split(|byte| matches!(byte, b'\r' | b'\n'))
        .filter(|line| !line.is_empty() && !line.starts_with(b"#"))
        .filter_map(|line| path_from_bytes(line.to_vec()))
        .map(|path| folder.join(path))
        .collect()
}

impl Store {
    fn file(&self, id: ObjectId) -> Option<io::Result<File>> {
        let first = usize::from(*id.as_bytes().first()?);
        let is_absent = |present: &Vec<bool>| !present.get(first).copied().unwrap_or(true);
        if self.present.get().is_some_and(is_absent) {
            return None;
        }
        let name = id.to_string();
        let (folder, rest) = name.split_at_checked(2)?;
        let mut path = self.folder.join(folder);
        path.push(rest);
        match File::open(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                self.present.get_or_init(|| present(&self.folder));
                None
            }
            file => Some(file),
        }
    }
}

/// Which of the folders `00` to `ff` are in `folder`; all if it cannot be listed.
fn present(folder: &Path) -> Vec<bool> {
    let Ok(entries) = std::fs::read_dir(folder) else { return vec![true; 256] };
    let mut present = vec![false; 256];
    for entry in entries {
        let Ok(entry) = entry else { return vec![true; 256] };
        let name = entry.file_name();
        let number = name.to_str().and_then(|name| usize::from_str_radix(name, 16).ok());
        if let Some(present) = number.and_then(|number| present.get_mut(number)) {
            *present = true;
        }
    }
    present
}

impl Buffers {
    fn new() -> Self {
        // The system provides only the used part of these zeros.
        Self { inflate: Decompress::new(true), file: Vec::new(), object: vec![0; SMALL_OBJECT] }
    }

    /// The object in `file`, which has `length` bytes; none if it does not fit.
    fn read(&mut self, file: &mut File, length: u64) -> io::Result<Option<(Kind, &[u8])>> {
        self.file.clear();
        self.file.reserve(usize::try_from(length).unwrap_or_default() + 1);
        file.read_to_end(&mut self.file)?;
        self.inflate.reset(true);
        let status = self.inflate.decompress(&self.file, &mut self.object, FlushDecompress::Finish)?;
        let inflated = usize::try_from(self.inflate.total_out()).unwrap_or_default();
        if status != Status::StreamEnd {
            let full = inflated == self.object.len();
            return if full { Ok(None) } else { Err(damaged("it ends too early")) };
        }
        if self.inflate.total_in() != self.file.len() as u64 {
            return Err(damaged("something stands behind its end"));
        }
        let object = self.object.get(..inflated).unwrap_or_default();
        let length = memchr::memchr(0, object.get(..LONGEST_HEADER).unwrap_or(object));
        let Some((header, content)) = length.and_then(|length| object.split_at_checked(length)) else {
            return Err(damaged("no header"));
        };
        let content = content.get(1..).unwrap_or_default();
        let (kind, size) = parse_header(header)?;
        if content.len() as u64 != size {
            return Err(damaged("it is not as long as it says"));
        }
        Ok(Some((kind, content)))
    }
}

/// The content of a large object. It ends well only if all its bytes came, with the right
/// checksum and nothing after them.
pub struct Inflating {
    inflate: ZlibDecoder<BufReader<File>>,
    left: u64,
    /// Why it failed; each further read fails too.
    broken: Option<&'static str>,
}

impl Inflating {
    fn start(file: File) -> io::Result<(Kind, u64, Self)> {
        let mut inflate = ZlibDecoder::new(BufReader::with_capacity(128 << 10, file));
        let mut header = Vec::with_capacity(LONGEST_HEADER);
        loop {
            let mut byte = [0];
            inflate.read_exact(&mut byte)?;
            if byte == [0] {
                break;
            }
            header.extend_from_slice(&byte);
            if header.len() == LONGEST_HEADER {
                return Err(damaged("no header"));
            }
        }
        let (kind, size) = parse_header(&header)?;
        Ok((kind, size, Self { inflate, left: size, broken: None }))
    }

    fn end(&mut self) -> Result<(), &'static str> {
        let unreadable = |_| "it is damaged at its end";
        if self.inflate.read(&mut [0]).map_err(unreadable)? != 0 {
            return Err("it is longer than it says");
        }
        match self.inflate.get_mut().fill_buf().map_err(unreadable)? {
            [] => Ok(()),
            _ => Err("something stands behind its end"),
        }
    }

    fn next(&mut self, buffer: &mut [u8]) -> Result<usize, &'static str> {
        if self.left == 0 {
            return self.end().map(|()| 0);
        }
        let most = usize::try_from(self.left).map_or(buffer.len(), |left| left.min(buffer.len()));
        let buffer = buffer.get_mut(..most).unwrap_or_default();
        if buffer.is_empty() {
            return Ok(0);
        }
        match self.inflate.read(buffer) {
            Ok(0) => Err("it is shorter than it says"),
            Ok(count) => {
                self.left -= count as u64;
                Ok(count)
            }
            Err(_) => Err("it ends too early or is damaged"),
        }
    }
}

impl Read for Inflating {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(why) = self.broken {
            return Err(damaged(why));
        }
        self.next(buffer).map_err(|why| {
            self.broken = Some(why);
            damaged(why)
        })
    }
}

/// Parses `blob 123`.
fn parse_header(header: &[u8]) -> io::Result<(Kind, u64)> {
    let space = memchr::memchr(b' ', header).and_then(|length| header.split_at_checked(length));
    let (kind, size) = space.ok_or_else(|| damaged("no header"))?;
    let kind = Kind::called(kind).ok_or_else(|| damaged("no type that git knows"))?;
    let digits = size.get(1..).unwrap_or_default();
    let plain = digits.iter().all(u8::is_ascii_digit) && (digits == b"0" || !digits.starts_with(b"0"));
    let size = std::str::from_utf8(digits).ok().filter(|_| plain).and_then(|digits| digits.parse().ok());
    size.map(|size| (kind, size)).ok_or_else(|| damaged("no size"))
}

fn damaged(why: &'static str) -> Error {
    Error::new(ErrorKind::InvalidData, why)
}
