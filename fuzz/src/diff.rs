//! The reader of diffs.

use std::collections::BTreeMap;
use std::ops::Range;

use dtguard::find::find;
use dtguard::scan::{Gap, Scanned, scan_diff};
use dtguard::source::Watch;
use dtguard::token::{KINDS, specimen};

use super::input::{Input, grown};

/// Files, as they are named and as git writes them behind `+++ `.
const NAMES: [(&[u8], &[u8]); 9] = [
    (b"a", b"b/a"),
    (b"src/a b.txt", b"b/src/a b.txt\t"),
    (b"t\tab", b"\"b/t\\tab\""),
    (b"n\nl", b"\"b/n\\nl\""),
    (b"q\"\\", b"\"b/q\\\"\\\\\""),
    (b"\xc3\xa4", b"\"b/\\303\\244\""),
    (b"b/b", b"b/b/b"),
    (b"end ", b"b/end \t"),
    (b"gnu", b"gnu\t2026-11-22 05:44:00.000000000 +0000"),
];

/// How many tokens are found in a file on lines like this one.
type Places = BTreeMap<(Vec<u8>, Vec<u8>), usize>;

/// Reads `bytes` as a diff, and the one that they stand for.
pub fn diff(bytes: &[u8]) {
    let _any = read(bytes);
    let _any = read(&grown(bytes));
    let mut input = Input(bytes);
    let mut written = Written::default();
    let files = input.byte() % 4;
    for _ in 0..files {
        written.file(&mut input);
    }
    let scanned = read(&written.diff);
    assert!(!is_broken(&scanned), "{:?}: {}", scanned.gaps, written.diff.escape_ascii());
    written.is_read(&scanned);
    cut(&mut input, &written);
}

/// A diff, and what it is to be read as.
#[derive(Default)]
struct Written {
    diff: Vec<u8>,
    files: usize,
    added: usize,
    gaps: usize,
    hunks: Vec<Hunk>,
    /// How many tokens are in no hunk.
    around: usize,
    /// How many lines of files were passed: no two lines have the same number.
    line: usize,
}

/// The lines of a hunk.
struct Hunk {
    name: Vec<u8>,
    /// Each with its number.
    new: Vec<(usize, Vec<u8>)>,
    /// What of it the old files have.
    old: Vec<Vec<u8>>,
    /// Where its lines stand in the diff, and the last of them.
    body: Range<usize>,
    last: usize,
}

impl Written {
    fn file(&mut self, input: &mut Input<'_>) {
        let choice = input.byte();
        let (name, quoted) = NAMES[usize::from(choice) % NAMES.len()];
        let parents = [1, 1, 1, 2, 2, 3][usize::from(choice >> 3) % 6];
        if choice & 0x80 == 0 {
            let prefix: &[u8] = if parents > 1 { b"diff --cc " } else { b"diff --git a/" };
            self.diff.extend(
                [prefix, name.split(|byte| *byte < b' ').next().unwrap(), b"\nindex 1..2\n"].concat(),
            );
        }
        match input.byte() % 16 {
            0 => {
                let token = token(input);
                self.diff.extend(format!("commit message\n\n    with {token} in it\n\n").bytes());
                self.around += 1;
            }
            1 => {
                self.diff.extend(b"Binary files a/x and b/x differ\n");
                self.files += 1;
                self.gaps += 1;
                return;
            }
            2 => self.diff.extend(b"old mode 100644\nnew mode 100755\n"),
            _ => {}
        }
        let old: &[u8] = if choice & 0x40 == 0 { b"--- a/old\n" } else { b"--- /dev/null\n" };
        self.diff.extend([old, b"+++ ", quoted, b"\n"].concat());
        self.files += 1;
        let mut hunks = input.byte() % 4;
        while hunks > 0 {
            self.line += 1 + usize::from(input.byte());
            self.hunk(input, name, parents);
            hunks -= 1;
        }
    }

    /// Writes a hunk.
    fn hunk(&mut self, input: &mut Input<'_>, name: &[u8], parents: usize) {
        let start = self.line;
        let mut body = Vec::new();
        let (mut olds, mut news) = (vec![0; parents], 0);
        let mut hunk = Hunk { name: name.to_vec(), new: Vec::new(), old: Vec::new(), body: 0..0, last: 0 };
        let lines = input.byte() % 16;
        for number in 0..lines {
            let choice = input.byte();
            let mut line = line(input);
            let signs = signs(choice, parents);
            let removed = signs.contains(&b'-');
            for (old, sign) in olds.iter_mut().zip(&signs) {
                *old += usize::from(*sign == b'-' || *sign == b' ' && !removed);
            }
            let own = line.strip_suffix(b"\r\n").or(line.strip_suffix(b"\n")).unwrap().to_vec();
            if signs.iter().any(|sign| *sign != b'+') {
                hunk.old.push(own.clone());
            }
            if !removed {
                hunk.new.push((start + news, own.clone()));
                news += 1;
                self.added += usize::from(signs.contains(&b'+'));
            }
            hunk.last = body.len();
            // Mailers take blanks at the end of a line away.
            if line == b"\n" && choice & 0x80 != 0 && signs.iter().all(|sign| *sign == b' ') {
                body.extend(line);
                hunk.body.end = body.len();
                continue;
            }
            body.extend(signs);
            let last = number + 1 == lines && choice & 0x40 != 0;
            if last {
                line.pop();
            }
            body.extend(&line);
            hunk.body.end = body.len() + usize::from(last);
            if last {
                body.extend(b"\n\\ No newline at end of file\n");
            }
        }
        if lines == 0 {
            return;
        }
        let ends = "@".repeat(parents + 1);
        let olds: Vec<String> = olds.iter().map(|length| range('-', start, *length)).collect();
        let function = input.pick(&["", " fn main() {", " @@ -1,9 +1,9 @@"]);
        self.diff.extend(format!("{ends} {} {} {ends}", olds.join(" "), range('+', start, news)).bytes());
        self.diff.extend([function.as_bytes(), b"\n"].concat());
        hunk.last += self.diff.len();
        hunk.body = self.diff.len()..self.diff.len() + hunk.body.end;
        self.diff.extend(body);
        self.hunks.push(hunk);
        self.line += news;
    }

