//! A text in blocks of 64 bytes, and which bytes of each block are of which class: a bit
//! for each byte, the lowest for the first. What stands beside what is then a few
//! operations for the whole block.

use std::ops::Range;

use fearless_simd::prelude::*;
use fearless_simd::{Level, dispatch, u8x16, u8x64};

use super::{base64, numbers};

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
const VALUE: Set = WORD.and(b"._-+/");
/// What may precede a line break that joins, and the vertical line that parts a prefix.
const END: Set = VALUE.and(b" \t\r\\^`=|");
/// What may follow a quote that begins a joint, and the ampersand of an entity.
const JOINS: Set = Set::of(b" \t\n\r\"'`\\+.&~,#");
const QUOTES: Set = Set::of(b"\"'`");
/// What a line of a dump begins with, or the header of uuencode or base85.
const LINES: Set = Set::of(b"0bG");
/// What else may part a prefix with which a word begins.
const GLUE: Set = Set::of(b"<#$");
/// Marks that are rare enough to be read wherever they stand, without NUL.
const RARE: Set = Set::of(b"\\%^~\x01\x02\x03\x04\x05\x06\x07\x08\x0b\x0c\x0e\x0f")
    .and(b"\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f");
/// What rows of numbers have, see [`super::numbers`].
const NUMBERS: Set = Set::of(DIGITS).and(b"abcdefABCDEFxX. \t\r\n,:;-\\");

/// The class of the bytes that stand so many places before, in two blocks.
macro_rules! before {
    ($two:expr, $class:ident, $places:literal) => {
        $two.1.$class << $places | $two.0.$class >> (64 - $places)
    };
}

/// Which bytes of a block are of which class.
#[derive(Clone, Copy, Default)]
struct Classes {
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
    glue: u64,
    backslash: u64,
    zero: u64,
    dot: u64,
    dash: u64,
    k: u64,
    e: u64,
    n_or_y: u64,
    a_or_p: u64,
    r_or_c: u64,
}

/// A block, as the vector instructions read it.
#[derive(Clone, Copy)]
struct Bytes<S: Simd> {
    bytes: u8x64<S>,
    /// With small letters for capitals, and other characters changed too.
    small: u8x64<S>,
    /// The lower half of each byte.
    low: u8x64<S>,
    /// The bit of its upper half, see [`Set`]; of bytes that are not ASCII none.
    bit: u8x64<S>,
}

// All that is called with vectors has to become part of the pass: each part of it is
// compiled once for each set of instructions.
impl<S: Simd> Bytes<S> {
    #[inline(always)]
    fn of(simd: S, block: &[u8; BLOCK]) -> Self {
        let bytes = u8x64::load_array_ref(simd, block);
        let bits = u8x16::simd_from(simd, [1, 2, 4, 8, 16, 32, 64, 128, 0, 0, 0, 0, 0, 0, 0, 0]);
        let bit = u8x64::block_splat(bits).swizzle_dyn_within_blocks(bytes >> 4);
        Self { bytes, small: bytes | 0x20, low: bytes & 0x0f, bit }
    }

    /// Which bytes are members of `set`.
    #[inline(always)]
    fn within(&self, simd: S, set: &Set) -> u64 {
        let members = u8x64::block_splat(u8x16::simd_from(simd, set.0)).swizzle_dyn_within_blocks(self.low);
        !(members & self.bit).simd_eq(u8x64::splat(simd, 0)).to_bitmask()
    }

    /// Which bytes are that one.
    #[inline(always)]
    fn is(&self, simd: S, byte: u8) -> u64 {
        self.bytes.simd_eq(u8x64::splat(simd, byte)).to_bitmask()
    }

    /// Which bytes are one of these small letters, or their capitals.
    #[inline(always)]
    fn is_either(&self, simd: S, one: u8, other: u8) -> u64 {
        let is = self.small.simd_eq(u8x64::splat(simd, one)) | self.small.simd_eq(u8x64::splat(simd, other));
        is.to_bitmask()
    }
}

