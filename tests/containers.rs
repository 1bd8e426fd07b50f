//! A token in a compressed file or an archive is found, and its member is named.

use base64::Engine as _;

use crate::support::Repo;
use crate::support::packers::{bzip2, gzip, gzip_at, tar, xz, zip, zip_with, zstd};

fn base64(content: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(content)
}

/// Text that holds `token` on its third line, amid enough to be compressed.
fn text(token: &str) -> Vec<u8> {
    format!("# settings\nname = name\ntoken = {token}\n{}", "more = more\n".repeat(50)).into_bytes()
}

#[test]
fn a_token_in_each_kind_of_container_is_blocked_and_its_member_named() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1);
    let text = text(&token.text);
    let files: [(&str, Vec<u8>, &str); 12] = [
        ("log.gz", gzip(&text), "log.gz:3:9 (in gzip)"),
        ("log.xz", xz(&text), "log.xz:3:9 (in xz)"),
        ("log.zst", zstd(&text), "log.zst:3:9 (in zstd)"),
        ("log.bz2", bzip2(&text), "log.bz2:3:9 (in bzip2)"),
        ("a.tar", tar(&[("x", b"x"), ("etc/app.ini", &text)]), "a.tar!/etc/app.ini:3:9 (in tar)"),
        ("a.tar.gz", gzip(&tar(&[("etc/app.ini", &text)])), "a.tar.gz!/etc/app.ini:3:9 (in gzip of tar)"),
        ("a.txz", xz(&tar(&[("app.ini", &text)])), "a.txz!/app.ini:3:9 (in xz of tar)"),
        ("a.zip", zip(&[("x", b"x"), ("app.ini", &text)]), "a.zip!/app.ini:3:9 (in zip)"),
        (
            "a.jar",
            zip(&[("META-INF/MANIFEST.MF", b"x"), ("app.properties", &text)]),
            "a.jar!/app.properties:3:9 (in zip)",
        ),
        ("a.docx", zip(&[("word/document.xml", &text)]), "a.docx!/word/document.xml:3:9 (in zip)"),
        (
            "boot.jar",
            zip(&[("lib/a.jar", &zip(&[("app.ini", &text)]))]),
            "boot.jar!/lib/a.jar!/app.ini:3:9 (in zip of zip)",
        ),
        (
            "a.vsix",
            zip(&[("data/logs.tar.gz", &gzip(&tar(&[("log", &text)])))]),
            "a.vsix!/data/logs.tar.gz!/log:3:9 (in zip of gzip of tar)",
        ),
    ];
    for (name, content, place) in files {
        repo.stage(name, content);
        repo.commit().blocks().says(place).says(token.identifier().unwrap());
        repo.git(&["rm", "--quiet", "--cached", "--force", name]).succeeds();
    }
    assert_eq!(repo.commits(), 1);
}

#[test]
fn a_helm_releases_secret_is_scanned() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1);
    let inner = base64(format!("apiToken: {}\n", token.text).as_bytes());
    for manifest in [
        format!(
            "{{\"name\":\"dynatrace\",\"manifest\":\"kind: Secret\\ndata:\\n  apiToken: {}\\n\"}}",
            base64(token.text.as_bytes())
        ),
        format!("{{\"name\":\"dynatrace\",\"config\":{{\"apiToken\":\"{}\"}}}}", token.text),
        format!("{{\"chart\":{{\"templates\":[{{\"name\":\"x\",\"data\":\"{inner}\"}}]}}}}"),
    ] {
        let release = base64(base64(&gzip(manifest.as_bytes())).as_bytes());
        repo.stage("secret.yaml", format!("apiVersion: v1\ndata:\n  release: {release}\nkind: Secret\n"));
        repo.commit()
            .blocks()
            .says("secret.yaml:3:12 (in base64 of base64 of gzip")
            .says(token.identifier().unwrap());
    }
}

