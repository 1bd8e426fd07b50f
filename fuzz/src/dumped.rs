//! Dumps, arrays of numbers and seldom encodings.

use dtguard::find::{Masker, find, fuzzing};
use dtguard::token::{KINDS, Kind, specimen};

use super::dumps::DUMPED;
use super::input::{Input, grown};

/// Tries a token in one of these forms, as it is and damaged, and what the fuzzer drew.
pub fn dumped(bytes: &[u8]) {
    let mut input = Input(bytes);
    let dump = input.pick(&DUMPED);
    let prefixed: Vec<&Kind> = KINDS.iter().filter(|kind| specimen(kind, 0).identifier().is_some()).collect();
    let token = specimen(input.pick::<&Kind>(&prefixed), input.byte().into());
    let text = format!("{}the key is {} and\nother words\n", "-".repeat(input.below(40)), token.text);
    let mut written = (dump.write)(text.as_bytes());
    comes_from_within(&written);
    let found = find(&written);
    assert!(
        found.iter().any(|found| found.identifier.as_deref() == token.identifier()),
        "{} {} {:?} {}",
        dump.name,
        text.find("the key").unwrap(),
        token.identifier(),
        written.len()
    );
    if dump.text {
        let mut masked = Vec::new();
        let mut masker = Masker::new(&mut masked);
        masker.push(&written).unwrap();
        masker.finish().unwrap();
        assert!(find(&masked).is_empty(), "{}: {}", dump.name, masked.escape_ascii());
    }
    while written.len() > 1 && !input.is_empty() {
        let at = input.below(written.len());
        match input.byte() {
            0..=40 => drop(written.remove(at)),
            41..=80 => written.insert(at, *input.pick(b" \n0:")),
            81..=100 => written.truncate(at.max(1)),
            byte => written[at] = byte,
        }
    }
    comes_from_within(&written);
    comes_from_within(&grown(bytes));
}

/// All that is decoded, and all that is found in it, stands within the text.
fn comes_from_within(text: &[u8]) {
    fuzzing::decode("dumped", text, &mut |bytes, written_at| {
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
