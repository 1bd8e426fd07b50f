//! What `git diff` says that a staged change adds, read in the simplest way.

use std::collections::{BTreeSet, HashMap};

use super::case::{SUBMODULE, Tree};
use crate::support::{Repo, hermetic};

/// The effect of a change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdict {
    /// How many tokens it adds.
    pub findings: usize,
    /// The files to which it adds them.
    pub files: BTreeSet<String>,
    /// How many lines it adds.
    pub lines: usize,
}

impl Verdict {
    /// What `git diff` says of the change from `head` to `index` that is staged
    /// in `repo`.
    ///
    /// Of each text more added than removed ones in a file; what is binary on
    /// either side has no lines, there each token is counted. git pairs the exact
    /// renames.
    pub fn of_git(repo: &Repo, head: &Tree, index: &Tree, tokens: &[String]) -> Self {
        let options = [
            "--cached",
            "-U0",
            "--text",
            "--no-ext-diff",
            "--no-textconv",
            "--ignore-submodules=none",
            "-M100%",
            "--src-prefix=a/",
            "--dst-prefix=b/",
        ];
        let mut git = hermetic("git", &repo.path);
        let output = git.args(["-c", "core.quotePath=false", "diff"]).args(options).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let balance = balance(&output.stdout);

        let is_binary = |tree: &Tree, name: &str| {
            tree.0.get(name).is_some_and(|node| node.mode != SUBMODULE && node.content.contains(&0))
        };
        let mut verdict = Self::default();
        let mut in_binary: HashMap<(&str, &str), i64> = HashMap::new();
        for ((name, text), count) in &balance {
            let on_line = |token: &str| occurrences(text, token.as_bytes()) as i64;
            if is_binary(head, name) || is_binary(index, name) {
                for token in tokens {
                    *in_binary.entry((name, token)).or_default() += count * on_line(token);
                }
            } else if *count > 0 {
                verdict.add(name, count * tokens.iter().map(|token| on_line(token)).sum::<i64>());
            }
            if *count > 0 && !is_binary(index, name) {
                verdict.lines += *count as usize;
            }
        }
        in_binary.iter().for_each(|((name, _), count)| verdict.add(name, *count));
        verdict
    }

    fn add(&mut self, name: &str, findings: i64) {
        if findings > 0 {
            self.findings += findings as usize;
            self.files.insert(name.to_owned());
        }
    }

    /// What dtguard wrote about a staged change.
    pub fn of_dtguard(said: &str) -> Self {
        // The summary may go over several lines.
        let words: Vec<&str> = said.split_whitespace().collect();
        let number_before = |noun: [&str; 2]| {
            let place = words.windows(2).rposition(|pair| pair == noun)?;
            words.get(place.checked_sub(1)?)?.parse().ok()
        };
        let either = |one: [&str; 2], more: [&str; 2]| number_before(one).or(number_before(more));
        let file = |place: &str| {
            let (rest, column) = place.rsplit_once(':')?;
            let (name, line) = rest.rsplit_once(':')?;
            let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty();
            (is_number(column) && is_number(line)).then(|| name.to_owned())
        };
        Self {
            findings: either(["token", "blocked"], ["tokens", "blocked"])
                .or_else(|| number_before(["places", "blocked"]))
                .unwrap_or(0),
            // A place stands on a line of its own.
            files: said.lines().filter_map(|line| file(line.trim())).collect(),
            lines: either(["added", "line"], ["added", "lines"])
                .or_else(|| number_before(["added", "line:"]))
                .or_else(|| number_before(["added", "lines:"]))
                .unwrap_or(0),
        }
    }
}

fn occurrences(text: &[u8], token: &[u8]) -> usize {
    text.windows(token.len()).filter(|window| *window == token).count()
}

/// For each file and text of a line how much more often it was added than
/// removed. A file that changed its type comes in two parts and is one file.
fn balance(diff: &[u8]) -> HashMap<(String, Vec<u8>), i64> {
    let mut balance: HashMap<(String, Vec<u8>), i64> = HashMap::new();
    let (mut header, mut submodule, mut name) = (true, false, String::new());
    for line in diff.split(|byte| *byte == b'\n') {
        if line.starts_with(b"diff --git ") {
            (header, submodule) = (true, false);
        } else if line.starts_with(b"@@ ") {
            header = false;
        } else if header {
            // A tab ends a name that has a space in it.
            let text = String::from_utf8_lossy(line).trim_end_matches('\t').to_owned();
            submodule |= text.ends_with("160000");
            if let Some(path) = text.strip_prefix("--- a/").or_else(|| text.strip_prefix("+++ b/")) {
                path.clone_into(&mut name);
            }
        } else if let (false, Some((sign @ (b'+' | b'-'), text))) = (submodule, line.split_first()) {
            let text = text.strip_suffix(b"\r").unwrap_or(text).to_vec();
            *balance.entry((name.clone(), text)).or_default() += if *sign == b'+' { 1 } else { -1 };
        }
    }
    balance
}