#[test]
fn a_token_in_an_encoding_in_a_container_is_found() {
    let repo = Repo::new();
    let token = repo.token("dt0s16", 1);
    let utf16: Vec<u8> = token.text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    repo.stage(
        "a.zip",
        zip(&[
            ("a.ps1", &utf16),
            ("b.yaml", format!("data:\n  k: {}\n", base64(token.text.as_bytes())).as_bytes()),
        ]),
    );
    repo.commit()
        .blocks()
        .says("a.zip!/a.ps1:1:1 (in zip of UTF-16)")
        .says("a.zip!/b.yaml:2:6 (in zip of base64)");
}

#[test]
fn a_container_that_was_only_packed_again_passes_and_a_further_token_in_it_does_not() {
    let repo = Repo::new();
    let (old, new) = (text(&repo.token("dt0c01", 1).text), text(&repo.token("dt0c01", 2).text));
    repo.stage("a.zip", zip(&[("a", &old)]));
    repo.stage("log.gz", gzip(&old));
    repo.commit_unseen();
    repo.stage("a.zip", zip_with(&[("b", b"more"), ("a", &old)], 1, 0));
    repo.stage("log.gz", gzip_at(&[&old, b"one more line\n".as_slice()].concat(), 1));
    repo.commit().succeeds();
    repo.stage("a.zip", zip(&[("a", &old), ("c", &old)]));
    repo.commit().blocks();
    repo.stage("a.zip", zip(&[("a", &old), ("c", &new)]));
    repo.commit().blocks().says("a.zip!/c:3:9").says_not("a.zip!/a:");
}

#[test]
fn a_part_that_cannot_be_scanned_is_reported_and_blocks_where_the_policy_says_so() {
    let repo = Repo::new();
    let encrypted = zip_with(&[("secret.txt", b"who knows")], 6, 1);
    repo.stage("a.zip", &encrypted);
    let notice = "dtguard: 1 part could not be scanned:";
    repo.dtguard(&["hook", "pre-commit"]).succeeds().says(notice).says("a.zip!/secret.txt (encrypted)");
    repo.dtguard(&["-q", "hook", "pre-commit"]).succeeds().says(notice);
    repo.stage("cut.gz", &gzip(&text("none"))[..60]);
    repo.stage(".dtguard.toml", "version = 1\n[coverage]\nunread = \"block\"\n");
    let ran =
        repo.dtguard(&["hook", "pre-commit"]).says("blocked, 2 parts").says("cut.gz (damaged or cut off)");
    assert_eq!(ran.code, 2);
    assert_ne!(repo.commit().code, 0);
    repo.stage(".dtguard.toml", "version = 1\n[coverage]\nunread = \"pass\"\n");
    repo.commit().succeeds().says("2 parts could not be scanned");
}

#[test]
fn containers_in_each_other_are_opened_or_reported() {
    let repo = Repo::new();
    let text = text(&repo.token("dt0c01", 1).text);
    // A Docker image with an executable jar in a layer.
    let jar = zip(&[("BOOT-INF/lib/a.jar", &zip(&[("a.properties", &text)]))]);
    let image = gzip(&tar(&[("layer.tar.gz", &gzip(&tar(&[("app.jar", &jar)])))]));
    repo.stage("image.tar.gz", &image);
    repo.commit().blocks().says("image.tar.gz!/layer.tar.gz!/app.jar!/BOOT-INF/lib/a.jar!/a.properties:3:9");
    let deep = (0..9).fold(text, |inner, _| gzip(&inner));
    repo.git(&["rm", "--quiet", "--cached", "--force", "image.tar.gz"]).succeeds();
    repo.stage("deep.gz", deep);
    repo.commit().succeeds().says("deep.gz (nested too deeply)");
}

#[test]
fn an_archive_behind_a_program_that_unpacks_it_is_opened() {
    let repo = Repo::new();
    let text = text(&repo.token("dt0c01", 1).text);
    repo.stage("a.pyz", [b"#!/usr/bin/env python3\n".as_slice(), &zip(&[("__main__.py", &text)])].concat());
    repo.commit().blocks().says("a.pyz!/__main__.py:3:9 (in zip)");
}

