//! JSON: the path to a place, and what it is called in the formats that are JSON.

mod path;

use memchr::{memchr2, memmem};

use path::{Level, Path};

/// How deep a path is followed; the formats below need less.
const DEEPEST: usize = 64;
/// The longest key or name that is kept, in bytes.
const LONGEST: usize = 400;

/// A JSON text, as far as it was read.
#[derive(Debug, Clone, Default)]
pub(super) struct Json {
    /// The arrays and objects around this place.
    levels: Vec<Level>,
    /// How many more there are, deeper than is followed.
    deeper: usize,
    /// Whether this place is in a string, and whether behind a backslash there.
    in_string: bool,
    escaped: bool,
    /// What was read of a string that is kept.
    kept: Option<Vec<u8>>,
}

impl Json {
    pub(super) fn of(head: &[u8]) -> Option<Self> {
        let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
        matches!(text, [b'{' | b'[', ..]).then(Self::default)
    }

    /// Whether `head` begins one of the formats that [`path`] knows.
    pub(super) fn is_known(head: &[u8]) -> bool {
        let marks = [
            "\"log\"",
            "\"cells\"",
            "postman",
            "\"messages\"",
            "\"type\":\"message\"",
            "\"type\": \"message\"",
        ];
        marks.iter().any(|mark| memmem::find(head, mark.as_bytes()).is_some())
    }

    /// Reads `text`; returns its length.
    pub(super) fn read(&mut self, text: &[u8]) -> usize {
        let mut rest = text;
        while let Some((byte, after)) = rest.split_first() {
            rest = if self.in_string { self.string(rest) } else { self.sign(*byte, after) };
        }
        text.len()
    }

    /// Reads more of a string; returns what follows.
    fn string<'t>(&mut self, text: &'t [u8]) -> &'t [u8] {
        let from = usize::from(std::mem::take(&mut self.escaped));
        let end =
            memchr2(b'"', b'\\', text.get(from..).unwrap_or_default()).map_or(text.len(), |at| from + at);
        let (part, rest) = text.split_at(end);
        let (sign, rest) = rest.split_first().map_or((None, rest), |(sign, rest)| (Some(*sign), rest));
        if let Some(kept) = &mut self.kept {
            kept.extend_from_slice(part);
            kept.extend(sign.filter(|sign| *sign == b'\\'));
            if kept.len() > LONGEST {
                self.kept = None;
            }
        }
        self.escaped = sign == Some(b'\\');
        if sign == Some(b'"') {
            self.in_string = false;
            self.ended();
        }
        rest
    }

    /// A string ended: it may be a key, or a name.
    fn ended(&mut self) {
        let kept = self.kept.take().unwrap_or_default();
        let Some(level) = self.levels.last_mut().filter(|level| self.deeper == 0 && level.item.is_none())
        else {
            return;
        };
        if level.at_key {
            level.key = kept;
        } else if is_name(&level.key) {
            level.name = kept;
        }
    }

    /// Reads a character outside of strings.
    fn sign<'t>(&mut self, byte: u8, rest: &'t [u8]) -> &'t [u8] {
        let deepest = self.levels.len() == DEEPEST;
        let level = self.levels.last_mut().filter(|_| self.deeper == 0);
        match byte {
            b'"' => {
                self.in_string = true;
                let is_kept =
                    level.is_some_and(|level| level.item.is_none() && (level.at_key || is_name(&level.key)));
                self.kept = is_kept.then(Vec::new);
            }
            b'{' | b'[' if deepest => self.deeper += 1,
            b'{' => self.levels.push(Level { at_key: true, ..Level::default() }),
            b'[' => self.levels.push(Level { item: Some(1), ..Level::default() }),
            b'}' | b']' => match self.deeper.checked_sub(1) {
                Some(less) => self.deeper = less,
                None => drop(self.levels.pop()),
            },
            b':' => level.into_iter().for_each(|level| level.at_key = false),
            b',' => {
                if let Some(level) = level {
                    level.at_key = level.item.is_none();
                    level.item = level.item.map(|item| item + 1);
                }
            }
            _ => {}
        }
        rest
    }

    pub(super) fn part(&self) -> Option<String> {
        Path::new(&self.levels).words()
    }
}

fn is_name(key: &[u8]) -> bool {
    matches!(key, b"name" | b"key")
}
