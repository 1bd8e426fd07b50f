//! What is wrong with a policy file, and where.

use std::fmt;
use std::ops::Range;

use super::Date;
use crate::find::{blur, find, mask, masked};
use crate::text::{line_around, line_number};
use crate::token::{Fingerprint, Identifier};

/// A mistake in a policy file: the file, the place, the line with a caret below
/// it, and what to write instead.
///
/// People paste whole tokens into policies; all text is masked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct PolicyError {
    /// The file as the reader knows it.
    file: String,
    /// What is wrong.
    message: String,
    /// What to do about it.
    help: String,
    /// None where the file as a whole is meant.
    marked: Option<Box<Marked>>,
    /// What a layer above demands, if that is what is wrong.
    demand: Option<Box<Demand>>,
}

/// What a layer above demands of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demand {
    /// What the entry has to have.
    pub wants: Wants,
    /// The file and line that say so.
    pub stated_at: String,
}

/// What an entry has to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wants {
    /// An owner.
    Owner,
    /// A last day, up to this one if there is a limit.
    Expires(Option<Date>),
    /// A last day that is at most this one, that many days away.
    Sooner(Date, u16),
    /// A grant of this.
    Grant(String),
}

/// A line of the file, masked, with what is meant in it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Marked {
    /// The line, counted from 1.
    line: usize,
    /// The column in characters, counted from 1.
    column: usize,
    /// How many characters from there on are meant, at least 1.
    width: usize,
    text: String,
}

impl PolicyError {
    /// A mistake in the bytes `span` of `text`, which was read from `file`.
    pub(super) fn new(file: &str, text: &str, span: Option<Range<usize>>, message: &str, help: &str) -> Self {
        let marked = span.map(|span| {
            let start = span.start.min(text.len());
            let line = line_around(text.as_bytes(), start);
            let characters = |range: Range<usize>| text.get(range).map_or(0, |piece| piece.chars().count());
            let end = span.end.clamp(start, line.end.max(start));
            Box::new(Marked {
                line: line_number(text.as_bytes(), start),
                column: characters(line.start..start) + 1,
                width: characters(start..end).max(1),
                // A tab would part the caret from what it points at.
                text: shown(text, line).replace('\t', " "),
            })
        });
        Self { file: file.to_owned(), message: blur(&mask(message)), help: mask(help), marked, demand: None }
    }

    /// This mistake, which is one because a layer above demands more.
    pub(super) fn demanded(mut self, wants: Wants, stated_at: &str) -> Self {
        self.demand = Some(Box::new(Demand { wants, stated_at: stated_at.to_owned() }));
        self
    }

    /// What a layer above demands, if that is what is wrong.
    pub fn demand(&self) -> Option<&Demand> {
        self.demand.as_deref()
    }

    /// The file as the reader knows it.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// What to do about it; may be empty.
    pub fn help(&self) -> &str {
        &self.help
    }
}

/// The bytes `line` of a policy without secrets: tokens are looked for in all of
/// `text`, and of what else is quoted only identifiers and fingerprints stay.
fn shown(text: &str, line: Range<usize>) -> String {
    let line = masked(text.as_bytes(), line, &find(text.as_bytes()));
    let line = String::from_utf8_lossy(&line).into_owned();
    let public = |piece: &str| Identifier::parse(piece).is_some() || piece.parse::<Fingerprint>().is_ok();
    line.split('"')
        .map(|piece| if public(piece) { piece.to_owned() } else { blur(piece) })
        .collect::<Vec<_>>()
        .join("\"")
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(Marked { line, column, width, text }) = self.marked.as_deref() else {
            return write!(f, "{}: {}", self.file, self.message);
        };
        let gutter = line.to_string().len();
        // A masked line is shorter than it was: the caret stays on it.
        let length = text.chars().count();
        let start = (*column).min(length + 1);
        let carets = (*width).min((length + 1).saturating_sub(start)).max(1);
        writeln!(f, "{}:{line}:{column}: {}", self.file, self.message)?;
        writeln!(f, "{:gutter$} |", "")?;
        writeln!(f, "{line} | {text}")?;
        write!(f, "{:gutter$} | {:indent$}{}", "", "", "^".repeat(carets), indent = start - 1)
    }
}
