//! Regular expressions of other tools' allowlists.
//!
//! An expression that spells out a token becomes an entry. Any other expression could allow
//! unknown tokens, so it never becomes one.

use regex::bytes::Regex;

use super::item::{Item, Meaning, names};
use crate::find::find;
use crate::token::{Identifier, KINDS, PREFIX, UNKNOWN, is_public, specimen};

/// Stands for a variable part of an expression.
const ANY: char = '\0';
/// The fewest characters of another service's secret; a shorter word could stand beside any
/// secret.
const SECRET: usize = 16;

/// What `expression`, found in `line`, allows: an item for each of its alternatives.
pub(super) fn items(line: usize, expression: &str, reason: Option<&str>) -> Vec<Item> {
    alternatives(expression)
        .into_iter()
        .map(|alternative| Item::new(line, alternative, reason, meaning(alternative)))
        .collect()
}

/// What a literal text allows.
pub(super) fn literal(line: usize, text: &str, reason: Option<&str>) -> Item {
    let tokens = tokens(text);
    let meaning = match tokens.is_empty() {
        false => Meaning::Tokens(tokens),
        true if is_foreign(text) => Meaning::NotOurs,
        true => Meaning::Cannot("it allows every secret with this text"),
    };
    Item::new(line, text, reason, meaning)
}

fn meaning(expression: &str) -> Meaning {
    let fixed = fixed(expression);
    let tokens = tokens(&fixed.text);
    if tokens.len() == 1 + fixed.choices {
        return Meaning::Tokens(tokens);
    }
    if !tokens.is_empty() {
        return Meaning::Cannot("it names some tokens and allows others too: allow each by its identifier");
    }
    let Ok(regex) = Regex::new(expression) else {
        return Meaning::Cannot("it is no regular expression of a supported form");
    };
    let matched = KINDS.iter().chain([&UNKNOWN]).filter(|kind| {
        let token = specimen(kind, 1).text;
        regex.is_match(token.as_bytes()) || regex.is_match(format!("a:1:x={token}").as_bytes())
    });
    match matched.count() {
        0 if !fixed.text.contains(ANY) && is_foreign(&fixed.text) => Meaning::NotOurs,
        0 if fixed.text.contains('/') => Meaning::Cannot(
            "it allows everything in some files: write an [[allow]] entry with `path` and `kinds`",
        ),
        0 => Meaning::Cannot("it names no token, and allows every token beside this text"),
        some if some > KINDS.len() => Meaning::Cannot("it allows every token"),
        _ => Meaning::Cannot("it allows every token of a kind: allow each by its identifier"),
    }
}

/// Whether `text` is literally a secret of another service.
fn is_foreign(text: &str) -> bool {
    text.len() >= SECRET && !text.contains(['/', ' ', ANY]) && !text.to_ascii_lowercase().contains("dt0")
        || text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte))
}

/// The tokens in `text`, whole or by identifier.
fn tokens(text: &str) -> Vec<String> {
    let mut all = names(text.as_bytes(), |_| true);
    let covered = find(text.as_bytes());
    let folded = text.to_ascii_lowercase();
    for (at, _) in folded.match_indices("dt0") {
        if covered.iter().any(|found| found.span.contains(&at)) {
            continue;
        }
        let Some(rest) = text.get(at..).filter(|rest| rest.as_bytes().get(PREFIX) == Some(&b'.')) else {
            continue;
        };
        let public = rest.bytes().skip(PREFIX + 1).take_while(is_public).count();
        let identifier = rest.get(..PREFIX + 1 + public).unwrap_or_default();
        let one = Identifier::parse(identifier).is_some_and(|identifier| identifier.names_one_token());
        if one && !all.iter().any(|known| known == identifier) {
            all.push(identifier.to_owned());
        }
    }
    all
}

/// The literal parts of an expression.
struct Fixed {
    /// Its text, with [`ANY`] for each variable part. An unescaped dot counts as a literal one,
    /// because people forget to escape it.
    text: String,
    /// How many alternatives it offers.
    choices: usize,
}

fn fixed(expression: &str) -> Fixed {
    let mut fixed = Fixed { text: String::new(), choices: 0 };
    let mut rest = expression.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\\' => match rest.next() {
                Some(escaped) if !escaped.is_ascii_alphanumeric() => fixed.text.push(escaped),
                _ => fixed.text.push(ANY),
            },
            '[' => {
                let class: String = class(&mut rest);
                let mut members = class.chars();
                match (members.next(), members.next()) {
                    (Some(only), None) => fixed.text.push(only),
                    _ => fixed.text.push(ANY),
                }
            }
            // The part before it is repeated or optional.
            '*' | '+' | '?' | '{' => {
                if c == '{' {
                    rest.by_ref().find(|c| *c == '}');
                }
                fixed.text.pop();
                fixed.text.push(ANY);
            }
            '|' => {
                fixed.choices += 1;
                fixed.text.push(ANY);
            }
            '(' => {
                if rest.next_if_eq(&'?').is_some() {
                    rest.by_ref().find(|c| matches!(c, ':' | ')'));
                }
                fixed.text.push(ANY);
            }
            ')' => fixed.text.push(ANY),
            '^' | '$' => {}
            c => fixed.text.push(c),
        }
    }
    fixed
}

