//! Finds the joints of a text: what separates two pieces of a value.

use std::cell::LazyCell;
use std::ops::Range;

use super::bits::Bits;
use super::glue;
use super::joint::{
    LONGEST_JOINT, behind_blanks, behind_break, ends_escape, is_continuation, is_quote, joins, may_begin,
    may_join_literals,
};
use super::marks::Marks;
use super::text::{SHORTEST, around, is_value};

/// The shortest chain whose joints say that they join, in characters: the name of an old
/// token.
pub(super) const NAME: usize = 8;

/// The longest wrapped line, in bytes: a longer one was not wrapped.
const LONGEST_LINE: usize = 1024;

/// What separates two pieces.
pub(super) struct Joint {
    pub(super) range: Range<usize>,
    /// From where the word before it begins to where the one behind it ends.
    pub(super) words: Range<usize>,
    /// Whether it says that the pieces belong together, which a line break alone does not.
    pub(super) says_so: bool,
}

/// The joints of `text` that could be in a chain, and where literals end within them, in order: what
/// looks like the comment of a joint may be another one. Such joints do not count if they may not
/// `hide` literals.
pub(super) fn all(text: &[u8], marks: &Marks, hide: bool) -> (Vec<Joint>, Vec<usize>) {
    let words = &marks.pass.words;
    let (mut joints, mut hidden): (Vec<Joint>, _) = (Vec::new(), Vec::new());
    // The end of the last joint, in a chain or not: within it no other begins.
    let mut last = 0;
    let hunk = LazyCell::new(|| memchr::memmem::find(text, b"@@ -"));
    for at in marks.joints.iter().copied() {
        if at < last {
            continue;
        }
        let Some(joint) = joint(text, words, at, || hunk.is_some_and(|hunk| hunk < at)) else { continue };
        // The quote at its end begins a literal; most joints are blanks.
        let opens = joint.range.end.checked_sub(1).and_then(|last| text.get(last));
        let within = at + 1..joint.range.end - usize::from(opens.is_some_and(|last| is_quote(*last)));
        if words.any_within(within.clone()) {
            let mut literals = within.filter(|at| ends_literal(text, *at));
            if hide {
                hidden.extend(literals);
            } else if literals.next().is_some() {
                continue;
            }
        }
        let is_alone = is_between_words(text, &joint, last);
        last = joint.range.end;
        if !is_alone {
            joints.push(joint);
        }
    }
    (joints, hidden)
}

/// Whether a literal may end at `at`, which is within a joint: behind a word as long as a piece
/// may be. Most comments end with the line, few with a quote.
fn ends_literal(text: &[u8], at: usize) -> bool {
    let least = match text.get(at) {
        Some(b'\n') => NAME,
        Some(mark) if is_quote(*mark) => 1,
        _ => return false,
    };
    let [_, mark, next, third] = around(text, at);
    let word = at.checked_sub(least).and_then(|from| text.get(from..at));
    word.is_some_and(|word| word.iter().all(|byte| is_value(*byte)))
        && joins(mark, next, third)
        && !ends_escape(text, at)
}

/// Whether the `joint` stands between two words that are too short together for a chain, and no
/// further joint is beside them, as in most texts. `last` is the end of the joint before. This
/// only saves time.
fn is_between_words(text: &[u8], joint: &Joint, last: usize) -> bool {
    let Joint { range, words, says_so } = joint;
    !says_so
        && words.start > last
        && words.len() - range.len() < SHORTEST
        && text.get(words.end..).is_some_and(|rest| !may_begin(rest))
}

/// The line break at `at` and the signs of a patch behind it, if the line before has the same.
/// Without a blank a plus sign may be a digit of base64, and a dash begins an item of a list:
/// those count where this is a patch.
fn signed(text: &[u8], at: usize, is_patch: impl FnOnce() -> bool) -> Option<Range<usize>> {
    let rest = text.get(at + 1..text.len().min(at + LONGEST_JOINT))?;
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let is_sign = |byte: &u8| matches!(byte, b'+' | b'-');
    let first = rest.iter().position(|byte| !is_blank(byte) && *byte != b'>')?;
    if !rest.get(first).is_some_and(is_sign) {
        return None;
    }
    let before = text.get(at.saturating_sub(LONGEST_LINE)..at)?;
    let line = match memchr::memrchr(b'\n', before) {
        Some(feed) => before.get(feed + 1..)?,
        None => Some(before).filter(|_| at <= LONGEST_LINE)?,
    };
    let same = rest.iter().zip(line).take_while(|(next, last)| next == last);
    let both = same.take_while(|(next, _)| is_blank(next) || is_sign(next) || **next == b'>').count();
    let signs = rest.get(..both).filter(|_| both > first)?;
    let blanks = rest.get(both..)?.iter().take_while(|byte| is_blank(byte)).count();
    let is_clear = !signs.contains(&b'-') && (blanks > 0 || signs.last().is_some_and(is_blank));
    let (start, end) = (at - trailing(before), at + 1 + both + blanks);
    let values = is_value(*text.get(start.checked_sub(1)?)?) && is_value(*text.get(end)?);
    (values && (is_clear || is_patch())).then_some(start..end)
}

