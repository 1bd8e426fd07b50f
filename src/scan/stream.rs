//! Scans content that is too big for memory, in parallel windows.

use std::io::{self, Read};

use super::gap::gaps;
use super::parallel::one_stream;
use super::{Coverage, Gap, Scanned};
use crate::find::{Match, Missed, Rules, Window, Windows, search_window};
use crate::finding::{Finding, Origin, Token};
use crate::source::Watch;
use crate::threads::at_once;

/// How many bytes of a stream are in memory for each thread, and the limit for all threads. A
/// longer container is read whole, one at a time.
const A_THREAD: usize = 8 << 20;
const AT_MOST: usize = 64 << 20;

/// A stream, scanned as far as it could be read.
pub(super) struct Streamed {
    scanned: Scanned,
    /// The tokens of the findings, in order.
    tokens: Vec<Token>,
    failed: Option<io::Error>,
}

impl Streamed {
    /// The result; if reading failed, with the gap that `gap` makes from the error.
    pub(super) fn or_gap(mut self, gap: impl FnOnce(io::Error) -> Gap) -> (Scanned, Vec<Token>) {
        if let Some(error) = self.failed {
            self.scanned.add_gap(gap(error));
        }
        (self.scanned, self.tokens)
    }
}

/// Scans everything from `read` until `watch` stops it.
pub(super) fn scan_stream(read: impl Read, origin: &Origin<'_>, watch: &Watch) -> Streamed {
    let mut scanned = Scanned::default();
    let mut tokens = Vec::new();
    let mut lines = 0;
    let mut read = Readable::new(read, watch);
    let searched = search_stream(&mut read, &mut |window, matches| {
        scanned.findings.extend(Finding::all(&window.bytes, window.start, origin, matches, matches));
        tokens.extend(matches.iter().map(Match::key));
        let own = window.bytes.get(window.own.clone()).unwrap_or_default();
        lines += memchr::memchr_iter(b'\n', own).count();
    });
    let Readable { failed, stopped, .. } = read;
    let (missed, bytes) = searched.unwrap_or_default();
    scanned.gaps = gaps(origin, missed);
    scanned.coverage = Coverage { files: 1, lines, bytes, ..Coverage::default() };
    scanned.interrupted = stopped;
    Streamed { scanned, tokens, failed }
}

/// Searches everything from `read`. `out` gets each window in order, with the tokens that begin
/// in its own part. Returns what could not be searched and the number of bytes. Fails if `read`
/// does.
pub(super) fn search_stream(
    read: &mut dyn Read,
    out: &mut dyn FnMut(&Window, &[Match]),
) -> io::Result<(Vec<Missed>, u64)> {
    let _one = one_stream();
    let enough = at_once().saturating_mul(A_THREAD).min(AT_MOST);
    let mut windows = Windows::new(read);
    let mut missed: Vec<Missed> = Vec::new();
    loop {
        let mut batch: Vec<Window> = Vec::new();
        while batch.iter().map(|window| window.bytes.len()).sum::<usize>() < enough
            && let Some(window) = windows.next()
        {
            batch.push(window?);
        }
        if batch.is_empty() {
            return Ok((missed, windows.size()));
        }
        for (window, mut found) in batch.iter().zip(Rules::side_by_side(&batch, search_window)) {
            found.missed.retain(|one| !missed.contains(one));
            missed.append(&mut found.missed);
            out(window, &found.matches);
        }
    }
}

/// A stream that ends at its first error or when its watch stops it, so that what came before
/// is scanned.
pub(super) struct Readable<'w, R> {
    read: R,
    watch: &'w Watch,
    /// The error that ended it, if there was one.
    pub failed: Option<io::Error>,
    /// Whether its watch stopped it.
    pub stopped: bool,
}

impl<'w, R: Read> Readable<'w, R> {
    pub(super) fn new(read: R, watch: &'w Watch) -> Self {
        Self { read, watch, failed: None, stopped: false }
    }
}

impl<R: Read> Read for Readable<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stopped |= self.watch.stops();
        if self.stopped || self.failed.is_some() {
            return Ok(0);
        }
        match self.read.read(buffer) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => {
                // Interrupted standard input returns this error.
                self.stopped |= self.watch.stops();
                self.failed = Some(error).filter(|_| !self.stopped);
                Ok(0)
            }
            read => read,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::{by_name, specimen};

    #[test]
    fn a_token_at_each_seam_of_a_stream_is_found_once_and_where_it_stands() {
        const WINDOW: usize = 8 << 20;
        let mut text = b"a line with some words\n".repeat((4 * WINDOW) / 23);
        let steps = (1..4).map(|number| number * (WINDOW - (260 << 10)));
        let seams: Vec<_> = steps
            .flat_map(|at| [at - 40, at + (2 << 10), at + (4 << 10) - 40, at + (260 << 10) - 40])
            .collect();
        for (seed, at) in seams.iter().enumerate() {
            let token = specimen(by_name("dt0c01").unwrap(), seed as u64).text;
            text[*at..*at + token.len()].copy_from_slice(token.as_bytes());
        }
        let origin = Origin { path: b"big", commit: None };
        let (scanned, tokens) = scan_stream(&*text, &origin, &Watch::default()).or_gap(|_| unreachable!());
        let found: Vec<_> = scanned
            .findings
            .iter()
            .map(|finding| (finding.place.line.get(), finding.place.column.get()))
            .collect();
        let place = |at: &usize| {
            let before = &text[..*at];
            let line = memchr::memrchr(b'\n', before).map_or(0, |feed| feed + 1);
            (1 + memchr::memchr_iter(b'\n', before).count(), 1 + at - line)
        };
        assert_eq!(found, seams.iter().map(place).collect::<Vec<_>>());
        assert_eq!((tokens.len(), scanned.coverage.bytes), (seams.len(), text.len() as u64));
    }
}
