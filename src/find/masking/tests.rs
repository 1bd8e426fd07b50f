use base64::Engine as _;

use super::super::container::tests::{gzip, zip, zipped};
use super::*;
use crate::find::MASK;
use crate::find::{find, tests::Numbers};
use crate::token::{KINDS, Kind, specimen};

mod styles;

fn prefixed() -> impl Iterator<Item = &'static Kind> {
    KINDS.iter().filter(|kind| !kind.prefixes.is_empty())
}

/// What comes out where `content` comes in pieces whose lengths `length` says, and
/// what was said of it.
fn masked_in(content: &[u8], length: impl FnMut() -> usize) -> (Vec<u8>, Masking) {
    styled_in(&Style::Fixed, content, length)
}

fn styled_in(style: &Style, content: &[u8], mut length: impl FnMut() -> usize) -> (Vec<u8>, Masking) {
    let mut out = Vec::new();
    let mut masker = Masker::with(style.clone(), &mut out);
    let mut rest = content;
    while !rest.is_empty() {
        let (now, later) = rest.split_at(length().clamp(1, rest.len()));
        masker.push(now).unwrap();
        rest = later;
    }
    let masking = masker.finish().unwrap();
    (out, masking)
}

fn masked(content: &[u8]) -> Vec<u8> {
    let (out, masking) = masked_in(content, || usize::MAX);
    assert!(masking.refused.is_none() && masking.missed.is_empty(), "{masking:?}");
    out
}

/// Lines of text, some with a token, some with one in an encoding, some of no text.
fn content(numbers: &mut Numbers) -> Vec<u8> {
    let mut all = Vec::new();
    for _ in 0..=numbers.below(12) {
        let token = specimen(&KINDS[numbers.below(KINDS.len())], numbers.0).text;
        let base64 = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
        let piece = match numbers.below(11) {
            0 => format!("token={token}\n").into_bytes(),
            1 => format!("{token}{token}").into_bytes(),
            2 => (base64(&format!("x={token}")) + "\n").into_bytes(),
            3 => format!("dt0c01.{token} dt0c01.ABCDEFGHIJKLMNOPQRSTUVWX.").into_bytes(),
            4 => token.encode_utf16().flat_map(u16::to_be_bytes).chain(*b"\0\n").collect(),
            5 => token.encode_utf16().flat_map(u16::to_le_bytes).chain(*b"\n\0").collect(),
            6 => token.bytes().flat_map(|byte| format!("\\u{byte:04x}").into_bytes()).collect(),
            7 => base64(&base64(&token)).into_bytes().chunks(60).collect::<Vec<_>>().join(&b'\n'),
            8 => token.bytes().map(|_| numbers.below(256) as u8).collect(),
            9 => format!("'{}' +\n '{}'\n", &token[..9], &token[9..]).into_bytes(),
            _ => b"2026-01-01 nothing to see in this line\r\n".to_vec(),
        };
        all.extend(piece);
    }
    all
}

fn key(byte: u8) -> Style {
    Style::Hash(Box::new(MaskKey::new(&[byte; 32]).unwrap()))
}

#[test]
fn nothing_is_found_in_what_was_masked_in_any_style_however_it_came() {
    let mut numbers = Numbers(0x5eed);
    let mut tokens = 0;
    let rounds = crate::effort::cases(60, 600) as usize;
    for round in 0..rounds {
        let content = content(&mut numbers);
        tokens += find(&content).len();
        let seed = numbers.0;
        for style in [Style::Fixed, Style::KeepLength, key(1)] {
            let (whole, masking) = styled_in(&style, &content, || usize::MAX);
            let left = find(&whole);
            assert!(left.is_empty(), "round {round}, {style:?}: {left:?}");
            let mut pieces = Numbers(seed);
            for piecewise in
                [styled_in(&style, &content, || 1 + pieces.below(40)), styled_in(&style, &content, || 1)]
            {
                assert_eq!(piecewise.0, whole, "round {round}, {style:?}");
                assert_eq!(piecewise.1.tokens, masking.tokens, "round {round}, {style:?}");
            }
            if matches!(style, Style::KeepLength) {
                assert!(keeps_its_place(&content, &whole), "round {round}");
            }
        }
    }
    assert!(tokens > rounds * 3 / 2, "{tokens}");
}

/// Whether each byte of `masked` is that of `content` or a `*`, and line ends are kept.
fn keeps_its_place(content: &[u8], masked: &[u8]) -> bool {
    let is_end = |byte: u8| matches!(byte, b'\r' | b'\n');
    let mut pairs = content.iter().zip(masked);
    content.len() == masked.len() && pairs.all(|(old, new)| old == new || *new == b'*' && !is_end(*old))
}