/// The content of a character class after its `[`.
fn class(rest: &mut impl Iterator<Item = char>) -> String {
    let mut class = String::new();
    while let Some(c) = rest.next() {
        match c {
            ']' if !class.is_empty() => break,
            '\\' => class.extend(rest.next()),
            c => class.push(c),
        }
    }
    class
}

/// `expression` split at each `|` outside groups and classes.
fn alternatives(expression: &str) -> Vec<&str> {
    let (mut depth, mut class, mut escaped) = (0_usize, false, false);
    let mut cuts = Vec::new();
    for (at, c) in expression.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ']' => class = false,
            _ if class => {}
            '[' => class = true,
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            '|' if depth == 0 => cuts.push(at),
            _ => {}
        }
    }
    let starts = [0].into_iter().chain(cuts.iter().map(|cut| cut + 1));
    let ends = cuts.iter().copied().chain([expression.len()]);
    starts.zip(ends).filter_map(|(start, end)| expression.get(start..end)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "dt0c01.ABCDEFGHIJKLMNOPQRSTUVWX";

    fn names_in(expression: &str) -> Vec<String> {
        let each = items(1, expression, None).into_iter();
        each.flat_map(|item| if let Meaning::Tokens(names) = item.meaning { names } else { vec![] }).collect()
    }

    #[test]
    fn an_expression_that_names_a_token_is_one_for_it() {
        for expression in [
            ID.to_owned(),
            ID.replace('.', r"\."),
            ID.replace('.', "[.]"),
            format!(r"^docs/a\.md:[0-9]+:.*{}\.[A-Z0-9]{{64}}$", ID.replace('.', r"\.")),
            format!("({})", ID.replace('.', r"\.")),
            format!("{ID}.*"),
        ] {
            assert_eq!(names_in(&expression), [ID], "{expression}");
        }
        for kind in KINDS.iter().filter(|kind| !kind.prefixes.is_empty()) {
            let token = specimen(kind, 1);
            for expression in [token.text.clone(), token.text.replace('.', r"\.")] {
                assert_eq!(names_in(&expression).len(), 1, "{}", kind.id);
                assert!(!items(1, &expression, None)[0].said.contains(token.secret()), "{}", kind.id);
            }
        }
    }

    #[test]
    fn alternatives_are_distinguished() {
        let other = "dt0s16.QRSTUVWX";
        assert_eq!(names_in(&format!("{ID}|{other}|EXAMPLE")), [ID, other]);
        assert_eq!(names_in(&format!("({ID}|{other})")), [ID, other]);
        let mixed = items(1, &format!("({ID}|tests/.*)"), None);
        assert!(matches!(mixed[0].meaning, Meaning::Cannot(_)), "{mixed:?}");
        assert_eq!(alternatives(r"a\|b|[|]|(c|d)"), [r"a\|b", "[|]", "(c|d)"]);
    }

    #[test]
    fn an_expression_that_lets_more_than_one_token_pass_becomes_no_entry() {
        for expression in [
            "",
            ".",
            ".*",
            "^",
            "$",
            "^.*$",
            "(.*)",
            ".+",
            "[^ ]",
            "dt0",
            "dt0.*",
            r"dt0c01\..*",
            r"dt0c01\.[A-Z0-9]{24}",
            r"dt0c01\.[A-Z0-9]{24}\.[A-Z0-9]{64}",
            "dt0c01.ABCDEFGHIJKLMNOPQRSTUVW.",
            "dt0c01.ABCDEFGHIJKLMNOPQRSTUVWX?",
            "dt0c01.ABCDEFGHIJKLMNOPQRSTUVWX*",
            "dt0c01.ABCDEFGHIJKLMNOPQRSTUVW[XY]",
            "dt0a01.abc12345",
            "tests/",
            "EXAMPLE",
            "(unclosed",
            r"\w+",
            "dt0c01.(ABCDEFGHIJKLMNOPQRSTUVWX|.*)",
        ] {
            let items = items(1, expression, None);
            assert!(
                items.iter().all(|item| matches!(item.meaning, Meaning::Cannot(_))),
                "{expression}: {items:?}"
            );
        }
    }

    #[test]
    fn a_secret_of_another_service_is_not_ours() {
        for expression in ["AKIAIOSFODNN7QUARTZX", &"wJalrXUtnFEMI/K7MDENG".replace('/', "x")] {
            assert_eq!(items(1, expression, None)[0].meaning, Meaning::NotOurs, "{expression}");
        }
    }
}
