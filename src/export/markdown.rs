//! `docs/token-kinds.md`.

use std::fmt::Write as _;

use crate::token::{KINDS, Kind, Public, Shape, UNKNOWN};

/// The whole catalogue as a Markdown page.
pub fn catalogue() -> String {
    let mut page = String::from(
        "# Token kinds\n\n\
         Every kind of credential that dtguard knows. This page is printed by\n\
         `dtguard explain --markdown`; a test keeps it current.\n\n\
         An *identifier* may be shown and logged; the *secret part* never. How well a shape is\n\
         known: *verified* by a document or source code of Dynatrace, *observed* in public code,\n\
         or *inferred* from the rest of the family.\n\n\
         | prefix | kind | identifier | secret part | severity | shape |\n\
         |---|---|---|---|---|---|\n",
    );
    for kind in KINDS {
        let _infallible = writeln!(
            page,
            "| {} | [{}](#{}) | {} | {} | {} | {} |",
            prefixes(kind),
            kind.name,
            kind.id,
            identifier(kind.shape),
            secret(kind.shape),
            kind.severity,
            kind.evidence
        );
    }
    for kind in KINDS.iter().chain([&UNKNOWN]) {
        page.push_str(&section(kind));
    }
    page
}

fn prefixes(kind: &Kind) -> String {
    match kind.prefixes {
        [] => "none".to_owned(),
        prefixes => prefixes.iter().map(|prefix| format!("`{prefix}`")).collect::<Vec<_>>().join(", "),
    }
}

/// What the identifier of a shape consists of.
fn identifier(shape: Shape) -> String {
    let Shape::Dotted { public, .. } = shape else { return "none".to_owned() };
    let parts: Vec<String> = public
        .iter()
        .map(|part| match part {
            Public::Base32(length) => format!("{length} base32"),
            Public::Alnum(length) => format!("{length} letters or digits"),
            Public::Name => "a name".to_owned(),
            Public::Environment => "an environment id".to_owned(),
        })
        .collect();
    format!("prefix, {}", parts.join(" or "))
}

/// What the secret part of a shape consists of.
fn secret(shape: Shape) -> String {
    match shape {
        Shape::Dotted { hex: false, .. } => "64 base32".to_owned(),
        Shape::Dotted { hex: true, .. } => "64 hex".to_owned(),
        Shape::Whole => "24 letters or digits".to_owned(),
        Shape::Bare { length, dashes } => {
            format!("{length} letters or digits{}", if dashes { ", `_`, `-`" } else { "" })
        }
        Shape::Jwt => "all of the JWT".to_owned(),
        Shape::Rule => "what the policy says".to_owned(),
    }
}

fn section(kind: &Kind) -> String {
    let mut text = format!(
        "\n## {}\n\n{} ({}).\n\n- Opens: {}\n- Severity: {}\n",
        kind.id,
        kind.name,
        prefixes(kind),
        kind.opens,
        kind.severity
    );
    if !kind.note.is_empty() {
        let _infallible = writeln!(text, "- Note: {}", kind.note);
    }
    text.push_str("- Revoke:\n");
    for way in kind.revoke {
        let scope = way.scope().map(|scope| format!(" (scope `{scope}`)")).unwrap_or_default();
        let _infallible = writeln!(text, "  - `{}`{scope}", way.describe(None));
    }
    text.push_str("- Sources:\n");
    for source in kind.sources {
        let address =
            if source.address.is_empty() { String::new() } else { format!(": <https://{}>", source.address) };
        let _infallible = writeln!(text, "  - {}{address}", source.title);
    }
    text
}
