//! `dtguard scan`: files, a diff, commits or a whole history.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use super::hook::{Done, staged};
use super::policy;
use super::progress::Progress;
use super::terminal::Terminal;
use crate::cli::{Global, ScanArgs};
use crate::error::Error;
use crate::policy::{FILE_NAME, Policy};
use crate::report::{Format, Outcome, Report, RunInfo, Scope, write_as, write_job_summary, write_report};
use crate::scan::{
    Scanned, ScannedHistory, scan_additions, scan_commits, scan_diff, scan_history, scan_listed, scan_reader,
};
use crate::source::{
    Listed, Listing, Others, Repository, SourceError, commits_in, list_folder, top_of_work_tree,
};

pub(super) fn run(terminal: &Terminal, global: &Global, arguments: &ScanArgs) -> Result<Outcome, Error> {
    let started = now();
    let scope = &arguments.scope;
    let noun = if scope.history { "objects" } else { "files" };
    let progress = Progress::start(noun, terminal.quiet);
    let done = look(global, arguments, &progress);
    let interrupted = progress.end();
    let done = match done {
        // What was under way was stopped with it.
        Err(_) if interrupted => return Ok(Outcome::Interrupted),
        done => done?,
    };
    tell(terminal, global, arguments, &done, started, interrupted)
}

