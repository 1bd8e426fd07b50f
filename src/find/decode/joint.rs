//! How the joint between two pieces of a value begins and goes on, as far as a few bytes show it.

use super::text::is_value;

/// The longest joint, in bytes: most of it is indentation.
pub(super) const LONGEST_JOINT: usize = 256;

/// Whether an escaped line break ends before `at`: what stands there belongs to no value.
pub(super) fn ends_escape(text: &[u8], at: usize) -> bool {
    matches!(text.get(at.saturating_sub(2)..at), Some([b'\\', b'n' | b'r']))
}

/// Whether `byte` can follow the quote or the backslash that begins a joint.
pub(super) fn joins_literals(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'"' | b'\'' | b'`' | b'\\' | b'+' | b'.' | b'&' | b'~')
}

/// Whether a joint may begin with `mark`, a quote, a backslash or a line break, by what follows.
pub(super) fn joins(mark: u8, next: u8, third: u8) -> bool {
    match mark {
        b'\n' => true,
        b'\\' => joins_literals(next) || matches!(next, b'n' | b'r'),
        _ => joins_literals(next) || next == b',' && matches!(third, b'\n' | b'\r'),
    }
}

/// Whether a joint may begin where a value ends before `rest`, or the text ends.
pub(super) fn may_begin(rest: &[u8]) -> bool {
    let begins = |byte: u8| is_quote(byte) || is_continuation(byte) || matches!(byte, b'\r' | b'\n');
    match rest {
        [b' ' | b'\t', next, ..] => matches!(next, b' ' | b'\t') || begins(*next),
        [next, ..] => begins(*next) || *next == b'?',
        [] => true,
    }
}

/// Whether a joint may begin with the quote at the start of `rest`: most have a word behind them. That
/// takes less time than to read all forms.
pub(super) fn may_join_literals(rest: &[u8]) -> bool {
    let behind = |from: usize| rest.get(skipped(rest, from, u8::is_ascii_whitespace)..).unwrap_or_default();
    match behind(1) {
        [b',', next @ ..] => goes_on(behind(rest.len() - next.len())),
        [b'\\', b'n' | b'r' | b't', ..] => true,
        [b'\\', next @ ..] => goes_on(next),
        next => goes_on(next),
    }
}

/// Whether `rest`, which follows a literal and the blanks behind it, may begin with another literal,
/// with a comment, or with the sign or the call that joins them.
fn goes_on(rest: &[u8]) -> bool {
    match *rest {
        // A literal may have a prefix of one or two characters.
        [next, ref rest @ ..] if next.is_ascii_alphanumeric() || matches!(next, b'@' | b'$') => {
            rest.iter().take(2).any(|byte| is_quote(*byte))
        }
        [b'-', next, ..] => matches!(next, b'-' | b' ' | b'\t'),
        [b'<', next, ..] => matches!(next, b'<' | b'>' | b'#'),
        [b'_', next, ..] => next.is_ascii_whitespace(),
        [b'/', next, ..] => matches!(next, b'/' | b'*'),
        [next, ..] => is_quote(next) || b" \t\r\n+.&~|^#;*%".contains(&next),
        [] => false,
    }
}

/// How long the joint is with which `rest` begins, up to the word behind it: a line break, blanks, which
/// stand before `from`, too, and what comments begin with. None if no joint begins there, or if this
/// does not say, which takes less time than to read all forms.
pub(super) fn behind_break(rest: &[u8], from: usize) -> Option<Option<usize>> {
    let behind = |from: usize| rest.get(from..).unwrap_or_default();
    let gap = skipped(rest, from, u8::is_ascii_whitespace);
    let comment = match behind(gap) {
        [next, ..] if next.is_ascii_alphanumeric() => return Some(Some(gap)),
        [b'/', b'/', b'/' | b'!', b' ' | b'\t', ..] => gap + 3,
        [b'/', b'/', b' ' | b'\t', ..] | [b'-', b'-', b' ' | b'\t', ..] => gap + 2,
        [next, ..] if is_value(*next) => return Some(Some(gap)),
        _ => gap,
    };
    let end = skipped(rest, comment, |byte| matches!(byte, b'#' | b'*' | b'>' | b'|' | b';' | b' ' | b'\t'));
    match behind(end) {
        [next, ..] if end > gap && is_value(*next) && !matches!(next, b'/' | b'-') => Some(Some(end)),
        // What ends a literal stands where its line begins.
        [next, ..] if is_quote(*next) && is_break(rest, gap) || matches!(next, b'/' | b'-' | b'\\') => None,
        _ => Some(None),
    }
}

/// The first place from `from` on that has no blank.
pub(super) fn behind_blanks(rest: &[u8], from: usize) -> usize {
    skipped(rest, from, |byte| matches!(byte, b' ' | b'\t'))
}

/// Whether `rest` begins with one line break that has this length, and nothing behind it.
fn is_break(rest: &[u8], length: usize) -> bool {
    matches!(rest.get(..length), Some(b"\n" | b"\r\n" | b"\r\r\n"))
}

/// The first place from `from` on whose byte does not fit. A space has to.
fn skipped(rest: &[u8], mut from: usize, fits: fn(&u8) -> bool) -> usize {
    // Most are indentation.
    const SPACES: [u8; 8] = *b"        ";
    while rest.get(from..).is_some_and(|rest| rest.starts_with(&SPACES)) {
        from += SPACES.len();
    }
    from + rest.get(from..).unwrap_or_default().iter().take_while(|byte| fits(byte)).count()
}

pub(super) fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`' | b'\\')
}

/// Whether `byte` before a line break says that the line goes on: in shells,
/// Python, C and YAML; in cmd.exe; in PowerShell; in quoted-printable.
pub(in crate::find) fn is_continuation(byte: u8) -> bool {
    matches!(byte, b'\\' | b'^' | b'`' | b'=')
}
