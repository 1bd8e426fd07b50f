//! Values behind a name: where they stand, and whether they were drawn.

use std::ops::Range;
use std::sync::LazyLock;

use regex::bytes::Regex;

use super::super::decode::decode_base64;
use crate::token::{Kind, Shape};

/// Whether `text` has the length and the characters of a token of `kind`.
pub(super) fn is_value_of(kind: &Kind, text: &[u8]) -> bool {
    kind.shape.is_issued(b"", text)
}

/// What `written` holds in base64, without the line break that `echo` adds.
pub(super) fn decoded(written: &[u8]) -> Vec<u8> {
    let digits = written.split(|byte| *byte == b'=').next().unwrap_or_default();
    let mut text = decode_base64(digits);
    text.pop_if(|last| *last == b'\n');
    text
}

/// Where in `after` the value stands: behind one operator of assignment or blanks,
/// quoted or not, or as the `value` that follows a `name` (Kubernetes,
/// CloudFormation, XML attributes).
pub(super) fn value_after(kind: &Kind, after: &[u8]) -> Option<Range<usize>> {
    static OF_21: LazyLock<Regex> = LazyLock::new(|| value(r"[A-Za-z0-9_-]{21}"));
    static OF_16: LazyLock<Regex> = LazyLock::new(|| value(r"[A-Za-z0-9]{16}"));
    capture(kind, [&OF_16, &OF_21], after)
}

/// Where in `after` the value stands in base64, as Kubernetes has it in a Secret:
/// of its length, or one more for the line break that `echo` adds.
pub(super) fn encoded_after(kind: &Kind, after: &[u8]) -> Option<Range<usize>> {
    static OF_21: LazyLock<Regex> = LazyLock::new(|| value(r"[A-Za-z0-9+/]{28}|[A-Za-z0-9+/]{30}=="));
    static OF_16: LazyLock<Regex> = LazyLock::new(|| value(r"[A-Za-z0-9+/]{22}==|[A-Za-z0-9+/]{23}="));
    capture(kind, [&OF_16, &OF_21], after)
}

fn capture(kind: &Kind, [of_16, of_21]: [&LazyLock<Regex>; 2], after: &[u8]) -> Option<Range<usize>> {
    let expression = if matches!(kind.shape, Shape::Bare { length: 16, .. }) { of_16 } else { of_21 };
    expression.captures(after)?.get(1).map(|found| found.range())
}

fn value(characters: &str) -> Regex {
    // An operator of assignment (also a type before it, or a shell's default value) ...
    let assigned = r#"[\\"'`\])]{0,3}[ \t]*(?::[ \t]*[A-Za-z_.&]{1,24}[ \t]*=|:-|=>|:=|\?=|[=:,>(+|]|%20|%3[AaDd])?[ \t]*(?:%20)?"#;
    // ... or a string that is joined to the next one ...
    let joined = r#"(?:[\\"'`]{1,2}[ \t]*[+.][ \t]*)?"#;
    // ... or the `value` of what was a `name` ...
    let named =
        r#"(?:[\\"',;]*\s*(?:<[A-Za-z]*>?)?[\\"']*(?i:parameter)?(?i:value)[\\"']*[ \t]*[:=>][ \t]*)?"#;
    // ... and then the value, in quotes of any sort or without.
    let quoted = r#"(?:[A-Za-z]{0,2}[\\"'`]{1,3})?"#;
    // A digit of base64 with more behind it makes it the start of another value.
    let end = r"(?:[^A-Za-z0-9_.+/-]|[+/](?:[^A-Za-z0-9]|$)|\.\s|\.?$)";
    regex(&format!(r#"(?-u)^{assigned}{joined}{named}{quoted}({characters}){end}"#))
}

#[expect(clippy::expect_used, reason = "the expressions are constants; each is used by a test")]
pub(super) fn regex(expression: &str) -> Regex {
    Regex::new(expression).expect("the expression compiles")
}

/// Whether `text` was drawn, not worded: it has both letter cases, and is not
/// words written together (`getDynatraceApiToken`, `My_Tenant_Token_1`). Of the
/// tokens of 21 characters 4 in 10,000 read as such words, of 16 characters 24.
pub(in crate::find) fn is_random(text: &[u8]) -> bool {
    let upper = text.iter().any(u8::is_ascii_uppercase);
    let lower = text.iter().any(u8::is_ascii_lowercase);
    upper && lower && !is_worded(text)
}

/// Whether `text` consists of words: each is one capital and small letters or
/// capitals alone, they are joined by case, `_` or `-`, and only the last may
/// end in up to two digits.
fn is_worded(text: &[u8]) -> bool {
    let digits = text.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let letters = text.get(..text.len() - digits).unwrap_or_default();
    digits <= 2
        && letters.split(|byte| matches!(byte, b'_' | b'-')).all(|word| {
            word.iter().all(u8::is_ascii_alphabetic)
                && (word.iter().all(u8::is_ascii_uppercase)
                    || word.windows(2).all(|pair| !pair.iter().all(u8::is_ascii_uppercase)))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_ends_in_digits_is_no_row_of_words() {
        assert!(is_random(b"aBcDeFGhIjKLmNoPQrs7") && is_random(b"Qzmkplwrt_vbncQXYza12"));
        assert!(!is_random(b"TokenOfTheTeam12"));
    }
}
