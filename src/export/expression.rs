//! What matches a kind of token, as regular expressions of the form that POSIX
//! `grep -E`, RE2, Hyperscan, Python and Rust read alike: no look-around, no flag, no
//! blank, and no backslash, which each file format escapes in its own way.

use crate::token::{KINDS, Kind, Shape, UNKNOWN};

/// What may stand in a secret part.
const ALNUM: &str = "[0-9A-Za-z]";
/// A public part and the dot behind it. As wide as the finder reads it: what matters is the
/// secret part.
const PUBLIC: &str = "[0-9A-Za-z-]+[.]";
/// What all prefixes begin with.
const FAMILY: &str = "[Dd][Tt]0";

/// An expression in two parts, so that a tool can know which one is secret.
pub(super) struct Expression {
    /// What stands before the secret part: prefix, dots, public part.
    pub before: String,
    /// The secret part.
    pub secret: String,
    /// What every match holds, in lower case.
    pub keyword: &'static [&'static str],
}

impl Expression {
    /// All of it in groups that are not captured, but for one: the secret part
    /// with `secret_only`, else the whole token.
    pub(super) fn captured(&self, secret_only: bool) -> String {
        let before = self.before.replace('(', "(?:");
        if secret_only { format!("{before}({})", self.secret) } else { format!("({before}{})", self.secret) }
    }
}

/// The kinds that an expression can match, each with it, and at last tokens of the family
/// whose prefix is not in the catalogue. No token of the form that Dynatrace issues fits two.
pub(super) fn all() -> impl Iterator<Item = (&'static Kind, Expression)> {
    KINDS.iter().chain([&UNKNOWN]).filter_map(|kind| Some((kind, of(kind)?)))
}

/// What matches tokens of `kind`; none where only the text around them identifies them.
fn of(kind: &'static Kind) -> Option<Expression> {
    let unknown = *kind == UNKNOWN;
    let prefix = if unknown { others() } else { prefixed(kind.prefixes) };
    let keyword = if unknown { &["dt0"] } else { kind.prefixes };
    Some(match kind.shape {
        Shape::Dotted { .. } => {
            Expression { before: format!("{prefix}[.]{PUBLIC}"), secret: secret(64), keyword }
        }
        Shape::Whole => Expression { before: format!("{prefix}[.]"), secret: secret(24), keyword },
        Shape::Bare { .. } | Shape::Jwt | Shape::Rule => return None,
    })
}

/// The family as a whole, and the kinds that are built otherwise: for tools that have no name
/// for a kind, and would report what fits two expressions twice.
pub(super) fn few() -> impl Iterator<Item = String> {
    few_in_two().map(|(before, secret)| before + &secret)
}

/// The same, in front of the secret part and the secret part.
pub(super) fn few_in_two() -> impl Iterator<Item = (String, String)> {
    [(family(), secret(64)), (prefixed(&whole()) + "[.]", secret(24))].into_iter()
}

/// What was typed, not drawn, for dialects that go back to a group.
pub(super) const FILLER: &str = r"([0-9A-Za-z])\1{15}";

/// The same for the others: a run of one of the characters that people type.
pub(super) fn filler_runs() -> String {
    "019AFXZafxz".chars().map(|c| format!("{c}{{16}}")).collect::<Vec<_>>().join("|")
}

fn secret(length: usize) -> String {
    format!("{ALNUM}{{{length}}}")
}

fn family() -> String {
    format!("{FAMILY}[A-Za-z][0-9]{{2}}[.]{PUBLIC}")
}

/// The prefixes without a public part.
fn whole() -> Vec<&'static str> {
    let whole = KINDS.iter().filter(|kind| kind.shape == Shape::Whole);
    whole.flat_map(|kind| kind.prefixes).copied().collect()
}

/// `prefixes` in any letter case.
fn prefixed(prefixes: &[&str]) -> String {
    let ends = prefixes.iter().filter_map(|prefix| prefix.strip_prefix("dt0")).map(any_case);
    FAMILY.to_owned() + &either(ends.collect())
}

fn any_case(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            c if c.is_ascii_alphabetic() => format!("[{}{c}]", c.to_ascii_uppercase()),
            c => c.to_string(),
        })
        .collect()
}

fn either(parts: Vec<String>) -> String {
    match parts.as_slice() {
        [part] => part.clone(),
        parts => format!("({})", parts.join("|")),
    }
}