impl Classes {
    #[inline(always)]
    fn of<S: Simd>(simd: S, block: &[u8; BLOCK]) -> Self {
        let bytes = Bytes::of(simd, block);
        Self {
            word: bytes.within(simd, &WORD),
            value: bytes.within(simd, &VALUE),
            end: bytes.within(simd, &END),
            joins: bytes.within(simd, &JOINS),
            quotes: bytes.within(simd, &QUOTES),
            lines: bytes.within(simd, &LINES),
            // The first bytes of invisible characters too.
            rare: bytes.within(simd, &RARE) | bytes.is_either(simd, 0xe2, 0xe2),
            numbers: bytes.within(simd, &NUMBERS),
            prefix: bytes.is_either(simd, b'd', b't'),
            newline: bytes.is(simd, b'\n'),
            carriage: bytes.is(simd, b'\r'),
            ampersand: bytes.is(simd, b'&'),
            equals: bytes.is(simd, b'='),
            glue: bytes.within(simd, &GLUE),
            backslash: bytes.is(simd, b'\\'),
            zero: bytes.is(simd, b'0'),
            dot: bytes.is(simd, b'.'),
            // With that bit set `_` is DEL.
            dash: bytes.is_either(simd, b'-', b'_' | 0x20),
            k: bytes.is_either(simd, b'k', b'k'),
            e: bytes.is_either(simd, b'e', b'e'),
            n_or_y: bytes.is_either(simd, b'n', b'y'),
            a_or_p: bytes.is_either(simd, b'a', b'p'),
            r_or_c: bytes.is_either(simd, b'r', b'c'),
        }
    }

    /// The places of marks at which something may begin, each moved by two: what stands
    /// behind the last two is in the next block. `last` are the classes of the block before.
    #[inline(always)]
    fn marks(&self, last: &Self) -> u64 {
        let two = (last, self);
        let newline = before!(two, newline, 2);
        let breaks = newline & (before!(two, end, 3) | before!(two, lines, 1));
        let returns = before!(two, carriage, 2) & before!(two, end, 3) & !before!(two, value, 3);
        let literals = before!(two, quotes, 2) & before!(two, value, 3) & before!(two, joins, 1);
        let entities = before!(two, ampersand, 2) & (before!(two, word, 1) | before!(two, joins, 1));
        let printable = before!(two, equals, 2) & before!(two, word, 1) & self.word;
        // A `d` or `dt` with which a word begins, and glue behind it.
        let one = before!(two, prefix, 3);
        let begins = one & (!before!(two, word, 4) | before!(two, backslash, 5))
            | one & before!(two, prefix, 4) & (!before!(two, word, 5) | before!(two, backslash, 6));
        let glue = newline
            | before!(two, carriage, 2)
            | before!(two, quotes, 2)
            | before!(two, ampersand, 2)
            | before!(two, equals, 2)
            | before!(two, glue, 2);
        breaks | returns | literals | entities | printable | begins & glue | before!(two, rare, 2)
    }

    /// The ends of three characters that may be the rarest of a literal of
    /// [`prefilter`]: `dt0`, `ken` and `key`, `.ey`, `d-a` and `r-p`, `c.d`.
    #[inline(always)]
    fn literals(&self, last: &Self) -> u64 {
        let two = (last, self);
        let family = before!(two, prefix, 2) & before!(two, prefix, 1) & self.zero;
        let names = (before!(two, k, 2) | before!(two, dot, 2)) & before!(two, e, 1) & self.n_or_y;
        let parted =
            (before!(two, prefix, 2) | before!(two, r_or_c, 2)) & before!(two, dash, 1) & self.a_or_p;
        let host = before!(two, r_or_c, 2) & before!(two, dot, 1) & self.prefix;
        family | names | parted | host
    }
}

/// Runs of at least `SHORTEST` bytes of a class, block by block.
#[derive(Default)]
struct Runs<const SHORTEST: u32> {
    /// Where the run begins with which the last block ends, if it is of that class as a whole.
    start: usize,
    found: Vec<Range<usize>>,
}

