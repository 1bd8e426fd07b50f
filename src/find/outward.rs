//! Converts matches in decoded text to matches in the original text.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;

use super::context;
use super::decode::{Decoded, goes_on};
use super::encoding::Encoding;
use super::glue::Evidence;
use super::matched::{Certainty, Match};
use crate::text::line_around;
use crate::token::{PREFIX, Shape, kind_of_prefix};

/// A token with fewer characters than this on its last line, and a word that goes on there,
/// is none: those characters belong to the word.
const SHORTEST_END: usize = 8;

/// `found`, a match in `decoded`, as a match in `text`, which was decoded; `None` if it is
/// no token there.
pub(super) fn outward(found: Match, decoded: &Decoded, text: &[u8]) -> Option<Match> {
    let span = decoded.map.written_at(&found.span);
    // Text that belongs to different things is joined too: there the token itself has to
    // show that it is one.
    let doubtful = match decoded.encoding {
        Encoding::Lines => found.encodings.as_slice().iter().all(|encoding| encoding.parts()),
        Encoding::Glued(glue) => glue.evidence != Evidence::Clear || found.kind.shape == Shape::Whole,
        _ => false,
    };
    if doubtful && (span.len() == found.span.len() || !is_sure(&found, decoded)) {
        return None;
    }
    // Without the issued shape it could be parts of different things: a prefix
    // in one line of a dashboard and the SHA-256 in another.
    if matches!(decoded.encoding, Encoding::Glued(_)) && !is_drawn(&found, &decoded.bytes) {
        return None;
    }
    let encodings = found.encodings.clone().within(decoded.encoding);
    let (secret, parts) = if decoded.encoding.parts() {
        let parts: Vec<_> = found.secrets().iter().flat_map(|part| decoded.map.parts(part)).collect();
        (decoded.map.written_at(&found.secret), parts)
    } else {
        // Identifier and secret part can share characters: all of it is masked.
        (span.clone(), Vec::new())
    };
    let mut outward = Match { span, secret, parts, encodings, ..found };
    if matches!(decoded.encoding, Encoding::Glued(glue) if glue.shows) {
        // The lines of the secret part show it once more.
        let line = line_around(text, outward.secret.start);
        outward.secret.start = line.start;
        outward.span.start = outward.span.start.min(line.start);
        outward.parts.clear();
    }
    Some(outward)
}

/// `plain` in `text` with the matches of `inside`, each token once.
pub(super) fn merge(text: &[u8], mut plain: Vec<Match>, mut inside: Vec<Match>) -> Vec<Match> {
    // The first two characters of a value may be the end of the `=3D` before it.
    let quoted = |found: &&Match| found.encodings.as_slice().contains(&Encoding::QuotedPrintable);
    let begun: HashSet<_> =
        inside.iter().filter(quoted).map(|found| (found.span.start, found.rule())).collect();
    plain.retain(|found| {
        let start = found.span.start;
        let follows_equals = start.checked_sub(1).and_then(|at| text.get(at)) == Some(&b'=');
        found.identifier.is_some() || !follows_equals || !begun.contains(&(start + 2, found.rule()))
    });
    let mut known: HashMap<_, Vec<&Match>> = HashMap::new();
    plain.iter().for_each(|found| known.entry(found.rule()).or_default().push(found));
    inside.retain(|found| known.get(found.rule()).is_none_or(|plain| !is_known(plain, found)));
    // Several decoders may find one token: the surest match counts, then the one in the
    // fewest encodings, and that in wrapped lines last. The spans that are kept of a token
    // overlap at most at their ends: adjacent copies share a character of base64.
    inside.sort_by_key(|found| {
        let ways = found.encodings.as_slice();
        (found.certainty, ways.len(), found.span.start, ways.first() == Some(&Encoding::Lines))
    });
    let mut kept: HashMap<_, BTreeMap<usize, usize>> = HashMap::new();
    // Each member of an archive begins like one, too.
    let mut archives: HashMap<_, BTreeMap<usize, usize>> = HashMap::new();
    let mut read: HashSet<(usize, &str)> = HashSet::new();
    let mut identified: HashMap<_, Certainty> = HashMap::new();
    inside.retain(|found| {
        // What looks like an escape in another encoding is taken for one, too: that damages
        // the end of the token.
        if let Some(identifier) = &found.identifier {
            let one = (found.span.start, found.member.clone(), found.kind.id, identifier.clone());
            if *identified.entry(one).or_insert(found.certainty) != found.certainty {
                return false;
            }
        }
        // What begins at one place and stands there but for what parts it is one token.
        if found.encodings.as_slice().iter().all(|encoding| encoding.keeps_most())
            && !read.insert((found.span.start, found.rule()))
        {
            return false;
        }
        if found.member.is_some() {
            let archives = archives.entry(found.key()).or_default();
            if archives.range(..found.span.start).next_back().is_some_and(|(_, end)| *end >= found.span.end) {
                return false;
            }
            archives.insert(found.span.start, found.span.end);
        }
        let spans = kept.entry((found.key(), found.member.clone())).or_default();
        let ends = found.span.len() / 4;
        let before = spans.range(..found.span.end - ends).next_back();
        let new = before.is_none_or(|(_, end)| *end <= found.span.start + ends);
        if new {
            spans.insert(found.span.start, found.span.end);
        }
        new
    });
    let mut all = plain;
    all.extend(inside);
    all.sort_by_key(|found| (found.span.start, found.span.end));
    all
}

