//! The errors that end a run with exit code 2.

use std::io;

use crate::import::ImportError;
use crate::install::InstallError;
use crate::policy::PolicyError;
use crate::source::SourceError;

/// Why a run failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A repository or a file could not be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A policy has a mistake.
    #[error("{0}")]
    Policy(#[from] PolicyError),
    /// Import from another tool failed.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// A hook could not be installed.
    #[error(transparent)]
    Install(#[from] InstallError),
    /// The command line makes no sense.
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

    /// How to fix it: the first line is a command to copy; more lines may follow.
    pub fn hint(&self) -> String {
        match self {
            Self::Source(error) => error.hint().into_owned(),
            Self::Policy(error) => error.help().to_owned(),
            Self::Import(error) => error.hint(),
            Self::Install(error) => error.hint().to_owned(),
            Self::Usage { hint, .. } => hint.clone(),
            Self::Write { .. } => "check that the folder exists and can be written to".to_owned(),
            Self::Output(_) => String::new(),
        }
    }
}
