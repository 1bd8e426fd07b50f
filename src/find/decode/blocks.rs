//! A text in blocks of 64 bytes, and which bytes of each block are of which class: a bit
//! for each byte, the lowest for the first. What stands beside what is then a few
//! operations for the whole block.

use std::ops::Range;

use fearless_simd::prelude::*;
use fearless_simd::{Level, dispatch, u8x16, u8x64};

/// How many bytes a block has.
const BLOCK: usize = 64;

const DIGITS: &[u8] = b"0123456789";
const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A set of ASCII characters: for the lower half of a byte the upper halves with which it is
/// a member, a bit each.
struct Set([u8; 16]);

impl Set {
    const fn of(members: &[u8]) -> Self {
        Self([0; 16]).and(members)
    }

    #[expect(clippy::indexing_slicing, reason = "computed at compile time")]
    const fn and(mut self, members: &[u8]) -> Self {
        let mut number = 0;
        while number < members.len() {
            let member = members[number];
            assert!(member < 128, "not of ASCII");
            self.0[(member & 15) as usize] |= 1 << (member >> 4);
            number += 1;
        }
        self
    }
}

/// Letters and digits.
const WORD: Set = Set::of(DIGITS).and(LETTERS);
/// As [`super::text::is_value`].
const VALUE: Set = Set::of(DIGITS).and(LETTERS).and(b"._-+/");
/// What may precede a line break that joins, and the vertical line that parts a prefix.
const END: Set = Set::of(DIGITS).and(LETTERS).and(b"._-+/").and(b" \t\r\\^`=|");
/// What may follow a quote that begins a joint, and the ampersand of an entity.
const JOINS: Set = Set::of(b" \t\n\r\"'`\\+.&~,#");
const QUOTES: Set = Set::of(b"\"'`");
/// What a line of a dump begins with, or the header of uuencode or base85.
const LINES: Set = Set::of(b"0bG");
/// Marks that are rare enough to be read wherever they stand, without NUL.
const RARE: Set = Set::of(b"\\%^~\x01\x02\x03\x04\x05\x06\x07\x08\x0b\x0c\x0e\x0f")
    .and(b"\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f");
/// What rows of numbers have, see [`super::numbers`].
const NUMBERS: Set = Set::of(DIGITS).and(b"abcdefABCDEFxX. \t\r\n,:;-\\");

/// Which bytes of a block are of which class.
#[derive(Clone, Copy, Default)]
pub(super) struct Classes {
    word: u64,
    value: u64,
    end: u64,
    joins: u64,
    quotes: u64,
    lines: u64,
    rare: u64,
    numbers: u64,
    prefix: u64,
    newline: u64,
    carriage: u64,
    ampersand: u64,
    equals: u64,
    less: u64,
    backslash: u64,
}

impl Classes {
    #[inline(always)]
    fn of<S: Simd>(simd: S, block: &[u8; BLOCK]) -> Self {
        let bytes = u8x64::load_array_ref(simd, block);
        let (low, high) = (bytes & 0x0f, bytes >> 4);
        // For bytes that are no ASCII no bit.
        let bits = u8x16::simd_from(simd, [1, 2, 4, 8, 16, 32, 64, 128, 0, 0, 0, 0, 0, 0, 0, 0]);
        let bit = u8x64::block_splat(bits).swizzle_dyn_within_blocks(high);
        let zero = u8x64::splat(simd, 0);
        let within = |set: &Set| {
            let uppers = u8x64::block_splat(u8x16::simd_from(simd, set.0)).swizzle_dyn_within_blocks(low);
            !(uppers & bit).simd_eq(zero).to_bitmask()
        };
        let is = |byte: u8| bytes.simd_eq(u8x64::splat(simd, byte)).to_bitmask();
        let small = bytes | 0x20;
        let is_either = |byte: u8| small.simd_eq(u8x64::splat(simd, byte));
        Self {
            word: within(&WORD),
            value: within(&VALUE),
            end: within(&END),
            joins: within(&JOINS),
            quotes: within(&QUOTES),
            lines: within(&LINES),
            // The first bytes of invisible characters too.
            rare: within(&RARE) | is_either(0xe2).to_bitmask(),
            numbers: within(&NUMBERS),
            prefix: (is_either(b'd') | is_either(b't')).to_bitmask(),
            newline: is(b'\n'),
            carriage: is(b'\r'),
            ampersand: is(b'&'),
            equals: is(b'='),
            less: is(b'<'),
            backslash: is(b'\\'),
        }
    }

    /// The places of marks at which something may begin, each moved by two: what stands
    /// behind the last two is in the next block. `last` are the classes of the block before.
    #[inline(always)]
    fn marks(&self, last: &Self) -> u64 {
        // `class` of the bytes that stand so many places before.
        macro_rules! before {
            ($class:ident, $places:literal) => {
                self.$class << $places | last.$class >> (64 - $places)
            };
        }
        let newline = before!(newline, 2);
        let breaks = newline & (before!(end, 3) | before!(lines, 1));
        let returns = before!(carriage, 2) & before!(end, 3) & !before!(value, 3);
        let literals = before!(quotes, 2) & before!(value, 3) & before!(joins, 1);
        let entities = before!(ampersand, 2) & (before!(word, 1) | before!(joins, 1));
        let printable = before!(equals, 2) & before!(word, 1) & self.word;
        // A `d` or `dt` with which a word begins, and glue behind it.
        let one = before!(prefix, 3);
        let begins = one & (!before!(word, 4) | before!(backslash, 5))
            | one & before!(prefix, 4) & (!before!(word, 5) | before!(backslash, 6));
        let glue = newline
            | before!(carriage, 2)
            | before!(quotes, 2)
            | before!(ampersand, 2)
            | before!(equals, 2)
            | before!(less, 2);
        breaks | returns | literals | entities | printable | begins & glue | before!(rare, 2)
    }
}

