//! Glue in dumps: what is between the lines of their text column.

use super::cursor::{Cursor, Joint, Step};

/// From the end of one line's text column to the next one's start.
pub(super) fn text_column(cursor: &mut Cursor<'_>, _: &Joint<'_>) -> Option<Step> {
    let framed = cursor.peek().filter(|byte| matches!(byte, b'|' | b'<'));
    if framed.is_some() {
        cursor.next();
    }
    cursor.blanks();
    cursor.line_break().then_some(())?;
    cursor.blanks();
    cursor.any(&[b"0x"]);
    (cursor.many(|byte| byte.is_ascii_hexdigit()) >= 3).then_some(())?;
    cursor.byte(b':');
    let mut digits = 0;
    loop {
        let blanks = cursor.blanks();
        // The text begins behind its frame, or behind two blanks.
        let text = match framed {
            Some(b'|') => cursor.byte(b'|'),
            Some(_) => cursor.byte(b'>'),
            None => digits >= 2 && blanks >= 2,
        };
        if text {
            return Some(Step::Glue);
        }
        let more = if blanks > 0 { cursor.many(|byte| byte.is_ascii_hexdigit()) } else { 0 };
        digits += more;
        (more > 0).then_some(())?;
    }
}
