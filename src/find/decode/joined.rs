//! Joins values that are written in pieces: string literals beside each other, lines
//! that go on after a backslash or the like, and lines that were wrapped.
//!
//! A *joint* is what separates two pieces. A *chain* is a row of pieces with only joints
//! between them.

use std::cell::LazyCell;
use std::ops::Range;

use super::super::encoding::Encoding;
use super::base32;
use super::decoded::Decoded;
use super::glue;
use super::joint::{LONGEST_JOINT, ends_escape, is_continuation, is_quote, joins, may_begin, quickly};
use super::map::Builder;
use super::marks::Marks;
use super::text::{SHORTEST, beside, is_value};
use super::words::Words;

/// The shortest chain whose joints say that they join, in characters: the name of an old
/// token.
const NAME: usize = 8;

/// The longest wrapped line, in bytes: a longer one was not wrapped.
const LONGEST_LINE: usize = 1024;

/// What separates two pieces.
struct Joint {
    range: Range<usize>,
    /// Whether it says that the pieces belong together, which a line break alone does not.
    says_so: bool,
}

/// A row of pieces that could be a value.
struct Chain<'j> {
    /// From the start of its first piece to the end of its last.
    range: Range<usize>,
    joints: &'j [Joint],
}

impl Chain<'_> {
    fn pieces(&self) -> impl Iterator<Item = Range<usize>> {
        let starts = self.joints.iter().map(|joint| joint.range.end);
        let ends = self.joints.iter().map(|joint| joint.range.start);
        let (first, last) = (self.range.start, self.range.end);
        std::iter::once(first).chain(starts).zip(ends.chain([last])).map(|(start, end)| start..end)
    }
}

/// Hands out the chains of `text`, joined, each with the text around it: once without the
/// joints that say that they join, once without all. Returns the pieces of the latter,
/// sorted: a joint can have a comment.
pub(super) fn each(text: &[u8], marks: &Marks, out: &mut dyn FnMut(Decoded)) -> Vec<Range<usize>> {
    let (all, hidden) = joints(text, &marks.words, &marks.joints, true);
    let mut pieces = of_chains(text, &chains(text, marks, &all), out);
    if !hidden.is_empty() {
        let (others, _) = joints(text, &marks.words, &marks.joints, false);
        // A name and its value are two chains.
        let near_hidden = |chain: &Chain| {
            let Range { start, end } = beside(&chain.range, text);
            let next = hidden.partition_point(|mark| *mark < start);
            hidden.get(next).is_some_and(|mark| *mark < end)
        };
        let mut chains = chains(text, marks, &others);
        chains.retain(near_hidden);
        pieces.extend(of_chains(text, &chains, out));
        pieces.sort_unstable_by_key(|piece| (piece.start, piece.end));
    }
    pieces
}

/// As [`each`], of these `chains`.
fn of_chains(text: &[u8], chains: &[Chain<'_>], out: &mut dyn FnMut(Decoded)) -> Vec<Range<usize>> {
    let says_so = |chain: &&Chain| chain.joints.iter().any(|joint| joint.says_so);
    let breaks = |chain: &&Chain| chain.joints.iter().any(|joint| !joint.says_so);
    join(text, chains.iter().filter(says_so), Encoding::Pieces, out);
    join(text, chains.iter().filter(breaks), Encoding::Lines, out);
    chains.iter().filter(breaks).flat_map(Chain::pieces).collect()
}

/// Hands out the windows around `chains`, without their joints. Windows that touch are
/// merged; to merge more would take time.
fn join<'c>(
    text: &[u8],
    chains: impl Iterator<Item = &'c Chain<'c>>,
    encoding: Encoding,
    out: &mut dyn FnMut(Decoded),
) {
    let mut open: Option<(Builder, usize, usize)> = None;
    for chain in chains {
        let window = beside(&chain.range, text);
        let (mut joined, at) = match open.take() {
            Some((joined, at, end)) if window.start <= end => (joined, at),
            done => {
                close(text, done, encoding, out);
                (Builder::default(), window.start)
            }
        };
        let mut at = at;
        for joint in chain.joints.iter().filter(|joint| joint.says_so || encoding == Encoding::Lines) {
            joined.keep(text.get(at..joint.range.start).unwrap_or_default(), at);
            at = joint.range.end;
        }
        open = Some((joined, at, window.end));
    }
    close(text, open, encoding, out);
}

