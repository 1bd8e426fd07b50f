//! Where the tests make their folders: in memory, where the system has a file system for
//! that. They make and remove so many small files that a disk takes half as long again.

use std::path::Path;
use std::sync::LazyLock;

use super::effort;

/// The folder in memory; none if somebody chose one (`TMPDIR`), if every case is wanted,
/// or if this system has none with room in which programs can be run.
pub fn folder() -> Option<&'static Path> {
    static FOLDER: LazyLock<Option<&Path>> = LazyLock::new(|| {
        let chosen = effort::all() || std::env::var_os("TMPDIR").is_some();
        let folder = Path::new("/dev/shm");
        (!chosen && fits(folder) && tempfile::env::override_temp_dir(folder).is_ok()).then_some(folder)
    });
    *FOLDER
}

/// Whether `folder` has room and its programs can be run.
#[cfg(target_os = "linux")]
fn fits(folder: &Path) -> bool {
    use rustix::fs::{StatVfsMountFlags, statvfs};

    /// Four times what the tests have there at once, in bytes.
    const ROOM: u64 = 1 << 30;
    statvfs(folder).is_ok_and(|system| {
        !system.f_flag.intersects(StatVfsMountFlags::NOEXEC | StatVfsMountFlags::RDONLY)
            && system.f_bavail.saturating_mul(system.f_frsize) >= ROOM
    })
}

#[cfg(not(target_os = "linux"))]
fn fits(_folder: &Path) -> bool {
    false
}
