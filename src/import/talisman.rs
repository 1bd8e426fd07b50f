//! `.talismanrc`: a list of files with their checksums, and expressions.
//!
//! It is YAML, read by hand: keys, lists and plain or quoted values, which is what
//! talisman writes and shows. Anything else is an error with its line.

use sha2::{Digest as _, Sha256};

use super::expression;
use super::item::{Item, Lookup, Malformed, Meaning, WHOLE_FILES, names};

pub(super) fn read(text: &str, lookup: &Lookup<'_>) -> Result<Vec<Item>, Malformed> {
    let mut items = Vec::new();
    let mut file: Option<File> = None;
    let (mut section, mut key) = (String::new(), String::new());
    for line in entries(text)? {
        if line.indent == 0 && !line.begins {
            items.extend(file.take().map(|file| file.item(lookup)));
            section.clone_from(&line.key);
            key.clear();
        } else if !line.key.is_empty() {
            key.clone_from(&line.key);
            if line.begins && section == "fileignoreconfig" {
                items.extend(file.take().map(|file| file.item(lookup)));
                file = Some(File { line: line.number, ..File::default() });
            }
        }
        let Some(value) = line.value else { continue };
        match (section.as_str(), key.as_str()) {
            ("fileignoreconfig", "filename") => {
                if let Some(file) = &mut file {
                    file.name = value;
                    file.reason = file.reason.take().or(line.comment);
                }
            }
            ("fileignoreconfig", "checksum") => {
                if let Some(file) = &mut file {
                    file.checksum = Some(value);
                    file.reason = file.reason.take().or(line.comment);
                }
            }
            ("fileignoreconfig", "allowed_patterns") | ("allowed_patterns", _) => {
                items.extend(expression::items(line.number, &value, line.comment.as_deref()));
            }
            ("scopeconfig", "scope") => {
                items.push(Item::new(
                    line.number,
                    &value,
                    line.comment.as_deref(),
                    Meaning::Cannot(WHOLE_FILES),
                ));
            }
            _ => {}
        }
    }
    items.extend(file.map(|file| file.item(lookup)));
    items.sort_by_key(|item| item.line);
    Ok(items)
}

/// A file that is let pass.
#[derive(Default)]
struct File {
    line: usize,
    name: String,
    checksum: Option<String>,
    reason: Option<String>,
}

impl File {
    fn item(self, lookup: &Lookup<'_>) -> Item {
        let meaning = match &self.checksum {
            _ if self.name.is_empty() => Meaning::Cannot("it names no file"),
            _ if self.name.contains(['*', '?', '[']) || self.name.ends_with('/') => {
                Meaning::Cannot(WHOLE_FILES)
            }
            None => Meaning::Cannot(WHOLE_FILES),
            Some(checksum) => match lookup(None, &self.name) {
                // What is gone needs no entry.
                None => Meaning::NotOurs,
                Some(content) if checksum_of(&self.name, &content).eq_ignore_ascii_case(checksum) => {
                    let tokens = names(&content, |_| true);
                    if tokens.is_empty() { Meaning::NotOurs } else { Meaning::Tokens(tokens) }
                }
                Some(content) if names(&content, |_| true).is_empty() => Meaning::NotOurs,
                Some(_) => Meaning::Cannot(
                    "the file is not the one that this checksum was made of: allow its tokens by identifier",
                ),
            },
        };
        Item::new(self.line, &self.name, self.reason.as_deref(), meaning)
    }
}

/// What talisman calls the checksum of one file.
fn checksum_of(name: &str, content: &[u8]) -> String {
    let hash =
        |bytes: &[u8]| -> String { Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect() };
    hash([hash(b""), hash(content), hash(name.as_bytes())].concat().as_bytes())
}

/// A key, a value or both, as one line of the file says it.
#[derive(Debug, Default)]
struct Entry {
    /// Counted from 1.
    number: usize,
    /// Blanks before it; the dash of a list counts as one.
    indent: usize,
    /// Whether it begins an item of a list.
    begins: bool,
    /// Empty where there is only a value.
    key: String,
    value: Option<String>,
    comment: Option<String>,
}

