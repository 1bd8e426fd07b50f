//! Encodings with a header: uuencode, the base85 of git's patches, ascii85.

use super::super::encoding::Encoding;
use super::decoded::Decoded;
use super::map::Builder;
use super::text::SHORTEST;

/// The digits of base85 as git and Python write it.
const BASE85: &[u8; 85] =
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";
/// Hands out the content after a header on one of `lines`, or at one of the offsets `ascii85`.
pub(super) fn each(text: &[u8], lines: &[usize], ascii85: &[usize], out: &mut dyn FnMut(Decoded)) {
    let mut done = 0;
    for at in lines {
        let line = text.get(*at..).filter(|_| *at >= done).unwrap_or_default();
        if line.starts_with(b"begin ") {
            let read = uuencoded(text, *at);
            done = read.end;
            read.hand_out(Encoding::Uuencode, out);
        } else if line.starts_with(b"GIT binary patch") {
            done = git_patch(text, *at, out);
        }
    }
    done = 0;
    for at in ascii85 {
        if *at >= done {
            let read = ascii85_digits(text, *at);
            done = read.end;
            read.hand_out(Encoding::Base85, out);
        }
    }
}

/// What was read, and where it ends.
#[derive(Default)]
struct Read {
    decoded: Builder,
    end: usize,
}

impl Read {
    /// Adds the first `count` of these bytes, all of which were written at `at`.
    fn add(&mut self, bytes: &[u8], count: usize, at: usize, length: usize) {
        bytes.iter().take(count).for_each(|byte| self.decoded.escaped(*byte, at, length));
        self.end = at + length;
    }

    fn hand_out(self, encoding: Encoding, out: &mut dyn FnMut(Decoded)) {
        if self.decoded.bytes.len() >= SHORTEST - 3 {
            let (bytes, map) = self.decoded.finish();
            out(Decoded { encoding, bytes, map, part: false });
        }
    }
}

/// The lines behind `begin 644 name` at `at`.
fn uuencoded(text: &[u8], at: usize) -> Read {
    let mut read = Read { decoded: Builder::default(), end: at + 1 };
    for (start, line) in lines(text, at).skip(1) {
        let value = |sign: Option<&u8>| match sign {
            // Blanks at the end of a line may be gone.
            None => Some(0),
            Some(sign @ b' '..=b'`') => Some((sign - b' ') & 63),
            Some(_) => None,
        };
        let Some(length) = value(line.first()).map(usize::from).filter(|length| *length > 0) else { break };
        let Some(digits) =
            line.get(1..).filter(|digits| digits.iter().all(|sign| value(Some(sign)).is_some()))
        else {
            break;
        };
        for (number, left) in (0..length).step_by(3).map(|first| length - first).enumerate() {
            let group = (0..4).fold(0, |group, place| {
                group << 6 | u32::from(value(digits.get(number * 4 + place)).unwrap_or_default())
            });
            let [_, bytes @ ..] = group.to_be_bytes();
            // The blanks that are gone have the place of the last digit, or of the length.
            let first = (number * 4).min(digits.len().saturating_sub(1));
            let at = start + usize::from(!digits.is_empty()) + first;
            read.add(&bytes, left, at, (digits.len() - first).clamp(1, 4));
        }
    }
    read
}

/// The lines of `text` from the one that begins at `at` on, each with its start.
fn lines(text: &[u8], at: usize) -> impl Iterator<Item = (usize, &[u8])> {
    let mut start = at;
    let lines = text.get(at..).unwrap_or_default().split_inclusive(|byte| *byte == b'\n');
    lines.map(move |line| {
        let at = start;
        start += line.len();
        (at, line.trim_ascii_end())
    })
}

/// Hands out both contents behind `GIT binary patch` at `at`, each behind `literal 96` or
/// `delta 96`: the first character of a line says how many bytes it has. Where they end.
fn git_patch(text: &[u8], at: usize, out: &mut dyn FnMut(Decoded)) -> usize {
    let mut read = Read::default();
    let mut end = at + 1;
    for (start, line) in lines(text, at).skip(1) {
        let of_line = |length: u8| match length {
            b'A'..=b'Z' => Some(length - b'A' + 1),
            b'a'..=b'z' => Some(length - b'a' + 27),
            _ => None,
        };
        let heads = line.is_empty() || line.starts_with(b"literal ") || line.starts_with(b"delta ");
        if heads {
            std::mem::take(&mut read).hand_out(Encoding::Base85, out);
            continue;
        }
        let Some(length) = line.first().copied().and_then(of_line) else { break };
        let mut left = usize::from(length);
        for (number, group) in line.get(1..).unwrap_or_default().chunks_exact(5).enumerate() {
            let Some(bytes) = group_of_85(group, base85_digit) else { break };
            read.add(&bytes, left, start + 1 + number * 5, 5);
            left = left.saturating_sub(4);
        }
        end = start + line.len();
    }
    read.hand_out(Encoding::Base85, out);
    end
}

/// The digits from `at` on, in groups of five, with line breaks among them.
fn ascii85_digits(text: &[u8], at: usize) -> Read {
    let mut read = Read { decoded: Builder::default(), end: at + 1 };
    let digits = text.get(at..).unwrap_or_default().iter().enumerate();
    let (mut group, mut start) = (Vec::with_capacity(5), at);
    for (number, byte) in digits.filter(|(_, byte)| !byte.is_ascii_whitespace()) {
        if group.is_empty() {
            start = at + number;
        }
        match byte {
            b'z' if group.is_empty() => read.add(&[0; 4], 4, start, 1),
            b'!'..=b'u' => group.push(*byte),
            _ => break,
        }
        if let Some(bytes) = group_of_85(&group, ascii85_digit) {
            read.add(&bytes, 4, start, at + number + 1 - start);
            group.clear();
        }
    }
    // The digits that are missing count as the highest.
    let length = group.len();
    group.resize(5, b'u');
    if let Some(bytes) = group_of_85(&group, ascii85_digit).filter(|_| length > 1) {
        read.add(&bytes, length - 1, start, length);
    }
    read
}

/// The four bytes of five digits; none if they are no group.
fn group_of_85(group: &[u8], digit: fn(u8) -> Option<u8>) -> Option<[u8; 4]> {
    let group = group.first_chunk::<5>()?;
    let number = group
        .iter()
        .try_fold(0_u32, |number, byte| number.checked_mul(85)?.checked_add(digit(*byte)?.into()));
    number.map(u32::to_be_bytes)
}

fn ascii85_digit(byte: u8) -> Option<u8> {
    byte.checked_sub(b'!').filter(|value| *value < 85)
}

fn base85_digit(byte: u8) -> Option<u8> {
    BASE85.iter().position(|digit| *digit == byte).and_then(|value| u8::try_from(value).ok())
}
