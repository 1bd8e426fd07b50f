//! Scans a unified diff: what it adds, and the text around its hunks.

mod plain;

use std::io::Read;

use super::added::added_matches;
use super::gap::gaps;
use super::stream::Readable;
use super::{Cause, Coverage, Gap, Scanned};
use crate::find::{Found, Missed, Position, Unread, search};
use crate::finding::{Finding, Origin};
use crate::source::{Blob, Content, SourceError, Watch, unquoted};

/// The path of findings outside hunks.
const NAME: &str = "<diff>";

/// Scans what the unified diff from `read` adds. Accepts the output of git and diff, several
/// diffs in a row, and the messages that `git log -p` and `git format-patch` write between
/// them. Text outside hunks is scanned too.
///
/// A hunk that is shorter than it says is a gap; what precedes it is scanned. The same holds if
/// `read` fails. If `watch` stops the scan, what was read so far is scanned.
pub fn scan_diff(read: impl Read, watch: &Watch) -> Scanned {
    let mut diff = Vec::new();
    let mut read = Readable::new(read, watch);
    // The reader returns no error: it ends at one.
    let _ended = read.read_to_end(&mut diff);
    let diff = plain::plain(diff);
    let mut reader = DiffReader {
        rest: &diff,
        line: 1,
        path: None,
        hunks: 0,
        around: Vec::new(),
        all: Scanned::default(),
    };
    let whole = reader.read();
    let DiffReader { around, mut all, hunks, .. } = reader;
    all.interrupted = read.stopped;
    let failed = read.failed.map(|error| SourceError::of_file("standard input", error));
    // An interrupted diff may end anywhere.
    if let Some(error) =
        failed.or(whole.and_then(|()| plain::check(&diff, hunks)).err().filter(|_| !read.stopped))
    {
        all.add_gap(Gap::unreadable(NAME.as_bytes(), None, &error));
    }
    let origin = Origin { path: NAME.as_bytes(), commit: None };
    let Found { matches, missed } = search(&around);
    all.findings.extend(Finding::all(&around, Position::default(), &origin, &matches, &matches));
    all.gaps.extend(gaps(&origin, missed));
    all.coverage.bytes += around.len() as u64;
    all
}

struct DiffReader<'d> {
    rest: &'d [u8],
    /// The number of the next line.
    line: usize,
    /// The file of the following hunks.
    path: Option<Vec<u8>>,
    /// How many hunks were read.
    hunks: usize,
    /// The text outside hunks, with empty lines for the others, so that line numbers hold.
    around: Vec<u8>,
    all: Scanned,
}

impl<'d> DiffReader<'d> {
    /// Reads the diff, or up to a hunk that makes no sense.
    fn read(&mut self) -> Result<(), SourceError> {
        while let Some(line) = self.next_line() {
            let Some(hunk) = Hunk::parse(line) else {
                self.header(line);
                continue;
            };
            self.hunks += 1;
            let (rest, around) = (self.rest, self.around.len());
            if let Err(error) = self.hunk(&hunk) {
                self.around.truncate(around);
                self.unstructured(line);
                self.rest = rest;
                while let Some(line) = self.next_line() {
                    self.unstructured(line);
                }
                return Err(error);
            }
        }
        Ok(())
    }

    /// A line of unknown meaning, scanned unless it is marked as removed.
    fn unstructured(&mut self, line: &[u8]) {
        self.around.extend_from_slice(if line.starts_with(b"-") { b"\n" } else { line });
    }

    /// The next line, with its line feed.
    fn next_line(&mut self) -> Option<&'d [u8]> {
        if self.rest.is_empty() {
            return None;
        }
        let length = memchr::memchr(b'\n', self.rest).map_or(self.rest.len(), |end| end + 1);
        let (line, rest) = self.rest.split_at(length);
        self.rest = rest;
        self.line += 1;
        Some(line)
    }

    fn header(&mut self, line: &[u8]) {
        self.around.extend_from_slice(line);
        if let Some(name) = line.strip_prefix(b"+++ ") {
            self.path = Some(file_name(name));
            self.all.coverage.files += 1;
        } else if line.starts_with(b"diff ") {
            self.path = line.strip_prefix(b"diff --git ").and_then(name_of_both);
        }
        let binary = line.starts_with(b"GIT binary patch") || line.starts_with(b"Binary files ");
        if binary {
            self.all.coverage.files += 1;
            let missed = Missed { member: Vec::new(), why: Unread::NotInDiff };
            let path = self.path.clone().unwrap_or_else(|| line.trim_ascii().to_vec());
            self.all.gaps.push(Gap::new(&path, None, Cause::Unread(missed)));
        }
    }

    /// Reads the lines of a hunk and scans the added ones.
    fn hunk(&mut self, hunk: &Hunk) -> Result<(), SourceError> {
        let began = self.line - 1;
        let broken = |why| SourceError::diff(began, why);
        self.around.push(b'\n');
        let (mut old, mut new) = (Vec::new(), Vec::new());
        let (mut olds, mut news) = (hunk.olds, hunk.new);
        let parents = hunk.parents;
        let mut added = 0;
        while olds > 0 || news > 0 {
            let line = self.next_line().ok_or_else(|| broken("it ends in the middle of a hunk"))?;
            self.around.push(b'\n');
            // Mailers and editors remove blanks at the end of a line.
            let (signs, text) = if line.trim_ascii().is_empty() && line.len() <= parents {
                (b" ".repeat(parents), line)
            } else {
                let split = line.split_at_checked(parents);
                split
                    .map(|(signs, text)| (signs.to_vec(), text))
                    .ok_or_else(|| broken("a line is too short"))?
            };
            match line.first() {
                Some(b'\\') => continue,
                _ if !signs.iter().all(|sign| b" +-".contains(sign)) => {
                    return Err(broken("a hunk is shorter than it says"));
                }
                _ => {}
            }
            let removed = signs.contains(&b'-');
            if !removed {
                new.extend_from_slice(text);
                news = news.checked_sub(1).ok_or_else(|| broken("a hunk is longer than it says"))?;
                added += usize::from(signs.contains(&b'+'));
            }
            let held = signs.iter().filter(|sign| **sign == b'-' || **sign == b' ' && !removed).count();
            olds = olds.checked_sub(held).ok_or_else(|| broken("a hunk is longer than it says"))?;
            // A line that one parent of a merge has is not new.
            if signs.iter().any(|sign| *sign != b'+') {
                old.extend_from_slice(text);
            }
        }
        self.search(hunk, &new, old, added);
        Ok(())
    }

    fn search(&mut self, hunk: &Hunk, new: &[u8], old: Vec<u8>, added: usize) {
        let name = self.path.clone().unwrap_or_else(|| NAME.as_bytes().to_vec());
        let origin = Origin { path: &name, commit: None };
        let found = search(new);
        let matches = added_matches(new, &found.matches, vec![Content::Whole(Blob::Read(old))]);
        let start = Position { lines: hunk.start.saturating_sub(1), ..Position::default() };
        self.all.findings.extend(Finding::all(new, start, &origin, matches, &found.matches));
        self.all.gaps.extend(gaps(&origin, found.missed));
        self.all.coverage.add(Coverage { lines: added, bytes: new.len() as u64, ..Coverage::default() });
    }
}

