//! `dtguard scan`: files, a diff, commits or a whole history.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::change::{of_commits, staged};
use super::context::Context;
use super::in_force::InForce;
use super::input::Pipe;
use super::progress::Progress;
use super::run::Run;
use super::{expressions, in_force, output};
use crate::cli::{ScanArgs, ScanFormat};
use crate::error::Error;
use crate::policy::{FILE_NAME, now};
use crate::report::{Format, RepositoryInfo, RunInfo, Scope};
use crate::scan::{Scanned, scan_diff, scan_history, scan_listing, scan_reader, scan_revision};
use crate::source::{
    Listed, Listing, Others, Repository, SourceError, commits_in, list_folder, list_submodule,
    top_of_work_tree, without_base,
};
use crate::verdict::Outcome;

pub(super) fn run(context: &Context<'_>, arguments: &ScanArgs) -> Result<Outcome, Error> {
    let started = now();
    let expressions = expressions::file(arguments)?;
    let noun = if arguments.scope.history { "objects" } else { "files" };
    let progress = Progress::start(noun, context.global.quiet);
    let run = scan(context, arguments, &progress);
    let watch = progress.watch().clone();
    let interrupted = progress.end();
    let mut run = match run {
        // The interruption caused the error.
        Err(_) if interrupted => return Ok(Outcome::Interrupted),
        run => run?,
    };
    run.scanned.interrupted |= interrupted;
    let mut complete = true;
    let outcome = run.conclude(context, Ok, |report, verdict| {
        let version = env!("CARGO_PKG_VERSION");
        let repository = repository(context, arguments);
        let repository = repository.as_ref();
        let info = RunInfo { version, started, ended: now(), outcome: verdict.outcome(), repository };
        output::write(context, arguments, report, &info)?;
        if let Some(file) = expressions {
            complete = expressions::write(context, file, report, &verdict.blocking(), &watch)?;
        }
        Ok(())
    })?;
    Ok(if complete { outcome } else { outcome.incomplete() })
}

/// The repository around the current folder, for the format that names it.
fn repository(context: &Context<'_>, arguments: &ScanArgs) -> Option<RepositoryInfo> {
    if arguments.format != ScanFormat::Report(Format::Json) || arguments.scope.diff {
        return None;
    }
    let repository = context.repository().ok()?;
    Some(RepositoryInfo { name: repository.name()?, head: repository.head_commit() })
}

fn scan(context: &Context<'_>, arguments: &ScanArgs, progress: &Progress) -> Result<Run, Error> {
    let (scope, watch) = (&arguments.scope, progress.watch());
    if scope.staged {
        staged(context, context.repository()?, &[], watch)
    } else if let Some(range) = &scope.range {
        let repository = context.repository()?;
        let tip = tip_of(repository, range)?;
        let commits = commits_in(repository, range)?;
        of_commits(context, repository, &commits, tip, watch)
    } else if let Some(revision) = &scope.rev {
        let repository = context.repository()?;
        let (id, files, unread) = repository.files_at(revision)?;
        let policy = in_force::load_or_above(context, Some(repository), || {
            Ok(repository.committed_file(revision, FILE_NAME)?)
        })?;
        Ok(Run::new(Scope::Files, scan_revision(repository, id, &files, &unread, watch)?, policy))
    } else if scope.history {
        let repository = context.repository()?;
        let policy = own_policy(context, repository)?;
        let (scanned, commits) = scan_history(repository, watch, arguments.unreachable)?;
        Ok(Run::new(Scope::History(commits), scanned, policy))
    } else if scope.diff {
        let policy = in_force::load_or_above(context, None, in_force::in_work_tree)?;
        let diff = Pipe::read(io::stdin(), watch.clone());
        Ok(Run::new(Scope::Diff, scan_diff(diff, watch), policy))
    } else {
        files(context, arguments, progress)
    }
}

/// The right side of a range, or the single revision.
fn tip_of<'r>(repository: &Repository, range: &'r str) -> Result<&'r str, Error> {
    let Some((from, to)) = range.split_once("..") else { return Ok(range) };
    let to = to.strip_prefix('.').unwrap_or(to);
    if !from.is_empty() && !to.is_empty() {
        return Ok(to);
    }
    // git would use HEAD for an empty side, and the range would be empty.
    let why = "in CI the variable for the base is empty: name the target branch of the change";
    let hint = without_base(repository.usual_base().as_deref(), why);
    Err(Error::usage(format!("one side of the range `{range}` is empty"), hint))
}

/// The policy in the work tree, or without one HEAD's.
fn own_policy(context: &Context<'_>, repository: &Repository) -> Result<InForce, Error> {
    in_force::load_or_above(context, Some(repository), || match top_of_work_tree() {
        Ok(top) if !repository.is_bare()? && top.exists() => in_force::in_work_tree(),
        _ => Ok(repository.committed_file("HEAD", FILE_NAME)?),
    })
}

