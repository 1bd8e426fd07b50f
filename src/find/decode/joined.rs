//! Joins values that are written in pieces: string literals beside each other, lines
//! that go on after a backslash or the like, and lines that were wrapped.
//!
//! A *joint* is what separates two pieces. A *chain* is a row of pieces with only joints
//! between them.

use std::ops::Range;

use super::super::encoding::Encoding;
use super::base32;
use super::decoded::Decoded;
use super::joints::{self, Joint, NAME};
use super::map::Builder;
use super::marks::Marks;
use super::text::{SHORTEST, beside};

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
    let (all, hidden) = joints::all(text, marks, true);
    let mut pieces = of_chains(text, &chains(text, marks, &all), out);
    if !hidden.is_empty() {
        let (others, _) = joints::all(text, marks, false);
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
    let goes_on = |one: &Joint, next: &Joint| one.words.end >= next.range.start;
    joints.chunk_by(goes_on).filter_map(|joints| chain(text, marks, joints)).collect()
}

/// The chain of these `joints`; `None` if it is too short.
fn chain<'j>(text: &[u8], marks: &Marks, joints: &'j [Joint]) -> Option<Chain<'j>> {
    let range = joints.first()?.words.start..joints.last()?.words.end;
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

#[cfg(test)]
mod tests {
    use super::super::joint::{is_quote, joins};
    use super::super::joints::{PARTS, joint};
    use super::super::text::around;
    use super::*;
    use crate::find::tests::Numbers;

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
            let may_join = |at: &usize| {
                let [_, mark, next, third] = around(text, *at);
                (mark == b'\n' || is_quote(mark)) && joins(mark, next, third)
            };
            let mut all: Vec<Joint> = Vec::new();
            for at in (0..text.len()).filter(may_join) {
                if all.last().is_none_or(|last| at >= last.range.end) {
                    all.extend(joint(text, &marks.pass.words, at, || false));
                }
            }
            let wanted = shown(text, &marks, &all);
            assert_eq!(
                shown(text, &marks, &joints::all(text, &marks, true).0),
                wanted,
                "{round}: {}",
                text.escape_ascii()
            );
            chained += wanted.len();
        }
        assert!(chained > 1_000, "{chained} chains were compared");
    }
}
