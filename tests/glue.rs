//! However a token is parted or dressed, it is found where a person can read it.

use std::collections::BTreeSet;

use dtguard::find::{MASK, Masker, find, glues};
use dtguard::token::{KINDS, Kind, Specimen, specimen};

use crate::support::glued::{GLUED, Glued};
use crate::support::{Repo, effort};

fn prefixed() -> impl Iterator<Item = &'static Kind> {
    KINDS.iter().filter(|kind| !kind.prefixes.is_empty())
}

/// A token that reads as no words: what may belong to different things is joined only then.
fn drawn(kind: &Kind, seed: usize) -> Specimen {
    let is_drawn = |token: &Specimen| {
        let numbers = token.secret().split(|c: char| !c.is_ascii_digit()).filter(|run| !run.is_empty());
        let (one, two) = token.text.split_at(token.text.len() - 9);
        numbers.count() > 3 && find(format!("{one}\n{two}\n").as_bytes()).len() == 1
    };
    (seed as u64..).map(|seed| specimen(kind, seed)).find(is_drawn).unwrap()
}

/// `token` cut in all of the ways that `glued` allows: in the prefix, at the dots, in the
/// middle, in many places.
fn cuts(glued: &Glued, token: &str) -> Vec<Vec<usize>> {
    let dot = token.rfind('.').unwrap();
    let end = token.len();
    let single = [1, 2, 3, 5, 6, 7, 12, dot, dot + 1, dot + 2, dot + 9, end - 1].map(|cut| vec![cut]);
    let many = [
        vec![3, 6, 7, dot, dot + 1, end - 5],
        vec![1, 2, 3, 4, 5, 6],
        (1..=end / 20).map(|number| number * 20).collect(),
    ];
    let mut all: Vec<Vec<usize>> = single.into_iter().chain(many).collect();
    all.iter_mut().for_each(|cuts| cuts.retain(|cut| *cut >= glued.from && *cut < end));
    all.retain(|cuts| !cuts.is_empty() && cuts.is_sorted());
    all.dedup();
    all
}

fn pieces<'a>(token: &'a str, cuts: &[usize]) -> Vec<&'a str> {
    let starts = std::iter::once(0).chain(cuts.iter().copied());
    let ends = cuts.iter().copied().chain([token.len()]);
    starts.zip(ends).map(|(start, end)| &token[start..end]).collect()
}

fn written(glued: &Glued, token: &str, cuts: &[usize]) -> String {
    format!("these words\n{} ;\nthese words\n", (glued.write)(&pieces(token, cuts)))
}

#[test]
fn each_form_of_the_table_is_tried() {
    let tried: BTreeSet<&str> = GLUED.iter().map(|glued| glued.form).collect();
    let forms: BTreeSet<&str> = glues().map(|glue| glue.name).collect();
    assert_eq!(tried, forms);
}

#[test]
fn a_token_is_found_with_glue_of_each_form_at_each_of_its_places() {
    let mut holes = Vec::new();
    for (number, glued) in GLUED.iter().enumerate() {
        for (seed, kind) in prefixed().enumerate() {
            let token = drawn(kind, seed + number);
            for cuts in cuts(glued, &token.text) {
                let text = written(glued, &token.text, &cuts);
                let found = find(text.as_bytes());
                // What breaks a word in TeX is a hyphen in other text.
                let same = |one: Option<&str>, other: Option<&str>| {
                    one.map(|id| id.replace('-', "")) == other.map(|id| id.replace('-', ""))
                };
                let is_found = found.len() == 1
                    && found[0].kind == kind
                    && same(found[0].identifier.as_deref(), token.identifier());
                if !is_found {
                    holes.push(format!(
                        "{} {number} {} {cuts:?}: {} found in\n{text:?}",
                        glued.form,
                        kind.id,
                        found.len()
                    ));
                }
            }
        }
    }
    assert!(holes.is_empty(), "{} holes\n{}", holes.len(), holes[..holes.len().min(3000)].join("\n"));
}

