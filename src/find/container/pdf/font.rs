//! The codes of fonts: which characters they stand for.

use std::collections::{HashMap, HashSet};

use memchr::memmem;

use super::syntax::{hex, is_blank, name_length, number, object_number};

/// The most codes of all fonts that are kept.
const MOST: usize = 1 << 18;
/// How far behind the start of an object a font is described, in bytes.
const DESCRIPTION: usize = 4096;

/// Which characters the codes of a font stand for.
#[derive(Debug, Default)]
pub(super) struct CodeMap {
    /// How many bytes a code has.
    pub(super) width: usize,
    characters: HashMap<u32, String>,
}

impl CodeMap {
    /// Appends what the codes of `string` stand for; others stand for themselves. Returns
    /// whether that differs from the string.
    pub(super) fn write(&self, string: &[u8], out: &mut Vec<u8>) -> bool {
        let before = out.len();
        for code in string.chunks(self.width.max(1)) {
            let number = code.iter().fold(0, |number, byte| number << 8 | u32::from(*byte));
            match self.characters.get(&number) {
                Some(text) => out.extend_from_slice(text.as_bytes()),
                None => out.extend(code.iter().filter(|byte| byte.is_ascii_graphic())),
            }
        }
        out.get(before..) != Some(string)
    }
}

/// The fonts of a file, by the names under which pages use them.
#[derive(Debug, Default)]
pub(super) struct Fonts {
    /// The objects that some object has under a name.
    named: HashMap<Vec<u8>, HashSet<u32>>,
    /// Of a font the object that describes its codes.
    described: HashMap<u32, u32>,
    /// The fonts whose codes are two bytes wide and their own, unless they are described.
    coded: HashSet<u32>,
    /// What describes codes, by its object; none before it was read.
    maps: HashMap<u32, Option<CodeMap>>,
    /// How many codes were kept.
    kept: usize,
}

impl Fonts {
    fn is_empty(&self) -> bool {
        self.described.is_empty() && self.coded.is_empty()
    }

    /// Whether `object` describes the codes of a font.
    pub(super) fn has_map(&self, object: u32) -> bool {
        self.maps.contains_key(&object)
    }

    /// Reads the objects of a file.
    pub(super) fn read(&mut self, bytes: &[u8]) {
        for mark in [&b"/ToUnicode"[..], b"/Identity-"] {
            for at in memmem::find_iter(bytes, mark) {
                let before = bytes.get(at.saturating_sub(DESCRIPTION)..at).unwrap_or_default();
                let Some(start) = memmem::rfind(before, b" obj") else { continue };
                let Some(object) = before.get(..start).and_then(object_number) else { continue };
                self.describe(object, mark, bytes.get(at + mark.len()..).unwrap_or_default());
            }
        }
        if !self.is_empty() {
            self.names(bytes);
        }
    }

    /// Reads objects that are in a stream: their numbers and places are listed before `first`.
    pub(super) fn read_list(&mut self, content: &[u8], count: usize, first: usize) {
        let Some((head, objects)) = content.split_at_checked(first) else { return };
        let numbers = head.split(|byte| is_blank(*byte)).filter(|word| !word.is_empty()).map_while(number);
        let numbers: Vec<u32> = numbers.take(count.saturating_mul(2)).collect();
        let (pairs, _) = numbers.as_chunks::<2>();
        for (index, [object, start]) in pairs.iter().enumerate() {
            let end = pairs.get(index + 1).map_or(objects.len(), |[_, next]| *next as usize);
            let text = objects.get(*start as usize..end.min(objects.len())).unwrap_or_default();
            for mark in [&b"/ToUnicode"[..], b"/Identity-"] {
                if let Some(at) = memmem::find(text, mark) {
                    self.describe(*object, mark, text.get(at + mark.len()..).unwrap_or_default());
                }
            }
        }
        self.names(objects);
    }

    fn describe(&mut self, object: u32, mark: &[u8], value: &[u8]) {
        if mark == b"/ToUnicode" {
            let Some((map, _)) = reference(value) else { return };
            self.described.insert(object, map);
            self.maps.entry(map).or_default();
        } else {
            self.coded.insert(object);
        }
    }

    /// Reads the names of objects: `/F1 5 0 R`.
    fn names(&mut self, text: &[u8]) {
        for at in memchr::memchr_iter(b'/', text) {
            let rest = text.get(at + 1..).unwrap_or_default();
            let (name, rest) = rest.split_at(name_length(rest));
            if name.len() < 64
                && let Some((object, _)) = reference(rest)
            {
                self.named.entry(name.to_vec()).or_default().insert(object);
            }
        }
    }

