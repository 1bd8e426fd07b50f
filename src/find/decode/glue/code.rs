//! Glue in programs: signs and calls that join literals.

use super::cursor::{Cursor, Joint, Step};

/// The signs that join two literals, a longer one before those that it begins with.
const OPERATORS: [&[u8]; 11] = [b"..", b"||", b"++", b"<>", b"<<", b"+", b".", b"&", b"~", b"^", b"\\"];
/// The calls that do.
const CALLS: [&[u8]; 6] = [b"concat", b"append", b"push_str", b"plus", b"Append", b"Concat"];
/// The signs that append to what a variable holds.
const APPENDING: [&[u8]; 8] = [b"+=", b".=", b"<<=", b"<<", b"||=", b"~=", b"&=", b"..="];

/// A quote, which backslashes may stand before.
fn quote(cursor: &mut Cursor<'_>) -> bool {
    cursor.attempt(|cursor| {
        let escapes = cursor.many(|byte| byte == b'\\');
        (escapes <= 3 && cursor.one(|byte| matches!(byte, b'"' | b'\'' | b'`'))).then_some(())
    })
}

/// A quote with the prefix that a literal may have behind other things than a quote:
/// `b"`, `rb"`, `f"`, `u8"`, `L"`, `@"`, `$"`.
fn opening(cursor: &mut Cursor<'_>, closed: usize) -> bool {
    let prefix = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'@' | b'$');
    let prefixed = |cursor: &mut Cursor<'_>| {
        cursor.one(prefix) && (quote(cursor) || cursor.one(prefix) && quote(cursor))
    };
    cursor.attempt(|cursor| (quote(cursor) || cursor.at > closed && prefixed(cursor)).then_some(()))
}

/// The signs of comments up to the end of a line, a longer one before those that it begins with.
const COMMENTS: [&[u8]; 11] = [b"///", b"//!", b"//", b"##", b"#", b"--", b";;;", b";;", b";", b"*", b"%"];

/// Blanks, line breaks with what continues a line before them, and comments; in code that is a
/// comment itself, its sign, behind that of an added line in a patch.
fn skip(cursor: &mut Cursor<'_>) {
    let commented = |cursor: &mut Cursor<'_>| {
        let line = cursor.line_start()?;
        let added = line.strip_prefix(b"+");
        let line = added.unwrap_or(line).trim_ascii_start();
        let sign = COMMENTS.iter().find(|comment| line.starts_with(comment))?;
        if added.is_some() {
            cursor.byte(b'+').then_some(())?;
            cursor.blanks();
        }
        cursor.word(sign).then_some(())
    };
    let continued = |cursor: &mut Cursor<'_>| {
        cursor.one(|byte| matches!(byte, b'\\' | b'`' | b'_' | b'^')).then_some(())?;
        cursor.blanks();
        cursor.any(&[b"\n", b"\r\n"]).map(drop)
    };
    let line = |cursor: &mut Cursor<'_>| {
        cursor.any(&[b"//", b"#", b"-- "])?;
        cursor.behind(b"\n")
    };
    let block = |cursor: &mut Cursor<'_>| match cursor.any(&[b"/*", b"(*", b"<#"])? {
        0 => cursor.behind(b"*/"),
        1 => cursor.behind(b"*)"),
        _ => cursor.behind(b"#>"),
    };
    while match cursor.peek() {
        Some(b' ' | b'\t' | b'\r' | b'\n' | b'\\') => cursor.space() > 0 || cursor.attempt(continued),
        Some(b'`' | b'_' | b'^') => cursor.attempt(continued),
        Some(b'/' | b'#' | b'-' | b'(' | b'<') => {
            cursor.attempt(commented) || cursor.attempt(line) || cursor.attempt(block)
        }
        Some(b'+' | b';' | b'*' | b'%') => cursor.attempt(commented),
        _ => false,
    } {}
}

/// From the end of one literal to the start of the next.
pub(super) fn joined(cursor: &mut Cursor<'_>, joint: &Joint<'_>) -> Option<Step> {
    cursor.line_break();
    let start = cursor.at;
    quote(cursor).then_some(())?;
    let closed = cursor.at;
    skip(cursor);
    let call = |cursor: &mut Cursor<'_>| {
        cursor.byte(b')');
        skip(cursor);
        cursor.byte(b'.').then_some(())?;
        cursor.any(&CALLS)?;
        cursor.byte(b'(').then_some(())
    };
    if !cursor.attempt(call) {
        cursor.any(&OPERATORS);
        skip(cursor);
        // The sign of an added line in a patch.
        cursor.byte(b'+');
    }
    skip(cursor);
    opening(cursor, closed).then_some(())?;
    // What joins literals in PHP is a dot between two quotes in a shell.
    let dot = matches!(cursor.since(start), [_, b'.', _]);
    Some(if dot { between(joint) } else { Step::Glue })
}

