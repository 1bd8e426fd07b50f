//! Which table or index has which page.

use std::borrow::Cow;
use std::collections::HashMap;

use super::super::super::names::shown;
use super::pages::{Pages, is_database};
use super::record::{number, values};

/// The most tables and indexes that have names.
const MOST: usize = 10_000;

/// `text` in UTF-8, which is in the `writing` that the header of the database states.
fn read_text(text: &[u8], writing: Option<u32>) -> Cow<'_, [u8]> {
    let unit = match writing {
        Some(2) => u16::from_le_bytes,
        Some(3) => u16::from_be_bytes,
        _ => return text.into(),
    };
    let (pairs, _) = text.as_chunks();
    let units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
    String::from_utf16_lossy(&units).into_bytes().into()
}

/// The tables and indexes of a database, by their pages.
#[derive(Debug, Clone, Default)]
pub(in crate::find) struct Tables {
    names: Vec<String>,
    /// Of each page the number of the name.
    pages: HashMap<u32, usize>,
}

impl Tables {
    pub(super) fn of(pages: &Pages<'_>) -> Self {
        let mut tables = Self { names: vec!["the schema".to_owned()], pages: HashMap::new() };
        tables.add(pages, 1, 0);
        let mut schema: Vec<u32> = tables.pages.keys().copied().collect();
        schema.sort_unstable();
        for page in schema.into_iter().filter_map(|number| pages.page(number)) {
            for cell in page.cells() {
                let text = |column| {
                    let mut values = values(cell.local).filter(|(number, _)| *number == column);
                    let value = values.next().and_then(|(_, value)| cell.local.get(value));
                    read_text(value.unwrap_or_default(), pages.writing())
                };
                let Some(root) = number(cell.local, 4).and_then(|root| u32::try_from(root).ok()) else {
                    continue;
                };
                if root == 0 || tables.names.len() == MOST {
                    continue;
                }
                let kind = if *text(1) == *b"index" { "index" } else { "table" };
                let name = shown(&text(2)).unwrap_or_else(|| tables.names.len().to_string());
                tables.names.push(format!("{kind} {name}"));
                tables.add(pages, root, tables.names.len() - 1);
            }
        }
        tables
    }

    /// Notes all pages below `root` that have no name yet.
    fn add(&mut self, pages: &Pages<'_>, root: u32, name: usize) {
        let mut left = vec![root];
        while let Some(number) = left.pop() {
            if self.pages.contains_key(&number) {
                continue;
            }
            if let Some(page) = pages.page(number) {
                self.pages.insert(number, name);
                left.extend(page.children());
            }
        }
    }

    /// Whether a table or index has the page.
    pub(super) fn has(&self, page: u32) -> bool {
        self.pages.contains_key(&page)
    }

    /// A row on a page, in words.
    pub(super) fn place(&self, page: u32, row: Option<u64>) -> String {
        let table = self.pages.get(&page).and_then(|name| self.names.get(*name));
        let table = table.cloned().unwrap_or_else(|| format!("page {page}"));
        row.map_or_else(|| table.clone(), |row| format!("{table}, row {row}"))
    }

    /// Where the byte at this offset of the database `bytes` is.
    pub(in crate::find) fn at(&self, bytes: &[u8], offset: usize) -> Option<String> {
        let (page, at) = Pages::of(bytes)?.at(offset)?;
        let cell = page.cells().find(|cell| (cell.at..cell.at + cell.local.len()).contains(&at));
        Some(self.place(page.number, cell.and_then(|cell| cell.row)))
    }

    /// Those of the database `bytes`.
    pub(in crate::find) fn of_database(bytes: &[u8]) -> Option<Self> {
        is_database(bytes).then(|| Pages::of(bytes).map(|pages| Self::of(&pages)))?
    }
}
