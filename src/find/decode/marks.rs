//! The places in a text where an encoding may begin, from one pass over it.

use std::cell::Cell;

use super::super::prefilter::{self, Hint};
use super::bits::Bits;
use super::blocks::Pass;
use super::document;
use super::joint::{joins, joins_literals};
use super::text::{SHORTEST, around, is_like_encoded, is_of_value, is_text, is_value};

/// Where these characters are, each list in order.
#[derive(Default)]
pub(in crate::find) struct Marks {
    /// Where a token could be in plain text, and which matcher reads it.
    pub(in crate::find) hits: Vec<(Hint, usize)>,
    /// Quotes, backslashes and line breaks that may begin a joint.
    pub(super) joints: Vec<usize>,
    /// The characters that may begin an escape: `%`, `\\`, `&` and `=`.
    escapes: [Vec<usize>; 4],
    /// Where a prefix may begin that has glue before its third character.
    pub(super) broken: Vec<usize>,
    /// Where ascii85 may begin: `<~`.
    pub(super) ascii85: Vec<usize>,
    /// Where a line of a dump may begin, or the header of uuencode or base85.
    pub(super) lines: Vec<usize>,
    /// What the pass found.
    pub(super) pass: Pass,
    /// Whether the text is an XML part of an office document, or goes on in one.
    pub(in crate::find) document: bool,
    /// Whether the policy has rules: then any text may be escaped, not only what tokens are
    /// made of.
    pub(super) any_text: bool,
}

/// The longest text whose lists are kept, in bytes.
const LONGEST_KEPT: usize = 1 << 20;

thread_local! {
    /// Marks that are read no more.
    static SPARE: Cell<Option<Marks>> = const { Cell::new(None) };
}

impl Marks {
    /// The marks of `text`; see [`Marks::any_text`].
    pub(in crate::find) fn of(text: &[u8], any_text: bool) -> Self {
        let mut marks = SPARE.take().unwrap_or_default();
        marks.clear();
        let mut pass = std::mem::take(&mut marks.pass);
        pass.over(text);
        pass.literals.each(|at| marks.hits.extend(prefilter::hit(text, at + 1)));
        (marks.document, marks.any_text) = (document::begins(text), any_text);
        pass.marks.each(|at| marks.add(text, &pass.words, at));
        marks.pass = pass;
        marks
    }

    /// Keeps the lists for the marks of another text, which saves allocations; not those of a long one.
    pub(in crate::find) fn keep(self) {
        if self.pass.words.bytes() <= LONGEST_KEPT {
            SPARE.set(Some(self));
        }
    }

    fn clear(&mut self) {
        self.hits.clear();
        let Self { joints, escapes: [percent, backslash, ampersand, equals], broken, ascii85, lines, .. } =
            self;
        for list in [joints, percent, backslash, ampersand, equals, broken, ascii85, lines] {
            list.clear();
        }
    }

    /// Where escapes may begin with this mark.
    pub(super) fn escapes_of(&self, mark: u8) -> &[usize] {
        let [percent, backslash, ampersand, equals] = &self.escapes;
        match mark {
            b'%' => percent,
            b'\\' => backslash,
            b'&' => ampersand,
            _ => equals,
        }
    }

    /// Whether `run` could hold a token in base64 or hex, or one that is wrapped, or what a rule
    /// forbids.
    pub(super) fn may_hold(&self, run: &[u8]) -> bool {
        self.any_text || is_like_encoded(run)
    }

    /// Adds the mark at `at`, unless its neighbours or the words beside it show that nothing
    /// begins there. That only saves time: the decoders check the whole joint or escape.
    fn add(&mut self, text: &[u8], words: &Bits, at: usize) {
        let [last, mark, next, third] = around(text, at);
        let (class, glues) = (class(last), class(mark) & GLUE != 0);
        if class & PREFIX != 0 && glues {
            self.broken.extend(broken(text, at, mark));
        }
        let [percent, backslash, ampersand, equals] = &mut self.escapes;
        match mark {
            b'\n' => {
                if class & (VALUE | END) != 0 {
                    self.joints.push(at);
                }
                if matches!(next, b'0' | b'b' | b'G') {
                    self.lines.push(at + 1);
                }
                if last == b'|' {
                    self.broken.extend(broken(text, at, mark));
                }
            }
            b'"' | b'\'' | b'`' if class & VALUE != 0 && joins(mark, next, third) => self.joints.push(at),
            b'%' if next.is_ascii_hexdigit() || matches!(next, b'u' | b'U') => percent.push(at),
            b'&' if next == b'#' || next.is_ascii_lowercase() && is_named(text, at) => ampersand.push(at),
            b'=' if is_quoted(next, third, self.any_text)
                && (self.any_text
                    || matches!([next, third], [b'3', b'D' | b'd'])
                    || is_in_word(text, at, words)) =>
            {
                equals.push(at);
            }
            b'\\' => {
                if is_escaped(next) || self.any_text && escapes_text(next) {
                    backslash.push(at);
                }
                if class & VALUE != 0 && joins(mark, next, third) {
                    self.joints.push(at);
                }
            }
            // Before these something may stand that belongs to what parts a prefix.
            b'\r' | 0x08 if matches!(last, b' ' | b'|' | b'_') => self.broken.extend(broken(text, at, mark)),
            b'~' if last == b'<' => self.ascii85.push(at + 1),
            _ => {}
        }
    }
}

