use super::super::find;
use super::name::{API, CLUSTER, TENANT};
use super::*;
use crate::token::specimen;

pub(super) fn kinds(text: &str) -> Vec<&'static str> {
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
        let plain: Vec<_> = find(text.as_bytes()).iter().map(|found| found.encodings.is_plain()).collect();
        assert_eq!(plain, [true], "{text}");
    }
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
            let secret =
                format!("kind: Secret\nmetadata:\n  name: dynakube\ndata:\n  {name}: {text}\ntype: Opaque\n");
            let found = find(secret.as_bytes());
            assert_eq!(found.len(), 1, "{secret}");
            assert_eq!(found[0].fingerprint, Fingerprint::of(token.as_bytes()));
            assert_eq!(found[0].encodings.to_string(), "base64");
            assert_eq!(&secret[found[0].span.clone()], text);
        }
    }
    let other = encode("some/other:secret/of+21");
    assert_eq!(kinds(&format!("# dynatrace\napiToken: {other}\n")), [] as [&str; 0]);
    let other =
        base64::engine::general_purpose::STANDARD.encode([&[0xff; 7], &of_21().as_bytes()[..14]].concat());
    assert_eq!(kinds(&format!("# dynatrace\napiToken: {other}\n")), [] as [&str; 0]);
}

#[test]
fn an_old_token_is_found_however_many_names_stand_before_it() {
    let parts =
        ["token ", "token", "DT_API_TOKEN=", "DT_API_TOKEN: ", " ", "\n", "abcdefgh", "0123456789abcdef"];
    let mut numbers = crate::find::tests::Numbers(0x70ce);
    let mut found = 0;
    for round in 0..crate::effort::cases(3_000, 30_000) {
        let mut text = String::new();
        for _ in 0..numbers.below(40) {
            match numbers.below(10) {
                0 => text.push_str(&of_21()),
                part => text.push_str(parts[part % parts.len()]),
            }
        }
        let is_name = |at: &usize| text[..*at].to_ascii_lowercase().ends_with("token");
        let ends: Vec<usize> = (0..=text.len()).filter(is_name).collect();
        // Each by a reader of its own, which has read nothing before.
        let alone: Vec<_> = ends.iter().filter_map(|at| Names::of(text.as_bytes()).read(*at)).collect();
        let mut together = Names::of(text.as_bytes());
        let all: Vec<_> = ends.iter().filter_map(|at| together.read(*at)).collect();
        let spans = |found: &[Match]| found.iter().map(|one| one.span.clone()).collect::<Vec<_>>();
        assert_eq!(spans(&all), spans(&alone), "round {round}: {text}");
        found += all.len();
    }
    assert!(found > 300, "{found} tokens were compared");
}

#[test]
fn a_value_in_quoted_printable_is_not_read_with_the_sign_before_it() {
    let token = of_21();
    let (start, rest) = token.split_at(19);
    let (one, end) = rest.split_at(1);
    for written in [
        format!("DT_API_TOKEN=3D{start}={:02X}{end} ", one.as_bytes()[0]),
        format!("DT_API_TOKEN=3D{start}=\r\n{rest}\r\n"),
    ] {
        let found = find(written.as_bytes());
        let fingerprints: Vec<_> = found.iter().map(|found| found.fingerprint).collect();
        assert_eq!(fingerprints, [Fingerprint::of(token.as_bytes())], "{written}");
    }
}
