//! The finder as a whole.

use std::sync::LazyLock;

use dtguard::find::{MASK, Match, Windows, find, masked, search, search_window};
use regex::bytes::Regex;

use super::input::grown;

static DOCUMENTED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?-u)^dt0[a-zA-Z][0-9]{2}\.[A-Z0-9]{24}\.[A-Z0-9]{64}").unwrap());

/// Tries the finder on `bytes` and on what they stand for.
pub fn finder(bytes: &[u8]) {
    holds(bytes);
    let grown = grown(bytes);
    if grown != bytes {
        holds(&grown);
    }
}

fn holds(text: &[u8]) {
    let found = search(text);
    let matches = found.matches.as_slice();
    assert!(matches.is_sorted_by_key(|found| found.span.start));
    for Match { span, secret, .. } in matches {
        assert!(span.start <= secret.start && secret.start < secret.end && secret.end <= span.end);
        assert!(span.end <= text.len());
    }
    for at in memchr_all(text, b'd') {
        if let Some(wanted) = DOCUMENTED.find(&text[at..]) {
            let wanted = at..at + wanted.end();
            let key = find(&text[wanted.clone()]).first().map(Match::key);
            let covers = |found: &Match| found.span.start <= wanted.start && wanted.end <= found.span.end;
            assert!(matches.iter().any(|found| covers(found) && Some(found.key()) == key), "{wanted:?}");
        }
    }

    let whole = found.missed.is_empty();
    let mut read = text;
    let windows: Vec<_> = Windows::new(&mut read).map(|window| search_window(&window.unwrap())).collect();
    // It is shorter than a window.
    let [streamed] = &windows[..] else { panic!("{} windows", windows.len()) };
    assert_eq!((&streamed.matches, &streamed.missed), (&found.matches, &found.missed));

    // Where all was scanned, no token is left to be found.
    if whole && !matches.is_empty() {
        let hidden = masked(text, 0..text.len(), matches);
        for again in find(&hidden) {
            // Beside another secret it was a part of a longer word until now.
            let near = again.span.start.saturating_sub(48)..hidden.len().min(again.span.end + 48);
            if hidden[near].windows(MASK.len()).any(|bytes| bytes == MASK.as_bytes()) {
                continue;
            }
            assert!(matches.iter().all(|found| found.key() != again.key()), "{again:?} is not masked");
        }
    }
}

fn memchr_all(text: &[u8], wanted: u8) -> impl Iterator<Item = usize> {
    text.iter().enumerate().filter_map(move |(at, byte)| (*byte == wanted).then_some(at))
}