    /// Reads what `object` describes: pairs of a code and its character, and rows of them.
    pub(super) fn add_map(&mut self, object: u32, text: &[u8]) {
        let mut map = CodeMap { width: 1, ..CodeMap::default() };
        let section = |name: &'static str| {
            let begin = memmem::find_iter(text, name.as_bytes()).map(move |at| at + name.len());
            begin.map(move |at| {
                let rest = text.get(at..).unwrap_or_default();
                rest.get(..memmem::find(rest, b"end").unwrap_or(rest.len())).unwrap_or_default()
            })
        };
        for codes in section("begincodespacerange") {
            map.width = strings(codes).first().map_or(1, |code| code.len().clamp(1, 4));
        }
        for pair in section("beginbfchar")
            .flat_map(|pairs| strings(pairs).chunks_exact(2).map(<[_]>::to_vec).collect::<Vec<_>>())
        {
            if let [code, text] = pair.as_slice() {
                self.put(&mut map, code_number(code), text, 0);
            }
        }
        for rows in section("beginbfrange") {
            self.rows(&mut map, rows);
        }
        self.maps.insert(object, Some(map));
    }

    /// Reads rows of codes: the first and the last one, and the character of the first or an
    /// array of all.
    fn rows(&mut self, map: &mut CodeMap, rows: &[u8]) {
        for row in rows.split(|byte| matches!(byte, b'\n' | b'\r')) {
            let strings = strings(row);
            let listed = memchr::memchr(b'[', row).is_some();
            let mut rest = strings.as_slice();
            while let [first, last, more @ ..] = rest {
                let (first, last) = (code_number(first), code_number(last));
                for (number, code) in (first..=last).enumerate().take(MOST) {
                    match more.get(if listed { number } else { 0 }) {
                        Some(text) => self.put(map, code, text, if listed { 0 } else { number }),
                        None => break,
                    }
                    if self.kept >= MOST {
                        return;
                    }
                }
                rest = if listed { &[] } else { more.get(1..).unwrap_or_default() };
            }
        }
    }

    /// Notes that `code` stands for `text`, in UTF-16, whose last character is moved `on`.
    fn put(&mut self, map: &mut CodeMap, code: u32, text: &[u8], on: usize) {
        let mut units: Vec<u16> = text
            .chunks_exact(2)
            .take(4)
            .map(|pair| pair.iter().fold(0, |unit, byte| unit << 8 | u16::from(*byte)))
            .collect();
        if let (Some(last), Ok(on)) = (units.last_mut(), u16::try_from(on)) {
            *last = last.wrapping_add(on);
        }
        if self.kept < MOST {
            self.kept += 1;
            map.characters.insert(code, String::from_utf16_lossy(&units));
        }
    }

    /// The codes of the font that pages use under `name`, and whether they are known. Where
    /// pages differ in what they call so, all are.
    pub(super) fn of_name(&self, name: &[u8]) -> (Vec<&CodeMap>, bool) {
        let mut objects: Vec<u32> = self.named.get(name).into_iter().flatten().copied().collect();
        objects.sort_unstable();
        let maps = objects
            .iter()
            .filter_map(|object| self.maps.get(self.described.get(object)?)?.as_ref())
            .take(8)
            .collect::<Vec<_>>();
        let coded = objects.iter().any(|object| self.coded.contains(object));
        let known = !maps.is_empty() || !coded;
        (maps, known)
    }
}

/// A reference to an object, `5 0 R`, with which `text` begins, and what follows.
fn reference(text: &[u8]) -> Option<(u32, &[u8])> {
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let text = text.trim_ascii_start();
    let (object, rest) = text.split_at(digits(text).min(10));
    let rest = rest.trim_ascii_start();
    let rest = rest.get(digits(rest)..)?.trim_ascii_start().strip_prefix(b"R")?;
    Some((number(object)?, rest))
}

/// The strings of hexadecimal digits in `text`.
fn strings(text: &[u8]) -> Vec<Vec<u8>> {
    memchr::memchr_iter(b'<', text).map(|at| hex(text.get(at + 1..).unwrap_or_default())).collect()
}

fn code_number(code: &[u8]) -> u32 {
    code.iter().take(4).fold(0, |number, byte| number << 8 | u32::from(*byte))
}
