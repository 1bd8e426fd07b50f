use super::super::tests::Numbers;
use super::*;

const MAILBOX: &str = "From a Mon Sep 28 09:00:00 2026\nFrom: a\nTo: b\nSubject: x\n folded\nContent-Type: multipart/mixed;\n boundary=\"b1\"\n\npre\n--b1\n\ntext\n--b1\nContent-Type: message/rfc822\n\nSubject: y\nContent-Type: multipart/mixed; boundary=b2\n\n--b2\nContent-Disposition: attachment; filename=a.txt\n\nAAAA\n--b2--\n\n--b1--\nend\n\nFrom b Mon Sep 28 09:00:00 2026\nTo: c\n\nlast\n";
const SESSION: &str = r#"{"log": {"entries": [{"request": {"headers": [{"name": "A\"B", "value": "v"}]}}, {"response": {"content": {"text": "\\\"}]"}}}]}}"#;
const DOCUMENT: &str =
    "<?xml version=\"1.0\"?><w:document><w:p a=\"1\"><w:r/></w:p><w:p><w:t>x</w:t></w:p></w:document>";
const SHEET: &str = "<worksheet><c r=\"A1\"><v>1</v></c><c r=\"B7\"/></worksheet>";

/// The part of each offset of `text`, which comes in windows of this length.
fn parts(text: &[u8], step: usize) -> Vec<Option<String>> {
    let mut outline = Outline::of(text).unwrap();
    let mut parts = Vec::new();
    for first in (0..text.len()).step_by(step) {
        // As windows do, each begins before what is its own.
        let from = first.saturating_sub(120);
        let window = &text[from..text.len().min(first + step)];
        parts.extend((first - from..window.len()).map(|at| outline.part(window, from, at)));
    }
    parts
}

#[test]
fn a_part_is_the_same_however_the_content_is_cut_into_windows() {
    for text in [MAILBOX, SESSION, DOCUMENT, SHEET] {
        let all = parts(text.as_bytes(), text.len());
        let alone = |at| Outline::of(text.as_bytes()).unwrap().part(text.as_bytes(), 0, at);
        assert_eq!(all, (0..text.len()).map(alone).collect::<Vec<_>>());
        for step in [1, 7, 64, 100] {
            assert_eq!(parts(text.as_bytes(), step), all, "{step}");
        }
    }
}

#[test]
fn each_part_of_a_mailbox_is_named() {
    let named =
        |needle: &str| parts(MAILBOX.as_bytes(), 9999)[MAILBOX.find(needle).unwrap()].clone().unwrap();
    for (needle, part) in [
        ("a\nTo", "message 1, header From"),
        ("folded", "message 1, header Subject"),
        ("pre", "message 1"),
        ("text", "message 1, body"),
        ("y\n", "message 1, attachment 1, header Subject"),
        ("AAAA", "message 1, attachment 1, attachment a.txt"),
        ("end", "message 1"),
        ("last", "message 2, body"),
    ] {
        assert_eq!(named(needle), part, "{needle}");
    }
}

#[test]
fn text_that_only_resembles_a_format_has_no_parts() {
    for text in [
        &b""[..],
        b"From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001\nFrom: a\nDate: b\n",
        b"name: x\nkind: y\n",
        b"From here on\nFrom: a\nTo: b\n",
        b"<html><w:p>",
        b"plain",
    ] {
        assert!(Outline::of(text).is_none(), "{}", String::from_utf8_lossy(text));
    }
    let own = |text: &str| Outline::of(text.as_bytes()).unwrap().part(text.as_bytes(), 0, text.len());
    assert_eq!(own("{\"items\": [{\"value\": \"x"), None);
    assert_eq!(own("[1, [2, {\"text\": \""), None);
}

#[test]
fn no_damage_makes_it_panic_and_no_length_makes_it_slow() {
    let mut numbers = Numbers(11);
    let seeds = [MAILBOX, SESSION, DOCUMENT, SHEET];
    for round in 0..4000 {
        let mut bytes = seeds[round % seeds.len()].as_bytes().to_vec();
        for _ in 0..numbers.below(9) {
            let at = numbers.below(bytes.len());
            match numbers.below(3) {
                0 => bytes[at] = b"{}[]\",:\\<>-=;\n \0"[numbers.below(16)],
                1 => bytes.truncate(at + 1),
                _ => bytes.extend_from_within(at..),
            }
        }
        if Outline::of(&bytes).is_some() {
            assert_eq!(parts(&bytes, 50).len(), bytes.len());
        }
    }
    for text in [
        "[".repeat(1 << 20),
        "{\"item\":[".repeat(1 << 18),
        format!("From: a\nTo: b\n{}", "Content-Type: multipart/x; boundary=b\n\n--b\n".repeat(1 << 14)),
        format!("From: a\nTo: b\n{}", "Content-Type: message/rfc822\n\n".repeat(1 << 14)),
        format!("From: a\nTo: b\nX: {}", "; x=\"".repeat(1 << 18)),
    ] {
        let part = Outline::of(text.as_bytes()).unwrap().part(text.as_bytes(), 0, text.len());
        assert!(part.is_none_or(|part| part.len() < 4096));
    }
}
