//! True prefixes and identifiers among what secret parts are made of, with all between
//! them that a token can be parted by: no two of them make a token.

use dtguard::token::Identifier;

use super::dynatrace::{identifier, prefix};
use super::{BASE32, Entry, HEX, Random, UPPER, about, drawn, word};

pub const SORTS: [Entry; 7] = [
    ("prefixes in pages", |random| {
        scattered(random, &[" ", ", ", "` ", " `", "** ", "**", " (", ").\n", "\n", "\n\n", "\n- ", "\n> "])
    }),
    ("prefixes in tables", |random| {
        scattered(random, &[" | ", "` | `", "|\n|", " |\n| ", "\t", ",", ";", "\",\"", "\n"])
    }),
    ("prefixes in HTML", |random| {
        scattered(
            random,
            &[
                "</td><td>",
                "</code> <code>",
                "<b>",
                "</b>",
                "</span><span class=\"k\">",
                "<br>",
                "<wbr> ",
                "</p>\n<p>",
                "<!-- of it -->",
                "&nbsp;",
            ],
        )
    }),
    ("prefixes in code", |random| {
        scattered(
            random,
            &[
                "\", \"",
                "\",\n    \"",
                "\";\nconst A = \"",
                "\" + a + \"",
                "\"\n\"",
                "' || '",
                "\", // of it\n  \"",
                "\"}, {\"",
                "\" => \"",
                "\n// ",
                "\n# ",
            ],
        )
    }),
    ("prefixes in minified JavaScript", |random| {
        scattered(
            random,
            &[
                "\",\"",
                "\":\"",
                "\"],[\"",
                "\";var a=\"",
                "\".concat(\"",
                "\"+\"",
                "\").join(\"",
                "\":{\"",
                "\"===\"",
                "${\"\"}",
            ],
        )
    }),
    ("prefixes in dashboards", |random| {
        scattered(
            random,
            &[
                "\\n",
                "\\\",\\\"",
                "\\\": \\\"",
                "\", \"",
                "\": \"",
                "\"},\n{\"",
                "\\u003c",
                "\\u001b[0m",
                "\\u200b",
                "\\n\\n",
            ],
        )
    }),
    ("prefixes in logs", |random| {
        scattered(
            random,
            &[
                "\n2026-11-28T10:00:00.123Z INFO ",
                " \x1b[0m",
                "\x1b[31m",
                "\r\n",
                " \r",
                "\n[10:00:00] ",
                "\n",
                " ",
                "\\n",
                "#012",
            ],
        )
    }),
];

fn scattered(random: &mut Random, between: &[&str]) -> Vec<u8> {
    let times = about(random, 40);
    let (mut text, mut last) = (String::new(), String::new());
    let joins = between.iter().any(|between| between.contains("join"));
    for _ in 0..times {
        let mut next = part(random);
        // What joins them makes a token of an identifier and a secret part.
        while joins && Identifier::parse(&last).is_some() && next.len() == 64 {
            next = part(random);
        }
        text += &next;
        text += *random.pick(between);
        last = next;
    }
    text.into()
}

/// What is no token and begins or ends none, whatever stands beside it: behind a dot that
/// ends an identifier words follow, or too little and a sign.
fn part(random: &mut Random) -> String {
    match random.below(10) {
        0 => prefix(random).to_owned(),
        // Of a kind with a public part: else a drawn word behind the dot is a secret part.
        1 => format!("{}.", &identifier(random)[..6]),
        2 => identifier(random),
        3 => format!("{}. {} {}", identifier(random), word(random), word(random)),
        4 => {
            let length = *random.pick(&[1, 20, 40, 63]);
            format!("{}.{} : ", identifier(random), drawn(random, BASE32, length))
        }
        5 => drawn(random, BASE32, 64),
        6 => drawn(random, HEX, 64),
        7 => {
            let length = 1 + random.below(40);
            drawn(random, BASE32, length)
        }
        8 => {
            let length = 1 + random.below(12);
            drawn(random, UPPER, length)
        }
        _ => word(random).to_owned(),
    }
}
