//! Tokens as programs write them: each form is one that another change would lose.

use std::io::Write as _;
use std::ops::Range;

use ::base64::Engine as _;
use ::base64::engine::general_purpose::STANDARD_NO_PAD;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::super::{Certainty, find, search};
use super::text::{BESIDE, SHORTEST};
use super::*;
use crate::token::{KINDS, by_name, specimen};

fn token() -> String {
    specimen(&KINDS[0], 11).text
}

/// The same without a digit in its secret part, so that only its shape shows it.
fn worded() -> String {
    let token = token();
    let (identifier, secret) = token.rsplit_once('.').unwrap();
    let secret: String = secret.chars().map(|c| if c.is_ascii_digit() { 'Q' } else { c }).collect();
    format!("{identifier}.{secret}")
}

fn old(name: &str) -> String {
    specimen(by_name(name).unwrap(), 7).text
}

/// How each token in `text` is written, and what stands there.
fn found(text: &[u8]) -> Vec<(String, String)> {
    let written = |range: Range<usize>| String::from_utf8_lossy(&text[range]).into_owned();
    find(text).into_iter().map(|found| (found.encodings.to_string(), written(found.span))).collect()
}

#[track_caller]
fn is_found(text: &str, encoding: &str) {
    let found: Vec<_> = found(text.as_bytes()).into_iter().map(|(encoding, _)| encoding).collect();
    assert_eq!(found, [encoding], "{text:?}");
}

#[track_caller]
fn is_not_found(text: &str) {
    assert_eq!(found(text.as_bytes()), [], "{text:?}");
}

fn gzip(content: &[u8], level: u32) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::new(level));
    gzip.write_all(content).unwrap();
    gzip.finish().unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `bytes` amid so much that is no text that it is decoded by itself.
fn amid(bytes: &[u8]) -> Vec<u8> {
    [&[0xff; 3999][..], bytes, &[0xff; 3999]].concat()
}

#[test]
fn a_token_amid_what_is_no_text_is_found_where_it_stands() {
    let token = token();
    let wide = |width: usize, at: usize| -> Vec<u8> {
        let character = |byte: u8| (0..width).map(move |place| if place == at { byte } else { 0 });
        token.bytes().flat_map(character).collect()
    };
    for (text, written) in [
        (STANDARD_NO_PAD.encode(amid(token.as_bytes())).into_bytes(), STANDARD_NO_PAD.encode(&token)),
        (hex(&amid(token.as_bytes())).into_bytes(), hex(token.as_bytes())),
    ] {
        let found = found(&text);
        assert_eq!(found.len(), 1);
        assert!(found[0].1.contains(&written[..written.len() - 4]), "{} {written}", found[0].1);
        assert!(found[0].1.len() < written.len() + 4);
    }
    for (width, at) in [(2, 0), (2, 1), (4, 0), (4, 3)] {
        let text = amid(&wide(width, at));
        let found = find(&text);
        assert_eq!(found.len(), 1, "{width} {at}");
        let first = 3999 + at;
        assert_eq!(found[0].span, first..first + token.len() * width - (width - 1), "{width} {at}");
    }
}

#[test]
fn a_sign_of_dynatrace_in_base64_counts_as_far_off_as_in_the_open() {
    // Text in pieces that are too short to be decoded for themselves.
    let between = "\u{e9}and then some text".repeat(40);
    let text = format!("dynatrace{between} \u{e9} apiToken: {} \u{e9}", old("dynatrace-legacy-api-token"));
    assert_eq!(found(text.as_bytes()).len(), 1);
    is_found(&STANDARD_NO_PAD.encode(text), "base64");
}

#[test]
fn what_stands_beside_wrapped_base64_is_searched_as_well() {
    let encoded = STANDARD_NO_PAD.encode(token());
    let wrapped = STANDARD_NO_PAD
        .encode("words ".repeat(60))
        .as_bytes()
        .chunks(64)
        .fold(String::new(), |text, line| text + std::str::from_utf8(line).unwrap() + "\n");
    // Farther off than what is decoded with the lines.
    let far = " ".repeat(700);
    is_found(&format!("{encoded}{far}\n : {wrapped}:\n\nend"), "base64");
    is_found(&format!("first\n\n : {wrapped}:\n{far}{encoded} "), "base64");
}

#[test]
fn a_container_in_base64_or_hex_is_opened_where_it_begins() {
    let packed = gzip(format!("url = {} # note", token()).as_bytes(), 6);
    let encoded = STANDARD_NO_PAD.encode(&packed);
    let written = vec![("base64 of gzip".to_owned(), encoded.clone())];
    assert_eq!(found(format!("data {encoded}").as_bytes()), written);
    assert_eq!(found(format!("data abcd/{encoded}").as_bytes()), written);
    assert_eq!(found(format!("x'{}'", hex(&packed)).as_bytes()), [("hex of gzip".to_owned(), hex(&packed))]);
}

