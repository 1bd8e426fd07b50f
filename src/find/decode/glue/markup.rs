//! Glue in documents: tags, signs of emphasis, groups.

use super::cursor::{Cursor, Joint, Step};

/// The elements that no word goes on behind, by their names without a namespace.
const BLOCKS: [&[u8]; 33] = [
    b"p", b"br", b"tab", b"cr", b"tc", b"tr", b"td", b"th", b"li", b"div", b"h1", b"h2", b"h3", b"h4", b"h5",
    b"h6", b"hr", b"si", b"row", b"c", b"table", b"dl", b"dd", b"dt", b"ul", b"ol", b"pre", b"body", b"html",
    b"head", b"option", b"section", b"title",
];

/// A tag, a comment, or the start or end of a CDATA section.
pub(super) fn tags(cursor: &mut Cursor<'_>, _: &Joint<'_>) -> Option<Step> {
    if cursor.any(&[b"]]>", b"<![CDATA["]).is_some() {
        return Some(Step::Glue);
    }
    if cursor.word(b"<!--") {
        return cursor.behind(b"-->").map(|()| Step::Glue);
    }
    cursor.byte(b'<').then_some(())?;
    cursor.byte(b'\\');
    cursor.byte(b'/');
    let start = cursor.at;
    cursor.one(|byte| byte.is_ascii_alphabetic()).then_some(())?;
    cursor.many(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'_' | b'-'));
    let name = cursor.since(start);
    let name = name.rsplit(|byte| *byte == b':').next()?;
    if BLOCKS.iter().any(|block| block.eq_ignore_ascii_case(name)) {
        return None;
    }
    while !cursor.byte(b'>') {
        if cursor.next()? == b'<' {
            return None;
        }
    }
    // Between two tags of a document that is indented nothing is written.
    let end = cursor.at;
    if cursor.space() > 0 && cursor.peek() != Some(b'<') {
        cursor.at = end;
    }
    Some(Step::Glue)
}

/// Where emphasis or code begins or ends.
pub(super) fn emphasis(cursor: &mut Cursor<'_>, joint: &Joint<'_>) -> Option<Step> {
    let start = cursor.at;
    let signs = cursor.many(|byte| matches!(byte, b'*' | b'_' | b'~' | b'`'));
    // Within a word a line is a part of it.
    let within = cursor.since(start).contains(&b'_') && joint.last != b'.' && cursor.peek() != Some(b'.');
    ((1..=6).contains(&signs) && !within).then_some(Step::Glue)
}

/// From the end of one string to the start of the next: `)-3(`, `) Tj 0 -12 Td (`.
pub(super) fn pdf(cursor: &mut Cursor<'_>, _: &Joint<'_>) -> Option<Step> {
    cursor.byte(b')').then_some(())?;
    let between = cursor.many(|byte| byte.is_ascii_digit() || b" -.[]TJjdDm*'\r\n".contains(&byte));
    (between <= 64 && cursor.byte(b'(')).then_some(Step::Glue)
}

/// A brace, a control word with what ends it, a place where a word may be broken.
pub(super) fn groups(cursor: &mut Cursor<'_>, _: &Joint<'_>) -> Option<Step> {
    match cursor.next()? {
        b'{' | b'}' => Some(Step::Glue),
        // A comment that eats the line break.
        b'%' => {
            cursor.blanks();
            cursor.any(&[b"\n", b"\r\n"])?;
            cursor.blanks();
            Some(Step::Glue)
        }
        _ if cursor.one(|byte| matches!(byte, b'-' | b'*' | b'/' | b'{' | b'}')) => Some(Step::Glue),
        _ => {
            // Other escapes are no control words.
            let start = cursor.at;
            if cursor.one(|byte| matches!(byte, b'u' | b'U' | b'x')) && cursor.number(16, 2, 2).is_some() {
                return None;
            }
            cursor.at = start;
            let letters = cursor.many(|byte| byte.is_ascii_alphabetic());
            (1..=32).contains(&letters).then_some(())?;
            cursor.byte(b'-');
            cursor.many(|byte| byte.is_ascii_digit());
            cursor.any(&[b" ", b"\n", b"\r\n"]);
            Some(Step::Glue)
        }
    }
}
