//! Reads glue between two characters of a token, from left to right.

/// What was read behind a character of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing that belongs to it.
    Glue,
    /// Its next character.
    Character(u8),
    /// Nothing, or a dot.
    Either,
    /// A dot, if one is wanted here and does not follow anyway.
    Dot,
}

/// Where in a token glue is read.
pub(super) struct Joint<'a> {
    pub(super) text: &'a [u8],
    /// Where the token begins.
    pub(super) start: usize,
    /// The last character that was read.
    pub(super) last: u8,
    /// Whether it stands within the prefix, where no list and no variable parts a token.
    pub(super) in_prefix: bool,
    /// Whether what may be a dot is one.
    pub(super) dots: bool,
}

/// A place in a text that only moves on. It knows whether a reader wanted more than the
/// text has: what was read until then may still become glue.
pub(super) struct Cursor<'a> {
    text: &'a [u8],
    /// Where it began.
    start: usize,
    pub(super) at: usize,
    /// Where glue ends at the latest.
    limit: usize,
    /// Whether the end of the text was reached.
    pub(super) ended: bool,
    /// How often a byte was read: some are more than once.
    pub(super) reads: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a [u8], at: usize, limit: usize) -> Self {
        Self { text, start: at, at, limit, ended: false, reads: 0 }
    }

    pub(super) fn peek(&mut self) -> Option<u8> {
        self.reads += 1;
        let byte = self.text.get(self.at).copied();
        self.ended |= byte.is_none();
        byte.filter(|_| self.at < self.limit)
    }

    pub(super) fn next(&mut self) -> Option<u8> {
        let byte = self.peek();
        self.at += usize::from(byte.is_some());
        byte
    }

    /// Passes over a byte that `fits`.
    pub(super) fn one(&mut self, fits: impl Fn(u8) -> bool) -> bool {
        let fits = self.peek().is_some_and(fits);
        self.at += usize::from(fits);
        fits
    }

    pub(super) fn byte(&mut self, wanted: u8) -> bool {
        self.one(|byte| byte == wanted)
    }

    /// Passes over all bytes that `fit`; how many they are.
    pub(super) fn many(&mut self, fits: impl Fn(u8) -> bool) -> usize {
        let start = self.at;
        while self.one(&fits) {}
        self.at - start
    }

    /// Passes over `wanted`, all of it or nothing.
    pub(super) fn word(&mut self, wanted: &[u8]) -> bool {
        let start = self.at;
        let fits = wanted.iter().all(|byte| self.byte(*byte));
        if !fits {
            self.at = start;
        }
        fits
    }

    /// Passes over the first of `words` that stands here; which one.
    pub(super) fn any(&mut self, words: &[&[u8]]) -> Option<usize> {
        words.iter().position(|word| self.word(word))
    }

    /// Moves behind the next `end`.
    pub(super) fn behind(&mut self, end: &[u8]) -> Option<()> {
        let rest = self.text.get(self.at..self.limit.min(self.text.len()))?;
        let found = memchr::memmem::find(rest, end).map(|found| found + end.len());
        let passed = found.unwrap_or(rest.len());
        self.ended |= found.is_none() && self.limit >= self.text.len();
        (self.at, self.reads) = (self.at + passed, self.reads + passed);
        found.map(drop)
    }

    /// Whether `read` succeeds; if not, nothing was passed over.
    pub(super) fn attempt(&mut self, read: impl Fn(&mut Self) -> Option<()>) -> bool {
        let start = self.at;
        let fits = read(self).is_some();
        if !fits {
            self.at = start;
        }
        fits
    }

    /// A number in this base of `least` to `most` digits.
    pub(super) fn number(&mut self, base: u32, least: usize, most: usize) -> Option<u32> {
        let start = self.at;
        let mut number = 0_u32;
        while self.at - start < most
            && let Some(digit) = self.peek().and_then(|byte| char::from(byte).to_digit(base))
        {
            number = number.checked_mul(base)?.checked_add(digit)?;
            self.at += 1;
        }
        (self.at - start >= least).then_some(number)
    }

    pub(super) fn blanks(&mut self) -> usize {
        self.many(|byte| matches!(byte, b' ' | b'\t'))
    }

    /// A line break, real or written as `\n`.
    pub(super) fn line_break(&mut self) -> bool {
        matches!(self.peek(), Some(b'\n' | b'\r' | b'\\'))
            && self.any(&[b"\n", b"\r\n", b"\r\r\n", b"\\r\\n", b"\\n"]).is_some()
    }

    /// Blanks and line breaks; how many bytes they are.
    pub(super) fn space(&mut self) -> usize {
        let start = self.at;
        while self.blanks() > 0 || self.line_break() || self.word(b"\\t") {}
        self.at - start
    }

    /// The start of the line in which this cursor began, if only blanks stand before its place in
    /// another one; none if the line is too long for code.
    pub(super) fn line_start(&mut self) -> Option<&'a [u8]> {
        const LONGEST: usize = 512;
        let passed = self.since(self.start);
        let here = passed.get(memchr::memrchr(b'\n', passed)? + 1..)?;
        if !here.iter().all(|byte| matches!(byte, b' ' | b'\t')) {
            return None;
        }
        let before = self.text.get(self.start.saturating_sub(LONGEST)..self.start)?;
        self.reads += before.len();
        match memchr::memrchr(b'\n', before) {
            Some(feed) => before.get(feed + 1..),
            None => Some(before).filter(|_| self.start <= LONGEST),
        }
    }

    /// What was passed over since `start`.
    pub(super) fn since(&self, start: usize) -> &'a [u8] {
        self.text.get(start..self.at).unwrap_or_default()
    }
}
