//! An allow entry: its subject, and which findings it covers.

use globset::GlobMatcher;

use super::grant::is_every_kind;
use super::{Date, Level};
use crate::finding::Finding;
use crate::source::ObjectId;
use crate::token::{Fingerprint, Kind};

/// An allow entry.
#[derive(Debug)]
pub struct Entry {
    pub(super) subject: Subject,
    /// The layer of its file.
    pub level: Level,
    /// The limits of the higher layers: lists of kinds; one kind of each list must fit.
    pub(super) limits: Vec<Vec<String>>,
    /// Why it is allowed.
    pub reason: String,
    /// Who is responsible for it.
    pub owner: Option<String>,
    /// The last day, in UTC, on which it is valid.
    pub expires: Option<Date>,
    /// Its file and line.
    pub stated_at: String,
}

/// What an entry allows.
#[derive(Debug)]
pub(super) enum Subject {
    Identifier(String),
    Fingerprint(Fingerprint),
    Path { glob: GlobMatcher, kinds: Vec<String> },
    Commit { id: ObjectId, kinds: Option<Vec<String>> },
}

impl Entry {
    /// Whether its last day is over.
    pub fn is_expired(&self, today: Date) -> bool {
        self.expires.is_some_and(|last| last < today)
    }

    /// Whether it covers this finding, expired or not.
    pub fn covers(&self, finding: &Finding) -> bool {
        let names = |kinds: &[String]| kinds.iter().any(|name| means(finding, name));
        let covers = match &self.subject {
            Subject::Identifier(id) => finding.identifier.as_ref() == Some(id),
            Subject::Fingerprint(fingerprint) => finding.fingerprint == *fingerprint,
            Subject::Path { glob, kinds } => glob.is_match(as_path(&finding.place.path)) && names(kinds),
            Subject::Commit { id, kinds } => {
                finding.place.commit == Some(*id) && kinds.as_ref().is_none_or(|kinds| names(kinds))
            }
        };
        covers && self.limits.iter().all(|kinds| names(kinds))
    }

    /// Whether it could cover tokens of `kind` that have this identifier.
    pub(super) fn covers_kind(&self, kind: &Kind, identifier: Option<&str>) -> bool {
        let names = |kinds: &[String]| kinds.iter().any(|name| means_kind(kind, identifier, name));
        self.kinds().is_none_or(names) && self.limits.iter().all(|kinds| names(kinds))
    }

    /// Whether it allows by path and covers this path.
    pub fn covers_path(&self, path: &[u8]) -> bool {
        matches!(&self.subject, Subject::Path { glob, .. } if glob.is_match(as_path(path)))
    }

    /// Its subject: key and value.
    pub fn subject(&self) -> (&'static str, String) {
        match &self.subject {
            Subject::Identifier(id) => ("id", id.clone()),
            Subject::Fingerprint(fingerprint) => ("fingerprint", fingerprint.to_string()),
            Subject::Path { glob, .. } => ("path", glob.glob().to_string()),
            Subject::Commit { id, .. } => ("commit", id.to_string()),
        }
    }

    /// Its kinds; none if it names none.
    pub fn kinds(&self) -> Option<&[String]> {
        match &self.subject {
            Subject::Path { kinds, .. } => Some(kinds),
            Subject::Commit { kinds, .. } => kinds.as_deref(),
            Subject::Identifier(_) | Subject::Fingerprint(_) => None,
        }
    }

    /// Why it hides more than anybody could have reviewed, if it does.
    pub fn too_wide(&self) -> Option<&'static str> {
        // Patterns that match any name.
        const ANY: [&str; 4] = ["zq-7/zq-7/zq-7.zq7", "zq-7/zq-7", "zq-7.zq7", "zq-7"];
        match &self.subject {
            Subject::Path { glob, .. } if ANY.iter().any(|path| glob.is_match(path)) => {
                Some("its path matches files of any name")
            }
            Subject::Path { kinds, .. } if is_every_kind(kinds) => Some("its kinds include every kind"),
            Subject::Commit { kinds: None, .. } => {
                Some("it hides every token of that commit: say which with `kinds`")
            }
            _ => None,
        }
    }
}

/// Whether a policy's `name` stands for the finding's kind: the kind's id, or the token's
/// prefix.
fn means(finding: &Finding, name: &str) -> bool {
    means_kind(finding.kind, finding.identifier.as_deref(), name)
}

/// Whether a policy's `name` stands for tokens of `kind` with this identifier.
fn means_kind(kind: &Kind, identifier: Option<&str>, name: &str) -> bool {
    let other_prefix =
        identifier.is_some_and(|identifier| !identifier.to_ascii_lowercase().starts_with(name));
    kind.id == name || kind.prefixes.contains(&name) && !other_prefix
}

#[cfg(unix)]
pub(super) fn as_path(bytes: &[u8]) -> &std::path::Path {
    use std::os::unix::ffi::OsStrExt as _;
    std::path::Path::new(std::ffi::OsStr::from_bytes(bytes))
}

#[cfg(not(unix))]
pub(super) fn as_path(bytes: &[u8]) -> std::path::PathBuf {
    String::from_utf8_lossy(bytes).into_owned().into()
}
