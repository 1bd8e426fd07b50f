//! `.talismanrc`: a list of files with their checksums, and expressions.

use saphyr_parser::{Event, Parser, Span};
use sha2::Sha256;

use super::expression;
use super::item::{Item, Lookup, Malformed, Meaning, WHOLE_FILES, hex, tokens};

pub(super) fn read(text: &str, lookup: &Lookup<'_>) -> Result<Vec<Item>, Malformed> {
    let text = text.trim_start_matches('\u{feff}');
    let mut reader =
        Reader { lines: text.lines().collect(), lookup, open: Vec::new(), file: None, items: Vec::new() };
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| Malformed {
            line: error.marker().line(),
            // The parser's message may quote a value.
            message: "this is no YAML".to_owned(),
        })?;
        reader.take(event, span)?;
    }
    reader.items.sort_by_key(|item| item.line);
    Ok(reader.items)
}

/// A list or a mapping in progress; for a mapping, the key whose value is next.
enum Open {
    List,
    Mapping(Option<String>),
}

struct Reader<'a> {
    lines: Vec<&'a str>,
    lookup: &'a Lookup<'a>,
    /// What is in progress, the outermost first.
    open: Vec<Open>,
    file: Option<File>,
    items: Vec<Item>,
}

impl Reader<'_> {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Malformed> {
        let line = span.start.line();
        let wrong = |message: &str| Err(Malformed { line, message: message.to_owned() });
        match event {
            Event::Scalar(text, ..) => match self.open.last_mut() {
                Some(Open::Mapping(key @ None)) => *key = Some(text.into_owned()),
                Some(_) => {
                    self.value(line, &text, span);
                    self.end_of_value();
                }
                None => return wrong("this is neither a key nor an item of a list"),
            },
            Event::SequenceStart(..) | Event::MappingStart(..)
                if matches!(self.open.last(), Some(Open::Mapping(None))) =>
            {
                return wrong("a key of several parts is not supported");
            }
            Event::SequenceStart(..) => self.open.push(Open::List),
            Event::MappingStart(..) => {
                if self.keys() == ["fileignoreconfig"] {
                    self.file = Some(File { line, ..File::default() });
                }
                self.open.push(Open::Mapping(None));
            }
            Event::SequenceEnd | Event::MappingEnd => {
                self.open.pop();
                if self.keys() == ["fileignoreconfig"] {
                    self.items.extend(self.file.take().map(|file| file.item(self.lookup)));
                }
                self.end_of_value();
            }
            Event::Alias(_) => {
                return wrong("an alias is not supported: write the value itself");
            }
            _ => {}
        }
        Ok(())
    }

    /// The keys that lead to the current value.
    fn keys(&self) -> Vec<&str> {
        let named = self.open.iter().filter_map(|open| match open {
            Open::Mapping(key) => key.as_deref(),
            Open::List => None,
        });
        named.collect()
    }

    fn end_of_value(&mut self) {
        if let Some(Open::Mapping(key)) = self.open.last_mut() {
            *key = None;
        }
    }

    fn value(&mut self, line: usize, value: &str, span: Span) {
        let comment = self.comment(span);
        let keys = self.keys().join("/");
        let whole_files = || Item::new(line, value, comment.as_deref(), Meaning::Cannot(WHOLE_FILES));
        match (keys.as_str(), &mut self.file) {
            ("fileignoreconfig/filename", Some(file)) => {
                value.clone_into(&mut file.name);
                file.reason = file.reason.take().or(comment);
            }
            ("fileignoreconfig/checksum", Some(file)) => {
                file.checksum = Some(value.to_owned());
                file.reason = file.reason.take().or(comment);
            }
            ("fileignoreconfig/allowed_patterns" | "allowed_patterns", _) => {
                self.items.extend(expression::items(line, value, comment.as_deref()));
            }
            ("scopeconfig/scope", _) => self.items.push(whole_files()),
            _ => {}
        }
    }

    /// The comment after a value, on its line.
    fn comment(&self, span: Span) -> Option<String> {
        let line = self.lines.get(span.end.line().checked_sub(1)?)?;
        let behind: String = line.chars().skip(span.end.col()).collect();
        let behind = behind.trim_start_matches([' ', '\t', ']', '}']);
        behind.strip_prefix('#').map(|comment| comment.trim().to_owned())
    }
}

/// A file that talisman allows.
#[derive(Default)]
struct File {
    line: usize,
    name: String,
    checksum: Option<String>,
    reason: Option<String>,
}

impl File {
    fn item(self, lookup: &Lookup<'_>) -> Item {
        let name = &self.name;
        let meaning = match &self.checksum {
            _ if name.is_empty() => Meaning::Cannot("it names no file"),
            Some(checksum) if !name.contains(['*', '?', '[']) && !name.ends_with('/') => {
                // A token that is gone needs no entry.
                let content = lookup(None, name).unwrap_or_default();
                match tokens(&content, |_| true) {
                    Meaning::Tokens(_) if !checksum_of(name, &content).eq_ignore_ascii_case(checksum) => {
                        Meaning::Cannot(
                            "the file does not match this checksum: allow its tokens by identifier",
                        )
                    }
                    meaning => meaning,
                }
            }
            _ => Meaning::Cannot(WHOLE_FILES),
        };
        Item::new(self.line, &self.name, self.reason.as_deref(), meaning)
    }
}

/// talisman's checksum of one file.
fn checksum_of(name: &str, content: &[u8]) -> String {
    let hash = hex::<Sha256>;
    hash([hash(b""), hash(content), hash(name.as_bytes())].concat().as_bytes())
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
            ("a:\n- [b\n", 3),
            ("just words\n", 1),
            ("a: 'b' c\n", 1),
            ("a: 1\n? [b]\n: c\n", 2),
            ("a: &x b\nc: *x\n", 2),
        ] {
            assert_eq!(read(text, &none).map_err(|error| error.line).map(|_| ()), Err(line), "{text}");
        }
    }

    #[test]
    fn yaml_counts_however_it_is_written() {
        let none = |_: Option<&str>, _: &str| None;
        let name = "dt0s16.QRSTUVWX";
        for value in [
            format!("- {name}"),
            format!("[x, '{name}']"),
            "- \"dt0s16\\x2eQRSTUVWX\" # r".to_owned(),
            format!("- |-\n  {name}"),
            format!("- !!str {name}"),
            format!("- &one {name}"),
        ] {
            let items = read(&format!("\u{feff}---\nallowed_patterns:\n {value}\n"), &none).unwrap();
            let tokens = Meaning::Tokens(vec![name.to_owned()]);
            assert!(items.iter().any(|item| item.meaning == tokens), "{value}: {items:?}");
        }
        let deep = "[".repeat(100_000);
        assert!(read(&deep, &none).is_err());
    }

    #[test]
    fn the_checksum_is_the_one_that_talisman_computes() {
        // For an empty file: SHA-256 of two empty digests and the name.
        let hash = |text: &str| hex::<Sha256>(text.as_bytes());
        let wanted = hash(&format!("{}{}{}", hash(""), hash(""), hash("f")));
        assert_eq!(checksum_of("f", b""), wanted);
    }
}
