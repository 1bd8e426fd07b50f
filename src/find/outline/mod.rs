//! In which part of a format a match stands, in that format's own words: the message of a
//! mailbox, the cell of a notebook, the entry of a recorded session.
//!
//! Nothing is searched here. Of a content that holds no match nothing is read, but for the
//! formats in [`Outline::of_start`] where a content is too large to be in memory.

mod header;
mod json;
mod mail;
mod markup;

use super::container::{Images, Tables};
use super::matched::Match;
use super::names::list;
use json::Json;
use mail::Mail;
use markup::Markup;

/// How much of a content shows what it is, in bytes.
const HEAD: usize = 4096;

/// What the parts of a content are, as far as it was read.
#[derive(Debug, Clone)]
pub struct Outline {
    form: Form,
    /// How much of the content was read, in bytes.
    read: usize,
}

#[derive(Debug, Clone)]
enum Form {
    Mail(Mail),
    Json(Json),
    Markup(Markup),
    Tables(Tables),
}

impl Outline {
    /// The outline of `text`, if its format has parts with names.
    pub(super) fn of(text: &[u8]) -> Option<Self> {
        let head = text.get(..HEAD).unwrap_or(text);
        let form = (Mail::of(head).map(Form::Mail))
            .or_else(|| Json::of(head).map(Form::Json))
            .or_else(|| Markup::of(head).map(Form::Markup))
            .or_else(|| Tables::of_database(text).map(Form::Tables))?;
        Some(Self { form, read: 0 })
    }

    /// The same for what is read window by window: all of it is read then, whether it holds
    /// a match or not, so that only what clearly has a format gets an outline.
    pub(super) fn of_start(head: &[u8]) -> Option<Self> {
        let head = head.get(..HEAD).unwrap_or(head);
        Self::of(head).filter(|outline| match &outline.form {
            Form::Mail(mail) => mail.is_mailbox(),
            Form::Json(_) => Json::is_known(head),
            Form::Markup(_) => true,
            Form::Tables(_) => false,
        })
    }

    /// Whether it is that of an XML part of an office document.
    pub(super) fn is_document(&self) -> bool {
        matches!(self.form, Form::Markup(_))
    }

    /// Reads `text`, which begins at `first`, up to the offset `end` in it.
    pub(super) fn read_to(&mut self, text: &[u8], first: usize, end: usize) {
        // A line can be longer than a window: then what precedes this window is left out.
        let from = self.read.saturating_sub(first);
        let Some(new) = text.get(from..end) else { return };
        self.read = first
            + from
            + match &mut self.form {
                Form::Mail(mail) => mail.read(new),
                Form::Json(json) => json.read(new),
                Form::Markup(markup) => markup.read(new),
                Form::Tables(_) => new.len(),
            };
    }

    /// The part in which the offset `at` of `text` stands, which begins at `first`. Offsets
    /// only grow from call to call.
    pub(super) fn part(&mut self, text: &[u8], first: usize, at: usize) -> Option<String> {
        self.read_to(text, first, at);
        let rest = text.get(self.read.saturating_sub(first)..at).unwrap_or_default();
        match &self.form {
            Form::Mail(mail) => mail.part(rest),
            Form::Json(json) => json.part(),
            Form::Markup(markup) => markup.part(),
            Form::Tables(tables) => tables.at(text, at),
        }
    }
}

/// Says of each of the matches `found` in `text`, which begins at `first`, in which part of it
/// that stands; those in members of containers say it themselves.
pub(super) fn describe(mut outline: Outline, text: &[u8], first: usize, found: &mut [Match]) {
    for found in found.iter_mut().filter(|found| !found.encodings.is_packed()) {
        let Some(part) = outline.part(text, first, found.span.start) else { continue };
        let member = found.member.as_ref().map(|member| member.path.as_slice()).unwrap_or_default();
        let member =
            if member.is_empty() { String::new() } else { format!("!/{}", String::from_utf8_lossy(member)) };
        found.inside = list(&[&(part + &member), &found.inside]);
    }
}

/// Says of each of the matches `found` in members of the tar archive `bytes` in which layer of
/// an image that is.
pub(super) fn describe_layers(bytes: &[u8], found: &mut [Match]) {
    let images = Images::of(bytes);
    for found in found {
        let member = found.member.as_ref().map(|member| member.path.as_slice()).unwrap_or_default();
        if let Some(layer) = images.part(member) {
            found.inside = list(&[layer, &found.inside]);
        }
    }
}

#[cfg(test)]
mod tests;
