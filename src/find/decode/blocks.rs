//! One pass over a text in blocks of 64 bytes, which finds where an encoding or a token may
//! begin, and long runs.

use std::ops::Range;

use fearless_simd::prelude::*;
use fearless_simd::{Level, dispatch, u8x64};

use super::super::triple::{self, BLOCK, Blocks, Halves, Triples, not_zero};
use super::bits::Bits;
use super::{base64, numbers};

#[expect(clippy::indexing_slicing, reason = "computed at compile time")]
const ANY: &[u8] = &{
    let mut all = [0; 256];
    let mut byte = 0;
    while byte < all.len() {
        all[byte] = byte as u8;
        byte += 1;
    }
    all
};
/// As [`super::text::is_value`].
const VALUES: &[u8] = b"+-./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
/// The letters of a prefix.
const PREFIX: &[u8] = b"dtDT";
/// The controls that may break one.
const CONTROLS: &[u8] = b"\x01\x02\x03\x04\x05\x06\x07\x08\n\x0b\x0c\r\x0e\x0f\
    \x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f";

/// The marks at which something may begin, each between its neighbours. What shares a triple is
/// alike in its halves: else the triple would find too much that is none, which
/// [`Marks`](super::Marks) then drops.
const GLUED: Triples = Triples::none()
    // What breaks a prefix.
    .and(0, [PREFIX, b"\"#$%&'\xc2\xe2", ANY])
    .and(1, [PREFIX, b"<=\\^", ANY])
    .and(2, [PREFIX, CONTROLS, ANY])
    .and(3, [ANY, b"`", ANY])
    // What may precede a line break that joins.
    .and(4, [b"ABCDEFGHIJKLMNOPQRSTUVWXYZ\\^_`abcdefghijklmno", b"\n", ANY])
    .and(5, [b"0123456789pqrstuvwxyz|", b"\n", ANY])
    .and(6, [b" \t\r+-./", b"\n", ANY])
    .and(7, [b"=", b"\n", ANY]);
const ESCAPES: Triples = Triples::none()
    // What begins the line of a dump, or the header of uuencode or base85.
    .and(0, [ANY, b"\n", b"0bG"])
    .and(1, [VALUES, b"\"'", b" \n\"'+.&,"])
    .and(2, [VALUES, b"\"'", b"\t\r\\`~"])
    .and(3, [ANY, b"%&", b"#0123456789abcdefghijklmnopqrstuvwxyzABCDEFU"])
    .and(4, [ANY, b"=", b"0123456789abcdefABCDEF"])
    .and(5, [ANY, b"\\", ANY])
    .and(6, [b" |_", b"\r\x08", ANY])
    .and(7, [b"<", b"~", ANY]);
/// The three characters that are the rarest of a literal of [`prefilter`](super::super::prefilter).
const LITERALS: Triples = Triples::none()
    .and(0, [PREFIX, PREFIX, b"0"])
    .and(1, [b"kK", b"eE", b"nNyY"])
    .and(2, [b".", b"e", b"y"])
    .and(3, [b"dD", b"-_", b"aA"])
    .and(4, [b"rR", b"-_", b"pP"])
    .and(5, [b"c", b".", b"d"]);

/// A set of ASCII characters: for the lower half of a byte the upper halves with which it is
/// a member, a bit each.
struct Set([u8; 16]);

impl Set {
    #[expect(clippy::indexing_slicing, reason = "computed at compile time")]
    const fn of(members: &[u8]) -> Self {
        let mut set = [0; 16];
        let mut number = 0;
        while number < members.len() {
            let member = members[number];
            assert!(member < 128, "not of ASCII");
            set[(member & 15) as usize] |= 1 << (member >> 4);
            number += 1;
        }
        Self(set)
    }
}

const VALUE: Set = Set::of(VALUES);
/// What rows of numbers have, see [`super::numbers`].
const NUMBERS: Set = Set::of(b"0123456789abcdefABCDEFxX. \t\r\n,:;-\\");

/// Which bytes of a block are of a class.
#[derive(Clone, Copy, Default)]
struct Classes {
    value: u64,
    numbers: u64,
}

impl Classes {
    #[inline(always)]
    fn of<S: Simd>(simd: S, halves: &Halves<S>) -> Self {
        let [low, high] = halves.middle();
        // The bit of the upper half, see [`Set`]; of bytes that are not ASCII none.
        let bit = triple::each(simd, &[1, 2, 4, 8, 16, 32, 64, 128, 0, 0, 0, 0, 0, 0, 0, 0], high);
        Self {
            value: not_zero(simd, triple::each(simd, &VALUE.0, low) & bit),
            numbers: not_zero(simd, triple::each(simd, &NUMBERS.0, low) & bit),
        }
    }
}

