//! Whatever token, in whatever encodings in each other, amid whatever bytes: it is
//! found, and where it stands.

use std::ops::Range;

use dtguard::find::{Match, find, is_clean_base, is_still_clean, search};
use dtguard::policy::Policy;
use dtguard::token::{KINDS, Shape, specimen};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::support::effort;
use crate::support::encoders::{ENCODERS, Random, Written, dressed};

/// What is written around and in each other.
#[derive(Debug, Clone)]
struct Case {
    kind: usize,
    seed: u64,
    /// Indices of [`ENCODERS`], the innermost first.
    chain: Vec<usize>,
    /// Around the token and around each encoding of it.
    around: Vec<(Vec<u8>, Vec<u8>)>,
}

/// Bytes of all sorts, and those that signs of an encoding are made of.
fn surroundings() -> impl Strategy<Value = (Vec<u8>, Vec<u8>)> {
    let byte = prop_oneof![any::<u8>(), prop::sample::select(&b" \n\"'=%\\&:;,.{}[]()<>aZ09+/-_"[..])];
    (prop::collection::vec(byte.clone(), 0..40), prop::collection::vec(byte, 0..40))
}

fn cases(longest: usize) -> impl Strategy<Value = Case> {
    (
        0..KINDS.len(),
        any::<u64>(),
        prop::collection::vec(0..ENCODERS.len(), 0..=longest),
        prop::collection::vec(surroundings(), longest + 1),
    )
        .prop_map(|(kind, seed, chain, around)| Case { kind, seed, chain, around })
}

/// Between what was written and what stands around it, so that neither is taken
/// for a part of the other.
const APART: [u8; 1] = [b' '];

/// The bytes of the case and where its token begins in them.
fn written(case: &Case) -> (Vec<u8>, usize) {
    let kind = &KINDS[case.kind];
    let (text, at) = dressed(kind, &specimen(kind, case.seed).text);
    // Only prefixed tokens are found with anything at all beside them.
    written_of(case, &text, at, if kind.prefixes.is_empty() { &APART } else { &[] })
}

/// The bytes of the case with this `text`, `alone` around it, and where its byte `at` begins in
/// them.
fn written_of(case: &Case, text: &str, at: usize, alone: &[u8]) -> (Vec<u8>, usize) {
    let mut random = Random(case.seed);
    let surround = |bytes: &[u8], (before, after): &(Vec<u8>, Vec<u8>), apart: &[u8]| -> (Vec<u8>, usize) {
        ([before, apart, bytes, apart, after].concat(), before.len() + apart.len())
    };
    let (mut bytes, moved) = surround(text.as_bytes(), &case.around[0], alone);
    let mut at = at + moved;
    for (number, encoder) in case.chain.iter().enumerate() {
        let Written { bytes: encoded, places } = (ENCODERS[*encoder].write)(&bytes, &mut random);
        let (surrounded, moved) = surround(&encoded, &case.around[number + 1], &APART);
        (bytes, at) = (surrounded, places[at] + moved);
    }
    (bytes, at)
}

fn found(case: &Case) -> Result<(), TestCaseError> {
    let kind = &KINDS[case.kind];
    let token = specimen(kind, case.seed);
    let (bytes, at) = written(case);
    let matches = find(&bytes);
    let chain: Vec<&str> = case.chain.iter().map(|number| ENCODERS[*number].what).collect();
    // Escapes of escapes can be read in another order, too.
    let here = |found: &Match| {
        let same = kind.shape == Shape::Jwt || found.identifier.as_deref() == token.identifier();
        found.kind == kind && found.span.start == at && same
    };
    if !matches.iter().any(here) {
        let others: Vec<_> = matches.iter().map(|found| (found.kind.id, found.span.clone())).collect();
        return Err(TestCaseError::fail(format!(
            "{} at {at} in {chain:?}: found {others:?} in\n{}",
            kind.id,
            String::from_utf8_lossy(&bytes)
        )));
    }
    Ok(())
}

/// Whether the case can be recognized at all. A few old tokens in ten thousand read as
/// words. Lines that were broken without a sign are
/// any two lines: an old token, which only its name identifies, is lost in them, and so
/// are pairs of digits that are broken in two, escapes of escapes that are, pieces of
/// pieces, and what is mostly NULs.
fn is_recognized(case: &Case) -> bool {
    let whole = |name: &str| ["base64", "hex", "UTF-16", "UTF-32"].contains(&name);
    let names: Vec<&str> = case.chain.iter().map(|number| ENCODERS[*number].what).collect();
    let mut kept =
        case.chain.iter().map(|number| &ENCODERS[*number]).take_while(|encoder| !whole(encoder.name));
    let kind = &KINDS[case.kind];
    let bare = matches!(kind.shape, Shape::Bare { .. });
    let parts =
        |what: &str| ["hard-wrapped", "literals beside each other", "continued lines"].contains(&what);
    let gaps = |what: &str| ["hex with blanks", "hex with colons", "an array of bytes"].contains(&what);
    let plain = dressed(kind, &specimen(kind, case.seed).text).0;
    find(plain.as_bytes()).len() == 1
        && !(bare && kept.any(|encoder| encoder.what == "hard-wrapped"))
        && !(bare && kind.id.ends_with("license-key") && names.iter().any(|name| parts(name)))
        && !(names.len() == 3 && case.chain.iter().all(|number| ENCODERS[*number].name == "UTF-32"))
        && !(0..names.len()).any(|inner| {
            // What of it an outer encoding could part, if none between hides it.
            let shown: Vec<&str> = case.chain[inner + 1..]
                .iter()
                .map(|number| &ENCODERS[*number])
                .take_while(|encoder| !whole(encoder.name))
                .map(|encoder| encoder.what)
                .collect();
            let parted = shown.iter().position(|what| parts(what));
            parted.is_some_and(|at| at > 0 || gaps(names[inner]) || parts(names[inner]))
        })
}

