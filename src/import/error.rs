//! Errors of an import.

use crate::policy::PolicyError;
use crate::source::SourceError;

/// Why nothing was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A file or git's settings could not be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The policy has a mistake.
    #[error("{0}")]
    Policy(#[from] PolicyError),
    /// What was read cannot be imported as it is.
    #[error("{message}")]
    Refused {
        /// What is wrong.
        message: String,
        /// How to fix it.
        hint: String,
    },
}

impl ImportError {
    pub(super) fn refused(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Refused { message: message.into(), hint: hint.into() }
    }

    /// How to fix it.
    pub fn hint(&self) -> String {
        match self {
            Self::Source(error) => error.hint().into_owned(),
            Self::Policy(error) => error.help().to_owned(),
            Self::Refused { hint, .. } => hint.clone(),
        }
    }
}
