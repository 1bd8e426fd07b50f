//! The environment of a hook, and where readers interpret it differently.
//!
//! git resolves a relative `GIT_INDEX_FILE` from the top of the work tree, libgit2 from the
//! current folder. A missing file there reads as an empty index: nothing staged, no error. This
//! happens in practice (lefthook's `root:`, prek's workspaces, any `cd pkg && tool`). So the
//! path is computed here, and libgit2 is used only if it resolves the same one.

use std::env;
use std::path::{Path, PathBuf};

use super::SourceError;

/// The environment of this process, as far as the readers depend on it.
#[derive(Debug, Clone)]
pub struct Environment {
    /// The absolute path of `GIT_INDEX_FILE`, if it is set.
    pub index_file: Option<PathBuf>,
    /// Whether libgit2 interprets the environment as git does.
    pub libgit2_agrees: bool,
}

impl Environment {
    /// Reads the environment. Fails with [`SourceError::no_index`] if `GIT_INDEX_FILE` names a
    /// missing file, unless it is the usual index of a new repository.
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

/// The user's folder, as git understands `~/`: `HOME` on every system, if it is a path of that
/// system.
pub fn home_folder() -> Option<PathBuf> {
    let said = env::var_os("HOME").map(PathBuf::from).filter(|home| home.is_absolute());
    said.or_else(|| env::home_dir().filter(|home| home.is_absolute()))
}

/// The user, by the variables `names`; if none is set, by the system's user number.
pub fn who(names: &[&'static str]) -> Vec<(&'static str, String)> {
    let value = |name: &&'static str| Some((*name, env::var_os(name)?.to_string_lossy().into_owned()));
    let named: Vec<_> = names.iter().filter_map(value).filter(|(_, value)| !value.is_empty()).collect();
    if !named.is_empty() {
        return named;
    }
    user_id().map(|id| ("uid", id.to_string())).into_iter().collect()
}

/// The user for whom the system creates files.
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

/// Author and committer of the new commit, as lines of a commit without dates, as far as the
/// environment names them. git sets the author's for its hooks.
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

/// The author date of the new commit: SECONDS ZONE. git passes it to the hooks before a commit;
/// a commit that replaces another has the same. None if the user sets dates, which may all be
/// equal.
pub(super) fn author_date() -> Option<Vec<u8>> {
    if env::var_os("GIT_COMMITTER_DATE").is_some_and(|date| !date.is_empty()) {
        return None;
    }
    let date = env::var_os("GIT_AUTHOR_DATE")?.into_encoded_bytes();
    date.strip_prefix(b"@").map(<[u8]>::to_vec)
}

/// The top of the work tree, as git finds it from the folder `here`: `GIT_WORK_TREE`; with
/// `GIT_DIR` alone, `here`; else the nearest folder at or above `here` with a `.git`. Links are
/// not resolved: a linked `.git` has another parent folder.
pub(super) fn top(here: &Path) -> Option<PathBuf> {
    if let Some(work_tree) = env::var_os("GIT_WORK_TREE") {
        return Some(here.join(work_tree));
    }
    if env::var_os("GIT_DIR").is_some() {
        return Some(here.to_path_buf());
    }
    here.ancestors().find(|folder| folder.join(".git").symlink_metadata().is_ok()).map(Path::to_path_buf)
}

/// Whether `index_file` is the usual index of a repository in which nothing was staged yet.
fn is_default_index(index_file: &Path, top: &Path) -> bool {
    let git_dir = top.join(env::var_os("GIT_DIR").unwrap_or_else(|| ".git".into()));
    git_dir.is_dir() && index_file == git_dir.join("index")
}
