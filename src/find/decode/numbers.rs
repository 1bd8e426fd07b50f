//! Bytes as numbers: `100, 116, 48`, `0x64, 0x74`, `64:74:30`, `64.74.30`, and the lines of
//! dumps, each with its offset.

use std::ops::Range;

use super::super::container::Container;
use super::super::encoding::Encoding;
use super::decoded::Decoded;
use super::ebcdic;
use super::map::Builder;
use super::text::{SHORTEST, is_value};

/// The most bytes between two numbers: `,`, a line break, an indentation, a short comment, `0x`.
const LONGEST_GAP: usize = 40;

/// How numbers are written that are so many bytes each.
struct Unit {
    base: u32,
    /// The fewest and the most digits of one.
    digits: (usize, usize),
    bytes: u32,
}

const fn unit(base: u32, least: usize, most: usize, bytes: u32) -> Unit {
    Unit { base, digits: (least, most), bytes }
}

impl Unit {
    /// Whether a number may have so many digits.
    fn has(&self, digits: usize) -> bool {
        (self.digits.0..=self.digits.1).contains(&digits)
    }
}

/// As programs write them, and as `od`, `hexdump` and `xxd` do.
const UNITS: [Unit; 8] = [
    unit(16, 2, 2, 1),
    unit(10, 1, 3, 1),
    unit(8, 3, 4, 1),
    unit(16, 4, 4, 2),
    unit(16, 8, 8, 4),
    unit(16, 16, 16, 8),
    unit(8, 6, 6, 2),
    unit(10, 5, 5, 2),
];

/// The most digits of a number of any unit.
const MOST_DIGITS: usize = 16;

/// How many characters of values a row has at least that holds a token as text.
const LEAST_VALUES: usize = 8;

/// How many bytes a row has room for at first.
const USUAL: usize = 512;

/// A number, and where it stands.
struct Number {
    range: Range<usize>,
    value: u64,
}

/// A row of numbers of one unit.
struct Row<'a> {
    text: &'a [u8],
    unit: &'static Unit,
    /// Whether dots stand between them, and nothing else.
    dotted: bool,
    /// Whether any text is searched for, as in [`Marks`](super::Marks).
    any_text: bool,
}

/// The shortest row that can hold a token, in bytes: 24 bytes in numbers of eight.
pub(super) const LEAST: usize = 48;

/// Hands out each row in these `runs` of what rows are written with that could hold a token, or any
/// row that is long enough.
pub(super) fn each(text: &[u8], runs: &[Range<usize>], any_text: bool, out: &mut dyn FnMut(Decoded)) {
    // Where the last row of each unit ended: within it, one of another may begin. With comments in it
    // a row has many runs.
    let mut read = [0; UNITS.len()];
    runs.iter().for_each(|run| within(text, run, any_text, &mut read, out));
}

/// As [`each`], of one run; each row of a unit begins behind where the last one was `read`.
fn within(
    text: &[u8],
    run: &Range<usize>,
    any_text: bool,
    read: &mut [usize; UNITS.len()],
    out: &mut dyn FnMut(Decoded),
) {
    // Eight bytes from one of these places on lie in the shortest row. The step has no divisor,
    // so that not all fall into gaps of one length.
    const STEP: usize = LEAST - 7;
    read.iter_mut().for_each(|read| *read = (*read).max(run.start));
    let mut probe = run.start;
    while probe + 8 <= run.end {
        if text.get(probe..probe + 8).is_some_and(|eight| eight.iter().any(u8::is_ascii_digit))
            && let Some((start, dotted)) = number_behind(text, probe)
        {
            let digits = hex_digits(text.get(start..).unwrap_or_default(), MOST_DIGITS + 1);
            for (unit, read) in UNITS.iter().zip(&mut *read) {
                let row = Row { text, unit, dotted, any_text };
                if unit.has(digits) && start >= *read && row.has_more(start) {
                    *read = row.read(row.first(start, *read), out);
                }
            }
        }
        probe += STEP;
    }
}