#[test]
fn damage_is_reported_of_a_container_in_base64_and_not_of_text_that_looks_like_one() {
    let content: Vec<u8> = (0..600_u32).map(|number| (number * number / 7) as u8).collect();
    let whole = gzip(&content, 6);
    let cut = STANDARD_NO_PAD.encode(&whole[..whole.len() - 9]);
    assert_eq!(search(cut.as_bytes()).missed.len(), 1);
    // The start of a cut one in the content of a good one, stored as it is.
    for before in 1..4 {
        let inner = [&b"..."[..before], &whole[..400]].concat();
        assert_eq!(search(STANDARD_NO_PAD.encode(gzip(&inner, 0)).as_bytes()).missed, []);
    }
}

#[test]
fn hex_digits_in_pairs_are_read_wherever_the_row_begins_and_however_it_goes_on() {
    let content = &b"a row of hex, and what is in it"[..SHORTEST - 3];
    let row = |joint: &str| content.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(joint);
    let rows = |text: &str| {
        let mut rows = Vec::new();
        alone("hex", text.as_bytes(), &mut |decoded| {
            let place = decoded.map.written_at(&(0..decoded.bytes.len()));
            rows.push((decoded.bytes, place));
        });
        rows
    };
    let long = " ".repeat(40);
    for joint in [" ", ":", ",\n    ", ",0x", ", 0x", " \\\n  ", ",\n        0x", &long] {
        for before in 0..150 {
            let row = row(joint);
            let text = format!("{}{row}{}{row}", "q".repeat(before), "q".repeat(60));
            let second = before + row.len() + 60;
            let places = [before..before + row.len(), second..second + row.len()];
            assert_eq!(rows(&text), places.map(|place| (content.to_vec(), place)), "{joint:?} {before}");
        }
    }
    assert_eq!(rows(&row(&format!("{long} "))), [], "so long a gap");
    assert_eq!(rows(&row("  ").replacen("  ", "  5  ", 1)), [], "a digit alone is no pair");
}

#[test]
fn a_token_in_a_row_of_numbers_is_read_whatever_parts_or_packs_it() {
    let unseen = glue::INVISIBLE.map(|number| char::from_u32(number).unwrap().to_string());
    let parts = ["\" + // größer\n\"", "\u{1b}[1m", "_\x08", "\r\n", "\" +\n\"", "<b>"].map(str::to_owned);
    let token = token();
    let of_ebcdic = |c| (0..=255).find(|byte| ebcdic::of_ebcdic(*byte) == c).unwrap();
    let whole = [gzip(token.as_bytes(), 6), token.bytes().map(of_ebcdic).collect()];
    let mut contents: Vec<Vec<u8>> = vec![
        token.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        token.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect(),
        STANDARD_NO_PAD.encode(&token).into_bytes(),
    ];
    for part in unseen.iter().chain(&parts) {
        let pieces: Vec<_> = token.as_bytes().chunks(9).map(|piece| str::from_utf8(piece).unwrap()).collect();
        contents.push(format!("\"{}\"", pieces.join(part)).into_bytes());
    }
    for content in contents.iter().chain(&whole) {
        assert_eq!(find(content).len(), 1, "{}", content.escape_ascii());
        // Amid a table, except for what counts only as a whole.
        let table = if whole.contains(content) { 0 } else { 40 };
        let row = [&[0xff, 1, 0xd0, 3].repeat(table), &content[..], &[0xf8, 0xd7].repeat(table)].concat();
        let written = |number: fn(&u8) -> String| row.iter().map(number).collect::<Vec<_>>().join(", ");
        for text in [written(|byte| format!("0x{byte:02x}")), written(u8::to_string)] {
            assert_eq!(find(text.as_bytes()).len(), 1, "{text}");
        }
        let words = row.as_chunks::<4>().0.iter().map(|word| format!("0x{:08x}", u32::from_le_bytes(*word)));
        assert_eq!(find(words.collect::<Vec<_>>().join(", ").as_bytes()).len(), 1, "{row:?}");
    }
}