fn entries(text: &str) -> Result<Vec<Entry>, Malformed> {
    let mut entries = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        let line = line.trim_start_matches('\u{feff}').trim_end();
        let body = line.trim_start_matches(' ');
        if body.is_empty() || body.starts_with('#') || matches!(body, "---" | "...") {
            continue;
        }
        let wrong = |message: &str| Malformed { line: number, message: message.to_owned() };
        if body.starts_with('\t') {
            return Err(wrong("a tab cannot indent a line of YAML"));
        }
        let mut entry = Entry { number, indent: line.len() - body.len(), ..Entry::default() };
        let item = body.strip_prefix('-').filter(|rest| rest.is_empty() || rest.starts_with(' '));
        entry.begins = item.is_some();
        let body = item.map_or(body, str::trim_start);
        let rest = match key_of(body) {
            Some((key, rest)) => {
                entry.key = key.to_owned();
                rest
            }
            None => body,
        };
        let (values, comment) = values(rest).map_err(wrong)?;
        entry.comment = comment;
        if entry.key.is_empty() && !entry.begins {
            return Err(wrong("this line is neither a key nor an item of a list"));
        }
        let mut values = values.into_iter();
        entry.value = values.next();
        let more: Vec<_> = values
            .map(|value| Entry {
                number,
                indent: entry.indent + 1,
                begins: true,
                value: Some(value),
                ..Entry::default()
            })
            .collect();
        entries.push(entry);
        entries.extend(more);
    }
    Ok(entries)
}

/// The key at the start of `body`, and what stands behind its colon.
fn key_of(body: &str) -> Option<(&str, &str)> {
    let (key, rest) = body.split_once(':')?;
    let name = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    (name && (rest.is_empty() || rest.starts_with(' '))).then(|| (key, rest.trim_start()))
}

/// The value that `text` is, or those of a list in brackets, and the comment behind.
fn values(text: &str) -> Result<(Vec<String>, Option<String>), &'static str> {
    let Some(mut rest) = text.strip_prefix('[') else {
        let (value, rest) = scalar(text, false)?;
        return Ok((value.into_iter().collect(), comment(rest)?));
    };
    let mut values = Vec::new();
    loop {
        let (value, behind) = scalar(rest.trim_start(), true)?;
        values.extend(value);
        rest = behind.trim_start();
        match rest.strip_prefix(',') {
            Some(more) => rest = more,
            None => break,
        }
    }
    let rest = rest.strip_prefix(']').ok_or("a list in brackets has to end on its line")?;
    Ok((values, comment(rest)?))
}

fn comment(rest: &str) -> Result<Option<String>, &'static str> {
    match rest.trim_start() {
        "" => Ok(None),
        rest => match rest.strip_prefix('#') {
            Some(comment) => Ok(Some(comment.trim().to_owned())),
            None => Err("something stands behind the value"),
        },
    }
}

