//! Edits a text of JSON in place: whatever is not edited stays as it is, byte for byte.

use std::ops::Range;

use serde_json::Value;

/// A value in a text.
#[derive(Debug, Clone)]
pub(super) struct Node {
    /// Where it is, in bytes.
    pub span: Range<usize>,
    /// What it is.
    pub kind: Kind,
}

/// What a value is.
#[derive(Debug, Clone)]
pub(super) enum Kind {
    /// With each key, where the member begins, and its value.
    Object(Vec<(String, usize, Node)>),
    Array(Vec<Node>),
    Text(String),
    Other,
}

impl Node {
    /// The value of `key`; of several, the last, which counts for most programs.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        let Kind::Object(members) = &self.kind else { return None };
        members.iter().rfind(|(name, ..)| name == key).map(|(.., value)| value)
    }

    /// The items of an array; none of anything else.
    pub(super) fn items(&self) -> &[Self] {
        if let Kind::Array(items) = &self.kind { items } else { &[] }
    }

    /// The string that it is.
    pub(super) fn text(&self) -> Option<&str> {
        if let Kind::Text(text) = &self.kind { Some(text) } else { None }
    }

    /// Where each item or member is.
    fn parts(&self) -> Vec<Range<usize>> {
        match &self.kind {
            Kind::Object(members) => members.iter().map(|(_, start, value)| *start..value.span.end).collect(),
            Kind::Array(items) => items.iter().map(|item| item.span.clone()).collect(),
            _ => Vec::new(),
        }
    }

    /// How many items or members it has.
    pub(super) fn len(&self) -> usize {
        self.parts().len()
    }
}

/// Reads `text`. Fails if it is no JSON, such as JSON with comments.
pub(super) fn read(text: &str) -> Result<Node, serde_json::Error> {
    serde_json::from_str::<Value>(text)?;
    Ok(Reader { text, at: 0 }.value())
}

/// Reads a text that is known to be JSON.
struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    fn peek(&mut self) -> u8 {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        self.at += rest.len() - rest.trim_ascii_start().len();
        self.text.as_bytes().get(self.at).copied().unwrap_or_default()
    }

    fn value(&mut self) -> Node {
        let opened = self.peek();
        let start = self.at;
        let kind = match opened {
            b'{' => Kind::Object(self.list(|reader| {
                let start = reader.at;
                let key = reader.string();
                reader.peek();
                reader.at += 1;
                (key, start, reader.value())
            })),
            b'[' => Kind::Array(self.list(Self::value)),
            b'"' => Kind::Text(self.string()),
            _ => {
                let rest = self.text.get(self.at..).unwrap_or_default();
                let is_end = |c: char| matches!(c, ',' | ']' | '}') || c.is_ascii_whitespace();
                self.at += rest.find(is_end).unwrap_or(rest.len());
                Kind::Other
            }
        };
        Node { span: start..self.at, kind }
    }

    fn list<T>(&mut self, mut one: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let mut all = Vec::new();
        self.at += 1;
        while !matches!(self.peek(), b'}' | b']' | 0) {
            all.push(one(self));
            if self.peek() == b',' {
                self.at += 1;
            }
        }
        self.at += 1;
        all
    }

    fn string(&mut self) -> String {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let mut escaped = true;
        let end = rest.bytes().position(|byte| {
            let ends = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            ends
        });
        let written = rest.get(..end.map_or(rest.len(), |end| end + 1)).unwrap_or_default();
        self.at += written.len();
        serde_json::from_str(written).unwrap_or_default()
    }
}

/// `text` with `value` as the last part of the array or object `node`; with `key` of an object.
pub(super) fn insert(text: &str, node: &Node, key: Option<&str>, value: &Value) -> String {
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let own = indent_of(text, node.span.start);
    let parts = node.parts();
    let inner = parts
        .last()
        .map_or_else(|| format!("{own}{}", unit(text)), |last| indent_of(text, last.start).to_owned());
    let pretty = serde_json::to_string_pretty(value).unwrap_or_default();
    let mut lines = pretty.lines().map(|line| {
        let words = line.trim_start();
        unit(text).repeat((line.len() - words.len()) / 2) + words
    });
    let mut new = key.map(|key| format!("{}: ", Value::from(key))).unwrap_or_default();
    new += &lines.next().unwrap_or_default();
    lines.for_each(|line| new += &format!("{newline}{inner}{line}"));
    match parts.last() {
        Some(last) => replaced(text, last.end..last.end, &format!(",{newline}{inner}{new}")),
        None => {
            let between = node.span.start + 1..node.span.end - 1;
            replaced(text, between, &format!("{newline}{inner}{new}{newline}{own}"))
        }
    }
}

