//! Decides from the changed ranges whether a new version of a clean text is still clean.
//!
//! A token, its encoding and its name are within [`MARGIN`] of each other, what decoders leave
//! out not counted, or in lines of encoded text: wrapped base64, rows of hex digits, packed
//! content in either. So each changed range is searched with that much around it, and on to a
//! blank line or a line of plain words, where encoded text ends. Everything outside these
//! windows was in the old version with the same surroundings. In doubt the answer is no, and
//! the whole text must be searched.

use std::ops::Range;

use super::container::Container;
use super::context::FARTHEST;
use super::decode::is_value;
use super::rule::{LONGEST_MATCH, Rules};
use super::search::{LARGEST, search};

/// The least number of bytes to search around a changed range.
const MARGIN: usize = FARTHEST;
/// How far beyond that to search for a line of plain words.
const FAR: usize = 4096;
/// How many bytes one mark stands for at most that begins an escape.
const LONGEST_ESCAPE: usize = 16;
/// A run of letters and digits that could be a part of encoded text.
const ENCODED: usize = 16;

/// Whether `content` has no token. It differs from a clean base only in the ranges `changed`,
/// in order; an empty range is where something was removed or moved. `false` decides nothing.
pub fn is_still_clean(content: &[u8], changed: &[Range<usize>]) -> bool {
    let Some(windows) = windows(content, changed) else { return false };
    let size: usize = windows.iter().map(Range::len).sum();
    // To search nearly all of it and then perhaps all of it again gains nothing.
    let is_plain = size < content.len() / 4 * 3 && content.len() <= LARGEST && is_clean_base(content);
    is_plain
        && windows.into_iter().all(|window| {
            let found = search(content.get(window).unwrap_or_default());
            found.matches.is_empty() && found.missed.is_empty()
        })
}

/// Whether `content`, without findings, is a clean base: for new versions a search of the
/// changed ranges is enough. It must be text and no container.
pub fn is_clean_base(content: &[u8]) -> bool {
    memchr::memchr(0, content).is_none() && Container::of_all(content).is_none()
}

/// The windows to search; none if they cannot be determined.
fn windows(content: &[u8], changed: &[Range<usize>]) -> Option<Vec<Range<usize>>> {
    let margin = if Rules::in_force().is_empty() { MARGIN } else { MARGIN.max(2 * LONGEST_MATCH) };
    // Ranges near each other share a window: what stands beside them is read once.
    let mut near: Vec<Range<usize>> = Vec::new();
    for range in changed {
        match near.last_mut() {
            Some(last) if range.start <= last.end + 2 * margin => last.end = last.end.max(range.end),
            _ => near.push(range.clone()),
        }
    }
    let mut windows: Vec<Range<usize>> = Vec::with_capacity(near.len());
    for range in near {
        let before = content.get(..range.start)?;
        let before = widened(margin, |margin| before.get(before.len().saturating_sub(margin)..))?;
        let behind = content.get(range.end..)?;
        let behind = widened(margin, |margin| behind.get(..margin.min(behind.len())))?;
        let end = content.len().min(range.end.saturating_add(behind));
        add(&mut windows, start_of(content, range.start.saturating_sub(before))?..end_of(content, end)?);
    }
    Some(windows)
}

/// How many bytes hold `margin` bytes of decoded text. `part` is the text that so many bytes are.
/// None if they are far more.
fn widened<'c>(margin: usize, part: impl Fn(usize) -> Option<&'c [u8]>) -> Option<usize> {
    let mut wide = margin;
    loop {
        let needed = margin + loss(part(wide)?);
        if needed <= wide {
            return Some(wide);
        }
        if needed > margin + FAR {
            return None;
        }
        wide = needed;
    }
}

