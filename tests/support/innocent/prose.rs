//! What people write: pages, mail, lists of words.

use super::{
    BASE32, DIGITS, Entry, HEX, Random, UPPER, about, capital, drawn, name, repeated, sentence, uuid,
    version, word,
};

pub const SORTS: [Entry; 11] = [
    ("HTML with entities", |random| {
        many(random, "<!DOCTYPE html>\n", |random| {
            let entity =
                *random.pick(&["&nbsp;", "&amp;", "&#8217;", "&#x2014;", "&period;", "&#46;", "&lt;b&gt;"]);
            format!(
                "<p class=\"{}\">{}{entity}{}{entity}</p>\n",
                name(random),
                sentence(random),
                word(random)
            )
        })
    }),
    ("percent-encoded URLs", |random| {
        many(random, "", |random| {
            let blank = *random.pick(&["%20", "+", "%2520"]);
            let text = sentence(random).replace(' ', blank).replace('.', "%2E");
            format!(
                "https://{}.live.dynatrace.com/ui/{}?gtf={text}&id={}&q=%7B%22a%22%3A%22{}%22%7D\n",
                drawn(random, HEX, 8),
                word(random),
                uuid(random),
                drawn(random, BASE32, 26)
            )
        })
    }),
    ("quoted-printable mail", |random| {
        many(random, "Content-Transfer-Encoding: quoted-printable\r\n\r\n", |random| {
            let text = sentence(random).replace('e', "=C3=A9").replace('.', "=2E");
            super::lines_of(&text, 72, "=\r\n") + "=20\r\n"
        })
    }),
    ("mail with an attachment", |random| {
        let length = about(random, 200);
        let body = super::lines_of(&super::base64(&super::bytes(random, length)), 76, "\r\n");
        format!(
            "Message-ID: <{}@example.com>\r\nDKIM-Signature: v=1; a=rsa-sha256;\r\n\tb={}\r\n\r\n--{}\r\nContent-Transfer-Encoding: base64\r\n\r\n{body}\r\n",
            uuid(random),
            super::lines_of(&super::base64(&super::bytes(random, 256)), 64, "\r\n\t"),
            drawn(random, HEX, 24)
        )
        .into()
    }),
    ("a changelog", |random| {
        many(random, "# Changelog\n\n", |random| {
            format!(
                "## [{}] - 2026-0{}-1{}\n\n- {} ([#{}](https://github.com/dynatrace-oss/{}/pull/{}), {})\n",
                version(random),
                1 + random.below(9),
                random.below(10),
                sentence(random),
                drawn(random, DIGITS, 4),
                word(random),
                drawn(random, DIGITS, 4),
                drawn(random, HEX, 40)
            )
        })
    }),
    ("an array of words", |random| {
        let times = about(random, 60);
        let words = repeated(random, times, |random| format!("\"{}\",", any_case(random)));
        format!("[{words}\"\"]").into()
    }),
    ("words, one a line", |random| {
        let times = about(random, 60);
        repeated(random, times, |random| any_case(random) + "\n").into()
    }),
    ("text in capitals", |random| many(random, "", |random| sentence(random).to_uppercase() + " ")),
    ("text in narrow lines", |random| {
        let text = many(random, "", |random| sentence(random) + " ");
        let (width, joint) = (8 + random.below(80), *random.pick(&["\n", "\n// ", "\n * ", "\r\n", "\n> "]));
        super::lines_of(&String::from_utf8_lossy(&text), width, joint).into()
    }),
    ("a table", |random| {
        many(random, "| a | b | c |\n|---|---|---|\n", |random| {
            format!(
                "| {} | `{}` | {} |\n",
                word(random),
                drawn(random, UPPER, 24),
                drawn(random, HEX, 64).to_uppercase()
            )
        })
    }),
    ("text beyond ASCII", |random| {
        many(random, "", |random| {
            let letters: String =
                (0..40).filter_map(|_| char::from_u32(0x400 + random.below(0x6000) as u32)).collect();
            format!("{letters} {}\n", sentence(random))
        })
    }),
];

fn many(random: &mut Random, head: &str, write: fn(&mut Random) -> String) -> Vec<u8> {
    let times = about(random, 12);
    (head.to_owned() + &repeated(random, times, write)).into()
}

fn any_case(random: &mut Random) -> String {
    let word = word(random);
    match random.below(3) {
        0 => word.to_owned(),
        1 => word.to_uppercase(),
        _ => capital(word),
    }
}
