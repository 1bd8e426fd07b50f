//! Grams: three bytes in a row, in any letter case. One pass finds where some of many stand,
//! and its cost hardly depends on how many they are.
//!
//! Most places are ruled out by vector instructions ([`super::super::triple`]), most others by a
//! set of hashed grams.

use fearless_simd::prelude::*;
use fearless_simd::{Level, dispatch};

use super::super::triple::{BLOCK, BUCKETS, Blocks, Halves, Triples, not_zero};

/// How many bytes a gram has.
pub(super) const GRAM: usize = 3;
/// How many numbers a gram is hashed to, as a power of two.
const BITS: u32 = 16;

/// `byte` without its letter case; other bytes change too, but equal ones stay equal.
pub(super) fn fold(byte: u8) -> u8 {
    byte | 0x20
}

/// A gram of folded bytes.
pub(super) type Gram = [u8; GRAM];

/// Many grams.
#[derive(Debug, Default)]
pub(super) struct Grams {
    triples: Triples,
    /// Whether some gram is hashed to a number, a bit each; empty if there are no grams.
    hashed: Vec<u64>,
}

impl Grams {
    pub(super) fn of(mut grams: Vec<Gram>) -> Self {
        // Those that begin with the same byte share a bucket.
        grams.sort_unstable();
        grams.dedup();
        let mut all = Self::default();
        if !grams.is_empty() {
            all.hashed.resize(1 << (BITS - 6), 0);
        }
        for (number, bucket) in grams.chunks(grams.len().div_ceil(BUCKETS).max(1)).enumerate() {
            for gram in bucket {
                let [first, second, third] = gram.map(|byte| [byte, byte & !fold(0)]);
                all.triples = all.triples.and(number, [&first, &second, &third]);
                let (word, bit) = place(*gram);
                all.hashed.iter_mut().skip(word).take(1).for_each(|word| *word |= bit);
            }
        }
        all
    }

    /// Calls `hit` for each place in `text` where one of them may begin, in order.
    pub(super) fn each(&self, text: &[u8], hit: &mut dyn FnMut(Gram, usize)) {
        self.each_with(Level::new(), text, hit);
    }

    /// As [`Self::each`], with the instructions of this level.
    fn each_with(&self, level: Level, text: &[u8], hit: &mut dyn FnMut(Gram, usize)) {
        if !self.hashed.is_empty() {
            dispatch!(level, simd => self.read(simd, text, hit));
        }
    }

    #[inline(always)]
    fn read<S: Simd>(&self, simd: S, text: &[u8], hit: &mut dyn FnMut(Gram, usize)) {
        let (blocks, mut block) = (Blocks::of(text), 0);
        while let Some(around) = blocks.at(block) {
            let mut middles = not_zero(simd, Halves::of(simd, around).within(simd, &self.triples));
            while middles != 0 {
                let middle = block + middles.trailing_zeros() as usize;
                middles &= middles - 1;
                let Some(start) = middle.checked_sub(1) else { continue };
                let Some(gram) = text.get(start..).and_then(<[u8]>::first_chunk) else { return };
                let gram: Gram = gram.map(fold);
                let (word, bit) = place(gram);
                if self.hashed.get(word).is_some_and(|word| word & bit != 0) {
                    hit(gram, start);
                }
            }
            block += BLOCK;
        }
    }
}

/// Where a gram's bit is: the number of a word, and the bit in it.
fn place([first, second, third]: Gram) -> (usize, u64) {
    let hash = u32::from_le_bytes([first, second, third, 0]).wrapping_mul(0x9e37_79b1) >> (32 - BITS);
    ((hash >> 6) as usize, 1 << (hash & 63))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_gram_is_found_wherever_it_stands_by_any_instructions() {
        let best = Level::new();
        let mut levels = vec![best];
        #[cfg(target_arch = "x86_64")]
        levels
            .extend([best.as_sse2().map(Level::Sse2), best.as_avx2().map(Level::Avx2)].into_iter().flatten());
        let mut numbers = crate::find::tests::Numbers(0x96a3);
        let mut compared = 0;
        for round in (0..crate::effort::cases(500, 10_000)).map(|round| round as usize) {
            let bytes = [3, 9, 200][round % 3];
            let mut text = |length: usize| -> Vec<u8> {
                (0..length).map(|_| b"xyzXYZ019_\0\xff"[numbers.below(12)].wrapping_mul(bytes)).collect()
            };
            let wanted: Vec<Gram> =
                text(3 * (round % 40)).as_chunks().0.iter().map(|gram: &Gram| gram.map(fold)).collect();
            let text = text(round % 331);
            let grams = Grams::of(wanted.clone());
            for level in &levels {
                let mut found = Vec::new();
                grams.each_with(*level, &text, &mut |gram, at| {
                    if wanted.contains(&gram) {
                        found.push((gram, at));
                    }
                });
                let there = text.windows(GRAM).map(|gram| [fold(gram[0]), fold(gram[1]), fold(gram[2])]);
                let slow: Vec<(Gram, usize)> =
                    there.zip(0..).filter(|(gram, _)| wanted.contains(gram)).collect();
                assert_eq!(found, slow, "round {round}, {level:?}");
                compared += slow.len();
            }
        }
        assert!(compared > 5_000, "{compared} places were compared");
    }
}
