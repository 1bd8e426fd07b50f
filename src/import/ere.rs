//! Expressions of `grep -E -w`, which git-secrets runs, in the syntax of rules.

use std::iter::Peekable;
use std::str::Chars;

const REPEATS: &str = "it repeats a repetition, which rules read in another way";
const BRACKET: &str = "it has a bracket that is not closed, or a class of a locale";

/// `pattern` in the syntax of rules, or why it cannot be written so. As with `-w`, no letter,
/// digit or `_` stands beside a match.
pub(super) fn translated(pattern: &str) -> Result<String, &'static str> {
    let mut out = String::new();
    let (mut repeated, mut anchored) = (false, false);
    let mut rest = pattern.chars().peekable();
    while let Some(c) = rest.next() {
        let was_repeated = std::mem::take(&mut repeated);
        match c {
            '[' => bracket(&mut rest, &mut out)?,
            '\\' => escape(&mut rest, &mut out)?,
            '*' | '+' | '?' | '{' if was_repeated => return Err(REPEATS),
            '*' | '+' | '?' => {
                out.push(c);
                repeated = true;
            }
            '{' => {
                interval(&mut rest, &mut out)?;
                repeated = true;
            }
            '(' if rest.peek() == Some(&'?') => return Err("`(?` begins no group of grep -E"),
            c => {
                anchored |= matches!(c, '^' | '$');
                out.push(c);
            }
        }
    }
    let flags = if anchored { "(?m)" } else { "" };
    Ok(format!("{flags}\\b{{start-half}}(?:{out})\\b{{end-half}}"))
}

fn escape(rest: &mut Peekable<Chars<'_>>, out: &mut String) -> Result<(), &'static str> {
    match rest.next() {
        Some('1'..='9') => Err("it has a back-reference, which rules do not have"),
        Some('`' | '\'') | None => Err("it has an escape that rules do not have"),
        Some(c) if c.is_ascii_punctuation() || "wWsSbB".contains(c) => {
            out.extend(['\\', c]);
            Ok(())
        }
        Some(_) => Err("it has an escape that grep -E does not have"),
    }
}

/// `{2}`, `{2,}` or `{2,3}`, behind its first character.
fn interval(rest: &mut Peekable<Chars<'_>>, out: &mut String) -> Result<(), &'static str> {
    let inside: String = rest.by_ref().take_while(|c| *c != '}').collect();
    let is_one = inside.starts_with(|c: char| c.is_ascii_digit())
        && inside.matches(',').count() < 2
        && inside.chars().all(|c| c.is_ascii_digit() || c == ',');
    if !is_one {
        return Err("it has a brace that begins no repetition");
    }
    out.push_str(&format!("{{{inside}}}"));
    Ok(())
}

/// A bracket expression, behind its first character. In it a backslash is one.
fn bracket(rest: &mut Peekable<Chars<'_>>, out: &mut String) -> Result<(), &'static str> {
    out.push('[');
    if rest.next_if_eq(&'^').is_some() {
        // grep reads lines.
        out.push_str("^\\n");
    }
    if rest.next_if_eq(&']').is_some() {
        out.push_str("\\]");
    }
    loop {
        match rest.next().ok_or(BRACKET)? {
            ']' => break out.push(']'),
            '[' if rest.peek() == Some(&':') => {
                let name: String = rest.by_ref().skip(1).take_while(|c| *c != ':').collect();
                if rest.next() != Some(']') || !name.bytes().all(|byte| byte.is_ascii_lowercase()) {
                    return Err(BRACKET);
                }
                out.push_str(&format!("[:{name}:]"));
            }
            '[' if matches!(rest.peek(), Some('.' | '=')) => return Err(BRACKET),
            c @ ('[' | '\\' | '&' | '~') => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        let translated = translated(pattern).unwrap();
        regex::bytes::RegexBuilder::new(&translated).unicode(false).build().unwrap().is_match(text.as_bytes())
    }

    #[test]
    fn what_grep_matches_the_translated_pattern_matches_and_nothing_else() {
        for (pattern, yes, no) in [
            ("zebra", "a zebra.", "zebras"),
            ("(A3T[A-Z0-9]|AKIA)[A-Z0-9]{16}", "AKIA0123456789ABCDEF", "AKIA0123456789ABCDEFG"),
            (
                "(\"|')?(KEY|key)(\"|')?\\s*(:|=>|=)\\s*(\"|')?[A-Za-z0-9/\\+=]{4}(\"|')?",
                "key => 'a\\/='",
                "ke: abcd",
            ),
            ("x[^a]y", "x.y", "x\ny"),
            ("[]a]x", "]x", "bx"),
            ("[[:digit:]]{3}z", "123z", "12z"),
            ("a[&&b]c", "a&c", "ac"),
            ("a\\.b", "a.b", "axb"),
            ("^zebra$", "x\nzebra\ny", "a zebra"),
        ] {
            assert!(matches(pattern, yes) && !matches(pattern, no), "{pattern}");
        }
        for pattern in ["(a)\\1", "\\dx", "a+?", "a{x", "(?i)a", "[[.a.]]", "[a", "a\\"] {
            assert!(translated(pattern).is_err(), "{pattern}");
        }
    }
}
