//! The walk through archives and compressed files.

use std::sync::LazyLock;

use dtguard::find::{fuzzing, search};
use dtguard::token::{KINDS, specimen};

use super::formats;
use super::input::Input;
use super::packers::{bzip2, gzip, tar, xz, zip, zip_with, zstd};

/// What is packed: no archive of it is much longer than a few blocks.
static TEXT: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let token = specimen(&KINDS[0], 1).text;
    format!("first line\n{token}\nthird line, third line, third line\n").into_bytes()
});

/// Containers whose contents a checksum guards.
static GUARDED: LazyLock<[Vec<u8>; 5]> = LazyLock::new(|| {
    let text: &[u8] = &TEXT;
    [gzip(text), xz(text), zip(&[("a", text)]), bzip2(text), zip_with(&[("a", b"1"), ("b", text)], 0, 0)]
});

/// Further ones.
static OTHERS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let text: &[u8] = &TEXT;
    let mut all = formats::all(&specimen(&KINDS[0], 1).text);
    all.extend([
        zstd(text),
        tar(&[("a", text), ("b", b"2")]),
        gzip(&tar(&[("a", text)])),
        zip(&[("a.gz", &gzip(text)), ("b.zip", &zip(&[("c", text)]))]),
        [gzip(text), gzip(b"two"), gzip(b"")].concat(),
        [zstd(b"one"), zstd(text)].concat(),
        tar(&[("a.tar", &tar(&[("b.xz", &xz(text))]))]),
        pax(),
    ]);
    all
});

/// An archive with names and sizes in records ahead, and a file with holes.
fn pax() -> Vec<u8> {
    let mut archive =
        tar(&[("x", b"15 path=longer\n21 GNU.sparse.major=1\n"), ("a", b"1\n3\n4\ntext"), ("b", &TEXT)]);
    archive[156] = b'x';
    sum(&mut archive[..512]);
    archive
}

/// Makes the sum over a header right.
fn sum(header: &mut [u8]) {
    header[148..156].fill(b' ');
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}

/// Opens `bytes` as they are, and what they make of a good archive.
pub fn archive(bytes: &[u8]) {
    let mut input = Input(bytes);
    let allowed = (input.below(1 << 16) as u64 * 16, u32::from(input.byte()));
    let steps = input.byte().into();
    walk(input.0, allowed, steps);

    if input.byte().is_multiple_of(2) {
        changed_by_one(&mut input);
        return;
    }
    let number = usize::from(input.byte()) % (GUARDED.len() + OTHERS.len());
    let mut archive = GUARDED.iter().chain(OTHERS.iter()).nth(number).unwrap().clone();
    while !input.is_empty() && archive.len() < 1 << 16 {
        mutate(&mut archive, &mut input);
    }
    walk(&archive, allowed, steps);
    search(&archive);
}

/// What comes out is never more than is allowed, and a reader never fails.
fn walk(bytes: &[u8], allowed: (u64, u32), steps: usize) {
    let (mut handed_out, mut members) = (0, 0);
    let container = fuzzing::open(
        bytes,
        allowed,
        &mut |_, content| {
            members += 1;
            let mut buffer = vec![0; 1 + steps * 64];
            // Not all of them are read to their end.
            for _ in 0..1 << (steps % 24) {
                let got = content.read(&mut buffer).unwrap();
                handed_out += got as u64;
                if got == 0 {
                    assert_eq!(content.read(&mut buffer).unwrap(), 0, "it has ended");
                    break;
                }
            }
        },
        &mut |_, _| {},
    );
    assert!(container.is_some() || members == 0);
    assert!(handed_out <= allowed.0 && members <= allowed.1, "{handed_out} bytes, {members} members");
}

/// One wrong byte hides no content in silence.
fn changed_by_one(input: &mut Input<'_>) {
    let mut archive = input.pick(GUARDED.as_slice()).clone();
    let at = input.below(archive.len());
    archive[at] = input.byte();
    let (mut seen, mut reported) = (false, false);
    let container = fuzzing::open(
        &archive,
        (1 << 20, 100),
        &mut |_, content| {
            let mut read = Vec::new();
            content.read_to_end(&mut read).unwrap();
            seen |= read == *TEXT;
        },
        &mut |_, _| reported = true,
    );
    assert!(container.is_none() || seen || reported, "byte {at} hides it");
    let found = search(&archive);
    let hidden = found.matches.is_empty() && found.missed.is_empty();
    assert!(container.is_none() || !hidden, "byte {at} hides the token");
}

fn mutate(archive: &mut Vec<u8>, input: &mut Input<'_>) {
    let choice = input.byte();
    let at = input.below(archive.len());
    match choice % 8 {
        0 => archive[at..].iter_mut().zip(input.some()).for_each(|(byte, new)| *byte = *new),
        1 => archive.truncate(at.max(1)),
        2 => {
            let end = archive.len().min(at + usize::from(input.byte()));
            archive.drain(at..end);
        }
        3 => {
            let end = archive.len().min(at + input.below(1024));
            archive.extend_from_within(at..end);
        }
        4 => drop(archive.splice(at..at, input.some().iter().copied())),
        // A number in a header, and the header's sum.
        5 => {
            let block = at / 512 * 512;
            let field = *input.pick(&[0, 124, 156, 257, 345, 386, 482, 483, 500]);
            if let Some(header) = archive.get_mut(block..block + 512) {
                header[field..].iter_mut().zip(input.some()).for_each(|(byte, new)| *byte = *new);
                sum(header);
            }
        }
        6 => {
            let value = *input.pick(&[0_u32, 1, 0xff, 0xffff, 0x7fff_ffff, 0xffff_ffff]);
            archive[at..].iter_mut().zip(value.to_le_bytes()).for_each(|(byte, new)| *byte = new);
        }
        _ => archive[at] ^= 1 << (choice >> 3 & 7),
    }
    if archive.is_empty() {
        archive.push(0);
    }
}
