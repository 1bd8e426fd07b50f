//! PDF files, as common programs write them.

use std::fmt::Write as _;

use dtguard::find::search;

use super::{made_by_python, scan};
use crate::support::packers::zlib;
use crate::support::{Repo, token};

/// A file of these objects, each as its description and its stream.
fn pdf(objects: &[(&str, Option<&[u8]>)]) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec();
    for (number, (description, stream)) in objects.iter().enumerate() {
        file.extend(format!("{} 0 obj\n<< {description} ", number + 1).into_bytes());
        if let Some(stream) = stream {
            file.extend(format!("/Length {} >>\nstream\r\n", stream.len()).into_bytes());
            file.extend_from_slice(stream);
            file.extend(b"\nendstream\nendobj\n");
        } else {
            file.extend(b">>\nendobj\n");
        }
    }
    file.extend(b"trailer << /Root 1 0 R >>\n%%EOF\n");
    file
}

fn ascii85(content: &[u8]) -> Vec<u8> {
    let digits = |chunk: &[u8]| {
        let mut group = [0; 4];
        group[..chunk.len()].copy_from_slice(chunk);
        let number = u32::from_be_bytes(group);
        let digits = (0..5).rev().map(|place| (number / 85_u32.pow(place) % 85) as u8 + b'!');
        digits.take(chunk.len() + 1).collect::<Vec<_>>()
    };
    [content.chunks(4).flat_map(digits).collect(), b"~>".to_vec()].concat()
}

/// The code that a subset of a font has for each character of `text`, and what describes
/// them.
fn coded(text: &str) -> (Vec<u16>, String) {
    let mut known: Vec<char> = Vec::new();
    let mut codes = Vec::new();
    for letter in text.chars() {
        let at = known.iter().position(|known| *known == letter).unwrap_or(known.len());
        if at == known.len() {
            known.push(letter);
        }
        codes.push(at as u16 + 3);
    }
    let mut map = format!(
        "/CIDInit begincmap 1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n{} beginbfchar\n",
        known.len()
    );
    for (number, letter) in known.iter().enumerate() {
        writeln!(map, "<{:04X}> <{:04X}>", number + 3, u32::from(*letter)).unwrap();
    }
    (codes, map + "endbfchar endcmap")
}

const FLATE: &str = "/Filter /FlateDecode";
const PAGE: &str = "/Type /Page /Resources << /Font << /F1 2 0 R >> >> /Contents 4 0 R";
const FONT: &str = "/Type /Font /Subtype /Type0 /Encoding /Identity-H /ToUnicode 3 0 R";

#[test]
fn a_token_on_a_compressed_page_is_found_also_in_pieces() {
    let repo = Repo::unborn();
    let token = repo.token("dt0c01", 1).text;
    // Each letter by itself, with decimals between: longer than glue is read.
    let letters: String = token.chars().map(|letter| format!("({letter}) -1.26953125 ")).collect();
    let (one, two) = token.split_at(30);
    for (page, place) in [
        (format!("BT /F1 9 Tf 1 0 0 1 0 0 Tm ({token}) Tj ET"), "(in PDF)"),
        (format!("BT /F1 9 Tf [{letters}] TJ ET"), "(in PDF)"),
        (format!("BT /F1 9 Tf [({one}) -3 ({two})] TJ ET"), "(in PDF"),
        (format!("BT /F1 9 Tf 1 0 0 1 9 700 Tm ({one}) Tj ET BT 1 0 0 1 99 700 Tm ({two}) Tj ET"), "(in PDF"),
    ] {
        repo.write("a.pdf", pdf(&[("/Type /Page", None), (FLATE, Some(&zlib(page.as_bytes(), 9)))]));
        scan(&repo, "a.pdf").blocks().says("a.pdf!/object 2:1:").says(place).says("1 token blocked");
        repo.write(
            "a.pdf",
            pdf(&[
                ("/Type /Page", None),
                ("/Filter [ /ASCII85Decode /FlateDecode ]", Some(&ascii85(&zlib(page.as_bytes(), 9)))),
            ]),
        );
        scan(&repo, "a.pdf").blocks().says("a.pdf!/object 2:1:").says("1 token blocked");
    }
}

