//! The submodules of a work tree. Each is a repository with its own hooks.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::git::{asked, git_in};
use super::view::{At, View};
use super::{Git, Hooks, Stage};
use crate::source::{git_says, path_from_bytes};

/// A submodule: its folder, and its name in the superproject.
#[derive(Debug)]
pub struct Submodule {
    /// Its folder.
    pub path: PathBuf,
    /// That folder, relative to the top of the outermost work tree.
    pub name: PathBuf,
}

/// The checked-out submodules of the work tree around `repository`, nested ones too, the outer
/// ones first.
pub fn submodules(repository: Option<&Path>) -> Vec<Submodule> {
    let folder = repository.unwrap_or(Path::new("."));
    let Ok(top) = git_says(repository, &["rev-parse", "--show-toplevel"]) else { return Vec::new() };
    let top = folder.join(top);
    let mut found = Vec::new();
    let Ok(real_top) = top.canonicalize() else { return Vec::new() };
    // A link could lead from one to another, or out of the work tree.
    let mut seen = HashSet::from([real_top.clone()]);
    let mut outer = vec![top.clone()];
    while let Some(tree) = outer.pop() {
        for path in links(&tree).into_iter().map(|name| tree.join(name)) {
            let real = path.canonicalize().ok().filter(|real| real.starts_with(&real_top));
            let is_new = path.join(".git").exists() && real.is_some_and(|real| seen.insert(real));
            if is_new {
                outer.push(path.clone());
                let name = path.strip_prefix(&top).unwrap_or(&path).to_path_buf();
                found.push(Submodule { path, name });
            }
        }
    }
    found
}

/// The paths that the index of the work tree `top` records as commits of other repositories.
fn links(top: &Path) -> Vec<PathBuf> {
    let listed = asked(&mut git_in(top), &["ls-files", "-z", "--stage"]).unwrap_or_default();
    let entries = listed.split(|byte| *byte == 0).filter(|entry| entry.starts_with(b"160000 "));
    let names = entries.filter_map(|entry| entry.splitn(2, |byte| *byte == b'\t').nth(1));
    names.filter_map(|name| path_from_bytes(name.to_vec())).collect()
}

/// The submodules around `repository` in which a stage that must block does not call dtguard.
pub fn unguarded(repository: Option<&Path>, this: &Path) -> Vec<Submodule> {
    let gits = Git::all();
    let Some(git) = gits.first() else { return Vec::new() };
    let mut submodules = submodules(repository);
    submodules.retain(|submodule| !is_guarded(git, &submodule.path, this));
    submodules
}

fn is_guarded(git: &Git, repository: &Path, this: &Path) -> bool {
    let git_dir = git_says(Some(repository), &["rev-parse", "--absolute-git-dir"]);
    let (Ok(git_dir), Ok((hooks, own))) = (git_dir, Hooks::in_force_and_own(Some(repository))) else {
        return false;
    };
    let view = View::of(git, At::Repository(&git_dir, &hooks, &own), &Stage::CLIENT, this);
    view.is_ok_and(|view| view.stages.iter().all(|caller| !caller.stage.stops() || caller.caller.is_ok()))
}

/// Their names, for a sentence.
pub fn listed(submodules: &[Submodule]) -> String {
    let names: Vec<String> =
        submodules.iter().take(10).map(|submodule| submodule.name.display().to_string()).collect();
    let more = submodules.len() - names.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", names.join(", "))
}
