//! SQLite databases, and their write-ahead logs.
//!
//! What fits its page stands in the file as it is. A longer value goes on in pages elsewhere:
//! such values are handed out whole. So are those that begin like a container: their bytes
//! alone show nothing.

mod pages;
mod record;
mod tables;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::visit::{Spent, Unread, Visit};
use pages::{Cell, Page, Pages, frame_at, frames, is_database};
use record::values;
pub(in crate::find) use tables::Tables;

/// How a log begins, in either order of the bytes in its checksums.
const LOGS: [[u8; 8]; 2] = [*b"\x37\x7f\x06\x82\0\x2d\xe2\x18", *b"\x37\x7f\x06\x83\0\x2d\xe2\x18"];

pub(super) fn begins(head: &[u8]) -> bool {
    is_database(head) || LOGS.iter().any(|log| head.starts_with(log))
}

/// Says whether a value begins like a container.
pub(super) type IsPacked = fn(&[u8]) -> bool;

/// What is shorter, in bytes, holds no token, and is no damaged container but a signature of
/// one.
const SHORTEST: usize = 27;

/// Hands out each value that goes over several pages or is packed.
pub(super) fn walk(bytes: &[u8], is_packed: IsPacked, visit: &mut Visit<'_>) -> Result<(), Spent> {
    if !is_database(bytes) {
        return log(bytes, is_packed, visit);
    }
    let Some(pages) = Pages::of(bytes) else { return visit.skip(None, Unread::Damaged) };
    let tables = Tables::of(&pages);
    let mut broken = pages.is_cut();
    for number in 1..=pages.count() {
        if let Some(page) = pages.page(number) {
            // Pages that no table has may hold what is left of others.
            for cell in page.cells() {
                let whole = row(&page, &cell, Some(&pages), &mut { is_packed }, &tables, visit)?;
                broken |= !whole && tables.has(number);
            }
        }
    }
    if broken { visit.skip(None, Unread::Damaged) } else { Ok(()) }
}

/// The same of a log: it holds pages in transactions.
fn log(bytes: &[u8], is_packed: IsPacked, visit: &mut Visit<'_>) -> Result<(), Spent> {
    let Some((frames, whole)) = frames(bytes) else { return visit.skip(None, Unread::Damaged) };
    let (tables, mut latest, mut written) = (Tables::default(), HashMap::new(), HashSet::new());
    let mut known = HashSet::new();
    let mut is_new_packed = |value: &[u8]| is_packed(value) && known.insert(value.to_vec());
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
            for cell in page.cells() {
                let pages = Some(&pages).filter(|_| is_new(&cell));
                row(&page, &cell, pages, &mut is_new_packed, &tables, visit)?;
            }
        }
    }
    if whole { Ok(()) } else { visit.skip(None, Unread::Damaged) }
}

/// Hands out the values of a cell that go over several of the `pages`, and those that are
/// packed. Without `pages` only what is on its own page is read. Returns whether all of it
/// could be.
fn row(
    page: &Page<'_>,
    cell: &Cell<'_>,
    pages: Option<&Pages<'_>>,
    is_packed: &mut dyn FnMut(&[u8]) -> bool,
    tables: &Tables,
    visit: &mut Visit<'_>,
) -> Result<bool, Spent> {
    let (mut content, mut whole) = (Cow::Borrowed(cell.local), true);
    if let (Some(pages), Some(_)) = (pages, cell.overflow) {
        let (all, is_whole) = payload(cell, pages, visit.allowance.bytes);
        (content, whole) = (Cow::Owned(all), is_whole);
        visit.charge(content.len());
        if visit.allowance.bytes == 0 {
            visit.skip(None, Unread::TooLarge)?;
        }
    }
    // The last value that is here of a row that goes on elsewhere is cut off.
    let is_cut = pages.is_none() && cell.overflow.is_some();
    for (column, range) in values(&content) {
        let value = content.get(range.clone()).unwrap_or_default();
        let is_here = value.len() >= SHORTEST && !(is_cut && range.end == content.len());
        if range.end > cell.local.len() || is_here && is_packed(value) {
            let place = format!("{}, column {column}", tables.place(page.number, cell.row));
            visit.member(Some(place.as_bytes()), &mut &*value)?;
        }
    }
    Ok(whole)
}

/// Whether the byte at this offset belongs to a row that is on its page as a whole: what is
/// written there is not handed out a second time.
pub(in crate::find) fn is_whole_at(bytes: &[u8], offset: usize) -> bool {
    let page = if is_database(bytes) {
        Pages::of(bytes).and_then(|pages| pages.at(offset))
    } else {
        frame_at(bytes, offset)
    };
    page.is_some_and(|(page, at)| {
        let mut cells = page.cells().filter(|cell| cell.overflow.is_none());
        cells.any(|cell| (cell.at..cell.at + cell.local.len()).contains(&at))
    })
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
