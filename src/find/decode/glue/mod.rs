//! Finds tokens with something between their characters: colours, tags, quotes and signs of
//! concatenation, the times of a log.
//!
//! One reader uses a [table](forms::FORMS) of glue. From each possible prefix it collects the
//! characters of a token, skips glue, and accepts what then has the form of a token. It leaves
//! a place without glue at once, and the total number of bytes it reads is bounded.
//!
//! Most prefixes are intact up to their third character, so the prefilter has found them.
//! Others show in the pass for marks: a byte with which such glue begins, after `d` or `dt`. So
//! neither needs a pass of its own.

mod code;
mod cursor;
mod dump;
mod forms;
mod log;
mod markup;
mod reader;
mod terminal;
#[cfg(test)]
mod tests;
mod written;

use super::super::encoding::Encoding;
use super::super::glue::Glue;
use super::decoded::Decoded;
use cursor::{Cursor, Joint};
use forms::Read;
use reader::{Reader, Reading};
#[cfg(test)]
pub(super) use written::INVISIBLE;

/// All forms, in the order of the table.
pub fn glues() -> impl Iterator<Item = &'static Glue> {
    forms::FORMS.iter().map(|form| &form.glue)
}

/// How often a byte may be read, for each byte of the text. Ordinary text needs a fifth of
/// that.
const WORK: usize = 8;

fn most(text: &[u8]) -> usize {
    text.len().saturating_mul(WORK).saturating_add(1 << 16)
}

/// The glue that can be at `start` between two pieces of any value: its end, and whether it
/// says that they belong together.
pub(super) fn joints(text: &[u8], start: usize) -> impl Iterator<Item = (usize, bool)> {
    let last = start.checked_sub(1).and_then(|before| text.get(before)).copied().unwrap_or_default();
    const JOINTS: [(&[u8], Read, bool); 5] = [
        // A backtick right behind a word ends code in Markdown, or a template, and may begin neither.
        (b"\\^= \t", code::continued, true),
        (b"\\^= \t\r\n", code::wrapped, false),
        (b"\"'`\\\r\n", code::joined, true),
        (b"\"'`\\", code::listed, false),
        (b"?", written::header_word, true),
    ];
    let first = text.get(start).copied().unwrap_or_default();
    JOINTS.iter().filter(move |(begins, ..)| begins.contains(&first)).filter_map(move |(_, read, says_so)| {
        let joint = Joint { text, start, last, in_prefix: true, dots: false };
        let mut cursor = Cursor::new(text, start, text.len());
        read(&mut cursor, &joint)?;
        let between = cursor.since(start);
        // A line break in a literal only breaks the value, and the items of a list are
        // pieces only as lines are; those of a call are not.
        let broken = matches!(between, [b'\n' | b'\r', ..] | [b'\\', b'n' | b'r', ..]);
        let joins = !between.contains(&b'(') && (!between.contains(&b',') || between.contains(&b'\n'));
        joins.then_some((cursor.at, *says_so && !broken))
    })
}

/// Hands out what the reader collects from the places at which a prefix begins, in their
/// order. Returns whether it got to the end.
pub(super) fn each(text: &[u8], begins: Vec<usize>, out: &mut dyn FnMut(Decoded)) -> bool {
    let mut reader = Reader::new(text, most(text), false);
    for start in begins {
        if let Reading::Token { form, joined } = reader.read(start) {
            let (bytes, map) = joined.finish();
            out(Decoded { encoding: Encoding::Glued(&form.glue), bytes, map, part: false });
        }
    }
    !reader.exhausted
}

/// Where the first secret part begins that may go on behind the text.
pub(super) fn unfinished(text: &[u8], begins: Vec<usize>) -> Option<usize> {
    let mut reader = Reader::new(text, usize::MAX, true);
    let opened = begins.into_iter().filter_map(|start| match reader.read(start) {
        Reading::Open(secret) => Some(secret),
        _ => None,
    });
    opened.min()
}
