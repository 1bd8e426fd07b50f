//! Finds the policy that judges a run.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::context::Context;
use crate::error::Error;
use crate::find::{Rule, Rules};
use crate::policy::{Date, FILE_NAME, Layer, Level, Places, Policy, PolicyError, read_named};
use crate::source::{
    Preference, RefUpdate, Repository, SourceError, Staged, git_says, read_path, top_of_work_tree,
};

/// The policy of this machine, this user and this repository. `own` reads the repository's
/// file; `--policy` replaces it.
pub(super) fn load(
    context: &Context<'_>,
    repository: Option<&Repository>,
    own: impl FnOnce() -> Result<Option<Vec<u8>>, Error>,
) -> Result<Policy, Error> {
    let InForce { policy, unread } = load_or_above(context, repository, own)?;
    unread.into_iter().next().map_or(Ok(policy), Err)
}

/// The policy that judges a run.
pub(super) struct InForce {
    pub policy: Policy,
    /// Why a layer and those below it do not count.
    pub unread: Vec<Error>,
}

impl From<Policy> for InForce {
    fn from(policy: Policy) -> Self {
        Self { policy, unread: Vec::new() }
    }
}

/// Like [`load`], but never fails because of a layer's mistake: the layers above it judge, and
/// the mistake becomes a gap. For runs that must report what they find.
pub(super) fn load_or_above(
    context: &Context<'_>,
    repository: Option<&Repository>,
    own: impl FnOnce() -> Result<Option<Vec<u8>>, Error>,
) -> Result<InForce, Error> {
    let (mut layers, unread) = above(repository)?;
    let mut unread: Vec<Error> = unread.into_iter().map(Error::from).collect();
    let own = match &context.global.policy {
        Some(path) => Ok(Some((Level::CommandLine, path.display().to_string(), read(path)?))),
        None => own().map(|content| Some((Level::Repository, FILE_NAME.to_owned(), content?))),
    };
    let own = own.and_then(|own| match own {
        // The unread layer might grant less, so the layers below it do not count.
        Some((level, file, content)) if unread.is_empty() => Ok(Some(Layer::new(level, &file, &content)?)),
        _ => Ok(None),
    });
    match own {
        Ok(own) => layers.extend(own),
        Err(error) => unread.push(error),
    }
    let (policy, mistake) = Policy::of_sound(layers, Date::today());
    // From now on every search is also one for what it forbids.
    policy.rules().clone().hold();
    unread.extend(mistake.map(Error::from));
    Ok(InForce { policy, unread })
}

/// Like [`load_or_above`], with the staged policy.
pub(super) fn of_staged(
    context: &Context<'_>,
    repository: &Repository,
    staged: &Staged,
) -> Result<InForce, Error> {
    load_or_above(context, Some(repository), || Ok(repository.staged_file(FILE_NAME, staged)?))
}

/// The rules of all `policies` together hold from now on.
pub(super) fn hold_all<'p>(policies: impl Iterator<Item = &'p Policy>) {
    let mut all: Vec<Arc<Rule>> = Vec::new();
    for rule in policies.flat_map(|policy| policy.rules().all()) {
        let is_same = |other: &Arc<Rule>| {
            other.kind().id == rule.kind().id && other.expression().pattern() == rule.expression().pattern()
        };
        if !all.iter().any(is_same) {
            all.push(Arc::clone(rule));
        }
    }
    Rules::new(all).hold();
}

/// A text that changes with any rule of the policy at `revision`; empty if it has none.
pub(super) fn rules_at(
    context: &Context<'_>,
    repository: &Repository,
    revision: &str,
) -> Result<String, Error> {
    let own = || Ok(repository.committed_file(revision, FILE_NAME)?);
    let policy = load_or_above(context, Some(repository), own)?.policy;
    Ok(if policy.rules().is_empty() { String::new() } else { policy.digest() })
}

