//! Reads a token from its prefix on and skips the glue between its characters.

use std::ops::Range;

use super::super::super::glue::Evidence;
use super::super::map::Builder;
use super::super::text::goes_on;
use super::cursor::{Cursor, Joint, Step};
use super::forms::{FORMS, Form};
use crate::token::{LONGEST_PUBLIC, PREFIX, SECRET, Shape, WHOLE, is_public, kind_of_prefix};

/// How far a token reaches with its glue, in bytes.
///
/// `changed.rs` searches as far around a changed range.
pub(super) const LONGEST: usize = 1200;
/// The longest gap, in bytes.
const GAP: usize = 256;
/// The most pieces of glue behind each other.
const PIECES: usize = 24;
/// How far from a token, in bytes, the words may be which say that its parts are joined.
const JOIN: usize = 240;

/// What says that parts are joined by dots.
const DOTS: &[&str] =
    &["\".\"", "'.'", "}.{", ".$", "%.%", "%s.%s", "%v.%v", "\\\".\\\"", "\"%s.", "{}.{}", "{0}.{", "`.`"];

/// For each byte the forms that begin with it, a bit each.
#[expect(clippy::indexing_slicing, reason = "computed at compile time")]
static BEGUN: [u32; 256] = {
    let mut begun = [0; 256];
    let mut form = 0;
    while form < FORMS.len() {
        let mut byte = 0;
        while byte < FORMS[form].begins.len() {
            begun[FORMS[form].begins[byte] as usize] |= 1 << form;
            byte += 1;
        }
        form += 1;
    }
    begun
};

fn begun_by(byte: u8) -> u32 {
    BEGUN.get(usize::from(byte)).copied().unwrap_or_default()
}

/// What was read from a place.
pub(super) enum Reading {
    /// A token, and the form of glue that says the least.
    Token { form: &'static Form, joined: Builder },
    /// The text ends within its secret part, which begins here.
    Open(usize),
    /// None.
    Nothing,
}

/// What a token goes on with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Want {
    Prefix(usize),
    /// The dot behind the prefix.
    Dot,
    Public(usize),
    Secret {
        read: usize,
        of: usize,
    },
    Nothing,
}

impl Want {
    /// What is wanted behind `byte`; none if that is not wanted itself.
    fn behind(self, byte: u8, read: &[u8]) -> Option<Self> {
        match self {
            Self::Prefix(number) => {
                let fits = match number {
                    0 => matches!(byte, b'd' | b'D'),
                    1 => matches!(byte, b't' | b'T'),
                    2 => byte == b'0',
                    3 => byte.is_ascii_alphabetic(),
                    _ => byte.is_ascii_digit(),
                };
                fits.then(|| if number + 1 < PREFIX { Self::Prefix(number + 1) } else { Self::Dot })
            }
            Self::Dot => (byte == b'.').then(|| match kind_of_prefix(read).map(|kind| kind.shape) {
                Some(Shape::Whole) => Self::Secret { read: 0, of: WHOLE },
                _ => Self::Public(0),
            }),
            Self::Public(length) if byte == b'.' => {
                (length > 0).then_some(Self::Secret { read: 0, of: SECRET })
            }
            Self::Public(length) => {
                (length < LONGEST_PUBLIC && is_public(&byte)).then_some(Self::Public(length + 1))
            }
            Self::Secret { read, of } => byte.is_ascii_alphanumeric().then_some(match read + 1 {
                all if all == of => Self::Nothing,
                read => Self::Secret { read, of },
            }),
            Self::Nothing => None,
        }
    }
}

/// Reads tokens of a text, and counts what that takes.
pub(super) struct Reader<'a> {
    text: &'a [u8],
    /// How often a byte may still be read.
    pub(super) work: usize,
    /// Whether that was not enough.
    pub(super) exhausted: bool,
    /// Whether the text may go on: then what ends with it is not taken for less.
    goes_on: bool,
    /// The characters of the token that is being read.
    joined: Builder,
}

/// A token that is being read.
struct Token {
    start: usize,
    at: usize,
    want: Want,
    /// The last character of it.
    last: u8,
    /// Where its secret part begins, if some of that was read.
    secret: Option<usize>,
    /// The form of its weakest gap.
    form: Option<&'static Form>,
    /// Whether what may be a dot is one, and whether such a thing was passed over.
    dots: bool,
    either: bool,
}

impl Token {
    fn evidence(&self) -> Option<Evidence> {
        self.form.map(|form| form.glue.evidence)
    }
}

