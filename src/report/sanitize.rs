//! Makes text from commits harmless for a terminal.

use std::fmt::Write as _;

use crate::find::mask;

/// `bytes` as text for a terminal. Control characters, characters that change the writing
/// direction and bytes outside UTF-8 are escaped. Secret parts are masked, because a file may
/// be named after a token.
pub fn sanitize(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            if is_unsafe(c) {
                let _infallible = match c {
                    '\t' => write!(out, "  "),
                    '\n' => write!(out, "\\n"),
                    '\r' => write!(out, "\\r"),
                    _ => write!(out, "\\u{{{:x}}}", u32::from(c)),
                };
            } else {
                out.push(c);
            }
        }
        for byte in chunk.invalid() {
            let _infallible = write!(out, "\\x{byte:02x}");
        }
    }
    mask(&out)
}

/// Characters that control a terminal or deceive its reader.
pub(super) fn is_unsafe(c: char) -> bool {
    c.is_control() || is_invisible(c)
}

/// Characters that are invisible or reorder what follows.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::{KINDS, specimen};

    #[test]
    fn nothing_that_a_terminal_obeys_gets_through() {
        assert_eq!(sanitize(b"a\x1b[31mb\x07\r\n\tc\xff"), "a\\u{1b}[31mb\\u{7}\\r\\n  c\\xff");
        assert_eq!(sanitize("a\u{202e}b\u{200b}".as_bytes()), "a\\u{202e}b\\u{200b}");
        assert_eq!(sanitize("Gr\u{fc}\u{df}e \u{4e16}".as_bytes()), "Gr\u{fc}\u{df}e \u{4e16}");
    }

    #[test]
    fn a_file_named_after_a_token_does_not_show_it() {
        let token = specimen(&KINDS[0], 1);
        assert!(!sanitize(token.text.as_bytes()).contains(token.secret()));
    }
}
