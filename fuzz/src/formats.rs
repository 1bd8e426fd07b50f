//! Files of formats that hold other files, each with a token.

use super::packers::{tar, zip, zlib};

/// One of each format, with the token `text` in it.
pub fn all(token: &str) -> Vec<Vec<u8>> {
    let image = tar(&[("l", &tar(&[("a", token.as_bytes())])), ("manifest.json", b"[{\"Layers\":[\"l\"]}]")]);
    let document = format!("<?xml version=\"1.0\"?><w:document><w:p><w:t>{token}</w:t></w:p></w:document>");
    vec![
        pdf(token),
        pack(token),
        [&b"# v2 git bundle\n-0000 x\n\n"[..], &pack(token)].concat(),
        sqlite(token),
        image,
        zip(&[("word/document.xml", document.as_bytes())]),
        document.into_bytes(),
        mailbox(token).into_bytes(),
        format!("{{\"log\": {{\"entries\": [{{\"request\": {{\"headers\": [{{\"name\": \"a\", \"value\": \"{token}\"}}]}}}}]}}}}").into_bytes(),
        format!("{{\"cells\": [{{\"outputs\": [{{\"text\": [\"{token}\"]}}]}}]}}").into_bytes(),
        format!("{{\"item\": [{{\"name\": \"\\u00e4\", \"request\": {{\"url\": \"{token}\"}}}}], \"messages\": [[]]}}").into_bytes(),
    ]
}

fn mailbox(token: &str) -> String {
    format!(
        "From a Mon Sep 28 09:00:00 2026\nFrom: a\nTo: b\nContent-Type: multipart/mixed; boundary=\"b\"\n\n--b\nContent-Type: message/rfc822\n\nSubject: =?utf-8?q?a?=\n\n--b\nContent-Disposition: attachment; filename*=utf-8''a%20b\n\n{token}\n--b--\n"
    )
}

/// A page in the codes of a font: each stands for itself.
fn pdf(token: &str) -> Vec<u8> {
    let codes: String = token.bytes().map(|byte| format!("00{byte:02x}")).collect();
    let page = zlib(format!("BT /F1 9 Tf 1 0 0 1 9 9 Tm [<{codes}> -3 (a\\051)] TJ T* ET").as_bytes(), 9);
    let map = "1 begincodespacerange <0000> <ffff> endcodespacerange 1 beginbfrange\n<0020> <007e> <0020>\nendbfrange";
    let head = format!(
        "%PDF-1.7\n1 0 obj <</Font <</F1 2 0 R>>>> endobj\n2 0 obj <</Encoding /Identity-H /ToUnicode 3 0 R>> endobj\n3 0 obj <<>>\nstream\n{map}\nendstream endobj\n4 0 obj <</Filter [/FlateDecode]>>\nstream\n"
    );
    [head.as_bytes(), &page, b"\nendstream endobj\n"].concat()
}

/// A blob, and a copy of it as a difference.
fn pack(token: &str) -> Vec<u8> {
    let head = |kind: u8, size: usize| vec![0x80 | kind << 4 | (size & 15) as u8, (size >> 4) as u8];
    let size = token.len();
    let blob = [head(3, size), zlib(token.as_bytes(), 9)].concat();
    // The sizes of base and result, and a copy of all of it.
    let delta = [size as u8, size as u8, 0x90, size as u8];
    let copy = [head(6, delta.len()), vec![blob.len() as u8], zlib(&delta, 9)].concat();
    [&b"PACK\0\0\0\x02\0\0\0\x02"[..], &blob, &copy, &[0; 20]].concat()
}

/// A table with a row that goes on in another page, over the token.
fn sqlite(token: &str) -> Vec<u8> {
    let mut pages = vec![0; 3 * 512];
    let mut put = |at: usize, bytes: &[u8]| pages[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, b"SQLite format 3\0\x02\0\x01\x01\0\x40\x20\x20");
    // The schema: a page with one cell, which describes the table.
    put(100, &[0x0d, 0, 0, 0, 1, 1, 0xe0, 0, 1, 0xe0]);
    put(480, b"\x0e\x01\x06\x17\x0f\x0f\x01\x0d" as &[u8]);
    put(488, b"tablett\x02");
    put(512, &[0x0d, 0, 0, 0, 1, 1, 0, 0, 1, 0]);
    // Its row: 700 bytes. This page holds 192 of them.
    let text = format!("{:.<150}{token:.<547}", "");
    let record = [&[3, 0x8a, 0x7f][..], text.as_bytes()].concat();
    put(512 + 256, &[0x85, 0x3c, 7]);
    put(512 + 259, &record[..192]);
    put(512 + 451, &[0, 0, 0, 3]);
    put(1024 + 4, &record[192..]);
    pages
}