#[test]
fn an_archive_behind_a_program_that_is_too_large_to_be_opened_is_reported() {
    let token = crate::support::token("dt0c01", 1);
    let program =
        [b"#!/bin/sh\n".as_slice(), &vec![0xfe; 9 << 20], &zip(&[("a", &text(&token.text))])].concat();
    let (_, missed) = streamed(&program);
    assert_eq!(missed.len(), 1);
    assert_eq!(missed[0].why, dtguard::find::Unread::TooLarge);
    // In memory it is opened.
    assert_eq!(dtguard::find::find(&program).len(), 1);
}

#[test]
fn one_more_occurrence_in_or_beside_a_container_is_an_addition() {
    let repo = Repo::new();
    let text = text(&repo.token("dt0c01", 1).text);
    let encoded = |members: &[(&str, &[u8])]| base64(&zip(members));
    repo.stage("a.yaml", encoded(&[("a", &text)]));
    repo.stage("b.gz", gzip(&text));
    repo.commit_unseen();
    repo.stage("a.yaml", encoded(&[("a", &text), ("b", &text)]));
    repo.commit().blocks().says("a.yaml:1:1 (in base64 of zip)");
    repo.git(&["reset", "--quiet", "--hard"]).succeeds();
    repo.stage("b.gz", [gzip(&text), text].concat());
    repo.commit().blocks().says("b.gz:");
}

#[test]
fn an_archive_of_a_kind_that_is_not_opened_is_reported() {
    let repo = Repo::new();
    repo.stage("a.7z", b"7z\xbc\xaf\x27\x1c\0\x04 and so on");
    repo.stage("a.zip", zip(&[("in.rar", b"Rar!\x1a\x07\x01\0 and so on")]));
    repo.commit()
        .succeeds()
        .says("a.7z (compressed in a way that is not read)")
        .says("a.zip!/in.rar (compressed in a way that is not read)");
}

#[test]
fn what_stands_in_a_damaged_container_before_the_damage_blocks() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1);
    let noise: Vec<u8> =
        (0..40_000_u32).flat_map(|number| (number.wrapping_mul(2_654_435_761)).to_be_bytes()).collect();
    let whole = gzip(&[text(&token.text).as_slice(), &noise].concat());
    repo.stage("cut.gz", &whole[..whole.len() / 2]);
    repo.commit().blocks().says("cut.gz:3:9 (in gzip)").says("cut.gz (damaged or cut off)");
}

#[test]
fn binary_files_that_hold_text_are_scanned() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1).text;
    let files: [(&str, Vec<u8>); 4] = [
        (
            "A.class",
            [b"\xca\xfe\xba\xbe\0\0\0\x41\0\x10\x01\0\x60".as_slice(), token.as_bytes(), b"\x01\0\x03foo"]
                .concat(),
        ),
        (
            "a.sqlite",
            [b"SQLite format 3\0\x10\0\x01\x01".as_slice(), &[0; 4000], token.as_bytes(), &[0; 90]].concat(),
        ),
        (
            "a.png",
            [b"\x89PNG\r\n\x1a\n\0\0\0\x60tEXtComment\0".as_slice(), token.as_bytes(), b"\x12\x34\x56\x78"]
                .concat(),
        ),
        (
            "a.jpg",
            [
                b"\xff\xd8\xff\xe1\0\x80Exif\0\0MM\0*".as_slice(),
                &token.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>(),
                b"\0\xff\xd9",
            ]
            .concat(),
        ),
    ];
    for (name, content) in files {
        repo.stage(name, content);
        repo.commit().blocks().says(&format!("{name}:"));
        repo.git(&["rm", "--quiet", "--cached", "--force", name]).succeeds();
    }
}

#[test]
fn an_archive_that_takes_more_than_one_window_is_opened_whole() {
    let (found, missed, token) = in_a_large_archive(|archive| {
        let found = dtguard::find::search(&gzip_at(archive, 1));
        (found.matches, found.missed)
    });
    assert_eq!(missed, []);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].identifier, token);
    assert_eq!(found[0].member.as_ref().unwrap().path, b"folder/app.ini");
}

