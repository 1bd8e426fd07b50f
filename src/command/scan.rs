//! `dtguard scan`: files, a diff, commits or a whole history.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use super::change::{of_commits, staged};
use super::input::Pipe;
use super::progress::Progress;
use super::run::Run;
use super::terminal::Terminal;
use super::{output, policy};
use crate::cli::{Global, ScanArgs};
use crate::error::Error;
use crate::policy::{FILE_NAME, Policy};
use crate::report::{RunInfo, Scope};
use crate::scan::{
    Scanned, ScannedHistory, scan_diff, scan_history, scan_listing, scan_reader, scan_revision,
};
use crate::source::{
    Listed, Listing, Others, Repository, SourceError, commits_in, list_folder, top_of_work_tree,
};
use crate::verdict::Outcome;

pub(super) fn run(terminal: &Terminal, global: &Global, arguments: &ScanArgs) -> Result<Outcome, Error> {
    let started = now();
    let noun = if arguments.scope.history { "objects" } else { "files" };
    let progress = Progress::start(noun, terminal.quiet);
    let run = scan(global, arguments, &progress);
    let interrupted = progress.end();
    let mut run = match run {
        // What was under way was stopped with it.
        Err(_) if interrupted => return Ok(Outcome::Interrupted),
        run => run?,
    };
    run.scanned.interrupted |= interrupted;
    run.conclude(terminal, global, Ok, |report, verdict| {
        let version = env!("CARGO_PKG_VERSION");
        let info = RunInfo { version, started, ended: now(), outcome: verdict.outcome() };
        output::write(terminal, arguments, &run, report, &info)
    })
}

fn scan(global: &Global, arguments: &ScanArgs, progress: &Progress) -> Result<Run, Error> {
    let preference = arguments.reader.into();
    let (scope, watch) = (&arguments.scope, progress.watch());
    if scope.staged {
        staged(global, preference, &[], watch)
    } else if let Some(range) = &scope.range {
        let repository = Repository::open(preference)?;
        let commits = commits_in(&repository, range)?;
        let tip = range.rsplit("..").next().filter(|tip| !tip.is_empty()).unwrap_or("HEAD");
        of_commits(global, &repository, &commits, tip, watch)
    } else if let Some(revision) = &scope.rev {
        let repository = Repository::open(preference)?;
        let (id, files, unread) = repository.files_at(revision)?;
        let policy =
            policy::load(global, Some(&repository), || Ok(repository.committed_file(revision, FILE_NAME)?))?;
        Ok(Run::new(Scope::Files, scan_revision(&repository, id, &files, &unread, watch)?, policy))
    } else if scope.history {
        let repository = Repository::open(preference)?;
        let policy = own_policy(global, &repository)?;
        let ScannedHistory { scanned, commits, .. } =
            scan_history(&repository, watch, arguments.unreachable)?;
        Ok(Run::new(Scope::History(commits), scanned, policy))
    } else if scope.diff {
        let policy = policy::load(global, None, policy::in_work_tree)?;
        let diff = Pipe::read(io::stdin(), watch.clone());
        Ok(Run::new(Scope::Diff, scan_diff(diff, watch), policy))
    } else {
        files(global, arguments, progress)
    }
}

/// The policy of the work tree, or where there is none that of HEAD.
fn own_policy(global: &Global, repository: &Repository) -> Result<Policy, Error> {
    policy::load(global, Some(repository), || match top_of_work_tree() {
        Ok(top) if !repository.is_bare()? && top.exists() => policy::in_work_tree(),
        _ => Ok(repository.committed_file("HEAD", FILE_NAME)?),
    })
}

fn files(global: &Global, arguments: &ScanArgs, progress: &Progress) -> Result<Run, Error> {
    let policy = policy::load(global, None, policy::in_work_tree)?;
    let top = top_of_work_tree().and_then(|top| real(&top)).ok();
    let others = Others { untracked: arguments.untracked, ignored: arguments.ignored };
    let mut listing = Listing::default();
    let mut scanned = Scanned::default();
    let all = [PathBuf::new()];
    let paths = if arguments.paths.is_empty() { &all } else { arguments.paths.as_slice() };
    let repository = top.as_ref().map(|_| Repository::open(arguments.reader.into())).transpose()?;
    let watch = progress.watch();
    for path in paths {
        let is_all = path.as_os_str().is_empty();
        match (&top, &repository) {
            _ if path.as_os_str() == "-" => {
                scanned.add(scan_reader(Pipe::read(io::stdin(), watch.clone()), "<stdin>", watch));
            }
            (None, _) if is_all => {
                return Err(Error::Source(top_of_work_tree().err().unwrap_or(SourceError::Bare)));
            }
            _ if !is_all && path.is_symlink() && is_pipe(path) => {
                let open = File::open(path).map_err(|error| SourceError::of_file(path, error))?;
                scanned.add(scan_reader(Pipe::read(open, watch.clone()), &path.to_string_lossy(), watch));
            }
            _ if !is_all && (!path.is_dir() || path.is_symlink()) => {
                listing.files.push(Listed { file: path.clone(), path: None, staged: None });
                // git stores only where a link leads; who names one means what is there too.
                if path.is_symlink() && path.exists() {
                    let led = real(path)?;
                    match led.is_dir() {
                        true => listing.add(list_folder(&led)),
                        false => listing.files.push(Listed { file: led, path: None, staged: None }),
                    }
                }
            }
            (Some(top), Some(repository)) if is_all || real(path)?.starts_with(top) => {
                let folder = if is_all { top.clone() } else { real(path)? };
                listing.add(repository.list_files(top, &folder, others)?);
            }
            _ => listing.add(list_folder(path)),
        }
    }
    scanned.add(scan_listing(&listing, top.as_deref(), repository.as_ref(), watch)?);
    Ok(Run::new(Scope::Files, scanned, policy))
}

/// Whether the link leads to something open that has no path, as `/dev/stdin` and
/// `<(command)` do.
fn is_pipe(link: &Path) -> bool {
    link.exists() && link.canonicalize().is_err()
}

/// The path with all links in it resolved.
fn real(path: &Path) -> Result<PathBuf, SourceError> {
    path.canonicalize().map_err(|error| SourceError::of_file(path, error))
}

/// Seconds since 1970 in UTC.
fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs().cast_signed())
}