#[test]
fn rows_of_numbers_are_read_over_the_comments_of_their_lines_and_the_signs_of_a_patch() {
    let content = format!("token={}", token());
    let lines = |number: usize, line: &dyn Fn(usize, &[u8], &str) -> String| -> String {
        let lines = content.as_bytes().chunks(number).enumerate();
        lines
            .map(|(at, bytes)| {
                let numbers: String = bytes.iter().map(|byte| format!("0x{byte:02x}, ")).collect();
                line(at * number, bytes, &numbers)
            })
            .collect()
    };
    let ascii = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    for number in [8, 12, 16] {
        for text in [
            lines(number, &|at, _, row| format!("    /* {at} */ {row}\n")),
            lines(number, &|at, _, row| format!("  /* 0x{at:04X} */  {row}\r\n")),
            lines(number, &|_, bytes, row| format!("\t{row}// {}\n", ascii(bytes))),
            lines(number, &|_, bytes, row| format!("{row} /* |{}| */\n", ascii(bytes))),
            lines(number, &|_, _, row| format!("+    {row}\n")),
        ] {
            assert_eq!(found(text.as_bytes()).len(), 1, "{text}");
        }
    }
    let dump = lines(16, &|at, _, row| format!("+{at:08x}: {}\n", row.replace("0x", "").replace(',', "")));
    assert_eq!(found(dump.as_bytes()).len(), 1, "{dump}");
}

#[test]
fn a_number_that_is_no_byte_hides_no_row_behind_it() {
    let token = token();
    let bytes = |write: fn(u8) -> String| token.bytes().map(write).collect::<Vec<_>>().join(", ");
    let pairs =
        token.as_bytes().chunks(2).map(|pair| pair.iter().fold(0, |all, byte| all << 8 | u32::from(*byte)));
    let pairs: Vec<_> = pairs.map(|pair| format!("{pair:05}")).collect();
    for (numbers, row) in [
        ("300", bytes(|byte| byte.to_string())),
        ("0777", bytes(|byte| format!("0{byte:o}"))),
        ("99999", pairs.join(", ")),
    ] {
        for before in [format!("{numbers}, "), format!("{numbers};\n"), format!("7, {numbers}, {numbers}, ")]
        {
            let text = format!("{before}{row}, {numbers}, {row}");
            assert_eq!(found(text.as_bytes()).len(), 2, "{text}");
        }
    }
}

#[test]
fn a_row_of_numbers_with_a_comment_in_each_line_is_read_once() {
    let line: String = token().bytes().take(16).map(|byte| format!("0x{byte:02x}, ")).collect();
    let (mut rows, mut bytes) = (0, 0);
    alone("hex", format!("{line} // a line\n").repeat(1_000).as_bytes(), &mut |decoded| {
        (rows, bytes) = (rows + 1, bytes + decoded.bytes.len());
    });
    assert_eq!((rows, bytes), (1, 16_000));
}

#[test]
fn escapes_are_read_wherever_they_stand_in_a_token() {
    let token = token();
    let (start, rest) = token.split_once('.').unwrap();
    let with = |dot: &str| token.replace('.', dot);
    let all = |escape: fn(u8) -> String| token.bytes().map(escape).collect::<String>();
    for (text, encoding) in [
        (with("%2E"), "percent-encoding"),
        (with("%u002e"), "percent-encoding"),
        (with("%252E"), "percent-encoding of percent-encoding"),
        (all(|byte| format!("%{byte:02X}")), "percent-encoding"),
        (all(|byte| format!("{}%00", char::from(byte))), "percent-encoding of UTF-16"),
        (with("\\."), "backslash escapes"),
        (with("\\\\."), "backslash escapes of backslash escapes"),
        (with("\\x{2e}"), "backslash escapes"),
        (with("\\u{2e}"), "backslash escapes"),
        (with("\\x2e"), "backslash escapes"),
        (with("\\056"), "backslash escapes"),
        (format!("{start}\\\n\\x2e{rest}"), "backslash escapes"),
        (format!("{start}\\\r\n\\x2e{rest}"), "backslash escapes"),
        (format!("{start}\\\n    \\x2e{rest}"), "backslash escapes"),
        (with("&#46;"), "HTML entities"),
        (with("&period;"), "HTML entities"),
        (format!("    {}", token.replacen('d', "&amp;#100;", 1)), "HTML entities of HTML entities"),
        (format!("{start}.{}", rest.replace('.', "&amp;#46;")), "HTML entities of HTML entities"),
        (with("=2E"), "quoted-printable"),
        (token.replacen('d', "=64", 1), "quoted-printable"),
        (format!("{start}=\n=2E{rest}"), "quoted-printable"),
        (format!("{start}=\r\n=2E{rest}"), "quoted-printable"),
    ] {
        is_found(&text, encoding);
    }
    // What is escaped behind a token is no part of it.
    let issued = find(format!("{}\\Quit", with("\\x2e")).as_bytes());
    assert_eq!(issued.iter().map(|found| found.certainty).collect::<Vec<_>>(), [Certainty::Issued]);
}

