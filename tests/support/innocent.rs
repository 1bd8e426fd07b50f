//! Text that merely resembles tokens, of the sorts that repositories hold: none of it
//! is one.

mod blobs;
mod code;
mod dynatrace;
mod locks;
mod prose;
mod scattered;
mod wrapped;

use super::encoders::Random;

pub use dynatrace::FILLERS;

/// A sort of innocent text: its name, and who writes a piece of it.
pub struct Sort {
    pub name: &'static str,
    pub write: fn(&mut Random) -> Vec<u8>,
}

/// All of them. What is packed or encoded is made of those before it.
pub fn sorts() -> Vec<Sort> {
    [
        &blobs::SORTS[..],
        &locks::SORTS,
        &code::SORTS,
        &prose::SORTS,
        &dynatrace::SORTS,
        &scattered::SORTS,
        &wrapped::SORTS,
    ]
    .into_iter()
    .flatten()
    .map(|(name, write)| Sort { name, write: *write })
    .collect()
}

/// A sort, as the tables have it.
type Entry = (&'static str, fn(&mut Random) -> Vec<u8>);

/// What is written in itself, and not made of other sorts.
const PLAIN: [&[Entry]; 5] = [&blobs::SORTS, &locks::SORTS, &code::SORTS, &prose::SORTS, &dynatrace::SORTS];

/// A piece of any sort that is written in itself.
fn any(random: &mut Random) -> Vec<u8> {
    any_of(&PLAIN, random)
}

/// A piece of any sort in `tables` that holds no filler.
fn any_of(tables: &[&[Entry]], random: &mut Random) -> Vec<u8> {
    loop {
        let table = *random.pick(tables);
        let (name, write) = *random.pick(table);
        if name != FILLERS {
            return write(random);
        }
    }
}

const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const UPPER_DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const LOWER_DIGITS: &str = "abcdefghijklmnopqrstuvwxyz0123456789";
const ALNUM: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const BASE32: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BASE64: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const DIGITS: &str = "0123456789";
const HEX: &str = "0123456789abcdef";
const HEX_UPPER: &str = "0123456789ABCDEF";

/// `length` characters drawn from `alphabet`.
fn drawn(random: &mut Random, alphabet: &str, length: usize) -> String {
    (0..length).map(|_| char::from(*random.pick(alphabet.as_bytes()))).collect()
}

fn bytes(random: &mut Random, length: usize) -> Vec<u8> {
    (0..length).map(|_| random.next() as u8).collect()
}

/// What `write` writes, `times` times.
fn repeated(random: &mut Random, times: usize, mut write: impl FnMut(&mut Random) -> String) -> String {
    (0..times).map(|_| write(random)).collect()
}

/// At least `least`, and up to eight times as much.
fn about(random: &mut Random, least: usize) -> usize {
    least + random.below(least * 7)
}

const WORDS: [&str; 72] = [
    "a",
    "access",
    "activegate",
    "agent",
    "all",
    "an",
    "and",
    "any",
    "api",
    "as",
    "at",
    "base64",
    "be",
    "by",
    "can",
    "certificate",
    "client",
    "cluster",
    "config",
    "container",
    "create",
    "dashboard",
    "data",
    "default",
    "deployment",
    "digest",
    "document",
    "dynatrace",
    "each",
    "environment",
    "error",
    "event",
    "every",
    "example",
    "export",
    "file",
    "for",
    "from",
    "has",
    "header",
    "host",
    "identifier",
    "in",
    "ingest",
    "is",
    "key",
    "kubernetes",
    "logs",
    "metric",
    "monitoring",
    "name",
    "of",
    "on",
    "oneagent",
    "operator",
    "or",
    "platform",
    "prefix",
    "request",
    "scope",
    "secret",
    "service",
    "settings",
    "tenant",
    "the",
    "to",
    "token",
    "trace",
    "value",
    "variable",
    "with",
    "your",
];

fn word(random: &mut Random) -> &'static str {
    WORDS[random.below(WORDS.len())]
}

/// `word` with a capital.
fn capital(word: &str) -> String {
    word[..1].to_uppercase() + &word[1..]
}

fn sentence(random: &mut Random) -> String {
    let words: Vec<_> = (0..4 + random.below(12)).map(|_| word(random)).collect();
    capital(&words.join(" ")) + *random.pick(&[".", ".", ".", "!", "?", ":"])
}

fn name(random: &mut Random) -> String {
    let joint = *random.pick(&["-", "_", "."]);
    format!("{}{joint}{}{}", word(random), word(random), random.below(100))
}

fn version(random: &mut Random) -> String {
    format!("{}.{}.{}", random.below(20), random.below(40), random.below(20))
}

fn uuid(random: &mut Random) -> String {
    let mut part = |length| drawn(random, HEX, length);
    format!("{}-{}-4{}-a{}-{}", part(8), part(4), part(3), part(3), part(12))
}

fn base64(bytes: &[u8]) -> String {
    use ::base64::Engine as _;
    ::base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn base64url(bytes: &[u8]) -> String {
    use ::base64::Engine as _;
    ::base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

/// `text` in lines of `width`, with `joint` between them.
fn lines_of(text: &str, width: usize, joint: &str) -> String {
    text.as_bytes()
        .chunks(width)
        .map(|line| String::from_utf8_lossy(line).into_owned())
        .collect::<Vec<_>>()
        .join(joint)
}