/// The value at the start of `text`, if there is one, and what stands behind it.
fn scalar(text: &str, in_list: bool) -> Result<(Option<String>, &str), &'static str> {
    const OPEN: &str = "the quotes are not closed on this line";
    if let Some(quoted) = text.strip_prefix('\'') {
        let mut at = 0;
        loop {
            at += quoted.get(at..).and_then(|rest| rest.find('\'')).ok_or(OPEN)?;
            if !quoted.get(at + 1..).is_some_and(|rest| rest.starts_with('\'')) {
                break;
            }
            at += 2;
        }
        let (value, rest) = quoted.split_at(at);
        return Ok((Some(value.replace("''", "'")), rest.get(1..).unwrap_or_default()));
    }
    if let Some(quoted) = text.strip_prefix('"') {
        let mut value = String::new();
        let mut rest = quoted.chars();
        loop {
            match rest.next().ok_or(OPEN)? {
                '"' => return Ok((Some(value), rest.as_str())),
                '\\' => match rest.next().ok_or(OPEN)? {
                    escaped @ ('\\' | '"' | '/') => value.push(escaped),
                    _ => return Err("this escape is not read here: write the value in single quotes"),
                },
                c => value.push(c),
            }
        }
    }
    if text.starts_with(['{', '|', '>', '&', '*', '!', '%', '@', '`']) {
        return Err("this form of YAML is not read here: write the value in single quotes");
    }
    let ends = |at: &usize| {
        let rest = text.get(*at..).unwrap_or_default();
        rest.starts_with(" #")
            || (*at == 0 && rest.starts_with('#'))
            || in_list && rest.starts_with([',', ']'])
    };
    let end = (0..text.len()).find(|at| text.is_char_boundary(*at) && ends(at)).unwrap_or(text.len());
    let (value, rest) = text.split_at(end);
    let value = value.trim_end();
    Ok(((!value.is_empty()).then(|| value.to_owned()), rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::{KINDS, specimen};

    #[test]
    fn tokens_of_a_file_that_is_as_it_was_accepted_are_named_and_of_others_not() {
        let token = specimen(&KINDS[0], 1);
        let content = format!("x={}\n", token.text);
        let good = checksum_of("a.env", content.as_bytes());
        let held = content.clone();
        let lookup = move |_: Option<&str>, path: &str| match path {
            "a.env" | "b.env" => Some(held.clone().into_bytes()),
            "c.txt" => Some(b"nothing".to_vec()),
            _ => None,
        };
        let text = format!(
            "# ours\nfileignoreconfig:\n- filename: a.env # reviewed\n  checksum: {good}\n  ignore_detectors: []\n\
             - filename: 'b.env'\n  checksum: {good}\n- checksum: {good}\n  filename: \"c.txt\"\n- filename: gone\n  checksum: {good}\n\
             - filename: lib/*.js\n  checksum: {good}\n- filename: a.env\n  ignore_detectors: [filecontent]\n  allowed_patterns: [dt0s16\\.QRSTUVWX, 'x']\n\
             scopeconfig:\n- scope: go\nallowed_patterns:\n- dt0s16\\.ABCDEFGH\n- keyword\nthreshold: medium\nversion: \"1.0\"\n"
        );
        let items = read(&text, &lookup).unwrap();
        let turned: Vec<_> = items
            .iter()
            .filter_map(|item| {
                if let Meaning::Tokens(names) = &item.meaning {
                    Some((item.line, names[0].as_str()))
                } else {
                    None
                }
            })
            .collect();
        assert_eq!(
            turned,
            [(3, token.identifier().unwrap()), (16, "dt0s16.QRSTUVWX"), (20, "dt0s16.ABCDEFGH")]
        );
        assert_eq!(items[0].reason.as_deref(), Some("reviewed"));
        let cannot: Vec<_> = items
            .iter()
            .filter(|item| matches!(item.meaning, Meaning::Cannot(_)))
            .map(|item| item.line)
            .collect();
        assert_eq!(cannot, [6, 12, 14, 16, 18, 21]);
    }

    #[test]
    fn what_is_not_understood_is_an_error_with_its_line() {
        let none = |_: Option<&str>, _: &str| None;
        for (text, line) in [
            ("a: 'x\n", 1),
            ("a:\n\t- b\n", 2),
            ("a: |\n  b\n", 1),
            ("a: {b: c}\n", 1),
            ("a:\n- [b\n", 2),
            ("just words\n", 1),
            ("a: 'b' c\n", 1),
            ("a: \"\\x41\"\n", 1),
        ] {
            assert_eq!(read(text, &none).map_err(|error| error.line).map(|_| ()), Err(line), "{text}");
        }
    }

    #[test]
    fn the_checksum_is_the_one_that_talisman_computes() {
        // Of an empty file: SHA-256 of the digests of nothing, nothing and the name.
        let hash = |text: &str| -> String {
            Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
        };
        let wanted = hash(&format!("{}{}{}", hash(""), hash(""), hash("f")));
        assert_eq!(checksum_of("f", b""), wanted);
    }
}
