//! EBCDIC, as mainframes write all of a file.

use super::super::encoding::Encoding;
use super::decoded::Decoded;
use super::map::Map;

/// How much of a text tells whether it is that, in bytes.
const HEAD: usize = 512;
/// What stands for a character that is not known.
const OTHER: u8 = 0xff;

/// The line breaks, blanks, signs and digits of EBCDIC, without its letters.
const EBCDIC: [(u8, u8); 24] = [
    (0x05, b'\t'),
    (0x0d, b'\r'),
    (0x15, b'\n'),
    (0x25, b'\n'),
    (0x40, b' '),
    (0x4b, b'.'),
    (0x4c, b'<'),
    (0x4d, b'('),
    (0x4e, b'+'),
    (0x50, b'&'),
    (0x5c, b'*'),
    (0x5d, b')'),
    (0x5e, b';'),
    (0x60, b'-'),
    (0x61, b'/'),
    (0x6b, b','),
    (0x6c, b'%'),
    (0x6d, b'_'),
    (0x6e, b'>'),
    (0x6f, b'?'),
    (0x7a, b':'),
    (0x7d, b'\''),
    (0x7e, b'='),
    (0x7f, b'"'),
];

/// Hands out `text` if it is in EBCDIC.
pub(super) fn each(text: &[u8], out: &mut dyn FnMut(Decoded)) {
    // Letters and numbers have the highest bit: other text is left at once.
    let high = |text: &[u8]| text.iter().filter(|byte| **byte > 0x80).count();
    let head = |most: usize| text.get(..text.len().min(most)).unwrap_or_default();
    let known = |head: &[u8]| head.iter().filter(|byte| of_ebcdic(**byte) != OTHER).count();
    let (start, head) = (head(HEAD / 16), head(HEAD));
    if high(start) >= start.len() / 4 && high(head) > head.len() / 4 && known(head) > head.len() / 4 * 3 {
        let bytes = text.iter().map(|byte| of_ebcdic(*byte)).collect();
        out(Decoded {
            encoding: Encoding::Ebcdic,
            bytes,
            map: Map::Even { start: 0, step: 1, size: 1 },
            part: false,
        });
    }
}

/// The character that is `byte` in each code page of EBCDIC; of others none.
fn of_ebcdic(byte: u8) -> u8 {
    match byte {
        0x81..=0x89 => byte - 0x81 + b'a',
        0x91..=0x99 => byte - 0x91 + b'j',
        0xa2..=0xa9 => byte - 0xa2 + b's',
        0xc1..=0xc9 => byte - 0xc1 + b'A',
        0xd1..=0xd9 => byte - 0xd1 + b'J',
        0xe2..=0xe9 => byte - 0xe2 + b'S',
        0xf0..=0xf9 => byte - 0xf0 + b'0',
        _ => EBCDIC.iter().find(|(sign, _)| *sign == byte).map_or(OTHER, |(_, character)| *character),
    }
}
