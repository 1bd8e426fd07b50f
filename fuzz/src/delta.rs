//! Texts that are written as their differences from others.

use super::input::Input;

/// A part of a text.
pub enum Step {
    /// So many bytes of the base, from this one on.
    Copy(usize, usize),
    /// Bytes of its own.
    Insert(Vec<u8>),
}

/// Changes to a base of `length` bytes in places that `input` names: something is left
/// out, put in or moved. `new` says what is put in.
pub fn steps(
    input: &mut Input<'_>,
    length: usize,
    new: &mut dyn FnMut(&mut Input<'_>) -> Vec<u8>,
) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut at = 0;
    let most = input.byte() % 6;
    for _ in 0..most {
        let choice = input.byte();
        let next = at + input.below(length - at + 1);
        steps.push(Step::Copy(at, next - at));
        at = next;
        if choice & 1 == 0 {
            steps.push(Step::Insert(new(input)));
        }
        match choice >> 1 & 3 {
            0 => at = length.min(at + usize::from(input.byte())),
            1 => at = input.below(length + 1),
            _ => {}
        }
    }
    if !input.byte().is_multiple_of(16) {
        steps.push(Step::Copy(at, length - at));
    }
    steps
}

/// What comes of them.
pub fn apply(base: &[u8], steps: &[Step]) -> Vec<u8> {
    let bytes = steps.iter().flat_map(|step| match step {
        Step::Copy(from, length) => &base[*from..from + length],
        Step::Insert(new) => new,
    });
    bytes.copied().collect()
}

/// As a pack holds them.
pub fn encode(base: &[u8], steps: &[Step]) -> Vec<u8> {
    let mut delta = size(base.len());
    delta.extend(size(apply(base, steps).len()));
    for step in steps {
        match step {
            Step::Insert(new) => {
                for new in new.chunks(127) {
                    delta.push(new.len() as u8);
                    delta.extend(new);
                }
            }
            Step::Copy(from, length) => {
                let end = from + length;
                for from in (*from..end).step_by(0x1_0000) {
                    copy(from, (end - from).min(0x1_0000), &mut delta);
                }
            }
        }
    }
    delta
}

/// Only the bytes that are not zero are written; no length at all is 0x10000.
fn copy(from: usize, length: usize, delta: &mut Vec<u8>) {
    let numbers = (from as u32).to_le_bytes().into_iter().chain((length as u16).to_le_bytes());
    let code = delta.len();
    delta.push(0x80);
    for (bit, byte) in numbers.enumerate().filter(|(_, byte)| *byte != 0) {
        delta[code] |= 1 << bit;
        delta.push(byte);
    }
}

/// Seven bits a byte, the lowest first.
pub fn size(mut size: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while size >= 0x80 {
        bytes.push(size as u8 | 0x80);
        size >>= 7;
    }
    bytes.push(size as u8);
    bytes
}
