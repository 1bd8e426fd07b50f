//! What is missing from a merged report.

use serde_json::Value;

use crate::report::safe_json::present;

named! {
    /// Why a report is not part of the result.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Trouble {
        /// A repository was expected, and no report is of it.
        Missing = "missing",
        /// The file cannot be read.
        Unreadable = "unreadable",
        /// The file is empty.
        Empty = "empty",
        /// It is cut off or no report.
        Damaged = "damaged",
        /// It has another version of the format.
        Version = "version",
        /// Another report is of the same repository.
        Duplicate = "duplicate",
    }
}

/// A report that is not part of the result. All text can be shown as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Why.
    pub trouble: Trouble,
    /// Its file; none if there is no report.
    pub file: Option<String>,
    /// Its repository, if it is known.
    pub repository: Option<String>,
    /// More about it.
    pub reason: String,
}

impl Problem {
    pub(super) fn json(&self) -> Value {
        present(object! {
            "what": self.trouble.name(),
            "file": self.file,
            "repository": self.repository,
            "reason": self.reason,
        })
    }

    /// What it is about: the file, or else the repository.
    pub(super) fn subject(&self) -> &str {
        self.file.as_deref().or(self.repository.as_deref()).unwrap_or("the list of reports")
    }
}