/// Where the first number behind `at` begins of which nothing stands before that, and
/// whether a dot does.
fn number_behind(text: &[u8], at: usize) -> Option<(usize, bool)> {
    let behind = |at: usize, fits: fn(&u8) -> bool| {
        let rest = text.get(at..text.len().min(at + LONGEST_GAP)).unwrap_or_default();
        at + rest.iter().take_while(|byte| fits(byte)).count()
    };
    let cut = behind(at, |byte| byte.is_ascii_hexdigit() || matches!(byte, b'x' | b'X'));
    let start = behind(cut, |byte| is_gap(*byte) || *byte == b'.');
    let hex = matches!(text.get(start..start + 2), Some(b"0x" | b"0X"));
    let digit = text.get(start).is_some_and(u8::is_ascii_hexdigit);
    digit.then(|| (start + if hex { 2 } else { 0 }, text.get(start - 1) == Some(&b'.')))
}

/// With how many hex digits `text` begins, up to `most`.
fn hex_digits(text: &[u8], most: usize) -> usize {
    text.iter().take(most).take_while(|byte| digit(**byte) <= 15).count()
}

impl Row<'_> {
    /// The number of this unit that begins at `at`, with no digit before and behind it.
    fn number(&self, at: usize) -> Option<Number> {
        let (before, rest) = self.text.split_at_checked(at)?;
        let &Unit { base, digits: (least, most), bytes } = self.unit;
        // Most numbers fail here, tried at each place before another.
        if rest.first().is_none_or(|first| digit(*first) > 15)
            || before.last().is_some_and(|last| digit(*last) <= 15)
        {
            return None;
        }
        let (mut value, mut largest, mut length) = (0_u64, 0, 0);
        while let Some(digit) = rest.get(length).map(|byte| digit(*byte)).filter(|digit| *digit <= 15) {
            if length == most {
                return None;
            }
            value = value.wrapping_mul(base.into()).wrapping_add(digit.into());
            (largest, length) = (largest.max(digit), length + 1);
        }
        // C writes an octal number of four digits with a zero.
        let fits = length >= least
            && u32::from(largest) < base
            && value.checked_shr(8 * bytes).unwrap_or_default() == 0
            && (length < 4 || base != 8 || rest.first() == Some(&b'0'));
        fits.then_some(Number { range: at..at + length, value })
    }

    /// Whether three numbers follow the one at `at`.
    fn has_more(&self, at: usize) -> bool {
        self.numbers(at).take(4).count() == 4
    }

    /// The number that follows one which ends at `end`, if only a gap is between them.
    fn next(&self, end: usize) -> Option<Number> {
        let gap = self.text.get(end..self.text.len().min(end + LONGEST_GAP))?;
        if self.dotted {
            return self.number(end + 1).filter(|_| gap.first() == Some(&b'.'));
        }
        let length = gap_length(gap);
        let (between, rest) = gap.split_at_checked(length)?;
        let next = end + length;
        let hex = usize::from(self.unit.base == 16 && matches!(rest, [b'0', b'x' | b'X', ..])) * 2;
        if length > 0
            && let Some(number) = self.number(next + hex)
            && !self.is_offset(&number.range)
        {
            return Some(number);
        }
        // The offset at which the line of a dump begins.
        if !between.contains(&b'\n') {
            return None;
        }
        let sign = usize::from(rest.starts_with(b"0x")) * 2;
        let digits = rest.iter().skip(sign).take_while(|byte| byte.is_ascii_hexdigit()).count();
        let behind = rest.get(sign + digits..)?;
        let behind = behind.iter().take_while(|byte| matches!(byte, b':' | b' ' | b'\t')).count();
        self.number(next + sign + digits + behind).filter(|_| digits >= 4 && behind > 0)
    }

    /// Whether what looks like a `number` is the offset of a line.
    fn is_offset(&self, number: &Range<usize>) -> bool {
        self.unit.bytes > 1 && self.text.get(number.end) == Some(&b':')
    }

    /// The first number of the row to which the one at `start` belongs; none begins before
    /// `from`. Each search goes back as far as a gap and a number are long: none is farther
    /// away.
    fn first(&self, start: usize, from: usize) -> usize {
        let mut first = start;
        let reach = LONGEST_GAP + self.unit.digits.1 + 2;
        while let Some(before) = (from..first).rev().take(reach).find_map(|at| self.number(at)) {
            if self.next(before.range.end).is_none_or(|next| next.range.start != first) {
                break;
            }
            first = before.range.start;
        }
        first
    }

    /// The numbers of the row that begins at `first`.
    fn numbers(&self, first: usize) -> impl Iterator<Item = Number> {
        std::iter::successors(self.number(first), |number| self.next(number.range.end))
    }

    /// Hands out the row that begins at `first` if it could hold a token, in both orders of bytes if
    /// there are two; where its last number ends.
    fn read(&self, first: usize, out: &mut dyn FnMut(Decoded)) -> usize {
        let size = self.unit.bytes as usize;
        let (mut big, mut last) = (Vec::with_capacity(USUAL), first);
        for number in self.numbers(first) {
            big.extend(number.value.to_be_bytes().iter().skip(8 - size));
            last = number.range.end;
        }
        let little = (size > 1).then(|| {
            let mut little = big.clone();
            little.chunks_mut(size).for_each(<[u8]>::reverse);
            little
        });
        let encoding = if self.unit.base == 16 { Encoding::Hex } else { Encoding::Numbers };
        // Most rows are tables of a program: where each number stands is read only of others.
        let could = |bytes: &Vec<u8>| bytes.len() >= SHORTEST - 3 && (self.any_text || may_hold(bytes));
        for bytes in [Some(big), little].into_iter().flatten().filter(could) {
            let mut row = Builder::with_capacity(bytes.len());
            for (number, bytes) in self.numbers(first).zip(bytes.chunks(size)) {
                row.all_escaped(bytes.iter().copied(), number.range.start, number.range.len());
            }
            let (bytes, map) = row.finish();
            out(Decoded { encoding, bytes, map, part: false });
        }
        last
    }
}

