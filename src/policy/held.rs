//! Changes a policy file under a lock. Readers see the old file or the new one, always whole.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::NamedTempFile;

use super::read_named;

/// How long to wait for the lock, and how often to retry.
const PATIENCE: Duration = Duration::from_secs(20);
const BEAT: Duration = Duration::from_millis(5);

/// The suffix of a new file, before its random letters.
const NEW: &str = ".new-";
/// How many random letters and digits follow.
const DRAWN: usize = 6;

/// A locked policy file.
#[derive(Debug)]
pub struct Held {
    path: PathBuf,
    _lock: Option<File>,
}

impl Held {
    /// Locks the file at `path`, which need not exist; a link is followed. Waits for other
    /// holders. Fails if the folder cannot be read, if the path is no file, or if others hold
    /// the lock too long.
    pub fn at(path: &Path) -> io::Result<Self> {
        let path = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        // Opening a pipe would wait for its other end, and root could replace a device.
        if path.metadata().is_ok_and(|metadata| !metadata.is_file()) {
            return Err(io::Error::other("it is neither a file nor a link to one"));
        }
        let since = Instant::now();
        loop {
            match lock(&path)? {
                Lock::Taken(lock) => {
                    if lock.is_some() {
                        remove_left(&path);
                    }
                    return Ok(Self { path, _lock: lock });
                }
                Lock::OfOthers if since.elapsed() > PATIENCE => {
                    return Err(io::Error::new(io::ErrorKind::TimedOut, "somebody else is changing it"));
                }
                Lock::OfOthers => thread::sleep(BEAT),
            }
        }
    }

    /// Removes what a killed change of the file at `path` left beside it, unless a change is in
    /// progress.
    pub fn tidy(path: &Path) {
        if let Ok(Lock::Taken(Some(_lock))) = lock(path) {
            remove_left(path);
        }
    }

    /// Its content; empty if it does not exist.
    pub fn read(&self) -> io::Result<Vec<u8>> {
        match read_named(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            read => read,
        }
    }

    /// Replaces its content with `text`, completely or not at all.
    pub fn replace(&self, text: &str) -> io::Result<()> {
        let permissions = fs::metadata(&self.path).ok().map(|metadata| metadata.permissions());
        if permissions.as_ref().is_some_and(fs::Permissions::readonly) {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is read-only"));
        }
        let mut new = new_beside(&self.path)?;
        new.write_all(text.as_bytes())?;
        if let Some(permissions) = permissions {
            new.as_file().set_permissions(permissions)?;
        }
        // Otherwise a crash could leave an empty file of that name.
        new.as_file().sync_all()?;
        new.persist(&self.path)?;
        Ok(())
    }
}

/// Creates a file with a random name beside the one at `path`. An existing file or link of that
/// name is not used.
fn new_beside(path: &Path) -> io::Result<NamedTempFile> {
    let prefix = beside(Path::new(path.file_name().unwrap_or_default()), NEW);
    let mut new = tempfile::Builder::new();
    new.prefix(&prefix).rand_bytes(DRAWN);
    // The permissions of a usual file, reduced by the user's mask.
    #[cfg(unix)]
    new.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    new.tempfile_in(folder_of(path))
}

/// Removes the files that [`new_beside`] left for `path`. The holder of the lock knows that
/// nobody writes them any more.
fn remove_left(path: &Path) {
    let prefix = beside(Path::new(path.file_name().unwrap_or_default()), NEW).into_os_string();
    let is_left = |file: &fs::DirEntry| {
        let name = file.file_name();
        let drawn = name.as_encoded_bytes().strip_prefix(prefix.as_encoded_bytes());
        drawn.is_some_and(|drawn| drawn.len() == DRAWN && drawn.iter().all(u8::is_ascii_alphanumeric))
            && file.file_type().is_ok_and(|kind| kind.is_file())
    };
    for file in fs::read_dir(folder_of(path)).into_iter().flatten().flatten().filter(is_left) {
        let _stays = fs::remove_file(file.path());
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

enum Lock {
    /// None if the file system has no locks.
    Taken(Option<File>),
    OfOthers,
}

/// Locks the folder of `path`. A lock on the file itself would be lost with the replaced file,
/// and a separate lock file would stay.
#[cfg(unix)]
fn lock(path: &Path) -> io::Result<Lock> {
    let folder = File::open(folder_of(path))?;
    Ok(match folder.try_lock() {
        Ok(()) => Lock::Taken(Some(folder)),
        Err(fs::TryLockError::WouldBlock) => Lock::OfOthers,
        Err(fs::TryLockError::Error(_)) => Lock::Taken(None),
    })
}

/// Like on Unix, but with a file beside `path`, since folders cannot be locked. The system
/// removes the file with its holder.
#[cfg(windows)]
fn lock(path: &Path) -> io::Result<Lock> {
    use std::os::windows::fs::OpenOptionsExt as _;
    const DELETE_ON_CLOSE: u32 = 0x0400_0000;
    const SHARING_VIOLATION: i32 = 32;
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).share_mode(0).custom_flags(DELETE_ON_CLOSE);
    match options.open(beside(path, ".lock")) {
        Ok(lock) => Ok(Lock::Taken(Some(lock))),
        // The second error occurs while the holder removes it.
        Err(error)
            if error.raw_os_error() == Some(SHARING_VIOLATION)
                || error.kind() == io::ErrorKind::PermissionDenied =>
        {
            Ok(Lock::OfOthers)
        }
        Err(error) => Err(error),
    }
}

fn beside(path: &Path, more: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(more);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_not_replaced_by_one() {
        use std::os::unix::fs::FileTypeExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        let _open = std::os::unix::net::UnixListener::bind(&path).unwrap();
        assert!(Held::at(&path).is_err());
        assert!(path.metadata().unwrap().file_type().is_socket());
    }

    #[test]
    fn a_file_that_somebody_made_read_only_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.toml");
        fs::write(&path, "old").unwrap();
        let mut permissions = fs::metadata(&path).unwrap().permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&path, permissions).unwrap();
        assert!(Held::at(&path).unwrap().replace("new").is_err());
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_a_killed_process_left_behind_is_gone_with_the_next_change() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.toml");
        fs::write(beside(&path, ".new-a1B2c3"), "half").unwrap();
        Held::at(&path).unwrap().replace("whole").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
