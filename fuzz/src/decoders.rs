//! Each decoder by itself, and tokens that only it can bring to light.

use dtguard::find::{Match, find, fuzzing, search};
use dtguard::token::{KINDS, Shape, specimen};

use super::encoders::{ENCODERS, Encoder, Random, Written, dressed};
use super::input::{Input, grown};

/// Tries the decoder of base64.
pub fn base64(bytes: &[u8]) {
    // Four alignments, and up to five containers in each run.
    decoder("base64", &["base64"], 7, bytes);
}

/// Tries the decoder of hexadecimal digits.
pub fn hex(bytes: &[u8]) {
    decoder("hex", &["hex"], 2, bytes);
}

/// Tries the decoder of UTF-16 and UTF-32.
pub fn utf16_32(bytes: &[u8]) {
    decoder("utf16_32", &["UTF-16", "UTF-32"], 2, bytes);
}

/// Tries the decoders of escapes.
pub fn escape(bytes: &[u8]) {
    let names = ["percent-encoding", "backslash escapes", "HTML entities", "quoted-printable"];
    // CSS reads backslashes once more.
    decoder("escape", &names, 5, bytes);
}

/// Tries what joins literals and lines.
pub fn joined(bytes: &[u8]) {
    // With the joints of literals and without, and then those within what looks like a comment.
    decoder("joined", &["wrapped lines", "pieces"], 4, bytes);
}

/// `names` are those of the encodings that the `decoder` reads; it makes at most
/// `factor` bytes of each.
fn decoder(decoder: &str, names: &[&str], factor: usize, bytes: &[u8]) {
    maps_back(decoder, factor, bytes);
    maps_back(decoder, factor, &grown(bytes));
    finds(names, bytes);
}

/// All that is decoded comes from within the text, in its order, and is not much.
fn maps_back(decoder: &str, factor: usize, text: &[u8]) {
    let mut decoded = 0;
    fuzzing::decode(decoder, text, &mut |bytes, place| {
        decoded += bytes.len();
        let mut last = 0..0;
        for number in 0..bytes.len() {
            let here = place(&(number..number + 1));
            assert!(here.start < here.end && here.end <= text.len(), "{number} is at {here:?}");
            assert!(last.start <= here.start && last.end <= here.end, "{number}: {here:?} after {last:?}");
            let from = number / 2;
            let both = place(&(from..number + 1));
            assert_eq!(both, place(&(from..from + 1)).start..here.end, "{from} to {number}");
            last = here;
        }
    });
    assert!(decoded <= text.len() * factor, "{decoded} bytes are decoded of {}", text.len());
}

/// A token that is written in one of the encodings is found where it stands.
fn finds(names: &[&str], bytes: &[u8]) {
    let mut input = Input(bytes);
    let encoders: Vec<&Encoder> = ENCODERS.iter().filter(|encoder| names.contains(&encoder.name)).collect();
    let encoder = *input.pick(&encoders);
    let kind = input.pick(KINDS);
    let seed = input.byte().into();
    let token = specimen(kind, seed);
    let (text, at) = dressed(kind, &token.text);
    if !is_recognized(encoder, kind, &text) {
        return;
    }
    // Only prefixed tokens are found with anything at all beside them, and blanks can
    // belong to a joint.
    let parts = is_parted(encoder);
    let apart: &[u8] = match (kind.prefixes.is_empty(), parts) {
        (true, true) => b" ; ",
        (true, false) => b" ",
        (false, _) => b"",
    };
    let (before, after) = (input.some(), input.some());
    // A line of a letter or two and more behind them is a word and no end of a token.
    let behind: &[u8] = if parts && apart.is_empty() { b" " } else { apart };
    let inner = [before, apart, text.as_bytes(), behind, after].concat();
    let Written { bytes: written, places } = (encoder.write)(&inner, &mut Random(seed));
    let before = input.some();
    // What opens no literal, and begins no comment that ends at the next line.
    let outside: &[u8] = if parts || encoder.what.contains("literals") { b" ; " } else { b" " };
    let at = before.len() + outside.len() + places[before_token(&inner, &text) + at];
    let whole = [before, outside, &written, outside, input.0].concat();

    let found = search(&whole);
    // Glue may join a letter before it to its prefix. A backslash may belong to its first escape
    // or part two numbers.
    let begins = |found: &Match| {
        let start = found.span.start;
        let between = whole.get(start.min(at)..start.max(at));
        matches!(between, Some([] | [b'\\'])) || parts && found.span.contains(&at)
    };
    let here = |found: &&Match| found.kind == kind && begins(found);
    // The start of a shorter token right before it goes on with its first letters.
    let swallows = |found: &Match| found.span.start < at && found.span.contains(&at);
    if !found.matches.iter().any(|found| here(&found)) && found.matches.iter().any(swallows) {
        return;
    }
    let Some(found) = found.matches.iter().find(here) else {
        let others: Vec<_> = found.matches.iter().map(|found| (found.kind.id, found.span.clone())).collect();
        let shown = whole.escape_ascii();
        panic!(
            "{} at {at} in {}: found {others:?}, missed {:?} in\n{shown}",
            kind.id, encoder.what, found.missed
        );
    };
    if kind.shape != Shape::Jwt {
        // With a dash a line of a list begins, too.
        let shown = |id: Option<&str>| id.map(|id| if parts { id.replace('-', "") } else { id.to_owned() });
        assert_eq!(shown(found.identifier.as_deref()), shown(token.identifier()));
    }
}

fn before_token(inner: &[u8], text: &str) -> usize {
    inner.windows(text.len()).position(|window| window == text.as_bytes()).unwrap_or_default()
}

/// Whether the token can be recognized at all: some read as words, and of lines that were
/// broken without a sign nobody knows that they belong together.
fn is_recognized(encoder: &Encoder, kind: &dtguard::token::Kind, text: &str) -> bool {
    let bare = matches!(kind.shape, Shape::Bare { .. });
    find(text.as_bytes()).len() == 1
        && !(bare && encoder.name == "wrapped lines")
        && !(bare && kind.id.ends_with("license-key") && is_parted(encoder))
}

/// Whether the encoding only parts its text.
fn is_parted(encoder: &Encoder) -> bool {
    ["wrapped lines", "pieces"].contains(&encoder.name)
}
