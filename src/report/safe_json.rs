//! JSON without characters that control a terminal.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;

use super::sanitize::is_unsafe;

/// Writes `value` as indented JSON with a line feed at its end. Characters that could control a
/// terminal become `\uXXXX`, which keeps their value.
pub(super) fn write(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer_pretty(Escaping(&mut *out), value)?;
    out.write_all(b"\n")
}

/// `value` as one line of JSON in ASCII, with its line feed.
pub(super) fn line(value: &impl Serialize) -> io::Result<String> {
    Ok(escaped(&serde_json::to_string(value)?, |c| !c.is_ascii() || c.is_control()) + "\n")
}

/// `value` as one line of JSON with its line feed that may stand in a page: it closes no element,
/// and nothing in it controls a terminal.
pub(super) fn page_line(value: &impl Serialize) -> io::Result<String> {
    Ok(escaped(&serde_json::to_string(value)?, |c| matches!(c, '<' | '>' | '&') || is_unsafe(c)) + "\n")
}

/// A list that makes each item when it is written, because a history may have a hundred
/// thousand findings.
pub(super) struct Each<I>(pub(super) I);

impl<I: Iterator<Item: Serialize> + Clone> Serialize for Each<I> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.clone())
    }
}

/// `object` without its own null fields. Formats with optional fields seldom accept null for
/// them.
pub(super) fn present(mut object: Value) -> Value {
    if let Value::Object(fields) = &mut object {
        fields.retain(|_, value| !value.is_null());
    }
    object
}

/// Escapes JSON that passes through it. Line feeds stand only between values: those in strings
/// are escaped already.
struct Escaping<W>(W);

impl<W: Write> Write for Escaping<W> {
    fn write(&mut self, json: &[u8]) -> io::Result<usize> {
        // Each write has whole characters.
        let escaped = escaped(&String::from_utf8_lossy(json), |c| c != '\n' && is_unsafe(c));
        self.0.write_all(escaped.as_bytes()).map(|()| json.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// `json` with the characters that are `unsafe_here` as `\uXXXX`.
fn escaped(json: &str, unsafe_here: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if unsafe_here(c) {
            c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}")));
        } else {
            out.push(c);
        }
    }
    out
}