/// Whether these bytes could hold a token: in text, with what may part it, or in a container.
fn may_hold(bytes: &[u8]) -> bool {
    let has_values = |text: &str| {
        let values = text.bytes().filter(|byte| is_value(*byte));
        text.len() >= SHORTEST - 3 && values.take(LEAST_VALUES).count() == LEAST_VALUES
    };
    bytes.utf8_chunks().any(|chunk| has_values(chunk.valid()))
        || Container::of(bytes).is_some()
        || ebcdic::is(bytes)
}

/// What `byte` stands for as a hexadecimal digit; more than 15 if it is none.
fn digit(byte: u8) -> u8 {
    #[expect(clippy::indexing_slicing, reason = "computed at compile time")]
    static DIGITS: [u8; 256] = {
        let mut table = [u8::MAX; 256];
        let mut byte = 0_u8;
        while byte < 128 {
            if let Some(digit) = (byte as char).to_digit(16) {
                table[byte as usize] = digit as u8;
            }
            byte += 1;
        }
        table
    };
    DIGITS.get(usize::from(byte)).copied().unwrap_or(u8::MAX)
}

/// Whether rows are written with such bytes, but for their comments: what the pass looks for.
#[cfg(test)]
pub(super) fn is_part(byte: u8) -> bool {
    byte.is_ascii_hexdigit() || is_gap(byte) || matches!(byte, b'x' | b'X' | b'.')
}

/// How long the gap is with which `text` begins: signs and blanks, comments, and the sign of an added
/// line in a patch.
fn gap_length(text: &[u8]) -> usize {
    let mut length = 0;
    loop {
        let behind = text.get(length..).unwrap_or_default();
        let signs = behind.iter().take_while(|byte| is_gap(**byte)).count();
        length += signs;
        let before = text.get(..length).unwrap_or_default();
        let more = match behind.get(signs..).unwrap_or_default() {
            rest @ [b'/', b'*', ..] => memchr::memmem::find(rest, b"*/").map(|end| end + 2),
            rest @ [b'/', b'/', ..] => memchr::memchr(b'\n', rest),
            [b'+', ..] if before.ends_with(b"\n") => Some(1),
            _ => None,
        };
        match more {
            Some(more) => length += more,
            None => return length,
        }
    }
}

/// Whether `byte` can stand between two numbers.
fn is_gap(byte: u8) -> bool {
    #[expect(clippy::indexing_slicing, reason = "computed at compile time")]
    static GAP: [bool; 256] = {
        let mut table = [false; 256];
        let mut byte = 0_u8;
        while byte < 128 {
            table[byte as usize] =
                matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b',' | b':' | b';' | b'-' | b'\\');
            byte += 1;
        }
        table
    };
    GAP.get(usize::from(byte)).copied().unwrap_or_default()
}
