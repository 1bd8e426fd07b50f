//! What is written about Dynatrace and its tokens where none of them stands.

use dtguard::token::{KINDS, specimen};

use super::{
    BASE32, Entry, HEX_UPPER, Random, UPPER_DIGITS, about, capital, drawn, name, repeated, sentence, uuid,
    version, word,
};

/// What is found in this sort are fillers, which pass.
pub const FILLERS: &str = "fillers";

pub const SORTS: [Entry; 15] = [
    ("Terraform", |random| many(random, "", terraform)),
    ("Kubernetes", |random| many(random, "apiVersion: dynatrace.com/v1beta5\nkind: DynaKube\n", kubernetes)),
    ("Helm", |random| many(random, "", helm)),
    ("Ansible", |random| many(random, "---\n", ansible)),
    ("environment variables", |random| many(random, "# Dynatrace\n", variable)),
    ("identifiers in sentences", |random| {
        many(random, "", |random| {
            let (before, after) = (sentence(random), sentence(random));
            let end = *random.pick(&[
                ".",
                ". ",
                ".\n",
                ",",
                ":",
                "\n",
                ")",
                "'s ",
                "\"",
                ".\r\n\r\n",
                "`. ",
                "...",
            ]);
            format!("{before} {}{end}{after}\n", identifier(random))
        })
    }),
    ("identifiers in a list", |random| {
        let (before, after) = *random.pick(&[
            ("", "\n"),
            ("- ", "\n"),
            ("\"", "\",\n"),
            ("", ", "),
            ("* `", "`\n"),
            ("", ".\n"),
            ("", ";"),
        ]);
        let times = about(random, 8);
        repeated(random, times, |random| format!("{before}{}{after}", identifier(random))).into()
    }),
    ("identifiers beside digests", |random| {
        let joint =
            *random.pick(&[" | ", "\t", ",", " ", "  ", ": ", "\n", "\" \"", "\",\"", " = ", ":\n    "]);
        let alphabet = *random.pick(&[HEX_UPPER, BASE32, UPPER_DIGITS]);
        let length = about(random, 10);
        repeated(random, length, |random| {
            format!("{}{joint}{}\n", identifier(random), drawn(random, alphabet, 64))
        })
        .into()
    }),
    ("identifiers before lines of words", |random| {
        let end = *random.pick(&["\n", ":\n", ".\n", ".\n\n", "...\n", ",\n"]);
        let case = *random.pick(&[str::to_uppercase as fn(&str) -> String, str::to_owned, capital]);
        let times = about(random, 60);
        let words = repeated(random, times, |random| case(word(random)) + "\n");
        format!("{}{end}{words}", identifier(random)).into()
    }),
    ("prefixes before lines of words", |random| {
        let end = *random.pick(&["\n", ":\n", ".\n", ".\n\n", "...\n", ",\n"]);
        let case = *random.pick(&[str::to_uppercase as fn(&str) -> String, str::to_owned, capital]);
        let times = about(random, 60);
        let words = repeated(random, times, |random| case(word(random)) + "\n");
        format!("{}{end}{words}", prefix(random)).into()
    }),
    ("prefixes in sentences", |random| {
        many(random, "", |random| {
            let end = *random.pick(&[
                ".",
                ". ",
                ".\n",
                ".*",
                ".<id>.<secret>",
                ".abc.def",
                "...",
                ".XXXX.YYYY",
                "\n",
            ]);
            format!("{} {}{end}{}\n", sentence(random), prefix(random), sentence(random))
        })
    }),
    ("a table of kinds", |random| {
        many(random, "| Prefix | Name | Example |\n|---|---|---|\n", |random| {
            format!("| `{}` | {} | `{}.****` |\n", prefix(random), sentence(random), identifier(random))
        })
    }),
    ("cut tokens", |random| {
        many(random, "", |random| {
            let length = random.below(64);
            let mark = *random.pick(&["...", "…", "[...]", "****"]);
            format!("{}.{}{mark}\n", identifier(random), drawn(random, BASE32, length))
        })
    }),
    (FILLERS, |random| {
        many(random, "", |random| {
            let sign = *random.pick(&["X", "x", "0", "AB", "12345678"]);
            format!("token: {}.{}\n", identifier(random), &sign.repeat(64)[..64])
        })
    }),
    ("answers of an interface", |random| {
        many(random, "{\"apiTokens\":[", |random| {
            format!(
                "{{\"id\":\"{}\",\"name\":\"{}\",\"enabled\":true,\"owner\":\"{}\",\"scopes\":[\"{}.read\"],\"modified\":\"{}\"}},",
                identifier(random),
                name(random),
                uuid(random),
                word(random),
                version(random)
            )
        })
    }),
];

fn many(random: &mut Random, head: &str, write: fn(&mut Random) -> String) -> Vec<u8> {
    let times = about(random, 8);
    (head.to_owned() + &repeated(random, times, write)).into()
}

/// A token identifier: it is public.
pub fn identifier(random: &mut Random) -> String {
    loop {
        let kind = random.pick(KINDS);
        if let Some(identifier) = specimen(kind, random.next()).identifier() {
            return identifier.to_owned();
        }
    }
}

