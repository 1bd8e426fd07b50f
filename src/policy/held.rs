//! A policy file while it is changed: nobody else changes it meanwhile, and whoever reads
//! it finds the old one or the new one, whole.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::NamedTempFile;

use super::read_named;

/// How long to wait for others who change the file, and how often to try.
const PATIENCE: Duration = Duration::from_secs(20);
const BEAT: Duration = Duration::from_millis(5);

/// What stands behind the file's name until a new one is whole, before what is drawn.
const NEW: &str = ".new-";
/// How many letters and digits are drawn.
const DRAWN: usize = 6;

/// A policy file that only its holder changes.
#[derive(Debug)]
pub struct Held {
    path: PathBuf,
    _lock: Option<File>,
}

impl Held {
    /// The file at `path`, which need not exist; a link is followed. Waits for others
    /// who hold it.
    /// Fails if its folder cannot be read, something else than a file is there, or others hold
    /// it for too long.
    pub fn at(path: &Path) -> io::Result<Self> {
        let path = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        // To open a pipe would wait for its other end, and whoever may do all would
        // replace a device.
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

    /// Removes what a killed change of the file at `path` left beside it, unless somebody
    /// else is changing it now.
    pub fn tidy(path: &Path) {
        if let Ok(Lock::Taken(Some(_lock))) = lock(path) {
            remove_left(path);
        }
    }

    /// What it says; nothing if it does not exist.
    pub fn read(&self) -> io::Result<Vec<u8>> {
        match read_named(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            read => read,
        }
    }

    /// Makes it say `text`, whole or not at all.
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
        // Else a crash of the machine could leave an empty file under the name.
        new.as_file().sync_all()?;
        new.persist(&self.path)?;
        Ok(())
    }
}

/// A file of a drawn name beside the one at `path`. It is made anew: a link that somebody
/// put there is not followed.
fn new_beside(path: &Path) -> io::Result<NamedTempFile> {
    let prefix = beside(Path::new(path.file_name().unwrap_or_default()), NEW);
    let mut new = tempfile::Builder::new();
    new.prefix(&prefix).rand_bytes(DRAWN);
    // As every other file; the user's mask takes away from it.
    #[cfg(unix)]
    new.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    new.tempfile_in(folder_of(path))
}

/// Removes the files that [`new_beside`] made for `path`: whoever holds its lock knows that
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
    /// None where the file system has no locks.
    Taken(Option<File>),
    OfOthers,
}

/// Locks the folder of `path`: a lock on the file itself would go with the old file, and
/// one in a file of its own would stay behind.
#[cfg(unix)]
fn lock(path: &Path) -> io::Result<Lock> {
    let folder = File::open(folder_of(path))?;
    Ok(match folder.try_lock() {
        Ok(()) => Lock::Taken(Some(folder)),
        Err(fs::TryLockError::WouldBlock) => Lock::OfOthers,
        Err(fs::TryLockError::Error(_)) => Lock::Taken(None),
    })
}

/// As on Unix, but no folder can be locked: a file beside `path`, which the system
/// removes with its holder.
#[cfg(windows)]
fn lock(path: &Path) -> io::Result<Lock> {
    use std::os::windows::fs::OpenOptionsExt as _;
    const DELETE_ON_CLOSE: u32 = 0x0400_0000;
    const SHARING_VIOLATION: i32 = 32;
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).share_mode(0).custom_flags(DELETE_ON_CLOSE);
    match options.open(beside(path, ".lock")) {
        Ok(lock) => Ok(Lock::Taken(Some(lock))),
        // The second while the holder removes it.
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
