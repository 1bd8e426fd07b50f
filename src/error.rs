//! Every way in which a run ends with exit code 2.

use std::io;

use crate::import::ImportError;
use crate::install::InstallError;
use crate::policy::PolicyError;
use crate::source::SourceError;

/// Why a run could not find out, or could not do, what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A repository or a file could not be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The policy is not understood.
    #[error("{0}")]
    Policy(#[from] PolicyError),
    /// Nothing was taken over from another tool.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// A hook could not be put in place.
    #[error(transparent)]
    Install(#[from] InstallError),
    /// What was typed makes no sense.
    #[error("{message}")]
    Usage {
        /// What is wrong with it.
        message: String,
        /// What to type instead.
        hint: String,
    },
    /// A file could not be written.
    #[error("cannot write `{path}`: {error}")]
    Write {
        /// The file.
        path: String,
        /// Why not.
        error: io::Error,
    },
    /// Standard output could not be written.
    #[error("cannot write to standard output: {0}")]
    Output(#[from] io::Error),
}

impl Error {
    pub(crate) fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Usage { message: message.into(), hint: hint.into() }
    }

    /// What mends it: a command to copy on its first line, perhaps more below.
    pub fn hint(&self) -> String {
        match self {
            Self::Source(error) => error.hint().into_owned(),
            Self::Policy(error) => error.help().to_owned(),
            Self::Import(error) => error.hint(),
            Self::Install(error) => error.hint().to_owned(),
            Self::Usage { hint, .. } => hint.clone(),
            Self::Write { .. } => "check that the folder can be written to".to_owned(),
            Self::Output(_) => String::new(),
        }
    }
}
