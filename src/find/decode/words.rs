//! The words of a text: rows of the characters of values, a bit for each byte.

use super::super::triple::BLOCK;

/// Which bytes of a text are of values, in blocks of 64.
#[derive(Debug, Default)]
pub(super) struct Words(Vec<u64>);

impl Words {
    /// Those of a text of this length, without a block.
    pub(super) fn for_length(length: usize) -> Self {
        Self(Vec::with_capacity(length / BLOCK + 1))
    }

    /// Adds the next block, the lowest bit for its first byte.
    #[inline(always)]
    pub(super) fn push(&mut self, block: u64) {
        self.0.push(block);
    }

    /// Where the word ends that begins or goes on at `at`; `at` if none does.
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

    /// Where the word begins that ends before `at`; `at` if none does.
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
    fn each_word_begins_and_ends_where_its_characters_do() {
        let mut numbers = Numbers(0x30d5);
        for _ in 0..crate::effort::cases(200, 2_000) {
            let mut text = Vec::new();
            for _ in 0..numbers.below(8) {
                text.extend(std::iter::repeat_n(
                    b"a +"[numbers.below(3)],
                    [1, 63, 64, 65, 200][numbers.below(5)],
                ));
            }
            let words = &Marks::of(&text, false).words;
            for at in 0..=text.len() {
                let end = at + text[at..].iter().take_while(|byte| is_value(**byte)).count();
                let start = at - text[..at].iter().rev().take_while(|byte| is_value(**byte)).count();
                assert_eq!((words.start(at), words.end(at)), (start, end), "{at} in {}", text.escape_ascii());
            }
        }
    }
}