#[test]
fn a_token_in_the_codes_of_a_font_is_found() {
    let repo = Repo::unborn();
    let token = repo.token("dt0c01", 1).text;
    let (codes, map) = coded(&token);
    let hex: String = codes.iter().map(|code| format!("{code:04x}")).collect();
    let octal: String = codes.iter().map(|code| format!("\\000\\{code:03o}")).collect();
    let (one, two) = hex.split_at(40);
    // Fonts are described in objects of their own, or in a compressed list of objects.
    let list = format!("1 0 2 {} <<{PAGE}>> <<{FONT}>>", PAGE.len() + 5);
    let first = list.find("<<").unwrap();
    let listed = format!("/Type /ObjStm /N 2 /First {first} {FLATE}");
    for text in [format!("<{hex}> Tj"), format!("[<{one}>-7.5<{two}>] TJ"), format!("({octal}) Tj")] {
        let page = zlib(format!("BT /F1 9 Tf 9 9 Td {text} ET").as_bytes(), 9);
        let map = zlib(map.as_bytes(), 9);
        for objects in [
            [(PAGE, None), (FONT, None), (FLATE, Some(&map[..])), (FLATE, Some(&page[..]))],
            [
                ("", None),
                (&*listed, Some(&zlib(list.as_bytes(), 9)[..])),
                (FLATE, Some(&map[..])),
                (FLATE, Some(&page[..])),
            ],
        ] {
            repo.write("a.pdf", pdf(&objects));
            scan(&repo, "a.pdf").blocks().says("a.pdf!/object 4:").says("(in PDF)").says("1 token blocked");
        }
        // A page can be put together from forms, which have fonts of their own.
        let form = "/Type /XObject /Subtype /Form /Resources << /ProcSet [/PDF /Text /ImageB] /Font << /F1 2 0 R >> >> /Metadata 9 0 R /Filter /FlateDecode";
        repo.write("a.pdf", pdf(&[("", None), (FONT, None), (FLATE, Some(&map)), (form, Some(&page))]));
        scan(&repo, "a.pdf").blocks().says("a.pdf!/object 4:").says("1 token blocked");
        // Where nothing describes them, that is reported.
        repo.write(
            "a.pdf",
            pdf(&[
                (PAGE, None),
                ("/Type /Font /Encoding /Identity-H", None),
                ("", None),
                (FLATE, Some(&page)),
            ]),
        );
        scan(&repo, "a.pdf").succeeds().says("a.pdf (written in a font's own codes)");
    }
}

#[test]
fn a_page_that_is_compressed_in_another_way_is_reported() {
    let repo = Repo::unborn();
    repo.write("a.pdf", pdf(&[("", None), ("/Filter /LZWDecode", Some(b"\x80\x0b\x60\x50"))]));
    scan(&repo, "a.pdf").succeeds().says("a.pdf!/object 2 (compressed in a way that is not read)");
    repo.write("a.pdf", pdf(&[("/Subtype /Image /Filter /LZWDecode", Some(b"\x80\x0b\x60\x50"))]));
    scan(&repo, "a.pdf").succeeds().says_not("not be scanned");
    repo.write("a.pdf", pdf(&[("/Encrypt 9 0 R", None)]));
    scan(&repo, "a.pdf").succeeds().says("a.pdf (encrypted)");
}

const ATTACHED: &str = r#"
import sys
from email.message import EmailMessage
mail = EmailMessage()
mail["From"], mail["To"] = "a@example.com", "b@example.com"
mail.set_content("see there")
mail.add_attachment(bytes.fromhex(sys.argv[1]), maintype="application", subtype="pdf", filename="report.pdf")
open("a.eml", "wb").write(mail.as_bytes())
"#;

