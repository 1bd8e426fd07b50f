//! Text written in each encoding that is scanned, naively: one byte after the
//! other, each with the place where it stands.

use base64::Engine as _;
use dtguard::token::Kind;

/// Numbers that are the same for the same seed (SplitMix64).
#[derive(Debug, Clone)]
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

/// A token as it is recognized: an old one behind its name; and where it begins.
pub fn dressed(kind: &Kind, token: &str) -> (String, usize) {
    let before = match kind.id {
        "dynatrace-legacy-tenant-token" => " DT_TENANTTOKEN=",
        "dynatrace-managed-cluster-token" => " --seed-auth=",
        "dynatrace-managed-license-key" => " -u 01234567-89ab-cdef-0123-456789abcdef:",
        "dynatrace-legacy-api-token" => " DT_API_TOKEN=",
        "dynatrace-oauth-access-token" => " Bearer ",
        _ => "",
    };
    let after = match kind.id {
        "dynatrace-managed-license-key" => " https://mcsvc.dynatrace.com/ ",
        _ if before.is_empty() => "",
        _ => " ",
    };
    (format!("{before}{token}{after}"), before.len())
}

/// What was written, and where each byte of the text begins in it.
pub struct Written {
    pub bytes: Vec<u8>,
    pub places: Vec<usize>,
}

impl Written {
    fn new() -> Self {
        Self { bytes: Vec::new(), places: Vec::new() }
    }

    /// Writes the next byte of the text as `piece`.
    fn put(&mut self, piece: &[u8]) {
        self.places.push(self.bytes.len());
        self.bytes.extend_from_slice(piece);
    }

    fn each(text: &[u8], mut write: impl FnMut(u8) -> Vec<u8>) -> Self {
        let mut written = Self::new();
        text.iter().for_each(|byte| written.put(&write(*byte)));
        written
    }
}

/// An encoding, as the message names it, and who writes it.
pub struct Encoder {
    pub name: &'static str,
    pub what: &'static str,
    pub write: fn(&[u8], &mut Random) -> Written,
}

/// All of them.
pub const ENCODERS: &[Encoder] = &[
    Encoder { name: "base64", what: "base64", write: |text, _| base64_at(text, true) },
    Encoder { name: "base64", what: "base64url without padding", write: |text, _| base64_at(text, false) },
    Encoder {
        name: "base64",
        what: "wrapped base64",
        write: |text, random| {
            let width = *random.pick(&[1, 2, 3, 5, 19, 60, 64, 76]);
            let joint = *random.pick(&["\n", "\r\n", "\n    ", "\\n", "\\r\\n", "\n# ", "\n > ", " \\\n"]);
            then(base64_at(text, true), |text| wrapped(text, joint, || width))
        },
    },
    Encoder {
        name: "base64",
        what: "base64 in literals",
        write: |text, random| {
            let joint = *random.pick(&["\" +\n  \"", "\"\n  \"", "' . '", "\\n\" +\n \""]);
            then(base64_at(text, true), |text| wrapped(text, joint, || 76))
        },
    },
    Encoder { name: "UTF-16", what: "UTF-16 LE", write: |text, _| Written::each(text, |byte| vec![byte, 0]) },
    Encoder {
        name: "UTF-16",
        what: "UTF-16 BE",
        write: |text, _| inner(Written::each(text, |byte| vec![0, byte]), 1),
    },
    Encoder {
        name: "UTF-32",
        what: "UTF-32 LE",
        write: |text, _| Written::each(text, |byte| vec![byte, 0, 0, 0]),
    },
    Encoder {
        name: "UTF-32",
        what: "UTF-32 BE",
        write: |text, _| inner(Written::each(text, |byte| vec![0, 0, 0, byte]), 3),
    },
    Encoder {
        name: "hex",
        what: "hex",
        write: |text, _| Written::each(text, |byte| format!("{byte:02x}").into()),
    },
    Encoder {
        name: "hex",
        what: "hex in capitals",
        write: |text, _| Written::each(text, |byte| format!("{byte:02X}").into()),
    },
    Encoder {
        name: "hex",
        what: "hex with blanks",
        write: |text, _| Written::each(text, |byte| format!("{byte:02x} ").into()),
    },
    Encoder {
        name: "hex",
        what: "hex with colons",
        write: |text, _| Written::each(text, |byte| format!("{byte:02X}:").into()),
    },
    Encoder {
        name: "hex",
        what: "an array of bytes",
        write: |text, _| inner(Written::each(text, |byte| format!("0x{byte:02x}, ").into()), 2),
    },
    Encoder {
        name: "hex",
        what: "wrapped hex",
        write: |text, _| {
            then(Written::each(text, |byte| format!("{byte:02x}").into()), |text| wrapped(text, "\n", || 60))
        },
    },
    Encoder {
        name: "percent-encoding",
        what: "all of it percent-encoded",
        write: |text, _| Written::each(text, |byte| format!("%{byte:02X}").into()),
    },
    Encoder {
        name: "percent-encoding",
        what: "percent-encoded here and there",
        write: |text, random| {
            Written::each(text, |byte| {
                if must_escape(byte) || random.below(6) == 0 {
                    format!("%{byte:02x}").into()
                } else {
                    vec![byte]
                }
            })
        },
    },
    Encoder {
        name: "backslash escapes",
        what: "JSON",
        write: |text, random| {
            Written::each(text, |byte| match byte {
                b'"' | b'\\' => vec![b'\\', byte],
                b'\n' => b"\\n".to_vec(),
                b'\r' => b"\\r".to_vec(),
                b' '..=b'~' if random.below(4) > 0 => vec![byte],
                _ => format!("\\u{byte:04x}").into(),
            })
        },
    },
    Encoder {
        name: "backslash escapes",
        what: "\\x",
        write: |text, _| Written::each(text, |byte| format!("\\x{byte:02x}").into()),
    },
    Encoder {
        name: "backslash escapes",
        what: "octal",
        write: |text, _| Written::each(text, |byte| format!("\\{byte:03o}").into()),
    },
    Encoder {
        name: "backslash escapes",
        what: "\\u{}",
        write: |text, _| Written::each(text, |byte| format!("\\u{{{byte:x}}}").into()),
    },
    Encoder {
        name: "backslash escapes",
        what: "\\U",
        write: |text, _| Written::each(text, |byte| format!("\\U{byte:08x}").into()),
    },
    Encoder {
        name: "HTML entities",
        what: "decimal entities",
        write: |text, _| Written::each(text, |byte| format!("&#{byte};").into()),
    },
    Encoder {
        name: "HTML entities",
        what: "entities here and there",
        write: |text, random| {
            Written::each(text, |byte| match byte {
                b'&' => b"&amp;".to_vec(),
                b'"' => b"&quot;".to_vec(),
                b'.' => b"&period;".to_vec(),
                b' '..=b'~' if random.below(6) > 0 => vec![byte],
                _ => format!("&#x{byte:x};").into(),
            })
        },
    },
    Encoder {
        name: "quoted-printable",
        what: "quoted-printable",
        write: |text, random| {
            let quoted = Written::each(text, |byte| {
                if must_escape(byte) || random.below(6) == 0 {
                    format!("={byte:02X}").into()
                } else {
                    vec![byte]
                }
            });
            then(quoted, soft_broken)
        },
    },
    Encoder {
        name: "wrapped lines",
        what: "hard-wrapped",
        write: |text, random| {
            let joint = *random.pick(&["\n", "\r\n", "\n\t", "\n  ", "\n// ", "\n > "]);
            let width = *random.pick(&[1, 7, 20, 72]);
            keeping_lines(text, joint, || width)
        },
    },
    Encoder {
        name: "pieces",
        what: "literals beside each other",
        write: |text, random| {
            let joint = *random.pick(&[
                "\" \"",
                "\"\n    \"",
                "' + '",
                "\" +\r\n\t\"",
                "` +\n `",
                "\" . \"",
                "' \\\n '",
                "\" f\"",
                "\\\" \\\"",
            ]);
            keeping_lines(text, joint, || 1 + random.below(30))
        },
    },
    Encoder {
        name: "pieces",
        what: "continued lines",
        write: |text, random| {
            let joint = *random.pick(&["\\\n", "\\\r\n", "\\\n   ", " `\n", "^\r\n", "=\n"]);
            keeping_lines(text, joint, || 1 + random.below(30))
        },
    },
];

