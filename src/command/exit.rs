//! Ends the process where `main` cannot be reached.

/// Ends the process.
#[expect(clippy::exit, reason = "a panic and a signal have no way back to main")]
pub(super) fn exit(code: i32) -> ! {
    std::process::exit(code)
}
