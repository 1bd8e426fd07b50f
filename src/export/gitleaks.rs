//! For gitleaks and betterleaks: `dtguard patterns --for gitleaks >.gitleaks.toml`.

use std::fmt::Write as _;

use super::expression::{all, left_out};
use crate::token::{KINDS, UNKNOWN};

/// Rules that go with the tool's own. The secret part is the group that the tool
/// reports, redacts and measures, so that a redacted report still names the token.
pub(super) fn config() -> String {
    let mut text = String::from(
        "# Dynatrace tokens, printed by: dtguard patterns --for gitleaks\n\
         # Left out, because only the text around them identifies them:\n",
    );
    text += &left_out("#   ");
    text += "title = \"Dynatrace tokens\"\n\n[extend]\nuseDefault = true\n";
    for (kind, expression) in all() {
        let keywords: Vec<_> = expression.keyword.iter().map(|word| format!("\"{word}\"")).collect();
        // XXXX and 12345678 were typed, not drawn: they stay below this entropy.
        let _infallible = write!(
            text,
            "\n[[rules]]\nid = \"{}\"\ndescription = \"{}\"\nregex = '''(?i){}'''\n\
             secretGroup = 1\nentropy = 3.0\nkeywords = [{}]\n",
            kind.id,
            kind.name,
            // In any letter case the group before it would be counted too.
            expression.before.replace('(', "(?:") + "(" + expression.secret + ")",
            keywords.join(", ")
        );
        if *kind == UNKNOWN {
            let known: Vec<_> = KINDS.iter().flat_map(|kind| kind.prefixes).copied().collect();
            let _infallible = write!(
                text,
                "\n[[rules.allowlists]]\ndescription = \"Has a rule of its own\"\n\
                 regexTarget = \"match\"\nregexes = ['''(?i)^(?:{})\\.''']\n",
                known.join("|")
            );
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::specimen;

    #[test]
    fn each_rule_matches_its_kind_and_its_first_group_is_the_secret_part() {
        let parsed: toml::Table = config().parse().unwrap();
        let rules = parsed["rules"].as_array().unwrap();
        for kind in KINDS.iter().filter(|kind| !kind.prefixes.is_empty()).chain([&UNKNOWN]) {
            let rule = rules.iter().find(|rule| rule["id"].as_str() == Some(kind.id)).unwrap();
            let regex = regex::Regex::new(rule["regex"].as_str().unwrap()).unwrap();
            for seed in 0..50 {
                let token = specimen(kind, seed);
                let found = regex.captures(&token.text).unwrap();
                assert_eq!(&found[1], token.secret(), "{}", kind.id);
                assert!(entropy(token.secret()) > rule["entropy"].as_float().unwrap(), "{}", kind.id);
            }
        }
        assert!(entropy(&"X".repeat(64)) < 3.0);
    }

    #[test]
    fn a_token_of_a_known_kind_is_reported_by_one_rule() {
        let parsed: toml::Table = config().parse().unwrap();
        let rules = parsed["rules"].as_array().unwrap();
        let unknown = rules.iter().find(|rule| rule["id"].as_str() == Some(UNKNOWN.id)).unwrap();
        let allowed = unknown["allowlists"][0]["regexes"][0].as_str().unwrap();
        let allowed = regex::Regex::new(allowed).unwrap();
        for kind in KINDS.iter().filter(|kind| !kind.prefixes.is_empty()) {
            assert!(allowed.is_match(&specimen(kind, 1).text), "{}", kind.id);
        }
        assert!(!allowed.is_match(&specimen(&UNKNOWN, 1).text));
    }

    /// Shannon entropy in bits a character, as gitleaks measures it.
    fn entropy(text: &str) -> f64 {
        let length = text.len() as f64;
        let mut counts = std::collections::HashMap::new();
        text.bytes().for_each(|byte| *counts.entry(byte).or_insert(0.0) += 1.0);
        counts.values().map(|count: &f64| -(count / length) * (count / length).log2()).sum()
    }
}
