//! What programmers write, and what their tools write for them.

use super::{
    ALNUM, BASE64, DIGITS, Entry, HEX, Random, UPPER, about, bytes, capital, drawn, name, repeated, sentence,
    uuid, version, word,
};

pub const SORTS: [Entry; 12] = [
    ("a minified bundle", bundle),
    ("a source map", source_map),
    ("source code", |random| many(random, "", statement)),
    ("text in literals", |random| {
        let (quote, joint) =
            *random.pick(&[("\"", " +\n    "), ("'", "\n  "), ("\"", " \\\n"), ("`", " + ")]);
        let words = about(random, 20);
        let text = repeated(random, words, |random| format!("{quote}{}{quote}{joint}", word(random)));
        format!("message = {text}{quote}{quote};\n").into()
    }),
    ("a shell script", |random| many(random, "#!/bin/sh\nset -eu\n", command)),
    ("JSON with escapes", |random| {
        many(random, "[\n", |random| format!("  \"{}\",\n", escaped(random, |unit| format!("\\u{unit:04x}"))))
    }),
    ("properties with escapes", |random| {
        many(random, "", |random| {
            format!(
                "{}={}\\\n  {}\n",
                name(random),
                escaped(random, |unit| format!("\\u{unit:04X}")),
                word(random)
            )
        })
    }),
    ("expressions", |random| {
        many(random, "", |random| {
            let pattern = *random.pick(&[
                r"dt0c01\.[A-Z0-9]{24}\.[A-Z0-9]{64}",
                r"^dt0[a-z]\d{2}\.[A-Z2-7]+\.[A-Z2-7]+$",
                r"(?i)\bdt0[a-z][0-9]{2}\.",
                r"dt0a02\.[[:alnum:]]{24}",
                r"[\x21-\x7e]{64}\u002e\.\x2e",
            ]);
            format!("{} = re.compile(r\"{pattern}\")  # {}\n", word(random), sentence(random))
        })
    }),
    ("SQL", |random| {
        many(random, "", |random| {
            format!(
                "INSERT INTO {} VALUES ('{}', 0x{}, '{}', {});\n",
                word(random).to_uppercase(),
                uuid(random),
                drawn(random, HEX, 64).to_uppercase(),
                sentence(random),
                drawn(random, DIGITS, 20)
            )
        })
    }),
    ("constants", |random| {
        many(random, "", |random| {
            let words: Vec<_> = (0..3 + random.below(12)).map(|_| word(random).to_uppercase()).collect();
            format!("#define {} \"{}\"\n", words.join("_"), words.concat())
        })
    }),
    ("a style sheet", |random| {
        many(random, "", |random| {
            format!(
                ".{}:before{{content:\"\\{}\";background:url(data:image/svg+xml,%3Csvg xmlns=%27http://www.w3.org/2000/svg%27 fill=%27%23{}%27/%3E)}}",
                name(random),
                drawn(random, HEX, 4),
                drawn(random, HEX, 6)
            )
        })
    }),
    ("a log", |random| {
        many(random, "", |random| {
            format!(
                "2026-01-01T00:00:{:02}Z INFO [dt.trace_id={}, dt.span_id={}] {} {}\n",
                random.below(60),
                drawn(random, HEX, 32),
                drawn(random, HEX, 16),
                uuid(random),
                sentence(random)
            )
        })
    }),
];

fn many(random: &mut Random, head: &str, write: fn(&mut Random) -> String) -> Vec<u8> {
    let times = about(random, 12);
    (head.to_owned() + &repeated(random, times, write)).into()
}

