//! A token that is not written in plain text is found too, at its place
//! and with its encoding named.

use base64::Engine as _;

use crate::support::Repo;
use crate::support::dumped::DUMPED;
use crate::support::encoders::{ENCODERS, Random};
use crate::support::packers;
use dtguard::find::find;
use dtguard::token::KINDS;

fn utf16(text: &str, big: bool) -> Vec<u8> {
    let unit = |unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() };
    text.encode_utf16().flat_map(unit).collect()
}

fn base64(text: &str) -> String {
    base64::engine::general_purpose::STANDARD.encode(text)
}

#[test]
fn a_token_in_utf16_is_blocked_with_and_without_a_byte_order_mark() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1);
    for (number, text) in
        [format!("\u{feff}one\r\nx={}\r\n", token.text), format!("one\r\nx={}\r\n", token.text)]
            .iter()
            .enumerate()
    {
        for big in [false, true] {
            let name = format!("f{number}{big}.ps1");
            repo.stage(&name, utf16(text, big));
            let id = token.identifier().unwrap();
            repo.commit().blocks().says(&format!("{name}:2:3 (in UTF-16)")).says(&format!("x={id}.********"));
            repo.git(&["rm", "--quiet", "--cached", &name]).succeeds();
        }
    }
}

#[test]
fn a_file_whose_encoding_changed_does_not_block_for_what_it_held() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1).text;
    repo.stage("f", format!("x={token}\n"));
    repo.commit_unseen();
    repo.stage("f", utf16(&format!("\u{feff}x={token}\n"), false));
    repo.commit().succeeds();
    repo.stage("f", utf16(&format!("\u{feff}x={token}\ny={token}\n"), false));
    repo.commit().blocks();
}

#[test]
fn a_token_of_each_prefixed_kind_is_blocked_in_a_kubernetes_secret() {
    let repo = Repo::new();
    for kind in KINDS.iter().filter(|kind| !kind.prefixes.is_empty()) {
        let token = repo.token(kind.id, 1);
        let data = base64(&format!("{}\n", token.text));
        repo.stage("secret.yaml", format!("apiVersion: v1\nkind: Secret\ndata:\n  apiToken: {data}\n"));
        let ran = repo.commit().blocks().says(kind.name).says("secret.yaml:4:13 (in base64)");
        assert!(!ran.stderr.contains(&data[..40]), "{}", ran.stderr);
    }
}

#[test]
fn a_token_in_docker_configuration_or_wrapped_base64_is_blocked() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1).text;
    let auth = base64(&format!("abc1234:{token}"));
    repo.stage(
        "config.json",
        format!("{{\"auths\":{{\"abc.live.dynatrace.com\":{{\"auth\":\"{auth}\"}}}}}}"),
    );
    let wrapped: Vec<String> =
        auth.as_bytes().chunks(64).map(|line| String::from_utf8(line.to_vec()).unwrap()).collect();
    repo.stage("block.yaml", format!("data: |\n    {}\n", wrapped.join("\n    ")));
    repo.commit().blocks().says("config.json:1:").says("block.yaml:2:").says("1 token in 2 places blocked");
}

#[test]
fn base64_that_only_looks_like_a_token_passes() {
    let repo = Repo::new();
    let mut text = String::new();
    for kind in KINDS {
        let token = repo.token(kind.id, 2);
        if let Some(identifier) = token.identifier() {
            text += &format!("{}\n", base64(identifier));
        }
    }
    // The first characters of encoded tokens, amid other base64.
    for anchor in ["ZHQw", "R0MG", "R0MH", "kdDB", "ZHQwczE2L", "ZHQwYzAxL"] {
        text += &format!("{anchor}{}\n", "QmFzZTY0IG9mIHNvbWV0aGluZyBlbHNl".repeat(20));
    }
    repo.stage("f", text);
    repo.commit().succeeds();
}

#[test]
fn a_renewed_token_behind_an_unchanged_first_line_of_wrapped_base64_is_blocked() {
    let repo = Repo::new();
    let (old, new) = (repo.token("dt0s16", 1), repo.token("dt0s16", 2));
    let id = old.identifier().unwrap();
    let wrapped = |secret: &str| -> String {
        let encoded = base64(&format!("{id}.{secret}"));
        let lines: Vec<&str> =
            encoded.as_bytes().chunks(20).map(|line| std::str::from_utf8(line).unwrap()).collect();
        format!("data: |\n  {}\n", lines.join("\n  "))
    };
    let (before, after) = (wrapped(old.secret()), wrapped(new.secret()));
    assert_eq!(before.lines().nth(1), after.lines().nth(1), "the first line of both is the same");
    repo.stage("f", &before);
    repo.commit_unseen();
    repo.stage("f", format!("# a comment\n{before}"));
    repo.commit().succeeds();
    repo.stage("f", &after);
    repo.commit().blocks().says("f:2:3 (in base64)");
}

