//! For gitleaks and betterleaks.

use std::fmt::Write as _;

use super::expression::all;

/// Below this entropy a secret part was typed, not drawn: XXXX, 12345678.
const TYPED: &str = "3.0";
/// Without both tools' rule for one of the kinds, which would report the token once more.
const HEAD: &str = "title = \"Dynatrace tokens\"\n\n[extend]\nuseDefault = true\ndisabledRules = [\"dynatrace-api-token\"]\n";

/// Both tools' rule for whatever stands behind `TOKEN=`: it would, too.
const GENERIC: &str = "generic-api-key";
const FAMILY: &str = "[Dd][Tt]0[A-Za-z][0-9]{2}[.]";

/// For gitleaks.
pub(super) fn gitleaks() -> String {
    let rules = rules(&format!("secretGroup = 1\nentropy = {TYPED}\n"));
    format!(
        "{HEAD}{rules}\n[[rules]]\nid = \"{GENERIC}\"\n\n[[rules.allowlists]]\n\
         description = \"Reported by the rules above\"\nregexTarget = \"match\"\nregexes = [\"{FAMILY}\"]\n"
    )
}

/// For GitLab, whose analyzer is gitleaks with rules of GitLab's.
pub(super) fn gitlab() -> String {
    let passed = gitleaks().replace("useDefault = true", "path = \"/gitleaks.toml\"");
    format!(
        "[secrets]\ndescription = \"Dynatrace tokens\"\n\n[[secrets.passthrough]]\ntype = \"raw\"\n\
         target = \"gitleaks.toml\"\nvalue = '''\n{passed}'''\n"
    )
}

/// For betterleaks 2, which refuses the fields that gitleaks has for that.
pub(super) fn betterleaks() -> String {
    let rules = rules(&format!("filter = 'entropy(finding.secret) <= {TYPED}'\n"));
    format!(
        "filter = '''finding.rule_id == \"{GENERIC}\" && matchesAny(finding.match, [\"{FAMILY}\"])'''\n{HEAD}{rules}"
    )
}

/// Rules that go with the tool's own, each with `filter`. The secret part is the group that
/// the tool reports, redacts and measures, so that a redacted report still names the token.
fn rules(filter: &str) -> String {
    let mut text = String::new();
    for (kind, expression) in all() {
        let keywords: Vec<_> = expression.keyword.iter().map(|word| format!("\"{word}\"")).collect();
        let _infallible = write!(
            text,
            "\n[[rules]]\nid = \"{}\"\ndescription = \"{}\"\nregex = \"{}\"\nkeywords = [{}]\n{filter}",
            kind.id,
            kind.name,
            expression.captured(true),
            keywords.join(", ")
        );
    }
    text
}
