//! Needles: literals of which each match of a rule has one, in any letter case.
//!
//! They are found by three of their bytes ([`super::gram`]), in one pass.

use std::collections::HashMap;

use regex_syntax::hir::literal::{Extractor, Seq};
use regex_syntax::hir::{Class, ClassBytes, ClassBytesRange, Hir, HirKind};

use super::gram::{GRAM, Gram, Grams, fold};

/// The longest match that is found, in bytes.
pub const LONGEST_MATCH: usize = 4 << 10;
/// How long needles are at most, and how many a rule has at most.
const LONG: usize = 16;
const MANY: usize = 64;
/// How many parts of an expression may stand before its needle.
const FAR: usize = 64;

/// A literal, folded, and how far a match that has it reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Needle {
    pub(super) bytes: Vec<u8>,
    /// How many bytes of a match stand before it at most.
    pub(super) before: usize,
    /// How many from its start to the end of a match at most.
    pub(super) after: usize,
}

/// The needles of an expression; none if it has no usable ones.
pub(super) fn of(hir: &Hir) -> Vec<Needle> {
    let mut needles = all(&folded(hir)).unwrap_or_default();
    // Windows around later needles must not begin before those around earlier ones.
    let most = |of: fn(&Needle) -> usize| needles.iter().map(of).max().unwrap_or_default();
    let (before, after) = (most(|needle| needle.before), most(|needle| needle.after));
    needles.iter_mut().for_each(|needle| (needle.before, needle.after) = (before, after));
    needles
}

fn all(hir: &Hir) -> Option<Vec<Needle>> {
    let mut parts = Vec::new();
    flatten(hir, &mut parts);
    if let [one] = parts.as_slice()
        && let HirKind::Alternation(ways) = one.kind()
        && let Some(ways) = ways.iter().map(all).collect::<Option<Vec<_>>>()
    {
        let needles = ways.concat();
        if needles.len() <= MANY {
            return Some(needles);
        }
    }
    let shortest = |literals: &[Vec<u8>]| literals.iter().map(Vec::len).min().unwrap_or_default();
    let rank = |literals: &[Vec<u8>]| (shortest(literals).min(8), usize::MAX - literals.len());
    let mut best: Option<(usize, Vec<Vec<u8>>)> = None;
    for from in 0..parts.len().min(FAR) {
        let end = parts.len().min(from + LONG);
        let Some(new) = parts.get(from..end).and_then(literals) else { continue };
        // One that is long enough is good enough.
        let is_good = new.len() == 1 && shortest(&new) >= 6;
        if best.as_ref().is_none_or(|(_, old)| rank(&new) > rank(old)) {
            best = Some((from, new));
        }
        if is_good {
            break;
        }
    }
    let (from, literals) = best?;
    let longest = |parts: &[Hir]| {
        let lengths = parts.iter().map(|part| part.properties().maximum_len());
        lengths.sum::<Option<usize>>().map_or(LONGEST_MATCH, |sum| sum.min(LONGEST_MATCH))
    };
    let (before, behind) = parts.split_at_checked(from)?;
    let (before, after) = (longest(before), longest(behind));
    Some(literals.into_iter().map(|bytes| Needle { bytes, before, after }).collect())
}

/// The literals with which these parts begin, if all of them are long enough.
fn literals(parts: &[Hir]) -> Option<Vec<Vec<u8>>> {
    let mut extractor = Extractor::new();
    extractor.limit_literal_len(LONG).limit_total(MANY);
    let mut literals: Seq = extractor.extract(&Hir::concat(parts.to_vec()));
    literals.keep_first_bytes(LONG);
    literals.dedup();
    let literals = literals.literals()?;
    let fits = !literals.is_empty() && literals.iter().all(|literal| literal.len() >= GRAM);
    fits.then(|| literals.iter().map(|literal| literal.as_bytes().to_vec()).collect())
}