#[test]
fn a_token_that_stays_on_its_line_does_not_excuse_the_same_one_wrapped_elsewhere() {
    let repo = Repo::new();
    let token = repo.token("dt0s16", 1).text;
    let encoded = base64(&token);
    let (one, two) = encoded.split_at(60);
    repo.stage("f", format!("x={token}\n"));
    repo.commit_unseen();
    repo.stage("f", format!("data: |\n  {one}\n  {two}\nx={token}\n"));
    repo.commit().blocks().says("f:2:3 (in base64)").says_not("f:4:");
    repo.stage("f", format!("data: |\n  {one}\n  {two}\n"));
    repo.commit().succeeds();
}

#[test]
fn a_token_in_each_encoding_is_blocked_and_the_encoding_named() {
    let repo = Repo::new();
    for (number, encoder) in ENCODERS.iter().enumerate() {
        let token = repo.token("dt0c01", number as u64);
        let mut random = Random(number as u64);
        let written = (encoder.write)(format!("url = {} # note", token.text).as_bytes(), &mut random);
        repo.stage("f", [b"first line\nsecond: '".as_slice(), &written.bytes, b"'\n"].concat());
        repo.commit().blocks().says(&format!("(in {})", encoder.name)).says(token.identifier().unwrap());
    }
    assert_eq!(repo.commits(), 1);
}

#[test]
fn a_token_is_found_in_the_ways_in_which_programs_break_what_they_write() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 7).text;
    let (a, b) = token.split_at(50);
    let encoded = base64(&format!("<token>{token}</token> and what comes behind it"));
    let wrapped = |joint: &str| {
        let lines: Vec<&str> =
            encoded.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
        lines.join(joint)
    };
    let pairs: Vec<String> = token.bytes().map(|byte| format!("{byte:02x},00")).collect();
    for text in [
        format!("<s>export T={a}\\&#xd;\n{b}&#xd;\n</s>"),
        format!("<s>&quot;{a}&quot; + &quot;{b}&quot;</s>"),
        format!("<x>{}</x>", wrapped("&#13;\n")),
        format!("data={}", wrapped("%0D%0A")),
        format!("{{\"x\": \"{}\"}}", wrapped("\\u000a")),
        format!("\"T\"=hex(2):{},\\\n  {}\n", pairs[..40].join(","), pairs[40..].join(",")),
        format!("t = \"{a}\" + \\\n    \"{b}\"\n"),
        format!("$t = \"{a}\" + `\n    \"{b}\"\n"),
        format!("t = \"{a}\" & _\n    \"{b}\"\n"),
        format!("t = (\"{a}\"  # noqa\n     \"{b}\")\n"),
        format!("t = \"{a}\" + '{b}';\n"),
        format!("/// {}\n", wrapped("\n/// ")),
        format!("> > {}\n", wrapped("\n> > ")),
        format!("[\"{}\"]", wrapped("\\n\",\n \"")),
        format!("[\"{}\"]", wrapped("\",\n \"")),
    ] {
        repo.stage("f", &text);
        repo.commit().blocks();
    }
}

#[test]
fn a_file_that_is_packed_and_then_written_in_an_encoding_of_bytes_is_opened() {
    let token = crate::support::token("dt0c01", 1);
    let text = format!("the key is {}\n", token.text).repeat(2);
    // These write text in another way, and no bytes.
    let of_text = ["UTF-16", "UTF-32", "wrapped lines", "pieces"];
    let zipped = packers::zip(&[("member", text.as_bytes())]);
    for (container, packed) in [
        ("gzip", packers::gzip(text.as_bytes())),
        ("zip", zipped),
        ("zlib", packers::zlib(text.as_bytes(), 9)),
    ] {
        for encoder in ENCODERS.iter().filter(|encoder| !of_text.contains(&encoder.name)) {
            let written = (encoder.write)(&packed, &mut Random(1)).bytes;
            let found: Vec<_> = find(&written).iter().map(|found| found.encodings.to_string()).collect();
            let wanted = format!("{} of {container}", encoder.name);
            assert_eq!(found, [wanted.as_str(), &wanted], "{}", encoder.what);
        }
    }
}

#[test]
fn each_encoding_is_tried_and_named_in_the_page_on_what_is_found() {
    let code = read("src/find/encoding.rs");
    let names: Vec<_> =
        code.lines().filter_map(|line| line.trim().strip_prefix("Self::")?.split_once(" => \"")).collect();
    assert!(names.len() > 10, "{names:?}");
    let page = read("docs/finding.md");
    for (variant, name) in names {
        let name = name.trim_end_matches("\",");
        let tried = ENCODERS.iter().any(|encoder| encoder.name == name)
            || DUMPED.iter().any(|dumped| dumped.name.starts_with(name));
        assert!(tried, "{variant} has no row in ENCODERS or DUMPED of tests/support/");
        assert!(page.to_lowercase().contains(&name.to_lowercase()), "docs/finding.md does not name {name}");
    }
}

/// A file of the project.
fn read(name: &str) -> String {
    std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}