/// From the end of one statement's literal to the literal that the next one appends.
pub(super) fn appended(cursor: &mut Cursor<'_>, _: &Joint<'_>) -> Option<Step> {
    quote(cursor).then_some(())?;
    let closed = cursor.at;
    cursor.many(|byte| matches!(byte, b')' | b';' | b' '));
    skip(cursor);
    let start = cursor.at;
    cursor.many(|byte| byte.is_ascii_alphanumeric() || b"_$.@[]>-".contains(&byte));
    let name = cursor.since(start);
    if name.is_empty() {
        return None;
    }
    let called = CALLS.iter().any(|call| name.ends_with(call)) && cursor.byte(b'(');
    if !called {
        cursor.blanks();
        let again = |cursor: &mut Cursor<'_>| {
            cursor.byte(b'=').then_some(())?;
            cursor.blanks();
            cursor.word(name).then_some(())?;
            cursor.blanks();
            cursor.any(&OPERATORS).map(drop)
        };
        if !cursor.attempt(again) {
            cursor.any(&APPENDING)?;
        }
    }
    skip(cursor);
    opening(cursor, closed).then_some(Step::Glue)
}

fn between(joint: &Joint<'_>) -> Step {
    if joint.dots { Step::Dot } else { Step::Either }
}

/// From one item of a list to the next.
pub(super) fn listed(cursor: &mut Cursor<'_>, joint: &Joint<'_>) -> Option<Step> {
    let quoted = cursor.attempt(|cursor| {
        cursor.line_break();
        quote(cursor).then_some(())
    });
    // Only what stands in quotes is parted anywhere.
    (quoted || !joint.in_prefix).then_some(())?;
    let closed = cursor.at;
    skip(cursor);
    let item = |cursor: &mut Cursor<'_>| {
        cursor.byte(b'-').then_some(())?;
        (cursor.blanks() > 0).then_some(())
    };
    (cursor.byte(b',') || cursor.attempt(item)).then_some(())?;
    skip(cursor);
    cursor.attempt(item);
    (opening(cursor, closed) || !quoted).then(|| between(joint))
}

/// From one item of a list to the next, where each is a character.
pub(super) fn single(cursor: &mut Cursor<'_>, joint: &Joint<'_>) -> Option<Step> {
    let before = cursor.at.checked_sub(2).and_then(|before| joint.text.get(before));
    (quote(cursor) && matches!(before, Some(b'"' | b'\''))).then_some(())?;
    cursor.space();
    cursor.byte(b',').then_some(())?;
    cursor.space();
    quote(cursor).then_some(())?;
    let behind = joint.text.get(cursor.at + 1);
    matches!(behind, Some(b'"' | b'\'')).then_some(Step::Glue)
}

/// From the value of one variable to that of the next.
pub(super) fn assigned(cursor: &mut Cursor<'_>, joint: &Joint<'_>) -> Option<Step> {
    (quote(cursor) || !joint.in_prefix).then_some(())?;
    cursor.many(|byte| matches!(byte, b';' | b','));
    skip(cursor);
    let start = cursor.at;
    cursor.many(|byte| byte.is_ascii_alphanumeric() || b" _$.-\"'".contains(&byte));
    (!cursor.since(start).is_empty()).then_some(())?;
    cursor.any(&[b":=", b"=", b":"])?;
    cursor.blanks();
    quote(cursor);
    Some(between(joint))
}

/// Quotes within a word.
pub(super) fn quotes(cursor: &mut Cursor<'_>, _: &Joint<'_>) -> Option<Step> {
    let quotes = cursor.many(|byte| matches!(byte, b'"' | b'\''));
    let goes_on = cursor.peek().is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'.');
    ((1..=4).contains(&quotes) && goes_on).then_some(Step::Glue)
}

/// An expansion that may stand for nothing.
pub(super) fn expansion(cursor: &mut Cursor<'_>, _: &Joint<'_>) -> Option<Step> {
    let end = match cursor.any(&[b"${", b"$(", b"#{"])? {
        1 => b')',
        _ => b'}',
    };
    let name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'"' | b'\'' | b' ');
    let length = cursor.many(name);
    (length <= 32 && cursor.byte(end)).then_some(Step::Glue)
}

/// A sign before a line break that says that the line goes on.
fn continuation(cursor: &mut Cursor<'_>) -> bool {
    cursor.blanks();
    cursor.one(|byte| matches!(byte, b'\\' | b'^' | b'`' | b'='))
}

/// A line break with such a sign.
pub(super) fn continued(cursor: &mut Cursor<'_>, _: &Joint<'_>) -> Option<Step> {
    continuation(cursor).then_some(())?;
    cursor.blanks();
    cursor.line_break().then_some(())?;
    cursor.space();
    Some(Step::Glue)
}

/// A line break, and the signs of a comment or a quotation behind it.
pub(super) fn wrapped(cursor: &mut Cursor<'_>, _: &Joint<'_>) -> Option<Step> {
    if !matches!(cursor.peek(), Some(b'\n' | b'\r')) {
        cursor.attempt(|cursor| {
            continuation(cursor).then_some(())?;
            matches!(cursor.peek(), Some(b' ' | b'\r' | b'\n')).then_some(())
        });
        cursor.blanks();
    }
    cursor.line_break().then_some(())?;
    cursor.space();
    let line = |cursor: &mut Cursor<'_>| {
        cursor.any(&[b"///", b"//!", b"//", b"--"])?;
        (cursor.blanks() > 0).then_some(())
    };
    while cursor.one(|byte| b"#*>|;".contains(&byte)) || cursor.attempt(line) {
        cursor.blanks();
    }
    Some(Step::Glue)
}
