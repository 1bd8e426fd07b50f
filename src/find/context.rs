//! The old formats, which have no prefix: a bare run of letters and digits is a
//! token where a name before it says so.
//!
//! A name of Dynatrace's own (`DT_API_TOKEN`, the realm `Api-Token`) is enough.
//! A name that other products use too (`apiToken`, `tenantToken`) needs a
//! second sign of Dynatrace near it. The value must have the exact length and
//! both letter cases, which no documented placeholder has and all but 3.5 in
//! 100,000 tokens of 21 characters (33 of 16) do, and must not read as a name.

use std::ops::Range;
use std::sync::LazyLock;

use regex::bytes::Regex;

use super::decode::{decode_base64, stretches};
use super::encoding::Encoding;
use super::matched::{Certainty, Match};
use crate::token::{Fingerprint, Kind, Shape, by_name};

const LONGEST_NAME: usize = 64;
/// How far behind a name its value may end.
const REACH: usize = 160;
/// How far from a shared name, in bytes, a second sign of Dynatrace counts.
const NEAR: usize = 1024;
/// How far from a token all that tells it stands, at the most.
pub(super) const FARTHEST: usize = NEAR + LONGEST_NAME + REACH;

/// The token whose name holds the byte before `within`.
pub(super) fn read(haystack: &[u8], within: usize) -> Option<Match> {
    let (start, end) = name_around(haystack, within)?;
    let (before, name) = (haystack.get(..start)?, haystack.get(start..end)?);
    let name = without_escape(before, name);
    let after = haystack.get(end..haystack.len().min(end + REACH))?;
    // Most names have no value of any length behind them, and need not be
    // understood; nor need the expressions be built, which takes longer than to scan
    // a small commit.
    let is_part = |at: usize| after.get(at).is_some_and(|byte| is_name(byte) || matches!(byte, b'+' | b'/'));
    stretches(after.len(), 16, is_part).next()?;
    let named = classify(name, after)?;
    let kind = by_name(named.kind)?;
    // Where the text goes on behind what is looked at, a value that ends there
    // may only be the start of a longer one.
    let cut = haystack.len() > end + REACH;
    let whole = |value: &Range<usize>| !cut || value.end + 1 < after.len();
    let value = value_after(kind, after).filter(whole);
    let encoded = if value.is_none() { encoded_after(kind, after).filter(whole) } else { None };
    let value = value.or_else(|| encoded.clone())?;
    let span = end + value.start..end + value.end;
    let written = haystack.get(span.clone())?;
    let decoded = encoded.map(|_| decoded(written));
    let text = decoded.as_deref().unwrap_or(written);
    if !is_value_of(kind, text) || !is_random(text) || named.shared && !near_dynatrace(haystack, start) {
        return None;
    }
    let found = Match::new(haystack, kind, Certainty::Context, span.clone(), span)?;
    Some(match &decoded {
        Some(text) => found.encoded(Fingerprint::of(text), Encoding::Base64),
        None => found,
    })
}

/// Whether `text` has the length and the characters of a token of `kind`.
fn is_value_of(kind: &Kind, text: &[u8]) -> bool {
    kind.shape.is_issued(b"", text)
}

/// What `written` holds in base64, without the line break that `echo` adds.
fn decoded(written: &[u8]) -> Vec<u8> {
    let digits = written.split(|byte| *byte == b'=').next().unwrap_or_default();
    let mut text = decode_base64(digits);
    text.pop_if(|last| *last == b'\n');
    text
}

