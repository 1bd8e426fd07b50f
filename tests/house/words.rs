//! Words that no text of the project uses, because a reader has to read them twice.

use std::fs;
use std::path::Path;

use regex::Regex;

use super::project;

/// Each with a plain word for it.
const WORDS: [(&str, &str); 13] = [
    (r"tells?|told|telling", "report, say, know"),
    (r"look(s|ed|ing)? at", "scan, check, read"),
    (r"look(s|ed|ing)? into", "scan, open, read"),
    (r"(come|comes|came|coming) to", "is, has"),
    (r"doors?", "say what the program does"),
    (r"leav(e|es|ing) (its|their) lines?", "append, write"),
    (r"(is|are) not asked for", "without"),
    (r"would only take time", "say why it is left out"),
    (r"\w+, of which", "a second sentence"),
    (r"whoever", "the user, the author, everybody who"),
    (r"anew|nevertheless|in (its|their|the) stead", "again, still, instead"),
    (r"all the same", "still, anyway, too"),
    (r"hears? of", "knows, is passed"),
];

/// Where one of them is right.
const ALLOWED: [(&str, &str, &str); 4] = [
    ("src/command/message.rs", "told", "an outcome in the audit, whose format is public"),
    ("src/verdict.rs", "told", "the same"),
    ("docs/policy.md", "told", "the same"),
    ("tests/policy_commands.rs", "told", "the same"),
];

/// What people wrote for people. Schemas of others are not among it.
const TEXTS: [&str; 12] = [
    "src",
    "docs",
    "hooks",
    "tests",
    "fuzz/src",
    "benches",
    "packaging",
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "install.sh",
    "action.yml",
];
const LEFT_OUT: [&str; 2] = ["tests/schemas/", "tests/house/words.rs"];

fn texts(path: &Path, found: &mut Vec<(String, String)>) {
    if path.is_dir() {
        return fs::read_dir(path).unwrap().for_each(|entry| texts(&entry.unwrap().path(), found));
    }
    let name = path.strip_prefix(project()).unwrap().to_str().unwrap().replace('\\', "/");
    if !LEFT_OUT.iter().any(|start| name.starts_with(start)) {
        // Pictures and the like hold no words.
        found.extend(fs::read_to_string(path).ok().map(|text| (name, text)));
    }
}

/// Each of the words in `text` with what stands around it, also where a comment breaks
/// it over two lines, and in names.
fn words(text: &str) -> Vec<(String, String)> {
    let breaks = Regex::new(r"\s*\n\s*(//[/!]?|#)?\s*").unwrap();
    let text = breaks.replace_all(text, " ").replace('_', " ");
    let alternatives: Vec<_> = WORDS.iter().map(|(word, _)| *word).collect();
    // Without tables of Unicode, which the program does not need.
    let word = Regex::new(&format!(r"(?-u)(?i)\b(?:{})\b", alternatives.join("|"))).unwrap();
    let around = |at: usize, by: usize| {
        let (start, end) =
            (text.floor_char_boundary(at.saturating_sub(by)), text.ceil_char_boundary(at + by));
        text[start..end].to_owned()
    };
    word.find_iter(&text).map(|found| (found.as_str().to_lowercase(), around(found.start(), 50))).collect()
}

#[test]
fn every_text_uses_plain_words() {
    let mut files = Vec::new();
    TEXTS.iter().for_each(|name| texts(&project().join(name), &mut files));
    assert!(files.len() > 300, "the test reads what it means to read: {}", files.len());
    let mut used = Vec::new();
    let mut wrong = Vec::new();
    for (name, text) in &files {
        for (word, around) in words(text) {
            match ALLOWED.iter().position(|(file, allowed, _)| file == name && *allowed == word) {
                Some(entry) => used.push(entry),
                None => wrong.push(format!("{name}: ...{around}...")),
            }
        }
    }
    let plain: Vec<_> = WORDS.iter().map(|(word, plain)| format!("{word}: {plain}")).collect();
    assert!(wrong.is_empty(), "{}\n\nUse:\n{}", wrong.join("\n"), plain.join("\n"));
    assert!((0..ALLOWED.len()).all(|entry| used.contains(&entry)), "an entry allows nothing: {used:?}");
}

#[test]
fn a_word_is_found_in_names_and_over_two_lines_and_not_in_other_words() {
    let found = |text: &str| words(text).into_iter().map(|(word, _)| word).collect::<Vec<_>>();
    assert_eq!(found("fn is_told() {}"), ["told"]);
    assert_eq!(found("    /// What is looked\n    /// at."), ["looked at"]);
    assert_eq!(found("//! It Comes to\n"), ["comes to"]);
    assert_eq!(found("a list, of which\n# one"), ["list, of which"]);
    assert_eq!(found("outdoors, retold, a look atop, intelligent; become tools"), [""; 0]);
}