impl<const SHORTEST: u32> Runs<SHORTEST> {
    /// Adds the runs that end in the block at `at`, or at its start.
    #[inline(always)]
    fn add(&mut self, class: u64, last: u64, at: usize) {
        const { assert!(SHORTEST >= 32 && SHORTEST <= 64) };
        let mut long = class & class >> 1;
        long &= long >> 2;
        long &= long >> 4;
        long &= long >> 8;
        long &= long >> 16;
        long &= long >> (SHORTEST - 32);
        if long != 0 || last.leading_ones() + class.trailing_ones() >= SHORTEST {
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
            if run.len() >= SHORTEST as usize {
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

/// Who wants to know what stands where in a text.
pub(super) trait Survey {
    /// Something may begin at `at` that the marks are about. Called in order.
    fn mark(&mut self, at: usize);
    /// The three characters may end at `at` that are the rarest of a literal. In order, too.
    fn literal(&mut self, at: usize);
}

/// The long runs of a text.
pub(super) struct Long {
    /// Of characters of values: what is shorter cannot be base64.
    pub(super) values: Vec<Range<usize>>,
    /// Of what rows of numbers are written with.
    pub(super) numbers: Vec<Range<usize>>,
}

/// Passes once over `text`, for `survey`.
pub(super) fn pass(text: &[u8], survey: &mut impl Survey) -> Long {
    pass_with(Level::new(), text, survey)
}

/// As [`pass`], with the instructions of this level.
fn pass_with(level: Level, text: &[u8], survey: &mut impl Survey) -> Long {
    dispatch!(level, simd => read(simd, text, survey))
}

#[inline(always)]
fn read<S: Simd>(simd: S, text: &[u8], survey: &mut impl Survey) -> Long {
    let mut values = Runs::<{ base64::LEAST as u32 }>::default();
    let mut numbers = Runs::<{ numbers::LEAST as u32 }>::default();
    let (blocks, rest) = text.as_chunks::<BLOCK>();
    // The second block ends what the last bytes begin.
    let mut end = [[0; BLOCK]; 2];
    end.as_flattened_mut().iter_mut().zip(rest).for_each(|(to, byte)| *to = *byte);
    let mut last = Classes::default();
    for (number, block) in blocks.iter().chain(&end).enumerate() {
        let at = number * BLOCK;
        let classes = Classes::of(simd, block);
        values.add(classes.value, last.value, at);
        numbers.add(classes.numbers, last.numbers, at);
        let mut literals = classes.literals(&last);
        while literals != 0 {
            survey.literal(at + literals.trailing_zeros() as usize);
            literals &= literals - 1;
        }
        let mut marks = classes.marks(&last);
        while marks != 0 {
            survey.mark(at + marks.trailing_zeros() as usize - 2);
            marks &= marks - 1;
        }
        last = classes;
    }
    Long { values: values.found, numbers: numbers.found }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::find::decode::text::is_value;

    #[test]
    fn each_long_run_is_found_whole_wherever_it_begins_and_ends() {
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
                    let found = pass(&text, &mut Log::default());
                    let at = format!("{before} {length} {gap} {second}");
                    assert_eq!(found.values, slow(base64::LEAST, &is_value), "{at}");
                    assert_eq!(found.numbers, slow(numbers::LEAST, &numbers::is_part), "{at}");
                }
            }
        }
    }

    /// What was asked for, in order.
    #[derive(Debug, Default, PartialEq)]
    struct Log(Vec<(bool, usize)>);

    impl Survey for Log {
        fn mark(&mut self, at: usize) {
            self.0.push((true, at));
        }

        fn literal(&mut self, at: usize) {
            self.0.push((false, at));
        }
    }

    #[cfg(target_arch = "x86_64")]
    #[test]
    fn an_older_processor_finds_the_same() {
        let best = Level::new();
        let levels = [
            best.as_sse2().map(Level::Sse2),
            best.as_sse4_2().map(Level::Sse4_2),
            best.as_avx2().map(Level::Avx2),
        ];
        let mut numbers = crate::find::tests::Numbers(7);
        for round in 0..crate::effort::cases(300, 3_000) {
            let length = numbers.below(400);
            let text: Vec<u8> = (0..length)
                .map(|_| match numbers.below(3) {
                    0 => numbers.below(256) as u8,
                    1 => b"dt0keny.\n\"'\\%&=<~ -_"[numbers.below(20)],
                    _ => b'a' + (round % 7) as u8,
                })
                .collect();
            let read = |level: Level| {
                let mut log = Log::default();
                let Long { values, numbers } = pass_with(level, &text, &mut log);
                (log, values, numbers)
            };
            let wanted = read(best);
            levels.into_iter().flatten().for_each(|level| assert_eq!(read(level), wanted, "{level:?}"));
        }
    }

    #[test]
    fn the_classes_are_those_of_the_readers_behind_them() {
        for byte in 0..=255 {
            let classes = dispatch!(Level::new(), simd => Classes::of(simd, &[byte; BLOCK]));
            let all = |is: bool| if is { u64::MAX } else { 0 };
            assert_eq!(classes.value, all(is_value(byte)), "{byte}");
            assert_eq!(classes.word, all(byte.is_ascii_alphanumeric()), "{byte}");
            assert_eq!(classes.numbers, all(numbers::is_part(byte)), "{byte}");
        }
    }
}
