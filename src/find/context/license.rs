//! License keys, which stand in calls to the host that takes them.

use std::sync::LazyLock;

use regex::bytes::Regex;

use super::super::matched::{Certainty, Match};
use super::value::regex;
use crate::token::by_name;

/// The license keys in calls to the host whose name ends at `end`: the passwords
/// of the `-u` options within four hundred bytes.
pub(in crate::find) fn read_licenses(haystack: &[u8], end: usize) -> Vec<Match> {
    static OPTION: LazyLock<Regex> = LazyLock::new(|| {
        regex(
            r#"(?-u)(?:-u|--user)[= ]?\s*["']?[0-9a-f]{8}-[0-9a-f-]{27}:([A-Za-z0-9]{15})(?:[^A-Za-z0-9]|$)"#,
        )
    });
    let start = end.saturating_sub(400);
    let window = haystack.get(start..haystack.len().min(end + 400)).unwrap_or_default();
    let keys = OPTION.captures_iter(window).filter_map(|option| option.get(1));
    keys.filter_map(|key| {
        let key = start + key.start()..start + key.end();
        let kind = by_name("dynatrace-managed-license-key")?;
        Match::new(haystack, kind, Certainty::Context, key.clone(), key)
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::super::super::find;
    use super::super::tests::kinds;
    use super::*;
    use crate::token::{Fingerprint, specimen};

    #[test]
    fn a_license_key_is_found_in_a_call_to_mission_control_only() {
        let key = specimen(by_name("dynatrace-managed-license-key").unwrap(), 1).text;
        let user = format!("-u \"01234567-89ab-cdef-0123-456789abcdef:{key}\"");
        for text in [
            format!("curl {user} \\\n https://mcsvc.dynatrace.com/rest"),
            format!("curl https://mcsvc.dynatrace.com/rest \\\n {user}"),
        ] {
            assert_eq!(kinds(&text), ["dynatrace-managed-license-key"], "{text}");
        }
        assert_eq!(kinds(&format!("curl {user} https://example.com")), [] as [&str; 0]);
        let far = " ".repeat(400);
        assert_eq!(kinds(&format!("curl https://mcsvc.dynatrace.com/rest{far}{user}")), [] as [&str; 0]);
    }

    #[test]
    fn license_keys_in_several_calls_are_all_found() {
        let keys: Vec<String> = (0..3)
            .map(|seed| specimen(by_name("dynatrace-managed-license-key").unwrap(), seed).text)
            .collect();
        let call = |key: &String| {
            format!("curl -u 01234567-89ab-cdef-0123-456789abcdef:{key} https://mcsvc.dynatrace.com/rest\n")
        };
        let text: String = keys.iter().map(call).collect();
        let found: Vec<_> = find(text.as_bytes()).iter().map(|found| found.fingerprint).collect();
        assert_eq!(found, keys.iter().map(|key| Fingerprint::of(key.as_bytes())).collect::<Vec<_>>());
    }
}
