//! `.secrets.baseline` of detect-secrets. It stores the file and the SHA-1 of each secret; the
//! token is searched in that file, at any line.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::expression;
use super::item::{Item, Lookup, Malformed, Meaning, WHOLE_FILES, hex, tokens};
use crate::text::line_number;

/// The needed part of the file; it has more keys.
#[derive(Deserialize)]
struct Baseline {
    #[serde(default)]
    filters_used: Vec<Filter>,
    results: BTreeMap<String, Vec<Known>>,
}

#[derive(Deserialize)]
struct Filter {
    path: String,
    #[serde(default)]
    pattern: Patterns,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Patterns {
    One(String),
    Many(Vec<String>),
}

impl Default for Patterns {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

#[derive(Deserialize)]
struct Known {
    hashed_secret: String,
    /// The answer in an audit.
    is_secret: Option<bool>,
}

pub(super) fn read(text: &str, lookup: &Lookup<'_>) -> Result<Vec<Item>, Malformed> {
    let baseline: Baseline = serde_json::from_str(text).map_err(|error| Malformed {
        line: error.line(),
        // serde's message may quote a value.
        message: "this is no baseline of detect-secrets".to_owned(),
    })?;
    let mut items = Vec::new();
    let line_of =
        |said: &str| text.find(&format!("\"{said}\"")).map_or(0, |at| line_number(text.as_bytes(), at));
    for Filter { path, pattern } in &baseline.filters_used {
        let patterns = match pattern {
            Patterns::One(pattern) => std::slice::from_ref(pattern),
            Patterns::Many(patterns) => patterns,
        };
        for pattern in patterns {
            let line = serde_json::to_string(pattern).map_or(0, |quoted| line_of(quoted.trim_matches('"')));
            match path.rsplit('.').next() {
                Some("should_exclude_file") => {
                    items.push(Item::new(line, pattern, None, Meaning::Cannot(WHOLE_FILES)));
                }
                Some("should_exclude_line" | "should_exclude_secret") => {
                    items.extend(expression::items(line, pattern, None));
                }
                _ => {}
            }
        }
    }
    for (path, known) in &baseline.results {
        let content = lookup(None, path);
        for known in known {
            let meaning = match &content {
                _ if known.is_secret == Some(true) => {
                    Meaning::Cannot("an audit said that it is a real secret")
                }
                // A token that is gone needs no entry.
                None => Meaning::NotOurs,
                Some(content) => here(content, &known.hashed_secret),
            };
            items.push(Item::new(line_of(&known.hashed_secret), path, None, meaning));
        }
    }
    items.sort_by_key(|item| item.line);
    Ok(items)
}

/// Finds the token in `content` with this hash, of all of it or of its secret part.
fn here(content: &[u8], hash: &str) -> Meaning {
    let is_it = |text: &[u8]| sha1(text).eq_ignore_ascii_case(hash);
    tokens(content, |found| {
        [&found.span, &found.secret].into_iter().any(|range| content.get(range.clone()).is_some_and(is_it))
    })
}

fn sha1(bytes: &[u8]) -> String {
    hex::<sha1::Sha1>(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::{KINDS, specimen};

    #[test]
    fn a_token_is_recognized_by_its_hash_wherever_it_stands_now() {
        assert_eq!(sha1(b"abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
        let (one, two, real) = (specimen(&KINDS[0], 1), specimen(&KINDS[0], 2), specimen(&KINDS[0], 3));
        let content = format!("moved\n{}\n{}\n{}\n", one.text, two.text, real.text);
        let lookup =
            move |_: Option<&str>, path: &str| (path == "a b.env").then(|| content.clone().into_bytes());
        let known = |secret: &str, audit: &str| {
            format!("{{\"type\": \"x\",\n\"hashed_secret\": \"{}\"{audit}}}", sha1(secret.as_bytes()))
        };
        let text = format!(
            "{{\"version\": \"1.5.0\", \"filters_used\": [{{\"path\": \"detect_secrets.filters.regex.should_exclude_file\", \"pattern\": [\"tests/.*\"]}}, {{\"path\": \"x.y\"}}],\n\
             \"results\": {{\"a b.env\": [{}, {}, {}, {}],\n\"gone\": [{}]}}}}",
            known(&one.text, ""),
            known(two.secret(), ", \"is_secret\": false"),
            known(&real.text, ", \"is_secret\": true"),
            known("another thing", ""),
            known("gone", "")
        );
        let items = read(&text, &lookup).unwrap();
        let tokens =
            |token: &crate::token::Specimen| Meaning::Tokens(vec![token.identifier().unwrap().to_owned()]);
        let meanings: Vec<_> = items.iter().map(|item| (item.line, &item.meaning)).collect();
        assert_eq!(meanings[0], (1, &Meaning::Cannot(WHOLE_FILES)));
        assert_eq!(meanings[1..3], [(3, &tokens(&one)), (4, &tokens(&two))]);
        assert!(matches!(meanings[3].1, Meaning::Cannot(why) if why.contains("real secret")));
        assert_eq!(meanings[4..], [(6, &Meaning::NotOurs), (8, &Meaning::NotOurs)]);
        assert_eq!(read("{\n  x", &lookup).unwrap_err().line, 2);
        assert!(read("[]", &lookup).is_err());
    }
}
