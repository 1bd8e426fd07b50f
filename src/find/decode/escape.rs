//! Escapes: marks with codes among characters that stand for themselves.

use std::ops::Range;

use super::super::encoding::Encoding;
use super::decoded::Decoded;
use super::map::Builder;
use super::marks::Marks;
use super::text::{SHORTEST, beside, is_text, is_value};

/// A byte, none for a line break that is not part of the text, and how many bytes
/// it was written in.
type Read = Option<(Option<u8>, usize)>;

/// A way of escaping.
struct Escape {
    encoding: Encoding,
    /// What each escape begins with.
    mark: u8,
    /// Reads the escape with which a text begins.
    read: fn(&[u8]) -> Read,
}

const ESCAPES: [Escape; 5] = [
    Escape { encoding: Encoding::Percent, mark: b'%', read: percent },
    Escape { encoding: Encoding::Backslash, mark: b'\\', read: backslash },
    Escape { encoding: Encoding::Entities, mark: b'&', read: entity },
    Escape { encoding: Encoding::QuotedPrintable, mark: b'=', read: quoted_printable },
    Escape { encoding: Encoding::Css, mark: b'\\', read: css },
];

/// Hands out the text around escapes in possible tokens.
pub(super) fn each(text: &[u8], marks: &Marks, out: &mut dyn FnMut(Decoded)) {
    for escape in &ESCAPES {
        escape.each(text, marks.escapes_of(escape.mark), marks.any_text, out);
    }
}

impl Escape {
    fn each(&self, text: &[u8], places: &[usize], any_text: bool, out: &mut dyn FnMut(Decoded)) {
        let mut window: Option<Range<usize>> = None;
        let mut word = 0..0;
        for at in places.iter().copied() {
            if !(any_text && self.is_escape(text, at) || self.is_in_value(text, at, &mut word)) {
                continue;
            }
            let Range { start, end } = beside(&(at..at), text);
            match &mut window {
                // What is between two windows is too far from an escape to be decoded with it.
                Some(open) if start <= open.end => open.end = end,
                open => {
                    if let Some(done) = open.replace(start..end) {
                        self.decode(text, done, out);
                    }
                }
            }
        }
        if let Some(last) = window {
            self.decode(text, last, out);
        }
    }

    /// Whether an escape of text stands at `at`.
    fn is_escape(&self, text: &[u8], at: usize) -> bool {
        let read = text.get(at..).and_then(self.read);
        read.is_some_and(|(byte, _)| byte.is_none_or(is_text))
    }

    /// Whether the escape at `at` could be in a token. `word` as in [`Escape::is_in_word`].
    fn is_in_value(&self, text: &[u8], at: usize, word: &mut Range<usize>) -> bool {
        let Some((Some(byte), length)) = text.get(at..).and_then(self.read) else { return false };
        // NULs are those of wide characters.
        let is_value = |byte: u8| byte == 0 || is_value(byte);
        match (self.mark, byte) {
            // What is mostly no escape counts in a long word.
            (b'=', b'\n' | b'\r') => self.is_in_word(text, at, word),
            // In mail each equals sign is escaped.
            (b'=', b'=') => true,
            (b'=', _) => is_value(byte) && self.is_in_word(text, at, word),
            (b'\\', _) if length == 2 => (is_value(byte) || byte == b'\\') && self.is_in_word(text, at, word),
            // An escaped mark may be the mark of a further escape.
            (b'&', b'&') => text.get(at + length).is_some_and(|next| !next.is_ascii_whitespace()),
            (_, b'%' | b'=' | b'&' | b'\\') => true,
            // What parts a value may be escaped, too.
            (_, b'\n' | b'\r' | b'"' | b'\'') => true,
            _ => is_value(byte),
        }
    }

