//! Text in XML and HTML.

use super::sanitize;

/// `bytes` as text or as an attribute's value. XML cannot hold most control characters and no
/// bytes outside UTF-8: they are escaped as for a terminal.
pub(super) fn xml(bytes: &[u8]) -> String {
    let text = sanitize(bytes);
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_forbids_is_not_written() {
        let all: String = ('\0'..=char::MAX).collect();
        let text = xml(all.as_bytes());
        let allowed = |c: char| matches!(c, '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
        assert!(text.chars().all(allowed));
        assert_eq!(xml(b"a<b>&\"'\x01\xff]]>"), "a&lt;b&gt;&amp;&quot;&apos;\\u{1}\\xff]]&gt;");
    }
}
