//! For scanners that have names for what they report: rules in YAML, one for each kind.

use super::expression::{Expression, FILLER, all, filler_runs};
use crate::token::Kind;

/// `head`, and `rule` for each kind.
fn rules(head: &str, rule: impl Fn(&Kind, &Expression) -> String) -> String {
    head.to_owned() + &all().map(|(kind, expression)| rule(kind, &expression)).collect::<String>()
}

/// For kingfisher, which measures the entropy of what the group holds.
pub(super) fn kingfisher() -> String {
    rules("rules:\n", |kind, expression| {
        format!("{}    min_entropy: 3.0\n    confidence: high\n", hunter(kind, expression))
    })
}

/// For Nosey Parker.
pub(super) fn noseyparker() -> String {
    rules("rules:\n", |kind, expression| {
        format!("{}    categories: [api, secret]\n    examples: []\n", hunter(kind, expression))
    })
}

/// What both read.
fn hunter(kind: &Kind, expression: &Expression) -> String {
    format!(
        "  - id: dtguard.{}\n    name: {}\n    pattern: '{}'\n",
        kind.id,
        kind.name,
        expression.captured(false)
    )
}

/// For semgrep and opengrep.
pub(super) fn semgrep() -> String {
    rules("rules:\n", |kind, expression| {
        format!(
            "  - id: {}\n    languages: [regex]\n    severity: ERROR\n    message: {}\n    patterns:\n      \
             - pattern-regex: '{}'\n      - pattern-not-regex: '{FILLER}'\n",
            kind.id,
            kind.name,
            expression.captured(false)
        )
    })
}

/// For Trivy. RE2 has no way back to a group, so a filler is a run of each character.
pub(super) fn trivy() -> String {
    let head = format!(
        "disable-rules:\n  - dynatrace-api-token\nallow-rules:\n  - id: filler\n    description: XXXX was typed, not drawn\n    \
         regex: '{}'\nrules:\n",
        filler_runs()
    );
    rules(&head, |kind, expression| {
        format!(
            "  - id: {}\n    category: dynatrace\n    title: {}\n    severity: {}\n    keywords: [{}]\n    regex: '{}'\n",
            kind.id,
            kind.name,
            // Trivy has no word for what is worth nothing alone.
            kind.severity.name().to_uppercase().replace("INFO", "LOW"),
            expression.keyword.join(", "),
            expression.captured(false)
        )
    })
}

/// For secretlint.
pub(super) fn secretlint() -> String {
    let head = format!(
        "rules:\n  - id: \"@secretlint/secretlint-rule-pattern\"\n    options:\n      allows:\n        - '/{FILLER}/'\n      patterns:\n"
    );
    rules(&head, |kind, expression| {
        format!("        - name: {}\n          patterns: ['/{}/']\n", kind.name, expression.captured(false))
    })
}

/// For trufflehog: detectors that verify nothing, because that would send the token.
pub(super) fn trufflehog() -> String {
    rules("detectors:\n", |kind, expression| {
        format!(
            "  # {}\n  - name: {}\n    keywords: [{}]\n    regex:\n      token: '{}'\n    entropy: 3.0\n",
            kind.name,
            kind.id,
            expression.keyword.join(", "),
            expression.captured(false)
        )
    })
}
