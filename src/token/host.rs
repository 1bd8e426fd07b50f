//! Hosts of Dynatrace environments that files name beside a token.

use std::ops::Range;
use std::sync::LazyLock;

use regex::bytes::Regex;

/// The hosts of an environment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Host {
    /// The host of its API, with the path `/e/ID` if it has one.
    pub environment: String,
    /// The host of its apps, if it has one.
    pub apps: Option<String>,
}

impl Host {
    /// Whether Dynatrace operates it. Any other host is only as certain as the file that names
    /// it.
    pub fn is_of_dynatrace(&self) -> bool {
        self.apps.is_some()
    }
}

/// Matches `abc12345.live.dynatrace.com`, the same for other stages, and `HOST/e/ID` after
/// `https`.
static HOSTS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let saas =
        r"([a-z][a-z0-9]{2,30})\.(?:(?:live|apps)\.dynatrace|(sprint|dev)(?:\.apps)?\.dynatracelabs)\.com";
    let own = r"https://([a-z0-9][a-z0-9.-]*(?::[0-9]{1,5})?/e/[a-z0-9-]{6,40})";
    Regex::new(&format!("(?i-u){saas}|{own}")).ok()
});

/// Whether the name at `range` is complete. A longer name could be anybody's.
fn is_whole(text: &[u8], range: &Range<usize>) -> bool {
    let goes_on = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
    let before = text.get(..range.start).and_then(<[u8]>::last);
    let after = match text.get(range.end..).unwrap_or_default() {
        [b'.', next, ..] | [next, ..] => Some(next),
        [] => None,
    };
    !before.is_some_and(|byte| goes_on(byte) || *byte == b'.') && !after.is_some_and(goes_on)
}

/// The hosts in `text`, each once, in order.
pub fn hosts(text: &[u8]) -> Vec<Host> {
    let mut hosts: Vec<Host> = Vec::new();
    for found in HOSTS.iter().flat_map(|hosts| hosts.captures_iter(text)) {
        if !found.get(0).is_some_and(|whole| is_whole(text, &whole.range())) {
            continue;
        }
        let part = |number| {
            let bytes = found.get(number)?.as_bytes().to_ascii_lowercase();
            String::from_utf8(bytes).ok()
        };
        let host = match (part(1), part(2), part(3)) {
            (_, _, Some(own)) => Host { environment: own, apps: None },
            (Some(id), Some(stage), _) => Host {
                environment: format!("{id}.{stage}.dynatracelabs.com"),
                apps: Some(format!("{id}.{stage}.apps.dynatracelabs.com")),
            },
            (Some(id), None, _) => Host {
                environment: format!("{id}.live.dynatrace.com"),
                apps: Some(format!("{id}.apps.dynatrace.com")),
            },
            _ => continue,
        };
        if !hosts.contains(&host) {
            hosts.push(host);
        }
    }
    hosts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_of_an_environment_is_read_from_each_of_its_addresses() {
        let named = |text: &str| {
            let hosts = hosts(text.as_bytes()).into_iter();
            hosts.map(|host| (host.environment, host.apps.unwrap_or_default())).collect::<Vec<_>>()
        };
        let saas = ("abc12345.live.dynatrace.com".to_owned(), "abc12345.apps.dynatrace.com".to_owned());
        for text in [
            "DT_URL=https://abc12345.live.dynatrace.com/api\n",
            "url: \"https://ABC12345.apps.dynatrace.com\"",
            "abc12345.live.dynatrace.com",
            "x\nabc12345.apps.dynatrace.com.\n",
            "abc12345.apps.dynatrace.com abc12345.live.dynatrace.com",
        ] {
            assert_eq!(named(text), std::slice::from_ref(&saas), "{text}");
        }
        for stage in ["sprint", "dev"] {
            for text in
                [format!("x12.{stage}.dynatracelabs.com:443"), format!("x12.{stage}.apps.dynatracelabs.com/")]
            {
                let wanted =
                    (format!("x12.{stage}.dynatracelabs.com"), format!("x12.{stage}.apps.dynatracelabs.com"));
                assert_eq!(named(&text), [wanted], "{text}");
            }
        }
        for own in ["dt.example.com/e/01234567-89ab-cdef-0123-456789abcdef", "gate:9999/e/abc12345"] {
            assert_eq!(named(&format!("u=https://{own}/api/v2")), [(own.to_owned(), String::new())]);
        }
    }

    #[test]
    fn a_host_that_only_looks_like_one_of_dynatrace_is_none() {
        for text in [
            "https://abc12345.live.dynatrace.com.example.org/",
            "https://abc12345.live.dynatrace.community/",
            "https://evil-abc12345.live.dynatrace.com/",
            "https://docs.dynatrace.com/",
            "https://api.dynatrace.com/iam/v1",
            "https://x.abc12345.live.dynatrace.com",
            "http://dt.example.com/e/01234567-89ab-cdef-0123-456789abcdef",
        ] {
            assert_eq!(hosts(text.as_bytes()), [], "{text}");
        }
    }
}