#[test]
fn what_is_escaped_between_a_name_and_its_token_is_read() {
    let token = old("dynatrace-legacy-api-token");
    for text in [
        "DT_API_TOKEN\\x3d\\t@",
        "name: DT\\x5fAPI_TOKEN\\nvalue: @",
        "name: DT\\x5fAPI_TOKEN\\r\\nvalue: @",
        "DT_API_TOKEN=3D@",
        "DT_API_TOKEN=3D\"@\"",
        "DT_API_TOKEN=3D=\n\"@\"",
        "DT_API_TOKEN=3D=\r\n\"@\"",
        "DT_API_TOKEN\\x3d\\\n\"@\"",
        "DT_API_TOKEN\\x3d\\\n   \"@\"",
    ] {
        is_found(
            &text.replace('@', &token),
            if text.contains('\\') { "backslash escapes" } else { "quoted-printable" },
        );
    }
}

#[test]
fn line_breaks_and_quotes_that_are_escaped_are_read_as_such() {
    let (token, encoded) = (token(), STANDARD_NO_PAD.encode(format!("<{}> and what is behind", token())));
    let (a, b) = token.split_at(50);
    let wrapped = |joint: &str| {
        let lines: Vec<_> =
            encoded.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
        lines.join(joint)
    };
    for text in [
        wrapped("%0D%0A"),
        wrapped("&#10;"),
        wrapped("\\u000a"),
        format!("{a}=0D=0A{b}"),
        format!("&quot;{a}&quot; + &quot;{b}&quot;"),
        format!("%22{a}%22+%22{b}%22"),
    ] {
        assert_eq!(find(text.as_bytes()).len(), 1, "{text}");
    }
}

#[test]
fn a_value_beside_an_escape_is_not_cut_to_the_length_of_a_token() {
    // It goes on behind what is decoded with the escape.
    let name = "DT_API_TOKEN=";
    let value: String = old("dynatrace-legacy-api-token").chars().chain("aB3dE6gH9k".chars()).collect();
    for before in 250..BESIDE + 5 {
        let text = format!("aaa%2Ebbb{}{name}{value}", " ".repeat(before - 9 - name.len()));
        is_not_found(&text);
    }
}

#[test]
fn literals_beside_each_other_are_joined_in_each_language() {
    let token = token();
    let (a, b) = token.split_at(50);
    for text in [
        format!("\"{a}\"..\"{b}\""),
        format!("\"{a}\" .. \"{b}\""),
        format!("'{a}'.'{b}'"),
        format!("'{a}' . '{b}'"),
        format!("\"{a}\" ..\n\"{b}\""),
        format!("\"{a}\" \"{b}\""),
        format!("\"{a}\" + b\"{b}\""),
        format!("\"{a}\" + // the rest\n  \"{b}\""),
        format!("\"{a}\" _\r\n  \"{b}\""),
    ] {
        is_found(&text, "pieces");
    }
    is_not_found(&format!("\"{a}\"{}\"{b}\"", " ".repeat(256)));
}

#[test]
fn lines_make_a_token_only_where_it_shows_that_they_belong_together() {
    let broken = |token: &str, widths: &[usize], joint: &str| {
        let (mut rest, mut text) = (token, String::new());
        for width in widths {
            text += &rest[..*width];
            text += joint;
            rest = &rest[*width..];
        }
        text + rest
    };
    let (uneven, even) = (&[40, 20, 30][..], &[25, 25, 25][..]);
    // Of one length, or with as many numbers as words do not have.
    is_found(&broken(&token(), uneven, "\n"), "wrapped lines");
    is_found(&broken(&worded(), even, "\n"), "wrapped lines");
    is_not_found(&broken(&worded(), uneven, "\n"));
    is_not_found(&broken(&worded(), uneven, "\",\n\""));
    is_found(&broken(&worded(), uneven, "\\\n"), "pieces");
    is_found(&(broken(&worded(), even, "\n") + "\nbehind"), "wrapped lines");
    let tenant = specimen(by_name("dt0a02").unwrap(), 1).text;
    is_found(&broken(&tenant, &[12], "\n"), "wrapped lines");
    is_not_found(&broken("dt0a02.abcdefghijklmnopqrstuvwx", &[12], "\n"));
}

