//! What reading costs, and where it ends. The forms themselves are tried by `tests/glue.rs`.

use super::super::{Marks, begins};
use super::*;
use crate::find::{Unread, find, search};
use crate::token::{KINDS, specimen};

/// How many bytes are read of `text`, and whether that was all that had to be.
fn spent(text: &str) -> (usize, bool) {
    let text = text.as_bytes();
    let begun: Vec<usize> = memchr::memmem::find_iter(text, b"dt0").collect();
    let mut reader = Reader::new(text, most(text), false);
    for start in begins(&begun, &Marks::of(text, false)) {
        reader.read(start);
    }
    (most(text) - reader.work, !reader.exhausted)
}

#[test]
fn what_is_read_grows_with_the_text_however_many_prefixes_and_however_much_glue_it_has() {
    for hostile in [
        "dt0c01.abc",
        "dt0c01\x1b[m",
        "dt0c01<b>\n",
        "\"dt0c01\" /* ",
        "dt0c01<!--",
        "dt0c01.\n# ",
        "d\x1b[mt0c01.",
        "\"dt0c01\", ",
        "dt0c01{{{{",
        "dt0c01\x1b]8;;",
        "\nd",
        "d\u{200b}",
        "d<a ",
    ] {
        let (short, long) = (hostile.repeat(20_000), hostile.repeat(40_000));
        let (half, all) = (spent(&short).0, spent(&long).0);
        assert!(all <= most(long.as_bytes()), "{hostile:?}: {all}");
        assert!(all <= 2 * half + (1 << 17), "{hostile:?}: {half} and {all}");
    }
}

#[test]
fn ordinary_text_costs_next_to_nothing() {
    for ordinary in [
        "it said: \"word\" and <b>bold</b>, read the third line\nof the end\n",
        "{\"id\": \"abc\", \"kind\": [\"read\", \"old\"], \"field\": 'd'}\n",
        "let id = format!(\"{prefix}.{id}\"); // the dt0c01 prefix\n",
        "dt0c01.ABCDEFGHIJKLMNOPQRSTUVWX is an identifier\n",
        "\"\\u54C1\\uFFFD\\uFFFD\\uFFFD\\uFFFD\\uFFFD\\uFFFD\\uFFFD\" + \n",
    ] {
        let text = ordinary.repeat(1000);
        let (spent, all) = spent(&text);
        assert!(all && spent < 4 * text.len(), "{spent} of {}: {ordinary:?}", text.len());
    }
}

#[test]
fn what_takes_too_long_is_reported_and_not_skipped_in_silence() {
    let hostile = "\"dt0c01\" /* ".repeat(200_000);
    assert!(!spent(&hostile).1);
    let found = search(hostile.as_bytes());
    assert_eq!(found.missed.iter().map(|missed| missed.why).collect::<Vec<_>>(), [Unread::TooLarge]);
}

#[test]
fn a_token_and_its_glue_reach_no_farther_than_is_said() {
    let token = specimen(&KINDS[0], 1).text;
    let (one, two) = token.split_at(50);
    let with = |tags: usize, length: usize| {
        let tag = format!("<a href=\"{}\">", "x".repeat(length - 11));
        find(format!("{one}{}{two}", tag.repeat(tags)).as_bytes()).len()
    };
    assert_eq!((with(4, 250), with(5, 250)), (1, 0));
    assert_eq!((with(1, 256), with(1, 257)), (1, 0));
}

#[test]
fn a_character_that_is_wanted_is_not_taken_for_glue() {
    // The dot of a shell's word, and the one that joins two literals.
    let token = specimen(&KINDS[0], 2).text;
    let parts: Vec<&str> = token.split('.').collect();
    for text in [
        format!("T={}\".\"{}\".\"{}", parts[0], parts[1], parts[2]),
        format!("'{}'.'.{}.'.'{}'", parts[0], parts[1], parts[2]),
    ] {
        let found = find(text.as_bytes());
        assert_eq!(found.len(), 1, "{text}");
        assert_eq!(found[0].identifier.as_deref(), specimen(&KINDS[0], 2).identifier());
    }
}

#[test]
fn only_what_is_joined_nearby_is_read_from_a_list_or_variables() {
    let token = specimen(&KINDS[0], 3).text;
    let (one, two) = token.split_at(50);
    let parts: Vec<&str> = token.split('.').collect();
    for (text, count) in [
        (format!("[\"{one}\", \"{two}\"]"), 0),
        (format!("[\"{one}\", \"{two}\"].join(\"\")"), 1),
        (format!("a = \"{one}\"\nb = \"{two}\"\n"), 0),
        (format!("a = \"{one}\"\nb = \"{two}\"\nt = a + b\n"), 1),
        (format!("[\"{}\"]", parts.join("\", \"")), 0),
        (format!("[\"{}\"].join(\"\")", parts.join("\", \"")), 0),
        (format!("[\"{}\"].join(\".\")", parts.join("\", \"")), 1),
    ] {
        assert_eq!(find(text.as_bytes()).len(), count, "{text}");
    }
}
