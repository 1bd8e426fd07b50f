//! A token in a dump, an array of numbers or a seldom encoding is found like any other.

use dtguard::find::{MASK, Masker, find};
use dtguard::token::{KINDS, by_name, specimen};

use crate::support::dumped::{DUMPED, Dumped};
use crate::support::{Repo, effort};

/// Text with `token` so many bytes from its start.
fn around(token: &str, before: usize) -> String {
    format!("{}the key is {token} and\nthese are other words of it\n", "-".repeat(before))
}

fn names(text: &[u8]) -> Vec<String> {
    find(text).iter().map(|found| found.encodings.to_string()).collect()
}

fn described(dumped: &Dumped) -> String {
    format!("{} {:?}", dumped.name, (dumped.write)(b"dt0c01.A").escape_ascii().to_string())
}

#[test]
fn a_token_of_each_prefixed_kind_is_found_wherever_its_dump_cuts_it() {
    for (number, dumped) in DUMPED.iter().enumerate() {
        for kind in KINDS.iter().filter(|kind| !kind.prefixes.is_empty()) {
            let token = specimen(kind, number as u64);
            // A line of signs may stand before it.
            for before in (0..17).step_by(if effort::all() { 1 } else { 3 }).chain([60]) {
                let text = (dumped.write)(around(&token.text, before).as_bytes());
                let found = find(&text);
                let ids: Vec<_> = found.iter().map(|found| found.identifier.as_deref()).collect();
                assert_eq!(
                    ids,
                    [token.identifier()],
                    "{} {before}: {}",
                    described(dumped),
                    text.escape_ascii()
                );
                assert_eq!(names(&text), [dumped.name]);
            }
        }
    }
}

#[test]
fn a_token_in_base85_in_which_something_looks_like_an_escape_is_one_finding() {
    let patch = DUMPED.iter().find(|dumped| dumped.name == "base85 of zlib").unwrap();
    // In one of so many texts stands `%5F` or `=ED`; two are known to show it.
    let drawn = (0..effort::cases(30, 3_000)).map(|number| (number, number as usize % 17));
    for (seed, before) in drawn.chain([(1250, 6), (2101, 3)]) {
        let token = specimen(by_name("dt0c01").unwrap(), seed);
        let text = (patch.write)(around(&token.text, before).as_bytes());
        assert_eq!(names(&text), [patch.name], "{seed} {before}: {}", text.escape_ascii());
    }
}

#[test]
fn a_line_of_any_sign_at_its_start_hides_no_token_of_a_file_in_ebcdic() {
    let ebcdic = DUMPED.iter().find(|dumped| dumped.name == "EBCDIC").unwrap();
    let token = specimen(&KINDS[0], 1);
    for sign in ["-", "*", "#", "@", "$", "!"] {
        let text = format!("{}\n{}", sign.repeat(72), around(&token.text, 0));
        assert_eq!(names(&(ebcdic.write)(text.as_bytes())), [ebcdic.name], "{sign}");
    }
}

#[test]
fn what_lacks_a_character_of_its_secret_part_is_not_found_in_any_dump() {
    for (number, dumped) in DUMPED.iter().enumerate() {
        for kind in KINDS.iter().filter(|kind| !kind.prefixes.is_empty()) {
            let token = specimen(kind, number as u64).text;
            for before in 0..5 {
                let text = (dumped.write)(around(&token[..token.len() - 1], before).as_bytes());
                assert_eq!(names(&text), [] as [&str; 0], "{} {}", described(dumped), kind.id);
            }
        }
    }
}

/// What comes out where `text` comes in pieces of `length` bytes with a pause behind each.
fn masked(text: &[u8], length: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let mut masker = Masker::new(&mut out);
    for piece in text.chunks(length) {
        masker.push(piece).unwrap();
        masker.pause().unwrap();
    }
    assert!(masker.finish().unwrap().missed.is_empty());
    out
}

#[test]
fn no_dump_of_a_secret_part_comes_out_of_mask_wherever_the_pipe_is_cut() {
    for (number, dumped) in DUMPED.iter().enumerate().filter(|(_, dumped)| dumped.text) {
        let token = specimen(&KINDS[0], number as u64);
        let plain = around(&token.text, number % 16);
        let text = [b"first these\n", &(dumped.write)(plain.as_bytes())[..], b"\n)\nthese words are last\n"]
            .concat();
        // What stands for the secret part but for its ends.
        let secret = plain.find(token.secret()).unwrap();
        let middle = (dumped.write)(&plain.as_bytes()[secret + 20..secret + 44]);
        for length in [1, 7, 33, text.len()] {
            let out = masked(&text, length);
            let shown = String::from_utf8_lossy(&out).into_owned();
            assert_eq!(names(&out), [] as [&str; 0], "{} {length}: {shown}", described(dumped));
            assert!(shown.contains(MASK), "{} {length}: {shown}", described(dumped));
            assert!(
                shown.starts_with("first these\n") && shown.ends_with("\n)\nthese words are last\n"),
                "{shown}"
            );
            let leaked = dumped.name == "numbers" && memchr::memmem::find(&out, &middle).is_some();
            assert!(!leaked && out.len() + 64 < text.len(), "{} {length}: {shown}", described(dumped));
        }
    }
}

#[test]
fn a_commit_of_each_dump_is_blocked_and_its_encoding_named() {
    let repo = Repo::new();
    for (number, dumped) in DUMPED.iter().enumerate() {
        let token = repo.token("dt0c01", number as u64);
        repo.write(&number.to_string(), (dumped.write)(around(&token.text, number % 16).as_bytes()));
    }
    repo.git(&["add", "."]).succeeds();
    repo.commit().blocks();
    assert_eq!(repo.commits(), 1);
    let ran = repo.dtguard(&["scan", "--staged", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    for (number, dumped) in DUMPED.iter().enumerate() {
        let findings = report["findings"].as_array().unwrap();
        let of_it = findings.iter().find(|one| one["path"] == number.to_string().as_str());
        let of_it = of_it.unwrap_or_else(|| panic!("{} passes", described(dumped)));
        let token = repo.token("dt0c01", number as u64);
        assert_eq!(of_it["identifier"], token.identifier().unwrap(), "{}", described(dumped));
        let shown = of_it["encodings"].as_array().unwrap().iter().map(|name| name.as_str().unwrap());
        let shown = shown.collect::<Vec<_>>().join(" of ");
        assert!(shown.ends_with(dumped.name), "{shown}: {}", described(dumped));
    }
}
