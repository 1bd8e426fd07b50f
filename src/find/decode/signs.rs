//! One pass over a text for the signs of what is written in some encoding.

use super::text::is_of_value;

/// Where signs stand that could mean something, each list in order.
#[derive(Default)]
pub(super) struct Signs {
    /// Quotes, backslashes and line breaks at which a joint could begin.
    pub(super) joints: Vec<usize>,
    /// The first bytes of what could be escapes: `%`, `\\`, `&` and `=`.
    escapes: [Vec<usize>; 4],
    /// Where a prefix may begin that is broken before its third character.
    pub(super) broken: Vec<usize>,
    /// Where ascii85 may begin: `<~`.
    pub(super) ascii85: Vec<usize>,
    /// Where lines begin that may be those of a dump, or those before uuencode and base85.
    pub(super) lines: Vec<usize>,
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

    /// Where escapes may begin with this sign.
    pub(super) fn escapes_of(&self, sign: u8) -> &[usize] {
        let [percent, backslash, ampersand, equals] = &self.escapes;
        match sign {
            b'%' => percent,
            b'\\' => backslash,
            b'&' => ampersand,
            _ => equals,
        }
    }

    /// Adds the signs of the group that begins at `start`.
    fn add_group(&mut self, text: &[u8], start: usize, flags: &[u8; GROUP]) {
        let eights = flags.as_chunks::<8>().0;
        if eights.iter().fold(0, |any, eight| any | u64::from_ne_bytes(*eight)) == 0 {
            return;
        }
        for (number, eight) in eights.iter().enumerate() {
            let mut left = u64::from_le_bytes(*eight);
            while left != 0 {
                let at = start + number * 8 + left.trailing_zeros() as usize / 8;
                left &= left - 1;
                if let Some(sign) = text.get(at) {
                    self.add(text, at, *sign);
                }
            }
        }
    }

    /// Adds the sign at `at`, unless what stands beside it shows that it is none. That
    /// only saves time: who reads the joint or the escape looks at all of it.
    fn add(&mut self, text: &[u8], at: usize, sign: u8) {
        let by = |distance: usize| text.get(at + distance).copied().unwrap_or_default();
        let last = at.checked_sub(1).and_then(|before| text.get(before)).copied().unwrap_or_default();
        let class = class(last);
        if class & PREFIX != 0 {
            self.broken.extend(broken(text, at, sign));
        }
        let [percent, backslash, ampersand, equals] = &mut self.escapes;
        match sign {
            b'\n' => {
                if class & (VALUE | END) != 0 {
                    self.joints.push(at);
                }
                if matches!(by(1), b'0' | b'b' | b'G') {
                    self.lines.push(at + 1);
                }
                if last == b'|' {
                    self.broken.extend(broken(text, at, sign));
                }
            }
            b'"' | b'\'' | b'`'
                if class & VALUE != 0
                    && (joins_literals(by(1)) || by(1) == b',' && matches!(by(2), b'\n' | b'\r')) =>
            {
                self.joints.push(at);
            }
            b'%' if by(1).is_ascii_hexdigit() || matches!(by(1), b'u' | b'U') => percent.push(at),
            b'&' if by(1) == b'#' || by(1).is_ascii_lowercase() => ampersand.push(at),
            b'=' if by(1).is_ascii_hexdigit() && by(2).is_ascii_hexdigit() => equals.push(at),
            b'\\' => {
                if class & VALUE != 0 && (joins_literals(by(1)) || matches!(by(1), b'n' | b'r')) {
                    self.joints.push(at);
                }
                if is_escaped(by(1)) {
                    backslash.push(at);
                }
            }
            // Before these something may stand that belongs to what parts a prefix.
            b'\r' | 0x08 if matches!(last, b' ' | b'|' | b'_') => self.broken.extend(broken(text, at, sign)),
            b'<' if by(1) == b'~' => self.ascii85.push(at + 2),
            0 => self.nul = true,
            _ => {}
        }
    }
}

