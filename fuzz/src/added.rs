//! What a new version of a file has more of than its old ones.

use std::collections::HashMap;
use std::hash::Hash;

use dtguard::find::{Match, find};
use dtguard::scan::added_of;
use dtguard::source::{Blob, Content};
use dtguard::text::{count_added_lines, is_binary};
use dtguard::token::{KINDS, specimen};

use super::input::{Input, grown};

/// Compares two texts, and three that are made of few lines.
pub fn added(bytes: &[u8]) {
    let mut input = Input(bytes);
    let length = input.below(bytes.len() + 1);
    let (one, other) = (input.take(length), input.0);
    lines_are_counted(one, other);
    lines_are_counted(other, one);
    let (one, other) = (grown(one), grown(other));
    let matches = find(&one);
    assert_eq!(of(&one, &matches, &[]).len(), matches.len());
    // What a version holds, it does not add to itself.
    assert_eq!(of(&one, &matches, &[&one]).len(), 0);
    assert_eq!(of(&one, &matches, &[&other, &one]).len(), 0);

    let mut input = Input(bytes);
    let [new, first, second] = [(); 3].map(|()| text(&mut input));
    tokens_are_counted(&new, &[]);
    tokens_are_counted(&new, &[&first]);
    tokens_are_counted(&new, &[&first, &second]);
}

fn of<'m>(new: &[u8], matches: &'m [Match], old: &[&[u8]]) -> Vec<&'m Match> {
    let old = old.iter().map(|old| Content::Whole(Blob::Read(old.to_vec()))).collect();
    added_of(new, matches, old)
}

/// The lines of a text, in the simplest way.
fn lines(text: &[u8]) -> Vec<&[u8]> {
    let mut lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').collect();
    lines.pop_if(|last| last.is_empty());
    lines.into_iter().map(|line| line.strip_suffix(b"\r").unwrap_or(line)).collect()
}

fn lines_are_counted(new: &[u8], old: &[u8]) {
    let mut left = lines(old);
    let mut added = 0;
    for line in lines(new).into_iter() {
        match left.iter().position(|other| *other == line) {
            Some(at) => drop(left.swap_remove(at)),
            None => added += 1,
        }
    }
    assert_eq!(count_added_lines(new, old), added);
}

/// A text of few different lines: words, and tokens in plain text.
fn text(input: &mut Input<'_>) -> Vec<u8> {
    let mut text = Vec::new();
    for _ in 0..input.byte() % 32 {
        let choice = input.byte();
        let token = |seed: u8| specimen(&KINDS[0], (seed & 3).into()).text;
        match choice % 8 {
            0 => text.extend(b"word"),
            1..=4 => text.extend(token(choice >> 4).bytes()),
            5 => text.extend(format!("{} {}", token(choice >> 4), token(choice >> 6)).bytes()),
            6 => text.extend(format!("key = {}", token(choice >> 4)).bytes()),
            _ => text.extend([b'x', if choice == 0xff { 0 } else { b'y' }]),
        }
        text.extend(if choice & 8 == 0 { &b"\n"[..] } else { b"\r\n" });
    }
    if input.byte().is_multiple_of(2) {
        text.pop();
    }
    text
}

fn counts<K: Hash + Eq>(keys: impl Iterator<Item = K>) -> HashMap<K, usize> {
    let mut counts = HashMap::new();
    keys.for_each(|key| *counts.entry(key).or_default() += 1);
    counts
}

/// How often `key` is in the one of `held` that has it most often.
fn most<K: Hash + Eq>(held: &[HashMap<K, usize>], key: &K) -> usize {
    held.iter().map(|held| held.get(key).copied().unwrap_or(0)).max().unwrap_or(0)
}

/// Each token is added as often as its line, in binary content as often as itself,
/// stands there more often than in any old version.
fn tokens_are_counted(new: &[u8], old: &[&[u8]]) {
    let matches = find(new);
    let added = of(new, &matches, old);
    let binary = is_binary(new) || old.iter().any(|old| is_binary(old));
    let line = |found: &Match| {
        let start = new[..found.span.start].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        lines(&new[start..])[0]
    };
    if binary {
        let held: Vec<_> = old.iter().map(|old| counts(find(old).iter().map(Match::key))).collect();
        let is = counts(added.iter().map(|found| found.key()));
        for (key, count) in counts(matches.iter().map(Match::key)) {
            let wanted = count.saturating_sub(most(&held, &key));
            assert_eq!(is.get(&key).copied().unwrap_or(0), wanted, "{key:?}");
        }
    } else {
        let held: Vec<_> = old.iter().map(|old| counts(lines(old).into_iter())).collect();
        let is = counts(added.iter().map(|found| line(found)));
        for (line, count) in counts(lines(new).into_iter()) {
            let tokens = find(line).len();
            let wanted = count.saturating_sub(most(&held, &line)) * tokens;
            assert_eq!(is.get(line).copied().unwrap_or(0), wanted, "{}", line.escape_ascii());
        }
    }
}
