//! Other ways of writing a character, and characters that show nothing.

use super::cursor::{Cursor, Joint, Step};

/// Characters that are invisible, or a blank that does not break.
pub const INVISIBLE: [u32; 12] =
    [0xa0, 0xad, 0x200b, 0x200c, 0x200d, 0x200e, 0x200f, 0x202f, 0x2060, 0x2063, 0xfe0f, 0xfeff];
const ENTITIES: [&[u8]; 6] = [b"&shy;", b"&nbsp;", b"&zwnj;", b"&zwj;", b"&ZeroWidthSpace;", b"&NoBreak;"];

fn character(number: u32) -> Option<Step> {
    u8::try_from(number).ok().filter(u8::is_ascii_graphic).map(Step::Character)
}

/// A character that nobody sees.
pub(super) fn invisible(cursor: &mut Cursor<'_>, _: &Joint<'_>) -> Option<Step> {
    if cursor.any(&ENTITIES).is_some() {
        return Some(Step::Glue);
    }
    let number = if cursor.word(b"&#") {
        let number = if cursor.one(|byte| matches!(byte, b'x' | b'X')) {
            cursor.number(16, 1, 6)?
        } else {
            cursor.number(10, 1, 7)?
        };
        cursor.byte(b';');
        number
    } else if cursor.word(b"\\u{") {
        let number = cursor.number(16, 1, 6)?;
        cursor.byte(b'}').then_some(number)?
    } else if cursor.word(b"\\u") {
        cursor.number(16, 4, 4)?
    } else {
        let first = cursor.next().filter(|byte| !byte.is_ascii())?;
        let mut bytes = [first, cursor.next()?, 0];
        let length = if first < 0xe0 { 2 } else { 3 };
        if length == 3 {
            bytes[2] = cursor.next()?;
        }
        let text = std::str::from_utf8(bytes.get(..length)?).ok()?;
        text.chars().next().map(u32::from)?
    };
    INVISIBLE.contains(&number).then_some(Step::Glue)
}

/// `\'2e` and `\u46?`.
pub(super) fn rtf(cursor: &mut Cursor<'_>, _: &Joint<'_>) -> Option<Step> {
    if cursor.word(b"\\'") {
        return character(cursor.number(16, 2, 2)?);
    }
    cursor.word(b"\\u").then_some(())?;
    let number = cursor.number(10, 2, 3)?;
    cursor.byte(b'?').then_some(())?;
    character(number)
}

/// `\N{FULL STOP}`, the only sign of a token.
pub(super) fn named(cursor: &mut Cursor<'_>, _: &Joint<'_>) -> Option<Step> {
    cursor.any(&[b"\\N{FULL STOP}", b"\\N{full stop}", b"\\N{PERIOD}"]).map(|_| Step::Character(b'.'))
}

/// `+AC4-`.
pub(super) fn utf7(cursor: &mut Cursor<'_>, _: &Joint<'_>) -> Option<Step> {
    cursor.word(b"+AC4").then_some(())?;
    cursor.byte(b'-');
    Some(Step::Character(b'.'))
}

/// `%%2E`.
pub(super) fn doubled_percent(cursor: &mut Cursor<'_>, _: &Joint<'_>) -> Option<Step> {
    cursor.word(b"%%").then_some(())?;
    character(cursor.number(16, 2, 2)?)
}

/// `#056`, and `#012` for a line break.
pub(super) fn syslog(cursor: &mut Cursor<'_>, _: &Joint<'_>) -> Option<Step> {
    cursor.byte(b'#').then_some(())?;
    match cursor.number(8, 3, 3)? {
        0o11 | 0o12 | 0o15 => Some(Step::Glue),
        number => character(number),
    }
}

/// `&#46` and `&#x2e`.
pub(super) fn entity(cursor: &mut Cursor<'_>, _: &Joint<'_>) -> Option<Step> {
    cursor.word(b"&#").then_some(())?;
    let number = if cursor.one(|byte| matches!(byte, b'x' | b'X')) {
        cursor.number(16, 2, 2)?
    } else {
        let start = cursor.at;
        // Of three digits the third may be the token's.
        let number = cursor.number(10, 2, 3)?;
        if number > 122 {
            cursor.at = start;
            cursor.number(10, 2, 2)?
        } else {
            number
        }
    };
    cursor.byte(b';');
    character(number)
}

/// The end of one chunk and the size of the next.
pub(super) fn chunk(cursor: &mut Cursor<'_>, _: &Joint<'_>) -> Option<Step> {
    cursor.word(b"\r\n").then_some(())?;
    cursor.number(16, 1, 6)?;
    cursor.word(b"\r\n").then_some(Step::Glue)
}

/// The end of one encoded word and the start of the next: `?= =?UTF-8?Q?`.
pub(super) fn header_word(cursor: &mut Cursor<'_>, _: &Joint<'_>) -> Option<Step> {
    cursor.byte(b'?').then_some(())?;
    // What reads the escapes in them takes the line break for one.
    cursor.byte(b'=');
    cursor.space();
    cursor.word(b"=?").then_some(())?;
    cursor.many(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'*'));
    cursor.any(&[b"?Q?", b"?q?", b"?B?", b"?b?"]).map(|_| Step::Glue)
}