#[test]
fn what_lacks_a_character_of_its_secret_part_is_not_found_whatever_parts_it() {
    for (number, glued) in GLUED.iter().enumerate() {
        // The size of a chunk can be a part of a secret in lower case.
        let upper = |kind: &&Kind| glued.form != "chunks" || !kind.prefixes[0].starts_with("dt0a");
        for kind in prefixed().filter(upper) {
            let token = drawn(kind, number).text;
            // A year behind a line could be what is missing.
            let missing = if glued.form == "log lines" { 5 } else { 1 };
            let token = &token[..token.len() - missing];
            for cuts in cuts(glued, token) {
                let text = written(glued, token, &cuts);
                let found = find(text.as_bytes());
                let ways: Vec<_> =
                    found.iter().map(|found| (found.certainty, found.encodings.to_string())).collect();
                assert!(found.is_empty(), "{} {} {cuts:?}: {ways:?} in {text:?}", glued.form, kind.id);
            }
        }
    }
}

/// What comes out where `text` comes in pieces of `length` bytes with a pause behind each.
fn masked(text: &str, length: usize) -> String {
    let mut out = Vec::new();
    let mut masker = Masker::new(&mut out);
    for piece in text.as_bytes().chunks(length) {
        masker.push(piece).unwrap();
        masker.pause().unwrap();
    }
    assert!(masker.finish().unwrap().missed.is_empty());
    String::from_utf8(out).unwrap()
}

#[test]
fn no_piece_of_a_secret_part_comes_out_of_mask_wherever_the_pipe_is_cut() {
    for (number, glued) in GLUED.iter().enumerate() {
        let kind = &KINDS[0];
        let token = drawn(kind, number);
        for cuts in cuts(glued, &token.text) {
            let text = written(glued, &token.text, &cuts);
            // The last is read whole: then nothing is held back.
            let lengths = if effort::all() { vec![1, 7, text.len()] } else { vec![7] };
            for length in lengths {
                let out = masked(&text, length);
                let shown = token
                    .secret()
                    .as_bytes()
                    .windows(6)
                    .any(|six| out.as_bytes().windows(6).any(|out| out == six));
                assert!(!shown && out.contains(MASK), "{} {cuts:?} {length}: {out:?}", glued.form);
                assert!(
                    out.starts_with("these words\n") && out.ends_with("\nthese words\n"),
                    "{}: {out:?}",
                    glued.form
                );
            }
        }
    }
}

#[test]
fn what_grep_and_colours_put_into_a_token_stays_and_its_secret_part_is_masked() {
    let token = specimen(&KINDS[0], 1);
    let (identifier, secret) = (token.identifier().unwrap(), token.secret());
    let colour = |text: &str| text.replacen("dt0c01", "\x1b[01;31m\x1b[Kdt0c01\x1b[m\x1b[K", 1);
    assert_eq!(
        masked(&colour(&format!("a.log:3:key={} end\n", token.text)), 1000),
        colour(&format!("a.log:3:key={identifier}.{MASK} end\n"))
    );
    let (one, two) = secret.split_at(30);
    let text = format!("{identifier}.{one}\x1b[m{two}\n");
    assert_eq!(masked(&text, 1000), format!("{identifier}.{MASK}\x1b[m{MASK}\n"));
}

#[test]
fn a_commit_of_each_form_is_blocked_and_the_form_named() {
    let repo = Repo::new();
    let staged = GLUED.iter().enumerate().map(|(number, glued)| {
        let token = repo.token("dt0c01", number as u64);
        let cuts = cuts(glued, &token.text).pop().unwrap();
        repo.write(&number.to_string(), written(glued, &token.text, &cuts));
        (glued, token)
    });
    let staged: Vec<_> = staged.collect();
    repo.git(&["add", "."]).succeeds();
    repo.commit().blocks();
    assert_eq!(repo.commits(), 1);
    let ran = repo.dtguard(&["scan", "--staged", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    for (number, (glued, token)) in staged.iter().enumerate() {
        let findings = report["findings"].as_array().unwrap();
        let of_it = findings.iter().find(|one| one["path"] == number.to_string().as_str());
        let of_it = of_it.unwrap_or_else(|| panic!("{} passes", glued.form));
        assert_eq!(of_it["identifier"], token.identifier().unwrap(), "{}", glued.form);
        // What another decoder reads too has the name that it gives.
        let named = of_it["encodings"].as_array().is_some_and(|names| !names.is_empty());
        assert!(named, "{}: {of_it}", glued.form);
        assert!(!ran.stdout.contains(&token.secret()[..20]), "{}", glued.form);
    }
}