    /// Whether a word stands around `at` that is as long as a token. `word` is the last one
    /// that was read: it may have many marks.
    fn is_in_word(&self, text: &[u8], at: usize, word: &mut Range<usize>) -> bool {
        if !word.contains(&at) {
            let in_word = |byte: &&u8| is_value(**byte) || **byte == self.mark;
            let before = text.get(word.end..at).unwrap_or_default();
            let behind = text.get(at..).unwrap_or_default();
            *word = at - before.iter().rev().take_while(in_word).count()
                ..at + behind.iter().take_while(in_word).count();
        }
        word.len() >= SHORTEST
    }

    /// Hands out the `window` of `text`.
    fn decode(&self, text: &[u8], window: Range<usize>, out: &mut dyn FnMut(Decoded)) {
        let Some(text) = text.get(..window.end) else { return };
        let mut decoded = Builder::default();
        let mut at = window.start;
        for mark in memchr::memchr_iter(self.mark, text.get(window.start..).unwrap_or_default()) {
            let mark = window.start + mark;
            if mark < at {
                continue;
            }
            let Some((byte, length)) = text.get(mark..).and_then(self.read) else { continue };
            decoded.keep(text.get(at..mark).unwrap_or_default(), at);
            byte.into_iter().for_each(|byte| decoded.escaped(byte, mark, length));
            at = mark + length;
        }
        decoded.keep(text.get(at..).unwrap_or_default(), at);
        let (bytes, map) = decoded.finish();
        out(Decoded { encoding: self.encoding, bytes, map, part: false });
    }
}

/// The number that `digits` are in this base; none if there are none.
fn number(digits: &[u8], base: u32) -> Option<u32> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u32, |number, digit| {
        number.checked_mul(base)?.checked_add(char::from(*digit).to_digit(base)?)
    })
}

/// The byte of a character of this number; what is not Latin-1 is no part of any
/// token.
fn latin1(number: u32) -> Option<u8> {
    Some(u8::try_from(number).unwrap_or(0xff))
}

/// A line break `skipped` bytes behind the start of `text`.
fn line_break(text: &[u8], skipped: usize) -> Read {
    match text.get(skipped..)? {
        [b'\n', ..] => Some((None, skipped + 1)),
        [b'\r', b'\n', ..] => Some((None, skipped + 2)),
        _ => None,
    }
}

/// `count` digits behind the first `skipped` bytes of `text`.
fn fixed(text: &[u8], skipped: usize, count: usize, base: u32) -> Read {
    digits(text, skipped, count, base).filter(|(_, length)| *length == skipped + count)
}

/// As many digits as there are behind the first `skipped` bytes, up to `most`.
fn digits(text: &[u8], skipped: usize, most: usize, base: u32) -> Read {
    let rest = text.get(skipped..)?;
    let count = rest.iter().take(most).take_while(|byte| char::from(**byte).is_digit(base)).count();
    Some((latin1(number(rest.get(..count)?, base)?), skipped + count))
}

/// The same with `closing` behind them.
fn closed(text: &[u8], skipped: usize, closing: u8) -> Read {
    let (byte, length) = digits(text, skipped, 6, 16)?;
    (text.get(length) == Some(&closing)).then_some((byte, length + 1))
}

/// Where the blanks end that begin at `at`: those of a continued line's indentation.
fn blanks(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    at + rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}

fn percent(text: &[u8]) -> Read {
    match text {
        [b'%', b'u' | b'U', ..] => fixed(text, 2, 4, 16),
        [b'%', ..] => fixed(text, 1, 2, 16),
        _ => None,
    }
}

fn quoted_printable(text: &[u8]) -> Read {
    if text.first() == Some(&b'=') { fixed(text, 1, 2, 16).or_else(|| line_break(text, 1)) } else { None }
}

fn backslash(text: &[u8]) -> Read {
    let [b'\\', next, ..] = text else { return None };
    match next {
        b'x' | b'u' if text.get(2) == Some(&b'{') => closed(text, 3, b'}'),
        b'x' => fixed(text, 2, 2, 16),
        b'u' => fixed(text, 2, 4, 16),
        b'U' => fixed(text, 2, 8, 16),
        b'0'..=b'7' => digits(text, 1, 3, 8),
        b'n' => Some((Some(b'\n'), 2)),
        b'r' => Some((Some(b'\r'), 2)),
        b't' => Some((Some(b'\t'), 2)),
        b'\r' | b'\n' => line_break(text, 1).map(|(none, length)| (none, blanks(text, length))),
        next if next.is_ascii_punctuation() => Some((Some(*next), 2)),
        _ => None,
    }
}

