//! Gaps: what could not be searched.

use std::borrow::Cow;

use crate::find::Missed;
use crate::finding::{Origin, Part};
use crate::source::{ObjectId, SourceError};

/// Something that could not be searched, or not completely. A clean result does not cover it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// The path from the top of the repository, in git's bytes; empty for a message, or if
    /// unknown.
    pub path: Vec<u8>,
    /// The commit that adds it, if known.
    pub commit: Option<ObjectId>,
    /// Which part of it was not searched.
    pub part: Part,
    /// The cause.
    pub cause: Cause,
}

/// The cause of a gap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// A part cannot be searched, such as an encrypted member of an archive. The policy decides
    /// whether that blocks.
    Unread(Missed),
    /// It is missing or damaged, or reading it was refused. Such a run never passes.
    Unreadable {
        /// The object, if it is one.
        object: Option<ObjectId>,
        /// The reason, in one line.
        reason: String,
        /// How to fix it: a command or an action, perhaps with an explanation.
        hint: String,
    },
}

impl Gap {
    /// A gap at `path`.
    pub fn new(path: &[u8], commit: Option<ObjectId>, cause: Cause) -> Self {
        Self { path: path.to_vec(), commit, part: Part::Content, cause }
    }

    /// A gap at `path`, which cannot be read because of `error`.
    pub fn unreadable(path: &[u8], commit: Option<ObjectId>, error: &SourceError) -> Self {
        Self::new(path, commit, Cause::from(error))
    }

    /// The gap, for `part`.
    #[must_use]
    pub fn of(mut self, part: Part) -> Self {
        self.part = part;
        self
    }

    /// The gap, with its consequence added to the reason.
    #[must_use]
    pub fn with(mut self, follows: &str) -> Self {
        if let Cause::Unreadable { reason, .. } = &mut self.cause {
            reason.push_str("; ");
            reason.push_str(follows);
        }
        self
    }

    /// Whether all of it cannot be read, so that it blocks whatever the policy says.
    pub fn is_unreadable(&self) -> bool {
        matches!(self.cause, Cause::Unreadable { .. })
    }

    /// The member of a container that was not searched; empty for the whole content.
    pub fn member(&self) -> &[u8] {
        match &self.cause {
            Cause::Unread(missed) => &missed.member,
            Cause::Unreadable { .. } => b"",
        }
    }

    /// The object that cannot be read, if it is one.
    pub fn object(&self) -> Option<ObjectId> {
        match self.cause {
            Cause::Unread(_) => None,
            Cause::Unreadable { object, .. } => object,
        }
    }

    /// The reason. It may quote names from the repository.
    pub fn reason(&self) -> Cow<'_, str> {
        match &self.cause {
            Cause::Unread(missed) => missed.why.to_string().into(),
            Cause::Unreadable { reason, .. } => reason.as_str().into(),
        }
    }

    /// How to fix it; may be empty.
    pub fn hint(&self) -> &str {
        match &self.cause {
            Cause::Unread(_) => "",
            Cause::Unreadable { hint, .. } => hint,
        }
    }
}

impl From<&SourceError> for Cause {
    fn from(error: &SourceError) -> Self {
        let (object, reason) = match error {
            SourceError::Object { id, promised: true, .. }
            | SourceError::Missing { id, promised: true, .. } => {
                (Some(*id), "not fetched from the remote yet".to_owned())
            }
            SourceError::Missing { id, .. } => (Some(*id), "missing".to_owned()),
            SourceError::Object { id, libgit2, git, .. } => {
                let is_missing = git == "missing" && libgit2.contains("not found");
                let both = || format!("libgit2: {libgit2}; git: {git}");
                (Some(*id), if is_missing { "missing".to_owned() } else { both() })
            }
            // The gap has its own path.
            SourceError::File { error, .. } => (None, error.to_string()),
            error => (None, error.to_string()),
        };
        let reason = reason.lines().map(str::trim).collect::<Vec<_>>().join("; ");
        Self::Unreadable { object, reason, hint: error.hint().into_owned() }
    }
}

/// The gaps for what was `missed` in a content of that `origin`.
pub(super) fn gaps(origin: &Origin<'_>, missed: Vec<Missed>) -> Vec<Gap> {
    missed.into_iter().map(|missed| Gap::new(origin.path, origin.commit, Cause::Unread(missed))).collect()
}