/// How many bytes of `text` decoders leave out at most: of escapes, and between lines that they
/// join.
fn loss(text: &[u8]) -> usize {
    let behind = |at: usize| text.get(at + 1..).unwrap_or_default();
    let quoted = memchr::memchr_iter(b'=', text).filter(|at| match behind(*at) {
        [b'\r' | b'\n', ..] => true,
        [one, other, ..] => one.is_ascii_hexdigit() && other.is_ascii_hexdigit(),
        _ => false,
    });
    let escapes = memchr::memchr3_iter(b'\\', b'%', b'&', text).count() + quoted.count();
    let joins = |at: &usize| {
        let last = at.checked_sub(1).and_then(|before| text.get(before));
        last.is_none_or(|last| is_value(*last) || b"\"'`+\\ \t\r,.&~(".contains(last))
    };
    let joints = memchr::memchr_iter(b'\n', text).filter(joins);
    let joint = |at| behind(at).iter().take_while(|byte| b" \t#*>|;/!-".contains(byte)).count();
    LONGEST_ESCAPE * escapes + joints.map(joint).sum::<usize>()
}

/// Adds the next of sorted ranges, merged with the last one if they touch.
fn add(ranges: &mut Vec<Range<usize>>, next: Range<usize>) {
    match ranges.last_mut() {
        Some(last) if last.end >= next.start => last.end = last.end.max(next.end),
        _ => ranges.push(next),
    }
}

/// The start of the last line of plain words before `at`, or of the content.
fn start_of(content: &[u8], at: usize) -> Option<usize> {
    let before = content.get(at.saturating_sub(FAR)..at)?;
    let mut end = before.len();
    // The line in which `at` stands begins before it, perhaps long before.
    while let Some(feed) = before.get(..end).and_then(|rest| memchr::memrchr(b'\n', rest)) {
        if end < before.len() && is_words(before.get(feed + 1..end)?) {
            return Some(at - before.len() + feed + 1);
        }
        end = feed;
    }
    (before.len() == at).then_some(0)
}

/// The end of the first line of plain words behind `at`, or of the content.
fn end_of(content: &[u8], at: usize) -> Option<usize> {
    let behind = content.get(at..content.len().min(at + FAR))?;
    let mut start = None;
    for feed in memchr::memchr_iter(b'\n', behind) {
        if let Some(start) = start
            && is_words(behind.get(start..feed)?)
        {
            return Some(at + feed);
        }
        start = Some(feed + 1);
    }
    (at + behind.len() == content.len()).then_some(content.len())
}

