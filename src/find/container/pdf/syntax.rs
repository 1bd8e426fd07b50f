//! What PDF files are written in: names, numbers, strings.

use memchr::memmem;

/// The number of the object that `head` begins: `12 0`.
pub(super) fn object_number(head: &[u8]) -> Option<u32> {
    let head = head.trim_ascii_end();
    let generation = head.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let rest = head.get(..head.len() - generation)?.trim_ascii_end();
    let digits = rest.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    number(rest.get(rest.len() - digits..)?)
}

/// The number that `text` is.
pub(super) fn number(text: &[u8]) -> Option<u32> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// The number that follows the name `key`.
pub(super) fn number_after(description: &[u8], key: &[u8]) -> Option<usize> {
    memmem::find_iter(description, key).find_map(|at| {
        let rest = description.get(at + key.len()..)?.trim_ascii_start();
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        number(rest.get(..digits)?).and_then(|number| usize::try_from(number).ok())
    })
}

/// The names that are the value of `key`: one, or an array of them.
pub(super) fn names<'a>(description: &'a [u8], key: &[u8]) -> Vec<&'a [u8]> {
    let Some(at) = memmem::find(description, key) else { return Vec::new() };
    let mut rest = description.get(at + key.len()..).unwrap_or_default().trim_ascii_start();
    let listed = rest.strip_prefix(b"[");
    rest = listed.unwrap_or(rest);
    let mut names = Vec::new();
    while let Some(name) = rest.trim_ascii_start().strip_prefix(b"/") {
        let (name, after) = name.split_at(name_length(name));
        names.push(name);
        rest = after;
        if listed.is_none() {
            break;
        }
    }
    names
}

/// How long the name is with which `text` begins.
pub(super) fn name_length(text: &[u8]) -> usize {
    text.iter().take_while(|byte| !is_blank(**byte) && !b"()<>[]{}/%".contains(byte)).count()
}

pub(super) fn is_blank(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == 0
}

/// The bytes that hexadecimal digits up to `>` mean; the last one may lack a digit.
pub(super) fn hex(text: &[u8]) -> Vec<u8> {
    let digits = text.iter().take_while(|byte| **byte != b'>');
    let digits: Vec<u8> = digits
        .filter_map(|byte| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect();
    digits
        .chunks(2)
        .map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit) << (4 * (2 - pair.len())))
        .collect()
}

/// The bytes of ascii85 up to its end, `~>`.
pub(super) fn ascii85(text: &[u8]) -> Vec<u8> {
    let (mut out, mut group) = (Vec::new(), Vec::with_capacity(5));
    let digits =
        text.iter().filter(|byte| !is_blank(**byte)).take_while(|byte| matches!(byte, b'!'..=b'u' | b'z'));
    let put = |group: &[u8], out: &mut Vec<u8>, length: usize| {
        let number = group
            .iter()
            .fold(0_u32, |number, digit| number.wrapping_mul(85).wrapping_add(u32::from(digit - b'!')));
        out.extend_from_slice(number.to_be_bytes().get(..length).unwrap_or_default());
    };
    for digit in digits {
        match digit {
            b'z' if group.is_empty() => out.extend_from_slice(&[0; 4]),
            b'z' => break,
            digit => group.push(*digit),
        }
        if group.len() == 5 {
            put(&group, &mut out, 4);
            group.clear();
        }
    }
    // Digits that are missing count as the highest.
    let length = group.len().saturating_sub(1);
    group.resize(5, b'u');
    put(&group, &mut out, length);
    out
}

/// A literal string: what follows its opening bracket up to the closing one, and what is left.
pub(super) fn literal(text: &[u8]) -> (Vec<u8>, &[u8]) {
    let (mut out, mut rest, mut depth) = (Vec::new(), text, 0_usize);
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b')' if depth == 0 => break,
            b')' => depth -= 1,
            b'(' => depth += 1,
            b'\\' => {
                rest = escape(after, &mut out);
                continue;
            }
            _ => {}
        }
        out.push(*byte);
    }
    (out, rest)
}

/// Reads what follows a backslash.
fn escape<'t>(text: &'t [u8], out: &mut Vec<u8>) -> &'t [u8] {
    let octal = text.iter().take(3).take_while(|byte| matches!(byte, b'0'..=b'7')).count();
    if octal > 0 {
        let (digits, rest) = text.split_at(octal);
        out.push(digits.iter().fold(0, |byte: u8, digit| byte.wrapping_mul(8).wrapping_add(digit - b'0')));
        return rest;
    }
    let Some((byte, rest)) = text.split_first() else { return text };
    match byte {
        b'\r' => return rest.strip_prefix(b"\n").unwrap_or(rest),
        b'\n' => {}
        b'n' => out.push(b'\n'),
        b'r' => out.push(b'\r'),
        b't' => out.push(b'\t'),
        b'b' => out.push(8),
        b'f' => out.push(12),
        byte => out.push(*byte),
    }
    rest
}
