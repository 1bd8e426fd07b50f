//! Diagnoses a repository: its hooks, its gaps, and the proof.

use std::path::{Path, PathBuf};

use super::caller::{Known, StageCaller, of_files};
use super::git::{Setting, git_in, no_repository};
use super::problem::{self, Problem};
use super::proof::Trial;
use super::rehearsal::rehearse;
use super::stage_proof::prove_stages;
use super::submodules::{listed, unguarded};
use super::view::{At, View, other_gits};
use super::{Git, Hooks, InstallError, Proof, Stage};
use crate::source::git_says;

/// The result of [`diagnose`].
#[derive(Debug)]
pub struct Diagnosis {
    /// The gits on PATH, the one in use first.
    pub gits: Vec<Git>,
    /// The repository's git folder; none for a future repository.
    pub repository: Option<PathBuf>,
    /// Where git looks for hooks.
    pub hooks: InForce,
    /// The caller of each stage.
    pub stages: Vec<StageCaller>,
    /// Where a token could pass, and other oddities.
    pub problems: Vec<Problem>,
    /// The proof, or why there is none.
    pub proof: Result<Proof, InstallError>,
}

/// The folder in which git looks for hooks.
#[derive(Debug)]
pub struct InForce {
    /// Its path; none for the usual place in a new repository.
    pub folder: Option<PathBuf>,
    /// The setting of `core.hooksPath`, if there is one.
    pub set_by: Option<Setting>,
}

/// Examines the repository around `repository`; without it, the one around the current folder;
/// without any, what a new one would get. `this` is the running program.
pub fn diagnose(repository: Option<&Path>, stages: &[Stage], this: &Path) -> Result<Diagnosis, InstallError> {
    let gits = Git::all();
    let git = gits.first().ok_or_else(InstallError::no_git)?;
    let Some(git_dir) = git_dir(repository)? else { return new_repository(gits, stages, this) };
    let (mut hooks, own) = Hooks::in_force_and_own(repository)?;
    for path in [&mut hooks.folder, &mut hooks.top] {
        let real = path.canonicalize().or_else(|_| std::path::absolute(&path));
        *path = real.unwrap_or_default();
    }
    let at = At::Repository(&git_dir, &hooks, &own);
    let receives = !stages.contains(&Stage::PreCommit);
    let mut view = View::of(git, at, &asked_of(stages, receives), this)?;
    if receives {
        one_stop_is_enough(&mut view.stages);
    }
    let set_by = view.setting("core.hookspath").cloned();
    let ran = prove_stages(&mut view.stages, &hooks, &view.settings);
    let mut problems = Vec::new();
    if let Some(set_by) = &set_by {
        let folders = at.folders();
        let known = Known { this, repository: &folders };
        let is_called =
            |stage: &Stage| of_files(&own, &own, *stage, known).is_ok_and(|caller| caller.is_ok());
        let own_guard = stages.iter().filter(|stage| stage.stops()).all(is_called);
        let missing = problem::of_missing_folder(&hooks, set_by, own_guard);
        // The fix of the missing folder fixes each stage too.
        let is_missing = missing.is_some();
        problems.extend(missing);
        problems.extend(problem::of_hooks_path(&hooks, set_by, &git_dir));
        if !is_missing {
            problems.extend(problem::of_stages(&view.stages, Some(&hooks)));
        }
    } else {
        problems.extend(problem::of_stages(&view.stages, Some(&hooks)));
    }
    problems.extend(problem::of_programs(&view.stages));
    problems.extend(problem::of_two_callers(&view.stages, &[&hooks, &own]));
    problems.extend(other_gits(&gits, &view, at, this)?);
    problems.extend(of_submodules(repository, this));
    problems.extend(problem::of_environment());
    let mut proof = rehearse(&hooks, &view.settings, receives);
    if let Ok(proof) = &mut proof {
        let others: Vec<String> = ran.into_iter().filter(|hook| !proof.ran.contains(hook)).collect();
        proof.ran.extend(others);
    }
    let hooks = InForce { folder: Some(hooks.folder), set_by };
    Ok(Diagnosis { gits, repository: Some(git_dir), hooks, stages: view.stages, problems, proof })
}

/// The stages to examine. In a receiving repository both that can stop a push.
fn asked_of(stages: &[Stage], receives: bool) -> Vec<Stage> {
    if receives { vec![Stage::PreReceive, Stage::Update] } else { stages.to_vec() }
}

/// One of the two hooks that can stop a push is enough. If both are missing, `pre-receive` is
/// the one to install.
fn one_stop_is_enough(stages: &mut Vec<StageCaller>) {
    let is_called = stages.iter().any(|caller| caller.caller.is_ok());
    stages.retain(|caller| caller.caller.is_ok() || !is_called && caller.stage == Stage::PreReceive);
}

fn of_submodules(repository: Option<&Path>, this: &Path) -> Option<Problem> {
    let unguarded = unguarded(repository, this);
    let what = match unguarded.len() {
        0 => return None,
        1 => "the submodule is not guarded".to_owned(),
        count => format!("{count} submodules are not guarded"),
    };
    Some(Problem::open(
        format!("{what}: {}", listed(&unguarded)),
        "dtguard install --recurse-submodules".to_owned(),
    ))
}

/// The repository's git folder; none if there is no repository here and none is named.
fn git_dir(repository: Option<&Path>) -> Result<Option<PathBuf>, InstallError> {
    let folder = repository.unwrap_or(Path::new("."));
    match git_says(repository, &["rev-parse", "--absolute-git-dir"]) {
        Ok(git_dir) => Ok(Some(git_dir)),
        Err(error) => {
            // A repository that git refuses to read is not the same as none.
            let said = git_in(folder).args(["rev-parse", "--git-dir"]).output();
            let none = said.is_ok_and(|said| {
                String::from_utf8_lossy(&said.stderr).contains("not a git repository (or any")
            });
            if none && repository.is_none() {
                return Ok(None);
            }
            Err(no_repository(folder)(error))
        }
    }
}

fn new_repository(gits: Vec<Git>, stages: &[Stage], this: &Path) -> Result<Diagnosis, InstallError> {
    let git = gits.first().ok_or_else(InstallError::no_git)?;
    let mut view = View::of(git, At::New, stages, this)?;
    let set_by = view.setting("core.hookspath").cloned();
    let nowhere = Hooks::in_folder(Path::new(""));
    let _named_above =
        prove_stages(&mut view.stages, view.hooks.as_ref().unwrap_or(&nowhere), &view.settings);
    let mut problems = problem::of_stages(&view.stages, view.hooks.as_ref());
    problems.extend(problem::of_programs(&view.stages));
    problems.extend(other_gits(&gits, &view, At::New, this)?);
    problems.extend(problem::of_environment());
    let proof = Trial::new(&[], false).and_then(|trial| trial.run());
    let folder = set_by.as_ref().and(view.hooks).map(|hooks| hooks.folder);
    let hooks = InForce { folder, set_by };
    Ok(Diagnosis { gits, repository: None, hooks, stages: view.stages, problems, proof })
}
