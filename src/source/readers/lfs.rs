//! Git LFS: git's objects hold pointers, git-lfs keeps the content elsewhere.

use std::cell::OnceCell;
use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use super::git::Plumbing;
use super::libgit2::Libgit2;
use crate::source::paths::path_from_bytes;
use crate::source::{Blob, Content, LARGEST_WHOLE, SourceError};

/// git-lfs takes nothing that is larger for a pointer, in bytes.
const LARGEST_POINTER: usize = 1024;
/// How a pointer begins, under the names that git-lfs has had.
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
    /// The pointer that `content` is. With anything else in it `content` is no pointer, so
    /// that nothing can hide in one.
    pub fn read(content: &[u8]) -> Option<Self> {
        let text = str::from_utf8(content).ok().filter(|text| text.len() <= LARGEST_POINTER)?;
        let mut lines = text.lines();
        lines.next().filter(|first| VERSIONS.contains(first))?;
        let (mut id, mut size) = (None, None);
        for line in lines {
            let (key, value) = line.split_once(' ')?;
            match key {
                "oid" => id = Some(hash(value)?.to_owned()),
                "size" => size = Some(value.parse().ok()?),
                // A filter that git-lfs ran before.
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

/// The folder in which git-lfs keeps the content of a repository.
pub struct Lfs<'r> {
    libgit2: &'r Result<Libgit2, String>,
    git: &'r Plumbing,
    folder: OnceCell<Option<PathBuf>>,
}

impl<'r> Lfs<'r> {
    /// Of the repository that both read.
    pub fn new(libgit2: &'r Result<Libgit2, String>, git: &'r Plumbing) -> Self {
        Self { libgit2, git, folder: OnceCell::new() }
    }

    /// The content of `pointer`; none if it is not here, or not all of it.
    /// Fails with [`SourceError::File`] if its file is here and cannot be read.
    pub fn open(&self, pointer: &Pointer) -> Result<Option<Content<'static>>, SourceError> {
        let Some(folder) = self.folder.get_or_init(|| self.find_folder()) else { return Ok(None) };
        let (first, rest) = pointer.id.split_at_checked(2).unwrap_or_default();
        let second = rest.get(..2).unwrap_or_default();
        let path = folder.join("objects").join(first).join(second).join(&pointer.id);
        let failed = |error| SourceError::of_file(&path, error);
        // To open a pipe would wait for its other end.
        let metadata = match path.metadata() {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        if !metadata.is_file() || metadata.len() != pointer.size {
            return Ok(None);
        }
        let file = fs::File::open(&path).map_err(failed)?;
        Ok(Some(match pointer.size <= LARGEST_WHOLE as u64 {
            true => Content::Whole(Blob::Read(fs::read(&path).map_err(failed)?)),
            false => Content::Stream { read: Box::new(file), size: pointer.size },
        }))
    }

    /// git-lfs takes a relative `lfs.storage` from the folder that all work trees share.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn pointer(more: &str) -> String {
        format!("{}\n{more}oid sha256:{}\nsize 12\n", VERSIONS[0], "0a".repeat(32))
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
