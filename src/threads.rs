//! Work that is shared by threads.

use std::iter::once;
use std::num::NonZero;
use std::thread::{Builder, ScopedJoinHandle, available_parallelism, scope};

/// How many threads run at a time: one for each core that this process may use.
pub fn at_once() -> usize {
    available_parallelism().map_or(1, NonZero::get)
}

/// Runs `work` for each of `items` in parallel. Returns the results in order.
pub fn side_by_side<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    beside(items, &work, &work)
}

/// Like [`side_by_side`], with `own` for the first of `items`, on this thread.
pub fn beside<T: Sync, R: Send>(
    items: &[T],
    own: impl FnOnce(&T) -> R,
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let Some((first, others)) = items.split_first() else { return Vec::new() };
    let work = &work;
    scope(|scope| {
        let start = |item| Builder::new().spawn_scoped(scope, move || work(item)).map_err(|_| item);
        let others: Vec<_> = others.iter().map(start).collect();
        let first = own(first);
        once(first).chain(others.into_iter().map(|other| other.map_or_else(work, join))).collect()
    })
}

/// The result of the thread. Its panic becomes this thread's.
pub fn join<R>(thread: ScopedJoinHandle<'_, R>) -> R {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
