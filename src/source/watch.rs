//! How far a long run is, and whether to stop it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// The progress of a long run, for another thread to read, and its stop signal.
#[derive(Debug, Default)]
pub struct Watch {
    /// How many objects or files there are, once that is known.
    pub total: AtomicU64,
    /// How many of them are done.
    pub done: AtomicU64,
    /// How many bytes they had.
    pub bytes: AtomicU64,
    /// Whether to stop.
    pub stop: AtomicBool,
}

impl Watch {
    /// Counts one more of `bytes` bytes; whether to go on.
    pub fn count(&self, bytes: u64) -> bool {
        self.done.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        !self.stops()
    }

    /// Whether to stop.
    pub fn stops(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}
