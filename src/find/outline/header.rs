//! The header of a part of a mail: what the part is and what it is called.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::super::names::shown;
use crate::text::lines;

/// What a header says of its part.
#[derive(Debug, Default)]
pub(super) struct Described {
    /// The type of the content in small letters; empty if none is named.
    pub(super) kind: String,
    /// What separates the parts in it.
    pub(super) boundary: Option<Vec<u8>>,
    /// The name of the file that it is.
    pub(super) file: Option<String>,
    /// Whether it is a file.
    pub(super) attached: bool,
}

impl Described {
    pub(super) fn of(header: &[u8]) -> Self {
        let mut described = Self::default();
        for field in fields(header) {
            let Some((name, value)) = split(&field, b':') else { continue };
            if name.eq_ignore_ascii_case(b"content-type") {
                let kind = value.split(|byte| *byte == b';').next().unwrap_or_default();
                described.kind = String::from_utf8_lossy(kind.trim_ascii()).to_ascii_lowercase();
                described.boundary = parameter(value, b"boundary");
                described.name(value, b"name");
            } else if name.eq_ignore_ascii_case(b"content-disposition") {
                described.attached |= starts_with(value.trim_ascii(), b"attachment");
                described.name(value, b"filename");
            }
        }
        described
    }

    /// Takes the name that the parameter `key` in `value` states.
    fn name(&mut self, value: &[u8], key: &[u8]) {
        let extended = parameter(value, &[key, b"*"].concat());
        let named = match extended {
            Some(value) => Some(unescaped(&value)),
            None => parameter(value, key).map(|value| header_words(&value)),
        };
        self.attached |= named.is_some();
        self.file = named.flatten().and_then(|name| shown(&name)).or(self.file.take());
    }
}

/// The fields of `header`, each on one line.
fn fields(header: &[u8]) -> Vec<Vec<u8>> {
    let mut fields: Vec<Vec<u8>> = Vec::new();
    for line in lines(header) {
        match fields.last_mut() {
            Some(field) if matches!(line, [b' ' | b'\t', ..]) => field.extend_from_slice(line),
            _ => fields.push(line.to_vec()),
        }
    }
    fields
}

fn split(text: &[u8], sign: u8) -> Option<(&[u8], &[u8])> {
    let at = memchr::memchr(sign, text)?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

pub(super) fn starts_with(text: &[u8], start: &[u8]) -> bool {
    text.get(..start.len()).is_some_and(|text| text.eq_ignore_ascii_case(start))
}

/// The value of the parameter `key` behind the first semicolon of a field's `value`.
fn parameter(value: &[u8], key: &[u8]) -> Option<Vec<u8>> {
    let mut rest = value;
    loop {
        rest = rest.get(memchr::memchr(b';', rest)? + 1..)?;
        let (name, value) = split(rest, b'=')?;
        let value = value.trim_ascii_start();
        let (value, after) = match value.strip_prefix(b"\"") {
            Some(quoted) => split(quoted, b'"').unwrap_or((quoted, b"")),
            None => {
                let end = value.iter().position(|byte| *byte == b';').unwrap_or(value.len());
                value.split_at(end)
            }
        };
        if name.trim_ascii().eq_ignore_ascii_case(key) {
            return Some(value.trim_ascii().to_vec());
        }
        rest = after;
    }
}

/// A value with its character set: `UTF-8''a%20b`.
fn unescaped(value: &[u8]) -> Option<Vec<u8>> {
    let (charset, rest) = split(value, b'\'')?;
    let (_, text) = split(rest, b'\'')?;
    is_utf8(charset).then(|| escapes(text, b'%'))
}

/// A value in which words may be encoded; none if they are in another character set than
/// UTF-8.
fn header_words(value: &[u8]) -> Option<Vec<u8>> {
    let Some(start) = memchr::memmem::find(value, b"=?") else { return Some(value.to_vec()) };
    let (before, word) = value.split_at_checked(start)?;
    let (charset, rest) = split(word.get(2..)?, b'?')?;
    let (way, rest) = split(rest, b'?')?;
    let (text, after) = split(rest, b'?')?;
    let decoded = match way {
        b"B" | b"b" => STANDARD.decode(text).ok()?,
        b"Q" | b"q" => escapes(
            &text.iter().map(|byte| if *byte == b'_' { b' ' } else { *byte }).collect::<Vec<_>>(),
            b'=',
        ),
        _ => return None,
    };
    let after = header_words(after.strip_prefix(b"=")?.trim_ascii_start())?;
    is_utf8(charset).then(|| [before, &decoded, &after].concat())
}

fn is_utf8(charset: &[u8]) -> bool {
    [&b"utf-8"[..], b"us-ascii"].iter().any(|known| charset.eq_ignore_ascii_case(known))
}

/// `text` with each `sign` and two hexadecimal digits as the byte that they mean.
fn escapes(text: &[u8], sign: u8) -> Vec<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (mut out, mut rest) = (Vec::new(), text);
    while let Some((first, after)) = rest.split_first() {
        let pair = after.first_chunk::<2>().filter(|_| *first == sign);
        match pair.and_then(|[high, low]| digit(*high).zip(digit(*low))) {
            Some((high, low)) => {
                out.push(high << 4 | low);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                out.push(*first);
                rest = after;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_its_name_however_the_header_writes_it() {
        for (header, name) in [
            ("Content-Disposition: attachment; filename=\"a b.txt\"", Some("a b.txt")),
            ("Content-Disposition: attachment;\r\n filename=a.txt; size=7", Some("a.txt")),
            (
                "content-type: x/y; NAME=\"=?utf-8?B?w7xiZXI=?=\r\n =?UTF-8?Q?_a=2Etxt?=\"",
                Some("\u{fc}ber a.txt"),
            ),
            ("Content-Disposition: inline; filename*=utf-8''%C3%BC%20b.txt", Some("\u{fc} b.txt")),
            ("Content-Disposition: attachment; filename=\"=?koi8-r?B?w7xiZXI=?=\"", None),
            ("Content-Disposition: attachment; filename=\"=?utf-8?B?w7", None),
            ("Content-Disposition: attachment; filename", None),
        ] {
            assert_eq!(Described::of(header.as_bytes()).file.as_deref(), name, "{header}");
        }
    }
}
