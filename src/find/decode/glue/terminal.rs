//! Glue for terminals: control sequences and overstrikes.

use super::cursor::{Cursor, Joint, Step};

/// How an escape character is written, other than as itself.
const ESCAPES: [&[u8]; 10] =
    [b"\x1b", b"\\u001b", b"\\u001B", b"\\x1b", b"\\x1B", b"\\033", b"\\e", b"\\E", b"\\u{1b}", b"^["];
/// How a bell is.
const BELLS: [&[u8]; 6] = [b"\x07", b"\\u0007", b"\\x07", b"\\007", b"\\a", b"^G"];
/// How a backspace is.
const BACKSPACES: [&[u8]; 5] = [b"\x08", b"\\u0008", b"\\x08", b"\\b", b"^H"];

/// Control sequences: colours, movements, titles and links.
pub(super) fn codes(cursor: &mut Cursor<'_>, _: &Joint<'_>) -> Option<Step> {
    cursor.any(&ESCAPES)?;
    match cursor.next()? {
        b'[' => {
            cursor.many(|byte| matches!(byte, b' '..=b'?'));
            cursor.one(|byte| matches!(byte, b'@'..=b'~')).then_some(Step::Glue)
        }
        // Up to a bell or the string terminator.
        b']' | b'P' | b'_' => loop {
            if cursor.any(&BELLS).is_some() {
                return Some(Step::Glue);
            }
            if cursor.any(&ESCAPES).is_some() {
                return cursor.any(&[b"\\\\", b"\\"]).map(|_| Step::Glue);
            }
            cursor.next()?;
        },
        b'(' | b')' | b'#' => cursor.next().map(|_| Step::Glue),
        b'7' | b'8' | b'=' | b'>' | b'M' | b'c' => Some(Step::Glue),
        _ => None,
    }
}

/// A character that is typed again over itself, or over a line under it.
pub(super) fn overstrike(cursor: &mut Cursor<'_>, joint: &Joint<'_>) -> Option<Step> {
    let underlined = cursor.byte(b'_');
    cursor.any(&BACKSPACES)?;
    (underlined || cursor.byte(joint.last) || cursor.byte(b'_')).then_some(Step::Glue)
}

/// Where a shell wraps what is typed.
pub(super) fn carriage_return(cursor: &mut Cursor<'_>, _: &Joint<'_>) -> Option<Step> {
    cursor.byte(b' ');
    (cursor.many(|byte| byte == b'\r') > 0).then_some(())?;
    // With one before it a line feed ends a line.
    (cursor.peek() != Some(b'\n')).then_some(Step::Glue)
}

/// From the end of one event to the text of the next: `"]`, `[1.25, "o", "`.
pub(super) fn asciicast(cursor: &mut Cursor<'_>, _: &Joint<'_>) -> Option<Step> {
    let wanted = cursor.byte(b'"') && {
        cursor.blanks();
        cursor.byte(b']')
    };
    wanted.then_some(())?;
    cursor.byte(b',');
    cursor.space();
    cursor.byte(b'[').then_some(())?;
    cursor.many(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b' ' | b','));
    cursor.any(&[b"\"o\"", b"\"i\""])?;
    cursor.many(|byte| matches!(byte, b' ' | b','));
    cursor.byte(b'"').then_some(Step::Glue)
}