fn look(global: &Global, arguments: &ScanArgs, progress: &Progress) -> Result<Done, Error> {
    let preference = arguments.reader.into();
    let scope = &arguments.scope;
    if scope.staged {
        staged(global, preference, &[])
    } else if let Some(range) = &scope.range {
        of_range(global, &Repository::open(preference)?, range)
    } else if let Some(revision) = &scope.rev {
        at_revision(global, &Repository::open(preference)?, revision)
    } else if scope.history {
        let repository = Repository::open(preference)?;
        let policy = own_policy(global, &repository)?;
        let ScannedHistory { scanned, commits, .. } =
            scan_history(&repository, progress.watch(), arguments.unreachable)?;
        Ok(Done { scope: Scope::History(commits), scanned, policy })
    } else if scope.diff {
        let policy = policy::load(global, None, policy::in_work_tree)?;
        Ok(Done { scope: Scope::Diff, scanned: scan_diff(io::stdin().lock())?, policy })
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

fn at_revision(global: &Global, repository: &Repository, revision: &str) -> Result<Done, Error> {
    let (id, files) = repository.files_at(revision)?;
    let policy =
        policy::load(global, Some(repository), || Ok(repository.committed_file(revision, FILE_NAME)?))?;
    let added: Vec<_> = files.into_iter().map(|file| (file, None)).collect();
    let mut scanned = scan_additions(repository, &added)?;
    for (file, _) in &added {
        scanned.findings.extend(crate::finding::Finding::in_path(&file.path, None));
    }
    scanned.findings.iter_mut().for_each(|finding| finding.place.commit = Some(id));
    Ok(Done { scope: Scope::Files, scanned, policy })
}

fn files(global: &Global, arguments: &ScanArgs, progress: &Progress) -> Result<Done, Error> {
    let policy = policy::load(global, None, policy::in_work_tree)?;
    let top = top_of_work_tree().and_then(|top| real(&top)).ok();
    let others = Others { untracked: arguments.untracked, ignored: arguments.ignored };
    let mut listing = Listing::default();
    let mut scanned = Scanned::default();
    let all = [PathBuf::new()];
    let paths = if arguments.paths.is_empty() { &all } else { arguments.paths.as_slice() };
    let repository = top.as_ref().map(|_| Repository::open(arguments.reader.into())).transpose()?;
    for path in paths {
        let is_all = path.as_os_str().is_empty();
        match (&top, &repository) {
            _ if path.as_os_str() == "-" => scanned.add(scan_reader(io::stdin().lock(), "<stdin>")?),
            (None, _) if is_all => {
                return Err(Error::Source(top_of_work_tree().err().unwrap_or(SourceError::Bare)));
            }
            _ if !is_all && path.is_symlink() && is_pipe(path) => {
                let open = File::open(path).map_err(|error| SourceError::of_file(path, error))?;
                scanned.add(scan_reader(open, &path.to_string_lossy())?);
            }
            _ if !is_all && (!path.is_dir() || path.is_symlink()) => {
                listing.files.push(Listed { file: path.clone(), path: None, staged: None });
                // git stores only where a link leads; who names one means what is there too.
                if path.is_symlink() && path.exists() {
                    let led = real(path)?;
                    match led.is_dir() {
                        true => listing.add(list_folder(&led)?),
                        false => listing.files.push(Listed { file: led, path: None, staged: None }),
                    }
                }
            }
            (Some(top), Some(repository)) if is_all || real(path)?.starts_with(top) => {
                let folder = if is_all { top.clone() } else { real(path)? };
                listing.add(repository.list_files(top, &folder, others)?);
            }
            _ => listing.add(list_folder(path)?),
        }
    }
    scanned.coverage.submodules += listing.repositories;
    scanned.add(scan_listed(&listing.files, top.as_deref(), repository.as_ref(), progress.watch())?);
    Ok(Done { scope: Scope::Files, scanned, policy })
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

/// The commits of a range, by the policy at its tip.
fn of_range(global: &Global, repository: &Repository, range: &str) -> Result<Done, Error> {
    let commits = commits_in(repository, range)?;
    let tip = range.rsplit("..").next().filter(|tip| !tip.is_empty()).unwrap_or("HEAD");
    let policy = policy::load(global, Some(repository), || Ok(repository.committed_file(tip, FILE_NAME)?))?;
    let scanned = scan_commits(repository, &commits)?;
    Ok(Done { scope: Scope::Commits(commits.len()), scanned, policy })
}

fn tell(
    terminal: &Terminal,
    global: &Global,
    arguments: &ScanArgs,
    done: &Done,
    started: i64,
    interrupted: bool,
) -> Result<Outcome, Error> {
    let (report, outcome) = done.judged(terminal, global, interrupted);
    let machine = arguments.format != Format::Human || arguments.output.is_some();
    // Where a file takes what is for machines, people are told as well.
    if !done.is_silent(terminal, outcome) && (!machine || arguments.output.is_some()) {
        terminal.tell(|page| write_report(page, &report));
    }
    if machine {
        let run = RunInfo { version: env!("CARGO_PKG_VERSION"), started, ended: now(), outcome };
        let mut text = Vec::new();
        write_as(arguments.format, &mut text, &report, &run)?;
        put(arguments.output.as_deref(), &text)?;
        if arguments.format == Format::Github {
            summarize(&report, &run)?;
        }
    }
    Ok(outcome)
}

/// Writes to the file, or to standard output.
fn put(file: Option<&Path>, text: &[u8]) -> Result<(), Error> {
    let Some(path) = file else {
        let mut out = io::stdout().lock();
        return match out.write_all(text).and_then(|()| out.flush()) {
            // Whoever reads the output has seen enough of it; the verdict stands.
            Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
            _ => Ok(()),
        };
    };
    let write = |error| Error::Write { path: path.display().to_string(), error };
    File::create(path).and_then(|mut file| file.write_all(text)).map_err(write)
}

/// Adds to the page of the workflow's job, where this is one.
fn summarize(report: &Report<'_>, run: &RunInfo<'_>) -> Result<(), Error> {
    let page = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|page| !page.is_empty()).map(PathBuf::from);
    let Some(page) = page else { return Ok(()) };
    let mut text = Vec::new();
    write_job_summary(&mut text, report, run)?;
    let written =
        OpenOptions::new().create(true).append(true).open(&page).and_then(|mut file| file.write_all(&text));
    written.map_err(|error| Error::Write { path: page.display().to_string(), error })
}

/// Seconds since 1970 in UTC.
fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs().cast_signed())
}
