//! Office documents.

use super::scan;
use crate::support::Repo;
use crate::support::packers::zip;

/// `text`, split over runs as Word does it where it checks the spelling.
fn runs(text: &str) -> String {
    let (one, rest) = text.split_at(9);
    let (two, three) = rest.split_at(40);
    let run = |text: &str| {
        format!(
            "<w:r w:rsidR=\"00AB12CD\"><w:rPr><w:noProof/></w:rPr><w:t xml:space=\"preserve\">{text}</w:t></w:r><w:proofErr w:type=\"spellStart\"/>"
        )
    };
    [one, two, three].map(run).concat()
}

#[test]
fn a_token_that_word_splits_over_runs_is_found_in_its_paragraph() {
    let repo = Repo::unborn();
    let token = repo.token("dt0c01", 1);
    let document = format!(
        "<?xml version=\"1.0\"?>\r\n<w:document xmlns:w=\"x\"><w:body><w:p><w:pPr/><w:r><w:t>a</w:t></w:r></w:p><w:p w:rsidR=\"1\">{}</w:p></w:body></w:document>",
        runs(&token.text)
    );
    let comments = format!(
        "<w:comments><w:comment/><w:comment w:id=\"1\"><w:p>{}</w:p></w:comment></w:comments>",
        runs(&token.text)
    );
    repo.write(
        "a.docx",
        zip(&[
            ("[Content_Types].xml", b"<Types/>"),
            ("word/document.xml", document.as_bytes()),
            ("word/comments.xml", comments.as_bytes()),
        ]),
    );
    scan(&repo, "a.docx")
        .blocks()
        .says("a.docx!/word/document.xml:2:")
        .says("(paragraph 2; in zip)")
        .says("(comment 2; in zip)");
}

#[test]
fn a_token_in_a_sheet_or_slide_is_found_in_its_cell_or_paragraph() {
    let repo = Repo::unborn();
    let token = repo.token("dt0c01", 1).text;
    let (one, two) = token.split_at(20);
    let strings = format!(
        "<?xml version=\"1.0\"?><sst count=\"2\"><si><t>a</t></si><si><r><t>{one}</t></r><r><rPr><b/></rPr><t>{two}</t></r></si></sst>"
    );
    let sheet = format!(
        "<worksheet><cols><col min=\"1\"/></cols><sheetData><row r=\"7\"><c r=\"A7\"><v>1</v></c><c r=\"BC7\" t=\"inlineStr\"><is><t>{token}</t></is></c></row></sheetData></worksheet>"
    );
    let slide = format!(
        "<p:sld><p:txBody><a:p><a:r><a:t>x</a:t></a:r></a:p><a:p><a:r><a:t>{one}</a:t></a:r><a:r><a:rPr/><a:t>{two}</a:t></a:r></a:p></p:txBody></p:sld>"
    );
    let text = format!(
        "<?xml version=\"1.0\"?>\n<office:document-content><text:p>a</text:p><text:h>{one}<text:span>{two}</text:span></text:h></office:document-content>"
    );
    repo.write(
        "a.xlsx",
        zip(&[("xl/sharedStrings.xml", strings.as_bytes()), ("xl/worksheets/sheet1.xml", sheet.as_bytes())]),
    );
    repo.write("a.pptx", zip(&[("ppt/slides/slide3.xml", slide.as_bytes())]));
    repo.write("a.odt", zip(&[("content.xml", text.as_bytes())]));
    scan(&repo, "a.xlsx")
        .blocks()
        .says("sharedStrings.xml:1:")
        .says("(shared string 2; in")
        .says("sheet1.xml:1:")
        .says("(cell BC7; in zip)");
    scan(&repo, "a.pptx").blocks().says("slide3.xml:1:").says("(paragraph 2; in zip");
    scan(&repo, "a.odt").blocks().says("content.xml:2:").says("(paragraph 2; in zip");
}