/// Values are made of it.
const VALUE: u8 = 1;
/// The first or the second letter of a prefix.
const PREFIX: u8 = 2;
/// What may stand before a line break that joins.
const END: u8 = 4;

/// What `byte` is, of these.
fn class(byte: u8) -> u8 {
    #[expect(clippy::indexing_slicing, reason = "computed at compile time")]
    static CLASSES: [u8; 256] = {
        let mut table = [0; 256];
        let mut byte = 0_u8;
        while byte < 128 {
            table[byte as usize] = if is_of_value(byte) { VALUE } else { 0 }
                | if matches!(byte, b'd' | b'D' | b't' | b'T') { PREFIX } else { 0 }
                | if matches!(byte, b' ' | b'\t' | b'\r' | b'\\' | b'^' | b'`' | b'=') { END } else { 0 };
            byte += 1;
        }
        table
    };
    CLASSES.get(usize::from(byte)).copied().unwrap_or_default()
}

/// Whether the `sign` parts a prefix also in the middle of a word.
fn is_glue_alone(sign: u8) -> bool {
    matches!(sign, 0x08 | 0x1b | b'\\' | b'^' | 0xc2 | 0xe2)
}

/// Where the prefix begins that glue with its `sign` at `at` breaks, if it may be one. That
/// a word begins there where the sign stands in any text saves time.
#[cold]
fn broken(text: &[u8], at: usize, sign: u8) -> Option<usize> {
    // Most words that end so are longer.
    if let Some([before, b'd' | b'D' | b't' | b'T']) = at.checked_sub(2).and_then(|two| text.get(two..at))
        && before.is_ascii_alphanumeric()
        && !matches!(before, b'd' | b'D')
        && !is_glue_alone(sign)
    {
        return None;
    }
    let next = text.get(at + 1).copied().unwrap_or_default();
    let glue = match sign {
        b'"' | b'\'' => joins_literals(next) || next.is_ascii_alphanumeric() || b",|^<)];".contains(&next),
        b'=' | b'`' | b'^' => b" \t\r\n[H\"`+".contains(&next),
        b'%' => b"% \r\n".contains(&next),
        b'&' => next == b'#' || next.is_ascii_alphabetic(),
        // Of most numbers nothing is glue.
        b'\\' if next == b'u' => {
            let number = text.get(at + 2..).unwrap_or_default();
            // RTF writes decimal ones: `\u116?`.
            [&b"00"[..], b"20", b"fe", b"FE", b"{"].iter().any(|start| number.starts_with(start))
                || number.iter().take(4).any(|byte| *byte == b'?')
        }
        b'<' => next.is_ascii_alphabetic() || b"/!\\\n".contains(&next),
        _ => true,
    };
    let before = match (sign, text.get(..at).filter(|_| glue)?) {
        (b'\n' | b'\r', [rest @ .., b'|' | b' ']) | (0x08, [rest @ .., b'_']) => rest,
        (_, all) => all,
    };
    let (before, start) = match before {
        [before @ .., b'd' | b'D', b't' | b'T'] | [before @ .., b'd' | b'D'] => (before, before.len()),
        _ => return None,
    };
    let is_word = match before {
        [.., b'\\', _] => true,
        [.., last] => !last.is_ascii_alphanumeric(),
        [] => true,
    };
    (is_glue_alone(sign) || is_word).then_some(start)
}

/// Whether a backslash before `byte` can stand for something that a token has.
fn is_escaped(byte: u8) -> bool {
    matches!(byte, b'x' | b'u' | b'U' | b'0'..=b'7' | b'\\' | b'=' | b'.' | b'-' | b'_' | b'+' | b'/')
}

/// Whether `byte` can follow the quote or the backslash with which a joint begins.
fn joins_literals(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'"' | b'\'' | b'`' | b'\\' | b'+' | b'.' | b'&' | b'~')
}