fn files(context: &Context<'_>, arguments: &ScanArgs, progress: &Progress) -> Result<Run, Error> {
    let policy = in_force::load_or_above(context, None, in_force::in_work_tree)?;
    let top = top_of_work_tree().and_then(|top| real(&top)).ok();
    let repository = top.as_ref().map(|_| Repository::open(context.reader)).transpose()?;
    let tree = top.as_deref().zip(repository.as_ref());
    let others = Others { untracked: arguments.untracked, ignored: arguments.ignored };
    let mut listing = Listing::default();
    let mut scanned = Scanned::default();
    let watch = progress.watch();
    if arguments.paths.is_empty() {
        let Some((top, repository)) = tree else {
            return Err(Error::Source(top_of_work_tree().err().unwrap_or_else(SourceError::bare)));
        };
        listing.add(repository.list_files(top, top, others)?);
    }
    for path in &arguments.paths {
        if path.as_os_str() == "-" {
            scanned.add(scan_reader(Pipe::read(io::stdin(), watch.clone()), "<stdin>", watch));
        } else if path.is_symlink() && is_pipe(path) {
            let open = File::open(path).map_err(|error| SourceError::of_file(path, error))?;
            scanned.add(scan_reader(Pipe::read(open, watch.clone()), &path.to_string_lossy(), watch));
        } else {
            listing.add(named(path, tree, others)?);
        }
    }
    if arguments.recurse_submodules
        && let Some(top) = &top
    {
        listing = into_submodules(listing, top)?;
    }
    scanned.add(scan_listing(&listing, top.as_deref(), repository.as_ref(), watch)?);
    Ok(Run::new(Scope::Files, scanned, policy))
}

/// Lists what is at the `path`, in the work tree `tree` or elsewhere.
fn named(path: &Path, tree: Option<(&Path, &Repository)>, others: Others) -> Result<Listing, Error> {
    let one = |file: PathBuf| Listed { file, path: None, staged: None };
    let mut listing = Listing::default();
    if path.is_symlink() {
        // git stores only a link's target path; who names a link also means the target.
        listing.files.push(one(path.to_path_buf()));
        if path.exists() {
            let led = real(path)?;
            match led.is_dir() {
                true => listing.add(list_folder(&led)),
                false => listing.files.push(one(led)),
            }
        }
    } else if path.is_dir() {
        let folder = real(path)?;
        match tree.filter(|(top, _)| folder.starts_with(top)) {
            Some((top, repository)) => listing.add(repository.list_files(top, &folder, others)?),
            None => listing.add(list_folder(path)),
        }
        // The work tree does not track the files of a submodule.
        if let Some((top, _)) = tree.filter(|(top, _)| folder.starts_with(top)) {
            let inner = folder.ancestors().take_while(|outer| *outer != top);
            if let Some(own) = inner.into_iter().find(|outer| outer.join(".git").exists()) {
                listing = list_submodule(own, top)?.unwrap_or_default();
                listing.files.retain(|listed| listed.file.starts_with(&folder));
            } else if *listing.repositories == [folder] {
                return Err(not_checked_out(path));
            }
        }
    } else {
        // Outside a sparse checkout only the index knows the file.
        let tracked = match tree.zip(absent(path)) {
            Some(((top, repository), absent)) if absent.starts_with(top) => {
                repository.list_files(top, &absent, Others::default())?
            }
            _ => Listing::default(),
        };
        match tracked.files.is_empty() {
            true => listing.files.push(one(path.to_path_buf())),
            false => listing.add(tracked),
        }
    }
    Ok(listing)
}

fn not_checked_out(path: &Path) -> Error {
    let name = path.display();
    let message = format!("`{name}` is a submodule that is not checked out, so there is nothing to scan");
    Error::usage(message, format!("git submodule update --init {name}"))
}

/// `listing` with the files of all its submodules, nested ones too.
fn into_submodules(mut listing: Listing, top: &Path) -> Result<Listing, SourceError> {
    let mut left = std::mem::take(&mut listing.repositories);
    while let Some(folder) = left.pop() {
        match list_submodule(&folder, top)? {
            Some(mut own) => {
                left.append(&mut own.repositories);
                listing.add(own);
            }
            None => listing.repositories.push(folder),
        }
    }
    Ok(listing)
}

/// The resolved path of something that does not exist; none if it exists.
fn absent(path: &Path) -> Option<PathBuf> {
    if path.symlink_metadata().is_ok() {
        return None;
    }
    let whole = std::path::absolute(path).ok()?;
    let there = whole.ancestors().find_map(|folder| Some((folder, folder.canonicalize().ok()?)))?;
    whole.strip_prefix(there.0).ok().map(|rest| there.1.join(rest))
}

/// Whether the link leads to something open that has no path, such as `/dev/stdin` or
/// `<(command)`.
fn is_pipe(link: &Path) -> bool {
    link.exists() && link.canonicalize().is_err()
}

/// The path with all links resolved.
fn real(path: &Path) -> Result<PathBuf, SourceError> {
    path.canonicalize().map_err(|error| SourceError::of_file(path, error))
}
