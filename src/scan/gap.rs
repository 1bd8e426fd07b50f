//! What was to be searched and was not.

use std::borrow::Cow;

use crate::find::Missed;
use crate::finding::{Origin, Part};
use crate::source::{ObjectId, SourceError};

/// Something that was not searched, or not as a whole: a clean result does not speak
/// for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// The path from the top of the repository, in git's bytes; empty for a message,
    /// and where no path is known.
    pub path: Vec<u8>,
    /// The commit that adds it, where one is known.
    pub commit: Option<ObjectId>,
    /// What of it was not searched.
    pub part: Part,
    /// Why.
    pub cause: Cause,
}

/// Why something was not searched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// A part of it cannot be searched, as a member of an archive that is encrypted. The
    /// policy decides whether that blocks.
    Unread(Missed),
    /// It is missing or damaged, or reading it is refused: the run never passes.
    Unreadable {
        /// The object, where it is one.
        object: Option<ObjectId>,
        /// What prevented it, in one line.
        reason: String,
        /// A command or an action that mends it, perhaps with a line of explanation.
        hint: String,
    },
}

impl Gap {
    /// The gap at `path` for `cause`.
    pub fn new(path: &[u8], commit: Option<ObjectId>, cause: Cause) -> Self {
        Self { path: path.to_vec(), commit, part: Part::Content, cause }
    }

    /// What is at `path` cannot be read because of `error`.
    pub fn unreadable(path: &[u8], commit: Option<ObjectId>, error: &SourceError) -> Self {
        Self::new(path, commit, Cause::from(error))
    }

    /// As it is for `part`.
    #[must_use]
    pub fn of(mut self, part: Part) -> Self {
        self.part = part;
        self
    }

    /// It, with what `follows` from it behind the reason.
    #[must_use]
    pub fn with(mut self, follows: &str) -> Self {
        if let Cause::Unreadable { reason, .. } = &mut self.cause {
            reason.push_str("; ");
            reason.push_str(follows);
        }
        self
    }

    /// Whether all of it cannot be read, whatever the policy says.
    pub fn is_unreadable(&self) -> bool {
        matches!(self.cause, Cause::Unreadable { .. })
    }

    /// The member of a container that was not searched; empty where it is all of it.
    pub fn member(&self) -> &[u8] {
        match &self.cause {
            Cause::Unread(missed) => &missed.member,
            Cause::Unreadable { .. } => b"",
        }
    }

    /// The object that cannot be read, where it is one.
    pub fn object(&self) -> Option<ObjectId> {
        match self.cause {
            Cause::Unread(_) => None,
            Cause::Unreadable { object, .. } => object,
        }
    }

    /// Why it was not searched. It may quote names that others chose.
    pub fn reason(&self) -> Cow<'_, str> {
        match &self.cause {
            Cause::Unread(missed) => missed.why.to_string().into(),
            Cause::Unreadable { reason, .. } => reason.as_str().into(),
        }
    }

    /// What mends it, where something does.
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
            // The path is the gap's own.
            SourceError::File { error, .. } => (None, error.to_string()),
            error => (None, error.to_string()),
        };
        let reason = reason.lines().map(str::trim).collect::<Vec<_>>().join("; ");
        Self::Unreadable { object, reason, hint: error.hint().into_owned() }
    }
}

/// The gaps that what was `missed` leaves in a content of that `origin`.
pub(super) fn gaps(origin: &Origin<'_>, missed: Vec<Missed>) -> Vec<Gap> {
    missed.into_iter().map(|missed| Gap::new(origin.path, origin.commit, Cause::Unread(missed))).collect()
}
