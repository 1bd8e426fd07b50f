//! gitleaks and betterleaks: findings ignored by place, and allowlists.

use toml_edit::{Document, Item as Value, TableLike};

use super::expression;
use super::item::{Item, Lookup, Malformed, Meaning, WHOLE_FILES, tokens};
use super::lines::said;
use crate::find::mask;
use crate::text::{line_around, line_number};

/// `.gitleaksignore`: `commit:file:rule:line` or `file:rule:line`. Finds the token that is
/// still there.
pub(super) fn ignored(text: &str, lookup: &Lookup<'_>) -> Vec<Item> {
    said(text)
        .map(|line| Item::new(line.number, line.text, line.reason, meaning(line.text.trim(), lookup)))
        .collect()
}

fn meaning(fingerprint: &str, lookup: &Lookup<'_>) -> Meaning {
    let mut parts = fingerprint.rsplitn(3, ':');
    let (line, rule, rest) = (parts.next(), parts.next(), parts.next());
    let (Some(Ok(line)), Some(rule), Some(rest)) = (line.map(str::parse::<usize>), rule, rest) else {
        return Meaning::Cannot("it does not have the form commit:file:rule:line");
    };
    let is_commit = |text: &str| matches!(text.len(), 40 | 64) && text.bytes().all(|b| b.is_ascii_hexdigit());
    let (commit, path) = match rest.split_once(':') {
        Some((commit, path)) if is_commit(commit) => (Some(commit), path),
        _ => (None, rest),
    };
    let ours = rule.contains("dynatrace");
    let Some(content) = lookup(commit, path) else {
        let why = "the file is not there, so its token is not known";
        return if ours { Meaning::Cannot(why) } else { Meaning::NotOurs };
    };
    match tokens(&content, |found| line_number(&content, found.span.start) == line) {
        Meaning::NotOurs if ours => Meaning::Cannot("there is no token any more"),
        meaning => meaning,
    }
}

/// How `dtguard patterns` describes lists of its own, which only keep tokens from being
/// reported twice; the second one in older files.
const OURS: [&str; 2] = ["Reported by the rules above", "Has a rule of its own"];

/// The allowlists of a configuration.
pub(super) fn allowlists(text: &str) -> Result<Vec<Item>, Malformed> {
    let document = Document::parse(text).map_err(|error| Malformed {
        line: error.span().map_or(0, |span| line_number(text.as_bytes(), span.start)),
        message: mask(error.message()),
    })?;
    let mut items = Vec::new();
    each_list(document.as_table(), text, &mut items);
    if let Some(rules) = document.get("rules").and_then(Value::as_array_of_tables) {
        rules.iter().for_each(|rule| each_list(rule, text, &mut items));
    }
    items.sort_by_key(|item| item.line);
    Ok(items)
}

/// Reads `allowlist` and `allowlists` of `table`.
fn each_list(table: &dyn TableLike, text: &str, items: &mut Vec<Item>) {
    if let Some(list) = table.get("allowlist").and_then(Value::as_table_like) {
        allowlist(list, text, items);
    }
    if let Some(lists) = table.get("allowlists").and_then(Value::as_array_of_tables) {
        lists.iter().for_each(|list| allowlist(list, text, items));
    }
}

fn allowlist(list: &dyn TableLike, text: &str, items: &mut Vec<Item>) {
    let description = list.get("description").and_then(Value::as_str);
    if description.is_some_and(|description| OURS.contains(&description)) {
        return;
    }
    for key in ["regexes", "stopwords", "paths", "commits"] {
        for value in list.get(key).and_then(Value::as_array).into_iter().flatten() {
            let Some(said) = value.as_str() else { continue };
            let at = value.span().map_or(0, |span| span.start);
            let line = line_number(text.as_bytes(), at);
            // A comment on its own line is more specific than the shared description.
            let comment = text.get(line_around(text.as_bytes(), at)).and_then(|line| line.rsplit_once(" # "));
            let reason = comment.map(|(_, comment)| comment).or(description);
            match key {
                "regexes" => items.extend(expression::items(line, said, reason)),
                "stopwords" => items.push(expression::literal(line, said, reason)),
                "paths" => items.push(Item::new(line, said, reason, Meaning::Cannot(WHOLE_FILES))),
                _ => {
                    let why = "it allows everything that a commit adds: allow its tokens by identifier";
                    items.push(Item::new(line, said, reason, Meaning::Cannot(why)));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::{KINDS, specimen};

    #[test]
    fn a_place_is_the_token_that_stands_there() {
        let (one, two) = (specimen(&KINDS[0], 1), specimen(&KINDS[0], 2));
        let content = format!("x\na={}\nb={}\n", one.text, two.text);
        let commit = "0123456789abcdef0123456789abcdef01234567";
        let lookup = move |asked: Option<&str>, path: &str| {
            (path == "dir/a:b.env" && asked.is_none_or(|asked| asked == commit))
                .then(|| content.clone().into_bytes())
        };
        let text = format!(
            "# reviewed\n{commit}:dir/a:b.env:dynatrace-api-token:2\n\ndir/a:b.env:generic-api-key:3\n\
             dir/a:b.env:generic-api-key:1\ndir/a:b.env:dynatrace-api-token:1\nnone:dynatrace-api-token:1\nx:y\nnone:aws:1\n"
        );
        let items = ignored(&text, &lookup);
        let meanings: Vec<_> = items.iter().map(|item| (item.line, &item.meaning)).collect();
        let tokens =
            |token: &crate::token::Specimen| Meaning::Tokens(vec![token.identifier().unwrap().to_owned()]);
        assert_eq!(meanings[..3], [(2, &tokens(&one)), (4, &tokens(&two)), (5, &Meaning::NotOurs)]);
        assert!(
            meanings[3..6].iter().all(|(_, meaning)| matches!(meaning, Meaning::Cannot(_))),
            "{meanings:?}"
        );
        assert_eq!(*meanings[6].1, Meaning::NotOurs);
        assert_eq!(items[0].reason.as_deref(), Some("reviewed"));
    }

    #[test]
    fn each_list_is_read_wherever_it_stands() {
        let text = "title = 'x'\n[allowlist]\ndescription = \"ours\"\npaths = ['''^docs/''']\n\
                    regexes = [\n  '''dt0s16\\.QRSTUVWX''', # the sample\n  '''dt0s16\\.ABCDEFGH'''\n]\n\
                    [[rules]]\nid = 'a'\n[[rules.allowlists]]\ncommits = ['abc']\nstopwords = ['dt0s16.IJKLMNOP', 'fake']\n\
                    [[allowlists]]\nregexes = ['.*']\n";
        let items = allowlists(text).unwrap();
        let ours = |items: &[Item], line: usize| {
            items.iter().find(|item| item.line == line).map(|item| item.reason.clone())
        };
        assert_eq!(items.len(), 7, "{items:?}");
        assert_eq!(ours(&items, 6), Some(Some("the sample".to_owned())));
        assert_eq!(ours(&items, 7), Some(Some("ours".to_owned())));
        let turned: Vec<_> = items
            .iter()
            .filter(|item| matches!(item.meaning, Meaning::Tokens(_)))
            .map(|item| item.line)
            .collect();
        assert_eq!(turned, [6, 7, 13]);
        assert_eq!(allowlists("a = \n").unwrap_err().line, 1);
    }
}