/// Whether a match in `plain` text is the same token as `found`, which may look longer where
/// it was joined to the text behind it. All of them are tokens, or of one rule: then those that
/// begin later end later.
fn is_known(plain: &[&Match], found: &Match) -> bool {
    let first = plain.partition_point(|other| other.span.end <= found.span.start);
    plain.iter().skip(first).take_while(|other| other.span.start < found.span.end).any(|other| {
        other.fingerprint == found.fingerprint
            || found.encodings.as_slice().iter().all(|encoding| encoding.keeps_most())
                && !matches!(other.certainty, Certainty::Filler | Certainty::Sample)
    })
}

/// Whether the parts of `found` in `bytes` have the issued shape of its kind; where all of it
/// is secret, whether it is no word.
fn is_drawn(found: &Match, bytes: &[u8]) -> bool {
    let Some(secret) = bytes.get(found.secret.clone()) else { return false };
    let public = found.identifier.as_deref().and_then(|id| id.split_once('.')).map(|(_, public)| public);
    match found.kind.shape {
        shape @ Shape::Dotted { .. } => shape.is_issued(public.unwrap_or_default().as_bytes(), secret),
        Shape::Whole => {
            let letters: Vec<u8> = secret.iter().filter(|byte| !byte.is_ascii_digit()).copied().collect();
            let both =
                letters.iter().any(u8::is_ascii_uppercase) && letters.iter().any(u8::is_ascii_lowercase);
            // Words have few numbers, and those at their ends. Rows of prefixes are a list, not
            // parts of a secret.
            let inside =
                secret.array_windows().any(|[one, next]| one.is_ascii_digit() && next.is_ascii_lowercase());
            (context::is_random(&letters) || both && (inside || numbers(secret) >= 3))
                && !secret.windows(PREFIX).any(|part| kind_of_prefix(part).is_some())
        }
        Shape::Jwt => true,
        Shape::Bare { .. } | Shape::Rule => false,
    }
}

/// Whether `found` is a token although the pieces that were joined in `decoded` may belong to
/// different things: it was drawn, is no row of words, and does not end in the first letters
/// of another word.
fn is_sure(found: &Match, decoded: &Decoded) -> bool {
    let least = match found.kind.shape {
        Shape::Dotted { .. } => 4,
        Shape::Whole => 1,
        Shape::Jwt | Shape::Bare { .. } | Shape::Rule => 0,
    };
    // Words have few numbers, and wrapped lines have one length.
    let secret = decoded.bytes.get(found.secret.clone()).unwrap_or_default();
    let lines = decoded.map.run_lengths(&found.span);
    let even = lines.iter().all(|line| lines.first() == Some(line));
    let ends = found.kind.shape == Shape::Whole || even && lines.len() > 1 || ends(found, decoded);
    is_drawn(found, &decoded.bytes) && (numbers(secret) >= least || even) && ends
}

/// Whether `found` ends where a word does, or has enough characters on its last line.
fn ends(found: &Match, decoded: &Decoded) -> bool {
    let last = decoded.map.parts(&found.span).last().map_or(0, Range::len);
    last >= SHORTEST_END || !goes_on(decoded.bytes.get(found.span.end..).unwrap_or_default())
}

/// How many numbers stand in `text`.
fn numbers(text: &[u8]) -> usize {
    text.split(|byte| !byte.is_ascii_digit()).filter(|digits| !digits.is_empty()).count()
}
