//! Long runs of something, found without looking at most of the text.

use std::ops::Range;

/// The runs of at least `shortest` of the numbers `0..length` that all fit.
///
/// Of text without such runs little more than every `shortest`-th place is looked
/// at: where that does not fit, no run of that length can cover it. Which others are
/// looked at is a matter of speed alone. Numbers from `length` on must not fit.
pub(in crate::find) fn stretches(
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
    fn neighbours_that_touch_become_one() {
        assert_eq!(widened([3..5, 8..9, 20..30].into_iter(), 2, 31), [1..11, 18..31]);
    }
}