#[test]
fn a_list_of_literals_with_prefixes_is_read_behind_a_quote_that_takes_its_first_line_for_a_comment() {
    let token = token();
    for quote in ["\"", "'", "`"] {
        for joint in ["\",\n  b\"", "\" +\n  L\"", "\" .\n  u8\"", "\",\n  \""] {
            // A piece that begins with a dot looks like what joins.
            let parts: Vec<_> = [&token[..6], &token[6..31], &token[31..60], &token[60..]].to_vec();
            let text = format!("name{quote}\n// token={}\"\n", parts.join(joint));
            assert_eq!(found(text.as_bytes()).len(), 1, "{text:?}");
        }
    }
}

#[test]
fn a_literal_that_ends_behind_a_line_break_of_windows_goes_on_and_code_at_the_end_of_a_line_does_not() {
    let encoded = STANDARD_NO_PAD.encode(worded());
    let (a, b) = encoded.split_at(41);
    for joint in ["\n\" + \"", "\r\n\" + \"", "\r\n' .\r\n  '", "\r\n", " `\r\n  "] {
        let text = format!("\"{a}{joint}{b}\"");
        assert_eq!(found(text.as_bytes()).len(), 1, "{text:?}");
    }
    let (old, token) = (old("dynatrace-legacy-api-token"), token());
    let (a, b) = old.split_at(9);
    let (c, d) = token.split_at(50);
    for code in
        ["`code`", "some `code here`", "=`cat x |\n  head -n1`", "= `\n select x`", "say `this' and `that`"]
    {
        for line in ["\n", "\r\n", " \n"] {
            is_found(&format!("{code}{line}DT_API_TOKEN=\"{a}\" +\n  \"{b}\""), "pieces");
            is_found(&format!("{code}{line}DT_API_TOKEN={a}\\\n{b}`{line}next"), "pieces");
            is_found(&format!("{code}{line}{c}\n{d}`{line}next"), "wrapped lines");
        }
    }
}

#[test]
fn a_value_that_is_wrapped_in_lines_of_a_patch_is_joined_without_their_signs() {
    let hunk = "--- a/f\n+++ b/f\n@@ -1,2 +1,4 @@ f\n words\n";
    let values = [(STANDARD_NO_PAD.encode(token()), "base64"), (hex(token().as_bytes()), "hex")];
    for (header, signs) in [
        (hunk, &["+", "-", "+    ", "-\t"][..]),
        ("@@@ -1 -1 +1,2 @@@\n", &["++", " +", "+ ", "++  "]),
        ("*** 1 ****\n--- 1,3 ----\n", &["+ "]),
        ("> @@ -1 +1,2 @@\n", &["> +", "> +  "]),
        ("```diff\n", &["+  ", "    +  "]),
    ] {
        for (sign, (written, encoding)) in
            signs.iter().flat_map(|sign| values.iter().map(move |value| (sign, value)))
        {
            for end in ["\n", "\r\n"] {
                let (first, rest) = written.split_at(60);
                is_found(&format!("{header}{sign}{first}{end}{sign}{rest}{end}"), encoding);
                is_found(&format!("{header}{sign}k: {first}{end}{sign} {rest}{end}"), encoding);
            }
        }
    }
}

#[test]
fn what_is_one_character_short_is_not_completed_with_the_start_of_the_next_line() {
    let token = token();
    let short = &token[..token.len() - 1];
    for next in ["2026-11-28 10:00:00", "2nd", "Words", "2_a", "7:2", "7.2"] {
        is_not_found(&format!("key {short}\n{next} and what is behind it\n"));
        is_not_found(&format!("key {}\n{}\n{next} and what is behind it\n", &short[..50], &short[50..]));
    }
    let (one, last) = token.split_at(token.len() - 1);
    is_found(&format!("key {one}\n{last} and what is behind it\n"), "wrapped lines");
    is_found(
        &format!("key {}\n{}\n{}\n{}x", &token[..23], &token[23..46], &token[46..69], &token[69..]),
        "wrapped lines",
    );
}

#[test]
fn a_dump_that_ends_with_blanks_or_lacks_them_is_read_within_its_text() {
    // `od -c` of eight bytes and blanks, and a line of uuencode whose blanks an editor took.
    let characters = "0000000   d   t   0   c   0   1   .   A".to_owned() + &" ".repeat(96);
    let encoded = "begin 644 f\n#9\n".to_owned() + &"M9'0P8S`Q\n".repeat(2);
    for text in [characters, encoded] {
        let mut read = 0;
        alone("dumped", text.as_bytes(), &mut |decoded| {
            for number in 0..decoded.bytes.len() {
                let here = decoded.map.written_at(&(number..number + 1));
                assert!(
                    here.start < here.end && here.end <= text.len(),
                    "{number} is at {here:?} of {text:?}"
                );
                read += 1;
            }
        });
        assert!(read > 0, "{text:?}");
    }
}