/// Long runs of a class, block by block.
struct Runs {
    shortest: usize,
    /// Where the run begins with which the last block ends, if it is of that class as a whole.
    start: usize,
    found: Vec<Range<usize>>,
}

impl Runs {
    const fn of(shortest: usize) -> Self {
        Self { shortest, start: 0, found: Vec::new() }
    }

    /// Adds the runs that end in the block at `at`, or at its start. A run that is long enough
    /// has `HALF` bytes or more in this block or in the one before.
    #[inline(always)]
    fn add<const HALF: u32>(&mut self, class: u64, last: u64, at: usize) {
        let mut long = class & class >> 1;
        long &= long >> 2;
        long &= long >> 4;
        long &= long >> 8;
        if HALF > 16 {
            long &= long >> (HALF - 16);
        }
        if long != 0 || last.leading_ones() >= HALF {
            self.read(class, last, at);
        }
    }

    #[cold]
    fn read(&mut self, class: u64, last: u64, at: usize) {
        if last != u64::MAX {
            self.start = at - last.leading_ones() as usize;
        }
        let mut start = self.start;
        let mut left = class;
        let mut from = 0;
        loop {
            let end = from + left.trailing_ones();
            // It may go on.
            if end == u64::BITS {
                return;
            }
            let run = start..at + end as usize;
            if run.len() >= self.shortest {
                self.found.push(run);
            }
            left = class >> end;
            if left == 0 {
                return;
            }
            from = end + left.trailing_zeros();
            left = class >> from;
            start = at + from as usize;
        }
    }
}

/// What one pass over a text shows.
pub(super) struct Survey {
    /// The runs of characters of values that are long enough to be base64.
    pub(super) values: Vec<Range<usize>>,
    /// Those of what rows of numbers are written with.
    pub(super) numbers: Vec<Range<usize>>,
}

/// Calls `mark` with each place in `text` at which something may begin that the marks are
/// about, in order, and returns the long runs.
pub(super) fn survey(text: &[u8], values: usize, numbers: usize, mark: &mut impl FnMut(usize)) -> Survey {
    dispatch!(Level::new(), simd => read(simd, text, values, numbers, mark))
}

#[inline(always)]
fn read<S: Simd>(
    simd: S,
    text: &[u8],
    values: usize,
    numbers: usize,
    mark: &mut impl FnMut(usize),
) -> Survey {
    let (mut values, mut numbers) = (Runs::of(values), Runs::of(numbers));
    let (blocks, rest) = text.as_chunks::<BLOCK>();
    // The second block ends what the last bytes begin.
    let mut end = [[0; BLOCK]; 2];
    end.as_flattened_mut().iter_mut().zip(rest).for_each(|(to, byte)| *to = *byte);
    let mut last = Classes::default();
    for (number, block) in blocks.iter().chain(&end).enumerate() {
        let at = number * BLOCK;
        let classes = Classes::of(simd, block);
        values.add::<16>(classes.value, last.value, at);
        numbers.add::<24>(classes.numbers, last.numbers, at);
        let mut marks = classes.marks(&last);
        while marks != 0 {
            mark(at + marks.trailing_zeros() as usize - 2);
            marks &= marks - 1;
        }
        last = classes;
    }
    Survey { values: values.found, numbers: numbers.found }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::find::decode::text::is_value;

    #[test]
    fn each_long_run_is_found_whole_wherever_it_begins_and_ends() {
        let is_number = |byte: u8| b"0123456789abcdefABCDEFxX. \t\r\n,:;-\\".contains(&byte);
        for before in (0..70).chain([127, 128, 129, 200]) {
            for length in (28..70).chain([95, 96, 127, 128, 129, 192]) {
                for (gap, second) in [(0, 0), (1, 40), (30, 50), (1, 1)] {
                    let run = |length: usize| b"0d".iter().copied().cycle().take(length);
                    let other = |length: usize| std::iter::repeat_n(b'!', length);
                    let text: Vec<u8> =
                        other(before).chain(run(length)).chain(other(gap)).chain(run(second)).collect();
                    let slow = |shortest: usize, fits: &dyn Fn(u8) -> bool| -> Vec<Range<usize>> {
                        let mut at = 0;
                        let parts = text.chunk_by(|one, other| fits(*one) == fits(*other)).map(|part| {
                            at += part.len();
                            at - part.len()..at
                        });
                        parts.filter(|part| fits(text[part.start]) && part.len() >= shortest).collect()
                    };
                    let found = survey(&text, 32, 48, &mut |_| ());
                    let at = format!("{before} {length} {gap} {second}");
                    assert_eq!(found.values, slow(32, &is_value), "{at}");
                    assert_eq!(found.numbers, slow(48, &is_number), "{at}");
                }
            }
        }
    }

    #[test]
    fn the_classes_are_those_of_the_readers_behind_them() {
        for byte in 0..=255 {
            let classes = dispatch!(Level::new(), simd => Classes::of(simd, &[byte; BLOCK]));
            let all = |is: bool| if is { u64::MAX } else { 0 };
            assert_eq!(classes.value, all(is_value(byte)), "{byte}");
            assert_eq!(classes.word, all(byte.is_ascii_alphanumeric()), "{byte}");
            assert_eq!(classes.numbers, all(super::super::numbers::is_part(byte)), "{byte}");
        }
    }
}
