//! Lines of a content, and how many a new version adds.
//!
//! A line is added if it occurs more often in the new version than in the old one. This
//! compares multisets, so a diff's size limits, attributes and binary rules play no part. A
//! line that moved within its file, or whose line ending changed, is not added.

use std::collections::HashMap;
use std::ops::Range;

/// Whether git would treat the content as binary: a NUL among its first 8,000 bytes.
pub fn is_binary(content: &[u8]) -> bool {
    memchr::memchr(0, content.get(..8000).unwrap_or(content)).is_some()
}

/// The lines of `content`, each without its line feed and a carriage return before it. The last
/// line needs no line feed.
pub fn lines(content: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = content;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let (line, after) = rest.split_at(end);
        rest = after.get(1..).unwrap_or_default();
        Some(line.strip_suffix(b"\r").unwrap_or(line))
    })
}

/// How many lines `content` has.
pub fn count_lines(content: &[u8]) -> usize {
    // Some times as fast as one after the other: each block compiles to a few vector instructions.
    let (blocks, rest) = content.as_chunks::<128>();
    let feeds = |part: &[u8]| part.iter().map(|byte| u8::from(*byte == b'\n')).sum::<u8>();
    let of_blocks = blocks.iter().map(|block| usize::from(feeds(block))).sum::<usize>();
    let last = usize::from(content.last().is_some_and(|last| *last != b'\n'));
    of_blocks + usize::from(feeds(rest)) + last
}

/// The range of the line that holds the byte at `offset`, without the line feed.
pub fn line_around(content: &[u8], offset: usize) -> Range<usize> {
    let before = content.get(..offset).unwrap_or(content);
    let after = content.get(offset..).unwrap_or_default();
    let start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
    let end = memchr::memchr(b'\n', after).map_or(content.len(), |at| offset + at);
    let end = if content.get(start..end).is_some_and(|line| line.ends_with(b"\r")) { end - 1 } else { end };
    start..end
}

/// The number of the line that holds the byte at `offset`, counted from 1.
pub fn line_number(content: &[u8], offset: usize) -> usize {
    1 + content.get(..offset).map_or(0, |before| memchr::memchr_iter(b'\n', before).count())
}

/// Counts of keys that can be taken one by one.
#[derive(Debug)]
pub struct Multiset<K>(HashMap<K, usize>);

impl<K> Default for Multiset<K> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: std::hash::Hash + Eq> Multiset<K> {
    /// Counts the `keys`.
    pub fn of(keys: impl Iterator<Item = K>) -> Self {
        let mut counts = HashMap::new();
        keys.for_each(|key| *counts.entry(key).or_default() += 1);
        Self(counts)
    }

    /// Takes one `key`. Returns false if none was left.
    pub fn take(&mut self, key: &K) -> bool {
        self.0.get_mut(key).filter(|count| **count > 0).map(|count| *count -= 1).is_some()
    }
}

/// How many lines occur in `new` and not in `old`, or more often.
pub fn count_added_lines(new: &[u8], old: &[u8]) -> usize {
    let mut left = Multiset::of(lines(old));
    lines(new).filter(|line| !left.take(line)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_is_binary_where_git_takes_it_for_that() {
        let nul_at = |at: usize| [vec![b'a'; at], vec![0, b'a']].concat();
        assert!(is_binary(&nul_at(0)) && is_binary(&nul_at(7_999)));
        assert!(!is_binary(&nul_at(8_000)) && !is_binary(b"text\n") && !is_binary(b""));
    }

    #[test]
    fn lines_end_at_a_line_feed_with_or_without_carriage_return() {
        let split: Vec<&[u8]> = lines(b"a\r\nb\n\nc").collect();
        assert_eq!(split, [&b"a"[..], b"b", b"", b"c"]);
        assert_eq!(lines(b"").count(), 0);
        assert_eq!(lines(b"\n").count(), 1);
    }

    #[test]
    fn the_line_around_each_byte_is_the_line_that_holds_it() {
        let text = b"ab\r\ncd\nef";
        for (offset, line) in [(0, "ab"), (1, "ab"), (4, "cd"), (5, "cd"), (7, "ef"), (8, "ef"), (9, "ef")] {
            assert_eq!(&text[line_around(text, offset)], line.as_bytes(), "{offset}");
        }
    }

    #[test]
    fn a_moved_line_and_a_changed_line_ending_are_not_added() {
        assert_eq!(count_added_lines(b"b\na\n", b"a\nb\n"), 0);
        assert_eq!(count_added_lines(b"a\r\nb", b"a\nb\n"), 0);
        assert_eq!(count_added_lines(b"a\na\n", b"a\n"), 1);
        assert_eq!(count_added_lines(b"a\n", b""), 1);
    }

    #[test]
    fn each_line_is_counted_wherever_a_block_ends() {
        for length in [0, 1, 127, 128, 129, 255, 256, 300] {
            assert_eq!(count_lines(&vec![b'\n'; length]), length);
            assert_eq!(count_lines(&[&vec![b'\n'; length], &b"x"[..]].concat()), length + 1);
        }
    }
}
