//! What the path to a place means in the formats that are JSON.

use super::super::super::names::{list, shown};

/// An array or object around a place.
#[derive(Debug, Clone, Default)]
pub(super) struct Level {
    /// The number of the item, counted from 1; an object has none.
    pub(super) item: Option<usize>,
    /// The key whose value is read.
    pub(super) key: Vec<u8>,
    /// Whether a key comes next.
    pub(super) at_key: bool,
    /// The value of the key by which the object is known in its list.
    pub(super) name: Vec<u8>,
}

/// The path to a place, from the outermost level on.
#[derive(Clone, Copy)]
pub(super) struct Path<'a>(&'a [Level]);

impl<'a> Path<'a> {
    pub(super) fn new(levels: &'a [Level]) -> Self {
        Self(levels)
    }

    /// The place in the words of the format that has such paths.
    pub(super) fn words(self) -> Option<String> {
        self.notebook().or_else(|| self.session()).or_else(|| self.collection()).or_else(|| self.chat())
    }

    /// The item of the array under `key` in which the place is, and the path from there on.
    fn item(self, key: &[u8]) -> Option<(usize, Self)> {
        match self.0 {
            [object, array, rest @ ..] if object.key == key => array.item.map(|item| (item, Self(rest))),
            _ => None,
        }
    }

    /// The path within the value of `key`.
    fn within(self, key: &[u8]) -> Option<Self> {
        self.0.split_first().filter(|(level, _)| level.key == key).map(|(_, rest)| Self(rest))
    }

    /// The key at which the path goes on.
    fn key(self) -> &'a [u8] {
        self.0.first().map_or(&[], |level| &level.key)
    }

    /// The name of the object that is reached.
    fn name(self) -> Option<String> {
        let name = &self.0.first()?.name;
        let text = [b"\"", name.as_slice(), b"\""].concat();
        serde_json::from_slice::<String>(&text).ok().and_then(|name| shown(name.as_bytes()))
    }

    /// `what` it is, with its name if it has one.
    fn named(self, what: &str) -> String {
        self.name().map_or_else(|| what.to_owned(), |name| format!("{what} {name}"))
    }

    /// A notebook of Jupyter.
    fn notebook(self) -> Option<String> {
        let sheet = self.item(b"worksheets").map_or(self, |(_, sheet)| sheet);
        let (cell, inside) = sheet.item(b"cells")?;
        let part = match (inside.key(), inside.item(b"outputs")) {
            (_, Some((output, _))) => format!("output {output}"),
            (b"metadata", _) => "metadata".to_owned(),
            (b"attachments", _) => {
                let file = inside.within(b"attachments").and_then(|files| shown(files.key()));
                file.map_or_else(|| "attachment".to_owned(), |file| format!("attachment {file}"))
            }
            _ => String::new(),
        };
        Some(list(&[&format!("cell {cell}"), &part]))
    }

    /// What a browser recorded: HAR.
    fn session(self) -> Option<String> {
        let (entry, inside) = self.within(b"log")?.item(b"entries")?;
        let side = match inside.key() {
            b"request" => "request",
            b"response" => "response",
            b"_webSocketMessages" => {
                let (message, _) = inside.item(b"_webSocketMessages")?;
                return Some(format!("entry {entry}, WebSocket message {message}"));
            }
            _ => return Some(format!("entry {entry}")),
        };
        let inside = Self(inside.0.get(1..).unwrap_or_default());
        let listed = |key: &[u8]| inside.item(key).map(|(_, item)| item);
        let part = match inside.key() {
            b"headers" => listed(b"headers")?.named("header"),
            b"cookies" => listed(b"cookies")?.named("cookie"),
            b"queryString" => listed(b"queryString")?.named("parameter"),
            b"url" => "URL".to_owned(),
            b"redirectURL" => "redirect".to_owned(),
            b"postData" | b"content" => "body".to_owned(),
            _ => String::new(),
        };
        Some(format!("entry {entry}, {}", format!("{side} {part}").trim_end()))
    }

    /// A collection or an environment of Postman.
    fn collection(self) -> Option<String> {
        for key in [&b"variable"[..], b"values"] {
            if let Some((_, variable)) = self.item(key)
                && let Some(name) = variable.name()
            {
                return Some(format!("variable {name}"));
            }
        }
        let (mut names, mut at) = (Vec::new(), self);
        while let Some((number, item)) = at.item(b"item") {
            names.push(item.name().unwrap_or_else(|| number.to_string()));
            at = item;
        }
        let request = format!("request {}", names.join("/"));
        let part = match at.key() {
            _ if names.is_empty() => return None,
            b"request" => at.within(b"request").map(Self::request).unwrap_or_default(),
            b"response" => match at.item(b"response") {
                Some((_, response)) => response.response(),
                None => "response".to_owned(),
            },
            b"event" => "script".to_owned(),
            b"auth" => "authorization".to_owned(),
            _ => String::new(),
        };
        Some(list(&[&request, &part]))
    }

    /// A part of a request in a collection.
    fn request(self) -> String {
        match self.key() {
            b"header" => self.item(b"header").map(|(_, header)| header.named("header")).unwrap_or_default(),
            b"url" => "URL".to_owned(),
            b"body" => "body".to_owned(),
            b"auth" => "authorization".to_owned(),
            _ => String::new(),
        }
    }

    /// A part of an example response in a collection.
    fn response(self) -> String {
        let part = match self.key() {
            b"originalRequest" => self.within(b"originalRequest").map(Self::request).unwrap_or_default(),
            b"header" => self.item(b"header").map(|(_, header)| header.named("header")).unwrap_or_default(),
            b"body" => "body".to_owned(),
            _ => String::new(),
        };
        list(&[&self.named("response"), &part])
    }

    /// An export of a chat: a list of messages, by itself or under that key.
    fn chat(self) -> Option<String> {
        let list = match self.0 {
            [array, message, ..] if message.key.starts_with(b"text") || is_block(&message.key) => array.item,
            _ => None,
        };
        let under_key =
            || self.0.windows(2).find(|pair| matches!(pair, [object, _] if object.key == b"messages"));
        let number = list.or_else(|| under_key()?.last()?.item)?;
        Some(format!("message {number}"))
    }
}

/// Whether Slack has a part of a message under this key.
fn is_block(key: &[u8]) -> bool {
    matches!(key, b"blocks" | b"attachments" | b"files" | b"message")
}