/// Runs of at least `SHORTEST` bytes of a class, block by block.
struct Runs<'f, const SHORTEST: u32> {
    /// Where the run begins with which the last block ends, if it is of that class as a whole.
    start: usize,
    found: &'f mut Vec<Range<usize>>,
}

impl<'f, const SHORTEST: u32> Runs<'f, SHORTEST> {
    fn new(found: &'f mut Vec<Range<usize>>) -> Self {
        found.clear();
        Self { start: 0, found }
    }

    /// Adds the runs that end in the block at `at`, or at its start.
    #[inline(always)]
    fn add(&mut self, class: u64, last: u64, at: usize) {
        const { assert!(SHORTEST >= 32 && SHORTEST <= 64) };
        // Each run that long has a whole quarter of a block; most blocks have none.
        let (one, top) = (0x0001_0001_0001_0001_u64, 0x8000_8000_8000_8000_u64);
        if (!class).wrapping_sub(one) & class & top == 0 && last < 0xffff << 48 {
            return;
        }
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

/// What a pass over a text finds.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Pass {
    /// Where something may begin that the [marks](super::Marks) are about.
    pub(super) marks: Bits,
    /// The second of the three characters that are the rarest of a literal, wherever it may be one.
    pub(super) literals: Bits,
    /// Which bytes are of values.
    pub(super) words: Bits,
    /// The long runs of characters of values: what is shorter cannot be base64.
    pub(super) values: Vec<Range<usize>>,
    /// Those of what rows of numbers are written with.
    pub(super) numbers: Vec<Range<usize>>,
    /// Whether the text contains NUL.
    pub(super) nul: bool,
}

impl Pass {
    /// Passes once over `text`. What was found in another one is forgotten.
    pub(super) fn over(&mut self, text: &[u8]) {
        self.over_with(Level::new(), text);
    }

    /// As [`Pass::over`], with the instructions of this level.
    fn over_with(&mut self, level: Level, text: &[u8]) {
        dispatch!(level, simd => read(simd, text, self));
    }
}

#[inline(always)]
fn read<S: Simd>(simd: S, text: &[u8], pass: &mut Pass) {
    let Pass { marks, literals, words, values, numbers, nul } = pass;
    [&mut *marks, literals, words].into_iter().for_each(|bits| bits.begin(text.len()));
    let mut values = Runs::<{ base64::LEAST as u32 }>::new(values);
    let mut numbers = Runs::<{ numbers::LEAST as u32 }>::new(numbers);
    let mut last = Classes::default();
    let mut least = u8x64::splat(simd, u8::MAX);
    let (blocks, mut at) = (Blocks::of(text), 0);
    while let Some(around) = blocks.at(at) {
        let halves = Halves::of(simd, around);
        let classes = Classes::of(simd, &halves);
        // The last block has NULs behind the text.
        if at + BLOCK <= text.len() {
            let [low, high] = halves.middle();
            least = least.min(low | high);
        }
        marks.push(not_zero(simd, halves.within(simd, &GLUED) | halves.within(simd, &ESCAPES)));
        literals.push(not_zero(simd, halves.within(simd, &LITERALS)));
        words.push(classes.value);
        values.add(classes.value, last.value, at);
        numbers.add(classes.numbers, last.numbers, at);
        last = classes;
        at += BLOCK;
    }
    let left = text.get(text.len() / BLOCK * BLOCK..).unwrap_or_default();
    *nul = not_zero(simd, least) != u64::MAX || left.contains(&0);
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
                    let mut found = Pass::default();
                    found.over(&text);
                    let at = format!("{before} {length} {gap} {second}");
                    assert_eq!(found.values, slow(base64::LEAST, &is_value), "{at}");
                    assert_eq!(found.numbers, slow(numbers::LEAST, &numbers::is_part), "{at}");
                }
            }
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
                let mut pass = Pass::default();
                pass.over_with(level, &text);
                pass
            };
            let wanted = read(best);
            levels.into_iter().flatten().for_each(|level| assert_eq!(read(level), wanted, "{level:?}"));
        }
    }

    #[test]
    fn the_classes_are_those_of_the_readers_behind_them() {
        for byte in 0..=255 {
            let around = [byte; BLOCK + 2];
            let classes = dispatch!(Level::new(), simd => Classes::of(simd, &Halves::of(simd, &around)));
            let all = |is: bool| if is { u64::MAX } else { 0 };
            assert_eq!(classes.value, all(is_value(byte)), "{byte}");
            assert_eq!(classes.numbers, all(numbers::is_part(byte)), "{byte}");
        }
    }
}
