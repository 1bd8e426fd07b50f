//! Masks a stream: copies its input without the secret parts.

use std::io::{self, Read, Write};
use std::ops::Range;

use super::Missed;
use super::container::{Container, Unread};
use super::decode::is_continuation;
use super::rule::Rules;
use super::search::{search_as, unfinished};
use super::window::{BEFORE, LARGEST_CONTAINER, OVERLAP, WINDOW};
use crate::threads::at_once;

mod style;

use style::Secret;
pub use style::{MaskKey, Style};

/// How many bytes are read at a time.
const PIECE: usize = 1 << 20;
/// How often the masked text is searched again: masking one token may uncover another.
const ROUNDS: usize = 16;
/// About how many bytes are held back at most, because a token may continue in the next line.
const HELD: usize = 64 << 10;
/// How far a window begins behind the one before it.
const STEP: usize = WINDOW - OVERLAP - BEFORE;
/// How many windows are in memory at most, to be searched side by side.
const WINDOWS: usize = 8;
/// How many bytes are tested for NUL to recognise binary content: no archive begins with more
/// text.
const HEAD: usize = 512;

/// A writer that masks what is written through it, in bounded memory; every byte outside of
/// secret parts stays the same.
///
/// The output does not depend on the pieces in which the input comes, except at
/// [`Masker::pause`], where later lines are not known.
pub struct Masker<W> {
    out: W,
    style: Style,
    /// How many bytes are searched at once, if the content is no container.
    full: usize,
    /// Bytes that may still matter. The first `done` bytes are written, masked or not.
    bytes: Vec<u8>,
    done: usize,
    /// Whether the last thing written is a mask.
    masked: bool,
    /// Whether bytes of the stream precede these.
    cut: bool,
    masking: Masking,
}

/// The result of masking.
#[derive(Debug, Default)]
pub struct Masking {
    /// The container that the content is. None of it was written: it contains a token, which
    /// cannot be masked there, or something that could not be searched.
    pub refused: Option<Container>,
    /// What could not be searched.
    pub missed: Vec<Missed>,
    /// How many tokens were masked.
    pub tokens: usize,
}

