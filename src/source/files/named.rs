//! Files of the file system, by path.

use std::fs;
use std::io::{self, Error, ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use crate::source::environment::{current_folder, top};
use crate::source::{Blob, Content, LARGEST_WHOLE, SourceError};

/// The content of the file at `path`. For a symbolic link its target, as git stores it; none
/// for a submodule's folder, which is a separate repository. Fails with [`SourceError::File`]
/// if it does not exist, cannot be read, or is another folder or a special file.
pub fn read_path(path: &Path) -> Result<Option<Vec<u8>>, SourceError> {
    let Some(content) = open_up_to(path, u64::MAX)? else { return Ok(None) };
    match content {
        Content::Whole(Blob::Read(content)) => Ok(Some(content)),
        Content::Whole(blob) => Ok(Some(blob.to_vec())),
        Content::Stream { mut read, .. } => {
            let mut content = Vec::new();
            read.read_to_end(&mut content).map_err(|error| SourceError::of_file(path, error))?;
            Ok(Some(content))
        }
    }
}

/// Like [`read_path`], but a file larger than [`LARGEST_WHOLE`] is a stream.
/// [`SourceError::of_file`] reports an error of the stream.
pub fn open_path(path: &Path) -> Result<Option<Content<'static>>, SourceError> {
    open_up_to(path, LARGEST_WHOLE as u64)
}

fn open_up_to(path: &Path, largest: u64) -> Result<Option<Content<'static>>, SourceError> {
    let failed = |error| SourceError::of_file(path, error);
    let whole = |content| Ok(Some(Content::Whole(Blob::Read(content))));
    let metadata = fs::symlink_metadata(path).map_err(failed)?;
    if metadata.is_symlink() {
        let target = fs::read_link(path).map_err(failed)?;
        whole(target.into_os_string().into_encoded_bytes())
    } else if metadata.is_file() && metadata.len() > largest {
        let file = fs::File::open(path).map_err(failed)?;
        Ok(Some(Content::Stream { read: Box::new(file), size: metadata.len() }))
    } else if metadata.is_file() {
        whole(fs::read(path).map_err(failed)?)
    } else if path.join(".git").symlink_metadata().is_ok() {
        Ok(None)
    } else {
        Err(failed(Error::new(ErrorKind::InvalidInput, "it is neither a file nor a link")))
    }
}

/// The content of a file that a repository may control. Refuses links, which may lead to an
/// endless device, and pipes, which would wait for their other end.
pub fn read_plain(path: &Path) -> io::Result<Vec<u8>> {
    if !path.metadata()?.is_file() {
        return Err(Error::other("it is no file"));
    }
    fs::read(path)
}

/// Like [`read_plain`], as text.
pub fn read_plain_text(path: &Path) -> io::Result<String> {
    String::from_utf8(read_plain(path)?)
        .map_err(|error| Error::new(ErrorKind::InvalidData, error.utf8_error()))
}

/// The top of the work tree that git's environment names, or of the one around the current
/// folder.
pub fn top_of_work_tree() -> Result<PathBuf, SourceError> {
    let here = current_folder()?;
    top(&here).ok_or_else(|| SourceError::no_work_tree(&here))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_above_the_limit_is_read_bit_by_bit_and_to_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        fs::write(&path, "abcdef").unwrap();
        let Some(Content::Stream { mut read, size: 6 }) = open_up_to(&path, 5).unwrap() else {
            panic!("no stream of six bytes");
        };
        let mut content = String::new();
        read.read_to_string(&mut content).unwrap();
        assert_eq!(content, "abcdef");
        assert!(matches!(open_up_to(&path, 6), Ok(Some(Content::Whole(blob))) if *blob == *b"abcdef"));
        assert!(open_path(&folder.path().join("none")).is_err());
    }
}
