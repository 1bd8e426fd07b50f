//! Three bytes in a row, each of a set: found in blocks of 64 places by vector instructions,
//! which compare the halves of each byte. That finds all of them, and a few others.

use fearless_simd::prelude::*;
use fearless_simd::{u8x16, u8x64};

/// How many places are compared at once.
pub(in crate::find) const BLOCK: usize = 64;
/// How many triples of sets are found at once.
pub(in crate::find) const BUCKETS: usize = 8;

/// The bytes at these places, the one before them and the one behind them.
pub(in crate::find) type Around = [u8; BLOCK + 2];

/// Up to eight triples of sets.
///
/// For each of the three bytes: by its lower half the triples that such a byte fits, a bit
/// each, and by its upper half.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::find) struct Triples([[[u8; 16]; 2]; 3]);

impl Triples {
    pub(in crate::find) const fn none() -> Self {
        Self([[[0; 16]; 2]; 3])
    }

    /// With the triple of these sets in the bucket of this number.
    #[expect(clippy::indexing_slicing, reason = "a half is less than 16; most is computed at compile time")]
    pub(in crate::find) const fn and(mut self, bucket: usize, sets: [&[u8]; 3]) -> Self {
        assert!(bucket < BUCKETS, "there are eight buckets");
        let mut byte = 0;
        while byte < 3 {
            let mut member = 0;
            while member < sets[byte].len() {
                let both = sets[byte][member];
                self.0[byte][0][(both & 15) as usize] |= 1 << bucket;
                self.0[byte][1][(both >> 4) as usize] |= 1 << bucket;
                member += 1;
            }
            byte += 1;
        }
        self
    }
}

/// The lower and the upper halves of the bytes before some places, there, and behind them.
pub(in crate::find) struct Halves<S: Simd>([[u8x64<S>; 2]; 3]);

// All that is called with vectors has to become part of the pass: each part of it is
// compiled once for each set of instructions.
impl<S: Simd> Halves<S> {
    #[inline(always)]
    pub(in crate::find) fn of(simd: S, around: &Around) -> Self {
        let none = [u8x64::splat(simd, 0); 2];
        let mut all = [none; 3];
        for (from, halves) in all.iter_mut().enumerate() {
            if let Some(bytes) = around.get(from..).and_then(<[u8]>::first_chunk) {
                let bytes = u8x64::load_array_ref(simd, bytes);
                *halves = [bytes & 0x0f, bytes >> 4];
            }
        }
        Self(all)
    }

    /// The lower halves of the bytes in the middle, and the upper ones.
    #[inline(always)]
    pub(in crate::find) fn middle(&self) -> [u8x64<S>; 2] {
        let [_, middle, _] = self.0;
        middle
    }

    /// For each place the triples in whose middle it may be, a bit each.
    #[inline(always)]
    pub(in crate::find) fn within(&self, simd: S, triples: &Triples) -> u8x64<S> {
        let mut all = u8x64::splat(simd, u8::MAX);
        for (halves, fit) in self.0.iter().zip(&triples.0) {
            for (half, fit) in halves.iter().zip(fit) {
                all &= each(simd, fit, *half);
            }
        }
        all
    }
}

/// For each of these halves of bytes the entry of a table.
#[inline(always)]
pub(in crate::find) fn each<S: Simd>(simd: S, table: &[u8; 16], halves: u8x64<S>) -> u8x64<S> {
    u8x64::block_splat(u8x16::simd_from(simd, *table)).swizzle_dyn_within_blocks(halves)
}

/// Which of these are not zero: a bit for each, the lowest for the first.
#[inline(always)]
pub(in crate::find) fn not_zero<S: Simd>(simd: S, all: u8x64<S>) -> u64 {
    !all.simd_eq(u8x64::splat(simd, 0)).to_bitmask()
}

/// A text in blocks. Beyond its ends there are zeros.
pub(in crate::find) struct Blocks<'t> {
    text: &'t [u8],
    first: Around,
    /// What follows the last block that lies in the text with its neighbours, and the byte
    /// before that.
    rest: [u8; 2 * BLOCK + 2],
    rest_at: usize,
}

impl<'t> Blocks<'t> {
    pub(in crate::find) fn of(text: &'t [u8]) -> Self {
        let rest_at = text.len().saturating_sub(BLOCK).div_ceil(BLOCK).max(1) * BLOCK;
        let (mut first, mut rest) = ([0; BLOCK + 2], [0; 2 * BLOCK + 2]);
        first.iter_mut().skip(1).zip(text).for_each(|(to, byte)| *to = *byte);
        let left = text.get(rest_at - 1..).unwrap_or_default();
        rest.iter_mut().zip(left).for_each(|(to, byte)| *to = *byte);
        Self { text, first, rest, rest_at }
    }

    /// The block at `at`, a multiple of [`BLOCK`]; none beyond the end of the text, which is
    /// in one.
    #[inline(always)]
    pub(in crate::find) fn at(&self, at: usize) -> Option<&Around> {
        match at.checked_sub(1) {
            None => Some(&self.first),
            Some(_) if at > self.text.len() => None,
            Some(_) if at >= self.rest_at => self.rest.get(at - self.rest_at..)?.first_chunk(),
            Some(before) => self.text.get(before..)?.first_chunk(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_is_in_one_block_with_its_neighbours() {
        for length in 0..400 {
            let text: Vec<u8> = (0..length).map(|number| (number % 250 + 1) as u8).collect();
            let byte = |at: usize| at.checked_sub(1).and_then(|at| text.get(at)).copied().unwrap_or_default();
            let (blocks, mut at) = (Blocks::of(&text), 0);
            while let Some(around) = blocks.at(at) {
                let wanted: Vec<u8> = (at..at + BLOCK + 2).map(byte).collect();
                assert_eq!(around.as_slice(), wanted, "{length}: {at}");
                at += BLOCK;
            }
            assert!(at > length && at <= length + BLOCK, "{length}: {at}");
        }
    }
}
