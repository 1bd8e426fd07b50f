//! An innocent commit passes: in text that merely resembles tokens none is found.
//!
//! `DTGUARD_MB=1000 cargo test --release --test tests innocent` tries a thousand
//! megabytes instead of a few, `DTGUARD_SEED=n` begins with the piece that a
//! failure named.

use dtguard::find::{Certainty, Found, search};

use crate::support::effort::{self, number};
use crate::support::encoders::Random;
use crate::support::innocent::{FILLERS, Sort, sorts};
use crate::support::{Repo, token};

/// The piece of this number, and its sort.
fn piece(sorts: &[Sort], number: u64) -> (&Sort, Vec<u8>) {
    let sort = &sorts[(number % sorts.len() as u64) as usize];
    (sort, (sort.write)(&mut Random(number)))
}

/// What would stop the commit of `text`, which is of this `sort`.
fn complaint(sort: &Sort, text: &[u8]) -> Option<String> {
    let Found { matches, missed } = search(text);
    let filler = |certainty| certainty == Certainty::Filler && sort.name == FILLERS;
    let found = matches.iter().find(|found| !filler(found.certainty));
    found
        .map(|found| format!("{} {} in {:?}", found.certainty, found.kind.id, found.encodings))
        .or_else(|| (!missed.is_empty()).then(|| format!("{missed:?}")))
}

/// What of `text` still makes for this complaint: without the lines, and without the
/// bytes at both ends, that it does not need for that.
fn cut_down(sort: &Sort, text: &[u8], complaint: &str) -> Vec<u8> {
    let passes = |text: &[u8]| self::complaint(sort, text).is_none_or(|other| other != complaint);
    let mut lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
    for size in halves(lines.len()) {
        let mut at = 0;
        while at < lines.len() {
            let mut fewer = lines.clone();
            fewer.drain(at..lines.len().min(at + size));
            if passes(&fewer.concat()) {
                at += size;
            } else {
                lines = fewer;
            }
        }
    }
    let mut text = lines.concat();
    for size in halves(text.len()) {
        for part in [size..text.len(), 0..text.len().saturating_sub(size)] {
            if text.get(part.clone()).is_some_and(|part| !passes(part)) {
                text = text[part].to_vec();
            }
        }
    }
    text
}

fn halves(length: usize) -> impl Iterator<Item = usize> {
    std::iter::successors(Some(length / 2), |size| Some(size / 2)).take_while(|size| *size > 0)
}

#[test]
fn no_token_is_found_in_text_that_merely_resembles_them() {
    let sorts = sorts();
    let wanted = number("DTGUARD_MB").unwrap_or(if effort::all() { 12 } else { 4 }) << 20;
    let mut tried = 0;
    let mut next = number("DTGUARD_SEED").unwrap_or(0);
    while tried < wanted {
        let (sort, text) = piece(&sorts, next);
        if let Some(complaint) = complaint(sort, &text) {
            let piece = cut_down(sort, &text, &complaint);
            panic!("DTGUARD_SEED={next}, {}: {complaint}\n{}", sort.name, piece.escape_ascii());
        }
        tried += text.len() as u64;
        next += 1;
    }
}

#[test]
fn a_commit_of_a_file_of_each_sort_passes() {
    let repo = Repo::new();
    let sorts = sorts();
    for number in 0..sorts.len() as u64 {
        let (sort, text) = piece(&sorts, number);
        repo.write(&format!("{number}-{}", sort.name.replace(' ', "-")), text);
    }
    repo.git(&["add", "--all", "--force"]).succeeds();
    repo.commit().succeeds().says(&format!("{} staged files", sorts.len()));
}

/// What was taken for a token once, each reduced to what it took.
#[test]
fn what_was_once_taken_for_a_token_passes() {
    let identifier = |name: &str, seed| token(name, seed).identifier().unwrap().to_owned();
    let (one, two) = (identifier("dt0c01", 1), identifier("dt0s01", 2));
    let old = token("dynatrace-legacy-api-token", 1);
    let digest = "0189ABCDEF23456789".repeat(4)[..64].to_owned();
    let words =
        "TOKENS\nAND\nIDENTIFIERS\nOF\nDYNATRACE\nARE\nEXPLAINED\nIN\nTHESE\nPAGES\nFOR\nALL\nUSERS\n";
    for text in [
        // The next identifier and what stands beside it, joined to the one before.
        format!("{one}\n{two}\n{digest}\n"),
        format!("\"{one}\" \"{two}\" \"{digest}\"\n"),
        format!("{one} {two}{digest}\n").replace(' ', ""),
        // A sentence that ends with an identifier or a prefix, and the lines behind it.
        format!("This is {one}.\n{digest}\n"),
        format!("This is {one}.\n{words}"),
        format!("This is {one}.\nBASE64\n{words}BASE64\n").replace("AND", "SHA256"),
        "Its prefix is dt0a02.\nKubernetesMonitoringSettings\n".to_owned(),
        "Its prefix is dt0a02.\nRequest\nData\nBase64\nMonitoring\n".to_owned(),
        "Its prefix is dt0a02.\nTokens\nand\nIDs\nare\nexplained\nhere\n".to_owned(),
        // Forty characters of another vendor's, whose 22nd is a sign.
        format!("# Dynatrace\nTOKEN={}+20n2jXS0XW8RhwuNcB\n", old.text),
    ] {
        assert_eq!(search(text.as_bytes()).matches, [], "{text}");
    }
}
