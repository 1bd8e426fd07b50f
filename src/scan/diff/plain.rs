//! Removes colours and line prefixes from a diff.

use crate::source::SourceError;
use crate::text::lines;

/// `diff` without the colours of `--color=always` and the text of `--line-prefix`.
pub(super) fn plain(diff: Vec<u8>) -> Vec<u8> {
    let diff = if is_coloured(&diff) { uncoloured(&diff) } else { diff };
    match prefix(&diff) {
        Some(prefix) => {
            let rest = diff.split_inclusive(|byte| *byte == b'\n');
            rest.flat_map(|line| line.strip_prefix(prefix.as_slice()).unwrap_or(line)).copied().collect()
        }
        None => diff,
    }
}

/// Fails if a diff with so many `hunks` was probably not understood, for example one with a
/// graph before each line.
pub(super) fn check(diff: &[u8], hunks: usize) -> Result<(), SourceError> {
    let drawn = |line: &[u8]| {
        let length = line.iter().take_while(|byte| b"|/\\* ".contains(byte)).count();
        line.split_at_checked(length).is_some_and(|(drawing, line)| {
            drawing.contains(&b'|')
                && line.starts_with(b"@@ -")
                && line.get(4..).is_some_and(|line| line.contains(&b'@'))
        })
    };
    match lines(diff).position(drawn) {
        Some(line) if hunks == 0 => {
            Err(SourceError::diff(line + 1, "each line has a prefix, so it is not a plain diff"))
        }
        _ => Ok(()),
    }
}

/// Whether git coloured it: a colour precedes the first line of a file or hunk.
fn is_coloured(diff: &[u8]) -> bool {
    let begins = |line: &[u8], start: &[u8]| {
        memchr::memmem::find_iter(line, b"\x1b[").any(|at| {
            let sequence = line.get(at + 2..).unwrap_or_default();
            let end = sequence.iter().position(|byte| *byte == b'm');
            end.and_then(|end| sequence.get(end + 1..)).is_some_and(|behind| behind.starts_with(start))
        })
    };
    lines(diff).any(|line| begins(line, b"diff --") || begins(line, b"@@ -") || begins(line, b"@@@ -"))
}

/// `text` without colour codes.
fn uncoloured(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memmem::find(rest, b"\x1b[") {
        let (before, sequence) = rest.split_at(at);
        out.extend_from_slice(before);
        let length =
            sequence.iter().skip(2).take_while(|byte| byte.is_ascii_digit() || **byte == b';').count();
        match sequence.split_at_checked(length + 3) {
            Some(([.., b'm' | b'K'], behind)) => rest = behind,
            _ => {
                out.extend_from_slice(b"\x1b[");
                rest = sequence.get(2..).unwrap_or_default();
            }
        }
    }
    out.extend_from_slice(rest);
    out
}

/// The prefix of each line of the diff, if there is one.
fn prefix(diff: &[u8]) -> Option<Vec<u8>> {
    let first = lines(diff).next()?;
    let at = memchr::memmem::find(first, b"diff --git ").filter(|at| *at > 0)?;
    let prefix = first.get(..at)?;
    let begins = |line: &[u8]| line.starts_with(prefix) || prefix.trim_ascii_end() == line;
    lines(diff).all(begins).then(|| prefix.to_vec())
}