/// The license keys in calls to the host whose name ends at `end`: the passwords
/// of the `-u` options within four hundred bytes.
pub(super) fn read_licenses(haystack: &[u8], end: usize) -> Vec<Match> {
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

/// What a name says about the value behind it.
struct Named {
    kind: &'static str,
    /// Whether other products use the name too.
    shared: bool,
}

impl Named {
    fn own(kind: &'static str) -> Option<Self> {
        Some(Self { kind, shared: false })
    }

    fn shared(kind: &'static str) -> Option<Self> {
        Some(Self { kind, shared: true })
    }
}

const API: &str = "dynatrace-legacy-api-token";
const TENANT: &str = "dynatrace-legacy-tenant-token";
const CLUSTER: &str = "dynatrace-managed-cluster-token";

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
fn classify(name: &[u8], after: &[u8]) -> Option<Named> {
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
fn name_around(haystack: &[u8], within: usize) -> Option<(usize, usize)> {
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

fn is_name(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// `name` without the letters of an escape that stands right before it: the
/// `3D` of `%3DApi-Token`, the `n` of `\nApi-Token`.
fn without_escape<'a>(before: &[u8], name: &'a [u8]) -> &'a [u8] {
    let escape = match (before.last(), name.first()) {
        (Some(b'%'), _) => 2,
        (Some(b'\\'), Some(b'u')) => 5,
        (Some(b'\\'), Some(b'n' | b't' | b'r')) => 1,
        _ => 0,
    };
    name.get(escape..).unwrap_or(name)
}

/// Where in `after` the value stands: behind one sign of assignment or blanks,
/// quoted or not, or as the `value` that follows a `name` (Kubernetes,
/// CloudFormation, XML attributes).
fn value_after(kind: &Kind, after: &[u8]) -> Option<Range<usize>> {
    static OF_21: LazyLock<Regex> = LazyLock::new(|| value(r"[A-Za-z0-9_-]{21}"));
    static OF_16: LazyLock<Regex> = LazyLock::new(|| value(r"[A-Za-z0-9]{16}"));
    let expression = match kind.shape {
        Shape::Bare { length: 16, .. } => &OF_16,
        _ => &OF_21,
    };
    capture(expression, after)
}

/// Where in `after` the value stands in base64, as Kubernetes has it in a Secret:
/// of its length, or one more for the line break that `echo` adds.
fn encoded_after(kind: &Kind, after: &[u8]) -> Option<Range<usize>> {
    static OF_21: LazyLock<Regex> = LazyLock::new(|| value(r"[A-Za-z0-9+/]{28}|[A-Za-z0-9+/]{30}=="));
    static OF_16: LazyLock<Regex> = LazyLock::new(|| value(r"[A-Za-z0-9+/]{22}==|[A-Za-z0-9+/]{23}="));
    let expression = match kind.shape {
        Shape::Bare { length: 16, .. } => &OF_16,
        _ => &OF_21,
    };
    capture(expression, after)
}

fn capture(expression: &Regex, after: &[u8]) -> Option<Range<usize>> {
    expression.captures(after)?.get(1).map(|found| found.range())
}

fn value(characters: &str) -> Regex {
    // A sign of assignment (also a type before it, or a shell's default value) ...
    let assigned = r#"[\\"'`\])]{0,3}[ \t]*(?::[ \t]*[A-Za-z_.&]{1,24}[ \t]*=|:-|=>|:=|\?=|[=:,>(+|]|%20|%3[AaDd])?[ \t]*(?:%20)?"#;
    // ... or a string that is joined to the next one ...
    let joined = r#"(?:[\\"'`]{1,2}[ \t]*[+.][ \t]*)?"#;
    // ... or the `value` of what was a `name` ...
    let named =
        r#"(?:[\\"',;]*\s*(?:<[A-Za-z]*>?)?[\\"']*(?i:parameter)?(?i:value)[\\"']*[ \t]*[:=>][ \t]*)?"#;
    // ... and then the value, in quotes of any sort or without.
    let quoted = r#"(?:[A-Za-z]{0,2}[\\"'`]{1,3})?"#;
    // A sign of base64 with more behind it makes it the start of another value.
    let end = r"(?:[^A-Za-z0-9_.+/-]|[+/](?:[^A-Za-z0-9]|$)|\.\s|\.?$)";
    regex(&format!(r#"(?-u)^{assigned}{joined}{named}{quoted}({characters}){end}"#))
}

#[expect(clippy::expect_used, reason = "the expressions are constants; each is used by a test")]
fn regex(expression: &str) -> Regex {
    Regex::new(expression).expect("the expression compiles")
}

/// Whether `text` was drawn, not worded: it has both letter cases, and is not
/// words written together (`getDynatraceApiToken`, `My_Tenant_Token_1`). Of the
/// tokens of 21 characters 4 in 10,000 read as such words, of 16 characters 24.
pub(super) fn is_random(text: &[u8]) -> bool {
    let upper = text.iter().any(u8::is_ascii_uppercase);
    let lower = text.iter().any(u8::is_ascii_lowercase);
    upper && lower && !is_worded(text)
}

/// Whether `text` consists of words: each is one capital and small letters or
/// capitals alone, they are joined by case, `_` or `-`, and only the last may
/// end in up to two digits.
fn is_worded(text: &[u8]) -> bool {
    let digits = text.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let letters = text.get(..text.len() - digits).unwrap_or_default();
    digits <= 2
        && letters.split(|byte| matches!(byte, b'_' | b'-')).all(|word| {
            word.iter().all(u8::is_ascii_alphabetic)
                && (word.iter().all(u8::is_ascii_uppercase)
                    || word.windows(2).all(|pair| !pair.iter().all(u8::is_ascii_uppercase)))
        })
}

/// Whether something within [`NEAR`] bytes of `at` is Dynatrace's own.
fn near_dynatrace(haystack: &[u8], at: usize) -> bool {
    static SIGNS: LazyLock<Regex> = LazyLock::new(|| {
        regex(
            r"(?i-u)dynatrace|dynakube|oneagent|activegate|ruxit|tenantuuid|communicationendpoints|serveraddress|\bdt_|/e/[0-9a-f]{8}-[0-9a-f-]{27}/api/",
        )
    });
    let window = at.saturating_sub(NEAR)..haystack.len().min(at + NEAR);
    haystack.get(window).is_some_and(|text| SIGNS.is_match(text))
}

#[cfg(test)]
mod tests {
    use super::super::find;
    use super::*;
    use crate::token::specimen;

    fn kinds(text: &str) -> Vec<&'static str> {
        find(text.as_bytes()).iter().map(|found| found.kind.id).collect()
    }

    fn of_21() -> String {
        specimen(by_name(API).unwrap(), 7).text
    }

    fn of_16() -> String {
        specimen(by_name(TENANT).unwrap(), 7).text
    }

    #[test]
    fn an_old_api_token_is_found_behind_each_name_of_dynatraces_own() {
        let token = of_21();
        for text in [
            "Authorization: Api-Token @",
            "https://x.example/api/v1/deployment/installer?Api-Token=@&arch=x86",
            "https://x.example/api?api-token=@",
            "OTEL_EXPORTER_OTLP_HEADERS=Authorization=Api-Token%20@",
            "headers%3DApi-Token%20@",
            "headers\\u003dApi-Token @",
            r#"{"x":"a\nApi-Token @"}"#,
            "export DT_API_TOKEN=@",
            "DT_PAAS_TOKEN: '@'",
            "DYNATRACE_API_TOKEN = \"@\"",
            "DYNATRACE_ACCESS_KEY=@",
            "DYNATRACE_1_API_KEY=@",
            "ENV ONEAGENT_INSTALLER_DOWNLOAD_TOKEN @",
            "ONEAGENT_INSTALLER_TOKEN=@",
            "dt_api_token = \"@\"",
            "DTAGENT_TOKEN=@;",
            "- name: DT_API_TOKEN\n  value: \"@\"\n",
            r#"{"name": "DT_API_TOKEN", "value": "@"}"#,
            r#"{"ParameterKey":"pDtApiToken","ParameterValue":"@"}"#,
            r#"<add key="DT_API_TOKEN" value="@"/>"#,
            r#"os.environ["DT_API_TOKEN"] = "@""#,
            r#"getenv('DT_API_TOKEN', '@')"#,
            "Your token is Api-Token @. Keep it.",
            "Authorization: Api-Token\t@",
            "h = 'Api-Token ' + '@'",
            "DT_API_TOKEN=${DT_API_TOKEN:-@}",
            "DT_API_TOKEN: str = \"@\"",
            "DT_API_TOKEN = r\"@\"",
            "dynatraceApiKey: @",
            "DYNATRACE-API-KEY: @",
        ] {
            assert_eq!(kinds(&text.replace('@', &token)), [API], "{text}");
        }
        for text in ["./install --seed-auth @", "DT_CLUSTER_API_TOKEN=@", "dt_cluster_api_token = \"@\""] {
            assert_eq!(kinds(&text.replace('@', &token)), [CLUSTER], "{text}");
        }
    }

    #[test]
    fn a_token_behind_a_name_that_an_escape_precedes_is_not_called_escaped_itself() {
        for before in ["%3D", "\\u003d", "\\n"] {
            let text = format!("headers{before}Api-Token {}", of_21());
            let plain: Vec<_> =
                find(text.as_bytes()).iter().map(|found| found.encodings.is_plain()).collect();
            assert_eq!(plain, [true], "{text}");
        }
    }

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
                    assert!(super::super::prefilter::hits(text.as_bytes()).count() > 0, "{name}");
                    understood += 1;
                }
            }
        }
        assert!(understood >= 44, "{understood} names are understood");
    }

    #[test]
    fn a_value_that_is_cut_by_the_reach_is_not_taken_for_a_whole_one() {
        for blanks in 100..160 {
            let text = format!("DT_API_TOKEN={}{}", " ".repeat(blanks), of_21().repeat(3));
            assert_eq!(kinds(&text), [] as [&str; 0], "{blanks}");
        }
    }

    #[test]
    fn a_value_is_read_as_far_behind_a_name_as_the_reach_says_and_no_farther() {
        let token = of_21();
        // Of a `name` the `value` may stand on another line.
        let text = |length: usize, rest: &str| {
            let name = "name: DT_API_TOKEN";
            let blanks = " ".repeat(length - "\nvalue: ".len() - token.len());
            format!("{name}{blanks}\nvalue: {token}{rest}")
        };
        let goes_on = ".more".repeat(9);
        for (length, rest, found) in [
            (REACH, "", true),
            (REACH + 1, "", false),
            (REACH - 2, "\nmore", true),
            // What the reach cuts may be the start of something else.
            (REACH - 1, &goes_on, false),
        ] {
            let wanted: &[&str] = if found { &[API] } else { &[] };
            assert_eq!(kinds(&text(length, rest)), wanted, "{length} {rest}");
        }
        assert_eq!(kinds(&text(2 * REACH, "\n and more")), [] as [&str; 0]);
    }

    #[test]
    fn a_token_that_ends_in_digits_is_no_row_of_words() {
        assert!(is_random(b"aBcDeFGhIjKLmNoPQrs7") && is_random(b"Qzmkplwrt_vbncQXYza12"));
        assert!(!is_random(b"TokenOfTheTeam12"));
    }

    #[test]
    fn an_old_tenant_token_is_found_behind_its_names() {
        for text in [
            "DT_TENANTTOKEN=@",
            "oneagentctl --set-tenant-token=@",
            "DT_TENANTTOKEN: \"@\"",
            "dtTenantToken = \"@\"",
            "setTenantToken(\"@\")",
        ] {
            assert_eq!(kinds(&text.replace('@', &of_16())), [TENANT], "{text}");
        }
    }

    #[test]
    fn a_name_that_others_use_too_needs_a_second_sign_of_dynatrace() {
        for (text, kind) in [
            ("tenantToken = @", TENANT),
            ("TENANT_TOKEN=@", TENANT),
            ("apiToken: @", API),
            ("--docker-password=@", API),
            ("paasToken: \"@\"", API),
            ("token: @", API),
        ] {
            let token = if kind == TENANT { of_16() } else { of_21() };
            let text = text.replace('@', &token);
            assert_eq!(kinds(&text), [] as [&str; 0], "{text}");
            assert_eq!(kinds(&format!("# ruxitagent.conf\n{text}\n")), [kind], "{text}");
            assert_eq!(kinds(&format!("{text}\nserver=https://abc.live.dynatrace.com\n")), [kind], "{text}");
            let far = " ".repeat(NEAR + 10);
            assert_eq!(kinds(&format!("dynatrace{far}{text}")), [] as [&str; 0], "{text}");
        }
    }

    #[test]
    fn a_reference_a_placeholder_or_a_name_is_no_token() {
        let token = of_21();
        for text in [
            "DT_API_TOKEN=${DT_API_TOKEN_OF_THE_TEAM}",
            "DT_API_TOKEN=$(vault read dt-token-of-prod-env)",
            "DT_API_TOKEN: {{ .Values.dynatrace.apiTokenName }}",
            "DT_API_TOKEN: ${{ secrets.DYNATRACE_API_TOKEN_X }}",
            "DT_API_TOKEN = secrets.DynatraceApiTokenAbcd",
            "DT_API_TOKEN=<your-Dynatrace-Token>",
            "DT_API_TOKEN=%DynatraceApiTokenAbc%",
            "Api-Token=abcdefghijklmnopqrstu",
            "const apiToken = getDynatraceApiToken()",
            "DT_API_TOKEN = dynatraceApiTokenVal1;",
            "DT_API_TOKEN=Your_Dynatrace_Token1",
            "DT_API_TOKEN=YOUR-dynatrace-TokenX",
            "--set-tenant-token=abcdefghij123456",
            "DT_API_TOKEN_SECRETS_MANAGER_ARN=@",
            "DYNATRACE_ACCESS_KEY_SECRET_NAME=@",
            "DYNATRACE_1_API_KEY_PARAM=@",
            "DT_API_TOKEN=@A",
            "DT_API_TOKEN=@.more",
            "DT_API_TOKEN=x@",
            "DT_API_TOKENS=@",
        ] {
            let text = text.replace('@', &token);
            assert_eq!(kinds(&text), [] as [&str; 0], "{text}");
        }
    }

    #[test]
    fn an_old_token_in_base64_is_found_behind_its_name_as_in_a_kubernetes_secret() {
        use base64::Engine as _;
        let encode = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
        for (name, token) in [("apiToken", of_21()), ("paasToken", of_21()), ("tenant-token", of_16())] {
            for text in [encode(&token), encode(&format!("{token}\n"))] {
                let secret = format!(
                    "kind: Secret\nmetadata:\n  name: dynakube\ndata:\n  {name}: {text}\ntype: Opaque\n"
                );
                let found = find(secret.as_bytes());
                assert_eq!(found.len(), 1, "{secret}");
                assert_eq!(found[0].fingerprint, Fingerprint::of(token.as_bytes()));
                assert_eq!(found[0].encodings.to_string(), "base64");
                assert_eq!(&secret[found[0].span.clone()], text);
            }
        }
        let other = encode("some/other:secret/of+21");
        assert_eq!(kinds(&format!("# dynatrace\napiToken: {other}\n")), [] as [&str; 0]);
        let other = base64::engine::general_purpose::STANDARD
            .encode([&[0xff; 7], &of_21().as_bytes()[..14]].concat());
        assert_eq!(kinds(&format!("# dynatrace\napiToken: {other}\n")), [] as [&str; 0]);
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
