//! The items of a tree, and paths as git quotes them.

use dtguard::source::fuzzing::tree;
use dtguard::source::{ObjectId, TreeEntry, unquoted};

use super::input::Input;

/// Modes as they are written, and what git takes them for.
const MODES: [(&str, u32); 7] = [
    ("100644", 0o100_644),
    ("100664", 0o100_644),
    ("100755", 0o100_755),
    ("100777", 0o100_755),
    ("120000", 0o120_000),
    ("40000", 0o040_000),
    ("160000", 0o160_000),
];

/// Reads `bytes` as a tree and as a path, and those that they stand for.
pub fn trees(bytes: &[u8]) {
    let _any = tree(bytes, 20);
    let _any = unquoted(bytes);
    let quoted = [b"\"", bytes, b"\""].concat();
    if let Some(path) = unquoted(&quoted) {
        assert!(path.len() <= bytes.len());
    }
    assert_eq!(unquoted(&quote(bytes)).as_deref(), Some(bytes));

    let mut input = Input(bytes);
    let length = if input.byte().is_multiple_of(4) { 32 } else { 20 };
    let mut written = Vec::new();
    let mut items = Vec::new();
    while !input.is_empty() {
        let (mode, usual) = *input.pick(&MODES);
        let name: Vec<u8> = input.some().iter().map(|byte| *byte.max(&1)).collect();
        let id = vec![input.byte(); length];
        if name.is_empty() {
            continue;
        }
        written.extend([mode.as_bytes(), b" ", &name, b"\0", &id].concat());
        items.push((name, TreeEntry { id: ObjectId::from_bytes(&id).unwrap(), mode: usual }));
    }
    assert_eq!(tree(&written, length).as_ref(), Some(&items));
    // What is cut short within its last item is refused.
    if let Some((name, _)) = items.last() {
        let least = length + name.len() + "40000 \0".len();
        let at = written.len() - 1 - usize::from(bytes[0]) % (least - 1);
        assert_eq!(tree(&written[..at], length), None);
    }
}

/// As git quotes it: all that is no plain character as an escape.
fn quote(path: &[u8]) -> Vec<u8> {
    let mut quoted = vec![b'"'];
    for byte in path {
        match byte {
            b'\n' => quoted.extend(b"\\n"),
            b'\t' => quoted.extend(b"\\t"),
            b'"' | b'\\' => quoted.extend([b'\\', *byte]),
            b' '..=b'~' => quoted.push(*byte),
            _ => quoted.extend(format!("\\{byte:03o}").bytes()),
        }
    }
    quoted.push(b'"');
    quoted
}