fn must_escape(byte: u8) -> bool {
    !(byte.is_ascii_alphanumeric() || b"._-~".contains(&byte))
}

/// Each place moved by `by`: to the byte that is not NUL, or no sign.
fn inner(mut written: Written, by: usize) -> Written {
    written.places.iter_mut().for_each(|place| *place += by);
    written
}

/// What the second writes of what the first wrote.
fn then(first: Written, second: impl FnOnce(&[u8]) -> Written) -> Written {
    let written = second(&first.bytes);
    let places = first.places.iter().map(|place| written.places[*place]).collect();
    Written { bytes: written.bytes, places }
}

fn base64_at(text: &[u8], standard: bool) -> Written {
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    let bytes = if standard { STANDARD.encode(text) } else { URL_SAFE_NO_PAD.encode(text) }.into_bytes();
    Written { bytes, places: (0..text.len()).map(|number| number * 8 / 6).collect() }
}

/// `text` with `joint` behind each so many bytes.
fn wrapped(text: &[u8], joint: &str, mut width: impl FnMut() -> usize) -> Written {
    let mut written = Written::new();
    let mut left = width();
    for (number, byte) in text.iter().enumerate() {
        written.put(&[*byte]);
        left -= 1;
        if left == 0 && number + 1 < text.len() {
            written.bytes.extend_from_slice(joint.as_bytes());
            left = width();
        }
    }
    written
}

/// As [`wrapped`], with joints only between characters that values are made of: a
/// line is not broken at its end, and nothing within an escape.
fn keeping_lines(text: &[u8], joint: &str, mut width: impl FnMut() -> usize) -> Written {
    let value =
        |at: usize| text.get(at).is_some_and(|byte| byte.is_ascii_alphanumeric() || b"._-+/".contains(byte));
    let in_escape = |at: usize| text[at.saturating_sub(9)..=at].iter().any(|byte| b"%\\&=".contains(byte));
    let mut written = Written::new();
    let mut left = width();
    for (number, byte) in text.iter().enumerate() {
        written.put(&[*byte]);
        left = left.saturating_sub(1);
        if left == 0 && value(number) && value(number + 1) && !in_escape(number) {
            written.bytes.extend_from_slice(joint.as_bytes());
            left = width();
        }
    }
    written
}

/// quoted-printable's lines of 76 characters, none broken within an escape.
fn soft_broken(text: &[u8]) -> Written {
    let mut written = Written::new();
    let mut column = 0;
    for (number, byte) in text.iter().enumerate() {
        let in_escape = text[number.saturating_sub(2)..number].contains(&b'=');
        if column >= 70 && !in_escape {
            written.bytes.extend_from_slice(b"=\r\n");
            column = 0;
        }
        written.put(&[*byte]);
        column += 1;
    }
    written
}