    /// All that is new in it is found, where it stands, and nothing else.
    fn is_read(&self, scanned: &Scanned) {
        let shown = self.diff.escape_ascii();
        assert_eq!((scanned.coverage.files, scanned.coverage.lines), (self.files, self.added), "{shown}");
        assert_eq!(scanned.gaps.len(), self.gaps, "{shown}");
        let around = scanned.findings.iter().filter(|finding| finding.place.path == b"<diff>").count();
        assert_eq!(around, self.around, "{shown}");
        assert_eq!(all_is_found(self.hunks.iter(), scanned) + around, scanned.findings.len(), "{shown}");
    }
}

/// The new tokens of each hunk are found where they stand. Of lines that a hunk has
/// several times it does not matter which is the new one. Returns how many there are.
fn all_is_found<'h>(hunks: impl Iterator<Item = &'h Hunk>, scanned: &Scanned) -> usize {
    let mut found: BTreeMap<(&[u8], usize), usize> = BTreeMap::new();
    for finding in &scanned.findings {
        *found.entry((&finding.place.path, finding.place.line.get())).or_default() += 1;
    }
    let (mut wanted, mut is) = (Places::new(), Places::new());
    for Hunk { name, new, old, .. } in hunks {
        for (number, line) in new {
            let key = (name.clone(), line.clone());
            *is.entry(key.clone()).or_default() += found.remove(&(name.as_slice(), *number)).unwrap_or(0);
            wanted.entry(key).or_default();
        }
        let mut lines: Vec<&Vec<u8>> = new.iter().map(|(_, line)| line).collect();
        lines.sort();
        lines.dedup();
        for line in lines {
            let count = new.iter().filter(|(_, new)| new == line).count();
            let held = old.iter().filter(|old| *old == line).count();
            *wanted.entry((name.clone(), line.clone())).or_default() +=
                count.saturating_sub(held) * find(line).len();
        }
    }
    for ((name, line), wanted) in &wanted {
        let is = is[&(name.clone(), line.clone())];
        assert_eq!(is, *wanted, "{} in {}", line.escape_ascii(), name.escape_ascii());
    }
    is.values().sum()
}

/// What stands before a line, a sign for each old file: it is in all, taken out of some,
/// new, or new to some.
fn signs(choice: u8, parents: usize) -> Vec<u8> {
    let some = |parent: usize| choice >> (2 + parent) & 1 == 0;
    let sign = |parent: usize| match choice & 3 {
        1 if parent == 0 || some(parent) => b'-',
        2 => b'+',
        3 if some(parent) => b'+',
        _ => b' ',
    };
    (0..parents).map(sign).collect()
}

fn range(sign: char, start: usize, length: usize) -> String {
    match length {
        1 => format!("{sign}{start}"),
        // git names the line before.
        0 => format!("{sign}{},0", start - 1),
        _ => format!("{sign}{start},{length}"),
    }
}

fn token(input: &mut Input<'_>) -> String {
    specimen(&KINDS[0], u64::from(input.byte() % 4)).text
}

/// A line with its end, like those that a diff has itself among them.
fn line(input: &mut Input<'_>) -> Vec<u8> {
    const LINES: [&str; 14] = [
        "",
        " ",
        "word",
        "-- a/x",
        "++ b/x",
        "@@ -1 +1 @@",
        "@ -1,3 +2,4 @@",
        "diff --git a/b b/b",
        "\\ No newline at end of file",
        "+",
        "-",
        "Binary files a and b differ",
        "GIT binary patch",
        "commit 1",
    ];
    let choice = input.byte();
    let mut line = match choice {
        0..0x60 => LINES[usize::from(choice) % LINES.len()].to_owned(),
        0x60..0x80 => format!("{} word", token(input)),
        0x80..0xa0 => token(input),
        0xa0..0xc0 => format!("{}{}", LINES[usize::from(choice) % LINES.len()], token(input)),
        0xc0..0xd0 => format!("{} {}", token(input), token(input)),
        _ => format!("line {}", input.byte()),
    }
    .into_bytes();
    line.extend(if choice & 1 == 0 { &b"\n"[..] } else { b"\r\n" });
    line
}

/// A diff that lacks a line of a hunk says so, and the same is found in whole hunks.
fn cut(input: &mut Input<'_>, written: &Written) {
    let at = input.below(written.diff.len() + 1);
    let scanned = read(&written.diff[..at]);
    let broken = written.hunks.iter().any(|hunk| hunk.body.start <= at && at <= hunk.last);
    assert!(!broken || is_broken(&scanned), "{}", written.diff[..at].escape_ascii());
    let whole = written.hunks.iter().filter(|hunk| hunk.body.end <= at);
    all_is_found(whole, &scanned);
}

fn read(diff: &[u8]) -> Scanned {
    scan_diff(diff, &Watch::default())
}

fn is_broken(scanned: &Scanned) -> bool {
    scanned.gaps.iter().any(Gap::is_unreadable)
}