/// What stands behind the characters of a token.
enum Gap {
    /// Glue that ended, or a character that is written in another way.
    Passed,
    /// Glue, perhaps, that did not end yet.
    Open,
    /// None.
    Nothing,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a [u8], work: usize, goes_on: bool) -> Self {
        Self { text, work, exhausted: false, goes_on, joined: Builder::default() }
    }

    /// Reads the token that begins at `start`.
    pub(super) fn read(&mut self, start: usize) -> Reading {
        match self.read_with(start, false) {
            (Reading::Nothing, true) => self.read_with(start, true).0,
            (reading, _) => reading,
        }
    }

    /// The same, with what may be a dot taken for one or not; and whether something was.
    fn read_with(&mut self, start: usize, dots: bool) -> (Reading, bool) {
        self.joined.clear();
        let want = Want::Prefix(0);
        let mut token =
            Token { start, at: start, want, last: 0, secret: None, form: None, dots, either: false };
        let mut pieces = 0;
        let reading = loop {
            pieces = if self.run(&mut token) > 0 { 0 } else { pieces + 1 };
            if token.want == Want::Nothing {
                break self.finish(&token);
            }
            if pieces > PIECES {
                break Reading::Nothing;
            }
            match self.gap(&mut token) {
                Gap::Passed => {}
                // Where no secret character was read yet, nothing is lost if it goes on.
                Gap::Open => break token.secret.map_or(Reading::Nothing, Reading::Open),
                Gap::Nothing => break Reading::Nothing,
            }
        };
        (reading, token.either)
    }

    /// Collects what is wanted as far as nothing stands between; how much that is.
    fn run(&mut self, token: &mut Token) -> usize {
        let from = token.at;
        let mut kept = from;
        while let Some(byte) = self.text.get(token.at) {
            if token.want == Want::Dot {
                // What the prefix says is read of what was collected.
                self.keep(kept..token.at);
                kept = token.at;
            }
            let Some(want) = token.want.behind(*byte, &self.joined.bytes) else { break };
            if matches!(want, Want::Secret { read: 1, .. }) {
                token.secret = Some(token.at);
            }
            (token.want, token.last, token.at) = (want, *byte, token.at + 1);
        }
        self.keep(kept..token.at);
        self.spend(token.at - from);
        token.at - from
    }

    fn keep(&mut self, run: Range<usize>) {
        let at = run.start;
        self.joined.keep(self.text.get(run).unwrap_or_default(), at);
    }

    /// Passes over what stands behind the characters that were read.
    fn gap(&mut self, token: &mut Token) -> Gap {
        let limit = (token.at + GAP).min(token.start + LONGEST);
        let Some(first) = self.text.get(token.at) else { return Gap::Open };
        let (mut left, mut ended) = (begun_by(*first), false);
        while left != 0 && !self.exhausted {
            let number = left.trailing_zeros();
            left &= left - 1;
            let Some(form) = FORMS.get(number as usize) else { break };
            let in_prefix = matches!(token.want, Want::Prefix(_));
            let (start, last, dots) = (token.start, token.last, token.dots);
            let joint = Joint { text: self.text, start, last, in_prefix, dots };
            let mut cursor = Cursor::new(self.text, token.at, limit);
            let step = (form.read)(&mut cursor, &joint);
            self.spend(cursor.reads);
            ended |= cursor.ended;
            if ended && self.goes_on {
                return Gap::Open;
            }
            if step.is_some_and(|step| self.take(token, step, cursor.at)) {
                if token.evidence().is_none_or(|evidence| evidence < form.glue.evidence) {
                    token.form = Some(form);
                }
                return Gap::Passed;
            }
        }
        if ended { Gap::Open } else { Gap::Nothing }
    }

    /// Takes the `step` from where the token was read to, to `end`; whether it fits.
    fn take(&mut self, token: &mut Token, step: Step, end: usize) -> bool {
        let written = match step {
            Step::Glue | Step::Either => None,
            Step::Character(byte) => Some(byte),
            // Unless one stands there anyway.
            Step::Dot => Some(b'.').filter(|_| self.text.get(end) != Some(&b'.') && token.last != b'.'),
        };
        if end == token.at {
            return false;
        }
        if let Some(byte) = written {
            let Some(want) = token.want.behind(byte, &self.joined.bytes) else { return false };
            self.joined.escaped(byte, token.at, end - token.at);
            if matches!(want, Want::Secret { read: 1, .. }) {
                token.secret = Some(token.at);
            }
            (token.want, token.last) = (want, byte);
        }
        token.either |= step == Step::Either;
        token.at = end;
        true
    }

    /// The `token`, which is complete, if it was parted.
    fn finish(&mut self, token: &Token) -> Reading {
        let (Some(form), Some(evidence)) = (token.form, token.evidence()) else { return Reading::Nothing };
        let rest = self.text.get(token.at..).unwrap_or_default();
        let next = rest.first().filter(|byte| byte.is_ascii_alphanumeric());
        let whole = self.joined.bytes.len() < PREFIX + SECRET;
        // What goes on is another word, and what is assigned a name, if it is not clear that
        // it is this one.
        let named = matches!(rest.trim_ascii_start().first(), Some(b'=' | b':'));
        let ends = evidence == Evidence::Clear && !whole || !goes_on(rest) && !named;
        if !ends || !self.is_joined(token, evidence) {
            return Reading::Nothing;
        }
        // Glued to what follows it is no longer one that was issued.
        self.joined.keep(next.map_or(&[], std::slice::from_ref), token.at);
        Reading::Token { form, joined: std::mem::take(&mut self.joined) }
    }

    /// Whether something near `token` says that its parts are joined, if that is needed.
    fn is_joined(&self, token: &Token, evidence: Evidence) -> bool {
        let Evidence::Joined(words) = evidence else { return true };
        let before = self.text.get(token.start.saturating_sub(JOIN)..token.start).unwrap_or_default();
        let behind = self.text.get(token.at..self.text.len().min(token.at + JOIN)).unwrap_or_default();
        let stands = |word: &&str| {
            [before, behind].iter().any(|text| memchr::memmem::find(text, word.as_bytes()).is_some())
        };
        if token.dots { DOTS.iter().any(stands) } else { words.iter().any(stands) }
    }

    fn spend(&mut self, bytes: usize) {
        match self.work.checked_sub(bytes) {
            Some(left) => self.work = left,
            None => self.exhausted = true,
        }
    }
}
