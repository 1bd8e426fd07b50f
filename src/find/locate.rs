//! Finds lines and columns.

use std::num::NonZeroUsize;
use std::ops::Range;

use crate::text::line_around;

/// A position in a text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Position {
    /// Line feeds before it.
    pub lines: usize,
    /// Characters before it on its line; where the line is not UTF-8, each byte
    /// that could not continue a character counts as one.
    pub characters: usize,
}

/// Finds line and column of increasing offsets in a single pass.
pub struct Locator<'a> {
    content: &'a [u8],
    start: Position,
    /// The line of the last offset, without its line feed.
    line: Range<usize>,
    /// Where the last offset stands, and the offset.
    position: Position,
    counted: usize,
}

impl<'a> Locator<'a> {
    /// For `content`, which begins at `start`.
    pub fn new(content: &'a [u8], start: Position) -> Self {
        // No editor shows a byte order mark.
        let marks: &[&[u8]] = &[b"\xef\xbb\xbf", b"\xff\xfe\0\0", b"\0\0\xfe\xff", b"\xff\xfe", b"\xfe\xff"];
        let mark = marks.iter().find(|mark| start == Position::default() && content.starts_with(mark));
        let counted = mark.map_or(0, |mark| mark.len());
        let line = Range { start: counted, ..line_around(content, 0) };
        Self { content, start, line, position: start, counted }
    }

    /// The line of the last offset, as a range of the content.
    pub fn line(&self) -> &Range<usize> {
        &self.line
    }

    /// Where `offset` stands.
    pub fn position(&mut self, offset: usize) -> Position {
        let passed = self.content.get(self.counted..offset).unwrap_or_default();
        let feeds = memchr::memchr_iter(b'\n', passed).count();
        if feeds > 0 {
            self.line = line_around(self.content, offset);
            self.position = Position { lines: self.position.lines + feeds, characters: 0 };
            self.counted = self.line.start;
        }
        let continues = |byte: &&u8| (0x80..0xc0).contains(*byte);
        let new = self.content.get(self.counted..offset).unwrap_or_default();
        self.position.characters += new.len() - new.iter().filter(continues).count();
        self.counted = self.counted.max(offset);
        self.position
    }

    /// Line and column of `offset`, counted from 1, in characters of `width` bytes.
    pub fn locate(&mut self, offset: usize, width: usize) -> (NonZeroUsize, NonZeroUsize) {
        let Position { lines, mut characters } = self.position(offset);
        if width > 1 {
            // Bytes that could continue a character in UTF-8 mean nothing here.
            let before = if lines == self.start.lines { self.start.characters } else { 0 };
            characters = before + offset.saturating_sub(self.line.start);
        }
        let one = NonZeroUsize::MIN;
        (one.saturating_add(lines), one.saturating_add(characters / width))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_content_that_begins_within_a_line_counts_from_the_line_s_start() {
        let mut locator = Locator::new("b\u{e9}\ncd".as_bytes(), Position { lines: 2, characters: 5 });
        assert_eq!(locator.position(3), Position { lines: 2, characters: 7 });
        assert_eq!(locator.position(5), Position { lines: 3, characters: 1 });
    }

    #[test]
    fn a_byte_order_mark_is_no_column() {
        let column = |content: &[u8], offset, width| {
            Locator::new(content, Position::default()).locate(offset, width).1.get()
        };
        assert_eq!(column(b"\xef\xbb\xbfx=y", 5, 1), 3);
        assert_eq!(column(b"\xff\xfex\0=\0y\0", 6, 2), 3);
        assert_eq!(column(b"\xfe\xff\0x\0=\0y", 6, 2), 3);
        assert_eq!(column(b"\xff\xfe\0\0x\0\0\0y\0\0\0", 8, 4), 2);
        // What begins later, as the second part of a large file, has none.
        let mut later = Locator::new(b"\xef\xbb\xbfx", Position { lines: 0, characters: 7 });
        assert_eq!(later.locate(3, 1).1.get(), 9);
        let mut second = Locator::new(b"\xef\xbb\xbfx\nab", Position::default());
        assert_eq!(second.locate(6, 1).1.get(), 2);
    }

    #[test]
    fn behind_any_writing_a_column_is_that_of_an_editor() {
        let text = "\u{fc}\u{4e2d}\u{ac00}\u{8b80}\nx\u{b0}\u{bc}\u{ac80}y";
        for (mark, pair) in
            [(b"\xff\xfe", u16::to_le_bytes as fn(u16) -> [u8; 2]), (b"\xfe\xff", u16::to_be_bytes)]
        {
            let content = [mark.to_vec(), text.encode_utf16().flat_map(pair).collect()].concat();
            let mut locator = Locator::new(&content, Position::default());
            let mut place = |index: usize| {
                let (line, column) = locator.locate(2 + 2 * index, 2);
                (line.get(), column.get())
            };
            assert_eq!([place(3), place(5), place(9)], [(1, 4), (2, 1), (2, 5)]);
        }
    }

    #[test]
    fn a_column_is_counted_in_characters_of_the_width_that_they_have() {
        let number = |number: usize| NonZeroUsize::new(number).unwrap();
        let mut locator = Locator::new(b"a\0b\0c\0", Position::default());
        assert_eq!(locator.locate(4, 2), (number(1), number(3)));
    }
}
