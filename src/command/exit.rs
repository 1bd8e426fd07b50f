//! The end of the process where there is no way back to `main`.

/// Ends the process.
#[expect(clippy::exit, reason = "a panic and a signal have no way back to main")]
pub(super) fn exit(code: i32) -> ! {
    std::process::exit(code)
}