#[test]
fn a_token_in_an_attached_pdf_is_found() {
    let token = token("dt0c01", 1);
    let noise: String = (0..60_000_u32)
        .map(|number| char::from(b'!' + (number.wrapping_mul(2_654_435_761) >> 26) as u8))
        .collect();
    let page = format!("BT /F1 9 Tf ({}) Tj ET {}", token.text, noise.replace(['(', ')', '%'], "x"));
    let file = pdf(&[("/Type /Page", None), (FLATE, Some(&zlib(page.as_bytes(), 9)))]);
    let hex: String = file.iter().map(|byte| format!("{byte:02x}")).collect();
    let repo = made_by_python(ATTACHED, &[&hex]);
    repo.token("dt0c01", 1);
    scan(&repo, "a.eml").blocks().says("(attachment report.pdf!/object 2; in base64 of PDF)");
}

#[test]
fn a_damaged_or_hostile_pdf_ends_in_a_finding_or_a_gap() {
    let token = token("dt0c01", 1).text;
    let (codes, map) = coded(&token);
    let hex: String = codes.iter().map(|code| format!("{code:04x}")).collect();
    let (map, page) = (zlib(map.as_bytes(), 9), zlib(format!("BT /F1 9 Tf <{hex}> Tj ET").as_bytes(), 9));
    let whole = pdf(&[(PAGE, None), (FONT, None), (FLATE, Some(&map)), (FLATE, Some(&page))]);
    assert_eq!(search(&whole).matches.len(), 1);
    for at in (0..whole.len()).step_by(13) {
        search(&whole[..at]);
        let mut changed = whole.clone();
        changed[at] ^= 0x15;
        search(&changed);
    }
    let many = |text: &str, times: usize| [b"%PDF-1.7\n".to_vec(), text.repeat(times).into_bytes()].concat();
    for file in [
        many("1 0 obj << /Filter /ASCII85Decode >>\nstream\n", 20_000),
        many("1 0 obj << /ToUnicode 1 0 R >>stream\nBT /A 1 0 R ", 10_000),
        many("/Type /ObjStm /N 999999999 /First 4294967295 stream\n1 0 ", 10_000),
        pdf(&[("", Some(format!("BT {} TJ ET", "1 ".repeat(1 << 17)).as_bytes()))]),
        pdf(&[("", Some(format!("BT {}", "(".repeat(1 << 17)).as_bytes()))]),
        pdf(&[
            (FONT, None),
            ("", None),
            ("", Some(b"1 beginbfrange <00000000> <FFFFFFFF> <0041> endbfrange")),
        ]),
    ] {
        assert!(search(&file).matches.is_empty());
    }
}

#[test]
fn a_damaged_page_is_found_or_reported_wherever_the_damage_is() {
    let token = token("dt0c01", 1).text;
    let page = zlib(format!("BT /F1 9 Tf 9 9 Td (key {token}) Tj ET").as_bytes(), 9);
    let filters = [
        (FLATE, false),
        ("/Filter/Fl", false),
        ("/Filter [/FlateDecode] /DecodeParms [null]", false),
        ("/Filter [ /ASCII85Decode /FlateDecode ]", true),
    ];
    for (filter, as_text) in filters {
        let write = |page: &[u8]| if as_text { ascii85(page) } else { page.to_vec() };
        let search = |page: &[u8]| search(&pdf(&[("/Type /Page", None), (filter, Some(&write(page)))]));
        let whole = search(&page);
        assert_eq!((whole.matches.len(), whole.missed), (1, Vec::new()));
        for at in 0..page.len() {
            let mut changed = page.clone();
            changed[at] ^= 0x15;
            for (page, what) in [(&changed[..], "changed"), (&page[..at], "cut")] {
                // What has no content at all is an empty page.
                let found = search(page);
                assert!(at == 0 && what == "cut" || !found.missed.is_empty(), "{filter}: {what} at {at}");
            }
        }
    }
}

#[test]
fn a_short_or_empty_stream_is_whole() {
    let (short, picture) = (zlib(b"q Q", 9), zlib(&[0; 9], 9));
    let file = pdf(&[
        (FLATE, Some(&short)),
        (FLATE, Some(b"")),
        (FLATE, Some(b"\n")),
        ("/Subtype /Image /Filter /FlateDecode", Some(&picture)),
        ("/Filter [/FlateDecode /DCTDecode]", Some(&zlib(b"\xff\xd8\xff", 9))),
    ]);
    assert_eq!(search(&file).missed, []);
}
