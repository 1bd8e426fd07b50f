//! Names of parts, as far as they may be shown, and lists of them.

/// The longest name that is shown, in characters.
const LONGEST: usize = 80;
/// What is shorter is no secret part, in bytes.
const SECRET: usize = 12;
/// Shorter words may be any mixture, in bytes.
const SHORT: usize = 4;

/// `name` to be shown; none where it is empty, too long, no text, or where something in it could
/// be a secret part or a piece of one. What is left out costs a name; the part is known by
/// its number, too.
pub(in crate::find) fn shown(name: &[u8]) -> Option<String> {
    let name = std::str::from_utf8(name).ok()?.trim();
    let fits = !name.is_empty() && name.chars().count() <= LONGEST && !name.contains(char::is_control);
    let in_run = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+' | b'/');
    let mut runs = name.as_bytes().split(|byte| !in_run(*byte)).filter(|run| run.len() >= SECRET);
    let is_prefixed = name.as_bytes().windows(3).any(|three| three.eq_ignore_ascii_case(b"dt0"));
    (fits && !is_prefixed && runs.all(is_prose)).then(|| name.to_owned())
}

/// Whether `run` is made of words and numbers, as nothing is that was drawn.
fn is_prose(run: &[u8]) -> bool {
    run.split(|byte| !byte.is_ascii_alphanumeric()).all(|word| {
        let digits = word.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
        let letters = word.get(..word.len() - digits).unwrap_or_default();
        word.len() <= SHORT || digits < SECRET && is_word(letters)
    })
}

/// Whether `letters` are one word, or several of which each begins with a capital.
fn is_word(letters: &[u8]) -> bool {
    let mut small = SHORT;
    letters.iter().all(|byte| {
        let fits = byte.is_ascii_lowercase() || byte.is_ascii_uppercase() && small > 1;
        small = if byte.is_ascii_lowercase() { small + 1 } else { 0 };
        fits
    })
}

/// `parts` with commas between those that say something.
pub(in crate::find) fn list(parts: &[&str]) -> String {
    let parts: Vec<&str> = parts.iter().filter(|part| !part.is_empty()).copied().collect();
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::{KINDS, specimen};

    #[test]
    fn the_name_of_a_part_is_shown_as_it_is() {
        for name in [
            "report.docx",
            "quarterly_report-2026.docx",
            "notes \u{fc}ber alles.txt",
            "getAllEntitiesWithType",
            "internationalization",
            "backup-20261129-120000.tar.gz",
            "Get problems",
            "X-Forwarded-Authorization",
        ] {
            assert_eq!(shown(name.as_bytes()).as_deref(), Some(name));
        }
        assert_eq!(shown(b"  a b "), Some("a b".to_owned()));
    }

    #[test]
    fn no_piece_of_a_secret_part_is_shown_as_a_name() {
        for kind in KINDS {
            for seed in 0..50 {
                let specimen = specimen(kind, seed);
                let secret = specimen.secret();
                for length in [15, 20, 30, 64] {
                    let piece = &secret[..length.min(secret.len())];
                    for name in [piece.to_owned(), format!("token {piece}"), format!("a-{piece}.txt")] {
                        assert_eq!(shown(name.as_bytes()), None, "{}", kind.id);
                    }
                }
            }
        }
        for name in [&b""[..], b" ", b"a\x1bb", b"\xff", "x ".repeat(60).as_bytes(), b"DT0C01.x"] {
            assert_eq!(shown(name), None);
        }
    }
}