impl<W: Write> Masker<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        Self::with(Style::default(), out)
    }

    /// Writes to `out`, with masks of this `style`.
    pub fn with(style: Style, out: W) -> Self {
        Self {
            out,
            style,
            full: WINDOW + (at_once().min(WINDOWS) - 1) * STEP,
            bytes: Vec::new(),
            done: 0,
            masked: false,
            cut: false,
            masking: Masking::default(),
        }
    }

    /// Takes the next bytes of the content.
    pub fn push(&mut self, mut piece: &[u8]) -> io::Result<()> {
        while !piece.is_empty()
            && let Some(room) = self.room()?
        {
            let (now, later) = piece.split_at(room.min(piece.len()));
            self.bytes.extend_from_slice(now);
            piece = later;
        }
        Ok(())
    }

    /// As [`Masker::push`], of the next bytes that `from` has; how many they are, or why it cannot
    /// be read. Zero at its end, and if the content is refused.
    pub fn pull(&mut self, from: &mut dyn Read) -> io::Result<io::Result<usize>> {
        let Some(room) = self.room()? else { return Ok(Ok(0)) };
        Ok(from.take(room.min(PIECE) as u64).read_to_end(&mut self.bytes))
    }

    /// How many bytes fit, some at least; what is full is written first. None if nothing more
    /// is needed, because the content is refused.
    fn room(&mut self) -> io::Result<Option<usize>> {
        while self.masking.refused.is_none() {
            let container = self.container();
            let full = if container.is_some() { LARGEST_CONTAINER } else { self.full };
            let room = full.saturating_sub(self.bytes.len());
            if room > 0 {
                return Ok(Some(room));
            }
            match container {
                Some(container) => {
                    let why = Unread::TooLarge;
                    self.refuse(container, vec![Missed { member: Vec::new(), why }]);
                }
                None => self.write_windows(false)?,
            }
        }
        Ok(None)
    }

    /// The container that the content is, by its start.
    fn container(&self) -> Option<Container> {
        if self.cut { None } else { Container::of(&self.bytes) }
    }

    /// Writes the complete lines, since no more input comes for now. A line whose token may go
    /// on in the next one is held back.
    pub fn pause(&mut self) -> io::Result<()> {
        let head = self.bytes.get(..HEAD.min(self.bytes.len())).unwrap_or_default();
        let binary = !self.cut && head.contains(&0) || self.container().is_some();
        let pending = self.bytes.get(self.done..).unwrap_or_default();
        let Some(lines) = memchr::memrchr(b'\n', pending).filter(|_| !binary) else {
            return self.out.flush();
        };
        let end = self.done + lines + 1;
        // What is held back may only be incomplete: it will be searched again.
        let missed = self.masking.missed.clone();
        let mut secrets = self.secrets(end);
        let settled = self.settled(&secrets, end);
        if settled < end && self.masking.missed.len() > missed.len() {
            self.masking.missed = missed;
            secrets = self.secrets(settled);
        }
        self.write(&secrets, settled)?;
        self.forget(settled);
        self.out.flush()
    }

    /// Writes the rest.
    pub fn finish(mut self) -> io::Result<Masking> {
        if self.masking.refused.is_some() {
            return Ok(self.masking);
        }
        let container = Container::of_all(&self.bytes);
        let is_whole = !self.cut && (self.bytes.len() < WINDOW || self.container().is_some());
        match container {
            Some(container) if is_whole => {
                let found = search_as(&self.bytes, Some(container));
                if !found.matches.is_empty() || !found.missed.is_empty() {
                    self.refuse(container, found.missed);
                    return Ok(self.masking);
                }
                self.out.write_all(&self.bytes)?;
            }
            _ => {
                // A zip that only its end shows to be one, and that was written already.
                if container == Some(Container::Zip) {
                    self.miss(vec![Missed { member: Vec::new(), why: Unread::TooLarge }]);
                }
                self.write_windows(true)?;
            }
        }
        self.out.flush()?;
        Ok(self.masking)
    }

    fn refuse(&mut self, container: Container, missed: Vec<Missed>) {
        self.masking.refused = Some(container);
        self.miss(missed);
        self.bytes = Vec::new();
    }

    fn miss(&mut self, missed: Vec<Missed>) {
        for one in missed {
            if !self.masking.missed.contains(&one) {
                self.masking.missed.push(one);
            }
        }
    }

    /// The secret parts before `end`, in order and without overlap.
    fn secrets(&mut self, end: usize) -> Vec<Secret> {
        let (secrets, missed) = secrets(&self.style, self.bytes.get(..end).unwrap_or_default());
        self.miss(missed);
        secrets
    }

    /// Writes all windows that are full, and the rest too if it is the `last`. They are searched
    /// side by side.
    fn write_windows(&mut self, last: bool) -> io::Result<()> {
        let mut windows: Vec<&[u8]> = Vec::new();
        let mut rest = &self.bytes[..];
        while let Some(window) = rest.get(..WINDOW) {
            windows.push(window);
            rest = rest.get(STEP..).unwrap_or_default();
        }
        windows.extend(last.then_some(rest));
        let ends: Vec<_> = windows
            .iter()
            .map(|window| if window.len() == WINDOW { WINDOW - OVERLAP } else { window.len() })
            .collect();
        let searched = Rules::side_by_side(&windows, |window| secrets(&self.style, window));
        let mut written = 0;
        for (number, ((mut secrets, missed), end)) in searched.into_iter().zip(ends).enumerate() {
            self.miss(missed);
            let start = number * STEP;
            for secret in &mut secrets {
                secret.range = start + secret.range.start..start + secret.range.end;
            }
            written = start + end;
            self.write(&secrets, written)?;
        }
        // What is left begins where the next window does.
        self.forget(written);
        Ok(())
    }

    /// Writes what is before `end`.
    fn write(&mut self, secrets: &[Secret], end: usize) -> io::Result<()> {
        for secret in secrets.iter().take_while(|secret| secret.range.start < end) {
            let range = &secret.range;
            if range.end <= self.done {
                continue;
            }
            self.out.write_all(self.bytes.get(self.done..range.start).unwrap_or_default())?;
            self.out.write_all(self.style.rest(secret, self.done, self.masked))?;
            if range.start >= self.done || !self.masked {
                self.masking.tokens += secret.tokens;
            }
            (self.done, self.masked) = (range.end, true);
        }
        let rest = self.bytes.get(self.done..end).unwrap_or_default();
        if !rest.is_empty() {
            self.out.write_all(rest)?;
            (self.done, self.masked) = (end, false);
        }
        Ok(())
    }

    /// Forgets what no longer matters once all before `end` is written.
    fn forget(&mut self, end: usize) {
        let gone = end.saturating_sub(BEFORE);
        self.bytes.drain(..gone);
        self.done -= gone;
        self.cut |= end > 0;
    }

    /// Where the lines begin that must wait, at most `end`, the end of a line: the last lines
    /// may all be pieces of one token.
    fn settled(&self, secrets: &[Secret], end: usize) -> usize {
        let (mut settled, mut at) = (end, end);
        while at > self.done && end - at < HELD {
            let lines = self.bytes.get(self.done..at - 1).unwrap_or_default();
            let line = self.done + memchr::memrchr(b'\n', lines).map_or(0, |feed| feed + 1);
            // A masked token is complete, and the few letters after it begin no other one.
            let last = secrets.iter().map(|secret| secret.range.end).filter(|end| *end <= at).max();
            let masked = last.filter(|last| *last > line);
            let rest = self.bytes.get(masked.unwrap_or(line)..at).unwrap_or_default();
            let piece = match masked {
                Some(_) if goes_on(rest) => Piece::Likely,
                Some(_) => Piece::No,
                None => Piece::of(rest),
            };
            if piece == Piece::Likely {
                settled = line;
            }
            if piece == Piece::No || masked.is_some() {
                break;
            }
            at = line;
        }
        // With glue a secret part goes on after any line, and so does a match of a rule.
        let all = self.bytes.get(..end).unwrap_or_default();
        let open = [unfinished(all), Rules::in_force().unfinished(all)].into_iter().flatten().min();
        let open = open.and_then(|at| all.get(..at));
        let open = open.map(|before| memchr::memrchr(b'\n', before).map_or(0, |feed| feed + 1));
        let settled = open.map_or(settled, |line| line.clamp(self.done, settled));
        if end - settled < HELD { settled } else { end }
    }
}

