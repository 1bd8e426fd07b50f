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
