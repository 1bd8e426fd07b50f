//! Mistakes in policy files, with their place.

use std::fmt;
use std::ops::Range;

use super::Date;
use crate::find::{blur, find, mask, masked};
use crate::text::{line_around, line_number};
use crate::token::{Fingerprint, Identifier};

/// A mistake in a policy file: the file, the place, the marked line, and what to write instead.
///
/// All text is masked, because people paste whole tokens into policies.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct PolicyError {
    /// The file's name in messages.
    file: String,
    /// What is wrong.
    message: String,
    /// How to fix it.
    help: String,
    /// None if the mistake is not in one place.
    marked: Option<Box<Marked>>,
    /// The demand of a higher layer, if the mistake is to ignore it.
    demand: Option<Box<Demand>>,
}

/// The demand of a higher layer on an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demand {
    /// What the entry has to have.
    pub wants: Wants,
    /// The file and line that demand it.
    pub stated_at: String,
}

/// What an entry must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wants {
    /// An owner.
    Owner,
    /// A last day, at most this one if there is a limit.
    Expires(Option<Date>),
    /// A last day of at most this one, that many days from today.
    Sooner(Date, u16),
    /// A grant of this.
    Grant(String),
}

/// A masked line of the file with the marked part.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Marked {
    /// The line, counted from 1.
    line: usize,
    /// The column in characters, counted from 1.
    column: usize,
    /// How many characters are marked, at least 1.
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
                // A tab would displace the caret.
                text: shown(text, line).replace('\t', " "),
            })
        });
        Self { file: file.to_owned(), message: blur(&mask(message)), help: mask(help), marked, demand: None }
    }

    /// Marks this mistake as a violated demand of a higher layer.
    pub(super) fn demanded(mut self, wants: Wants, stated_at: &str) -> Self {
        self.demand = Some(Box::new(Demand { wants, stated_at: stated_at.to_owned() }));
        self
    }

    /// The demand of a higher layer, if the mistake is to ignore it.
    pub fn demand(&self) -> Option<&Demand> {
        self.demand.as_deref()
    }

    /// The file's name in messages.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// How to fix it; may be empty.
    pub fn help(&self) -> &str {
        &self.help
    }
}

/// The bytes `line` of a policy without secrets. Tokens are searched in all of `text`; of other
/// quoted text only identifiers and fingerprints stay.
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
        // A masked line is shorter: the caret stays within it.
        let length = text.chars().count();
        let start = (*column).min(length + 1);
        let carets = (*width).min((length + 1).saturating_sub(start)).max(1);
        writeln!(f, "{}:{line}:{column}: {}", self.file, self.message)?;
        writeln!(f, "{:gutter$} |", "")?;
        writeln!(f, "{line} | {text}")?;
        write!(f, "{:gutter$} | {:indent$}{}", "", "", "^".repeat(carets), indent = start - 1)
    }
}
