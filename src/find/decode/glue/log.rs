//! Glue in logs: what collectors write between the parts of a line.

use super::cursor::{Cursor, Joint, Step};

/// The longest head of a line, in bytes.
const LONGEST_HEAD: usize = 160;

/// From the end of one record of a Docker log to the text of the next.
pub(super) fn docker(cursor: &mut Cursor<'_>, _: &Joint<'_>) -> Option<Step> {
    cursor.any(&[b"\\r\\n", b"\\n"]);
    cursor.word(b"\",\"stream\":").then_some(())?;
    cursor.behind(b"}")?;
    (cursor.line_break() && cursor.word(b"{\"log\":\"")).then_some(Step::Glue)
}

/// A line break and the head of the next line, which is of the same form as that of the
/// line on which the token begins.
pub(super) fn line_head(cursor: &mut Cursor<'_>, joint: &Joint<'_>) -> Option<Step> {
    cursor.line_break().then_some(())?;
    let before = joint.text.get(joint.start.saturating_sub(LONGEST_HEAD)..joint.start)?;
    let first =
        memchr::memrchr(b'\n', before).map_or(before, |feed| before.get(feed + 1..).unwrap_or_default());
    let (mut first, begin) = (first.iter().copied().peekable(), cursor.at);
    let (mut end, mut signs) = (None, 0);
    while let (Some(old), Some(new)) = (first.peek().copied(), cursor.peek()) {
        if old.is_ascii_digit() && new.is_ascii_digit() {
            while first.next_if(u8::is_ascii_digit).is_some() {}
            cursor.many(|byte| byte.is_ascii_digit());
            continue;
        }
        // The sign of a partial and of a full line.
        if old != new && !matches!((old, new), (b'P', b'F')) {
            break;
        }
        first.next();
        cursor.next();
        if !new.is_ascii_alphanumeric() {
            signs += usize::from(!matches!(new, b' ' | b'\t'));
            end = Some(cursor.at).filter(|_| signs > 0);
        }
    }
    let end = end.filter(|end| *end > begin)?;
    cursor.at = end;
    cursor.blanks();
    Some(Step::Glue)
}