fn bundle(random: &mut Random) -> Vec<u8> {
    let times = about(random, 60);
    let text = repeated(random, times, |random| {
        let (a, b) = (drawn(random, ALNUM, 1), drawn(random, ALNUM, 2));
        match random.below(8) {
            0 => format!("function {a}{b}(e,t){{return e.{}(t)||\"{}\"}}", word(random), sentence(random)),
            1 => format!("var _{a}=[{}];", [word(random); 3].map(|word| format!("\"{word}\"")).join(",")),
            2 => format!("t.exports=JSON.parse('{{\"{}\":\"{}\"}}');", word(random), version(random)),
            3 => format!("_{b}=n({}),", drawn(random, DIGITS, 4)),
            4 => format!("e.token=\"{}\",e.{}Key=t[{}];", word(random), word(random), random.below(100)),
            5 => format!("/*! {} */!function(e){{e.apiToken=e.getApiToken()}}(this);", name(random)),
            6 => format!(
                "case\"{}\":return\"\\u{}\\x{}\"+",
                word(random),
                drawn(random, HEX, 4),
                drawn(random, HEX, 2)
            ),
            _ => format!("if(!{a}.{b})throw new Error(\"{}\");", sentence(random)),
        }
    });
    let map = super::base64(&source_map(random));
    format!("{text}\n//# sourceMappingURL=data:application/json;base64,{map}\n").into()
}

fn source_map(random: &mut Random) -> Vec<u8> {
    let times = about(random, 300);
    let mappings = repeated(random, times, |random| {
        let length = *random.pick(&[1, 4, 5, 8]);
        drawn(random, BASE64, length) + *random.pick(&[",", ",", ",", ";"])
    });
    format!(
        "{{\"version\":3,\"sources\":[\"webpack:///./{}.ts\"],\"names\":[\"{}\"],\"mappings\":\"{mappings}\"}}",
        name(random),
        word(random)
    )
    .into()
}

fn statement(random: &mut Random) -> String {
    let (one, two) = (word(random), word(random));
    match random.below(9) {
        0 => format!("    let {one}_token = get{}ApiToken({two});\n", capital(two)),
        1 => format!("if (request.getHeader(\"Authorization\").equals(\"Api-Token \" + {one}Token)) {{\n"),
        2 => format!("  const dtApiToken = process.env.DT_API_TOKEN ?? options.{one}Token;\n"),
        3 => format!("# {}\n", sentence(random)),
        4 => format!("assert_eq!(parse(\"{}\"), Err(Error::{}));\n", name(random), capital(one)),
        5 => format!("private static final String {}_TOKEN_KEY = \"{one}.{two}\";\n", one.to_uppercase()),
        6 => format!("headers = {{'Authorization': f'Api-Token {{{one}_token}}'}}\n"),
        7 => {
            format!("\tconst {one}{}AccessKey = \"{one}{}AccessKeySecretName\"\n", capital(two), capital(two))
        }
        _ => {
            format!("public {} {one}{}(String tenantToken) {{ return {two}; }}\n", capital(one), capital(two))
        }
    }
}

fn command(random: &mut Random) -> String {
    let mark = *random.pick(&["\\\n    ", "\\\n", "\\\r\n  "]);
    match random.below(5) {
        0 => format!(
            "curl -X POST {mark}\"https://$DT_TENANT/api/v2/{}\" {mark}-H \"Authorization: Api-Token $DT_API_TOKEN\" {mark}-d '{{\"{}\":\"{}\"}}'\n",
            word(random),
            word(random),
            name(random)
        ),
        1 => format!(
            "export DT_{}_TOKEN=\"$(cat /run/secrets/{})\"\n",
            word(random).to_uppercase(),
            name(random)
        ),
        2 => format!(
            "helm upgrade {} {mark}--set apiToken=$TOKEN{mark}--set name={}\n",
            word(random),
            uuid(random)
        ),
        3 => format!(
            "./Dynatrace-OneAgent.sh --set-tenant-token=$TENANT_TOKEN {mark}--set-host-group={}\n",
            name(random)
        ),
        _ => format!("echo '{}' | sha256sum -c - # {}\n", drawn(random, HEX, 64), sentence(random)),
    }
}

/// A sentence in which each letter that is not ASCII is escaped.
fn escaped(random: &mut Random, escape: fn(u16) -> String) -> String {
    let length = about(random, 12);
    repeated(random, length, |random| match random.below(6) {
        0 => format!("{} ", word(random)),
        1 => escape(0x2e + random.below(64) as u16),
        2 => format!("{}\\t", drawn(random, UPPER, 8)),
        _ => escape(0x400 + random.below(0x5000) as u16),
    }) + &super::base64(&bytes(random, 24))
}
