//! The thread pool for all scans: one way to share work, to stop and to fail.

use std::iter::once;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::Builder;

use super::Scanned;
use crate::find::Rules;
use crate::source::{BlobReader, Repository, SourceError, Watch};
use crate::threads::{at_once, join};

/// From this many bytes on a second thread is worth starting.
const WORTH_THREADS: u64 = 1 << 20;
/// The most items that a thread takes at a time.
const LARGEST_SHARE: usize = 16;

/// The tools of one thread.
pub(super) struct Worker<'r> {
    /// Reads the repository's blobs, if there is a repository.
    pub blobs: Option<BlobReader<'r>>,
    /// How many bytes it has searched.
    pub bytes: u64,
}

/// Lets `scan` search each of `items`. Results are added in order. Small work stays on this
/// thread; for more, further threads share the rest, each with its own repository handle. If
/// `watch` stops the scan, returns what was found so far.
pub(super) fn scan_each<T: Sync>(
    items: &[T],
    repository: Option<&Repository>,
    watch: &Watch,
    scan: impl Fn(&mut Worker<'_>, &T) -> Scanned + Sync,
) -> Result<Scanned, SourceError> {
    watch.total.store(items.len() as u64, Ordering::Relaxed);
    let shares: Vec<&[T]> = items.chunks((items.len() / 4096).clamp(1, LARGEST_SHARE)).collect();
    let next = AtomicUsize::new(0);
    let work = |worker: &mut Worker<'_>, enough: u64, stop: &Stop<'_>| {
        let mut done = Vec::new();
        while worker.bytes < enough && !stop.is_set() {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(share) = shares.get(number) else { break };
            let mut all = Scanned::default();
            for item in share.iter().take_while(|_| !stop.is_set()) {
                let scanned = scan(worker, item);
                worker.bytes += scanned.coverage.bytes;
                watch.count(scanned.coverage.bytes);
                all.add(scanned);
            }
            done.push((number, all));
        }
        done
    };
    let mut own = Worker { blobs: repository.map(Repository::blobs), bytes: 0 };
    let mut parts = work(&mut own, WORTH_THREADS, &Stop::of(watch));
    let left = shares.len().saturating_sub(next.load(Ordering::Relaxed));
    let preference = repository.map(Repository::preference);
    let others = |stop: &Stop<'_>| {
        let reopened = preference.map(Repository::open).transpose()?;
        let mut worker = Worker { blobs: reopened.as_ref().map(Repository::blobs), bytes: 0 };
        Ok(work(&mut worker, u64::MAX, stop))
    };
    let more = on_threads(left, watch, |stop| Ok(work(&mut own, u64::MAX, stop)), others)?;
    parts.extend(more.into_iter().flatten());
    parts.sort_unstable_by_key(|(number, _)| *number);
    let mut all = Scanned { interrupted: watch.stops(), ..Scanned::default() };
    parts.into_iter().for_each(|(_, part)| all.add(part));
    Ok(all)
}

/// Whether threads must stop: `watch` says so, or one of them failed.
pub(super) struct Stop<'w> {
    watch: &'w Watch,
    failed: AtomicBool,
}

impl<'w> Stop<'w> {
    fn of(watch: &'w Watch) -> Self {
        Self { watch, failed: AtomicBool::new(false) }
    }

    /// Whether to stop now.
    pub(super) fn is_set(&self) -> bool {
        self.failed.load(Ordering::Relaxed) || self.watch.stops()
    }
}

/// Runs `own` on this thread and `other` on further threads, up to one per core and `pieces` in
/// all. Returns all results. After the first error the others stop, and the error is returned.
pub(super) fn on_threads<S: Send>(
    pieces: usize,
    watch: &Watch,
    own: impl FnOnce(&Stop<'_>) -> Result<S, SourceError>,
    other: impl Fn(&Stop<'_>) -> Result<S, SourceError> + Sync,
) -> Result<Vec<S>, SourceError> {
    let threads = at_once().min(pieces);
    let stop = Stop::of(watch);
    let rules = Rules::in_force();
    let other = |stop: &Stop<'_>| {
        rules.clone().hold();
        other(stop)
    };
    let checked = |result: Result<S, SourceError>| {
        stop.failed.fetch_or(result.is_err(), Ordering::Relaxed);
        result
    };
    std::thread::scope(|scope| {
        let start = |_| Builder::new().spawn_scoped(scope, || checked(other(&stop)));
        // If no more threads start, there are fewer.
        let others: Vec<_> = (1..threads).map_while(|number| start(number).ok()).collect();
        let own = checked(own(&stop));
        // Wait for all of them, whatever the first one returns.
        once(own).chain(others.into_iter().map(join)).collect::<Vec<_>>().into_iter().collect()
    })
}

/// At most one content that is too big for memory is open at a time, because a container in it
/// is read whole.
pub(super) fn one_stream() -> MutexGuard<'static, ()> {
    static ONE_STREAM: Mutex<()> = Mutex::new(());
    ONE_STREAM.lock().unwrap_or_else(PoisonError::into_inner)
}