/// Whether the equals sign at `at` and the words beside it are long enough for a token, or
/// another one is beside them. An escaped equals sign needs no such word.
fn is_in_word(text: &[u8], at: usize, words: &Bits) -> bool {
    let (before, behind) = words.beside(at);
    let is_equals = |at: Option<usize>| at.and_then(|at| text.get(at)) == Some(&b'=');
    before + 1 + behind >= SHORTEST
        || is_equals(at.checked_sub(before + 1))
        || is_equals(Some(at + 1 + behind))
}

/// Whether a named entity may begin at `at`: none that is read is longer.
fn is_named(text: &[u8], at: usize) -> bool {
    let rest = text.get(at..).unwrap_or_default();
    rest.first_chunk::<8>().map_or(rest, |name| name).contains(&b';')
}

/// A character of values.
const VALUE: u8 = 1;
/// The first or the second letter of a prefix.
const PREFIX: u8 = 2;
/// What may precede a line break that joins.
const END: u8 = 4;
/// What may break a prefix.
const GLUE: u8 = 8;

/// Which of these `byte` is.
fn class(byte: u8) -> u8 {
    #[expect(clippy::indexing_slicing, reason = "computed at compile time")]
    static CLASSES: [u8; 256] = {
        let mut table = [0; 256];
        let mut byte = 0_u8;
        while byte < 255 {
            table[byte as usize] = if is_of_value(byte) { VALUE } else { 0 }
                | if matches!(byte, b'd' | b'D' | b't' | b'T') { PREFIX } else { 0 }
                | if matches!(byte, b' ' | b'\t' | b'\r' | b'\\' | b'^' | b'`' | b'=') { END } else { 0 }
                | if is_glue(byte) { GLUE } else { 0 };
            byte += 1;
        }
        table
    };
    CLASSES.get(usize::from(byte)).copied().unwrap_or_default()
}

/// Whether `byte` can begin what breaks a prefix.
const fn is_glue(byte: u8) -> bool {
    matches!(byte, 1..=8 | 10..=31 | 0xc2 | 0xe2)
        || matches!(byte, b'"' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'<' | b'=' | b'\\' | b'^' | b'`')
}

/// Whether the `mark` can be glue in a prefix in the middle of a word, too.
fn is_glue_alone(mark: u8) -> bool {
    matches!(mark, 0x08 | 0x1b | b'\\' | b'^' | 0xc2 | 0xe2)
}

/// Where a prefix may begin that glue with its `mark` at `at` breaks. Marks that are common in
/// text count only where a word begins: that saves time.
#[cold]
fn broken(text: &[u8], at: usize, mark: u8) -> Option<usize> {
    // Most words that end so are longer.
    if let Some([before, b'd' | b'D' | b't' | b'T']) = at.checked_sub(2).and_then(|two| text.get(two..at))
        && before.is_ascii_alphanumeric()
        && !matches!(before, b'd' | b'D')
        && !is_glue_alone(mark)
    {
        return None;
    }
    let next = text.get(at + 1).copied().unwrap_or_default();
    let glue = match mark {
        b'"' | b'\'' => joins_literals(next) || next.is_ascii_alphanumeric() || b",|^<)];".contains(&next),
        b'=' | b'`' | b'^' => b" \t\r\n[H\"`+".contains(&next),
        b'%' => b"% \r\n".contains(&next),
        b'&' => next == b'#' || next.is_ascii_alphabetic(),
        // Of most numbers nothing is glue.
        b'\\' if next == b'u' => {
            let number = text.get(at + 2..).unwrap_or_default();
            // RTF writes decimal ones: `\u116?`.
            [&b"00"[..], b"20", b"fe", b"FE", b"{"].iter().any(|start| number.starts_with(start))
                || number.iter().take(4).any(|byte| *byte == b'?')
        }
        b'<' => next.is_ascii_alphabetic() || b"/!\\\n".contains(&next),
        _ => true,
    };
    let before = match (mark, text.get(..at).filter(|_| glue)?) {
        (b'\n' | b'\r', [rest @ .., b'|' | b' ']) | (0x08, [rest @ .., b'_']) => rest,
        (_, all) => all,
    };
    let (before, start) = match before {
        [before @ .., b'd' | b'D', b't' | b'T'] | [before @ .., b'd' | b'D'] => (before, before.len()),
        _ => return None,
    };
    let is_word = match before {
        [.., b'\\', _] => true,
        [.., last] => !last.is_ascii_alphanumeric(),
        [] => true,
    };
    (is_glue_alone(mark) || is_word).then_some(start)
}

