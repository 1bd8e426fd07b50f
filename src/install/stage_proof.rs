//! Proves single stages whose hook somebody wrote or changed: it may call dtguard and still let
//! a token pass.

use std::path::Path;

use super::caller::StageCaller;
use super::files::slashes;
use super::git::Setting;
use super::proof::{Ended, LEAKING_FILE, Trial, failed, generated, judge_leak};
use super::rehearsal::prepared;
use super::{Caller, Hooks, InstallError, Opening, ProofResult, Stage};

const CLEAN: &str = "DT_API_TOKEN=${DT_API_TOKEN}\n";

/// Runs the hook of each stage that must block and that dtguard did not write exactly so. A
/// stage that blocks no token is open. Returns the hooks that it ran.
pub(super) fn prove_stages(stages: &mut [StageCaller], hooks: &Hooks, settings: &[Setting]) -> Vec<String> {
    let mut ran = Vec::new();
    for StageCaller { stage, caller } in stages {
        // The main proof covers the others.
        let has_own = stage.stops() && !matches!(stage, Stage::PreCommit | Stage::PreReceive | Stage::Update);
        let Ok(known) = caller else { continue };
        if !has_own || known.as_written {
            continue;
        }
        ran.extend(known.hook.as_deref().map(slashes));
        if let Some(opening) = try_stage(*stage, known, hooks, settings) {
            *caller = Err(opening);
        }
    }
    ran
}

/// Why the hook of `stage` does not count.
fn try_stage(stage: Stage, caller: &Caller, hooks: &Hooks, settings: &[Setting]) -> Option<Opening> {
    let proof = prepared(&[stage.name()], caller.hook.as_deref(), hooks, settings)
        .and_then(|trial| leak(&trial, stage));
    let (passes, why) = match proof {
        Ok(ProofResult::Held(_) | ProofResult::Postponed(_)) => return None,
        Ok(ProofResult::NotHeld(why)) => (true, why),
        Ok(ProofResult::Unknown(why)) => (false, why),
        Err(error) => (false, error.to_string()),
    };
    Some(Opening::Unproven { file: caller.file.clone(), through: caller.through, passes, why })
}

/// Does what only the hook of `stage` can block.
fn leak(trial: &Trial, stage: Stage) -> Result<ProofResult, InstallError> {
    let token = generated()?;
    let identifier = token.identifier().unwrap_or_default();
    let text = format!("DT_API_TOKEN={}\n", token.text);
    let base = trial.commit_quietly(CLEAN, "base", &[])?;
    trial.go_to(&base)?;
    let ended = match stage {
        Stage::PreMergeCommit => merge(trial, &text, &base)?,
        Stage::PreApplypatch => apply(trial, &text, "patch", &base)?,
        Stage::ApplypatchMsg => apply(trial, "x\n", &format!("patch\n\n{text}"), &base)?,
        Stage::CommitMsg => trial.git(&["commit", "--quiet", "--allow-empty", "--message", &text])?,
        Stage::PrepareCommitMsg => {
            let leaking = trial.commit_quietly(&text, "token", &[&base])?;
            trial.go_to(&leaking)?;
            trial.git(&["commit", "--quiet", "--amend", "--no-edit"])?
        }
        _ => {
            let leaking = trial.commit_quietly(&text, "token", &[&base])?;
            trial.go_to(&leaking)?;
            trial.git(&["push", "--quiet", &trial.receiver()?, "HEAD:refs/heads/token"])?
        }
    };
    Ok(judge_leak(&ended, identifier, token.secret()))
}

/// Merges a branch with a token without a conflict.
fn merge(trial: &Trial, text: &str, base: &str) -> Result<Ended, InstallError> {
    let side = trial.commit_quietly(text, "side", &[base])?;
    let main = trial.commit_quietly(CLEAN, "main", &[base])?;
    trial.go_to(&main)?;
    trial.git(&["merge", "--quiet", "--no-edit", &side])
}

/// Applies a patch with this content and message.
fn apply(trial: &Trial, content: &str, message: &str, base: &str) -> Result<Ended, InstallError> {
    let patched = trial.commit_quietly(content, message, &[base])?;
    trial.go_to(base)?;
    let patches = slashes(&Path::new(".git").join("patches"));
    trial.must_succeed(
        "git format-patch",
        &["format-patch", "--quiet", "-1", "--output-directory", &patches, &patched],
    )?;
    let patches = std::fs::read_dir(trial.path().join(&patches));
    let patch = patches.ok().and_then(|mut patches| patches.next()?.ok()).map(|patch| slashes(&patch.path()));
    trial.git(&["am", "--quiet", &patch.unwrap_or_default()])
}

impl Trial {
    /// Commits `content` without running a hook. Returns the commit's id.
    fn commit_quietly(&self, content: &str, message: &str, parents: &[&str]) -> Result<String, InstallError> {
        let name = if message == "main" { "main" } else { LEAKING_FILE };
        self.add(name, content.as_bytes())?;
        let tree = self.must_say("git write-tree", &["write-tree"])?;
        let mut commit = vec!["commit-tree", &tree, "-m", message];
        parents.iter().for_each(|parent| commit.extend(["-p", parent]));
        self.must_say("git commit-tree", &commit)
    }

    /// Checks out `commit` without running a hook.
    fn go_to(&self, commit: &str) -> Result<(), InstallError> {
        self.must_succeed("git update-ref", &["update-ref", "HEAD", commit])?;
        self.must_succeed("git read-tree", &["read-tree", "-u", "--reset", commit])
    }

    fn must_say(&self, what: &str, arguments: &[&str]) -> Result<String, InstallError> {
        let ended = self.git(arguments)?;
        if ended.succeeded() { Ok(ended.said) } else { Err(failed(what, &ended)) }
    }
}
