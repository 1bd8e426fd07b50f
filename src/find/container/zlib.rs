//! zlib and deflate without a container. Few of their first bytes are fixed, so only unpacking
//! recognises them.

use std::io::Read as _;

use super::deflate::Inflate;

/// How much is unpacked to recognise them, in bytes: as much as holds a token.
const SHORTEST: usize = 27;

/// The bytes of a SHA-512 and some for what encodes it.
const LONGEST_HASH: usize = 66;
/// How many different characters text has at least, in as many bytes as a line of signs may
/// be long with which it begins.
const VARIED: usize = 8;
const LINE: usize = 256;

/// Whether `head` begins a content in zlib.
pub(super) fn begins(head: &[u8]) -> bool {
    if !has_header(head) {
        return false;
    }
    let body = head.get(2..).unwrap_or_default();
    let start = unpacked(body, SHORTEST);
    let usual = matches!(head, [0x78, 0x01 | 0x9c | 0xda, ..]);
    start.len() == SHORTEST && (usual || is_dynamic(body) || start.into_iter().all(is_text))
}

/// Whether `head` begins text in deflate, with nothing before it.
pub(super) fn begins_raw(head: &[u8]) -> bool {
    // Every file is asked: to unpack anything takes 40 KB of state.
    if !may_be_raw(head) {
        return false;
    }
    let is_whole = |start: &[u8]| start.len() >= SHORTEST && start.iter().all(|byte| is_text(*byte));
    // A pattern that is repeated may be read as another.
    let is_varied = |mut start: Vec<u8>| {
        let whole = is_whole(&start);
        start.sort_unstable();
        start.dedup();
        whole && start.len() >= VARIED
    };
    let start = unpacked(head, SHORTEST);
    is_whole(&start) && (is_varied(start) || is_varied(unpacked(head, LINE)))
}

/// Whether these eighteen of `length` bytes may begin either. It saves time: what is as long as
/// a hash is mostly one.
pub(super) fn may_begin(head: &[u8], length: usize) -> bool {
    has_header(head) || length > LONGEST_HASH && may_be_raw(head)
}

/// A window from 4 KiB on, and no dictionary.
fn has_header(head: &[u8]) -> bool {
    let [method, flags, ..] = head else { return false };
    let header = u16::from_be_bytes([*method, *flags]);
    matches!(method, 0x48 | 0x58 | 0x68 | 0x78) && header % 31 == 0 && flags & 0x20 == 0
}

fn may_be_raw(head: &[u8]) -> bool {
    !head.iter().take(SHORTEST).all(|byte| is_text(*byte)) && (is_dynamic(head) || is_fixed(head))
}

fn is_text(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r')
}

/// The first bytes that `body` unpacks to, at most `most`.
fn unpacked(body: &[u8], most: usize) -> Vec<u8> {
    let mut start = vec![0; most];
    let (mut body, mut read) = (Inflate::new(body), 0);
    while let Some(room) = start.get_mut(read..).filter(|room| !room.is_empty()) {
        match body.read(room) {
            Ok(0) | Err(_) => break,
            Ok(more) => read += more,
        }
    }
    start.truncate(read);
    start
}

/// Reads bits from the lowest of each byte on.
fn bits(body: &[u8], from: usize, count: usize) -> usize {
    let bit = |at: usize| body.get(at / 8).map_or(0, |byte| usize::from(byte >> (at % 8) & 1));
    (0..count).map(|number| bit(from + number) << number).sum()
}

/// Whether `body` begins with codes of its own that make a whole. It saves time: hardly
/// anything else does.
fn is_dynamic(body: &[u8]) -> bool {
    let lengths = bits(body, 13, 4) + 4;
    let room: usize = (0..lengths)
        .map(|number| bits(body, 17 + number * 3, 3))
        .filter(|length| *length > 0)
        .map(|length| 128 >> length)
        .sum();
    bits(body, 1, 2) == 2 && bits(body, 3, 5) <= 29 && bits(body, 8, 5) <= 29 && room == 128
}

/// Whether `body` begins with a letter in the codes that are always the same. It saves
/// time, too.
fn is_fixed(body: &[u8]) -> bool {
    let code = (0..8).fold(0, |code, bit| code << 1 | bits(body, 3 + bit, 1));
    let letter = u8::try_from(code).ok().and_then(|code| code.checked_sub(0x30));
    bits(body, 1, 2) == 1 && letter.is_some_and(is_text)
}
