//! The tokens that a new version adds.

use std::collections::HashSet;
use std::ops::Range;

use super::stream::search_stream;
use crate::find::{Match, find};
use crate::finding::Token;
use crate::source::{Blob, BlobReader, Content, ObjectId, Pointer};
use crate::text::{Multiset, is_binary, line_around, lines};

/// The tokens of `tokens` that occur more often there than in each of the `held`.
pub(super) fn added_tokens(tokens: &[Token], mut held: Vec<Multiset<Token>>) -> Vec<bool> {
    tokens.iter().map(|token| !take_from_any(&mut held, token)).collect()
}

/// The tokens in the blob `id`. None if it cannot be read, as in a partial clone; then more
/// tokens count as added.
pub(super) fn held_tokens(blobs: &mut BlobReader<'_>, id: ObjectId, path: &[u8]) -> Multiset<Token> {
    let Ok(content) = blobs.open(id, path) else { return Multiset::default() };
    let pointer = match &content {
        Content::Whole(content) => Pointer::read(content),
        Content::Stream { .. } => None,
    };
    match pointer.map(|pointer| blobs.open_pointed(&pointer)) {
        None => tokens_in(content),
        Some(Ok(Some(pointed))) => tokens_in(pointed),
        Some(_) => Multiset::default(),
    }
}

fn tokens_in(content: Content<'_>) -> Multiset<Token> {
    let mut tokens = Vec::new();
    match content {
        Content::Whole(content) => tokens.extend(find(&content).iter().map(Match::key)),
        Content::Stream { mut read, .. } => {
            let read =
                search_stream(&mut *read, &mut |_, matches| tokens.extend(matches.iter().map(Match::key)));
            if read.is_err() {
                tokens.clear();
            }
        }
    }
    Multiset::of(tokens.into_iter())
}

/// The matches in `new` that are added, compared with all `old` versions. A match on one line
/// of plain text is added if its line occurs more often now. An encoded match, one over several
/// lines, and one in binary or huge content is added if its token occurs more often.
pub fn added_matches<'m>(new: &[u8], matches: &'m [Match], old: Vec<Content<'_>>) -> Vec<&'m Match> {
    if matches.is_empty() || old.is_empty() {
        return matches.iter().collect();
    }
    let is_text = |old: &Content<'_>| matches!(old, Content::Whole(old) if !is_binary(old));
    let added = if !is_binary(new) && old.iter().all(is_text) {
        let old: Vec<Blob<'_>> = old.into_iter().filter_map(Content::whole).collect();
        added_by_line(new, matches, &old)
    } else {
        let tokens: Vec<Token> = matches.iter().map(Match::key).collect();
        added_tokens(&tokens, old.into_iter().map(tokens_in).collect())
    };
    matches.iter().zip(added).filter_map(|(found, added)| added.then_some(found)).collect()
}

/// The added matches in the text `new`, compared line by line with the `old` texts.
fn added_by_line(new: &[u8], matches: &[Match], old: &[Blob<'_>]) -> Vec<bool> {
    let lines_of = lines_of(new, matches);
    let (on_a_line, others): (Vec<usize>, Vec<usize>) =
        (0..matches.len()).partition(|number| is_on_one_line(matches, &lines_of, *number));

    let token = |number: usize| matches.get(number).map(Match::key);
    let line = |number: usize| lines_of.get(number).and_then(|line| new.get(line.clone()));
    let candidates: HashSet<&[u8]> = on_a_line.iter().filter_map(|number| line(*number)).collect();
    let mut held_lines: Vec<_> =
        old.iter().map(|old| Multiset::of(lines(old).filter(|line| candidates.contains(line)))).collect();
    let mut held_tokens: Vec<_> = old
        .iter()
        .filter(|_| !others.is_empty())
        .map(|old| Multiset::of(find(old).into_iter().map(|found| Some(found.key()))))
        .collect();

    let mut added = vec![false; matches.len()];
    let mut verdict = |number: usize, is_added: bool| added.get_mut(number).map(|added| *added = is_added);
    // All tokens of a line are added, or none.
    let mut last: Option<(&Range<usize>, bool)> = None;
    for number in on_a_line {
        let Some(range) = lines_of.get(number) else { continue };
        let is_added = match last {
            Some((same, is_added)) if same == range => is_added,
            _ => !take_from_any(&mut held_lines, &line(number).unwrap_or_default()),
        };
        last = Some((range, is_added));
        // Its line is not added, and must not be used for another one.
        if !is_added {
            take_from_any(&mut held_tokens, &token(number));
        }
        verdict(number, is_added);
    }
    for number in others {
        verdict(number, !take_from_any(&mut held_tokens, &token(number)));
    }
    added
}

/// Whether the match with this number is plain text on a single line.
fn is_on_one_line(matches: &[Match], lines_of: &[Range<usize>], number: usize) -> bool {
    let found = matches.get(number).zip(lines_of.get(number));
    found.is_some_and(|(found, line)| found.encodings.is_plain() && found.span.end <= line.end)
}

/// The first line of each of `matches`, which are sorted by start.
fn lines_of(content: &[u8], matches: &[Match]) -> Vec<Range<usize>> {
    let mut lines: Vec<Range<usize>> = Vec::with_capacity(matches.len());
    for found in matches {
        let start = found.span.start;
        let same = lines.last().filter(|line| line.contains(&start)).cloned();
        lines.push(same.unwrap_or_else(|| line_around(content, start)));
    }
    lines
}

/// Takes `key` from each of `held`. Returns whether any had it.
fn take_from_any<K: std::hash::Hash + Eq>(held: &mut [Multiset<K>], key: &K) -> bool {
    // Take from all of them, even if the answer is known already.
    let given = held.iter_mut().filter_map(|multiset| multiset.take(key).then_some(())).count();
    given > 0
}