/// The joint whose first quote, backslash or line break stands at `at`.
pub(super) fn joint(text: &[u8], words: &Bits, at: usize, is_patch: impl FnOnce() -> bool) -> Option<Joint> {
    let (before, rest) = text.split_at_checked(at)?;
    let is_break = rest.starts_with(b"\n");
    let line = if is_break { behind_blanks(rest, 1) } else { 0 };
    let is_signed = is_break && matches!(rest.get(line), Some(b'+' | b'-' | b'>'));
    let (range, says_so) = match is_signed.then(|| signed(text, at, is_patch)).flatten() {
        Some(range) => (range, false),
        None => unsigned(text, if is_break { at - trailing(before) } else { at }, at + line)?,
    };
    let words = words.start(range.start)..words.end(range.end);
    let joint = Joint { range, words, says_so };
    (!is_before_key(text, &joint)).then_some(joint)
}

/// The joint that begins at `start`, or a byte earlier, and whether it says that it joins; if a line
/// break begins it, blanks stand behind that before `line`.
fn unsigned(text: &[u8], start: usize, line: usize) -> Option<(Range<usize>, bool)> {
    // The end of an encoded word in a mail's header.
    let start = start - usize::from(text.get(..=start).is_some_and(|before| before.ends_with(b"?=")));
    if !is_value(*text.get(start.checked_sub(1)?)?) || ends_escape(text, start) {
        return None;
    }
    let rest = text.get(start..text.len().min(start + LONGEST_JOINT))?;
    let seen = match rest {
        [b'\n' | b'\r', ..] => behind_break(rest, line - start),
        [b'"' | b'\'' | b'`', ..] if !may_join_literals(rest) => return None,
        _ => None,
    };
    let (length, says_so) = match seen {
        Some(length) => (length?, false),
        None => in_any_form(text, start)?,
    };
    Some((start..start + length, says_so))
}

/// How long the joint is that begins at `start` and has a value behind it, and whether it says that
/// it joins: in any of the forms.
fn in_any_form(text: &[u8], start: usize) -> Option<(usize, bool)> {
    let end = text.len().min(start + LONGEST_JOINT);
    let fits = |joint: &(usize, bool)| joint.0 < end && text.get(joint.0).is_some_and(|next| is_value(*next));
    glue::joints(text.get(..end)?, start).find(fits).map(|(end, says_so)| (end - start, says_so))
}

/// Whether a line break stands at `range` between a value that nobody wrapped and the
/// name of the next one, as in `key: QUJD...=` above `other: ...`. Those
/// are two values.
fn is_before_key(text: &[u8], joint: &Joint) -> bool {
    let Joint { range, words, .. } = joint;
    let is_break = |text: &[u8]| text.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'='));
    words.start + LONGEST_LINE <= range.start
        && words.end - range.end <= LONGEST_JOINT
        && matches!(text.get(words.end..), Some([b':', b' ' | b'\t' | b'\r' | b'\n', ..]))
        && text.get(range.clone()).is_some_and(is_break)
}

/// How many bytes before a line break belong to the joint: blanks, a carriage
/// return and a sign of continuation.
fn trailing(before: &[u8]) -> usize {
    let blanks = |before: &[u8]| {
        before.iter().rev().take(64).take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r')).count()
    };
    let last = blanks(before);
    match before.get(..before.len() - last).and_then(<[u8]>::split_last) {
        Some((sign, rest)) if is_continuation(*sign) => last + 1 + blanks(rest),
        _ => last,
    }
}

/// What texts of joints are drawn from.
#[cfg(test)]
#[rustfmt::skip]
pub(super) const PARTS: [&str; 54] = [
    "\n", "\n", "\n", "\r\n", "\n\n", " ", " ", "\t", "    ", "\n  ", "\n// ", "\n-- ", "\n# ", "\\", "\\\n", " \\\n", "^", "=",
    "?=", "`", "\"", "'", "\" +\n\"", ",", ":", ": ", "-", "/", ".", "a", "word", "2026-11-28T12", "ABCDEFGHIJKL", "0123456789",
    "dt0c01", "abcdefghijklmnopqrstuvwxyz",
    "\n/// ", "\n//! ", "\n * ", "\n//", "\n+", "\n + ", "\n> ", "\" ", "` ", "\" \"", "_", "(", "*", "#",
    "\r\n", "\r\n  ", "\r\n// ", ";\r\n",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::find::tests::Numbers;

    #[test]
    fn a_joint_that_few_bytes_show_is_the_one_that_all_forms_read() {
        const SIGNS: &str = "@ $ $\" @\" b\" rb\" f' ) ( = ? > < <> << <# /* (* -- ; ;; % ^ ~ & | || ++ + . .. _ \\t \\r \\n \\\\";
        let parts: Vec<&str> = PARTS.into_iter().chain(SIGNS.split(' ')).collect();
        let mut numbers = Numbers(0x901c);
        let mut joined = 0;
        for round in 0..crate::effort::cases(20_000, 400_000) {
            let mark = ["\"", "'", "`", "\\\"", "\n", "\r\n"][numbers.below(6)];
            let text = format!("value{mark}{}", numbers.text(&parts, 12));
            let (text, start) = (text.as_bytes(), 5);
            let rest = &text[start..text.len().min(start + LONGEST_JOINT)];
            let seen = match mark {
                "\n" | "\r\n" => behind_break(rest, mark.len()),
                "\\\"" => None,
                _ => (!may_join_literals(rest)).then_some(None),
            };
            if let Some(seen) = seen {
                let read = in_any_form(text, start);
                // Without a word behind it, it joins nothing.
                let seen = seen.filter(|length| text.get(start + length).is_some_and(|next| is_value(*next)));
                assert_eq!(seen.map(|length| (length, false)), read, "{round}: {}", text.escape_ascii());
                joined += usize::from(read.is_some());
            }
        }
        assert!(joined > 1_000, "{joined} joints were compared");
    }
}
