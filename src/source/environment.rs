//! What git passes to a hook in its environment, and where readers understand it
//! differently.
//!
//! git resolves a relative `GIT_INDEX_FILE` against the top of the work tree,
//! libgit2 against the current folder, where the absent file reads as an empty
//! index: nothing staged, no error. It happens in practice (lefthook's `root:`,
//! prek's workspaces, any `cd pkg && tool`), so the place is worked out here and
//! libgit2 is used only where it resolves to the same one.

use std::env;
use std::path::{Path, PathBuf};

use super::SourceError;

/// The environment of this process, as far as git's readers depend on it.
#[derive(Debug, Clone)]
pub struct Environment {
    /// Absolute path of the index that `GIT_INDEX_FILE` names, if it is set.
    pub index_file: Option<PathBuf>,
    /// Whether libgit2 reads the environment as git does.
    pub libgit2_agrees: bool,
}

impl Environment {
    /// Reads the environment.
    /// Fails with [`SourceError::no_index`] if `GIT_INDEX_FILE` names a file that does not
    /// exist and is not the index that a new repository does not have yet.
    pub fn read() -> Result<Self, SourceError> {
        let namespace = env::var_os("GIT_NAMESPACE").is_some();
        let Some(given) = env::var_os("GIT_INDEX_FILE") else {
            return Ok(Self { index_file: None, libgit2_agrees: !namespace });
        };
        let here = current_folder()?;
        let top = top(&here).unwrap_or_else(|| here.clone());
        let index_file = top.join(&given);
        let usable = !given.is_empty()
            && (index_file.is_file() || !index_file.exists() && is_default_index(&index_file, &top));
        if !usable {
            return Err(SourceError::no_index(&index_file, &given.to_string_lossy()));
        }
        let libgit2_agrees = !namespace && here.join(&given) == index_file;
        Ok(Self { index_file: Some(index_file), libgit2_agrees })
    }
}

/// The current folder.
pub(super) fn current_folder() -> Result<PathBuf, SourceError> {
    env::current_dir().map_err(|error| SourceError::of_file(".", error))
}

/// The user's folder, as git understands `~/`: what `HOME` says on every system, where
/// it is a path of that system.
pub fn home_folder() -> Option<PathBuf> {
    let said = env::var_os("HOME").map(PathBuf::from).filter(|home| home.is_absolute());
    said.or_else(|| env::home_dir().filter(|home| home.is_absolute()))
}

/// Who runs this, as the variables `names` say; where none is set, by the number that
/// the system has for the user.
pub fn who(names: &[&'static str]) -> Vec<(&'static str, String)> {
    let value = |name: &&'static str| Some((*name, env::var_os(name)?.to_string_lossy().into_owned()));
    let named: Vec<_> = names.iter().filter_map(value).filter(|(_, value)| !value.is_empty()).collect();
    if !named.is_empty() {
        return named;
    }
    user_id().map(|id| ("uid", id.to_string())).into_iter().collect()
}

/// The user for whom the system makes files.
#[cfg(unix)]
fn user_id() -> Option<u32> {
    use std::os::unix::fs::MetadataExt as _;
    let file = tempfile::tempfile().and_then(|file| file.metadata());
    file.or_else(|_| std::fs::metadata("/proc/self")).ok().map(|file| file.uid())
}

#[cfg(not(unix))]
fn user_id() -> Option<u32> {
    None
}

/// Whom the commit will name, as far as the environment says: the lines of a commit that
/// name author and committer, without dates. git sets the author's for its hooks.
pub fn people() -> Vec<u8> {
    let mut lines = Vec::new();
    for who in ["author", "committer"] {
        let name = |part: &str| env::var_os(format!("GIT_{}_{part}", who.to_uppercase())).unwrap_or_default();
        let (name, email) = (name("NAME").into_encoded_bytes(), name("EMAIL").into_encoded_bytes());
        if !name.is_empty() || !email.is_empty() {
            lines.extend([who.as_bytes(), b" ", &name, b" <", &email, b">\n"].concat());
        }
    }
    lines
}

/// The author's date of the commit to be, as it will stand in it: SECONDS ZONE. git passes
/// it to the hooks before a commit; of one that takes another's place it is the same. None
/// where somebody sets dates of their own, which may all be the same.
pub(super) fn author_date() -> Option<Vec<u8>> {
    if env::var_os("GIT_COMMITTER_DATE").is_some_and(|date| !date.is_empty()) {
        return None;
    }
    let date = env::var_os("GIT_AUTHOR_DATE")?.into_encoded_bytes();
    date.strip_prefix(b"@").map(<[u8]>::to_vec)
}

/// The top of the work tree, as git resolves it from the folder `here`: what
/// `GIT_WORK_TREE` says; with `GIT_DIR` alone, `here`; else the closest folder at
/// or above `here` that holds a `.git`. Links are not resolved: behind a linked
/// `.git` lies another folder's parent.
pub(super) fn top(here: &Path) -> Option<PathBuf> {
    if let Some(work_tree) = env::var_os("GIT_WORK_TREE") {
        return Some(here.join(work_tree));
    }
    if env::var_os("GIT_DIR").is_some() {
        return Some(here.to_path_buf());
    }
    here.ancestors().find(|folder| folder.join(".git").symlink_metadata().is_ok()).map(Path::to_path_buf)
}

/// Whether `index_file` is where a repository that never had anything staged
/// will have its index.
fn is_default_index(index_file: &Path, top: &Path) -> bool {
    let git_dir = top.join(env::var_os("GIT_DIR").unwrap_or_else(|| ".git".into()));
    git_dir.is_dir() && index_file == git_dir.join("index")
}