/// The parts that follow each other in `hir`, without its groups.
fn flatten(hir: &Hir, parts: &mut Vec<Hir>) {
    match hir.kind() {
        HirKind::Capture(group) => flatten(&group.sub, parts),
        HirKind::Concat(all) => all.iter().for_each(|part| flatten(part, parts)),
        _ => parts.push(hir.clone()),
    }
}

/// `hir`, with each byte folded.
fn folded(hir: &Hir) -> Hir {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => hir.clone(),
        HirKind::Literal(literal) => {
            Hir::literal(literal.0.iter().map(|byte| fold(*byte)).collect::<Vec<u8>>())
        }
        HirKind::Class(class) => {
            let mut bytes: Vec<u8> = match class {
                Class::Bytes(class) => {
                    class.iter().flat_map(|range| range.start()..=range.end()).map(fold).collect()
                }
                Class::Unicode(class) => {
                    let all = class.iter().all(|range| range.end().is_ascii());
                    let ranges = class.iter().filter(|_| all);
                    ranges.flat_map(|range| range.start()..=range.end()).map(|c| fold(c as u8)).collect()
                }
            };
            bytes.sort_unstable();
            bytes.dedup();
            if bytes.is_empty() {
                return hir.clone();
            }
            let ranges = bytes.into_iter().map(|byte| ClassBytesRange::new(byte, byte));
            Hir::class(Class::Bytes(ClassBytes::new(ranges)))
        }
        HirKind::Repetition(repetition) => Hir::repetition(repetition.with(folded(&repetition.sub))),
        // Which group it is does not matter here.
        HirKind::Capture(group) => folded(&group.sub),
        HirKind::Concat(all) => Hir::concat(all.iter().map(folded).collect()),
        HirKind::Alternation(all) => Hir::alternation(all.iter().map(folded).collect()),
    }
}

/// The needles of all rules.
#[derive(Debug, Default)]
pub(super) struct Needles {
    grams: Grams,
    /// By gram: the number of the rule, its needle, and where in that the gram begins.
    places: HashMap<Gram, Vec<(usize, Needle, usize)>>,
}

impl Needles {
    pub(super) fn of<'n>(rules: impl Iterator<Item = &'n [Needle]>) -> Self {
        let mut places: HashMap<Gram, Vec<(usize, Needle, usize)>> = HashMap::new();
        for (number, needles) in rules.enumerate() {
            for needle in needles {
                if let Some((offset, gram)) = rarest(&needle.bytes) {
                    places.entry(gram).or_default().push((number, needle.clone(), offset));
                }
            }
        }
        Self { grams: Grams::of(places.keys().copied().collect()), places }
    }

    /// Calls `hit` with the number of the rule, its needle and where that stands in `text`, for
    /// each place of each needle; those of one needle are in order.
    pub(super) fn each(&self, text: &[u8], hit: &mut dyn FnMut(usize, &Needle, usize)) {
        self.grams.each(text, &mut |gram, at| {
            for (number, needle, offset) in self.places.get(&gram).into_iter().flatten() {
                let Some(start) = at.checked_sub(*offset) else { continue };
                let there = text.get(start..start + needle.bytes.len()).unwrap_or_default();
                if there.iter().map(|byte| fold(*byte)).eq(needle.bytes.iter().copied()) {
                    hit(*number, needle, start);
                }
            }
        });
    }
}

/// The gram of `needle` that is rarest in other text, and where it begins.
fn rarest(needle: &[u8]) -> Option<(usize, Gram)> {
    let common = |byte: &u8| match byte {
        b' ' | b'e' | b't' | b'a' | b'o' | b'i' | b'n' | b's' | b'r' => 3,
        b'a'..=b'z' => 2,
        b'0' | b'-' | b'.' | b'/' | 0x7f => 1,
        _ => 0,
    };
    let grams = needle.array_windows().enumerate();
    let (offset, gram) = grams.min_by_key(|(_, gram)| gram.iter().map(common).sum::<u32>())?;
    Some((offset, *gram))
}
