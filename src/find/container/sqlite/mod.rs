//! SQLite databases, and their write-ahead logs.
//!
//! What fits its page stands in the file as it is. A longer value goes on in pages elsewhere:
//! such values are handed out whole.

mod pages;
mod record;
mod tables;

use std::collections::{HashMap, HashSet};

use super::visit::{Spent, Unread, Visit};
use pages::{Cell, Page, Pages, frames, is_database};
use record::values;
pub(in crate::find) use tables::Tables;

/// How a log begins, in either order of the bytes in its checksums.
const LOGS: [[u8; 8]; 2] = [*b"\x37\x7f\x06\x82\0\x2d\xe2\x18", *b"\x37\x7f\x06\x83\0\x2d\xe2\x18"];

pub(super) fn begins(head: &[u8]) -> bool {
    is_database(head) || LOGS.iter().any(|log| head.starts_with(log))
}

/// Hands out each value that goes over several pages.
pub(super) fn walk(bytes: &[u8], visit: &mut Visit<'_>) -> Result<(), Spent> {
    if !is_database(bytes) {
        return log(bytes, visit);
    }
    let Some(pages) = Pages::of(bytes) else { return visit.skip(None, Unread::Damaged) };
    let tables = Tables::of(&pages);
    let mut broken = pages.is_cut();
    for number in 1..=pages.count() {
        if let Some(page) = pages.page(number) {
            // Pages that no table has may hold what is left of others.
            let whole = cells(&page, page.cells(), &pages, &tables, visit)?;
            broken |= !whole && tables.has(number);
        }
    }
    if broken { visit.skip(None, Unread::Damaged) } else { Ok(()) }
}

/// The same of a log: it holds pages in transactions.
fn log(bytes: &[u8], visit: &mut Visit<'_>) -> Result<(), Spent> {
    let Some((frames, whole)) = frames(bytes) else { return visit.skip(None, Unread::Damaged) };
    let (tables, mut latest, mut written) = (Tables::default(), HashMap::new(), HashSet::new());
    for (at, frame) in frames.iter().enumerate() {
        latest.insert(frame.number, frame.bytes);
        written.insert(frame.number);
        if !frame.commits && at + 1 < frames.len() {
            continue;
        }
        let pages = Pages::of_log(&latest, frame.bytes.len());
        let mut written: Vec<u32> = written.drain().collect();
        written.sort_unstable();
        for page in written.iter().filter_map(|number| pages.page(*number)) {
            // A page is written again for each of its rows; a long value only if it changes.
            let is_new =
                |cell: &Cell<'_>| cell.overflow.is_some_and(|first| written.binary_search(&first).is_ok());
            cells(&page, page.cells().filter(is_new), &pages, &tables, visit)?;
        }
    }
    if whole { Ok(()) } else { visit.skip(None, Unread::Damaged) }
}

/// Hands out the long values in these cells of a page; whether all of them could be read.
fn cells<'a>(
    page: &Page<'_>,
    cells: impl Iterator<Item = Cell<'a>>,
    pages: &Pages<'_>,
    tables: &Tables,
    visit: &mut Visit<'_>,
) -> Result<bool, Spent> {
    let mut all = true;
    for cell in cells.filter(|cell| cell.overflow.is_some()) {
        let (content, whole) = payload(&cell, pages, visit.allowance.bytes);
        all &= whole;
        visit.charge(content.len());
        if visit.allowance.bytes == 0 {
            visit.skip(None, Unread::TooLarge)?;
        }
        let place = tables.place(page.number, cell.row);
        for (column, value) in values(&content).filter(|(_, value)| value.end > cell.local.len()) {
            let mut value = content.get(value).unwrap_or_default();
            visit.member(Some(format!("{place}, column {column}").as_bytes()), &mut value)?;
        }
    }
    Ok(all)
}

/// All of what a cell holds, and whether nothing is missing. No more is read than is `left`.
fn payload(cell: &Cell<'_>, pages: &Pages<'_>, left: u64) -> (Vec<u8>, bool) {
    let mut content = cell.local.to_vec();
    let mut next = cell.overflow;
    // Pages that lead to each other without end hold no more than the cell says.
    while let Some((page, rest)) = next.and_then(|next| pages.overflow(next)) {
        let missing = cell.length.saturating_sub(content.len());
        content.extend_from_slice(rest.get(..missing).unwrap_or(rest));
        next = Some(page).filter(|_| content.len() < cell.length && (content.len() as u64) < left);
    }
    let whole = content.len() == cell.length;
    (content, whole)
}