/// `text` without the part of `node` with this `number`, and without the comma beside it.
pub(super) fn remove(text: &str, node: &Node, number: usize) -> String {
    let parts = node.parts();
    let Some(part) = parts.get(number) else { return text.to_owned() };
    let before = number.checked_sub(1).and_then(|before| parts.get(before));
    let gone = match (before, parts.get(number + 1)) {
        (Some(before), _) => before.end..part.end,
        (None, Some(after)) => part.start..after.start,
        (None, None) => node.span.start + 1..node.span.end - 1,
    };
    replaced(text, gone, "")
}

/// `text` with the string `new` in place of the value `node`.
pub(super) fn replace(text: &str, node: &Node, new: &str) -> String {
    replaced(text, node.span.clone(), &Value::from(new).to_string())
}

fn replaced(text: &str, range: Range<usize>, new: &str) -> String {
    let (before, after) = (text.get(..range.start), text.get(range.end..));
    [before.unwrap_or_default(), new, after.unwrap_or_default()].concat()
}

/// The blanks with which the line of this offset begins.
fn indent_of(text: &str, at: usize) -> &str {
    let start = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |feed| feed + 1);
    let line = text.get(start..).unwrap_or_default();
    let words = line.trim_start_matches([' ', '\t']);
    line.get(..line.len() - words.len()).unwrap_or_default()
}

/// By what each level of `text` is indented.
fn unit(text: &str) -> &str {
    let mut lines = text.lines().skip(1).filter(|line| !line.trim().is_empty());
    let first = lines.find(|line| line.starts_with([' ', '\t']));
    let indent = first.map_or("", |line| indent_of(line, 0));
    if indent.is_empty() { "  " } else { indent }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_inserted_and_removed_again_leaves_the_text_as_it_was() {
        let value = object! { "a": object! { "b": [1, 2] } };
        for text in [
            "{\"x\":[],\"y\":{\"k\":1}}",
            "{\n  \"x\": [],\n  \"y\": {\"k\": \"\\\"}],\"}\n}\n",
            "{\r\n\t\"x\" : [ 1 , [2] ],\r\n\t\"y\":\t{\r\n\t\t\"k\": null }\r\n}",
            "  {\"x\": [\"a\",\n\"b\"], \"n\": 1e400, \"n\": -0.0, \"y\": {}}\n\n",
        ] {
            let text = text.replace("1e400", "1e40");
            for key in ["x", "y"] {
                let root = read(&text).unwrap();
                let node = root.get(key).unwrap();
                let name = (key == "y").then_some("new");
                let longer = insert(&text, node, name, &value);
                let read_again = read(&longer).unwrap();
                let node = read_again.get(key).unwrap();
                let meant: Value = serde_json::from_str(&longer).unwrap();
                let last = if key == "y" { &meant[key]["new"] } else { &meant[key][node.len() - 1] };
                assert_eq!(*last, value, "{longer}");
                assert_eq!(longer.contains("\r\n"), text.contains("\r\n"));
                assert_eq!(remove(&longer, node, node.len() - 1), text, "{longer}");
            }
        }
    }

    #[test]
    fn a_part_goes_with_one_comma_wherever_it_is() {
        let text = "[1, \"a,]\", {\"b\": [2]}]";
        let node = read(text).unwrap();
        let left = [0, 1, 2].map(|number| remove(text, &node, number));
        assert_eq!(left, ["[\"a,]\", {\"b\": [2]}]", "[1, {\"b\": [2]}]", "[1, \"a,]\"]"]);
        assert_eq!(remove("[ 1 ]", &read("[ 1 ]").unwrap(), 0), "[]");
        assert_eq!(replace(text, &node.items()[1], "\"\n"), "[1, \"\\\"\\n\", {\"b\": [2]}]");
        assert!(read("{} // comment").is_err() && read("{\"a\": 1,}").is_err() && read("").is_err());
        let twice = read("{\"a\": 1, \"a\": \"b\"}").unwrap();
        assert_eq!(twice.get("a").and_then(Node::text), Some("b"));
    }
}