#[test]
fn all_but_the_secret_part_is_copied_byte_for_byte() {
    for kind in prefixed() {
        let token = specimen(kind, 3);
        let other = specimen(kind, 4);
        let text = format!("\u{feff}a\0b {} \r\n\r {}", token.text, other.text);
        let mut text = text.into_bytes();
        text.extend([0xff, 0xfe, b'\n', 0x80]);
        let mut wanted = text.clone();
        for secret in [token.secret(), other.secret()] {
            let at = memchr::memmem::find(&wanted, secret.as_bytes()).unwrap();
            wanted.splice(at..at + secret.len(), *b"********");
        }
        assert_eq!(masked(&text), wanted, "{}", kind.id);
    }
    for text in ["", "\n", "no token\r\n", "\r", "dt0c01.ABCDEFGHIJKLMNOPQRSTUVWX.\n\n"] {
        assert_eq!(masked(text.as_bytes()), text.as_bytes());
    }
}

#[test]
fn an_encoded_token_is_masked_where_it_stands_and_in_the_characters_of_its_place() {
    let token = specimen(&KINDS[0], 5).text;
    let base64 = base64::engine::general_purpose::STANDARD.encode(&token);
    assert_eq!(masked(format!("  data: {base64}\nx").as_bytes()), b"  data: ********\nx");
    let little: fn(u16) -> [u8; 2] = u16::to_le_bytes;
    for wide in [little, u16::to_be_bytes] {
        let encode = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(wide).collect() };
        let out = masked(&encode(&format!("\u{feff}k = {token} ;\r\n")));
        assert_eq!(out, encode("\u{feff}k = ******** ;\r\n"));
    }
}

#[test]
fn a_token_at_the_edge_of_a_window_is_masked_however_many_are_searched_at_once() {
    let token = specimen(&KINDS[0], 6);
    let edges = [WINDOW - OVERLAP, STEP + WINDOW - OVERLAP];
    let places = edges.iter().flat_map(|edge| [edge - 1, edge + OVERLAP - 40, edge - 50, *edge]);
    for (number, at) in places.enumerate().step_by(8 / crate::effort::cases(2, 8) as usize) {
        let mut text = b"lorem ipsum ".repeat((STEP + WINDOW + OVERLAP) / 12 + 1);
        text.splice(at..at, token.text.bytes());
        let mut wanted = text.clone();
        let secret = at + token.secret_at;
        wanted.splice(secret..at + token.text.len(), *b"********");
        let mut out = Vec::new();
        let mut masker = Masker::new(&mut out);
        masker.full = WINDOW + number % 3 * STEP;
        masker.push(&text).unwrap();
        assert_eq!(masker.finish().unwrap().tokens, 1, "at {at}");
        assert!(out == wanted, "at {at}: {} bytes of {}", out.len(), wanted.len());
    }
}

#[test]
fn at_a_pause_all_complete_lines_are_written_and_tokens_on_them_masked() {
    for kind in prefixed() {
        let token = specimen(kind, 7);
        let base64 = base64::engine::general_purpose::STANDARD.encode(format!("x={}", token.text));
        let lines = [
            "a line\n".to_owned(),
            format!("token={}\n", token.text),
            format!("{base64}\n"),
            format!("curl -H 'Api-Token {}' x\n", token.text),
        ];
        let mut out = Vec::new();
        let mut masker = Masker::new(&mut out);
        let mut written = Vec::new();
        for line in &lines {
            for byte in line.as_bytes() {
                masker.push(&[*byte]).unwrap();
                masker.pause().unwrap();
            }
            written.push(masker.out.len());
        }
        masker.finish().unwrap();
        let out = String::from_utf8(out).unwrap();
        assert!(out.len() == written[3] && !out.contains(token.secret()), "{}", kind.id);
        let ends: Vec<_> = memchr::memchr_iter(b'\n', out.as_bytes()).map(|at| at + 1).collect();
        assert_eq!(written, ends, "{}: a line is written as soon as it is complete", kind.id);
    }
}

