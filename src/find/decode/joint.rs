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

/// Whether `byte` can follow a literal and the blanks behind it if another one does.
const fn is_sign(byte: u8) -> bool {
    matches!(byte, b'+' | b'.' | b'&' | b'~' | b'|' | b'<' | b'>' | b'^' | b',' | b'/')
        || matches!(byte, b'#' | b'-' | b'*' | b';' | b'(' | b'_' | b'=' | b'?' | b'@' | b'$')
}

/// How long the joint is with which `rest` begins, up to the word behind it; none if no joint
/// begins there. That takes less time than to read all forms: most are the words of two lines,
/// and most quotes have a word behind them. None if it does not say.
pub(super) fn quickly(rest: &[u8]) -> Option<Option<usize>> {
    match rest {
        [b'\n' | b'\r', ..] => behind_break(rest, 1),
        [b'"' | b'\'' | b'`', ..] => behind_quote(rest),
        _ => None,
    }
}

/// As [`quickly`], where a quote begins it.
fn behind_quote(rest: &[u8]) -> Option<Option<usize>> {
    match rest.get(skipped(rest, 1, u8::is_ascii_whitespace)..).unwrap_or_default() {
        [next, one, other, ..] if next.is_ascii_alphanumeric() && !is_quote(*one) && !is_quote(*other) => {
            Some(None)
        }
        [next, ..] if is_quote(*next) || next.is_ascii_alphanumeric() || is_sign(*next) => None,
        _ => Some(None),
    }
}

/// As [`quickly`], where a line break begins it and blanks stand before `from`: with what comments
/// begin with.
pub(super) fn behind_break(rest: &[u8], from: usize) -> Option<Option<usize>> {
    let behind = |from: usize| rest.get(from..).unwrap_or_default();
    let gap = skipped(rest, from, u8::is_ascii_whitespace);
    let comment = match behind(gap) {
        [b'/', b'/', b'/' | b'!', b' ' | b'\t', ..] => gap + 3,
        [b'/', b'/', b' ' | b'\t', ..] | [b'-', b'-', b' ' | b'\t', ..] => gap + 2,
        [next, ..] if is_value(*next) => return Some(Some(gap)),
        _ => gap,
    };
    let end = skipped(rest, comment, |byte| matches!(byte, b'#' | b'*' | b'>' | b'|' | b';' | b' ' | b'\t'));
    match behind(end) {
        [next, ..] if end > gap && is_value(*next) && !matches!(next, b'/' | b'-') => Some(Some(end)),
        // What ends a literal stands where its line begins.
        [next, ..] if is_quote(*next) && gap == 1 || matches!(next, b'/' | b'-' | b'\\') => None,
        _ => Some(None),
    }
}

/// The first place from `from` on whose byte does not fit.
fn skipped(rest: &[u8], from: usize, fits: fn(&u8) -> bool) -> usize {
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
