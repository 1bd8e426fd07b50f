//! Git LFS: git's objects hold pointers, and git-lfs stores the content elsewhere.

use std::cell::OnceCell;
use std::fs;
use std::io::{self, ErrorKind, Read};
use std::path::PathBuf;

use sha2::{Digest as _, Sha256};

use super::git::Plumbing;
use super::libgit2::Libgit2;
use crate::hex;
use crate::source::paths::path_from_bytes;
use crate::source::{Blob, Content, LARGEST_WHOLE, SourceError};

/// git-lfs accepts no larger pointer.
const LARGEST_POINTER: usize = 1024;
/// The first lines of a pointer; git-lfs has had several names.
const VERSIONS: [&str; 3] = [
    "version https://git-lfs.github.com/spec/v1",
    "version https://hawser.github.com/spec/v1",
    "version http://git-media.io/v/2",
];

/// A pointer to a content of Git LFS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pointer {
    /// The content's SHA-256 in hex.
    id: String,
    /// How many bytes the content has.
    size: u64,
}

impl Pointer {
    /// Parses `content` as a pointer. Any other text in it makes it no pointer, so that nothing
    /// can hide in one.
    pub fn read(content: &[u8]) -> Option<Self> {
        let short = Some(content).filter(|content| content.len() <= LARGEST_POINTER)?;
        let mut lines = str::from_utf8(short).ok()?.lines();
        lines.next().filter(|first| VERSIONS.contains(first))?;
        let (mut id, mut size) = (None, None);
        for line in lines {
            let (key, value) = line.split_once(' ')?;
            match key {
                "oid" => id = Some(hash(value)?.to_owned()),
                "size" => size = Some(value.parse().ok()?),
                // An extension that ran before git-lfs.
                _ => {
                    let name = key.strip_prefix("ext-")?;
                    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
                    (name.len() < 16 && name.bytes().all(plain) && hash(value).is_some()).then_some(())?;
                }
            }
        }
        Some(Self { id: id?, size: size? })
    }
}

/// The digits of `sha256:<64 digits>`.
fn hash(value: &str) -> Option<&str> {
    let digits = value.strip_prefix("sha256:")?;
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    (digits.len() == 64 && plain).then_some(digits)
}

/// The folder in which git-lfs stores the content of a repository.
pub struct Lfs<'r> {
    libgit2: &'r Result<Libgit2, String>,
    git: &'r Plumbing,
    folder: OnceCell<Option<PathBuf>>,
}

impl<'r> Lfs<'r> {
    /// For the repository of these readers.
    pub fn new(libgit2: &'r Result<Libgit2, String>, git: &'r Plumbing) -> Self {
        Self { libgit2, git, folder: OnceCell::new() }
    }

    /// The content of `pointer`; none if it is missing or incomplete. Fails with
    /// [`SourceError::File`] if its file exists and cannot be read. If the content does not
    /// match the pointer, its stream ends with an error.
    pub fn open(&self, pointer: &Pointer) -> Result<Option<Content<'static>>, SourceError> {
        let Some(folder) = self.folder.get_or_init(|| self.find_folder()) else { return Ok(None) };
        let (first, rest) = pointer.id.split_at_checked(2).unwrap_or_default();
        let second = rest.get(..2).unwrap_or_default();
        let path = folder.join("objects").join(first).join(second).join(&pointer.id);
        let failed = |error| SourceError::of_file(&path, error);
        // Opening a pipe would wait for its other end.
        let metadata = match path.metadata() {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        if !metadata.is_file() || metadata.len() != pointer.size {
            return Ok(None);
        }
        let id = hex::decode(pointer.id.as_bytes()).unwrap_or_default();
        if pointer.size <= LARGEST_WHOLE as u64 {
            let content = fs::read(&path).map_err(failed)?;
            if Sha256::digest(&content).as_slice() == id {
                return Ok(Some(Content::Whole(Blob::Read(content))));
            }
        }
        let file = fs::File::open(&path).map_err(failed)?;
        let checked = Checked { file, digest: Sha256::new(), id };
        Ok(Some(Content::Stream { read: Box::new(checked), size: pointer.size }))
    }

    /// git-lfs resolves a relative `lfs.storage` from the folder that all work trees share.
    fn find_folder(&self) -> Option<PathBuf> {
        let common = match self.libgit2 {
            Ok(repository) => repository.common_dir(),
            Err(_) => {
                let folder = self.git.run(&["rev-parse", "--git-common-dir"]).ok()?;
                path_from_bytes(folder.trim_ascii_end().to_vec())?
            }
        };
        let set = self.git.run(&["config", "--get", "lfs.storage"]).unwrap_or_default();
        let set = path_from_bytes(set.trim_ascii_end().to_vec()).filter(|path| !path.as_os_str().is_empty());
        Some(common.join(set.unwrap_or_else(|| "lfs".into())))
    }
}

/// A content that ends well only if it matches its pointer.
struct Checked {
    file: fs::File,
    digest: Sha256,
    id: Vec<u8>,
}

impl Read for Checked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.digest.update(buffer.get(..count).unwrap_or_default());
        if count == 0 && !buffer.is_empty() && self.digest.clone().finalize().as_slice() != self.id {
            return Err(io::Error::new(ErrorKind::InvalidData, "it is not what its pointer names"));
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pointer(more: &str) -> String {
        format!("{}\n{more}oid sha256:{}\nsize 12\n", VERSIONS[0], "0a".repeat(32))
    }

    #[test]
    fn a_stream_of_another_content_than_the_pointer_names_breaks_off() {
        let path = tempfile::NamedTempFile::new().unwrap();
        fs::write(&path, "content").unwrap();
        for (named, whole) in [("content", true), ("another", false)] {
            let (file, id) = (fs::File::open(&path).unwrap(), Sha256::digest(named).to_vec());
            let mut read = Vec::new();
            let ended = Checked { file, digest: Sha256::new(), id }.read_to_end(&mut read);
            assert_eq!((ended.is_ok(), &*read), (whole, &b"content"[..]));
        }
    }

    #[test]
    fn a_pointer_is_what_git_lfs_writes_and_nothing_with_more_in_it() {
        let wanted = Pointer { id: "0a".repeat(32), size: 12 };
        let ext = format!("ext-0-case sha256:{}\n", "0b".repeat(32));
        for text in [pointer(""), pointer(&ext), pointer("").replace('\n', "\r\n")] {
            assert_eq!(Pointer::read(text.as_bytes()), Some(wanted.clone()), "{text}");
        }
        for text in [
            String::new(),
            pointer("password x\n"),
            pointer("ext-0-case sha256:x\n"),
            pointer(&ext.replace("case", "a-name-that-is-much-too-long")),
            pointer("") + "x",
            pointer("").replace("0a", "0A"),
            pointer("").replace("size 12", "size x"),
            pointer("").replace("size 12\n", ""),
            pointer(&ext.repeat(20)),
        ] {
            assert_eq!(Pointer::read(text.as_bytes()), None, "{text}");
        }
    }
}