#[test]
fn at_a_pause_a_line_in_which_a_token_may_go_on_waits_for_the_next() {
    let token = specimen(&KINDS[0], 8).text;
    let base64 = base64::engine::general_purpose::STANDARD.encode(format!("{{\"token\": \"{token}\"}}"));
    let wrapped: Vec<_> = base64.as_bytes().chunks(64).map(|line| [line, b"\n"].concat()).collect();
    let literal: Vec<_> =
        [&token[..12], &token[12..50]].iter().map(|piece| format!("\"{piece}\" +\n").into_bytes()).collect();
    let literal = [literal, vec![format!("\"{}\";\n", &token[50..]).into_bytes()]].concat();
    for lines in [wrapped, literal] {
        let mut out = Vec::new();
        let mut masker = Masker::new(&mut out);
        for line in &lines {
            masker.push(line).unwrap();
            masker.pause().unwrap();
        }
        masker.push(b"the end\n").unwrap();
        masker.pause().unwrap();
        let written = masker.out.clone();
        masker.finish().unwrap();
        assert_eq!(written, out, "all of it was written at the last pause");
        assert_eq!(out, masked(&[lines.concat(), b"the end\n".to_vec()].concat()));
    }
}

#[test]
fn a_token_broken_over_many_short_lines_that_come_slowly_is_masked() {
    let token = specimen(&KINDS[0], 9).text;
    let base64 = base64::engine::general_purpose::STANDARD.encode(format!("TOKEN={token}"));
    let hex: String = token.bytes().map(|byte| format!("{byte:02x}")).collect();
    let bytes: String = token.bytes().map(|byte| format!("0x{byte:02x}, ")).collect();
    for (text, width) in [(&token, 4), (&token, 20), (&base64, 20), (&hex, 4), (&hex, 16), (&bytes, 72)] {
        for (before, after) in
            [("", "\n"), ("  \"", "\"\n"), ("  + \"", "\"\n"), ("# ", "\n\n"), ("s += '", "';\n")]
        {
            let pieces = text.as_bytes().chunks(width);
            let lines: Vec<_> =
                pieces.map(|piece| [before.as_bytes(), piece, after.as_bytes()].concat()).collect();
            let whole =
                [b"a line of a log\n".to_vec(), lines.concat(), b"and one more of it\n".to_vec()].concat();
            if find(&whole).is_empty() {
                continue;
            }
            let mut out = Vec::new();
            let mut masker = Masker::new(&mut out);
            for line in whole.split_inclusive(|byte| *byte == b'\n') {
                masker.push(line).unwrap();
                masker.pause().unwrap();
            }
            assert_eq!(masker.out.len(), masked(&whole).len(), "all of it is written at the last pause");
            masker.finish().unwrap();
            assert_eq!(
                String::from_utf8_lossy(&out),
                String::from_utf8_lossy(&masked(&whole)),
                "{width} {before:?}"
            );
        }
    }
}

#[test]
fn what_is_held_back_is_bounded() {
    let mut masker = Masker::new(Vec::new());
    let line = [b"ab".repeat(40), b"\n".to_vec()].concat();
    for _ in 0..2 * HELD / line.len() {
        masker.push(&line).unwrap();
    }
    masker.pause().unwrap();
    assert!(!masker.out.is_empty());
}

#[test]
fn of_a_container_with_a_token_nothing_is_written_and_one_without_is_copied() {
    let gzip = |text: &str| gzip(text.as_bytes());
    let token = specimen(&KINDS[0], 9).text;
    let (out, masking) = masked_in(&gzip(&format!("x={token}\n")), || 7);
    assert_eq!((out.len(), masking.refused), (0, Some(Container::Gzip)));
    let innocent = gzip("nothing\n");
    let (out, masking) = masked_in(&innocent, || 7);
    assert_eq!((out, masking.refused), (innocent.clone(), None));
    let damaged = &innocent[..innocent.len() - 9];
    let (out, masking) = masked_in(damaged, || 7);
    assert!(out.is_empty() && masking.refused.is_some() && !masking.missed.is_empty(), "{masking:?}");
    // Text that holds one in base64 is text.
    let text = format!("x: {}\n", base64::engine::general_purpose::STANDARD.encode(gzip(&token)));
    assert_eq!(masked(text.replace('=', "").as_bytes()), b"x: ********\n");
}

/// What is written of `lines` at a pause behind the first, and in the end.
fn paused_behind_the_first(lines: [&str; 2]) -> (String, String) {
    let mut out = Vec::new();
    let mut masker = Masker::new(&mut out);
    masker.push(lines[0].as_bytes()).unwrap();
    masker.pause().unwrap();
    let first = masker.out.clone();
    masker.push(lines[1].as_bytes()).unwrap();
    masker.finish().unwrap();
    (String::from_utf8(first).unwrap(), String::from_utf8(out).unwrap())
}

