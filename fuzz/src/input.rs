//! What the fuzzer's bytes stand for.

use dtguard::token::{KINDS, specimen};

use super::encoders::{ENCODERS, Random, dressed};

/// Takes choices from the front of the fuzzer's bytes; zeros when they end.
pub struct Input<'a>(pub &'a [u8]);

impl<'a> Input<'a> {
    pub fn byte(&mut self) -> u8 {
        self.take(1).first().copied().unwrap_or_default()
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        let (high, low) = (usize::from(self.byte()), usize::from(self.byte()));
        (high << 8 | low) % bound.max(1)
    }

    pub fn pick<'t, T>(&mut self, from: &'t [T]) -> &'t T {
        &from[usize::from(self.byte()) % from.len()]
    }

    /// The next bytes, as far as there are so many.
    pub fn take(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        taken
    }

    /// A few bytes; how many, they say themselves.
    pub fn some(&mut self) -> &'a [u8] {
        let length = self.byte();
        self.take(length.into())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Of what tokens and the text around them are made.
const RUBBLE: [&str; 16] = [
    "dt0c01.",
    "dt0A42.",
    "DT0S16.",
    "\r\n",
    "ABCDEFGHIJKLMNOPQRSTUVWX.",
    "Q7ZWERTY2345UIOPASDFGHJKLXCVBNM6A7ZWERTY2345UIOPASDFGHJKLXCVBNM6",
    " DT_API_TOKEN=",
    " Authorization: Api-Token ",
    " tenantToken: \"",
    "https://abc.live.dynatrace.com/ token=",
    "AbCdEfGh1jKlMnOpQr5tU",
    " -u 01234567-89ab-cdef-0123-456789abcdef:",
    ".eyJ",
    "\" +\n    \"",
    " \\\n  ",
    "%2E",
];

/// The longest text that is encoded: each encoding in another one makes it longer.
const LONGEST: usize = 2048;

/// `bytes`, in which each of the highest stands for something that no fuzzer would
/// guess: tokens, parts of them, and encodings of what follows up to 0xff.
pub fn grown(bytes: &[u8]) -> Vec<u8> {
    grow(&mut Input(bytes), 4)
}

fn grow(input: &mut Input<'_>, depth: usize) -> Vec<u8> {
    let mut text = Vec::new();
    while !input.is_empty() && text.len() < 8 * LONGEST {
        let byte = input.byte();
        match byte {
            0..0xc0 => text.push(byte),
            0xc0..0xcb => {
                let kind = &KINDS[usize::from(byte - 0xc0) % KINDS.len()];
                text.extend(dressed(kind, &specimen(kind, input.byte().into()).text).0.into_bytes());
            }
            0xcb..0xd4 => {
                let kind = &KINDS[usize::from(byte - 0xcb) % KINDS.len()];
                text.extend(specimen(kind, input.byte().into()).text.into_bytes());
            }
            0xd4..0xe4 => text.extend(RUBBLE[usize::from(byte - 0xd4)].as_bytes()),
            0xff => return text,
            _ if depth == 0 => text.push(byte),
            _ => {
                let inner = grow(input, depth - 1);
                match inner.len() {
                    0..LONGEST => {
                        let encoder = &ENCODERS[usize::from(byte - 0xe4) % ENCODERS.len()];
                        text.extend((encoder.write)(&inner, &mut Random(byte.into())).bytes);
                    }
                    _ => text.extend(inner),
                }
            }
        }
    }
    text
}