/// Whether a line is blank or ends encoded text: it has two words in a row that are no hex
/// digits, and nothing that could be encoded text. A split literal has one word per line.
fn is_words(line: &[u8]) -> bool {
    if line.trim_ascii().is_empty() {
        return true;
    }
    let (mut run, mut length, mut is_word, mut is_hex) = (0, 0, true, true);
    let (mut last_is_word, mut has_words) = (false, false);
    for byte in line.iter().chain(b" ") {
        if *byte == b' ' {
            let was_word = is_word && !is_hex && length > 1;
            has_words |= last_is_word && was_word;
            (run, length, is_word, is_hex, last_is_word) = (0, 0, true, true, was_word);
            continue;
        }
        length += 1;
        if byte.is_ascii_alphabetic() {
            is_hex &= byte.is_ascii_hexdigit() || *byte == b'x';
            run += 1;
        } else {
            is_word = false;
            let may_be_encoded =
                byte.is_ascii_digit() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'%' | b'\\' | b'=');
            run = if may_be_encoded { run + 1 } else { 0 };
        }
        if run >= ENCODED {
            return false;
        }
    }
    has_words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::{KINDS, by_name, specimen};

    /// Lines of words around `middle`, and where it begins.
    fn amid(middle: &str) -> (String, usize) {
        let words = "let the words go on and on\n".repeat(600);
        (format!("{words}{middle}\n{words}"), words.len())
    }

    #[test]
    fn what_is_new_and_what_stands_around_it_is_searched_and_nothing_else() {
        let token = specimen(&KINDS[0], 1).text;
        let (text, at) = amid(&token);
        let far = 2 * (MARGIN + FAR);
        for (changed, clear) in [
            (at..at + 1, false),
            (at + 40..at + 40, false),
            (at - 100..at - 90, false),
            (at + token.len() + 100..at + token.len() + 100, false),
            // Far from all that is new the other text held it too, and was searched.
            (at - far..at - far, true),
            (at + far..at + far + 10, true),
        ] {
            assert_eq!(
                is_still_clean(text.as_bytes(), std::slice::from_ref(&changed)),
                clear,
                "{changed:?} with the token at {at}"
            );
        }
    }

    #[test]
    fn a_window_ends_only_where_no_encoded_text_goes_on() {
        let rows = "ZHQwYzAxLlNUMkVZNzJLUUlOTUg1NzRXTU5WSTdZTi4=\n";
        for row in
            [rows, "0x64, 0x74, 0x30,\n", "    \"GHI\" +\n", "\\x64\\x74\n", "// abcdefghijklmnopqrstuvw\n"]
        {
            // Longer than that: nothing can be known.
            let (text, at) = amid(&row.repeat(FAR / row.len() * 4));
            let middle = at + row.len() * (FAR / row.len() * 2);
            let changed = middle..middle;
            assert_eq!(windows(text.as_bytes(), std::slice::from_ref(&changed)), None, "{row}");
            // All of it is in the window.
            let many = (MARGIN + FAR / 2) / row.len();
            let (text, at) = amid(&row.repeat(2 * many));
            let middle = at + row.len() * many;
            let changed = middle..middle;
            let Some(windows) = windows(text.as_bytes(), std::slice::from_ref(&changed)) else {
                assert!(row.contains('\\'), "{row}");
                continue;
            };
            assert!(
                windows[0].start < at && windows[0].end >= at + row.len() * 2 * many,
                "{row}: {windows:?}"
            );
        }
    }

    #[test]
    fn an_old_token_that_a_new_word_far_away_completes_is_not_called_clean() {
        let token = specimen(by_name("dynatrace-legacy-api-token").unwrap(), 7).text;
        let words = "of it\n".repeat(400);
        let mut found = 0;
        for between in [1, 60, 150] {
            let step = if crate::effort::all() { 7 } else { 35 };
            for distance in (0..1300).step_by(step) {
                let named = format!("token:{}\"{token}\"", " ".repeat(between));
                let filled = &words[..distance / 6 * 6];
                for before in [true, false] {
                    let sign = "dynatrace";
                    let text = match before {
                        true => format!("{words}{words}{sign}\n{filled}{named}\n{words}{words}"),
                        false => format!("{words}{words}{named}\n{filled}{sign}\n{words}{words}"),
                    };
                    if super::super::find(text.as_bytes()).is_empty() {
                        continue;
                    }
                    found += 1;
                    let at = text.find(sign).unwrap();
                    let changed = at..at + sign.len();
                    assert!(
                        !is_still_clean(text.as_bytes(), std::slice::from_ref(&changed)),
                        "{between} {distance} {before}"
                    );
                }
            }
        }
        assert!(found > 100, "{found}");
    }

    #[test]
    fn a_token_and_a_word_that_escapes_part_are_not_called_clean_whichever_is_new() {
        let token = specimen(by_name("dynatrace-legacy-api-token").unwrap(), 7).text;
        let words = "of it\n".repeat(800);
        let mut found = 0;
        for part in ["\\x2e", "%2e", "&#x2e;", "=2E", "\\u002e and so on, ", "a\n                    "] {
            for length in (0..4000).step_by(200) {
                let between = part.repeat(length / part.len());
                let text = format!("{words}token = \"{token}\"\n\n{between}\n\ndynatrace\n{words}");
                if super::super::find(text.as_bytes()).is_empty() {
                    continue;
                }
                found += 1;
                for new in [token.as_str(), "dynatrace"] {
                    let at = text.find(new).unwrap();
                    let changed = at..at + new.len();
                    assert!(!is_still_clean(text.as_bytes(), &[changed]), "{new} {part:?} {length}");
                }
            }
        }
        assert!(found > 40, "{found}");
    }

    #[test]
    fn only_two_words_beside_each_other_end_encoded_text() {
        for (line, plain) in [
            ("", true),
            (" \t\r", true),
            ("two words", true),
            ("  \"two words", false),
            ("and \"two words\"; two words", true),
            ("word", false),
            ("word 12 word", false),
            ("word x1 word", false),
            // Each could be hex digits, or a letter of something.
            ("abc def", false),
            ("the def", false),
            ("0xab xcd xef", false),
            ("go x y", false),
            ("i o", false),
            // What is as long as this could be a part of a token.
            ("two words abcdefghijklmno", true),
            ("two words abcdefghijklmnop", false),
            ("two words 123456789012345", true),
            ("two words 1234567890123456", false),
            ("two words ab12+/-_%\\=ab123", false),
            ("two words abcdefgh.abcdefgh", true),
        ] {
            assert_eq!(is_words(line.as_bytes()), plain, "{line}");
        }
    }

    #[test]
    fn a_window_reaches_to_the_end_of_a_line_of_words_and_no_further_than_is_said() {
        let row = "x1\n";
        let far = |rows: usize| row.repeat(rows);
        let text = format!("two words\ntwo words\n{}two words\ntwo words\n", far(1000));
        let (start, end) = ("two words\n".len(), text.len() - "\ntwo words\n".len());
        assert_eq!(start_of(text.as_bytes(), start + 2500), Some(start));
        assert_eq!(end_of(text.as_bytes(), start + 500), Some(end));
        // Where the content begins and ends there is nothing beyond.
        let text = far(1000);
        assert_eq!((start_of(text.as_bytes(), 2000), end_of(text.as_bytes(), 1000)), (Some(0), Some(3000)));
        assert_eq!((start_of(text.as_bytes(), 0), end_of(text.as_bytes(), 3000)), (Some(0), Some(3000)));
        // Farther away nothing is searched.
        let text = format!("two words\n{}two words\n", far(3000));
        assert_eq!((start_of(text.as_bytes(), 4500), end_of(text.as_bytes(), 4500)), (None, None));
        // The lines in which it begins and ends do not count.
        let text = "x1 x1\ntwo words x1\n";
        assert_eq!((start_of(text.as_bytes(), 12), end_of(text.as_bytes(), 8)), (Some(0), Some(text.len())));
    }

    #[test]
    fn windows_that_touch_are_one_and_others_stay_apart() {
        let line = "two words\n";
        let text = line.repeat(2000);
        let (at, next) = (5000, 5000 + 2 * MARGIN);
        // One line on each side, in which the margin ends, does not count.
        let window = |from: usize, to: usize| {
            let (from, to) = (from - MARGIN, to + MARGIN);
            from / 10 * 10 - 10..to.div_ceil(10) * 10 + 10 - 1
        };
        let windows = |changed: &[Range<usize>]| windows(text.as_bytes(), changed).unwrap();
        assert_eq!(windows(std::slice::from_ref(&(at..at + 1))), [window(at, at + 1)]);
        assert_eq!(windows(&[at..at, at + 3..at + 3, next..next]), [window(at, next)]);
        // Their margins do not touch, but what the lines add does.
        assert_eq!(windows(&[at..at, next + 5..next + 5]), [window(at, next + 5)]);
        assert_eq!(
            windows(&[at..at, next + 100..next + 100]),
            [window(at, at), window(next + 100, next + 100)]
        );
        // A long one before a short one in it.
        assert_eq!(windows(&[at..at + 4000, at + 10..at + 11]), [window(at, at + 4000)]);
    }

    #[test]
    fn packed_content_and_utf_16_are_no_clean_base() {
        assert!(is_clean_base(b"plain"));
        assert!(!is_clean_base(b"w\0i\0d\0e\0"));
        assert!(!is_clean_base(b"PK\x03\x04 and more"));
        let (text, _) = amid("w\0i\0d\0e\0");
        assert!(!is_still_clean(text.as_bytes(), std::slice::from_ref(&(10..11))));
    }
}
