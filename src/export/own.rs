//! The rules of the policy, for the tools that take the catalogue.

use crate::find::{MASK, Rule};

/// How a tool writes a rule of the policy; `None` if the rule's expression means something else
/// to it.
pub(super) type Own = fn(&Rule) -> Option<String>;

/// For `grep -E -f`.
pub(super) fn grep(rule: &Rule) -> Option<String> {
    Some(format!("{}\n", rule.expression().for_grep()?))
}

/// For git-secrets, which takes each blank for the end of a pattern.
pub(super) fn git_secrets(rule: &Rule) -> Option<String> {
    grep(rule).filter(|line| !line.trim_end().contains(' '))
}

/// For gitleaks.
pub(super) fn gitleaks(rule: &Rule) -> Option<String> {
    let keywords: Vec<_> = rule.expression().keywords().iter().map(|word| format!("\"{word}\"")).collect();
    let keywords =
        if keywords.is_empty() { String::new() } else { format!("keywords = [{}]\n", keywords.join(", ")) };
    let (id, pattern) = (rule.kind().id, rule.expression().captured()?);
    Some(format!(
        "\n[[rules]]\nid = \"{id}\"\ndescription = \"Rule {id} of the policy\"\nregex = '{pattern}'\n{keywords}secretGroup = 1\n"
    ))
}

/// For betterleaks 2.
pub(super) fn betterleaks(rule: &Rule) -> Option<String> {
    Some(gitleaks(rule)?.replace("secretGroup = 1\n", ""))
}

/// For kingfisher.
pub(super) fn kingfisher(rule: &Rule) -> Option<String> {
    Some(format!("{}    confidence: high\n", hunter(rule)?))
}

/// For Nosey Parker.
pub(super) fn noseyparker(rule: &Rule) -> Option<String> {
    Some(format!("{}    categories: [secret]\n    examples: []\n", hunter(rule)?))
}

fn hunter(rule: &Rule) -> Option<String> {
    let (id, pattern) = (rule.kind().id, rule.expression().captured()?);
    Some(format!("  - id: dtguard.{id}\n    name: Rule {id} of the policy\n    pattern: '{pattern}'\n"))
}

/// For semgrep and opengrep.
pub(super) fn semgrep(rule: &Rule) -> Option<String> {
    let (id, pattern) = (rule.kind().id, rule.expression().captured()?);
    Some(format!(
        "  - id: {id}\n    languages: [regex]\n    severity: ERROR\n    message: Rule {id} of the policy\n    pattern-regex: '{pattern}'\n"
    ))
}

/// For Trivy.
pub(super) fn trivy(rule: &Rule) -> Option<String> {
    let (kind, pattern) = (rule.kind(), rule.expression().captured()?);
    let severity = kind.severity.name().to_uppercase().replace("INFO", "LOW");
    let id = kind.id;
    Some(format!(
        "  - id: {id}\n    category: policy\n    title: Rule {id} of the policy\n    severity: {severity}\n    regex: '{pattern}'\n"
    ))
}

/// For trufflehog, which wants keywords.
pub(super) fn trufflehog(rule: &Rule) -> Option<String> {
    let (id, pattern) = (rule.kind().id, rule.expression().captured()?);
    let keywords = rule.expression().keywords();
    (!keywords.is_empty()).then(|| {
        format!(
            "  - name: {id}\n    keywords: [{}]\n    regex:\n      token: '{pattern}'\n",
            keywords.join(", ")
        )
    })
}

/// For sed. It masks the whole match, as do those below.
pub(super) fn sed(rule: &Rule) -> Option<String> {
    Some(format!("s/{}/{MASK}/g\n", rule.expression().for_grep()?))
}

/// For Splunk, in the stanza that begins before it.
pub(super) fn splunk(rule: &Rule) -> Option<String> {
    Some(format!("SEDCMD-{} = {}", rule.kind().id, sed(rule)?))
}

/// For Vector.
pub(super) fn vector(rule: &Rule) -> Option<String> {
    let pattern = rule.expression().for_grep()?;
    Some(format!(".message = replace(string!(.message), r'{pattern}', \"{MASK}\")\n"))
}

/// For Logstash.
pub(super) fn logstash(rule: &Rule) -> Option<String> {
    let pattern = rule.expression().for_grep()?;
    Some(format!("filter {{\n  mutate {{\n    gsub => [\"message\", \"{pattern}\", \"{MASK}\"]\n  }}\n}}\n"))
}