/// Whether a backslash before `byte` can escape a character of a token.
fn is_escaped(byte: u8) -> bool {
    matches!(byte, b'x' | b'u' | b'U' | b'0'..=b'7' | b'\\' | b'=' | b'.' | b'-' | b'_' | b'+' | b'/')
}

/// Whether these are the digits of a character that quoted-printable may escape in or beside a
/// token, or in any text.
fn is_quoted(next: u8, third: u8, any_text: bool) -> bool {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let byte = digit(next).zip(digit(third)).and_then(|(high, low)| u8::try_from(high * 16 + low).ok());
    byte.is_some_and(|byte| {
        is_value(byte) || matches!(byte, 0 | b'=' | b'\n' | b'\r') || any_text && is_text(byte)
    })
}

/// Whether a backslash before `byte` can escape any other text.
fn escapes_text(byte: u8) -> bool {
    byte.is_ascii_punctuation() || matches!(byte, b'n' | b'r' | b't')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::find::tests::Numbers;

    #[rustfmt::skip]
    const PARTS: [&str; 65] = [
        "d", "t", "dt", "DT", "0", "a", "G", "b", "\n", "\r\n", "\r", "|", " ", "\t", "_", "\"", "'", "`", "\\", "\\n",
        "\\d", "%", "%2e", "&", "&#4", "&amp;", "=", "=3D", "=\n", "<", "<~", "~", "^", ",", "+", ".", "~\n", "\u{a0}",
        "\u{200b}", "\0", "\u{8}", "\u{1b}", "A1B2C3D4E5", "    ",
        "dt0", "DT0", "dT", "oken", "OKEN", "Token", "_key", "-KEY", "piKey", "essKey", ".eyJ", "eed-auth", "ocker_pass",
        "mcsvc", ".dynatrace.com", "k", "#", "$", "$(D)",
        "abcdefghijklm", "2026-11-28T12",
    ];

    /// The marks of `text`, each byte read by itself.
    fn slowly(text: &[u8]) -> Marks {
        let mut pass = Pass { nul: text.contains(&0), ..Pass::default() };
        for block in text.chunks(64) {
            let bits = block.iter().enumerate().map(|(number, byte)| u64::from(is_value(*byte)) << number);
            pass.words.push(bits.fold(0, |all, bit| all | bit));
        }
        let mut marks = Marks { any_text: true, ..Marks::default() };
        (0..text.len()).for_each(|at| marks.add(text, &pass.words, at));
        marks.pass = pass;
        marks.hits = (0..text.len()).filter_map(|at| prefilter::hit(text, at)).collect();
        marks
    }

    #[test]
    fn the_pass_by_blocks_loses_no_mark_that_a_pass_by_bytes_finds() {
        let mut numbers = Numbers(0xb10c);
        let mut marked = 0;
        for round in 0..crate::effort::cases(4_000, 40_000) {
            let text = numbers.text(&PARTS, 300);
            marked += compare(text.as_bytes(), &format!("round {round}: {text:?}"));
        }
        assert!(marked > 10_000, "{marked} marks were compared");
        // And between any bytes.
        let bytes: Vec<u8> = (0..4 << 20).map(|_| numbers.below(256) as u8).collect();
        let marked = compare(&bytes, "any bytes");
        assert!(marked > 10_000, "{marked} marks were compared");
    }

    /// Compares the marks that both ways find in `text`, and returns how many there are.
    fn compare(text: &[u8], name: &str) -> usize {
        let (fast, slow) = (Marks::of(text, true), slowly(text));
        let lists = |marks: &Marks| {
            let Marks { joints, escapes, broken, ascii85, lines, .. } = marks;
            [&escapes[..], &[joints.clone(), broken.clone(), ascii85.clone(), lines.clone()]].concat()
        };
        assert!(lists(&fast) == lists(&slow), "{name}");
        assert_eq!((&fast.hits, fast.pass.nul), (&slow.hits, slow.pass.nul), "{name}");
        // The next marks are read into the same lists.
        fast.keep();
        lists(&slow).iter().map(Vec::len).sum::<usize>() + slow.hits.len()
    }
}
