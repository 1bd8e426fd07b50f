//! One pass over a text for the signs of what is written in some encoding.

use super::is_value;

/// Where signs stand that could mean something, each list in order.
#[derive(Default)]
pub(super) struct Signs {
    /// Quotes, backslashes and line breaks at which a joint could begin.
    pub(super) joints: Vec<usize>,
    /// The first bytes of what could be escapes: `%`, `\\`, `&` and `=`.
    pub(super) escapes: [Vec<usize>; 4],
    /// Where a prefix may begin that is broken before its third character.
    pub(super) broken: Vec<usize>,
    /// Whether a NUL is among the text.
    pub(super) nul: bool,
}

/// How many bytes are looked at together.
const GROUP: usize = 32;

/// 1 for each byte that is any of the signs, and for few others, 0 for the rest: written
/// so that it compiles to a few vector instructions. Some signs are told by a range, or
/// with one bit set: that takes fewer of them.
fn flags(group: &[u8; GROUP]) -> [u8; GROUP] {
    let mut flags = [0; GROUP];
    for (flag, byte) in flags.iter_mut().zip(group) {
        // NUL, the line breaks, backspace and escape.
        *flag = u8::from(*byte < b' ') & u8::from(*byte != b'\t')
            // `"`, `%`, `&` and `'`.
            | u8::from(byte.wrapping_sub(b'"') <= b'\'' - b'"')
            // `<` and `=`.
            | u8::from(*byte | 1 == b'=')
            // `\` and `^`.
            | u8::from(*byte | 2 == b'^')
            | u8::from(*byte == b'`')
            // With these the characters begin that nobody sees.
            | u8::from(*byte | 0x20 == 0xe2);
    }
    flags
}

impl Signs {
    /// The signs of `text`.
    pub(super) fn of(text: &[u8]) -> Self {
        let mut signs = Self::default();
        let (groups, rest) = text.as_chunks::<GROUP>();
        for (number, group) in groups.iter().enumerate() {
            signs.add_group(text, number * GROUP, &flags(group));
        }
        let mut last = [b' '; GROUP];
        last.iter_mut().zip(rest).for_each(|(to, byte)| *to = *byte);
        signs.add_group(text, groups.len() * GROUP, &flags(&last));
        signs
    }

    /// Adds the signs of the group that begins at `start`.
    fn add_group(&mut self, text: &[u8], start: usize, flags: &[u8; GROUP]) {
        for (number, eight) in flags.as_chunks::<8>().0.iter().enumerate() {
            let mut left = u64::from_le_bytes(*eight);
            while left != 0 {
                let at = start + number * 8 + left.trailing_zeros() as usize / 8;
                left &= left - 1;
                self.add(text, at);
            }
        }
    }

    /// Adds the sign at `at`, unless what stands beside it shows that it is none. That
    /// only saves time: who reads the joint or the escape looks at all of it.
    fn add(&mut self, text: &[u8], at: usize) {
        let [last, byte, next, after] = near(text, at);
        if matches!(last, b'd' | b'D' | b't' | b'T')
            || matches!(byte, ..b' ') && matches!(last, b' ' | b'|' | b'_' | b'\r')
        {
            self.broken.extend(broken(text, at, byte, next));
        }
        let [percent, backslash, ampersand, equals] = &mut self.escapes;
        match byte {
            b'\n' if is_value(last) || matches!(last, b' ' | b'\t' | b'\r' | b'\\' | b'^' | b'`' | b'=') => {
                self.joints.push(at);
            }
            b'"' | b'\'' | b'`'
                if is_value(last)
                    && (joins_literals(next) || next == b',' && matches!(after, b'\n' | b'\r')) =>
            {
                self.joints.push(at);
            }
            b'%' if next.is_ascii_hexdigit() || matches!(next, b'u' | b'U') => percent.push(at),
            b'&' if next == b'#' || next.is_ascii_lowercase() => ampersand.push(at),
            b'=' if next.is_ascii_hexdigit() && after.is_ascii_hexdigit() => equals.push(at),
            b'\\' => {
                if is_value(last) && (joins_literals(next) || matches!(next, b'n' | b'r')) {
                    self.joints.push(at);
                }
                if is_escaped(next) {
                    backslash.push(at);
                }
            }
            0 => self.nul = true,
            _ => {}
        }
    }
}

/// The byte before the one at `at`, that one, and two behind it; 0 beyond the text.
fn near(text: &[u8], at: usize) -> [u8; 4] {
    let near = at.checked_sub(1).and_then(|from| text.get(from..)?.first_chunk());
    near.copied().unwrap_or_else(|| {
        let by = |distance: usize| text.get((at + distance).wrapping_sub(1)).copied().unwrap_or_default();
        [by(0), by(1), by(2), by(3)]
    })
}

/// Where the prefix begins that glue with its sign at `at` breaks, if it may be one.
fn broken(text: &[u8], at: usize, sign: u8, next: u8) -> Option<usize> {
    let glue = match sign {
        b'"' | b'\'' => {
            joins_literals(next)
                || matches!(next, b't' | b'T' | b'0' | b',' | b'|' | b'^' | b'<' | b')' | b']' | b';')
        }
        b'=' | b'`' | b'^' => matches!(next, b' ' | b'\t' | b'\r' | b'\n' | b'[' | b'H' | b'"' | b'`' | b'+'),
        b'%' => matches!(next, b'%' | b' ' | b'\r' | b'\n'),
        b'&' => next == b'#' || next.is_ascii_alphabetic(),
        b'<' => matches!(next, b'/' | b'!' | b'\\' | b'\n') || next.is_ascii_alphabetic(),
        _ => true,
    };
    let before = text.get(..at).filter(|_| glue)?;
    // Line breaks and backspaces may have something before them.
    let before = match (sign, before) {
        (b'\n' | b'\r', [rest @ .., b'|' | b'\r' | b' ']) | (0x08, [rest @ .., b'_']) => rest,
        (_, all) => all,
    };
    match before {
        [.., b'd' | b'D', b't' | b'T'] => Some(before.len() - 2),
        [.., b'd' | b'D'] => Some(before.len() - 1),
        _ => None,
    }
}

/// Whether a backslash before `byte` can stand for something that a token has.
fn is_escaped(byte: u8) -> bool {
    matches!(byte, b'x' | b'u' | b'U' | b'0'..=b'7' | b'\\' | b'=' | b'.' | b'-' | b'_' | b'+' | b'/')
}

/// Whether `byte` can follow the quote or the backslash with which a joint begins.
fn joins_literals(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'"' | b'\'' | b'`' | b'\\' | b'+' | b'.' | b'&' | b'~')
}
