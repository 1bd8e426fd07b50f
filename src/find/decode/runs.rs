//! Finds long runs of matching bytes or numbers without reading most of the text.

use std::ops::Range;

/// The runs of at least `shortest` of the numbers `0..length` that all fit.
///
/// It tests little more than every `shortest`-th number: where that does not fit, no run
/// of that length can contain it. The other tests only save time. Numbers from `length` on
/// must not fit.
pub fn runs(
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

/// How many bytes [`byte_runs`] tests at once.
const BLOCK: usize = 16;

/// The same runs as [`runs`], of bytes of `text`, where each run is long enough to contain
/// a whole block. Four of its bytes rule most blocks out, without a branch between them.
pub(super) fn byte_runs(
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
        let all_fit = |block: &[u8; BLOCK]| {
            let four = block.iter().step_by(5).fold(true, |all, byte| all & fits(*byte));
            four && block.iter().all(|byte| fits(*byte))
        };
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

/// `runs` with `margin` on both sides, merged where they then touch.
pub(super) fn widened(
    runs: impl Iterator<Item = Range<usize>>,
    margin: usize,
    length: usize,
) -> Vec<Range<usize>> {
    let mut wide: Vec<Range<usize>> = Vec::new();
    for run in runs {
        let (start, end) = (run.start.saturating_sub(margin), length.min(run.end + margin));
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
                    let found: Vec<_> = runs(75, shortest, fits).filter(|run| run.len() > 1).collect();
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
                        let found: Vec<_> = byte_runs(&text, shortest, |byte| byte == b'a').collect();
                        let slow: Vec<_> =
                            runs(text.len(), shortest, |at| text.get(at) == Some(&b'a')).collect();
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