/// Whether a line could be one of several that hold a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    /// It has too many words.
    No,
    /// It is empty, or has one or two plain words.
    Perhaps,
    /// It has characters of tokens or of encoded text.
    Likely,
}

impl Piece {
    fn of(line: &[u8]) -> Self {
        if goes_on(line) {
            return Self::Likely;
        }
        let words = || {
            let words = line.split(u8::is_ascii_whitespace);
            words.map(trimmed).filter(|word| !word.is_empty())
        };
        let hex = |word: &[u8]| word.iter().all(|byte| byte.is_ascii_hexdigit() || *byte == b'x');
        let digit = |word: &[u8]| word.first().is_some_and(u8::is_ascii_digit) && hex(word);
        let number = |word: &[u8]| word.len() == 2 && hex(word) || word.len() <= 4 && digit(word);
        let offset = |word: &[u8]| (word.len() >= 7 || word.starts_with(b"0x")) && digit(word);
        // The lines of arrays and of dumps.
        let numbers = || words().all(|word| word.split(|byte| matches!(byte, b',' | b'.')).all(number));
        if words().next().is_some_and(|first| offset(first) || numbers()) {
            return Self::Likely;
        }
        if words().count() > 2 {
            return Self::No;
        }
        let plain = |word: &[u8]| word.iter().skip(1).all(u8::is_ascii_lowercase);
        let plain = |word: &[u8]| plain(word) && word.first().is_some_and(u8::is_ascii_alphabetic);
        if words().all(plain) { Self::Perhaps } else { Self::Likely }
    }
}

/// A word without the punctuation around it.
fn trimmed(word: &[u8]) -> &[u8] {
    let from = word.iter().position(u8::is_ascii_alphanumeric).unwrap_or(word.len());
    let to = word.iter().rposition(u8::is_ascii_alphanumeric).map_or(from, |last| last + 1);
    word.get(from..to).unwrap_or_default()
}

