//! Answers questions about a policy: what would block, and which entries are unused.

use super::entry::Subject;
use super::{Date, Effective, Entry, Level, Policy, Setting};
use crate::finding::Finding;
use crate::source::ObjectId;
use crate::token::{Fingerprint, Kind};

/// A question about a policy.
#[derive(Debug, Clone)]
pub enum Question {
    /// A token; with a place if it has a path.
    Token(Box<Finding>),
    /// Tokens with this identifier.
    Identifier(&'static Kind, String),
    /// A token with this fingerprint.
    Fingerprint(Fingerprint),
    /// Tokens that this commit adds.
    Commit(ObjectId),
    /// Tokens in a file, given by its path from the top of the repository.
    Path(Vec<u8>),
}

/// The answer to a question.
#[derive(Debug)]
pub struct Answer<'p> {
    /// The setting that lets it pass whatever the entries say.
    pub passes: Option<&'p Effective>,
    /// The entries that allow it.
    pub allow: Vec<&'p Entry>,
    /// The expired entries that allowed it.
    pub expired: Vec<&'p Entry>,
    /// The entries that allow it in certain files or commits only, if the question names no
    /// place.
    pub in_places: Vec<&'p Entry>,
}

impl Answer<'_> {
    /// Whether it blocks, as far as the question shows.
    pub fn blocks(&self) -> bool {
        self.passes.is_none() && self.allow.is_empty()
    }
}

impl Policy {
    /// Answers `question` on the day `today`.
    pub fn answer(&self, question: &Question, today: Date) -> Answer<'_> {
        let passes = match question {
            Question::Token(finding) if !self.blocks(finding.certainty) => {
                self.settings().iter().find(|one| Some(one.setting) == Setting::of(finding.certainty))
            }
            _ => None,
        };
        let about = self.entries().iter().filter(|entry| entry.is_about(question));
        let (expired, allow) = about.partition(|entry| entry.is_expired(today));
        let in_places = self.entries().iter().filter(|entry| entry.is_about_places_of(question));
        Answer {
            passes,
            allow,
            expired,
            in_places: in_places.filter(|entry| !entry.is_expired(today)).collect(),
        }
    }

    /// The entries of the lowest layer that cover none of `findings`. The findings are of whole
    /// files or, if `of_history`, of all commits. Without a history, entries by commit are
    /// ignored.
    pub fn unused(&self, findings: &[Finding], of_history: bool) -> Vec<&Entry> {
        let own = self.entries().iter().filter(|entry| entry.level >= Level::Repository);
        let can_be_judged = |entry: &&Entry| of_history || !matches!(entry.subject, Subject::Commit { .. });
        own.filter(can_be_judged)
            .filter(|entry| !findings.iter().any(|finding| entry.covers(finding)))
            .collect()
    }
}

impl Entry {
    fn is_about(&self, question: &Question) -> bool {
        match (question, &self.subject) {
            (Question::Token(finding), _) => self.covers(finding),
            (Question::Identifier(_, asked), Subject::Identifier(id)) => asked == id,
            (Question::Fingerprint(asked), Subject::Fingerprint(fingerprint)) => asked == fingerprint,
            (Question::Commit(asked), Subject::Commit { id, .. }) => asked == id,
            (Question::Path(path), Subject::Path { .. }) => self.covers_path(path),
            _ => false,
        }
    }

    /// Whether it covers the token of `question` if that is in the right place.
    fn is_about_places_of(&self, question: &Question) -> bool {
        match (question, &self.subject) {
            (Question::Token(finding), Subject::Path { .. }) => {
                finding.place.path.is_empty() && self.covers_kind(finding.kind, finding.identifier.as_deref())
            }
            (Question::Identifier(kind, id), Subject::Path { .. }) => self.covers_kind(kind, Some(id)),
            _ => false,
        }
    }
}
