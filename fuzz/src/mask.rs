//! Masking what comes in pieces.

use dtguard::find::{Encoding, MASK, MaskKey, Masker, Masking, Match, Style, find};

use super::input::{Input, grown};

/// The longest text: at each pause all of it is searched.
const LONGEST: usize = 2048;

/// Masks a text in whatever pieces, with pauses and without.
pub fn mask(bytes: &[u8]) {
    let mut input = Input(bytes);
    let lengths: Vec<usize> = input.take(4).iter().map(|length| usize::from(*length)).collect();
    let text = grown(input.0);
    for text in [input.0, &text] {
        holds(&text[..text.len().min(LONGEST)], &lengths);
    }
}

fn holds(text: &[u8], lengths: &[usize]) {
    for style in styles() {
        same(text, lengths, &style);
    }
    let (whole, masking) = masked(text, &[usize::MAX], false);
    let pieces = masked(text, lengths, false);
    assert!(pieces.0 == whole, "{} is not {}", pieces.0.escape_ascii(), whole.escape_ascii());
    assert_eq!((pieces.1.refused, &pieces.1.missed), (masking.refused, &masking.missed));
    if masking.refused.is_some() {
        assert!(whole.is_empty());
        return;
    }
    let found = find(text);
    if found.is_empty() && masking.missed.is_empty() {
        assert!(whole == text, "nothing is to be masked");
    }
    let left = find(&whole);
    assert!(left.is_empty() || !masking.missed.is_empty(), "{left:?} in {}", whole.escape_ascii());
    copied(text, &whole, &found);

    let (paused, masking) = masked(text, lengths, true);
    if masking.refused.is_some() {
        return;
    }
    let left = find(&paused);
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        for found in find(line).iter().filter(|found| found.encodings.is_plain()) {
            let left = left.iter().any(|left| left.key() == found.key() && left.encodings.is_plain());
            assert!(!left || !masking.missed.is_empty(), "{found:?} in {}", paused.escape_ascii());
        }
    }
    copied(text, &paused, &found);
}

fn styles() -> impl Iterator<Item = Style> {
    let key = MaskKey::new(&[7; 32]).map(|key| Style::Hash(Box::new(key)));
    [Style::KeepLength].into_iter().chain(key)
}

/// In any style the output is the same however the text comes, and holds nothing.
fn same(text: &[u8], lengths: &[usize], style: &Style) {
    let (whole, masking) = styled(style, text, &[usize::MAX], false);
    let pieces = styled(style, text, lengths, false);
    assert!(pieces.0 == whole, "{style:?}: {} is not {}", pieces.0.escape_ascii(), whole.escape_ascii());
    assert_eq!(pieces.1.tokens, masking.tokens);
    if masking.refused.is_some() || !masking.missed.is_empty() {
        return;
    }
    assert!(find(&whole).is_empty(), "{style:?}: {}", whole.escape_ascii());
    if matches!(style, Style::KeepLength) {
        assert_eq!(whole.len(), text.len());
    }
}

fn masked(text: &[u8], lengths: &[usize], pauses: bool) -> (Vec<u8>, Masking) {
    styled(&Style::Fixed, text, lengths, pauses)
}

/// What comes out where `text` comes in pieces of `lengths`, one after the other and
/// then from the start, with a pause behind each.
fn styled(style: &Style, text: &[u8], lengths: &[usize], pauses: bool) -> (Vec<u8>, Masking) {
    let mut out = Vec::new();
    let mut masker = Masker::with(style.clone(), &mut out);
    let mut rest = text;
    for length in lengths.iter().chain(&[40]).cycle() {
        if rest.is_empty() {
            break;
        }
        let (now, later) = rest.split_at((*length).clamp(1, rest.len()));
        masker.push(now).unwrap();
        if pauses {
            masker.pause().unwrap();
        }
        rest = later;
    }
    let masking = masker.finish().unwrap();
    (out, masking)
}

/// All between the masks stands in the text, in its order, from its start to its end.
fn copied(text: &[u8], out: &[u8], found: &[Match]) {
    let wide = |found: &Match| {
        found.encodings.as_slice().iter().any(|one| matches!(one, Encoding::Utf16 | Encoding::Utf32))
    };
    if found.iter().any(wide) || text.contains(&b'*') {
        return;
    }
    let mut rest = text;
    let mut pieces = Vec::new();
    let mut left = out;
    while let Some(at) = position(left, MASK.as_bytes()) {
        pieces.push(&left[..at]);
        left = &left[at + MASK.len()..];
    }
    for (number, piece) in pieces.iter().enumerate() {
        let at = position(rest, piece).filter(|at| number > 0 || *at == 0);
        let at = at.unwrap_or_else(|| panic!("{} is not in {}", piece.escape_ascii(), text.escape_ascii()));
        rest = &rest[at + piece.len()..];
    }
    let ends = if pieces.is_empty() { rest == left } else { rest.ends_with(left) };
    assert!(ends, "{} does not end {}", left.escape_ascii(), out.escape_ascii());
}

fn position(text: &[u8], part: &[u8]) -> Option<usize> {
    if part.is_empty() { Some(0) } else { text.windows(part.len()).position(|window| window == part) }
}