fn close(
    text: &[u8],
    open: Option<(Builder, usize, usize)>,
    encoding: Encoding,
    out: &mut dyn FnMut(Decoded),
) {
    if let Some((mut joined, at, end)) = open {
        joined.keep(text.get(at..end).unwrap_or_default(), at);
        let (bytes, map) = joined.finish();
        out(Decoded { encoding, bytes, map, part: false });
    }
}

/// All chains of these `joints` that could hold a part of a token: the pieces have only
/// characters of values, and are long enough.
fn chains<'j>(text: &[u8], marks: &Marks, joints: &'j [Joint]) -> Vec<Chain<'j>> {
    let goes_on = |one: &Joint, next: &Joint| marks.words.end(one.range.end) >= next.range.start;
    joints.chunk_by(goes_on).filter_map(|joints| chain(text, marks, joints)).collect()
}

/// The chain of these `joints`; `None` if it is too short.
fn chain<'j>(text: &[u8], marks: &Marks, joints: &'j [Joint]) -> Option<Chain<'j>> {
    let words = &marks.words;
    let range = words.start(joints.first()?.range.start)..words.end(joints.last()?.range.end);
    let between: usize = joints.iter().map(|joint| joint.range.len()).sum();
    let says_so = joints.iter().any(|joint| joint.says_so);
    let is_long = range.len() - between >= if says_so { NAME } else { SHORTEST };
    let lines = text.get(range.clone())?;
    (is_long && (says_so || marks.may_hold(lines) || may_be_base32(lines))).then_some(Chain { range, joints })
}

/// Whether these `lines` have enough of base32 in lower case, most of which are letters; blanks, what
/// comments begin with and the signs of a patch may part it.
fn may_be_base32(lines: &[u8]) -> bool {
    let mut row = 0;
    lines.iter().any(|byte| {
        match byte {
            b'a'..=b'z' | b'2'..=b'7' => row += 1,
            b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'.' => row = 0,
            _ => {}
        }
        row == base32::LEAST
    })
}