/// A text that changes with any rule of the policies that judge these `updates`: what was
/// searched by other rules must be searched again. Empty if there are none.
pub(super) fn of_pushed(
    context: &Context<'_>,
    repository: &Repository,
    updates: &[RefUpdate],
) -> Result<String, Error> {
    let mut texts: Vec<Vec<u8>> =
        above(Some(repository))?.0.into_iter().map(|layer| layer.text.into_bytes()).collect();
    match &context.global.policy {
        Some(path) => texts.push(read(path)?),
        None => {
            let tips = updates.iter().filter_map(|update| update.new);
            // The judges report what cannot be read.
            texts.extend(tips.filter_map(|tip| repository.file_of_commit(tip, FILE_NAME).ok()?));
            texts.extend(repository.head_file(FILE_NAME).ok().flatten());
        }
    }
    texts.sort();
    texts.dedup();
    // TOML can write the key with escapes, too.
    let has_rules = |text: &[u8]| text.contains(&b'\\') || memchr::memmem::find(text, b"forbid").is_some();
    if !texts.iter().any(|text| has_rules(text)) {
        return Ok(String::new());
    }
    let mut digest = Sha256::new();
    for text in texts {
        digest.update((text.len() as u64).to_be_bytes());
        digest.update(&text);
    }
    Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// A repository's policy that is ignored.
pub(super) struct PassedOver {
    pub content: Vec<u8>,
    pub error: PolicyError,
}

/// The policy of a receiving repository. If a higher layer no longer grants what the
/// repository's file says, the file is ignored; otherwise no push could ever pass again, not
/// even a correction.
pub(super) fn load_here(
    context: &Context<'_>,
    repository: &Repository,
) -> Result<(InForce, Option<PassedOver>), Error> {
    let own = match context.global.policy {
        Some(_) => Ok(None),
        None => repository.head_file(FILE_NAME),
    };
    let content = own.as_ref().ok().cloned().flatten();
    let mut in_force = load_or_above(context, Some(repository), || Ok(own?))?;
    // A mistake that does not depend on the layers above is no reason to ignore the file.
    let is_granted_no_more = |error: &PolicyError| {
        let alone = content.as_ref().map(|content| Policy::parse_bytes(FILE_NAME, content));
        error.file() == FILE_NAME && alone.is_some_and(|alone| alone.is_ok())
    };
    let passed_over = match in_force.unread.pop() {
        Some(Error::Policy(error)) if in_force.unread.is_empty() && is_granted_no_more(&error) => {
            Some(PassedOver { content: content.unwrap_or_default(), error })
        }
        other => {
            in_force.unread.extend(other);
            None
        }
    };
    Ok((in_force, passed_over))
}

/// The policy with `text` in the lowest layer's file.
pub(super) fn with(context: &Context<'_>, text: &str) -> Result<Policy, Error> {
    let mut layers = higher(None)?;
    let (level, file) = match &context.global.policy {
        Some(path) => (Level::CommandLine, path.display().to_string()),
        None => (Level::Repository, FILE_NAME.to_owned()),
    };
    layers.push(Layer::new(level, &file, text.as_bytes())?);
    Ok(Policy::layered(layers, Date::today())?)
}

/// The policy of this machine and this user, without the repository's.
pub(super) fn without_own(repository: Option<&Repository>) -> Result<Policy, Error> {
    Ok(Policy::layered(higher(repository)?, Date::today())?)
}

/// The layers above the repository's.
fn higher(repository: Option<&Repository>) -> Result<Vec<Layer>, Error> {
    let (layers, error) = above(repository)?;
    error.map_or(Ok(layers), |error| Err(error.into()))
}

/// Like [`higher`], up to the first layer that cannot be read, with the error.
fn above(repository: Option<&Repository>) -> Result<(Vec<Layer>, Option<PolicyError>), Error> {
    let named = match repository {
        Some(repository) => repository.policies_named()?,
        None => Repository::open(Preference::default())?.policies_named()?,
    };
    Ok(Places::usual().read(&named))
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    read_named(path).map_err(|error| Error::Source(SourceError::of_file(path, error)))
}

/// The policy file in the work tree around the current folder; in a bare repository HEAD's.
pub(super) fn in_work_tree() -> Result<Option<Vec<u8>>, Error> {
    match top_of_work_tree() {
        Ok(top) => in_top(&top),
        Err(_) if is_in_bare() => Ok(Repository::open(Preference::default())?.head_file(FILE_NAME)?),
        Err(_) => Ok(None),
    }
}

/// Whether the current folder is in a folder of git. To ask git would cost each `mask` outside
/// a repository a process.
fn is_in_bare() -> bool {
    let Ok(here) = std::env::current_dir() else { return false };
    here.ancestors().any(|folder| folder.join("HEAD").is_file() && folder.join("objects").is_dir())
}

/// Like [`in_work_tree`], for the work tree around `folder`.
pub(super) fn in_work_tree_of(folder: Option<&Path>) -> Result<Option<Vec<u8>>, Error> {
    top_around(folder).map_or(Ok(None), |top| in_top(&top))
}

/// The top of the work tree around `folder`, or around the current one.
pub(super) fn top_around(folder: Option<&Path>) -> Option<PathBuf> {
    match folder {
        Some(folder) => git_says(Some(folder), &["rev-parse", "--show-toplevel"]).ok(),
        None => top_of_work_tree().ok(),
    }
}

fn in_top(top: &Path) -> Result<Option<Vec<u8>>, Error> {
    let path = top.join(FILE_NAME);
    match path.symlink_metadata() {
        Err(_) => Ok(None),
        Ok(metadata) if metadata.is_symlink() => Err(SourceError::no_file(FILE_NAME).into()),
        Ok(_) => Ok(read_path(&path)?),
    }
}