/// Whether a token could begin in `line` and go on in the next.
fn goes_on(line: &[u8]) -> bool {
    const LONG: usize = 32;
    let line = line.trim_ascii_end();
    match line {
        // Padding of base64, perhaps right behind a mask.
        [b'='] | [.., b'=', b'='] => {}
        [.., last] if is_continuation(*last) || matches!(last, b'+' | b'&') => return true,
        _ => {}
    }
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=_-.%".contains(byte);
    let from = line.iter().rposition(word).map_or(0, |last| last + 1);
    let line = line.get(..from).unwrap_or_default();
    let start = line.iter().rposition(|byte| !word(byte)).map_or(0, |before| before + 1);
    let last = line.get(start..).unwrap_or_default();
    last.len() >= LONG || last.windows(3).any(|three| three.eq_ignore_ascii_case(b"dt0"))
}

/// The secret parts of `all`, in order and without overlap, and what could not be searched.
fn secrets(style: &Style, all: &[u8]) -> (Vec<Secret>, Vec<Missed>) {
    let (mut secrets, mut missed) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let masked = Masked::new(all, &secrets);
        let text = masked.text.as_deref().unwrap_or(all);
        let found = search_as(text, None);
        let new = found.matches.iter().flat_map(|found| style.secrets(found, text));
        let new: Vec<_> =
            new.map(|secret| Secret { range: masked.original(&secret.range), ..secret }).collect();
        missed.extend(found.missed);
        if new.is_empty() {
            return (secrets, missed);
        }
        secrets = merge(secrets, new);
        style.cover(&mut secrets, all);
    }
    // Each round uncovered another token: somebody made this text for that.
    missed.push(Missed { member: Vec::new(), why: Unread::TooLarge });
    (secrets, missed)
}

fn merge(mut secrets: Vec<Secret>, new: Vec<Secret>) -> Vec<Secret> {
    secrets.extend(new);
    secrets.sort_by_key(|secret| (secret.range.start, secret.range.end));
    let mut merged: Vec<Secret> = Vec::with_capacity(secrets.len());
    for secret in secrets {
        match merged.last_mut() {
            Some(last) if secret.range.start < last.range.end => {
                last.range.end = last.range.end.max(secret.range.end);
                last.width = last.width.max(secret.width);
                last.tokens += secret.tokens;
            }
            _ => merged.push(secret),
        }
    }
    merged
}

/// A text with some parts masked, and where they were.
struct Masked {
    /// The text; `None` if nothing is masked.
    text: Option<Vec<u8>>,
    /// Each mask: its range here, and the range of the original that it replaces.
    masks: Vec<(Range<usize>, Range<usize>)>,
}

impl Masked {
    fn new(original: &[u8], secrets: &[Secret]) -> Self {
        if secrets.is_empty() {
            return Self { text: None, masks: Vec::new() };
        }
        let mut text = Vec::with_capacity(original.len());
        let mut masks = Vec::with_capacity(secrets.len());
        let mut at = 0;
        for Secret { range, mask, .. } in secrets {
            text.extend_from_slice(original.get(at..range.start).unwrap_or_default());
            masks.push((text.len()..text.len() + mask.len(), range.clone()));
            text.extend_from_slice(mask);
            at = range.end;
        }
        text.extend_from_slice(original.get(at..).unwrap_or_default());
        Self { text: Some(text), masks }
    }

    /// The range of the original for a `range` of the masked text.
    fn original(&self, range: &Range<usize>) -> Range<usize> {
        let original = |at: usize, is_end: bool| {
            let next = self.masks.partition_point(|(here, _)| here.end <= at);
            match self.masks.get(next) {
                Some((here, there)) if is_end && here.start < at => there.end,
                Some((here, there)) if !is_end && here.start <= at => there.start,
                _ => match next.checked_sub(1).and_then(|before| self.masks.get(before)) {
                    Some((here, there)) => there.end + (at - here.end),
                    None => at,
                },
            }
        };
        original(range.start, false)..original(range.end, true)
    }
}

#[cfg(test)]
mod tests;
