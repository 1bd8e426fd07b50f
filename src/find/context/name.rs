//! Names that announce an old token.

/// The longest name that is read whole, in bytes.
pub(super) const LONGEST_NAME: usize = 64;

/// What a name announces.
pub(super) struct Named {
    pub(super) kind: &'static str,
    /// Whether other products use the name too.
    pub(super) shared: bool,
}

impl Named {
    fn own(kind: &'static str) -> Option<Self> {
        Some(Self { kind, shared: false })
    }

    fn shared(kind: &'static str) -> Option<Self> {
        Some(Self { kind, shared: true })
    }
}

pub(super) const API: &str = "dynatrace-legacy-api-token";
pub(super) const TENANT: &str = "dynatrace-legacy-tenant-token";
pub(super) const CLUSTER: &str = "dynatrace-managed-cluster-token";

/// Names that are Dynatrace's own begin with one of these, `_` and `-` left out.
const OWN_STARTS: [&str; 8] =
    ["dynatrace", "oneagent", "dtagent", "dtctl", "dtapitoken", "dtpaastoken", "pdtapi", "pdtingest"];

/// Ends of names that may hold an API token but are not Dynatrace's alone.
const SHARED_ENDS: [&str; 6] =
    ["apitoken", "paastoken", "ingesttoken", "installertoken", "downloadtoken", "authtoken"];

/// How a name that ends in the word key is written.
const KEY_ENDS: [&str; 5] = ["_KEY", "_key", "-KEY", "-key", "Key"];

/// What `name` says, `after` being the text that follows it. A name that ends
/// in `_ARN`, `_SECRET_NAME`, `_PARAM` or the like holds a reference and says
/// nothing: the end of the name decides.
pub(super) fn classify(name: &[u8], after: &[u8]) -> Option<Named> {
    let flat: String = name
        .iter()
        .filter(|byte| !matches!(byte, b'_' | b'-'))
        .map(|byte| char::from(byte.to_ascii_lowercase()))
        .collect();
    if ends_like(name, b"seed-auth") {
        return Named::own(CLUSTER);
    }
    if flat.ends_with("tenanttoken") {
        let own = flat == "dttenanttoken" || flat.ends_with("settenanttoken");
        return if own { Named::own(TENANT) } else { Named::shared(TENANT) };
    }
    let own = OWN_STARTS.iter().any(|start| flat.starts_with(start))
        || name.get(..3).is_some_and(|start| start.eq_ignore_ascii_case(b"dt_"));
    let key = KEY_ENDS.iter().any(|end| name.ends_with(end.as_bytes()));
    if own && (flat.ends_with("token") || key && (flat.ends_with("accesskey") || flat.ends_with("apikey"))) {
        return Named::own(if flat.ends_with("clusterapitoken") { CLUSTER } else { API });
    }
    let realm = name.eq_ignore_ascii_case(b"api-token")
        && [&b" "[..], b"\t", b"=", b"+", b"%20", b"%3D", b"%3d"].iter().any(|sign| after.starts_with(sign));
    if realm {
        return Named::own(API);
    }
    if flat == "token"
        || SHARED_ENDS.iter().any(|end| flat.ends_with(end))
        || ends_like(name, b"docker-password")
    {
        return Named::shared(API);
    }
    None
}

/// Start and end of the name that holds the byte before `within`; none if more
/// than four characters of it follow: every name that is understood ends with the
/// literal that led here, or four characters behind it (`docker-password`).
pub(super) fn name_around(haystack: &[u8], within: usize) -> Option<(usize, usize)> {
    let (before, after) = haystack.split_at_checked(within)?;
    let on = after.iter().take(5).take_while(|byte| is_name(byte)).count();
    if on > 4 {
        return None;
    }
    let back = before.iter().rev().take(LONGEST_NAME).take_while(|byte| is_name(byte)).count();
    Some((within - back, within + on))
}

/// Whether `name` ends in `end`, in any letter case and with `_` or `-`.
fn ends_like(name: &[u8], end: &[u8]) -> bool {
    let alike = |a: &u8, b: &u8| a.eq_ignore_ascii_case(b) || *a == b'_' && *b == b'-';
    name.len() >= end.len() && name.iter().rev().zip(end.iter().rev()).all(|(a, b)| alike(a, b))
}

pub(super) fn is_name(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// `name` without the letters of an escape that stands right before it: the
/// `3D` of `%3DApi-Token`, the `n` of `\nApi-Token`.
pub(super) fn without_escape<'a>(before: &[u8], name: &'a [u8]) -> &'a [u8] {
    let escape = match (before.last(), name.first()) {
        (Some(b'%'), _) => 2,
        (Some(b'\\'), Some(b'u')) => 5,
        (Some(b'\\'), Some(b'n' | b't' | b'r')) => 1,
        _ => 0,
    };
    name.get(escape..).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_means_a_token_is_hit_by_the_prefilter_however_it_is_written() {
        let styles: [fn(&[&str]) -> String; 6] = [
            |words| words.join("_").to_uppercase(),
            |words| words.join("_"),
            |words| words.join("-"),
            |words| words.join("-").to_uppercase(),
            |words| words.iter().map(|word| word[..1].to_uppercase() + &word[1..]).collect(),
            |words| words.concat(),
        ];
        let mut understood = 0;
        for words in [
            &["dynatrace", "api", "token"][..],
            &["dynatrace", "api", "key"],
            &["dynatrace", "access", "key"],
            &["dt", "paas", "token"],
            &["tenant", "token"],
            &["seed", "auth"],
            &["docker", "password"],
            &["oneagent", "installer", "token"],
            &["auth", "token"],
        ] {
            for style in styles {
                let name = style(words);
                if classify(name.as_bytes(), b"=").is_some() {
                    let text = format!(" {name}= ");
                    assert!(
                        !crate::find::decode::Marks::of(text.as_bytes(), false).hits.is_empty(),
                        "{name}"
                    );
                    understood += 1;
                }
            }
        }
        assert!(understood >= 44, "{understood} names are understood");
    }

    #[test]
    fn a_name_is_known_by_its_end_with_dashes_and_underscores_alike() {
        for name in ["x-seed-auth", "X_SEED_AUTH", "x_Seed-auth"] {
            assert!(ends_like(name.as_bytes(), b"seed-auth"), "{name}");
        }
        for name in ["seed+auth", "seed_auty", "eed-auth", "xxxxxxxxx"] {
            assert!(!ends_like(name.as_bytes(), b"seed-auth"), "{name}");
        }
    }
}
