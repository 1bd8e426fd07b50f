//! Whether a new version of a clean text is still clean, decided from its changed ranges.

use dtguard::find::{Missed, Unread, is_clean_base, is_still_clean, search};
use dtguard::source::fuzzing::made;
use dtguard::token::{KINDS, specimen};

use super::delta::{apply, encode, steps};
use super::encoders::{ENCODERS, Random, dressed};
use super::input::{Input, grown};
use super::pack::differs_only_there;

/// Lines that stand in texts many times.
const LINES: [&str; 24] = [
    "let the words go on and on\n",
    "\n",
    "a word\r\n",
    "2026-11-22T05:44:00Z INFO com.dynatrace.agent started in 12 ms\n",
    "    \"a\" +\n",
    "    \"GHI\",\n",
    "0x64, 0x74, 0x30,\n",
    "64743063 30312e41\n",
    "ZHQwYzAxLlNUMkVZNzJLUUlOTUg1NzRXTU5WSTdZTi4=\n",
    "Lkludm9rZQ==\n",
    "\\x64\\x74\\x30\n",
    "ABCDEFGH\n",
    "= \\\n",
    "dynatrace\n",
    "token:\n",
    "x",
    " ",
    "# comment here too\n",
    "tenantToken: \"\"\n",
    "    }\n",
    "https://abc.live.dynatrace.com/api\n",
    "key=value; other=thing; ",
    "&#100;&#116;",
    "// of it\n",
];

/// Changes a text without any token, and has both searched.
pub fn still_clean(bytes: &[u8]) {
    let mut input = Input(bytes);
    let base = base(&mut input);
    let steps = steps(&mut input, base.len(), &mut new);
    let content = apply(&base, &steps);
    let (read, changed) = made(&base, &encode(&base, &steps)).unwrap();
    assert!(read == content);
    differs_only_there(&content, &base, &changed);
    if !is_clean_base(&base) || !is_still_clean(&content, &changed) {
        return;
    }
    let found = search(&base);
    if !found.matches.is_empty() || !found.missed.is_empty() {
        return;
    }
    let found = search(&content);
    // All of it at once may take too much work where none of its parts does.
    let too_much = |missed: &&Missed| missed.member.is_empty() && missed.why == Unread::TooLarge;
    let missed = found.missed.iter().find(|missed| !too_much(missed));
    if !found.matches.is_empty() || missed.is_some() {
        let places: Vec<_> = found.matches.iter().map(|found| (found.kind.id, &found.span)).collect();
        panic!("{changed:?} hide {places:?}, {missed:?} of\n{}", content.escape_ascii());
    }
}

/// A long text of few lines, which could hold parts of tokens.
fn base(input: &mut Input<'_>) -> Vec<u8> {
    let mut base = Vec::new();
    let parts = input.byte() % 24;
    for _ in 0..parts {
        let choice = input.byte();
        match choice {
            0..0xa0 => {
                let line = LINES[usize::from(choice) % LINES.len()].as_bytes();
                let most = [1, 16, 256, 4096][usize::from(input.byte() & 3)];
                let length = usize::from(input.byte()) * most / 128;
                base.extend(line.repeat((length / line.len()).max(1)));
            }
            0xa0..0xe0 => base.extend(part(choice, input)),
            _ => base.extend(grown(input.some())),
        }
    }
    base.truncate(1 << 16);
    base
}

/// A token as somebody writes it, or what is left of one where it was cut.
fn part(choice: u8, input: &mut Input<'_>) -> Vec<u8> {
    let kind = input.pick(KINDS);
    let mut text = dressed(kind, &specimen(kind, u64::from(choice & 1)).text).0.into_bytes();
    for _ in 0..input.byte() % 4 {
        let encoder = input.pick(ENCODERS);
        text = (encoder.write)(&text, &mut Random(encoder.what.len() as u64)).bytes;
        text.truncate(1 << 13);
    }
    let cut = input.below(text.len() + 1);
    match choice >> 1 & 3 {
        0 => text.truncate(cut),
        1 => drop(text.drain(..cut)),
        2 => text.truncate(text.len() / 2),
        _ => drop(text.drain(..text.len() / 2)),
    }
    text
}

fn new(input: &mut Input<'_>) -> Vec<u8> {
    let choice = input.byte();
    match choice {
        0..0x40 => LINES[usize::from(choice) % LINES.len()].as_bytes().to_vec(),
        0x40..0x80 => grown(input.some()),
        0x80..0xf0 => part(choice, input),
        _ => {
            let line = input.pick(&LINES).as_bytes();
            line.repeat(usize::from(input.byte()) + 1)
        }
    }
}
