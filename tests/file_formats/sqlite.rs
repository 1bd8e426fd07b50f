//! SQLite databases.

use std::fs;

use dtguard::find::{Unread, search};
use serde_json::Value;

use super::{made_by_python, scan};
use crate::support::{Repo, token};

/// A token in each of many rows, so that it lies over each seam of pages in each way once.
const ROWS: &str = r#"
import sqlite3, sys
size, token = int(sys.argv[1]), sys.argv[2]
db = sqlite3.connect("a.db", isolation_level=None)
db.execute("pragma page_size = %d" % size)
db.execute("pragma auto_vacuum = " + sys.argv[3])
db.execute("create table plain (a)")
db.execute("create table notes (id integer primary key, title text, body text)")
for row in range(1, 131 if size < 9999 else 9):
    db.execute("insert into notes values (?, ?, ?)", (row, "t", "x " * (size // 2) + "." * row + token + " y" * 40))
db.execute("insert into plain values (?)", (sys.argv[4],))
db.execute("insert into plain values (?)", ("z" * 9 * size,))
db.execute("delete from plain where a like 'z%'")
"#;

/// The places that a scan of the file reports, and whether it reports a gap.
fn places(repo: &Repo, file: &str) -> (Vec<String>, bool) {
    let report: Value =
        serde_json::from_str(&repo.dtguard(&["scan", "--format", "json", file]).stdout).unwrap();
    let place = |finding: &Value| {
        let text = |field: &str| finding[field].as_str().unwrap_or_default().to_owned();
        text("member") + &text("inside")
    };
    let findings = report["findings"].as_array().unwrap();
    (findings.iter().map(place).collect(), !report["coverage"]["gaps"].as_array().unwrap().is_empty())
}

#[test]
fn a_token_that_lies_over_pages_of_a_database_is_found_in_its_row() {
    let (token, plain) = (token("dt0c01", 1), token("dt0c01", 2));
    for (size, vacuum) in [("512", "none"), ("1024", "full"), ("4096", "incremental"), ("65536", "none")] {
        let repo = made_by_python(ROWS, &[size, &token.text, vacuum, &plain.text]);
        repo.token("dt0c01", 1);
        repo.token("dt0c01", 2);
        let (mut found, gap) = places(&repo, "a.db");
        let mut wanted: Vec<_> = (1..=if size == "65536" { 8 } else { 130 })
            .map(|row| format!("table notes, row {row}, column 3"))
            .collect();
        wanted.push("table plain, row 1".to_owned());
        found.sort_unstable();
        wanted.sort_unstable();
        assert_eq!((found, gap), (wanted, false), "{size}");
        // A database that breaks off is reported, and what stands before that found.
        let whole = fs::read(repo.path.join("a.db")).unwrap();
        let cut = search(&whole[..whole.len() / 2]);
        assert_eq!(cut.missed.iter().map(|missed| missed.why).collect::<Vec<_>>(), [Unread::Damaged]);
        assert!(cut.matches.len() >= 3);
    }
}

const LOG: &str = r#"
import os, shutil, sqlite3, sys
db = sqlite3.connect("a.db", isolation_level=None)
db.execute("pragma journal_mode = wal")
db.execute("create table notes (id integer primary key, body text)")
for row in range(1, 20):
    db.execute("insert into notes values (?, ?)", (row, "x" * (4096 * 2 - 60 * row) + sys.argv[1] + "y" * 9000))
shutil.copy("a.db-wal", "b.db-wal")
"#;

#[test]
fn a_token_that_lies_over_pages_in_the_log_of_a_database_is_found() {
    let token = token("dt0c01", 1);
    let repo = made_by_python(LOG, &[&token.text]);
    repo.token("dt0c01", 1);
    let (mut found, gap) = places(&repo, "b.db-wal");
    found.sort_by_key(|place| place.len());
    let rows = (1..20).filter(|row| found.iter().any(|place| place.contains(&format!("row {row},"))));
    assert_eq!((rows.count(), found.len(), gap), (19, 19, false));
    let log = fs::read(repo.path.join("b.db-wal")).unwrap();
    assert_eq!(search(&log[..log.len() - 99]).missed[0].why, Unread::Damaged);
}

#[test]
fn a_damaged_or_hostile_database_ends_in_a_finding_or_a_gap() {
    let repo = made_by_python(ROWS, &["512", "none", "none", "plain"]);
    let whole = fs::read(repo.path.join("a.db")).unwrap();
    // Each byte of the schema, and some of the rest.
    for at in (0..1024).step_by(5).chain((1024..whole.len()).step_by(whole.len() / 60)) {
        let mut changed = whole[..whole.len().min(20_000)].to_vec();
        let at = at % changed.len();
        changed[at] ^= 0x81;
        assert!(search(&changed).matches.is_empty());
    }
    // Pages of cells that all go on in a page that leads to itself.
    let mut page = vec![0; 4096];
    page[0] = 0x0d;
    page[3..5].copy_from_slice(&2000_u16.to_be_bytes());
    page[8..4008].copy_from_slice(&[0x0f, 0xd0].repeat(2000));
    page[0xfd0..0xfda].copy_from_slice(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 1, 1]);
    let mut hostile = page.repeat(40);
    hostile[..100].copy_from_slice(&whole[..100]);
    hostile[16..18].copy_from_slice(&4096_u16.to_be_bytes());
    hostile[28..32].copy_from_slice(&[0xff; 4]);
    let found = search(&hostile);
    assert!(found.matches.is_empty() && !found.missed.is_empty());
}

#[test]
fn an_office_document_with_a_password_is_reported() {
    let repo = Repo::unborn();
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let file = [&b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"[..], &[0; 1500], &name, &[0; 900]].concat();
    repo.write("a.docx", &file);
    scan(&repo, "a.docx").succeeds().says("a.docx (encrypted)");
    repo.write("b.doc", [&file[..1000], b"word"].concat());
    scan(&repo, "b.doc").succeeds().says_not("encrypted");
}

/// Values that are compressed, as they are or in base64, in rows that fit their page or do not.
const PACKED: &str = r#"
import base64, gzip, random, sqlite3, sys, zlib
random.seed(7)
noise = lambda size: bytes(random.choices(b"0123456789abcdef", k=size))
text = base64.b64encode(gzip.compress(noise(9000))).decode()
db = sqlite3.connect(sys.argv[1])
db.execute("pragma encoding = '%s'" % sys.argv[2])
db.execute("create table customers (name text, body)")
db.execute("create table old (body)")
db.execute("insert into customers values ('a', ?)", (text,))
db.execute("insert into old values (?)", (text,))
db.execute("delete from old")
token = sys.argv[3].encode()
for value in [zlib.compress(token), gzip.compress(token), zlib.compress(noise(9000) + token), b"\x1f\x8b\x08"]:
    db.execute("insert into customers values ('b', ?)", (value,))
if len(sys.argv) > 4:
    db.execute("insert into customers values ('c', ?)", (text[:1600],))
db.commit()
"#;

#[test]
fn a_whole_value_that_goes_over_pages_is_no_gap_and_a_broken_one_is() {
    let token = token("dt0c01", 1);
    for encoding in ["UTF-8", "UTF-16le"] {
        let repo = made_by_python(PACKED, &["a.db", encoding, &token.text]);
        scan(&repo, "a.db").blocks().says_not("not be scanned");
    }
    let repo = made_by_python(PACKED, &["a.db", "UTF-8", &token.text, "broken"]);
    scan(&repo, "a.db").blocks().says("a.db!/table customers, row 6 (damaged or cut off)");
}

#[test]
fn a_token_in_a_compressed_value_of_a_database_is_found_whatever_its_size() {
    let token = token("dt0c01", 1);
    for encoding in ["UTF-8", "UTF-16le", "UTF-16be"] {
        let repo = made_by_python(PACKED, &["a.db", encoding, &token.text]);
        repo.token("dt0c01", 1);
        let (found, gap) = places(&repo, "a.db");
        let wanted = [2, 3, 4].map(|row| format!("table customers, row {row}, column 2"));
        assert_eq!((found, gap), (wanted.to_vec(), false), "{encoding}");
    }
}

const PACKED_LOG: &str = r#"
import shutil, sqlite3, sys, zlib
db = sqlite3.connect("a.db", isolation_level=None)
db.execute("pragma journal_mode = wal")
db.execute("create table notes (id integer primary key, body blob)")
for row in range(1, 6):
    db.execute("insert into notes values (?, ?)", (row, zlib.compress(b"%d " % row + sys.argv[1].encode())))
shutil.copy("a.db-wal", "b.db-wal")
"#;

#[test]
fn a_token_in_a_compressed_value_in_the_log_of_a_database_is_reported_once() {
    let token = token("dt0c01", 1);
    let repo = made_by_python(PACKED_LOG, &[&token.text]);
    repo.token("dt0c01", 1);
    // The page is written again for each row.
    let (found, gap) = places(&repo, "b.db-wal");
    assert_eq!((found, gap), ((1..6).map(|row| format!("page 2, row {row}, column 2")).collect(), false));
}

const BESIDE_LONG: &str = r#"
import gzip, shutil, sqlite3, sys, zlib
db = sqlite3.connect("a.db", isolation_level=None)
if sys.argv[1] == "log":
    db.execute("pragma journal_mode = wal")
db.execute("create table notes (body blob, long text)")
for pack in [zlib.compress, gzip.compress]:
    db.execute("insert into notes values (?, ?)", (pack(sys.argv[2].encode()), "x y " * 4000))
if sys.argv[1] == "log":
    # The page is written again, the long values are not.
    db.execute("insert into notes values ('a', 'b')")
    shutil.copy("a.db-wal", "b.db-wal")
"#;

#[test]
fn a_token_in_a_compressed_value_beside_one_that_goes_over_pages_is_found() {
    let token = token("dt0c01", 1);
    for (form, file) in [("file", "a.db"), ("log", "b.db-wal")] {
        let repo = made_by_python(BESIDE_LONG, &[form, &token.text]);
        repo.token("dt0c01", 1);
        let (found, gap) = places(&repo, file);
        let rows: Vec<_> = found.iter().map(|place| place.split_once(", ").unwrap().1).collect();
        assert_eq!((rows, gap), (vec!["row 1, column 1", "row 2, column 1"], false), "{form}");
    }
}
