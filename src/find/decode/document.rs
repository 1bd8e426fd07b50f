//! The text alone of XML parts of office documents: a program that writes them may format each
//! character by itself, with more between two of them than glue is read.

use memchr::{memchr, memchr3, memmem};

use super::super::encoding::Encoding;
use super::decoded::Decoded;
use super::map::Builder;

/// With which tags such a part begins.
const ROOTS: [&[u8]; 10] = [
    b"<w:",
    b"<p:",
    b"<sst",
    b"<worksheet",
    b"<comments",
    b"<ThreadedComments",
    b"<xdr:",
    b"<dgm:",
    b"<c:chart",
    b"<office:document",
];
/// The elements around which a line ends, by their names without a namespace.
const BREAKS: [&[u8]; 17] = [
    b"p",
    b"h",
    b"br",
    b"cr",
    b"tab",
    b"line-break",
    b"tc",
    b"tr",
    b"row",
    b"c",
    b"si",
    b"is",
    b"f",
    b"v",
    b"comment",
    b"table-cell",
    b"table-row",
];
/// The elements whose content says where a picture is.
const PLACES: [&[u8]; 4] = [b"posOffset", b"align", b"pctWidth", b"pctHeight"];

/// Whether `text` begins as such a part does.
pub(super) fn begins(text: &[u8]) -> bool {
    let mut rest = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text).trim_ascii_start();
    while rest.starts_with(b"<?") || rest.starts_with(b"<!") {
        let Some(end) = memchr(b'>', rest) else { return false };
        rest = rest.get(end + 1..).unwrap_or_default().trim_ascii_start();
    }
    ROOTS.iter().any(|root| rest.starts_with(root))
}

/// Hands out the text of a part.
pub(super) fn each(text: &[u8], out: &mut dyn FnMut(Decoded)) {
    let mut lines = Builder::default();
    let (mut at, mut shown) = (0, true);
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let end = memchr(b'<', rest).unwrap_or(rest.len());
        let (run, tag) = rest.split_at(end);
        // Between the tags of a part that is indented nothing is written.
        if shown && !(run.trim_ascii().is_empty() && run.contains(&b'\n')) {
            lines.keep(run, at);
        }
        at += end;
        let Some(after) = tag.strip_prefix(b"<") else { break };
        if let Some(section) = after.strip_prefix(b"![CDATA[") {
            let end = memmem::find(section, b"]]>").unwrap_or(section.len());
            lines.keep(section.get(..end).unwrap_or_default(), at + tag.len() - section.len());
            at += tag.len() - section.len() + end + 3;
            continue;
        }
        let length = 1 + tag_end(after);
        let name = name(after);
        if BREAKS.contains(&name) && lines.bytes.last().is_some_and(|last| *last != b'\n') {
            lines.escaped(b'\n', at, length);
        }
        shown = after.starts_with(b"/") || !PLACES.contains(&name);
        at += length;
    }
    let (bytes, map) = lines.finish();
    if !bytes.is_empty() {
        out(Decoded { encoding: Encoding::Pieces, bytes, map, part: false });
    }
}

/// How long the rest of a tag or comment is, with the sign that ends it.
fn tag_end(tag: &[u8]) -> usize {
    if tag.starts_with(b"!--") {
        return memmem::find(tag, b"-->").map_or(tag.len(), |at| at + 3);
    }
    let mut at = 0;
    // The value of an attribute may hold that sign.
    while let Some(found) = tag.get(at..).and_then(|rest| memchr3(b'>', b'"', b'\'', rest)) {
        at += found + 1;
        match tag.get(at - 1) {
            Some(b'>') | None => return at,
            Some(quote) => match memchr(*quote, tag.get(at..).unwrap_or_default()) {
                Some(end) => at += end + 1,
                None => break,
            },
        }
    }
    tag.len()
}

/// The name of a tag without its namespace.
fn name(tag: &[u8]) -> &[u8] {
    let tag = tag.strip_prefix(b"/").unwrap_or(tag);
    let is_end = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/');
    let name = tag.split(is_end).next().unwrap_or_default();
    name.rsplit(|byte| *byte == b':').next().unwrap_or_default()
}
