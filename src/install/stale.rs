//! Removes what killed proofs left.

use std::fs;
use std::path::Path;
use std::time::Duration;

/// The longest time that a proof may take.
const STALE: Duration = Duration::from_secs(60 * 60);
/// The prefix of a proof's folder.
pub(super) const PREFIX: &str = "dtguard-proof-";

/// Removes the folders of killed proofs beside `new`. Folders of other users stay.
pub(super) fn remove_stale(new: &Path) {
    let (Some(beside), Ok(ours)) = (new.parent(), new.symlink_metadata()) else { return };
    let is_left = |folder: &fs::DirEntry| -> Option<bool> {
        let name = folder.file_name();
        let metadata = folder.path().symlink_metadata().ok()?;
        let age = metadata.modified().ok()?.elapsed().ok()?;
        let named = name.as_encoded_bytes().starts_with(PREFIX.as_bytes());
        Some(named && metadata.is_dir() && age > STALE && is_same_user(&metadata, &ours))
    };
    for folder in fs::read_dir(beside).into_iter().flatten().flatten() {
        if is_left(&folder) == Some(true) {
            let _stays = fs::remove_dir_all(folder.path());
        }
    }
}

#[cfg(unix)]
fn is_same_user(one: &fs::Metadata, other: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    one.uid() == other.uid()
}

/// Each user has their own temporary folder there.
#[cfg(not(unix))]
fn is_same_user(_: &fs::Metadata, _: &fs::Metadata) -> bool {
    true
}