#[test]
fn a_streamed_archive_that_takes_more_than_one_window_is_opened_whole() {
    let (found, missed, token) = in_a_large_archive(streamed);
    assert_eq!(missed, []);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].identifier, token);
    assert_eq!(found[0].member.as_ref().unwrap().path, b"folder/app.ini");
}

/// What is found and missed in a stream of `bytes`.
fn streamed(mut bytes: &[u8]) -> (Vec<dtguard::find::Match>, Vec<dtguard::find::Missed>) {
    let windows = dtguard::find::Windows::new(&mut bytes);
    let found = windows.map(|window| dtguard::find::search_window(&window.unwrap()));
    found.fold(Default::default(), |mut all: (Vec<_>, Vec<_>), found| {
        all.0.extend(found.matches);
        all.1.extend(found.missed);
        all
    })
}

/// What `search` finds and misses in a tar archive of nine megabytes, and what it
/// should find.
fn in_a_large_archive(
    search: impl Fn(&[u8]) -> (Vec<dtguard::find::Match>, Vec<dtguard::find::Missed>),
) -> (Vec<dtguard::find::Match>, Vec<dtguard::find::Missed>, Option<String>) {
    let token = crate::support::token("dt0c01", 1);
    let large = vec![0xfe; 9 << 20];
    let (found, missed) = search(&tar(&[("large", &large), ("folder/app.ini", &text(&token.text))]));
    (found, missed, token.identifier().map(str::to_owned))
}

#[test]
fn an_archive_whose_first_bytes_hold_an_escape_is_not_reported_as_damaged() {
    for name in ["a%2Eb%41", "a\\x2eb", "a&#46;b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa=2Eb=2E"] {
        for archive in [tar(&[(name, b"text"), ("b", b"text")]), zip(&[(name, b"text"), ("b", b"text")])] {
            for content in [gzip(&archive), base64(&archive).into_bytes(), archive] {
                assert_eq!(dtguard::find::search(&content).missed, [], "{name}");
            }
        }
    }
}

#[test]
fn a_member_of_an_archive_that_stands_before_an_escape_is_not_reported_as_damaged() {
    // What is decoded with an escape begins this far before it.
    let around = 1100;
    let mut text = zip_with(&[("b", &[0xe9; 3000])], 0, 0);
    text.truncate(200);
    text.resize(around, 0xe9);
    let text = [&[0xe9; 3000][..], &text, b"%2E", &[0xe9; 2000]].concat();
    assert_eq!(dtguard::find::search(&text).missed, []);
}

#[test]
fn base64_that_begins_like_a_container_by_chance_is_not_reported_as_damaged() {
    for start in ["H4sI", "x/H4sIBw", "QlpoO", "H4sIAAAAAAAA/"] {
        let text = format!("\"integrity\": \"sha512-{start}{}==\"\n", "q7Zk0".repeat(20));
        assert_eq!(dtguard::find::search(text.as_bytes()).missed, [], "{start}");
    }
    // A compressed file that breaks off is reported.
    let whole = gzip(&text("none"));
    let cut = base64(&whole[..whole.len() - 10]);
    assert_eq!(dtguard::find::search(cut.as_bytes()).missed.len(), 1);
}

#[test]
fn what_a_border_of_blocks_cuts_off_is_no_gap() {
    let noise: Vec<u8> = (0..40_000_u32)
        .flat_map(|number| format!("{:x}", number.wrapping_mul(2_654_435_761)).into_bytes())
        .collect();
    let text = base64(&gzip(&noise));
    assert!(text.len() > 1 << 17);
    let token = crate::support::token("dt0c01", 1).text;
    let text = format!("{text} {token}");
    // Without compression the text stands there in blocks of at most 64 KiB.
    for file in [gzip_at(text.as_bytes(), 0), crate::support::packers::zlib(text.as_bytes(), 0)] {
        let found = dtguard::find::search(&file);
        assert_eq!((found.matches.is_empty(), found.missed), (false, Vec::new()));
    }
}