/// A plain word that a rule forbids, in the place of a token.
const WORD: &str = "the zebra crossing of our own-town_station";

/// Whether the case can be recognized where the token is a word: lines that were broken without
/// a sign are any two lines, and of what looks like an escape in an escape one reading is as
/// good as another.
fn is_recognized_as_text(case: &Case) -> bool {
    let first = KINDS.iter().position(|kind| kind.prefixes.contains(&"dt0c01")).unwrap();
    let names: Vec<&str> = case.chain.iter().map(|number| ENCODERS[*number].what).collect();
    is_recognized(&Case { kind: first, ..case.clone() })
        && !names
            .iter()
            .any(|what| ["hard-wrapped", "literals beside each other", "continued lines"].contains(what))
}

fn found_by_rule(case: &Case) -> Result<(), TestCaseError> {
    let policy = format!("version = 1\n[[forbid]]\nid = \"word\"\npattern = '{WORD}'\n");
    let policy = Policy::parse("p.toml", &policy).unwrap();
    let (bytes, at) = written_of(case, WORD, 0, &[]);
    let matches = policy.rules().clone().during(|| find(&bytes));
    let chain: Vec<&str> = case.chain.iter().map(|number| ENCODERS[*number].what).collect();
    let here = |found: &Match| found.kind.id == "word" && found.span.start == at;
    if !matches.iter().any(here) {
        let others: Vec<_> = matches.iter().map(|found| (found.kind.id, found.span.clone())).collect();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        return Err(TestCaseError::fail(format!("at {at} in {chain:?}: found {others:?} in\n{text}")));
    }
    Ok(())
}

/// Plain text, long enough that what stands in it is a small part.
fn prose(random: &mut Random) -> Vec<u8> {
    const WORDS: [&str; 12] =
        ["let", "the", "value", "of", "return", "a", "string", "begin", "state", "(with)", "hope;", "public"];
    let mut text = Vec::new();
    while text.len() < 12_000 {
        for _ in 0..random.below(12) {
            text.extend_from_slice(random.pick(&WORDS).as_bytes());
            text.push(b' ');
        }
        text.push(b'\n');
    }
    text
}

/// The case amid prose, and the ranges that differ from how it was before a few bytes of
/// its token were changed; none if it was no clear text then.
fn changed(case: &Case) -> Option<(Vec<u8>, Vec<Range<usize>>)> {
    let mut random = Random(case.seed ^ 0x5eed);
    let (bytes, _) = written(case);
    let (before, after) = (prose(&mut random), prose(&mut random));
    let new = [before.as_slice(), &bytes, b"\n", &after].concat();
    let span = find(&new).first()?.span.clone();
    let mut starts: Vec<usize> =
        (0..=random.below(3)).map(|_| span.start + random.below(span.len())).collect();
    starts.sort_unstable();
    let (mut old, mut changed, mut kept) = (Vec::new(), Vec::<Range<usize>>::new(), 0);
    for start in starts {
        let end = (start + random.below(6)).min(span.end);
        if changed.last().is_some_and(|last| last.end >= start) {
            continue;
        }
        old.extend_from_slice(&new[kept..start]);
        old.extend((0..random.below(4)).map(|_| b"x#A= 7"[random.below(6)]));
        changed.push(start..end);
        kept = end;
    }
    old.extend_from_slice(&new[kept..]);
    let found = search(&old);
    (found.matches.is_empty() && found.missed.is_empty() && is_clean_base(&old)).then_some((new, changed))
}

/// The same cases in every run, unless `DTGUARD_SEED` says otherwise.
fn config(few: u64, many: u64) -> ProptestConfig {
    ProptestConfig {
        cases: effort::cases(few, many) as u32,
        rng_seed: RngSeed::Fixed(effort::number("DTGUARD_SEED").unwrap_or(1)),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config(500, 3000))]

    #[test]
    fn a_token_in_any_chain_of_three_encodings_is_found_where_it_stands(case in cases(3).prop_filter("recognizable", is_recognized)) {
        found(&case)?;
    }

    #[test]
    fn what_a_rule_forbids_is_found_in_the_same_chains_where_it_stands(case in cases(3).prop_filter("recognizable", is_recognized_as_text)) {
        found_by_rule(&case)?;
    }

    #[test]
    fn a_token_that_a_small_change_makes_is_never_called_clear(case in cases(3).prop_filter("recognizable", is_recognized)) {
        if let Some((new, changed)) = changed(&case) {
            prop_assert!(!is_still_clean(&new, &changed), "{changed:?} in\n{}", String::from_utf8_lossy(&new));
        }
    }

    #[test]
    fn a_token_in_any_one_encoding_is_found_where_it_stands(case in cases(1).prop_filter("recognizable", is_recognized)) {
        found(&case)?;
    }
}
