//! Parses deltas: objects that a pack stores as differences to others.

use std::ops::Range;

/// The size at the start of a delta, and the rest.
fn size(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (mut size, mut shift) = (0_u64, 0);
    for (number, byte) in bytes.iter().enumerate() {
        size |= u64::from(byte & 0x7f).checked_shl(shift).filter(|_| shift <= 56)?;
        shift += 7;
        if byte & 0x80 == 0 {
            return Some((usize::try_from(size).ok()?, bytes.get(number + 1..)?));
        }
    }
    None
}

/// An object made from another one.
pub struct Made {
    pub content: Vec<u8>,
    /// Its differences to the other one: new ranges, and an empty range where something was
    /// removed or moved.
    pub changed: Vec<Range<usize>>,
}

impl Made {
    /// Marks the bytes up to `end` as new. Joining neighbours saves time.
    fn note(&mut self, end: usize) {
        let start = self.content.len();
        match self.changed.last_mut() {
            Some(last) if last.end == start => last.end = end,
            _ => self.changed.push(start..end),
        }
    }
}

/// Applies `delta` to `base`. None if they do not fit; an inner none if the result is larger
/// than `largest`.
pub fn apply(base: &[u8], delta: &[u8], largest: usize) -> Option<Option<Made>> {
    let (base_size, delta) = size(delta)?;
    let (wanted, mut delta) = size(delta)?;
    if base_size != base.len() {
        return None;
    }
    if wanted > largest {
        return Some(None);
    }
    let mut made = Made { content: Vec::with_capacity(wanted), changed: Vec::new() };
    // The end of the last copy in the base.
    let mut copied_to = 0;
    while let Some((code, rest)) = delta.split_first() {
        let copied = if code & 0x80 == 0 {
            let (new, rest) = rest.split_at_checked(usize::from(*code)).filter(|(new, _)| !new.is_empty())?;
            delta = rest;
            made.note(made.content.len() + new.len());
            new
        } else {
            let mut rest = rest;
            let mut number = |bits: u8, count: u8| -> Option<usize> {
                (0..count).filter(|byte| bits >> byte & 1 == 1).try_fold(0, |number, byte| {
                    let (next, after) = rest.split_first()?;
                    rest = after;
                    Some(number + (usize::from(*next) << (8 * byte)))
                })
            };
            let from = number(*code, 4)?;
            let length = match number(code >> 4 & 7, 3)? {
                0 => 0x10000,
                length => length,
            };
            delta = rest;
            if from != copied_to {
                made.note(made.content.len());
            }
            copied_to = from.checked_add(length)?;
            base.get(from..copied_to)?
        };
        // Checked below as well; checked here, it takes no memory.
        if copied.len() > wanted - made.content.len() {
            return None;
        }
        made.content.extend_from_slice(copied);
    }
    if copied_to != base.len() {
        made.note(made.content.len());
    }
    (made.content.len() == wanted).then_some(Some(made))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_that_is_too_long_is_no_size_and_no_other() {
        let long = |bytes: usize| [vec![0x81; bytes], vec![1, 9]].concat();
        assert_eq!(size(&[0x85, 0x01, 9]), Some((5 + 128, &[9][..])));
        assert_eq!(size(&long(8)).map(|(_, rest)| rest), Some(&[9][..]));
        assert_eq!(size(&long(9)), None);
    }

    #[test]
    fn a_difference_is_applied_whole_or_not_at_all() {
        let base: Vec<u8> = (0..=255).cycle().take(70_000).collect();
        let of = |delta: &[u8], largest: usize| {
            apply(&base, &[&[0xf0, 0xa2, 0x04], delta].concat(), largest)
                .map(|made| made.map(|made| made.content))
        };
        // A copy of two bytes at 0x0103, then two new ones.
        let delta = [4, 0x93, 0x03, 0x01, 2, 2, b'n', b'w'];
        assert_eq!(of(&delta, 4), Some(Some(vec![3, 4, b'n', b'w'])));
        assert_eq!(of(&delta, 3), Some(None));
        // No length stands for the longest copy.
        assert_eq!(of(&[0x80, 0x80, 0x04, 0x80], 1 << 20), Some(Some(base[..0x10000].to_vec())));
        for wrong in [&[3][..], &delta[1..], &[4, 0x93, 0x03], &[2, 0x94, 0x02, 2], &[1, 0], &[9, 2, 1, 2]] {
            assert_eq!(of(wrong, 1 << 20), None, "{wrong:?}");
        }
        assert!(apply(&base[1..], &[&[0xf0, 0xa2, 0x04], &delta[..]].concat(), 9).is_none());
    }
}
