//! A text as dumps, arrays and seldom encodings have it.

use super::packers::{self, lzma};

/// Who writes a text, and what the message then says that it is in.
pub struct Dumped {
    pub name: &'static str,
    pub write: fn(&[u8]) -> Vec<u8>,
    /// Whether it is text that `mask` masks, and no container.
    pub text: bool,
}

const fn text(name: &'static str, write: fn(&[u8]) -> Vec<u8>) -> Dumped {
    Dumped { name, write, text: true }
}

const fn packed(name: &'static str, write: fn(&[u8]) -> Vec<u8>) -> Dumped {
    Dumped { name, write, text: false }
}

/// Each byte as `write` has it, with `joint` between them.
fn joined(bytes: &[u8], joint: &str, write: fn(u8) -> String) -> Vec<u8> {
    bytes.iter().map(|byte| write(*byte)).collect::<Vec<_>>().join(joint).into()
}

/// Lines of sixteen bytes, each with its offset.
fn lines(bytes: &[u8], line: fn(usize, &[u8]) -> String) -> Vec<u8> {
    bytes
        .chunks(16)
        .enumerate()
        .map(|(number, bytes)| line(number * 16, bytes) + "\n")
        .collect::<String>()
        .into()
}

/// Words of so many bytes, the highest last or first.
fn words(bytes: &[u8], size: usize, little: bool) -> String {
    let word = |word: &[u8]| -> String {
        let hex = |byte: &u8| format!("{byte:02x}");
        if little { word.iter().rev().map(hex).collect() } else { word.iter().map(hex).collect() }
    };
    bytes.chunks(size).map(word).collect::<Vec<_>>().join(" ")
}

fn shown(byte: u8) -> String {
    match byte {
        b'\n' => "  \\n".to_owned(),
        byte => format!("   {}", char::from(byte)),
    }
}

fn base32(bytes: &[u8]) -> String {
    let digit = |value: u64| char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[(value & 31) as usize]);
    let group = |group: &[u8]| -> String {
        let number =
            group.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)) << (8 * (5 - group.len()));
        let length = (group.len() * 8).div_ceil(5);
        (0..8).map(|place| if place < length { digit(number >> (35 - 5 * place)) } else { '=' }).collect()
    };
    bytes.chunks(5).map(group).collect()
}

fn base85(bytes: &[u8], digit: fn(u32) -> u8) -> String {
    let group = |group: &[u8]| -> String {
        let number =
            group.iter().fold(0, |number, byte| number << 8 | u32::from(*byte)) << (8 * (4 - group.len()));
        let digits = (0..5).map(|place| char::from(digit(number / 85_u32.pow(4 - place) % 85)));
        digits.take(group.len() + 1).collect()
    };
    bytes.chunks(4).map(group).collect()
}

fn ascii85(bytes: &[u8]) -> String {
    base85(bytes, |value| b'!' + value as u8)
}

/// As git writes a file that is no text.
fn git_patch(bytes: &[u8]) -> Vec<u8> {
    let packed = zlib(bytes);
    let digit = |value: u32| {
        b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~"
            [value as usize]
    };
    let line = |line: &[u8]| {
        let length = line.len() as u8;
        let mut whole = line.to_vec();
        whole.resize(line.len().next_multiple_of(4), 0);
        let sign = if length > 26 { b'a' + length - 27 } else { b'A' + length - 1 };
        format!("{}{}\n", char::from(sign), base85(&whole, digit))
    };
    let lines: String = packed.chunks(52).map(line).collect();
    format!("GIT binary patch\nliteral {}\n{lines}\nliteral 0\nHcmV?d00001\n\n", bytes.len()).into()
}

