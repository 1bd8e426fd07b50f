//! Whole files in EBCDIC, from mainframes.

use super::super::encoding::Encoding;
use super::decoded::Decoded;
use super::map::Map;

/// How many bytes decide whether a text is EBCDIC.
const HEAD: usize = 512;
/// What stands for a character that is not known.
const OTHER: u8 = 0xff;

/// Its letters and digits: the first of each row, what it stands for, and how many there are.
const RUNS: [(u8, u8, u8); 7] = [
    (0x81, b'a', 9),
    (0x91, b'j', 9),
    (0xa2, b's', 8),
    (0xc1, b'A', 9),
    (0xd1, b'J', 9),
    (0xe2, b'S', 8),
    (0xf0, b'0', 10),
];

/// Its line breaks, blanks and signs, as code pages 037 and 1047 have them.
const SIGNS: [(u8, u8); 29] = [
    (0x05, b'\t'),
    (0x0d, b'\r'),
    (0x15, b'\n'),
    (0x25, b'\n'),
    (0x40, b' '),
    (0x4b, b'.'),
    (0x4c, b'<'),
    (0x4d, b'('),
    (0x4e, b'+'),
    (0x4f, b'|'),
    (0x50, b'&'),
    (0x5a, b'!'),
    (0x5b, b'$'),
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
    (0x7b, b'#'),
    (0x7c, b'@'),
    (0x7d, b'\''),
    (0x7e, b'='),
    (0x7f, b'"'),
];

/// Hands out `text` if it is in EBCDIC.
pub(super) fn each(text: &[u8], out: &mut dyn FnMut(Decoded)) {
    if is(text) {
        let bytes = text.iter().map(|byte| of_ebcdic(*byte)).collect();
        let map = Map::Even { start: 0, step: 1, size: 1 };
        out(Decoded { encoding: Encoding::Ebcdic, bytes, map, part: false });
    }
}

/// Whether `text` is in EBCDIC.
pub(super) fn is(text: &[u8]) -> bool {
    let head = |most: usize| text.get(..text.len().min(most)).unwrap_or_default();
    let is_known =
        |head: &[u8]| head.iter().filter(|byte| of_ebcdic(**byte) != OTHER).count() > head.len() / 4 * 3;
    // Letters and numbers have the highest bit, not what a line of signs is made of.
    let high = head(HEAD).iter().filter(|byte| **byte > 0x80);
    // Other text is left at once.
    is_known(head(HEAD / 16)) && is_known(head(HEAD)) && high.count() > head(HEAD).len() / 4
}

/// The character that is `byte` in each code page of EBCDIC; of others none.
pub(super) fn of_ebcdic(byte: u8) -> u8 {
    #[expect(clippy::indexing_slicing, reason = "computed at compile time")]
    static CHARACTERS: [u8; 256] = {
        let mut table = [OTHER; 256];
        let mut number = 0;
        while number < SIGNS.len() {
            table[SIGNS[number].0 as usize] = SIGNS[number].1;
            number += 1;
        }
        let mut run = 0;
        while run < RUNS.len() {
            let (first, character, length) = RUNS[run];
            let mut number = 0;
            while number < length {
                table[(first + number) as usize] = character + number;
                number += 1;
            }
            run += 1;
        }
        table
    };
    CHARACTERS.get(usize::from(byte)).copied().unwrap_or(OTHER)
}
