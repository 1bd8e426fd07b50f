//! Writes hook files completely before anything refers to them.

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use tempfile::NamedTempFile;

use super::InstallError;
use crate::source::read_plain;

/// The suffix of an incomplete file.
const NEW: &str = ".dtguard-new-";

/// The content of a hook. A dangling link counts as an empty hook.
pub(super) fn read(hook: &Path) -> Result<Option<Vec<u8>>, InstallError> {
    match read_plain(hook) {
        Ok(content) => Ok(Some(content)),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Ok(hook.symlink_metadata().ok().map(|_| Vec::new()))
        }
        Err(error) => Err(InstallError::file("read", hook)(error)),
    }
}

/// Creates a complete temporary file with `content` beside the one at `path`. Its name is
/// random; an existing file or link of that name is not used. Dropping it removes it.
pub(super) fn new_beside(path: &Path, content: &[u8]) -> Result<NamedTempFile, InstallError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut new = tempfile::Builder::new()
        .prefix(NEW)
        .tempfile_in(folder)
        .map_err(InstallError::file("write", path))?;
    new.write_all(content)
        .and_then(|()| new.as_file().sync_all())
        .map_err(InstallError::file("write", path))?;
    Ok(new)
}

/// Like [`new_beside`], executable.
pub(super) fn new_hook(path: &Path, content: &str) -> Result<NamedTempFile, InstallError> {
    let new = new_beside(path, content.as_bytes())?;
    make_executable(new.path()).map_err(InstallError::file("write", path))?;
    Ok(new)
}

/// Renames `new` to `path`, replacing any file there.
pub(super) fn put_at(new: NamedTempFile, path: &Path) -> Result<(), InstallError> {
    new.persist(path).map(drop).map_err(|failed| InstallError::file("write", path)(failed.error))
}

/// Replaces the text of a file in the work tree `top` and keeps its mode. Refuses links,
/// because a link of the repository could lead anywhere.
pub(super) fn replace_text(top: &Path, path: &Path, content: &str) -> Result<(), InstallError> {
    let folder = path.parent().unwrap_or(Path::new(".")).canonicalize();
    let is_inside =
        folder.ok().zip(top.canonicalize().ok()).is_some_and(|(folder, top)| folder.starts_with(top));
    if !is_inside || path.is_symlink() {
        let error = std::io::Error::other("a link leads out of this work tree, or may lead there");
        return Err(InstallError::file("change", path)(error));
    }
    let new = new_beside(path, content.as_bytes())?;
    keep_mode(path, new.path()).map_err(InstallError::file("write", path))?;
    put_at(new, path)
}

/// Writes an executable file atomically. Returns whether its content changed.
pub(super) fn write(path: &Path, content: &str) -> Result<bool, InstallError> {
    if read(path)?.as_deref() == Some(content.as_bytes()) && is_executable(path) {
        return Ok(false);
    }
    put_at(new_hook(path, content)?, path)?;
    Ok(true)
}

/// Gives `hook` the second name `kept`, so that there is a hook at every moment.
pub(super) fn keep(hook: &Path, kept: &Path) -> Result<(), InstallError> {
    match fs::hard_link(hook, kept) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            // The file system has no hard links.
            fs::rename(hook, kept).map_err(InstallError::file("move", hook))
        }
        linked => linked.map_err(InstallError::file("move", hook)),
    }
}

/// Removes a file. Returns whether it existed.
pub(super) fn remove(path: &Path) -> Result<bool, InstallError> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(InstallError::file("remove", path)(error)),
    }
}

/// Locks `folder` against other runs of dtguard until dropped, and removes incomplete files of
/// killed runs.
///
/// Folders can be locked on Unix only. Without a lock, two parallel runs may refuse each other,
/// but neither loses a hook.
pub(super) fn locked(folder: &Path) -> Option<File> {
    let lock = File::open(folder).ok()?;
    lock.lock().ok()?;
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_name().as_encoded_bytes().starts_with(NEW.as_bytes()) {
            let _others_will = fs::remove_file(entry.path());
        }
    }
    Some(lock)
}

/// Whether two names belong to the same file. A link is not its target.
#[cfg(unix)]
pub(super) fn is_one_file(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let id = |path: &Path| path.symlink_metadata().ok().map(|metadata| (metadata.dev(), metadata.ino()));
    id(one).is_some() && id(one) == id(other)
}

/// Whether two names belong to the same file: unknown here, so both are kept.
#[cfg(not(unix))]
pub(super) fn is_one_file(_one: &Path, _other: &Path) -> bool {
    false
}

#[cfg(unix)]
pub(super) fn make_executable(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
pub(super) fn make_executable(_path: &Path) -> std::io::Result<()> {
    Ok(())
}

/// Gives `new` the mode of the file at `path`, else the mode of a usual file, whatever root's
/// umask is.
#[cfg(unix)]
pub(super) fn keep_mode(path: &Path, new: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = fs::metadata(path).map_or(fs::Permissions::from_mode(0o644), |old| old.permissions());
    fs::set_permissions(new, mode)
}

#[cfg(not(unix))]
pub(super) fn keep_mode(_path: &Path, _new: &Path) -> std::io::Result<()> {
    Ok(())
}

/// Whether git would run the hook.
#[cfg(unix)]
pub(super) fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
pub(super) fn is_executable(_path: &Path) -> bool {
    true
}

/// Whether users other than the owner can run a program: checks its mode, and that of each
/// folder above it.
#[cfg(unix)]
pub fn everybody_can_run(program: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    let open = |path: &Path| fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 1 != 0);
    program.ancestors().all(open)
}

/// Whether users other than the owner can run a program: unknown here, so yes.
#[cfg(not(unix))]
pub fn everybody_can_run(_program: &Path) -> bool {
    true
}

/// A path with forward slashes, as git writes it on Windows too.
pub(super) fn slashes(path: &Path) -> String {
    let text = path.display().to_string();
    if cfg!(windows) { text.replace('\\', "/") } else { text }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_program_in_a_home_folder_is_not_one_that_everybody_can_run() {
        let home = tempfile::tempdir().unwrap();
        let program = home.path().join("program");
        fs::write(&program, "").unwrap();
        let set = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        for (folder, file, can) in [(0o700, 0o755, false), (0o755, 0o700, false), (0o755, 0o755, true)] {
            set(home.path(), folder);
            set(&program, file);
            let above = home.path().parent().unwrap();
            assert_eq!(everybody_can_run(&program), can && everybody_can_run(above), "{folder:o} {file:o}");
        }
    }
}
