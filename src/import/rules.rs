//! Rules of git-secrets and gitleaks, as rules of the policy.

use std::path::Path;

use regex::bytes::RegexBuilder;
use toml_edit::{Document, Item as Value, Table};

use super::ere;
use super::item::{Item, Malformed, Meaning};
use crate::find::{Expression, mask};
use crate::policy::NewRule;
use crate::source::read_plain;
use crate::text::line_number;
use crate::token::{Fingerprint, KINDS, UNKNOWN, specimen};

/// A pattern of git-secrets in this line of a file; 0 for a setting.
pub(super) fn of_git_secrets(line: usize, pattern: &str) -> Item {
    let meaning = match ere::translated(pattern) {
        Err(why) => Meaning::Cannot(why),
        Ok(translated) => {
            // The same in every run.
            let id = Fingerprint::of(pattern.as_bytes()).to_string().chars().take(8).collect::<String>();
            rule(format!("imported-{id}"), translated, "Pattern of git-secrets".to_owned())
        }
    };
    Item::new(line, pattern, None, meaning)
}

/// The patterns of a provider, which is a command, and the file that holds them. Only `cat FILE`
/// is read; no command is run.
pub(super) fn of_provider<'c>(top: &Path, command: &'c str) -> (Option<&'c str>, Vec<Item>) {
    let cannot = |why| (None, vec![Item::new(0, command, None, Meaning::Cannot(why))]);
    let words: Vec<&str> = command.split_ascii_whitespace().collect();
    let file = match words.as_slice() {
        ["cat", file]
            if !file.starts_with('-') && !file.contains(['$', '`', '*', '"', '\'', '\\', '~', ';', '|']) =>
        {
            *file
        }
        ["dtguard", "patterns", ..] => return (None, vec![Item::new(0, command, None, Meaning::BuiltIn)]),
        _ => {
            return cannot(
                "it is a command, and none is run: write what it prints into a file, and name that as `cat FILE`",
            );
        }
    };
    let Ok(content) = read_plain(&top.join(file)) else {
        return cannot("the file that it names cannot be read");
    };
    let content = String::from_utf8_lossy(&content).into_owned();
    let lines = content.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    (Some(file), lines.map(|(number, line)| of_git_secrets(number + 1, line)).collect())
}

/// The rules of a configuration of gitleaks.
pub(super) fn of_gitleaks(text: &str) -> Result<Vec<Item>, Malformed> {
    let document = Document::parse(text).map_err(|error| Malformed {
        line: error.span().map_or(0, |span| line_number(text.as_bytes(), span.start)),
        message: mask(error.message()),
    })?;
    let rules = document.get("rules").and_then(Value::as_array_of_tables);
    Ok(rules.into_iter().flatten().filter_map(|rule| gitleaks_rule(text, rule)).collect())
}

/// A rule, unless it only changes one of gitleaks' own.
fn gitleaks_rule(text: &str, table: &Table) -> Option<Item> {
    let said = |key: &str| table.get(key).and_then(Value::as_str);
    let line = table.span().map_or(0, |span| line_number(text.as_bytes(), span.start));
    let id = said("id").unwrap_or("rule");
    let Some(pattern) = said("regex") else {
        let why = "it forbids files by their names alone";
        return said("path").map(|path| Item::new(line, path, None, Meaning::Cannot(why)));
    };
    let description = said("description").unwrap_or("Rule of gitleaks").trim();
    let description: String = description.chars().filter(|c| !c.is_control()).take(200).collect();
    let item = |meaning| Some(Item::new(line, pattern, None, meaning));
    if is_built_in(pattern) {
        return item(Meaning::BuiltIn);
    }
    if said("path").is_some() {
        return item(Meaning::Cannot("an expression limits its paths: write the rule by hand, with `paths`"));
    }
    if table.get("entropy").is_some_and(|entropy| entropy.as_float() != Some(0.0)) {
        return item(Meaning::Cannot("it measures entropy, which rules do not"));
    }
    let folded = pattern.to_ascii_lowercase();
    let keywords = table.get("keywords").and_then(Value::as_array);
    let mut keywords = keywords.into_iter().flatten().filter_map(|keyword| keyword.as_str());
    let is_free = |keyword: &str| !folded.contains(&keyword.to_ascii_lowercase());
    if keywords.any(is_free) {
        return item(Meaning::Cannot(
            "it holds only in files with a keyword, which its expression does not have",
        ));
    }
    let group = table.get("secretGroup").and_then(Value::as_integer).unwrap_or_default();
    let Some(pattern_of_rule) = with_secret(pattern, group) else {
        return item(Meaning::Cannot("its secretGroup is no group of its expression"));
    };
    item(rule(slug(id), pattern_of_rule, description))
}