fn uuencoded(bytes: &[u8]) -> Vec<u8> {
    let sign = |value: u32| if value & 63 == 0 { '`' } else { char::from(b' ' + (value & 63) as u8) };
    let group = |group: &[u8]| -> String {
        let number =
            group.iter().fold(0, |number, byte| number << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        [18, 12, 6, 0].map(|shift| sign(number >> shift)).into_iter().collect()
    };
    let line = |line: &[u8]| {
        format!("{}{}\n", sign(line.len() as u32), line.chunks(3).map(group).collect::<String>())
    };
    format!("begin 644 name\n{}`\nend\n", bytes.chunks(45).map(line).collect::<String>()).into()
}

fn ebcdic(bytes: &[u8]) -> Vec<u8> {
    let one = |byte: &u8| match byte {
        b'a'..=b'i' => byte - b'a' + 0x81,
        b'j'..=b'r' => byte - b'j' + 0x91,
        b's'..=b'z' => byte - b's' + 0xa2,
        b'A'..=b'I' => byte - b'A' + 0xc1,
        b'J'..=b'R' => byte - b'J' + 0xd1,
        b'S'..=b'Z' => byte - b'S' + 0xe2,
        b'0'..=b'9' => byte - b'0' + 0xf0,
        b'.' => 0x4b,
        b'\n' => 0x25,
        b'-' => 0x60,
        b'*' => 0x5c,
        b'#' => 0x7b,
        b'@' => 0x7c,
        b'$' => 0x5b,
        b'!' => 0x5a,
        _ => 0x40,
    };
    bytes.iter().map(one).collect()
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn hex(bytes: &[u8]) -> Vec<u8> {
    joined(bytes, "", |byte| format!("{byte:02x}"))
}

/// The words of a header in which each has so many bytes of the text.
fn header(bytes: &[u8], sign: char, size: usize, write: fn(&[u8]) -> String) -> Vec<u8> {
    let word = |part: &[u8]| format!("=?utf-8?{sign}?{}?=", write(part));
    format!("Subject: {}\n", bytes.chunks(size).map(word).collect::<Vec<_>>().join("\r\n ")).into()
}

pub const DUMPED: [Dumped; 40] = [
    text("base32", |text| base32(text).into()),
    text("base32", |text| base32(text).to_lowercase().replace('=', "").into()),
    text("base32", |text| {
        let lines: Vec<String> = base32(text)
            .as_bytes()
            .chunks(64)
            .map(|line| String::from_utf8_lossy(line).into_owned())
            .collect();
        lines.join("\n").into()
    }),
    text("base85", |text| format!("<~{}~>", ascii85(text)).into()),
    text("base85", |text| {
        let lines: Vec<String> = ascii85(text)
            .as_bytes()
            .chunks(72)
            .map(|line| String::from_utf8_lossy(line).into_owned())
            .collect();
        format!("<~{}~>", lines.join("\n")).into()
    }),
    text("base85 of zlib", git_patch),
    text("uuencode", uuencoded),
    text("numbers", |text| {
        format!("{{\"MESSAGE\":[{}]}}", String::from_utf8_lossy(&joined(text, ",", |byte| byte.to_string())))
            .into()
    }),
    text("numbers", |text| {
        format!(
            "Buffer.from([\n    {}\n])",
            String::from_utf8_lossy(&joined(text, ",\n    ", |byte| byte.to_string()))
        )
        .into()
    }),
    text("numbers", |text| {
        format!(
            "String.fromCharCode({})",
            String::from_utf8_lossy(&joined(text, ", ", |byte| byte.to_string()))
        )
        .into()
    }),
    text("numbers", |text| joined(text, " ", |byte| format!("{byte:03}"))),
    text("numbers", |text| joined(text, ".", |byte| byte.to_string())),
    text("numbers", |text| joined(text, ", ", |byte| format!("0{byte:o}"))),
    text("numbers", |text| {
        lines(text, |at, bytes| {
            format!("{at:07o} {}", String::from_utf8_lossy(&joined(bytes, " ", |byte| format!("{byte:03o}"))))
        })
    }),
    text("numbers", |text| {
        lines(text, |at, bytes| {
            format!("{at:07o}{}", String::from_utf8_lossy(&joined(bytes, "", |byte| format!("{byte:4}"))))
        })
    }),
    text("numbers", |text| {
        lines(text, |at, bytes| {
            let word = |pair: &[u8]| {
                format!(" {:06o}", u16::from(pair[0]) | u16::from(*pair.get(1).unwrap_or(&0)) << 8)
            };
            format!("{at:07o}{}", bytes.chunks(2).map(word).collect::<String>())
        })
    }),
    text("hex", |text| joined(text, ".", |byte| format!("{byte:02x}"))),
    text("hex", |text| lines(text, |at, bytes| format!("{at:07o} {}", words(bytes, 1, false)))),
    text("hex", |text| lines(text, |at, bytes| format!("{at:08x}  {}", words(bytes, 1, false)))),
    text("hex", |text| lines(text, |at, bytes| format!("{at:08x}: {}", words(bytes, 2, false)))),
    text("hex", |text| lines(text, |at, bytes| format!("\t0x{at:04x}:  {}", words(bytes, 2, false)))),
    text("hex", |text| lines(text, |at, bytes| format!("{at:07x} {}", words(bytes, 2, true)))),
    text("hex", |text| lines(text, |at, bytes| format!("{at:08x}: {}", words(bytes, 4, true)))),
    text("hex", |text| lines(text, |_, bytes| format!(" {}", words(bytes, 1, false)))),
    text("a dump of characters", |text| {
        lines(text, |at, bytes| {
            format!("{at:07o}{}", bytes.iter().map(|byte| shown(*byte)).collect::<String>())
        })
    }),
    text("CSS escapes", |text| joined(text, "", |byte| format!("\\{byte:x} "))),
    text("CSS escapes", |text| joined(text, "", |byte| format!("\\{byte:06x}"))),
    text("HTML entities", |text| joined(text, "", |byte| format!("&#{byte}"))),
    text("HTML entities", |text| joined(text, "", |byte| format!("&#x{byte:X}"))),
    text("base64", |text| header(text, 'B', 45, base64)),
    text("base64 of zlib", |text| base64(&zlib(text)).into()),
    text("base64 of deflate", |text| base64(&deflate(text)).into()),
    text("base64 of lzma", |text| base64(&lzma(text)).into()),
    text("hex of zlib", |text| hex(&zlib(text))),
    text("hex of deflate", |text| hex(&deflate(text))),
    packed("EBCDIC", ebcdic),
    packed("zlib", zlib),
    packed("deflate", deflate),
    packed("lzma", lzma),
    packed("PDF", pdf),
];

fn zlib(content: &[u8]) -> Vec<u8> {
    packers::zlib(content, 9)
}

/// With nothing around it.
fn deflate(content: &[u8]) -> Vec<u8> {
    packers::deflate(content, 9)
}

/// A file with `content` on its page.
fn pdf(content: &[u8]) -> Vec<u8> {
    let page = zlib(&[b"BT /F1 12 Tf (", content, b") Tj ET"].concat());
    let head = format!("%PDF-1.7\n1 0 obj\n<</Filter/FlateDecode/Length {}>>\nstream\n", page.len());
    [head.as_bytes(), &page, b"\nendstream\nendobj\n%%EOF\n"].concat()
}
