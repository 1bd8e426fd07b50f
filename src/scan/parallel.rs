//! One pool of threads for all that is scanned: one way to share work out, one way to
//! stop and one way to fail.

use std::iter::once;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, ScopedJoinHandle};

use super::Scanned;
use crate::source::{BlobReader, Repository, SourceError, Watch};

/// Content worth a second thread, in bytes.
const WORTH_THREADS: u64 = 1 << 20;
/// The most items that a thread takes at a time.
const LARGEST_SHARE: usize = 16;

/// What one thread works with.
pub(super) struct Worker<'r> {
    /// Reads the repository's blobs, where there is a repository.
    pub blobs: Option<BlobReader<'r>>,
    /// How many bytes it has searched.
    pub bytes: u64,
}

/// Has `scan` search each of `items`; the results are added in their order. A little is
/// searched at once; once there turns out to be more, further threads take their share of
/// what is left, each with a repository of its own. If `watch` says to stop, what was
/// found so far is returned.
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

/// Whether threads are to stop: somebody says so, or one of them failed.
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

/// Runs `own` on this thread and `other` on further ones, as many as there are cores and
/// at most `pieces` in all. Returns what each gives.
/// Fails with the first error that any of them gives; the others stop then.
pub(super) fn on_threads<S: Send>(
    pieces: usize,
    watch: &Watch,
    own: impl FnOnce(&Stop<'_>) -> Result<S, SourceError>,
    other: impl Fn(&Stop<'_>) -> Result<S, SourceError> + Sync,
) -> Result<Vec<S>, SourceError> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(pieces);
    let stop = Stop::of(watch);
    let checked = |result: Result<S, SourceError>| {
        stop.failed.fetch_or(result.is_err(), Ordering::Relaxed);
        result
    };
    std::thread::scope(|scope| {
        let start = |_| Builder::new().spawn_scoped(scope, || checked(other(&stop)));
        // Where the system gives no more threads, there are fewer.
        let others: Vec<_> = (1..threads).map_while(|number| start(number).ok()).collect();
        let own = checked(own(&stop));
        // All are waited for, whatever the first one gives.
        once(own).chain(others.into_iter().map(join)).collect::<Vec<_>>().into_iter().collect()
    })
}

/// What `work` gives for each of `items`, in their order, each on a thread of its own where
/// the system gives one.
pub(super) fn side_by_side<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let Some((first, others)) = items.split_first() else { return Vec::new() };
    let work = &work;
    std::thread::scope(|scope| {
        let start = |item| Builder::new().spawn_scoped(scope, move || work(item)).map_err(|_| item);
        let others: Vec<_> = others.iter().map(start).collect();
        let first = work(first);
        once(first).chain(others.into_iter().map(|other| other.map_or_else(work, join))).collect()
    })
}

/// What the thread gives; its panic is this one's.
fn join<R>(thread: ScopedJoinHandle<'_, R>) -> R {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// At most one content at a time is too big for memory: a container among them
/// would be there whole.
pub(super) fn one_stream() -> MutexGuard<'static, ()> {
    static ONE_STREAM: Mutex<()> = Mutex::new(());
    ONE_STREAM.lock().unwrap_or_else(PoisonError::into_inner)
}
