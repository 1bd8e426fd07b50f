//! Tokens in dumps, arrays of numbers, seldom encodings, and in pieces with glue between them.

use dtguard::find::{Masker, find, fuzzing};
use dtguard::token::{KINDS, Kind, Specimen, specimen};

use super::dumps::DUMPED;
use super::glued::GLUED;
use super::input::{Input, grown};

/// Tries a token in one of these forms, as it is and damaged, and what the fuzzer drew.
pub fn dumped(bytes: &[u8]) {
    let mut input = Input(bytes);
    let dump = input.pick(&DUMPED);
    let token = token(&mut input);
    let text = format!("{}the key is {} and\nother words\n", "-".repeat(input.below(40)), token.text);
    let mut written = (dump.write)(text.as_bytes());
    comes_from_within("dumped", &written);
    let found = find(&written);
    assert!(found.iter().any(|found| found.identifier.as_deref() == token.identifier()), "{}", dump.name);
    if dump.text {
        let masked = masked(&written);
        assert!(find(&masked).is_empty(), "{}: {}", dump.name, masked.escape_ascii());
    }
    damage(&mut written, &mut input);
    comes_from_within("dumped", &written);
    comes_from_within("dumped", &grown(bytes));
}

/// The same with a token in pieces, with glue of one form between them.
pub fn glued(bytes: &[u8]) {
    let mut input = Input(bytes);
    let glue = input.pick(&GLUED);
    let token = token(&mut input);
    let mut cuts: Vec<usize> = (0..input.below(6) + 1).map(|_| input.below(token.text.len())).collect();
    cuts.retain(|cut| *cut >= glue.from);
    cuts.sort_unstable();
    cuts.dedup();
    let starts = [0].into_iter().chain(cuts.iter().copied());
    let ends = cuts.iter().copied().chain([token.text.len()]);
    let pieces: Vec<&str> = starts.zip(ends).map(|(start, end)| &token.text[start..end]).collect();
    let mut written = format!("these words\n{} ;\nthese words\n", (glue.write)(&pieces)).into_bytes();
    let masked = masked(&written);
    assert!(find(&masked).is_empty(), "{}: {}", glue.form, masked.escape_ascii());
    damage(&mut written, &mut input);
    comes_from_within("glue", &written);
    comes_from_within("glue", &grown(bytes));
}

fn token(input: &mut Input<'_>) -> Specimen {
    let identified: Vec<&Kind> =
        KINDS.iter().filter(|kind| specimen(kind, 0).identifier().is_some()).collect();
    specimen(input.pick::<&Kind>(&identified), input.byte().into())
}

fn masked(text: &[u8]) -> Vec<u8> {
    let mut masked = Vec::new();
    let mut masker = Masker::new(&mut masked);
    masker.push(text).unwrap();
    masker.finish().unwrap();
    masked
}

/// Changes, takes and adds bytes of `text`, and cuts it.
fn damage(text: &mut Vec<u8>, input: &mut Input<'_>) {
    while text.len() > 1 && !input.is_empty() {
        let at = input.below(text.len());
        match input.byte() {
            0..=40 => drop(text.remove(at)),
            41..=80 => text.insert(at, *input.pick(b" \n0:")),
            81..=100 => text.truncate(at.max(1)),
            byte => text[at] = byte,
        }
    }
}

/// All that the `decoder` reads, and all that is found in it, stands within the text.
fn comes_from_within(decoder: &str, text: &[u8]) {
    fuzzing::decode(decoder, text, &mut |bytes, written_at| {
        for number in 0..bytes.len() {
            let here = written_at(&(number..number + 1));
            assert!(here.start < here.end && here.end <= text.len(), "{number} is at {here:?}");
        }
    });
    for found in find(text) {
        for range in [&found.span, &found.secret] {
            assert!(range.start < range.end && range.end <= text.len(), "{range:?} of {}", text.len());
        }
    }
}