/// A rule, if its pattern is accepted.
fn rule(id: String, pattern: String, description: String) -> Meaning {
    if is_built_in(&pattern) {
        return Meaning::BuiltIn;
    }
    match Expression::parse(&pattern) {
        Ok(_) => Meaning::Rule(NewRule { id, pattern, description }),
        Err(refusal) => Meaning::Refused(mask(&refusal.message)),
    }
}

/// Whether a pattern matches tokens of Dynatrace because of what they begin with.
fn is_built_in(pattern: &str) -> bool {
    let Ok(regex) = RegexBuilder::new(pattern).unicode(false).build() else { return false };
    KINDS.iter().filter(|kind| !kind.prefixes.is_empty()).chain([&UNKNOWN]).any(|kind| {
        let token = specimen(kind, 1).text;
        let other = token.replacen("dt0", "xy0", 1);
        regex.is_match(token.as_bytes()) && !regex.is_match(other.as_bytes())
    })
}

/// `pattern` with the group of this number called `secret`; 0 for none.
fn with_secret(pattern: &str, group: i64) -> Option<String> {
    if group == 0 {
        return Some(pattern.to_owned());
    }
    let (mut number, mut in_class, mut escaped) = (0, false, false);
    for (at, c) in pattern.char_indices() {
        let rest = pattern.get(at + 1..).unwrap_or_default();
        match c {
            _ if std::mem::take(&mut escaped) => {}
            '\\' => escaped = true,
            '[' => in_class = true,
            ']' => in_class = false,
            '(' if !in_class && !rest.starts_with('?') => {
                number += 1;
                if number == group {
                    return Some(format!("{}(?P<secret>{rest}", pattern.get(..at)?));
                }
            }
            // A group with a name counts, too.
            '(' if !in_class && (rest.starts_with("?P<") || rest.starts_with("?<")) => number += 1,
            _ => {}
        }
    }
    None
}

/// `id` as the id of a rule.
fn slug(id: &str) -> String {
    let word: String = id
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' })
        .take(48)
        .collect();
    let word = word.trim_matches('-');
    let fits = word.starts_with(|c: char| c.is_ascii_lowercase())
        && !word.starts_with("dt0")
        && !word.starts_with("dynatrace-");
    if fits { word.to_owned() } else { format!("imported-{word}").trim_end_matches('-').to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meanings(text: &str) -> Vec<Meaning> {
        of_gitleaks(text).unwrap().into_iter().map(|item| item.meaning).collect()
    }

    #[test]
    fn a_rule_of_gitleaks_is_taken_over_where_it_can_be_written_and_else_says_why_not() {
        let text = "[[rules]]\nid = 'Acme_Token'\ndescription = 'A token'\nregex = '''(x)acme_([a-z0-9]{20})'''\nsecretGroup = 2\nkeywords = ['ACME_']\n\
             [[rules]]\nid = 'b'\nregex = 'acme-[0-9]{4}'\npath = 'x'\n\
             [[rules]]\nid = 'c'\nregex = 'acme-[0-9]{4}'\nentropy = 3.5\n\
             [[rules]]\nid = 'd'\nregex = '[a-f0-9]{32}'\nkeywords = ['acme']\n\
             [[rules]]\nid = 'e'\npath = '\\.pem$'\n\
             [[rules]]\nid = 'f'\nregex = '.+'\n\
             [[rules]]\nid = 'g'\nregex = 'dt0c01\\.[A-Z0-9]{24}\\.[A-Z0-9]{64}'\n\
             [[rules]]\nid = 'generic-api-key'\n[[rules.allowlists]]\nregexes = ['x']\n";
        let meanings = meanings(text);
        let rule = NewRule {
            id: "acme-token".to_owned(),
            pattern: "(x)acme_(?P<secret>[a-z0-9]{20})".to_owned(),
            description: "A token".to_owned(),
        };
        assert_eq!(meanings[0], Meaning::Rule(rule));
        assert!(meanings[1..5].iter().all(|meaning| matches!(meaning, Meaning::Cannot(_))), "{meanings:?}");
        assert!(
            matches!(&meanings[5], Meaning::Refused(why) if why.contains("fewer than 3 bytes")),
            "{meanings:?}"
        );
        assert_eq!(meanings[6..], [Meaning::BuiltIn]);
    }

    #[test]
    fn the_group_of_a_number_is_the_one_that_the_expression_counts() {
        for (pattern, group, named) in [
            ("a(b)(c)", 2, Some("a(b)(?P<secret>c)")),
            (r"\((b)[(](?:x)(c)", 2, Some(r"\((b)[(](?:x)(?P<secret>c)")),
            ("a(b)", 0, Some("a(b)")),
            ("a(b)", 2, None),
        ] {
            assert_eq!(with_secret(pattern, group).as_deref(), named, "{pattern}");
        }
    }
}
