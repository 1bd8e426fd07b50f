//! Paths as git writes them.

use std::path::PathBuf;

/// The path in git's output `path`, which may be quoted and escaped. None if the escapes are
/// wrong.
pub fn unquoted(path: &[u8]) -> Option<Vec<u8>> {
    let Some(inner) = path.strip_prefix(b"\"").and_then(|path| path.strip_suffix(b"\"")) else {
        return Some(path.to_vec());
    };
    let mut bytes = Vec::new();
    let mut rest = inner.iter();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'\\' => match rest.next()? {
                b'a' => 7,
                b'b' => 8,
                b't' => b'\t',
                b'n' => b'\n',
                b'v' => 11,
                b'f' => 12,
                b'r' => b'\r',
                digit @ b'0'..=b'3' => {
                    let digits = [*digit, *rest.next()?, *rest.next()?];
                    u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 8).ok()?
                }
                sign @ (b'"' | b'\\') => *sign,
                _ => return None,
            },
            other => *other,
        });
    }
    Some(bytes)
}

/// The path with git's `path` bytes; none if this system has no such path.
#[cfg(unix)]
pub fn path_from_bytes(bytes: Vec<u8>) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStringExt as _;
    Some(std::ffi::OsString::from_vec(bytes).into())
}

/// The path with git's `path` bytes; none if this system has no such path.
#[cfg(not(unix))]
pub fn path_from_bytes(bytes: Vec<u8>) -> Option<PathBuf> {
    String::from_utf8(bytes).ok().map(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_paths_come_back_as_they_were() {
        for (quoted, path) in [
            (&b"a b/c"[..], Some(&b"a b/c"[..])),
            (br#""a\tb\303\244\"\\c""#, Some(b"a\tb\xc3\xa4\"\\c")),
            (br#""\a\b\t\n\v\f\r\001\177\200\377""#, Some(b"\x07\x08\x09\x0a\x0b\x0c\x0d\x01\x7f\x80\xff")),
            (br#""a\9""#, None),
            (br#""\400""#, None),
            (br#""\08a""#, None),
            (br#""\00""#, None),
            (br#""a\""#, None),
            (br#""""#, Some(b"")),
        ] {
            assert_eq!(unquoted(quoted).as_deref(), path);
        }
    }
}