/// `text` in runs of `length` characters, each with properties that take more than glue is read.
fn long_runs(text: &str, length: usize) -> String {
    let properties = "<w:rFonts w:ascii=\"Consolas\" w:hAnsi=\"Consolas\" w:cs=\"Consolas\"/><w:b/><w:bCs/><w:noProof/><w:color w:val=\"24292E\"/><w:sz w:val=\"20\"/><w:szCs w:val=\"20\"/><w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"FFFFFF\"/><w:lang w:val=\"en-US\" w:eastAsia=\"de-DE\"/>";
    let run = |text: &[u8]| {
        let text = std::str::from_utf8(text).unwrap();
        format!(
            "<w:r w:rsidR=\"00AB12CD\" w:rsidRPr=\"00EF3456\"><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r><w:proofErr w:type=\"spellEnd\"/>"
        )
    };
    text.as_bytes().chunks(length).map(run).collect()
}

#[test]
fn a_token_is_found_in_the_text_of_a_document_however_it_is_formatted() {
    let repo = Repo::unborn();
    let token = repo.token("dt0c01", 1).text;
    for length in [1, 7, 50, 100] {
        let runs = long_runs(&token, length);
        let document = format!("<w:document><w:body><w:p/><w:p>{runs}</w:p></w:body></w:document>");
        let notes = format!("<w:footnotes><w:footnote><w:p>{runs}</w:p></w:footnote></w:footnotes>");
        repo.write(
            "a.docx",
            zip(&[("word/document.xml", document.as_bytes()), ("word/footnotes.xml", notes.as_bytes())]),
        );
        scan(&repo, "a.docx")
            .blocks()
            .says("a.docx!/word/document.xml:1:")
            .says("(paragraph 2; in zip)")
            .says("a.docx!/word/footnotes.xml:1:")
            .says("(paragraph 1; in zip)")
            .says("1 token in 2 places blocked");
        // A part that is read window by window, in each of its windows.
        let filler = "<w:p><w:r><w:t>some text</w:t></w:r></w:p>".repeat(210_000);
        let large = format!("<w:document><w:p>{runs}</w:p>{filler}<w:p>{runs}</w:p></w:document>");
        if length == 7 {
            repo.write("a.docx", zip(&[("word/document.xml", large.as_bytes())]));
            scan(&repo, "a.docx")
                .blocks()
                .says("(paragraph 1; in zip)")
                .says("(paragraph 210002; in zip)")
                .says("1 token in 2 places blocked");
        }
        let text: String = token
            .as_bytes()
            .chunks(length)
            .map(|text| {
                format!(
                    "<text:span text:style-name=\"{}\">{}</text:span>",
                    "T".repeat(300),
                    std::str::from_utf8(text).unwrap()
                )
            })
            .collect();
        repo.write("a.fodt", format!("<?xml version=\"1.0\"?>\n<office:document><text:p>a &lt;</text:p><text:p>{text}</text:p></office:document>"));
        scan(&repo, "a.fodt").blocks().says("a.fodt:2:").says("(paragraph 2").says("1 token blocked");
        let cell = runs.replace("w:", "");
        let cells = format!(
            "<comments><commentList><comment ref=\"A1\"><text>{cell}</text></comment></commentList></comments>"
        );
        repo.write("a.xlsx", zip(&[("xl/comments1.xml", cells.as_bytes())]));
        scan(&repo, "a.xlsx").blocks().says("(comment 1; in zip)").says("1 token blocked");
    }
}

#[test]
fn what_stands_in_different_paragraphs_or_cells_is_not_joined() {
    let token = crate::support::token("dt0c01", 1).text;
    let (one, two) = token.split_at(40);
    for text in [
        format!(
            "<w:document><w:p><w:r><w:t>{one}</w:t></w:r></w:p><w:p><w:r><w:t>{two}</w:t></w:r></w:p></w:document>"
        ),
        format!(
            "<w:document><w:p><w:r><w:t>{one}</w:t></w:r><w:r><w:tab/><w:t>{two}</w:t></w:r></w:p></w:document>"
        ),
        format!("<worksheet><c r=\"A1\"><v>{one}</v></c><c r=\"A2\"><f>A1</f><v>{two}</v></c></worksheet>"),
        format!("<sst><si><t>{one}</t></si><si><t>{two}</t></si></sst>"),
    ] {
        assert!(dtguard::find::search(text.as_bytes()).matches.is_empty(), "{text}");
    }
    for hostile in ["<w:", "<w:t", "<w:!--", "<w:t a=\"", "<w:><![CDATA[", "<w:t>]]>"] {
        let found = dtguard::find::search(hostile.repeat(9).as_bytes());
        assert!(found.matches.is_empty() && found.missed.is_empty());
    }
}
