//! Walks through one container: the members that it hands out, and why others are missing.

use std::io::{self, Read};

named! {
    /// Why something in a container was not searched.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum Unread {
        /// It is encrypted.
        Encrypted = "encrypted",
        /// Its compression method is not supported.
        Method = "compressed in a way that is not read",
        /// It is damaged or cut off; what precedes the damage was handed out.
        Damaged = "damaged or cut off",
        /// It unpacks to more than is allowed, or needs too much memory.
        TooLarge = "unpacks to too much",
        /// There are more members than are allowed.
        TooMany = "too many members",
        /// It is nested too deeply.
        TooDeep = "nested too deeply",
        /// It holds deltas to objects that are elsewhere.
        Base = "builds on objects that are not in it",
        /// Its text uses the codes of a font that nothing describes.
        Font = "written in a font's own codes",
        /// A diff shows no readable content of this binary file.
        NotInDiff = "binary, and not readable in a diff",
        /// Its content is in Git LFS, but not in this clone.
        NotHere = "in Git LFS, and not here",
    }
}

/// The limit for unpacking one file of the repository, with everything nested in it.
#[derive(Debug, Clone, Copy)]
pub(in crate::find) struct Allowance {
    pub(super) bytes: u64,
    pub(super) members: u32,
}

impl Allowance {
    /// The limit for a file of `packed` bytes: more than any ordinary archive needs, and little
    /// enough to search while somebody waits.
    pub(in crate::find) fn for_packed(packed: usize) -> Self {
        const FLOOR: u64 = 64 << 20;
        const CEILING: u64 = 4 << 30;
        let packed = u64::try_from(packed).unwrap_or(u64::MAX);
        Self { bytes: packed.saturating_mul(256).saturating_add(FLOOR).min(CEILING), members: 100_000 }
    }

    /// How many bytes were unpacked since the limit was `before`.
    pub(in crate::find) fn spent_since(&self, before: &Self) -> u64 {
        before.bytes.saturating_sub(self.bytes)
    }

    /// So much.
    #[cfg(any(test, fuzzing))]
    pub(in crate::find) fn of(bytes: u64, members: u32) -> Self {
        Self { bytes, members }
    }

    /// Subtracts what was spent between `before` and `after`.
    pub(in crate::find) fn spend(&mut self, before: &Self, after: &Self) {
        self.bytes = self.bytes.saturating_sub(before.bytes.saturating_sub(after.bytes));
        self.members = self.members.saturating_sub(before.members.saturating_sub(after.members));
    }
}

/// Receives a member: its name, if it has one, and a reader of its content.
pub(in crate::find) type Each<'a> = dyn FnMut(Option<&[u8]>, &mut dyn Read) + 'a;

/// Receives the reason why a member, or without a name the container, was not read completely.
pub(in crate::find) type Missed<'a> = dyn FnMut(Option<&[u8]>, Unread) + 'a;

/// The state of a walk: the receivers, and the limit.
pub(super) struct Visit<'a> {
    pub(super) allowance: &'a mut Allowance,
    pub(super) each: &'a mut Each<'a>,
    pub(super) unread: &'a mut Missed<'a>,
}

/// No more may be unpacked: the walk is over.
#[derive(Debug)]
pub(super) struct Spent;

impl Visit<'_> {
    /// Hands out one member.
    pub(super) fn member(&mut self, name: Option<&[u8]>, content: &mut dyn Read) -> Result<(), Spent> {
        self.count(name)?;
        let mut metered = Metered { content, left: &mut self.allowance.bytes, end: None };
        (self.each)(name, &mut metered);
        match metered.end {
            Some(Some(why)) => self.skip(name, why),
            _ => Ok(()),
        }
    }

    /// Reports why a member, or the rest of it, is not handed out.
    pub(super) fn skip(&mut self, name: Option<&[u8]>, why: Unread) -> Result<(), Spent> {
        (self.unread)(name, why);
        if why == Unread::TooLarge && self.allowance.bytes == 0 { Err(Spent) } else { Ok(()) }
    }

    /// Counts one more member, or a header that took as much work.
    pub(super) fn count(&mut self, name: Option<&[u8]>) -> Result<(), Spent> {
        match self.allowance.members.checked_sub(1) {
            Some(left) => self.allowance.members = left,
            None => {
                (self.unread)(name, Unread::TooMany);
                return Err(Spent);
            }
        }
        Ok(())
    }

    /// Counts bytes that were read and not handed out: members can overlap.
    pub(super) fn charge(&mut self, read: usize) {
        let read = u64::try_from(read).unwrap_or(u64::MAX);
        self.allowance.bytes = self.allowance.bytes.saturating_sub(read);
    }
}

/// A member's content, counted while it is read.
struct Metered<'a> {
    content: &'a mut dyn Read,
    left: &'a mut u64,
    /// Once it ended: why a part is unread, if one is.
    end: Option<Option<Unread>>,
}

impl Read for Metered<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.end.is_some() || buffer.is_empty() {
            return Ok(0);
        }
        let room = usize::try_from(*self.left).unwrap_or(usize::MAX);
        let mut probe = [0];
        let got = match buffer.get_mut(..buffer.len().min(room)) {
            Some(buffer) if room > 0 => self.content.read(buffer),
            _ => self.content.read(&mut probe),
        };
        match got {
            Ok(0) => self.end = Some(None),
            Ok(_) if room == 0 => self.end = Some(Some(Unread::TooLarge)),
            Ok(got) => {
                *self.left = self.left.saturating_sub(u64::try_from(got).unwrap_or(u64::MAX));
                return Ok(got);
            }
            Err(error) => self.end = Some(Some(reason(&error))),
        }
        Ok(0)
    }
}

/// The reason that a decoder states by the kind of its error.
fn reason(error: &io::Error) -> Unread {
    match error.kind() {
        io::ErrorKind::OutOfMemory => Unread::TooLarge,
        io::ErrorKind::Unsupported => Unread::Method,
        _ => Unread::Damaged,
    }
}
