//! The progress of a long run, and its stop signal.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// The progress of a long run, for another thread to read, and its stop signal.
#[derive(Debug, Default)]
pub struct Watch {
    /// The number of objects or files, once known.
    pub total: AtomicU64,
    /// How many of them are done.
    pub done: AtomicU64,
    /// How many bytes they had.
    pub bytes: AtomicU64,
    /// Whether to stop.
    pub stop: AtomicBool,
}

impl Watch {
    /// Counts one more of `bytes` bytes. Returns whether to continue.
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
