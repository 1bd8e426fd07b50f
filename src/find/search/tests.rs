use ::base64::Engine as _;
use ::base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::super::container::tests::{gzip, tar, tarred, zip, zipped};
use super::super::locate::Position;
use super::*;
use crate::token::{KINDS, by_name, specimen};

fn token(seed: u64) -> String {
    specimen(&KINDS[0], seed).text
}

/// Why something in `content` was not searched.
fn missed(content: &[u8]) -> Vec<Unread> {
    search(content).missed.iter().map(|missed| missed.why).collect()
}

/// Where the tokens of `content` stand in its members: member, line and column.
fn places(content: &[u8]) -> Vec<(String, usize, usize)> {
    let shown = |place: MemberPlace| {
        (String::from_utf8_lossy(&place.path).into_owned(), place.line.get(), place.column.get())
    };
    find(content).into_iter().filter_map(|found| found.member.map(shown)).collect()
}

#[test]
fn containers_in_each_other_are_opened_as_deep_as_is_said_however_many_stand_beside() {
    let deep = |levels: usize| (0..levels).fold(token(1).into_bytes(), |inner, _| gzip(&inner));
    assert_eq!((find(&deep(NESTED)).len(), missed(&deep(NESTED))), (1, vec![]));
    assert_eq!((find(&deep(NESTED + 1)).len(), missed(&deep(NESTED + 1))), (0, vec![Unread::TooDeep]));
    let beside: Vec<_> = (0..20).map(|seed| tarred(b"m", b'0', &gzip(token(seed).as_bytes()))).collect();
    for many in [tar(&beside), gzip(&tar(&beside))] {
        assert_eq!((find(&many).len(), missed(&many)), (20, vec![]));
    }
}

#[test]
fn a_token_that_an_archive_stores_unpacked_is_reported_once_and_so_is_one_beside_it() {
    let token = token(1);
    let member = tarred(token.as_bytes(), b'0', token.as_bytes());
    let found = find(&tar(&[member]));
    assert_eq!(found.iter().map(|found| found.member.is_some()).collect::<Vec<_>>(), [true, false]);
    assert_eq!(find(&zip(&[zipped(b"m", 0, token.as_bytes())])).len(), 1);
}

#[test]
fn a_token_in_a_member_is_reported_with_its_place_there() {
    let text = format!("first\nsecond: {}\n", token(1));
    let packed = STANDARD_NO_PAD.encode(gzip(text.as_bytes()));
    for (content, member, line, column) in [
        (text.clone().into_bytes(), "m", 2, 9),
        (gzip(text.as_bytes()), "m", 2, 9),
        (tar(&[tarred(b"inner", b'0', text.as_bytes())]), "m!/inner", 2, 9),
        // In what is written in the member, the place is that of what is written.
        (format!("a\nb\nc={packed}\n").into_bytes(), "m", 3, 3),
    ] {
        let archive = zip(&[zipped(b"m", 8, &content)]);
        assert_eq!(places(&archive), [(member.to_owned(), line, column)]);
    }
}

