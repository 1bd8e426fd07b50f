//! What matches a kind of token, as regular expressions of the form that POSIX
//! `grep -E`, RE2, Python and Rust read alike: no look-around, no `\b`, no `\d`, no
//! blank.

use crate::token::{KINDS, Kind, Public, Shape, UNKNOWN};

/// An expression in two parts, so that a tool can know which one is secret.
pub(super) struct Expression {
    /// What stands before the secret part: prefix, dots, public part.
    pub before: String,
    /// The secret part.
    pub secret: &'static str,
    /// What every match holds, in lower case.
    pub keyword: &'static [&'static str],
}

impl Expression {
    /// All of it.
    pub(super) fn plain(&self) -> String {
        format!("{}{}", self.before, self.secret)
    }
}

/// The kinds that an expression can match, each with it, and at last tokens of the family
/// whose prefix is not in the catalogue.
pub(super) fn all() -> impl Iterator<Item = (&'static Kind, Expression)> {
    KINDS.iter().chain([&UNKNOWN]).filter_map(|kind| Some((kind, of(kind)?)))
}

/// What matches tokens of `kind`; none where only the text around them identifies them.
fn of(kind: &'static Kind) -> Option<Expression> {
    let prefix = if *kind == UNKNOWN { "dt0[a-z][0-9]{2}".to_owned() } else { either(kind.prefixes)? };
    let keyword = if *kind == UNKNOWN { &["dt0"] } else { kind.prefixes };
    Some(match kind.shape {
        Shape::Dotted { public, hex } => {
            let public: Vec<_> = public.iter().map(|part| public_part(*part)).collect();
            let public: Vec<_> = public.iter().map(String::as_str).collect();
            let secret = if hex { "[A-Za-z0-9]{64}" } else { "[A-Z0-9]{64}" };
            Expression { before: format!(r"{prefix}\.{}\.", either(&public)?), secret, keyword }
        }
        Shape::Whole => Expression { before: format!(r"{prefix}\."), secret: "[A-Za-z0-9]{24}", keyword },
        Shape::Bare { .. } | Shape::Jwt => return None,
    })
}

/// Wider than what is issued: as wide as the expression that Dynatrace documents.
fn public_part(part: Public) -> String {
    match part {
        Public::Base32(length) | Public::Alnum(length) => format!("[A-Z0-9]{{{length}}}"),
        Public::Name | Public::Environment => "[A-Za-z0-9][A-Za-z0-9-]*".to_owned(),
    }
}

fn either(parts: &[&str]) -> Option<String> {
    match parts {
        [] => None,
        [part] => Some((*part).to_owned()),
        parts => Some(format!("({})", parts.join("|"))),
    }
}

/// The names of the kinds that no expression matches, each behind `mark`, a line each.
pub(super) fn left_out(mark: &str) -> String {
    KINDS
        .iter()
        .filter(|kind| of(kind).is_none())
        .map(|kind| format!("{mark}{} ({})\n", kind.id, kind.name))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::specimen;

    #[test]
    fn a_generated_token_of_each_prefixed_kind_matches_to_its_end() {
        let mut written = 0;
        for (kind, expression) in all() {
            written += 1;
            let plain = regex::Regex::new(&format!("^(?:{})$", expression.plain())).unwrap();
            for seed in 0..200 {
                let token = specimen(kind, seed).text;
                assert!(plain.is_match(&token), "{} {seed}", kind.id);
                assert!(expression.keyword.iter().any(|word| token.contains(word)), "{}", kind.id);
            }
        }
        assert_eq!(written, 1 + KINDS.iter().filter(|kind| !kind.prefixes.is_empty()).count());
    }

    #[test]
    fn an_identifier_alone_or_a_token_of_another_kind_does_not_match() {
        for (kind, expression) in all().filter(|(kind, _)| **kind != UNKNOWN) {
            let plain = regex::Regex::new(&expression.plain()).unwrap();
            for other in KINDS {
                let token = specimen(other, 1);
                assert!(!plain.is_match(token.identifier().unwrap_or_default()), "{}", other.id);
                assert_eq!(plain.is_match(&token.text), kind == other, "{} {}", kind.id, other.id);
            }
        }
    }

    #[test]
    fn an_expression_is_one_that_each_dialect_reads_alike() {
        for (kind, expression) in all() {
            let text = expression.plain().replace(r"\.", "");
            let plain = |c: char| c.is_ascii_alphanumeric() || "-[]{}()|*".contains(c);
            assert!(text.chars().all(plain), "{}: {text}", kind.id);
        }
    }
}
