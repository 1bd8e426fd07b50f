//! JSON that a terminal does not obey either.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;

use super::sanitize::is_unsafe;

/// Writes `value` as indented JSON with a line feed behind it. What a terminal
/// could obey is escaped as `\uXXXX`, which loses nothing.
pub(super) fn write(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer_pretty(Escaping(&mut *out), value)?;
    out.write_all(b"\n")
}

/// `value` as one line of JSON in ASCII, with its line feed.
pub(super) fn line(value: &impl Serialize) -> io::Result<String> {
    Ok(escaped(&serde_json::to_string(value)?, |c| !c.is_ascii() || c.is_control()) + "\n")
}

/// A list whose items are made as they are written: a history may have a hundred
/// thousand findings.
pub(super) struct Each<I>(pub(super) I);

impl<I: Iterator<Item: Serialize> + Clone> Serialize for Each<I> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.clone())
    }
}

/// `object` without those of its own fields that are null: formats that have
/// optional fields seldom take null for absence.
pub(super) fn present(mut object: Value) -> Value {
    if let Value::Object(fields) = &mut object {
        fields.retain(|_, value| !value.is_null());
    }
    object
}

/// Passes JSON on. A line feed stands between values only: those in strings are escaped
/// already.
struct Escaping<W>(W);

impl<W: Write> Write for Escaping<W> {
    fn write(&mut self, json: &[u8]) -> io::Result<usize> {
        // What comes are whole characters.
        let escaped = escaped(&String::from_utf8_lossy(json), |c| c != '\n' && is_unsafe(c));
        self.0.write_all(escaped.as_bytes()).map(|()| json.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// `json` with those of its characters as `\uXXXX` that are `unsafe_here`.
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