#[test]
fn a_token_on_a_line_that_quoted_printable_breaks_waits_for_the_next_line() {
    let mut tried = 0;
    for kind in prefixed() {
        let token = specimen(kind, 8).text;
        let lines = [&*format!("the key is =64{}=\n", &token[1..12]), &*format!("{} x\n", &token[12..])];
        if find(lines.concat().as_bytes()).is_empty() {
            continue;
        }
        tried += 1;
        let (first, out) = paused_behind_the_first(lines);
        assert_eq!(first, "", "{}", kind.id);
        assert!(out.ends_with("******** x\n") && find(out.as_bytes()).is_empty(), "{}: {out}", kind.id);
    }
    assert!(tried > 5, "{tried}");
}

#[test]
fn where_the_end_of_a_token_is_left_out_behind_a_pause_a_mask_stands() {
    let mut begun = 0;
    for kind in prefixed() {
        let base64 = base64::engine::general_purpose::STANDARD_NO_PAD.encode(specimen(kind, 9).text);
        for cut in (4..28).step_by(4) {
            let lines = [&*format!("the new key is {}\n", &base64[..cut]), &*format!("{}\n", &base64[cut..])];
            let (first, out) = paused_behind_the_first(lines);
            if first == lines[0] && out != lines.concat() {
                begun += 1;
                assert_eq!(out, format!("{first}********\n"), "{} {cut}", kind.id);
            }
        }
    }
    assert!(begun > 10, "{begun}");
}

#[test]
fn only_lines_that_could_be_pieces_of_a_token_wait() {
    let long = "a".repeat(32);
    for (line, piece) in [
        ("", Piece::Perhaps),
        ("  ", Piece::Perhaps),
        ("word", Piece::Perhaps),
        ("Word two", Piece::Perhaps),
        ("three plain words", Piece::No),
        ("there are four words", Piece::No),
        ("one two x1", Piece::No),
        // No word, but what values are made of.
        ("WORD", Piece::Likely),
        ("worD,", Piece::Likely),
        ("(worD)", Piece::Likely),
        ("x1", Piece::Likely),
        ("word x1", Piece::Likely),
        // Numbers of bytes, however many.
        ("100, 116, 48, 99", Piece::Likely),
        ("0x64,0x74,0x30 0x63 0x30", Piece::Likely),
        ("a12 13 14", Piece::No),
        ("12 13 word", Piece::No),
        ("1000 12345 12", Piece::No),
        // What says that a line goes on.
        ("one two three \\", Piece::Likely),
        ("one two three +", Piece::Likely),
        ("one two three &", Piece::Likely),
        ("one two three ^", Piece::Likely),
        ("one two three `", Piece::Likely),
        ("one two three=", Piece::Likely),
        ("one two three==", Piece::No),
        ("one two dt0", Piece::Likely),
        ("one two DT0c01\");", Piece::Likely),
        ("one dt0 two", Piece::No),
        (&format!("one two ({long}.)"), Piece::Likely),
        (&format!("one two three {long}"), Piece::Likely),
        (&format!("one two three ({})", &long[1..]), Piece::No),
        (&format!("one {long} two"), Piece::No),
    ] {
        assert_eq!(Piece::of(line.as_bytes()), piece, "{line}");
    }
}

#[test]
fn a_place_in_masked_text_is_found_in_the_original_and_a_part_of_a_mask_means_all_of_it() {
    let secret = |range: Range<usize>| Secret { range, mask: b"**".to_vec(), width: 1, tokens: 1 };
    let masked = Masked::new(b"aaSSSSbbTTTTcc", &[secret(2..6), secret(8..12)]);
    assert_eq!(masked.text.as_deref(), Some(&b"aa**bb**cc"[..]));
    for (here, there) in [
        (0..2, 0..2),
        (0..3, 0..6),
        (1..4, 1..6),
        (2..4, 2..6),
        (3..4, 2..6),
        (3..5, 2..7),
        (4..6, 6..8),
        (5..7, 7..12),
        (7..9, 8..13),
        (8..10, 12..14),
        (0..10, 0..14),
    ] {
        assert_eq!(masked.original(&here), there, "{here:?}");
    }
}

#[test]
fn secrets_that_overlap_become_one_and_neighbours_stay_two() {
    let secret = |range: Range<usize>| Secret { range, mask: Vec::new(), width: 1, tokens: 1 };
    let merged = |old, new| {
        let merged = merge(vec![secret(old)], vec![secret(new)]);
        merged.into_iter().map(|secret| secret.range).collect::<Vec<_>>()
    };
    assert_eq!(merged(3..8, 0..5), std::slice::from_ref(&(0..8)));
    assert_eq!(merged(0..9, 3..5), std::slice::from_ref(&(0..9)));
    assert_eq!(merged(0..5, 5..8), [0..5, 5..8]);
}

