//! Why nothing was taken over.

use crate::policy::PolicyError;
use crate::source::SourceError;

use super::format::known_files;

/// Why nothing was taken over, and nothing written.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A file or git's settings could not be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A file is not what its name says.
    #[error("{file}:{line}: {message}")]
    Malformed {
        /// The file, as it was named.
        file: String,
        /// The line, counted from 1; 0 where none is to blame.
        line: usize,
        /// What is wrong there.
        message: String,
    },
    /// Nothing tells how to read a file.
    #[error("`{0}` has not the name of a file that can be read")]
    Unknown(String),
    /// So many entries would have no reason.
    #[error("nothing was written: {0} of the entries would have no reason, and each needs one")]
    NoReason(usize),
    /// The policy has a mistake.
    #[error("{0}")]
    Policy(#[from] PolicyError),
}

impl ImportError {
    /// What mends it.
    pub fn hint(&self) -> String {
        match self {
            Self::Source(error) => error.hint().into_owned(),
            Self::Malformed { .. } => {
                "mend that line, or name only the other files: dtguard import FILE...".to_owned()
            }
            Self::Unknown(_) => {
                let names = known_files().collect::<Vec<_>>().join(", ");
                format!("one of these names tells how to read it: {names}")
            }
            Self::NoReason(_) => "dtguard import --reason \"<why>\"".to_owned(),
            Self::Policy(error) => error.help().to_owned(),
        }
    }
}