/// The position and length of a hunk.
struct Hunk {
    /// Its first line in the new file.
    start: usize,
    /// The number of old files.
    parents: usize,
    /// How many lines of all old files it shows.
    olds: usize,
    new: usize,
}

impl Hunk {
    /// Parses `@@ -1,2 +3,4 @@`. A merge has more `@` and more old files.
    fn parse(line: &[u8]) -> Option<Self> {
        let signs = line.iter().take_while(|byte| **byte == b'@').count();
        let line = std::str::from_utf8(line.get(signs..)?.split(|byte| *byte == b'@').next()?).ok()?;
        let mut fields = line.split_ascii_whitespace();
        let range = |field: &str, sign: char| -> Option<(usize, usize)> {
            let (start, length) = field.strip_prefix(sign)?.split_once(',').unwrap_or((field.get(1..)?, "1"));
            Some((start.parse().ok()?, length.parse().ok()?))
        };
        let parents = signs.checked_sub(1).filter(|parents| *parents > 0)?;
        let old: Option<Vec<usize>> =
            fields.by_ref().take(parents).map(|field| range(field, '-').map(|(_, length)| length)).collect();
        let (start, new) = range(fields.next()?, '+')?;
        let old = old.filter(|old| old.len() == parents && fields.next().is_none())?;
        let olds = old.into_iter().try_fold(0_usize, usize::checked_add)?;
        Some(Self { start, parents, olds, new })
    }
}

/// The path after `+++ `, without git's prefix, GNU diff's text after a tab, and quotes. Quoted
/// names write a tab as an escape.
fn file_name(name: &[u8]) -> Vec<u8> {
    let name = name.split(|byte| matches!(byte, b'\t' | b'\n')).next().unwrap_or(name);
    let name = name.strip_suffix(b"\r").unwrap_or(name);
    let unquoted = unquoted(name);
    let name = unquoted.as_deref().unwrap_or(name);
    name.strip_prefix(b"b/").unwrap_or(name).to_vec()
}

/// The new path after `diff --git `. For a binary file git writes it nowhere else.
fn name_of_both(names: &[u8]) -> Option<Vec<u8>> {
    let names = names.trim_ascii_end();
    if names.ends_with(b"\"") {
        let start = memchr::memmem::rfind(names, b" \"")?;
        return names.get(start + 1..).map(file_name);
    }
    // If both paths are equal, a ` b/` within them is harmless.
    let (old, new) = names.split_at_checked(names.len() / 2)?;
    let (old, new) = (old.strip_prefix(b"a/"), new.strip_prefix(b" b/"));
    if let Some(name) = new.filter(|name| old == Some(*name)) {
        return Some(name.to_vec());
    }
    memchr::memmem::rfind(names, b" b/").and_then(|start| names.get(start + 1..)).map(file_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_binary_file_is_named_by_the_line_that_names_both_versions() {
        for (written, name) in [
            (&b"a/f.bin b/f.bin\n"[..], &b"f.bin"[..]),
            (b"a/x b/y b/x b/y\r\n", b"x b/y"),
            (b"a/old b/new\n", b"new"),
            (br#"a/x "b/tab\tin""#, b"tab\tin"),
        ] {
            assert_eq!(name_of_both(written).as_deref(), Some(name), "{}", written.escape_ascii());
        }
        assert_eq!(name_of_both(b""), None);
    }

    #[test]
    fn a_finding_is_said_to_stand_in_the_file_that_the_diff_names() {
        for (written, name) in [
            (&b"b/a b\t\n"[..], &b"a b"[..]),
            (b"b/end \t\n", b"end "),
            (b"a.txt\t2026-11-22 05:44:00 +0000\r\n", b"a.txt"),
            (br#""b/tab\tin \303\244""#, b"tab\tin \xc3\xa4"),
            (b"\"b/tab\\tin\"\t2026-11-22\n", b"tab\tin"),
        ] {
            assert_eq!(file_name(written), name, "{}", written.escape_ascii());
        }
    }
}