#[test]
fn in_characters_of_each_width_the_mask_stands_where_the_secret_stood() {
    let token = specimen(&KINDS[0], 3);
    let text = format!("key = {} # end\n", token.text);
    let wanted = text.replace(&token.text, MASK);
    for width in [2, 4] {
        for place in [0, width - 1] {
            let wide = |text: &str| -> Vec<u8> {
                let character = |byte| (0..width).map(move |at| if at == place { byte } else { 0 });
                text.bytes().flat_map(character).collect()
            };
            assert_eq!(masked(&wide(&text)), wide(&wanted), "{width} {place}");
        }
    }
}

#[test]
fn what_begins_like_an_archive_where_earlier_lines_were_forgotten_is_text() {
    let mut out = Vec::new();
    let mut masker = Masker::new(&mut out);
    let line = "a plain line of text\n";
    let (head, tail) = (line.repeat(300), line.repeat(BEFORE / line.len() + 1));
    let tail = &tail[tail.len() - BEFORE + 10..];
    let text = format!("{head}PK\x03\x04 and so\n").replace(" and so", " and ") + tail;
    assert!(Container::of(&text.as_bytes()[text.len() - BEFORE..]).is_some());
    masker.push(text.as_bytes()).unwrap();
    masker.pause().unwrap();
    masker.push(line.as_bytes()).unwrap();
    masker.pause().unwrap();
    let masking = masker.finish().unwrap();
    assert!(masking.refused.is_none() && masking.missed.is_empty(), "{masking:?}");
    assert_eq!(out, (text + line).into_bytes());
}

#[test]
fn at_a_pause_nothing_is_written_of_what_may_be_an_archive_and_lines_behind_text_are() {
    for (head, waits) in
        [("a\0b\n", true), ("PK\x03\x04 a plain line of text\n", true), ("a plain line of text\n", false)]
    {
        let mut out = Vec::new();
        let mut masker = Masker::new(&mut out);
        masker.push(head.as_bytes()).unwrap();
        masker.pause().unwrap();
        assert_eq!(masker.out.is_empty(), waits, "{head:?}");
        if !waits {
            masker.push(b"one more \0 line here\n").unwrap();
            masker.pause().unwrap();
            assert!(masker.out.ends_with(b"here\n"));
        }
    }
}

/// What is written once these came, with a pause behind each.
fn paused(pieces: &[&str]) -> String {
    let mut out = Vec::new();
    let mut masker = Masker::new(&mut out);
    for piece in pieces {
        masker.push(piece.as_bytes()).unwrap();
        masker.pause().unwrap();
    }
    String::from_utf8(masker.out.clone()).unwrap()
}

#[test]
fn at_a_pause_whole_lines_are_written_up_to_the_first_that_could_be_a_piece() {
    let words = "three plain words\n";
    let token = specimen(&KINDS[0], 4);
    let (hidden, token) = (token.text.replace(token.secret(), MASK), token.text);
    assert_eq!(paused(&[words, "x1\n"]), words);
    assert_eq!(paused(&[&format!("{words}x1\n")]), words);
    assert_eq!(paused(&[&format!("{words}word\nx1\n")]), format!("{words}word\n"));
    assert_eq!(paused(&[&format!("x1\n{words}")]), format!("x1\n{words}"));
    assert_eq!(paused(&[words, &format!("{token}\n")]), format!("{words}{hidden}\n"));
    // Behind what is complete another may begin.
    assert_eq!(paused(&[words, &format!("{token} \"dt0c01\" +\n")]), words);
    assert_eq!(paused(&[words, &format!("x1\n{token} word\n")]), format!("{words}x1\n{hidden} word\n"));
    // However much stands before it.
    let many = words.repeat((HELD + 5000) / words.len());
    assert_eq!(paused(&[&format!("{many}x1\n")]).len(), many.len());
    // What begins like this may still be anything.
    assert_eq!(paused(&["x1\n", &format!("a\0b\n{words}")]), "");
}

#[test]
fn an_archive_recognised_only_at_its_end_is_reported_where_it_has_gone_out_already() {
    let mut out = Vec::new();
    let mut masker = Masker::new(&mut out);
    masker.push(b"three plain words\n").unwrap();
    masker.pause().unwrap();
    let archive = zip(&[zipped(b"m", 8, b"word")]);
    masker.push(&archive).unwrap();
    let masking = masker.finish().unwrap();
    assert_eq!(masking.refused, None);
    assert_eq!(masking.missed.iter().map(|missed| missed.why).collect::<Vec<_>>(), [Unread::TooLarge]);
    assert!(out.ends_with(&archive));
}
