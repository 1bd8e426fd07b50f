//! Innocent text that is encoded, packed or put beside other such text.

use super::super::encoders::ENCODERS;
use super::super::packers::{bzip2, gzip, tar, xz, zip, zstd};
use super::{Entry, Random, any, any_of, dynatrace};

pub const SORTS: [Entry; 7] = [
    ("UTF-16", |random| any(random).into_iter().flat_map(|byte| [byte, 0]).collect()),
    ("UTF-32", |random| any(random).into_iter().flat_map(|byte| [0, 0, 0, byte]).collect()),
    ("encoded text", |random| {
        let mut text = any(random);
        text.truncate(4000);
        for _ in 0..=random.below(2) {
            text = encoded(&text, random);
        }
        text
    }),
    ("encoded text about Dynatrace", |random| {
        let mut text = any_of(&[&dynatrace::SORTS], random);
        for _ in 0..=random.below(2) {
            text = encoded(&text, random);
        }
        text
    }),
    ("several sorts in one file", |random| {
        let joint = *random.pick(&["", "\n", " ", "\"", ",", "\0", "=", "\\"]);
        let pieces: Vec<Vec<u8>> = (0..2 + random.below(3)).map(|_| any(random)).collect();
        pieces.join(joint.as_bytes())
    }),
    ("a compressed file", |random| {
        let text = any(random);
        random.pick(&[gzip as fn(&[u8]) -> Vec<u8>, bzip2, xz, zstd])(&text)
    }),
    ("an archive", |random| {
        let (one, two) = (any(random), any(random));
        let members: [(&str, &[u8]); 2] = [("one.txt", &one), ("folder/two.bin", &two)];
        match random.below(3) {
            0 => zip(&members),
            1 => tar(&members),
            _ => gzip(&tar(&members)),
        }
    }),
];

/// `text` in some encoding, in one piece: a part of another value can have the length
/// of an old token, and nothing shows that it is none.
fn encoded(text: &[u8], random: &mut Random) -> Vec<u8> {
    loop {
        let encoder = random.pick(ENCODERS);
        if !["pieces", "wrapped lines"].contains(&encoder.name) {
            return (encoder.write)(text, random).bytes;
        }
    }
}
