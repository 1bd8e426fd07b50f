//! For scanners that have no names for kinds: few expressions, so that nothing is reported
//! twice.

use super::expression::{few, few_in_two, filler_runs};

fn lines(line: impl Fn(&str) -> String) -> String {
    few().map(|expression| line(&expression)).collect()
}

/// For `grep -E -f`: one expression a line.
pub(super) fn grep() -> String {
    lines(|expression| format!("{expression}\n"))
}

/// For talisman.
pub(super) fn talisman() -> String {
    "custom_patterns:\n".to_owned() + &lines(|expression| format!("- '{expression}'\n"))
}

/// For ripsecrets, which takes a captured group for the secret, so there is none. Its own
/// pattern for what stands behind `token=` drops what it does not find random, and wins where
/// it begins first: so these begin with the line.
pub(super) fn ripsecrets() -> String {
    let options = lines(|expression| format!(" \\\n  --additional-pattern '.*?{expression}'"));
    format!("exec ripsecrets{options} \"$@\"\n")
}

/// For pre-commit's own search by Python's expressions.
pub(super) fn pygrep() -> String {
    let typed = |name| format!("(?P<{name}>[0-9A-Za-z])(?P={name}){{15}}");
    let parts = few_in_two()
        .zip(["a", "b"])
        .map(|((before, secret), name)| format!("{before}(?!{}){secret}", typed(name)));
    let entry = parts.collect::<Vec<_>>().join("|");
    format!(
        "- repo: local\n  hooks:\n  - id: dynatrace-tokens\n    name: Dynatrace tokens\n    language: pygrep\n    \
         types: [text]\n    entry: '{entry}'\n"
    )
}

/// For GitHub's custom patterns: what to type, one form for each.
pub(super) fn github() -> String {
    few_in_two()
        .zip(["Dynatrace token", "Dynatrace tenant token"])
        .map(|((before, secret), name)| {
            format!(
                "- pattern_name: {name}\n  secret_format: '{before}{secret}'\n  \
                 before_secret: '\\A|[^\\x00]'\n  after_secret: '\\z|[^\\x00]'\n  \
                 must_not_match: '{}'\n",
                filler_runs()
            )
        })
        .collect()
}
