//! Mail, alone or in a mailbox.

use super::super::names::{list, shown};
use super::header::{Described, starts_with};

/// The longest header that is kept, and the most boundaries in each other.
const LONGEST_HEADER: usize = 16 << 10;
const DEEPEST: usize = 32;

/// A mail or a mailbox, as far as it was read.
#[derive(Debug, Clone, Default)]
pub(super) struct Mail {
    /// The number of the message in a mailbox.
    message: Option<usize>,
    /// Whether the last line was empty: only then another message may begin.
    blank: bool,
    /// The header that is being read.
    header: Option<Vec<u8>>,
    /// What separates the parts around this place, and how much of `around` those are in.
    boundaries: Vec<(Vec<u8>, usize)>,
    /// The attached messages around this place.
    around: Vec<String>,
    /// The part that is being read.
    part: String,
    /// How many files of this message were attached so far.
    attached: usize,
}

impl Mail {
    /// A mailbox begins with a line such as `From a@example.com Mon Sep 28 09:00:00 2026`, a
    /// mail with a field; at least two known ones are near.
    pub(super) fn of(head: &[u8]) -> Option<Self> {
        const FIELDS: [&[u8]; 11] = [
            b"received:",
            b"from:",
            b"to:",
            b"date:",
            b"message-id:",
            b"mime-version:",
            b"content-type:",
            b"subject:",
            b"return-path:",
            b"delivered-to:",
            b"dkim-signature:",
        ];
        let boxed = is_separator(head.split(|byte| *byte == b'\n').next()?);
        let first = head.split(|byte| *byte == b'\n').nth(usize::from(boxed))?;
        let name = first.get(..memchr::memchr(b':', first)?)?;
        let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let known = FIELDS
            .iter()
            .filter(|field| head.split(|byte| *byte == b'\n').take(100).any(|line| starts_with(line, field)));
        let fits = !name.is_empty() && name.iter().all(is_name) && known.count() >= 2;
        fits.then(|| Self {
            message: boxed.then_some(0),
            blank: true,
            header: Some(Vec::new()),
            ..Self::default()
        })
    }

    pub(super) fn is_mailbox(&self) -> bool {
        self.message.is_some()
    }

    /// Reads the whole lines of `text` and returns how long they are.
    pub(super) fn read(&mut self, text: &[u8]) -> usize {
        let end = memchr::memrchr(b'\n', text).map_or(0, |at| at + 1);
        text.get(..end)
            .unwrap_or_default()
            .split_inclusive(|byte| *byte == b'\n')
            .for_each(|line| self.line(line));
        end
    }

    fn line(&mut self, line: &[u8]) {
        let text = line.trim_ascii_end();
        if self.blank && self.is_mailbox() && is_separator(text) {
            let message = self.message.map(|number| number + 1);
            *self = Self { message, header: Some(Vec::new()), ..Self::default() };
            return;
        }
        self.blank = text.is_empty();
        let ended = self.boundaries.iter().rposition(|(boundary, _)| is_end(text, boundary));
        if let Some(number) = ended {
            self.separate(number, text.ends_with(b"--"));
        } else if let Some(header) = &mut self.header {
            match text.is_empty() {
                true => self.begin(),
                false if header.len() < LONGEST_HEADER => header.extend_from_slice(line),
                false => {}
            }
        }
    }

    /// A part ends that has this boundary; another one begins unless it is the `last`.
    fn separate(&mut self, number: usize, last: bool) {
        let depth = self.boundaries.get(number).map_or(0, |(_, depth)| *depth);
        self.around.truncate(depth);
        self.boundaries.truncate(number + usize::from(!last));
        self.part.clear();
        self.header = (!last).then(Vec::new);
    }

    /// The header was read: the part begins that it describes.
    fn begin(&mut self) {
        let described = Described::of(&self.header.take().unwrap_or_default());
        let is_message = described.kind.starts_with("message/rfc822");
        if let Some(boundary) = described.boundary.filter(|_| described.kind.starts_with("multipart/")) {
            if self.boundaries.len() < DEEPEST && !boundary.is_empty() {
                self.boundaries.push((boundary, self.around.len()));
            }
            self.part.clear();
            return;
        }
        self.attached += usize::from(described.attached || is_message);
        self.part = match described.file {
            Some(file) => format!("attachment {file}"),
            None if described.attached || is_message => format!("attachment {}", self.attached),
            None if described.kind == "text/html" => "HTML body".to_owned(),
            None => "body".to_owned(),
        };
        if is_message && self.around.len() < DEEPEST {
            self.around.push(std::mem::take(&mut self.part));
            self.header = Some(Vec::new());
        }
    }

    /// The part in which `rest` stands, what follows the lines that were read.
    pub(super) fn part(&self, rest: &[u8]) -> Option<String> {
        let message = self.message.map(|number| format!("message {number}")).unwrap_or_default();
        let header;
        let part = match &self.header {
            Some(read) => {
                header = field(read, rest);
                &header
            }
            None => &self.part,
        };
        let parts = [&message].into_iter().chain(&self.around).chain([part]);
        let text = list(&parts.map(String::as_str).collect::<Vec<_>>());
        (!text.is_empty()).then_some(text)
    }
}

/// The field of a header in which `rest` stands, behind what was `read` of it.
fn field(read: &[u8], rest: &[u8]) -> String {
    let is_folded = |line: &&[u8]| matches!(line, [b' ' | b'\t', ..]);
    let before = read.split(|byte| *byte == b'\n').rev().filter(|line| !line.is_empty());
    let line = [rest].into_iter().filter(|rest| !rest.is_empty()).chain(before).find(|line| !is_folded(line));
    let name = line.and_then(|line| line.get(..memchr::memchr(b':', line)?)).unwrap_or_default();
    match shown(name) {
        Some(name) if !name.contains(' ') => format!("header {name}"),
        _ => "header".to_owned(),
    }
}

/// Whether `line` begins a message in a mailbox; a patch of git begins with the name of a
/// commit.
fn is_separator(line: &[u8]) -> bool {
    let Some(rest) = line.strip_prefix(b"From ") else { return false };
    let sender = rest.split(|byte| *byte == b' ').next().unwrap_or_default();
    let is_commit = sender.len() >= 40 && sender.iter().all(u8::is_ascii_hexdigit);
    let is_time = |part: &[u8]| matches!(part, [a, b':', b] if a.is_ascii_digit() && b.is_ascii_digit());
    !is_commit && rest.windows(3).any(is_time)
}

/// Whether `line` ends a part that has this `boundary`.
fn is_end(line: &[u8], boundary: &[u8]) -> bool {
    let rest = line.strip_prefix(b"--").and_then(|line| line.strip_prefix(boundary));
    rest.is_some_and(|rest| rest.is_empty() || rest == b"--")
}
