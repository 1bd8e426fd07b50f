//! Ends the process where `main` cannot be reached.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Held by what must be done completely or not at all.
static WHOLE: Mutex<()> = Mutex::new(());

/// Ends the process, once what holds [`whole`] is done.
#[expect(clippy::exit, reason = "a panic and a signal have no way back to main")]
pub(super) fn exit(code: i32) -> ! {
    let _done = whole();
    std::process::exit(code)
}

/// Keeps the process until it is dropped: Ctrl-C waits for it.
pub(super) fn whole() -> MutexGuard<'static, ()> {
    WHOLE.lock().unwrap_or_else(PoisonError::into_inner)
}