/// The named entities that can stand in or beside a token.
const NAMED: [(&[u8], u8); 16] = [
    (b"period;", b'.'),
    (b"lowbar;", b'_'),
    (b"hyphen;", b'-'),
    (b"dash;", b'-'),
    (b"plus;", b'+'),
    (b"sol;", b'/'),
    (b"equals;", b'='),
    (b"colon;", b':'),
    (b"percnt;", b'%'),
    (b"bsol;", b'\\'),
    (b"quot;", b'"'),
    (b"apos;", b'\''),
    (b"amp;", b'&'),
    (b"lt;", b'<'),
    (b"gt;", b'>'),
    (b"nbsp;", b' '),
];

fn entity(text: &[u8]) -> Read {
    let number = |skipped, most, base| {
        let (byte, length) = digits(text, skipped, most, base)?;
        // Without a semicolon it has to be clear where it ends.
        match text.get(length) {
            Some(b';') => Some((byte, length + 1)),
            Some(next) if next.is_ascii_alphanumeric() => None,
            _ => Some((byte, length)),
        }
    };
    match text {
        [b'&', b'#', b'x' | b'X', ..] => number(3, 7, 16),
        [b'&', b'#', ..] => number(2, 7, 10),
        [b'&', rest @ ..] => NAMED
            .iter()
            // Most are ruled out by their first letter, without a call.
            .find(|(name, _)| name.first() == rest.first() && rest.starts_with(name))
            .map(|(name, byte)| (Some(*byte), 1 + name.len())),
        _ => None,
    }
}

/// Six hex digits, or fewer and a blank.
fn css(text: &[u8]) -> Read {
    let (byte, length) = digits(text, 1, 6, 16)?;
    match text.get(length) {
        Some(b' ') if length > 2 => Some((byte, length + 1)),
        _ if length == 7 => Some((byte, length)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::find::tests::Numbers;

    #[rustfmt::skip]
    const PARTS: [&str; 22] = [
        "=", "=", "=3D", "=3d", "=2E", "=41", "=0A", "=\n", "=\r\n", "=00", "\n", " ", "\0", "x", "id", "4d", "\"", "/",
        "2026-11-28T12", "abcdefghijklm", "ABCDEFGHIJKLMNOPQRSTUVWXY", "437866",
    ];

    #[test]
    fn a_token_with_any_named_entity_is_read() {
        for (name, byte) in NAMED {
            let text = [b"dt0c01&", name, b"A1B2"].concat();
            assert_eq!(Marks::of(&text, false).escapes_of(b'&'), [6], "{}", name.escape_ascii());
            assert_eq!(entity(&text[6..]), Some((Some(byte), name.len() + 1)));
        }
    }

    #[test]
    fn an_equals_sign_that_the_pass_drops_escapes_nothing_of_a_token() {
        let mut numbers = Numbers(0xe05c);
        let mut escapes = 0;
        for round in 0..crate::effort::cases(20_000, 400_000) {
            let text = numbers.text(&PARTS, 160);
            let text = text.as_bytes();
            let marks = Marks::of(text, false);
            for escape in ESCAPES.iter().filter(|escape| escape.mark == b'=') {
                // Behind a line break the sign is a joint, which others read.
                let is_escape =
                    |at: &usize| text[*at] == b'=' && !matches!(text.get(at + 1), Some(b'\n' | b'\r'));
                for at in (0..text.len()).filter(is_escape) {
                    let wanted = escape.is_in_value(text, at, &mut (0..0));
                    let kept = marks.escapes_of(b'=').contains(&at);
                    assert!(kept || !wanted, "{round}: {at} in {}", text.escape_ascii());
                    escapes += usize::from(wanted);
                }
            }
        }
        assert!(escapes > 1_000, "{escapes} escapes were compared");
    }
}
