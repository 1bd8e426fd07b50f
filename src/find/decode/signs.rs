//! One pass over a text for the signs of what is written in some encoding.

use super::is_value;

/// Where signs stand that could mean something, each list in order.
#[derive(Default)]
pub(super) struct Signs {
    /// Quotes, backslashes and line breaks at which a joint could begin.
    pub(super) joints: Vec<usize>,
    /// The first bytes of what could be escapes: `%`, `\\`, `&` and `=`.
    pub(super) escapes: [Vec<usize>; 4],
    /// Whether a NUL is among the text.
    pub(super) nul: bool,
}

/// Whether `byte` is any of the signs.
fn is_sign(byte: u8) -> bool {
    #[expect(clippy::indexing_slicing, reason = "computed at compile time")]
    static SIGN: [bool; 256] = {
        let mut table = [false; 256];
        let signs = b"\n\"'`%\\&=\0";
        let mut number = 0;
        while number < signs.len() {
            table[signs[number] as usize] = true;
            number += 1;
        }
        table
    };
    SIGN.get(usize::from(byte)).copied().unwrap_or_default()
}

impl Signs {
    /// The signs of `text`.
    pub(super) fn of(text: &[u8]) -> Self {
        let mut signs = Self::default();
        for (at, byte) in text.iter().enumerate() {
            if is_sign(*byte) {
                signs.add(text, at, *byte);
            }
        }
        signs
    }

    fn add(&mut self, text: &[u8], at: usize, byte: u8) {
        let [first, second] = [1, 2].map(|by| text.get(at + by).copied().unwrap_or_default());
        let hex = |byte: u8| byte.is_ascii_hexdigit();
        let (joint, escape) = match byte {
            0 => {
                self.nul = true;
                return;
            }
            b'\n' => (true, None),
            b'%' => (false, (hex(first) || matches!(first, b'u' | b'U')).then_some(0)),
            b'&' => (false, (first == b'#' || first.is_ascii_lowercase()).then_some(2)),
            b'=' => (false, (hex(first) && hex(second)).then_some(3)),
            b'\\' => (true, is_escaped(first).then_some(1)),
            _ => (true, None),
        };
        if joint && may_join(text, at, byte, first) {
            self.joints.push(at);
        }
        if let Some(list) = escape.and_then(|number: usize| self.escapes.get_mut(number)) {
            list.push(at);
        }
    }
}

/// Whether a backslash before `byte` can stand for something that a token has.
fn is_escaped(byte: u8) -> bool {
    matches!(byte, b'x' | b'u' | b'U' | b'0'..=b'7' | b'\\' | b'=' | b'.' | b'-' | b'_' | b'+' | b'/')
}

/// Whether a joint could begin with the `byte` at `at`, which `next` follows.
fn may_join(text: &[u8], at: usize, byte: u8, next: u8) -> bool {
    let Some(last) = at.checked_sub(1).and_then(|before| text.get(before)).copied() else { return false };
    match byte {
        b'\n' => is_value(last) || matches!(last, b' ' | b'\t' | b'\r' | b'\\' | b'^' | b'`' | b'='),
        b'\\' => {
            is_value(last) && matches!(next, b'n' | b'r' | b'\n' | b'\r' | b' ' | b'"' | b'\'' | b'`' | b'\\')
        }
        _ => {
            is_value(last)
                && matches!(
                    next,
                    b' ' | b'\t' | b'\n' | b'\r' | b'"' | b'\'' | b'`' | b'\\' | b'+' | b'.' | b'&' | b'~'
                )
        }
    }
}