/// The joints that begin at one of `marks` and could be in a chain, and where literals end within
/// them, in order: what looks like the comment of a joint may be another one. Such joints do not
/// count if they may not `hide` literals.
fn joints(text: &[u8], words: &Words, marks: &[usize], hide: bool) -> (Vec<Joint>, Vec<usize>) {
    let (mut joints, mut hidden): (Vec<Joint>, _) = (Vec::new(), Vec::new());
    // The end of the last joint, in a chain or not: within it no other begins.
    let mut last = 0;
    let hunk = LazyCell::new(|| memchr::memmem::find(text, b"@@ -"));
    for at in marks.iter().copied() {
        if at < last {
            continue;
        }
        let signed = signed(text, at, || hunk.is_some_and(|hunk| hunk < at));
        if let Some(joint) = signed.or_else(|| joint(text, words, at)) {
            let mut literals = (at + 1..joint.range.end).filter(|at| ends_literal(text, *at));
            if hide {
                hidden.extend(literals);
            } else if literals.next().is_some() {
                continue;
            }
            let is_alone = is_between_words(text, words, &joint, last);
            last = joint.range.end;
            joints.extend(Some(joint).filter(|_| !is_alone));
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
    let [mark, next, third] = [0, 1, 2].map(|number| text.get(at + number).copied().unwrap_or_default());
    let word = at.checked_sub(least).and_then(|from| text.get(from..at));
    word.is_some_and(|word| word.iter().all(|byte| is_value(*byte)))
        && joins(mark, next, third)
        && !ends_escape(text, at)
}

/// Whether the `joint` stands between two words that are too short together for a chain, and no
/// further joint is beside them, as in most texts. `last` is the end of the joint before. This
/// only saves time.
fn is_between_words(text: &[u8], words: &Words, joint: &Joint, last: usize) -> bool {
    let Range { start, end } = joint.range;
    let (first, second) = (words.start(start), words.end(end));
    !joint.says_so
        && first > last
        && start - first + second - end < SHORTEST
        && text.get(second..).is_some_and(|rest| !may_begin(rest))
}

/// The line break at `at` and the signs of a patch behind it, if the line before has the same.
/// Without a blank a plus sign may be a digit of base64, and a dash begins an item of a list:
/// those count where this is a patch.
fn signed(text: &[u8], at: usize, is_patch: impl FnOnce() -> bool) -> Option<Joint> {
    let [b'\n', rest @ ..] = text.get(at..text.len().min(at + LONGEST_JOINT))? else { return None };
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
    (values && (is_clear || is_patch())).then_some(Joint { range: start..end, says_so: false })
}

/// The joint whose first quote, backslash or line break stands at `at`.
fn joint(text: &[u8], words: &Words, at: usize) -> Option<Joint> {
    let before = text.get(..at)?;
    let mut start = if text.get(at) == Some(&b'\n') { at - trailing(before) } else { at };
    // The end of an encoded word in a mail's header.
    start -= usize::from(before.get(..=start).is_some_and(|before| before.ends_with(b"?=")));
    if !is_value(*text.get(start.checked_sub(1)?)?) || ends_escape(text, start) {
        return None;
    }
    if let Some(length) = quickly(text.get(start..text.len().min(start + LONGEST_JOINT))?) {
        let range = start..start + length?;
        return (!is_before_key(text, words, &range)).then_some(Joint { range, says_so: false });
    }
    let end = text.len().min(start + LONGEST_JOINT);
    let fits = |joint: &(usize, bool)| text.get(joint.0).is_some_and(|next| is_value(*next));
    let (end, says_so) = glue::joints(text.get(..end)?, start).find(|joint| joint.0 < end && fits(joint))?;
    let range = start..end;
    if is_before_key(text, words, &range) { None } else { Some(Joint { range, says_so }) }
}

/// Whether a line break stands at `range` between a value that nobody wrapped and the
/// name of the next one, as in `key: QUJD...=` above `other: ...`. Those
/// are two values.
fn is_before_key(text: &[u8], words: &Words, range: &Range<usize>) -> bool {
    let is_break = |text: &[u8]| text.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'='));
    let end = words.end(range.end);
    end - range.end <= LONGEST_JOINT
        && matches!(text.get(end..), Some([b':', b' ' | b'\t' | b'\r' | b'\n', ..]))
        && text.get(range.clone()).is_some_and(is_break)
        && words.start(range.start) + LONGEST_LINE <= range.start
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::find::tests::Numbers;

    #[rustfmt::skip]
    const PARTS: [&str; 54] = [
        "\n", "\n", "\n", "\r\n", "\n\n", " ", " ", "\t", "    ", "\n  ", "\n// ", "\n-- ", "\n# ", "\\", "\\\n", " \\\n", "^", "=",
        "?=", "`", "\"", "'", "\" +\n\"", ",", ":", ": ", "-", "/", ".", "a", "word", "2026-11-28T12", "ABCDEFGHIJKL", "0123456789",
        "dt0c01", "abcdefghijklmnopqrstuvwxyz",
        "\n/// ", "\n//! ", "\n * ", "\n//", "\n+", "\n + ", "\n> ", "\" ", "` ", "\" \"", "_", "(", "*", "#",
        "\r\n", "\r\n  ", "\r\n// ", ";\r\n",
    ];

    /// The chains of these `joints`, to compare them.
    fn shown(text: &[u8], marks: &Marks, joints: &[Joint]) -> Vec<String> {
        let joint = |joint: &Joint| format!("{:?} {}", joint.range, joint.says_so);
        let show = |chain: &Chain<'_>| {
            let joints: Vec<_> = chain.joints.iter().map(joint).collect();
            format!("{:?}: {joints:?}", chain.range)
        };
        chains(text, marks, joints).iter().map(show).collect()
    }

    #[test]
    fn a_line_break_or_quote_that_is_passed_over_is_in_no_chain() {
        let mut numbers = Numbers(0x10ea);
        let mut chained = 0;
        for round in 0..crate::effort::cases(20_000, 400_000) {
            let text = numbers.text(&PARTS, 120);
            let text = text.as_bytes();
            let marks = Marks::of(text, false);
            let mut all: Vec<Joint> = Vec::new();
            let may_join = |at: &usize| {
                text[*at] == b'\n'
                    || text[*at] != b'\\' && is_quote(text[*at]) && text.get(at + 1) == Some(&b' ')
                    || marks.joints.contains(at)
            };
            for at in (0..text.len()).filter(may_join) {
                if all.last().is_none_or(|last| at >= last.range.end) {
                    all.extend(signed(text, at, || false).or_else(|| joint(text, &marks.words, at)));
                }
            }
            let wanted = shown(text, &marks, &all);
            assert_eq!(
                shown(text, &marks, &joints(text, &marks.words, &marks.joints, true).0),
                wanted,
                "{round}: {}",
                text.escape_ascii()
            );
            chained += wanted.len();
        }
        assert!(chained > 1_000, "{chained} chains were compared");
    }
}
