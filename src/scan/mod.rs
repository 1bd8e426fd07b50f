//! Scans scopes: from what a run must search to what it found.
//!
//! Each function here searches its whole scope: content, names, messages and headers. What
//! cannot be read is a gap, and everything else is searched.

mod added;
mod commits;
mod content;
mod coverage;
mod diff;
mod event;
mod files;
mod gap;
mod history;
mod history_objects;
mod parallel;
mod rewriting;
mod scanned;
mod stream;
mod text;
mod trace;

#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub use added::added_matches as added_of;
pub use commits::{scan_amended, scan_commits, scan_push, scan_revision, scan_staged};
pub use coverage::Coverage;
pub use diff::scan_diff;
pub use event::scan_event;
pub use files::{scan_files, scan_listing, scan_reader};
pub use gap::{Cause, Gap};
pub use history::scan_history;
pub use rewriting::{Beyond, Rewriting, rewriting};
pub use scanned::Scanned;
pub use text::{scan_message, scan_name};