#[test]
fn damage_is_reported_where_a_container_begins_that_could_hold_a_token() {
    let cut = |length: usize| {
        let whole = gzip(&b"abcdefghijklmnopqrstuvwxyz0123"[..length]);
        format!("x={}", STANDARD_NO_PAD.encode(&whole[..whole.len() - 1]))
    };
    let shortest = SHORTEST as usize;
    assert_eq!(missed(cut(shortest).as_bytes()), [Unread::Damaged]);
    assert_eq!(missed(cut(shortest - 1).as_bytes()), []);
    assert_eq!(missed(b"x=H4sIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), []);
}

#[test]
fn text_that_is_too_large_to_be_decoded_at_once_is_searched_too() {
    let plain = token(1);
    let hex: String = token(2).bytes().map(|byte| format!("{byte:02x}")).collect();
    for length in [LARGEST, LARGEST + (1 << 20)] {
        let mut text = vec![b'.'; length];
        let mut spans = Vec::new();
        // At both ends and across the place where the first window ends.
        for (at, written) in [
            (0, &plain),
            ((8 << 20) - (256 << 10) - 50, &hex),
            ((8 << 20) - (256 << 10) + 900, &plain),
            (length - plain.len(), &plain),
        ] {
            text[at..at + written.len()].copy_from_slice(written.as_bytes());
            spans.push(at..at + written.len());
        }
        let found: Vec<_> = find(&text).into_iter().map(|found| found.span).collect();
        assert_eq!(found, spans, "{length}");
    }
}

#[test]
fn a_token_that_is_escaped_and_one_right_behind_it_that_is_not_are_both_found() {
    let text = format!("{}{}", token(1).replace('.', "%2E"), token(2));
    let found = find(text.as_bytes());
    assert_eq!(found.iter().map(|found| found.encodings.is_plain()).collect::<Vec<_>>(), [false, true]);
}

#[test]
fn what_is_written_in_one_encoding_is_searched_whatever_was_spent_before() {
    let hex: String = token(1).bytes().map(|byte| format!("{byte:02x}")).collect();
    for (depth, parted, found, missed) in
        [(DEPTH, false, 1, 0), (DEPTH, true, 0, 1), (DEPTH - 1, false, 0, 1)]
    {
        let mut search = Search { work: 0, ..Search::new(0, Allowance::for_packed(0)) };
        assert_eq!(search.search_text(hex.as_bytes(), depth, parted).len(), found, "{depth} {parted}");
        assert_eq!(search.missed.len(), missed, "{depth} {parted}");
    }
}

#[test]
fn encodings_in_each_other_are_read_as_deep_as_is_said_also_where_they_are_in_pieces() {
    let text = (0..DEPTH).fold(token(1), |inner, _| STANDARD_NO_PAD.encode(inner));
    let (one, two) = text.split_at(99);
    assert_eq!(find(text.as_bytes()).len(), 1);
    assert_eq!(find(format!("\"{one}\" + \"{two}\"").as_bytes()).len(), 1);
    assert_eq!(find(STANDARD_NO_PAD.encode(text).as_bytes()), []);
}

#[test]
fn a_container_that_is_escaped_is_opened() {
    let text: String = gzip(token(1).as_bytes()).iter().map(|byte| format!("%{byte:02x}")).collect();
    let found = find(text.as_bytes());
    assert_eq!(
        found.iter().map(|found| found.encodings.to_string()).collect::<Vec<_>>(),
        ["percent-encoding of gzip"]
    );
    // A tar archive begins with a name, which needs no escapes.
    let archive = tar(&[tarred(b"folder/member", b'0', &gzip(token(1).as_bytes()))]);
    let escape = |byte: &u8| match byte {
        b'!'..=b'~' if *byte != b'%' => char::from(*byte).to_string(),
        byte => format!("%{byte:02x}"),
    };
    let text: String = archive.iter().map(escape).collect();
    assert_eq!(find(text.as_bytes()).len(), 1);
}

#[test]
fn a_member_in_whose_bytes_something_looks_like_an_escape_is_no_damaged_archive() {
    // What is decoded around the sign begins where the member does.
    for sign in ["%41", "\\x41", "&#65;"] {
        let mut bytes = b"Zq".repeat(50);
        let member = zip(&[zipped(b"m", 0, "word ".repeat(200).as_bytes())]);
        bytes.extend(&member[..900]);
        bytes[100 + 320..][..sign.len()].copy_from_slice(sign.as_bytes());
        bytes[100 + 300..100 + 320].fill(b'a');
        bytes[100 + 320 + sign.len()..][..30].fill(b'a');
        assert_eq!(missed(&bytes), [], "{sign}");
    }
}

#[test]
fn a_token_in_a_comment_between_two_literals_is_found() {
    let encoded = STANDARD_NO_PAD.encode(token(1));
    for comment in ["//", "#"] {
        for end in ["", "\\n"] {
            let literal = format!("\"{}{end}\"", "word".repeat(10));
            let text = format!("x = {literal} {comment} {encoded}\n    {literal}\n");
            assert_eq!(find(text.as_bytes()).len(), 1, "{comment} {end}");
        }
    }
}

#[test]
fn a_literal_of_one_letter_in_what_looks_like_a_comment_begins_a_token() {
    let token = specimen(crate::token::by_name("dynatrace-legacy-api-token").unwrap(), 1).text;
    let (one, other) = token.split_at(10);
    for value in [token.clone(), format!("{one}` +\n `{other}")] {
        let text = format!("0x\"\t# ;  D` +\n `T_API_TOKEN={value}`;\n");
        assert_eq!(find(text.as_bytes()).len(), 1, "{text}");
    }
}

#[test]
fn quotes_before_what_looks_like_comments_on_one_line_hide_no_literals() {
    let token = token(1);
    let (one, other) = token.split_at(2);
    for before in ["", "0\"\t# 1", "0\"\t# 1\" # 2", "0\"\t# 1\" # 2' // 3"] {
        // In the middle of a word only what joins literals reads a prefix in two of them.
        let text = format!("{before} T{one}\"\n    \"{other}\"\n");
        assert_eq!(find(text.as_bytes()).len(), 1, "{text}");
    }
}

#[test]
fn a_sign_of_continuation_before_what_looks_like_a_comment_hides_no_literals() {
    let encoded = STANDARD_NO_PAD.encode(token(1));
    let (first, rest) = encoded.split_at(60);
    for sign in ["`", "^", "\\"] {
        let text = format!("n{sign}\n#! ; {first}\\n\" +\n \"{rest} ; ");
        assert_eq!(find(text.as_bytes()).len(), 1, "{text}");
    }
}

#[test]
fn a_token_in_lines_of_base32_in_lower_case_is_found_however_few_digits_they_have() {
    let digit = |bits: &[u8]| {
        let value = bits.iter().fold(0, |value, bit| value << 1 | bit) << (5 - bits.len());
        char::from(b"abcdefghijklmnopqrstuvwxyz234567"[usize::from(value)])
    };
    let base32 = |text: &str| -> String {
        let bits: Vec<_> =
            text.bytes().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect();
        bits.chunks(5).map(digit).collect()
    };
    let kind = by_name("dynatrace-legacy-api-token").unwrap();
    let written = (0..2_000).map(|seed| base32(&format!("DT_API_TOKEN={}", specimen(kind, seed).text)));
    let few: Vec<_> = written.filter(|text| text.bytes().filter(u8::is_ascii_digit).count() < 4).collect();
    assert!(few.len() > 5, "{} with few digits", few.len());
    for text in few {
        for joint in ["\n", "\n    # ", "\n// ", "\n+ ", "\n+", "\n - "] {
            let (first, rest) = text.split_at(20);
            let text = format!("@@ -1 +1,2 @@{joint}{first}{joint}{rest}\n");
            assert_eq!(find(text.as_bytes()).len(), 1, "{text}");
        }
    }
}

#[test]
fn a_web_token_some_way_before_an_escape_is_reported_with_its_whole_header() {
    let kind = crate::token::by_name("dynatrace-oauth-access-token").unwrap();
    let token = specimen(kind, 1).text;
    for gap in 1..300 {
        let text = format!("Bearer {token}{} {}=48exT051JvhSNvhm\n", " ".repeat(gap), "A".repeat(20));
        let found = find(text.as_bytes());
        assert_eq!((found.len(), found[0].span.start), (1, 7), "{gap}");
    }
}

#[test]
fn a_token_in_clear_text_beside_an_escape_is_reported_once() {
    let escape = "a".repeat(30) + "%41";
    let (identifier, filler) = (token(1)[..31].to_owned(), "X".repeat(64));
    assert_eq!(find(format!("{escape} {}", token(1)).as_bytes()).len(), 1);
    assert_eq!(find(format!("{escape} {identifier}.{filler}").as_bytes()).len(), 1);
    // Joined to what follows it, it would look longer.
    let tenant = specimen(crate::token::by_name("dt0a02").unwrap(), 1).text;
    let found = find(format!("\"{tenant}\" + \".{}\"", &token(1)[32..]).as_bytes());
    assert_eq!(found.iter().map(|found| found.encodings.is_plain()).collect::<Vec<_>>(), [true]);
}

#[test]
fn a_name_in_one_window_marks_a_token_in_the_next() {
    let old = specimen(crate::token::by_name("dynatrace-legacy-api-token").unwrap(), 1).text;
    let mut text = vec![b' '; LARGEST + 1000];
    let at = (8 << 20) - (256 << 10);
    let name = "DT_API_TOKEN=";
    text[at - name.len()..at].copy_from_slice(name.as_bytes());
    text[at..at + old.len()].copy_from_slice(old.as_bytes());
    let found: Vec<_> = find(&text).into_iter().map(|found| found.span).collect();
    assert_eq!((found.len(), found[0].clone()), (1, at..at + old.len()));
}

/// How many tokens are found in a window on a stream that may go on, and why something was
/// not searched.
fn windowed(bytes: &[u8], own: std::ops::Range<usize>, whole: bool) -> (usize, Vec<Unread>) {
    let mut search = Search::new(bytes.len(), Allowance::for_packed(bytes.len()));
    let window =
        Window { bytes: bytes.to_vec(), own, start: Position::default(), offset: 0, whole, outline: None };
    let found = search.search_window(&window, DEPTH).len();
    (found, search.missed.iter().map(|missed| missed.1.why).collect())
}

#[test]
fn a_container_longer_than_a_window_is_reported_as_too_large() {
    let packed = gzip(token(1).as_bytes());
    let length = packed.len();
    assert_eq!(windowed(&packed, 0..length, true), (1, vec![]));
    // Its start is opened as far as it came; what is no start is no container.
    assert_eq!(windowed(&packed, 0..length, false), (1, vec![Unread::TooLarge]));
    assert_eq!(windowed(&packed, 5..length, false), (0, vec![]));
    // A zip archive behind something else shows at its end alone.
    let behind = [b"program".to_vec(), zip(&[zipped(b"m", 8, token(1).as_bytes())])].concat();
    let length = behind.len();
    assert_eq!(windowed(&behind, 0..length, true), (1, vec![]));
    assert_eq!(windowed(&behind, 5..length, false), (0, vec![Unread::TooLarge]));
    assert_eq!(windowed(&behind, 5..length - 1, false), (0, vec![]));
}

#[test]
fn a_window_reports_the_tokens_that_begin_in_its_own_part() {
    let text = format!("{} and {}", token(1), token(2));
    let length = text.len();
    for (own, count) in [(0..length, 2), (0..1, 1), (1..length, 1), (1..length - 96, 0)] {
        assert_eq!(windowed(text.as_bytes(), own.clone(), false).0, count, "{own:?}");
    }
    assert_eq!(windowed(text.as_bytes(), 0..1, true).0, 2);
}

#[test]
fn a_token_in_the_claims_of_an_access_token_is_found_beside_it() {
    let access = specimen(by_name("dynatrace-oauth-access-token").unwrap(), 1).text;
    let token = token(1);
    let claims =
        URL_SAFE_NO_PAD.encode(format!(r#"{{"iss":"https://sso.dynatrace.com:443","x":"{token}"}}"#));
    let text = access.replace(access.split('.').nth(1).unwrap(), &claims);
    let found = find(text.as_bytes());
    let kinds: Vec<_> = found.iter().map(|found| found.kind.id).collect();
    assert_eq!(kinds, ["dynatrace-oauth-access-token", KINDS[0].id]);
    assert_eq!(found[1].encodings.as_slice(), [Encoding::Base64]);
}

#[test]
fn what_is_escaped_at_the_start_of_an_archive_is_found_once_and_is_no_archive_cut_off() {
    let member = format!("key={}&then={}\n", token(1).replace('.', "%2E"), "word ".repeat(1000));
    let archive = zip(&[zipped(b"m", 0, member.as_bytes())]);
    assert_eq!((find(&archive).len(), missed(&archive)), (1, vec![]));
}

#[test]
fn an_archive_in_base64_is_reported_as_one_whatever_its_members_begin_with() {
    let mut seed = 1_u32;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 24) as u8
    })
    .take(20_000)
    .collect();
    let name = b"a/folder/with/a/long/name/and/another/one/in/it/and/then/the/file.txt";
    let archive = zip(&[zipped(name, 8, &noise), zipped(b"m", 8, token(1).as_bytes())]);
    for before in ["", "z", "zz", "zzz", "zzzzz"] {
        let text = before.to_owned() + &STANDARD_NO_PAD.encode(&archive);
        assert_eq!((find(text.as_bytes()).len(), missed(text.as_bytes())), (1, vec![]), "{before}");
    }
}

#[test]
fn what_stands_before_and_behind_the_line_break_of_a_long_value_is_found() {
    let word = |length: usize| "word".repeat(length / 4 + 1)[..length].to_owned();
    for length in [900, 1023, 1024, 1025, 3000] {
        let encoded = |seed| STANDARD_NO_PAD.encode(format!("{} {}", word(length), token(seed)));
        for pad in ["", "=", "=="] {
            let (one, two) = (encoded(1) + pad, encoded(2) + pad);
            let text = format!("data:\n  one: {one}\n  two: {two}\n  three: {}\n", token(3));
            assert_eq!(find(text.as_bytes()).len(), 3, "{length} {pad}");
        }
        // Wrapped at this width, and within the token.
        let whole = STANDARD_NO_PAD.encode(format!("{} {}", word(length / 4 * 3 - 40), token(4)));
        let (line, rest) = whole.split_at(length);
        assert_eq!(find(format!("  one: {line}\n  {rest}\n  two: x\n").as_bytes()).len(), 1, "{length}");
    }
}

#[test]
fn a_token_behind_what_begins_like_an_archive_by_chance_is_found_and_no_damage_reported() {
    let encoded = STANDARD_NO_PAD.encode(format!("{} ", token(1)));
    for sign in ["H4sI", "UEsDB", "Qlpo"] {
        for before in ["", "z", "zz", "zzz"] {
            let text = format!("{before}{sign}{}{encoded}", "A".repeat(40));
            assert_eq!((find(text.as_bytes()).len(), missed(text.as_bytes())), (1, vec![]), "{before}{sign}");
        }
    }
}

#[test]
fn names_that_are_too_many_to_be_read_are_a_gap_and_those_of_a_list_are_not() {
    let missed =
        |text: String| search(text.as_bytes()).missed.iter().map(|missed| missed.why).collect::<Vec<_>>();
    assert_eq!(missed("API_TOKEN\n+".repeat(20_000)), [Unread::TooLarge]);
    assert_eq!(missed("API_TOKEN=not-one-of-ours\n".repeat(20_000)), []);
}

#[test]
fn a_token_with_many_line_breaks_in_it_written_or_real_is_found() {
    let token = token(1);
    let (first, rest) = token.split_at(60);
    for joint in
        ["\\n".repeat(20), "\\r\\n".repeat(20), "\n".repeat(20), format!("\" +{}\"", "\r\n".repeat(20))]
    {
        assert_eq!(find(format!("\"{first}{joint}{rest}\"\n").as_bytes()).len(), 1, "{joint:?}");
    }
}

#[test]
fn a_wrapped_tenant_token_whose_letters_read_as_words_is_found_by_its_numbers() {
    let kind = by_name("dt0a02").unwrap();
    let mut tried = 0;
    for seed in 0..2_000 {
        let text = specimen(kind, seed).text;
        let (prefix, secret) = text.split_once('.').unwrap();
        let letters: Vec<u8> = secret.bytes().filter(|byte| !byte.is_ascii_digit()).collect();
        let numbers = secret.split(|letter: char| !letter.is_ascii_digit()).filter(|part| !part.is_empty());
        let both = letters.iter().any(u8::is_ascii_uppercase) && letters.iter().any(u8::is_ascii_lowercase);
        if context::is_random(&letters) || !both || numbers.count() < 3 {
            continue;
        }
        tried += 1;
        let (first, rest) = secret.split_at(secret.len() / 2);
        assert_eq!(find(format!("; {prefix}.{first}\n{rest} ;").as_bytes()).len(), 1, "seed {seed}");
    }
    assert!(tried > 5, "{tried}");
}

#[test]
fn a_token_in_a_row_of_numbers_is_found_behind_numbers_of_another_kind() {
    let token = token(1);
    let written = |write: &dyn Fn(u8) -> String, gap: &str| -> String {
        token.bytes().map(write).collect::<Vec<_>>().join(gap)
    };
    let rows = [
        written(&|byte| format!("{byte:02x}"), " "),
        written(&|byte| format!("0x{byte:02X}"), ", "),
        written(&|byte| format!("{byte}"), ","),
        written(&|byte| format!("{byte:03o}"), " "),
    ];
    let long = "7 ".repeat(60);
    for row in &rows {
        for before in
            ["", "0 ", "\t0 ", "`\t0 ", "1, 2, 3, ", "100 ", "9 8 7 6 5 4 3 2 1 ", "255, 255\n", &long]
        {
            for start in 0..45 {
                let text = format!("{}!{before}{row} ;", "x".repeat(start));
                assert_eq!(find(text.as_bytes()).len(), 1, "{start} {before:?} {}", &row[..9]);
            }
        }
    }
}
