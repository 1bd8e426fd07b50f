//! The values of a row.

use std::ops::Range;

use super::pages::varint;

/// The columns of `record`: the kind of each value, and where it is if all of it is there.
fn columns(record: &[u8]) -> impl Iterator<Item = (u64, Range<usize>)> {
    let (length, types) = varint(record).unwrap_or((0, &[]));
    let mut at = usize::try_from(length).unwrap_or(usize::MAX).min(record.len());
    let mut types = record.get(record.len() - types.len()..at).unwrap_or_default();
    std::iter::from_fn(move || {
        let (kind, rest) = varint(types)?;
        types = rest;
        let length = match kind {
            0 | 8 | 9 => 0,
            1..=4 => kind,
            5 => 6,
            6 | 7 => 8,
            kind => kind.checked_sub(12)? / 2,
        };
        let start = at;
        at = at.saturating_add(usize::try_from(length).ok()?);
        Some((kind, start..at))
    })
}

/// Where the texts and blobs of `record` are, each with the number of its column from 1; the
/// last one may be cut off.
pub(super) fn values(record: &[u8]) -> impl Iterator<Item = (usize, Range<usize>)> {
    let values = (1..).zip(columns(record)).filter(|(_, (kind, _))| *kind >= 12);
    let there = move |range: Range<usize>| range.start..range.end.min(record.len());
    values.map(move |(column, (_, range))| (column, there(range))).filter(|(_, range)| !range.is_empty())
}

/// The number in the column `wanted` of `record`, from 1.
pub(super) fn number(record: &[u8], wanted: usize) -> Option<u64> {
    let (kind, range) = columns(record).nth(wanted.checked_sub(1)?)?;
    match kind {
        8 | 9 => Some(kind - 8),
        1..=6 => Some(record.get(range)?.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))),
        _ => None,
    }
}
