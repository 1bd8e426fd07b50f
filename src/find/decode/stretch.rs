//! Long runs of something, found without looking at most of the text.

use std::ops::Range;

/// The runs of at least `shortest` of the numbers `0..length` that all fit.
///
/// Of text without such runs little more than every `shortest`-th place is looked
/// at: where that does not fit, no run of that length can cover it. Which others are
/// looked at is a matter of speed alone. Numbers from `length` on must not fit.
pub fn stretches(
    length: usize,
    shortest: usize,
    fits: impl Fn(usize) -> bool,
) -> impl Iterator<Item = Range<usize>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let probe = from + shortest - 1;
            if probe >= length {
                return None;
            }
            // A run that long reaches half of its length to one side of the probe.
            let half = shortest / 2;
            let side = |near: usize, far: usize| fits(near) && fits(far);
            if !fits(probe)
                || shortest > 8
                    && !side(probe - half / 2, probe + 1 - half)
                    && !side(probe + half / 2, probe + half)
            {
                from = probe + 1;
                continue;
            }
            let start = (from..probe).rev().find(|at| !fits(*at)).map_or(from, |at| at + 1);
            let end = (probe..length).find(|at| !fits(*at)).unwrap_or(length);
            from = end;
            if end - start >= shortest {
                return Some(start..end);
            }
        }
    })
}

/// How many bytes [`runs`] looks at together.
const BLOCK: usize = 16;

/// The runs of at least `shortest` bytes of `text` that all fit, as [`stretches`] has
/// them, for runs so long that a block lies whole in each: those are found in a few
/// vector instructions if `fits` compares without a branch.
pub(super) fn runs(
    text: &[u8],
    shortest: usize,
    fits: impl Fn(u8) -> bool,
) -> impl Iterator<Item = Range<usize>> {
    debug_assert!(shortest >= 2 * BLOCK - 1, "a shorter run could hold no whole block");
    let (blocks, _) = text.as_chunks::<BLOCK>();
    // So many blocks lie whole in each run.
    let step = (shortest + 1) / BLOCK - 1;
    let mut from = 0_usize;
    std::iter::from_fn(move || {
        let all_fit = |block: &[u8; BLOCK]| u128::from_ne_bytes(block.map(|byte| u8::from(!fits(byte)))) == 0;
        loop {
            let next = from.div_ceil(BLOCK);
            let first = next + step * blocks.get(next..)?.iter().step_by(step).position(all_fit)?;
            let last = first + blocks.get(first..)?.iter().take_while(|block| all_fit(block)).count();
            let (first, last) = (first * BLOCK, last * BLOCK);
            let before = text.get(from..first)?.iter().rev().take_while(|byte| fits(**byte)).count();
            let behind = text.get(last..)?.iter().take_while(|byte| fits(**byte)).count();
            let run = first - before..last + behind;
            // What stands behind it does not fit.
            from = run.end + 1;
            if run.len() >= shortest {
                return Some(run);
            }
        }
    })
}

/// `stretches` with `margin` on both sides, those that then touch made one.
pub(super) fn widened(
    stretches: impl Iterator<Item = Range<usize>>,
    margin: usize,
    length: usize,
) -> Vec<Range<usize>> {
    let mut wide: Vec<Range<usize>> = Vec::new();
    for stretch in stretches {
        let (start, end) = (stretch.start.saturating_sub(margin), length.min(stretch.end + margin));
        match wide.last_mut() {
            Some(last) if start <= last.end => last.end = end,
            _ => wide.push(start..end),
        }
    }
    wide
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_long_run_is_found_whole_wherever_it_begins() {
        for shortest in (1..9).chain([9, 12, 16, 27]) {
            for start in 0..30 {
                for length in 0..40 {
                    let fits = |at: usize| (start..start + length).contains(&at) || at == start + length + 1;
                    let found: Vec<_> = stretches(75, shortest, fits).filter(|run| run.len() > 1).collect();
                    let wanted = Some(start..start + length).filter(|_| length >= shortest.max(2));
                    assert_eq!(found, Vec::from_iter(wanted), "{shortest} {start} {length}");
                }
            }
        }
    }

    #[test]
    fn each_run_of_bytes_is_found_whole_wherever_it_begins() {
        for shortest in [31, 32, 48] {
            for length in 0..80 {
                for start in (0..40).chain(160..180) {
                    for (gap, end) in [(0, 0), (1, 0), (17, 5)] {
                        let mut text = vec![b'.'; start];
                        text.extend(vec![b'a'; length]);
                        text.extend(vec![b'.'; gap]);
                        text.extend(vec![b'a'; end]);
                        let found: Vec<_> = runs(&text, shortest, |byte| byte == b'a').collect();
                        let slow: Vec<_> =
                            stretches(text.len(), shortest, |at| text.get(at) == Some(&b'a')).collect();
                        assert_eq!(found, slow, "{shortest} {start} {length} {gap} {end}");
                    }
                }
            }
        }
    }

    #[test]
    fn neighbours_that_touch_become_one() {
        assert_eq!(widened([3..5, 8..9, 20..30].into_iter(), 2, 31), [1..11, 18..31]);
    }
}