/// Every prefix of the family but those of the dotted kinds. It says so itself, because not
/// every tool can leave out what another rule reports.
fn others() -> String {
    let dotted = KINDS.iter().filter(|kind| matches!(kind.shape, Shape::Dotted { .. }));
    let known: Vec<&str> = dotted.flat_map(|kind| kind.prefixes).copied().collect();
    let begins = |start: String| known.iter().any(|prefix| prefix.starts_with(&start));
    let (taken, free): (Vec<char>, Vec<char>) =
        ('a'..='z').partition(|letter| begins(format!("dt0{letter}")));
    let letters: String = free.iter().flat_map(|c| [c.to_ascii_uppercase(), *c]).collect();
    let mut parts = vec![format!("[{letters}][0-9]{{2}}")];
    for letter in taken {
        let digits = |start: &str| -> (String, String) {
            ('0'..='9').partition(|digit| begins(format!("dt0{letter}{start}{digit}")))
        };
        let (tens, none) = digits("");
        let tens = tens.chars().map(|ten| format!("{ten}[{}]", digits(&ten.to_string()).1));
        let tens = tens.chain([format!("[{none}][0-9]")]).collect();
        parts.push(any_case(&letter.to_string()) + &either(tens));
    }
    FAMILY.to_owned() + &either(parts)
}

/// The parts of a masking rule: what a template writes for each.
pub(super) fn masking() -> [(&'static str, String); 7] {
    let prefixes = whole();
    let whole = prefixed(&prefixes) + "[.]";
    let whole_secret = format!("{PUBLIC}{}|{}", secret(64), secret(24));
    [
        ("@REGEX@", format!("({whole})({whole_secret})|({}){}", family(), secret(64))),
        ("@WHOLE@", whole),
        (
            "@WHOLE_DPL@",
            prefixes.iter().map(|prefix| pattern_of_dynatrace(prefix)).collect::<Vec<_>>().join(" | "),
        ),
        (
            "@WHOLE_PREFIXES@",
            prefixes.iter().map(|prefix| format!("[\"{prefix}.\"] = true")).collect::<Vec<_>>().join(", "),
        ),
        ("@WHOLE_SECRET@", whole_secret),
        ("@FAMILY@", family()),
        ("@SECRET@", secret(64)),
    ]
}

/// `prefix` and its dot in Dynatrace's own pattern language, in any letter case.
fn pattern_of_dynatrace(prefix: &str) -> String {
    let parts = prefix.chars().chain(['.']).map(|c| match any_case(&c.to_string()) {
        class if class.len() > 1 => class,
        literal => format!("'{literal}'"),
    });
    parts.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::specimen;
    use regex::Regex;

    #[test]
    fn a_generated_token_of_each_prefixed_kind_matches_to_its_end_in_any_letter_case() {
        let mut written = 0;
        for (kind, expression) in all() {
            written += 1;
            let plain = Regex::new(&format!("^(?:{})$", expression.captured(false))).unwrap();
            for seed in 0..200 {
                let token = specimen(kind, seed).text;
                for text in [token.to_lowercase(), token.to_uppercase(), token.clone()] {
                    assert!(plain.is_match(&text), "{} {seed}", kind.id);
                    let lower = text.to_lowercase();
                    assert!(expression.keyword.iter().any(|word| lower.contains(word)), "{}", kind.id);
                }
            }
        }
        assert_eq!(written, 1 + KINDS.iter().filter(|kind| !kind.prefixes.is_empty()).count());
    }

    #[test]
    fn an_identifier_alone_or_a_token_of_another_kind_does_not_match() {
        for (kind, expression) in all() {
            let plain = Regex::new(&expression.captured(false)).unwrap();
            for other in KINDS.iter().chain([&UNKNOWN]) {
                let token = specimen(other, 1);
                assert!(!plain.is_match(token.identifier().unwrap_or_default()), "{}", other.id);
                assert_eq!(plain.is_match(&token.text), kind == other, "{} {}", kind.id, other.id);
            }
        }
    }

    #[test]
    fn each_prefix_of_the_family_is_reported_by_one_dotted_expression() {
        let expressions: Vec<_> = all()
            .filter(|(kind, _)| kind.shape != Shape::Whole)
            .map(|(kind, expression)| (kind.id, Regex::new(&expression.captured(false)).unwrap()))
            .collect();
        let rest = specimen(&KINDS[0], 1).text[6..].to_owned();
        for letter in 'a'..='z' {
            for number in 0..100 {
                let token = format!("dt0{letter}{number:02}{rest}");
                let fits = expressions.iter().filter(|(_, regex)| regex.is_match(&token)).count();
                assert_eq!(fits, 1, "dt0{letter}{number:02}");
            }
        }
    }

    #[test]
    fn an_expression_is_one_that_each_dialect_reads_alike() {
        let masking = masking()
            .into_iter()
            .filter(|(name, _)| !name.starts_with("@WHOLE_PREFIXES") && !name.starts_with("@WHOLE_DPL"));
        let written = all().map(|(_, expression)| expression.before + &expression.secret);
        for text in written.chain(masking.map(|(_, text)| text)).chain(few()) {
            let plain = |c: char| c.is_ascii_alphanumeric() || "-[]{}()|+.".contains(c);
            assert!(text.chars().all(plain) && !text.contains("(?"), "{text}");
            // A dot is only ever one of the text.
            assert!(!text.replace("[.]", "").contains('.'), "{text}");
        }
    }
}