pub fn prefix(random: &mut Random) -> &'static str {
    let prefixes: Vec<&str> = KINDS.iter().flat_map(|kind| kind.prefixes).copied().collect();
    prefixes[random.below(prefixes.len())]
}

fn placeholder(random: &mut Random) -> String {
    let id = prefix(random);
    match random.below(14) {
        0 => "${DT_API_TOKEN}".to_owned(),
        1 => "{{ .Values.dynatrace.apiToken }}".to_owned(),
        2 => "<your-dynatrace-api-token>".to_owned(),
        3 => "${{ secrets.DYNATRACE_API_TOKEN }}".to_owned(),
        4 => format!(
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:{}-{}",
            name(random),
            drawn(random, super::ALNUM, 6)
        ),
        5 => format!("{id}.XXXXXXXX.YYYYYYYY"),
        6 => "REPLACE_WITH_YOUR_API_TOKEN".to_owned(),
        7 => "$(vault kv get -field=token secret/dynatrace)".to_owned(),
        8 => format!("{id}.****"),
        9 => "abcdefghijklmnopqrstu".to_owned(),
        10 => "var.dynatrace_api_token".to_owned(),
        11 => "%DT_API_TOKEN%".to_owned(),
        12 => format!("op://vault/{}/credential", name(random)),
        _ => format!("{id}.<TOKEN_PUBLIC_PART>.<TOKEN_SECRET>"),
    }
}

fn variable(random: &mut Random) -> String {
    let name = *random.pick(&[
        "DT_API_TOKEN",
        "DYNATRACE_API_TOKEN",
        "DT_PAAS_TOKEN",
        "DT_TENANTTOKEN",
        "DT_CLIENT_SECRET",
        "DT_CONNECTION_AUTH_TOKEN",
        "DYNATRACE_ACCESS_KEY",
        "DT_CLUSTER_API_TOKEN",
        "apiToken",
        "tenantToken",
        "dynatraceApiKey",
        "--seed-auth",
        "Authorization: Api-Token",
    ]);
    let sign = *random.pick(&["=", ": ", " = ", "=\"", ": '", " ", "=>"]);
    format!("{name}{sign}{}\n", placeholder(random))
}

fn terraform(random: &mut Random) -> String {
    match random.below(3) {
        0 => format!(
            "variable \"{}\" {{\n  type        = string\n  sensitive   = true\n  description = \"{}\"\n}}\n",
            name(random),
            sentence(random)
        ),
        1 => format!(
            "provider \"dynatrace\" {{\n  dt_env_url   = \"https://{}.live.dynatrace.com\"\n  dt_api_token = \"{}\"\n}}\n",
            drawn(random, super::HEX, 8),
            placeholder(random)
        ),
        _ => format!(
            "data \"aws_secretsmanager_secret\" \"{}\" {{\n  arn = \"arn:aws:secretsmanager:eu-west-1:1:secret:dynatrace-api-token-{}\"\n}}\n",
            word(random),
            drawn(random, super::ALNUM, 6)
        ),
    }
}

fn kubernetes(random: &mut Random) -> String {
    match random.below(3) {
        0 => format!(
            "        - name: DT_API_TOKEN\n          valueFrom:\n            secretKeyRef:\n              name: {}\n              key: apiToken\n",
            name(random)
        ),
        1 => format!(
            "metadata:\n  name: {}\n  uid: {}\n  annotations:\n    checksum/config: {}\n",
            name(random),
            uuid(random),
            drawn(random, super::HEX, 64)
        ),
        _ => {
            let value = super::base64(placeholder(random).as_bytes());
            format!("data:\n  apiToken: {value}\n  paasToken: {value}\n")
        }
    }
}

fn helm(random: &mut Random) -> String {
    match random.below(3) {
        0 => format!(
            "            - name: {}\n              value: {{{{ .Values.dynatrace.token | b64enc | quote }}}}\n",
            name(random)
        ),
        1 => format!(
            "{{{{- if .Values.{}.apiToken }}}}\napiToken: {{{{ .Values.apiToken | quote }}}}\n{{{{- end }}}}\n",
            word(random)
        ),
        _ => format!("dynatrace:\n  apiToken: \"{}\"  # {}\n", placeholder(random), sentence(random)),
    }
}

fn ansible(random: &mut Random) -> String {
    match random.below(2) {
        0 => format!(
            "- name: {}\n  uri:\n    headers:\n      Authorization: \"Api-Token {{{{ dynatrace_api_token }}}}\"\n",
            sentence(random)
        ),
        _ => {
            let vault = drawn(random, "3456", 1) + &drawn(random, "0123456789", 1);
            let body = repeated(random, 5, |random| {
                format!(
                    "          {}\n",
                    repeated(random, 40, |random| format!("3{}", drawn(random, "0123456789", 1)))
                )
            });
            format!(
                "dynatrace_api_token: !vault |\n          $ANSIBLE_VAULT;1.1;AES256\n          {vault}\n{body}"
            )
        }
    }
}
