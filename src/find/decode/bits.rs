//! A bit for each byte of a text: which bytes are of a class.

use std::ops::Range;

use super::super::triple::BLOCK;

/// Bits in blocks of 64, the lowest for the first byte of a block.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    /// Forgets all blocks, and makes room for those of a text of this length.
    pub(super) fn begin(&mut self, length: usize) {
        self.0.clear();
        self.0.reserve(length / BLOCK + 1);
    }

    /// Adds the next block.
    #[inline(always)]
    pub(super) fn push(&mut self, block: u64) {
        self.0.push(block);
    }

    /// For how many bytes there are bits, in whole blocks.
    pub(super) fn bytes(&self) -> usize {
        self.0.len() * BLOCK
    }

    /// Hands out where the bits are, in order.
    pub(super) fn each(&self, mut place: impl FnMut(usize)) {
        for (number, block) in self.0.iter().enumerate() {
            let mut left = *block;
            while left != 0 {
                place(number * BLOCK + left.trailing_zeros() as usize);
                left &= left - 1;
            }
        }
    }

    /// Whether a bit is within `range`.
    pub(super) fn any_within(&self, range: Range<usize>) -> bool {
        let block = |number: usize| self.0.get(number).copied().unwrap_or_default();
        let (first, last) = (range.start / BLOCK, range.end / BLOCK);
        let begin = block(first) >> (range.start % BLOCK) << (range.start % BLOCK);
        let below_end = (1 << (range.end % BLOCK)) - 1;
        if first == last {
            return begin & below_end != 0;
        }
        begin != 0 || (first + 1..last).any(|number| block(number) != 0) || block(last) & below_end != 0
    }

    /// How long the rows are that end before `at` and begin behind it, up to 64 bytes each.
    pub(super) fn beside(&self, at: usize) -> (usize, usize) {
        let block = |number: Option<usize>| {
            u128::from(number.and_then(|number| self.0.get(number)).copied().unwrap_or_default())
        };
        let (number, bit) = (at / BLOCK, at % BLOCK);
        let middle = block(Some(number));
        let before = ((block(number.checked_sub(1)) | middle << BLOCK) >> bit) as u64;
        let behind = ((middle | block(Some(number + 1)) << BLOCK) >> (bit + 1)) as u64;
        (before.leading_ones() as usize, behind.trailing_ones() as usize)
    }

    /// Where the row ends that begins or goes on at `at`; `at` if none does.
    pub(super) fn end(&self, at: usize) -> usize {
        let from = at / BLOCK;
        let first = self.0.get(from).map_or(0, |block| (!(block >> (at % BLOCK))).trailing_zeros());
        let end = at + first as usize;
        if !end.is_multiple_of(BLOCK) || end == at {
            return end;
        }
        let rest = self.0.get(from + 1..).unwrap_or_default();
        let whole = rest.iter().take_while(|block| **block == u64::MAX).count();
        end + whole * BLOCK + rest.get(whole).map_or(0, |block| block.trailing_ones() as usize)
    }

    /// Where the row begins that ends before `at`; `at` if none does.
    pub(super) fn start(&self, at: usize) -> usize {
        let Some(last) = at.checked_sub(1) else { return 0 };
        let block = self.0.get(last / BLOCK).map_or(0, |block| block << (BLOCK - 1 - last % BLOCK));
        let start = at - block.leading_ones() as usize;
        if !start.is_multiple_of(BLOCK) || start == at {
            return start;
        }
        let rest = self.0.get(..start / BLOCK).unwrap_or_default();
        let whole = rest.iter().rev().take_while(|block| **block == u64::MAX).count();
        let next = rest.len().checked_sub(whole + 1).and_then(|number| rest.get(number));
        start - whole * BLOCK - next.map_or(0, |block| block.leading_ones() as usize)
    }
}

#[cfg(test)]
mod tests {
    use crate::find::decode::Marks;
    use crate::find::decode::text::is_value;
    use crate::find::tests::Numbers;

    #[test]
    fn each_row_begins_and_ends_where_its_bytes_do() {
        let mut numbers = Numbers(0x30d5);
        for _ in 0..crate::effort::cases(200, 2_000) {
            let mut text = Vec::new();
            for _ in 0..numbers.below(8) {
                text.extend(std::iter::repeat_n(
                    b"a +"[numbers.below(3)],
                    [1, 63, 64, 65, 200][numbers.below(5)],
                ));
            }
            let words = &Marks::of(&text, false).pass.words;
            for at in 0..=text.len() {
                let end = at + text[at..].iter().take_while(|byte| is_value(**byte)).count();
                let start = at - text[..at].iter().rev().take_while(|byte| is_value(**byte)).count();
                let shown = text.escape_ascii();
                assert_eq!((words.start(at), words.end(at)), (start, end), "{at} in {shown}");
                let behind = words.end(at + 1) - (at + 1);
                let next = numbers.below(200).min(text.len() - at);
                let any = text[at..at + next].iter().any(|byte| is_value(*byte));
                assert_eq!(words.any_within(at..at + next), any, "{at} and {next} in {shown}");
                assert_eq!(words.beside(at), ((at - start).min(64), behind.min(64)), "{at} in {shown}");
            }
        }
    }
}
