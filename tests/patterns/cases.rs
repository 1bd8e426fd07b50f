//! What each tool is tried with: a token of each shape, written in each way, and what is none.

use std::collections::BTreeMap;

use dtguard::token::{UNKNOWN, specimen};

use super::matched;
use crate::support::encoders::Random;

/// A way to write a token in a line.
pub struct Way {
    pub name: &'static str,
    /// How many tokens such a line holds.
    pub tokens: usize,
    write: fn(&str) -> String,
}

/// The ways, those without a token last.
pub const WAYS: [Way; 18] = [
    Way { name: "bare", tokens: 1, write: str::to_owned },
    Way { name: "prose", tokens: 1, write: |token| format!("see {token} there.") },
    Way { name: "quotes", tokens: 1, write: |token| format!("token = \"{token}\"") },
    Way { name: "JSON", tokens: 1, write: |token| format!("{{\"apiToken\":\"{token}\",\"n\":1}}") },
    Way { name: "YAML", tokens: 1, write: |token| format!("  apiToken: {token}") },
    Way { name: "XML", tokens: 1, write: |token| format!("<token>{token}</token>") },
    Way { name: "header", tokens: 1, write: |token| format!("Authorization: Api-Token {token}") },
    Way { name: "URL", tokens: 1, write: |token| format!("GET https://abc.example/?api-token={token}&n=1") },
    Way { name: "variable", tokens: 1, write: |token| format!("export DT_API_TOKEN={token}") },
    Way { name: "%20", tokens: 1, write: |token| format!("Authorization=Api-Token%20{token}") },
    Way { name: "\\n", tokens: 1, write: |token| format!("first\\n{token}\\nlast") },
    Way { name: "glued", tokens: 1, write: |token| format!("TOKEN_{token}_x") },
    Way { name: "UPPER", tokens: 1, write: |token| format!("see {} there", token.to_uppercase()) },
    Way { name: "lower", tokens: 1, write: |token| format!("see {} there", token.to_lowercase()) },
    Way { name: "two", tokens: 2, write: |token| format!("{token} and {}", rotated(token)) },
    Way { name: "identifier", tokens: 0, write: |token| format!("see {} there", identifier(token)) },
    Way { name: "too short", tokens: 0, write: |token| format!("see {} there", &token[..token.len() - 1]) },
    Way { name: "other", tokens: 0, write: other },
];

/// How fillers are counted: no leak, but the tool may have no way to know.
pub const FILLER: Way = Way { name: "filler", tokens: 0, write: filler };

impl Way {
    /// A line for each shape.
    pub fn lines(&self) -> Vec<String> {
        shapes().iter().map(|token| (self.write)(token)).collect()
    }
}

/// A token of each prefix, as it is issued and with a public part of another length.
pub fn shapes() -> Vec<String> {
    let mut shapes = BTreeMap::new();
    for kind in matched() {
        for token in (0..40).map(|seed| specimen(kind, seed)) {
            let (prefix, public) = (&token.text[..7], &token.text[7..token.secret_at]);
            shapes.entry((prefix.to_owned(), true)).or_insert_with(|| token.text.clone());
            if public.is_empty() {
                // The documented expression takes it for a token of two parts, and so does dtguard.
                let secret = specimen(&UNKNOWN, 7).secret().to_owned();
                shapes.entry((prefix.to_owned(), false)).or_insert(format!("{prefix}CDEFGH23.{secret}"));
            } else {
                let long = "ABCDEFGH234567ABCDEFGH23.";
                let other = if public.len() == 9 { long } else { &long[16..] };
                let other = format!("{prefix}{other}{}", token.secret());
                shapes.entry((prefix.to_owned(), false)).or_insert(other);
            }
        }
    }
    assert!(shapes.len() >= 25, "{}", shapes.len());
    shapes.into_values().collect()
}

/// Where the secret part of `token` begins.
fn secret(token: &str) -> usize {
    token.rfind('.').unwrap() + 1
}

/// Another token of the same shape.
fn rotated(token: &str) -> String {
    let (before, secret) = token.split_at(secret(token));
    let middle = secret.len() / 2;
    format!("{before}{}{}", &secret[middle..], &secret[..middle])
}

/// What may be shown of it, and some of the rest.
fn identifier(token: &str) -> String {
    format!("{}****", &token[..secret(token)])
}

fn filler(token: &str) -> String {
    let (before, secret) = token.split_at(secret(token));
    format!("token = \"{before}{}\"", "X".repeat(secret.len()))
}

/// Hashes, ids and prose, another for each shape.
fn other(token: &str) -> String {
    let seed = token.bytes().fold(0, |sum: u64, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    let mut random = Random(seed);
    let mut hex = |length: usize| -> String { (0..length).map(|_| *random.pick(&HEX)).collect() };
    let hash = hex(64);
    match seed % 4 {
        0 => format!("sha256:{hash}"),
        1 => format!("commit {} of build {}-{}", hex(40), hex(8), hex(4)),
        2 => format!("Tokens begin with {}. {hash} is a hash.", &token[..6]),
        _ => format!("integrity {}.{}.js", hex(24), hash),
    }
}

const HEX: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];

#[test]
fn dtguard_finds_the_tokens_of_each_case_and_no_others() {
    use dtguard::find::{Certainty, find};
    for way in WAYS.iter().chain([&FILLER]) {
        for line in way.lines() {
            let found = find(line.as_bytes());
            let tokens = found.iter().filter(|found| found.certainty != Certainty::Filler).count();
            assert_eq!(tokens, way.tokens, "{}: {line}", way.name);
        }
    }
}
