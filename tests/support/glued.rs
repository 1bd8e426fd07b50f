//! Tokens in pieces, as people and programs write them: each form of the table of glue.

/// Who writes pieces in one form.
pub struct Glued {
    /// The form's name.
    pub form: &'static str,
    pub write: fn(&[&str]) -> String,
    /// Where it can break a token: anywhere, or not in the first three characters.
    pub from: usize,
}

const fn glued(form: &'static str, write: fn(&[&str]) -> String) -> Glued {
    Glued { form, write, from: 1 }
}

/// A form that breaks no prefix before its third character.
const fn late(form: &'static str, write: fn(&[&str]) -> String) -> Glued {
    Glued { form, write, from: 3 }
}

/// The first character of each piece but the first, as `write` writes it.
fn escaped(pieces: &[&str], write: fn(u8) -> String) -> String {
    let (first, rest) = pieces.split_first().unwrap();
    let rest = rest.iter().map(|piece| write(piece.as_bytes()[0]) + &piece[1..]);
    (*first).to_owned() + &rest.collect::<String>()
}

/// A line of `width` characters of what the pieces are, as a dump's text column has it.
fn dumped(text: &str, row: fn(usize, &[u8]) -> String) -> String {
    text.as_bytes().chunks(16).enumerate().map(|(number, bytes)| row(number * 16, bytes)).collect()
}

fn hex(bytes: &[u8], width: usize) -> String {
    bytes
        .chunks(width)
        .map(|group| group.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
        .collect::<Vec<_>>()
        .join(" ")
}

fn shown(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| if byte.is_ascii_graphic() { char::from(*byte) } else { '.' }).collect()
}

/// So many bytes stand before the token in a dump that the first piece ends its line.
fn before(pieces: &[&str]) -> String {
    " ".repeat(32 - pieces[0].len() % 16) + &pieces.concat()
}

/// `first` before the first piece, and `next` before each of the others.
fn headed(pieces: &[&str], first: &str, next: &str) -> String {
    format!("{first}{}", pieces.join(&format!("\n{next}")))
}

pub const GLUED: [Glued; 115] = [
    glued("terminal codes", |pieces| pieces.join("\x1b[m\x1b[K")),
    glued("terminal codes", |pieces| {
        format!("\x1b[01;31m\x1b[K{}", pieces.join("\x1b[m\x1b[K\x1b[38;2;1;2;3m"))
    }),
    glued("terminal codes", |pieces| pieces.join("\x1b]8;;https://example.com/a?b=c\x1b\\")),
    glued("terminal codes", |pieces| pieces.join("\x1b]8;;https://example.com/\x07")),
    glued("terminal codes", |pieces| pieces.join("\x1b(B\x1b[m")),
    glued("terminal codes", |pieces| pieces.join("\\u001b[31m")),
    glued("terminal codes", |pieces| pieces.join("\\u001B]8;;https://example.com\\u0007")),
    glued("terminal codes", |pieces| pieces.join("\\x1b[0m")),
    glued("terminal codes", |pieces| pieces.join("\\033[1;31m")),
    glued("terminal codes", |pieces| pieces.join("\\e[0m")),
    glued("terminal codes", |pieces| pieces.join("^[[0;32m")),
    glued("overstrikes", |pieces| {
        pieces.join("").split("").filter(|one| !one.is_empty()).map(|one| format!("{one}\x08{one}")).collect()
    }),
    glued("overstrikes", |pieces| pieces.join("_\x08")),
    glued("carriage returns", |pieces| pieces.join(" \r")),
    glued("carriage returns", |pieces| pieces.join("\r")),
    glued("a terminal recording", |pieces| {
        format!("[0.1, \"o\", \"{}\"]", pieces.join("\"]\n[1.248103, \"o\", \""))
    }),
    glued("log records", |pieces| {
        let end = "\",\"stream\":\"stdout\",\"time\":\"2026-11-28T10:00:00.123456789Z\"}\n";
        format!("{{\"log\":\"{}{end}", pieces.join(&format!("{end}{{\"log\":\"")))
    }),
    glued("a dump", |pieces| {
        dumped(&before(pieces), |at, bytes| {
            format!(
                "{at:08x}  {}  {}  |{}|\n",
                hex(&bytes[..bytes.len().min(8)], 1),
                hex(bytes.get(8..).unwrap_or_default(), 1),
                shown(bytes)
            )
        })
    }),
    glued("a dump", |pieces| {
        dumped(&before(pieces), |at, bytes| format!("{at:08x}: {:<39}  {}\n", hex(bytes, 2), shown(bytes)))
    }),
    glued("a dump", |pieces| {
        dumped(&before(pieces), |at, bytes| {
            format!("\t0x{at:04x}:  {:<39}  {}\n", hex(bytes, 2), shown(bytes))
        })
    }),
    glued("a dump", |pieces| {
        dumped(&before(pieces), |at, bytes| format!("{at:07o} {:<47}  >{}<\n", hex(bytes, 1), shown(bytes)))
    }),
    glued("chunks", |pieces| format!("40\r\n{}\r\n--\r\n", pieces.join("\r\n1f\r\n"))),
    late("mail header words", |pieces| format!("Subject: =?UTF-8?Q?{}?=", pieces.join("?=\r\n =?UTF-8?Q?"))),
    glued("log lines", |pieces| {
        headed(
            pieces,
            "2026-11-28T10:00:00.123456789Z stdout P token=",
            "2026-11-28T10:00:00.98765Z stdout F ",
        )
    }),
    glued("log lines", |pieces| {
        headed(pieces, "Nov 28 10:00:00 host app[12]: key ", "Nov 28 10:00:07 host app[12]: ")
    }),
    glued("log lines", |pieces| headed(pieces, "[10:00:00] INFO ", "[10:00:01] INFO ")),
    glued("log lines", |pieces| headed(pieces, "web-1  | key=", "web-1  | ")),
    glued("log lines", |pieces| headed(pieces, "[pod/web-1/main] key: ", "[pod/web-1/main] ")),
    glued("joined literals", |pieces| format!("\"{}\"", pieces.join("\" + \""))),
    glued("joined literals", |pieces| format!("\"{}\"", pieces.join("\" || \""))),
    glued("joined literals", |pieces| format!("'{}'", pieces.join("' ++ '"))),
    glued("joined literals", |pieces| format!("\"{}\"", pieces.join("\" ^ \""))),
    glued("joined literals", |pieces| format!("\"{}\"", pieces.join("\" <>\n  \""))),
    glued("joined literals", |pieces| format!("out << \"{}\";", pieces.join("\"\n    << \""))),
    glued("joined literals", |pieces| format!("\"{}\"", pieces.join("\" // of it\n  + \""))),
    glued("joined literals", |pieces| format!("\"{}\"", pieces.join("\" /* of it */ \""))),
    glued("joined literals", |pieces| format!("(\"{}\")", pieces.join("\"  # noqa: E501\n \""))),
    glued("joined literals", |pieces| format!("\"{}\")", pieces.join("\".concat(\""))),
    glued("joined literals", |pieces| format!("b.append(\"{}\");", pieces.join("\")\n  .append(\""))),
    glued("joined literals", |pieces| format!("+    \"{}\"", pieces.join("\" +\n+    \""))),
    glued("joined literals", |pieces| format!("# k = \"{}\"", pieces.join("\" +\n#     \""))),
    glued("joined literals", |pieces| format!("  // k = \"{}\"", pieces.join("\" // of it\n  //    + \""))),
    glued("joined literals", |pieces| format!("-- k = '{}'", pieces.join("' ||\n-- '"))),
    glued("joined literals", |pieces| format!(";; (k \"{}\")", pieces.join("\"\n;;    \""))),
    glued("joined literals", |pieces| format!(" * k = \"{}\"", pieces.join("\" +\n *    \""))),
    glued("joined literals", |pieces| format!("+# k = \"{}\"", pieces.join("\" +\n+#     \""))),
    glued("joined literals", |pieces| format!("+// k = \"{}\"", pieces.join("\"\n+//    + \""))),
    glued("appended literals", |pieces| format!("#t = \"{}\"", pieces.join("\"\n#t += \""))),
    glued("appended literals", |pieces| format!("t = \"{}\"", pieces.join("\"\nt += \""))),
    glued("appended literals", |pieces| format!("$t = '{}';", pieces.join("';\n$t .= '"))),
    glued("appended literals", |pieces| format!("t = \"{}\"", pieces.join("\"\nt = t + \""))),
    glued("appended literals", |pieces| format!("b.append(\"{}\");", pieces.join("\");\nb.append(\""))),
    glued("appended literals", |pieces| format!("t = +\"{}\"", pieces.join("\"\nt << \""))),
    glued("a joined list", |pieces| format!("[\"{}\"].join(\"\")", pieces.join("\",\""))),
    glued("a joined list", |pieces| format!("''.join(['{}'])", pieces.join("', '"))),
    glued("a joined list", |pieces| format!("{{\"Fn::Join\": [\"\", [\"{}\"]]}}", pieces.join("\", \""))),
    glued("a joined list", |pieces| format!("('{}' -join '')", pieces.join("',\n  '"))),
    glued("a joined list", |pieces| format!("concat!(\"{}\")", pieces.join("\", \""))),
    glued("a joined list", |pieces| format!("paste0(\"{}\")", pieces.join("\", \""))),
    glued("a joined list", |pieces| format!("\"%s%s\" % (\"{}\")", pieces.join("\", \""))),
    glued("a joined list", |pieces| dotted(pieces, "\".\".join([\"", "\", \"", "\"])")),
    glued("a joined list", |pieces| dotted(pieces, "[\"", "\", \"", "\"].join('.')")),
    glued("a joined list", |pieces| dotted(pieces, "\"{}.{}.{}\".format(\"", "\", \"", "\")")),
    glued("a joined list", |pieces| dotted(pieces, "\"%s.%s.%s\" % (\"", "\", \"", "\")")),
    glued("a joined list", |pieces| dotted(pieces, "Fn::Join:\n  - \".\"\n  - - ", "\n    - ", "\n")),
    glued("single characters", |pieces| format!("{{'{}'}}", spelled(pieces, "', '"))),
    glued("single characters", |pieces| format!("[\n  \"{}\"\n]", spelled(pieces, "\",\n  \""))),
    glued("joined variables", |pieces| dotted(pieces, "a = \"", "\"\nb = \"", "\"\nt = f\"{a}.{b}\"")),
    glued("joined variables", |pieces| {
        dotted(pieces, "const a = '", "';\nconst b = '", "';\nf(a + '.' + b);")
    }),
    glued("joined variables", |pieces| dotted(pieces, "A=", "\nB=", "\nT=\"${A}.${B}.${C}\"\n")),
    glued("joined variables", |pieces| {
        dotted(pieces, "A=", "\nB=", "\ncurl -H \"Authorization: Api-Token $A.$B.$C\"\n")
    }),
    glued("joined variables", |pieces| dotted(pieces, "A = ", "\nB = ", "\nT = $(A).$(B).$(C)\n")),
    glued("joined variables", |pieces| dotted(pieces, "set A=", "\r\nset B=", "\r\nset T=%A%.%B%.%C%\r\n")),
    glued("shell quotes", |pieces| pieces.join("\"")),
    glued("shell quotes", |pieces| format!("T=\"{}\"", pieces.join("\"'"))),
    glued("shell quotes", |pieces| format!("T='{}'", pieces.join("''"))),
    glued("empty expansions", |pieces| pieces.join("$(D)")),
    glued("empty expansions", |pieces| format!("`{}`", pieces.join("${\"\"}"))),
    glued("empty expansions", |pieces| pieces.join("${EMPTY}")),
    glued("markup", |pieces| {
        pieces.join("</w:t></w:r><w:proofErr w:type=\"spellStart\"/><w:r w:rsidR=\"00AB12CD\"><w:rPr><w:lang w:val=\"en-US\"/></w:rPr><w:t xml:space=\"preserve\">")
    }),
    glued("markup", |pieces| pieces.join("</t></r>\n      <r>\n        <rPr><b/></rPr><t>")),
    glued("markup", |pieces| pieces.join("</text:span><text:span text:style-name=\"T1\">")),
    glued("markup", |pieces| pieces.join("<wbr>")),
    glued("markup", |pieces| format!("<code>{}</code>", pieces.join("</code><mark class=\"a\">"))),
    glued("markup", |pieces| pieces.join("<!-- a remark -->")),
    glued("markup", |pieces| format!("<![CDATA[{}]]>", pieces.join("<![CDATA["))),
    late("markup", |pieces| format!("<![CDATA[{}]]>", pieces.join("]]><![CDATA["))),
    late("Markdown", |pieces| format!("**{}**", pieces.join("**"))),
    late("Markdown", |pieces| format!("`{}`", pieces.join("`*"))),
    late("PDF strings", |pieces| format!("[({})] TJ", pieces.join(")-3("))),
    late("PDF strings", |pieces| format!("({}) Tj", pieces.join(") Tj 0 -12 Td ("))),
    glued("invisible characters", |pieces| pieces.join("\u{ad}")),
    glued("invisible characters", |pieces| pieces.join("\u{200b}")),
    glued("invisible characters", |pieces| pieces.join("\u{2060}\u{a0}")),
    late("invisible characters", |pieces| pieces.join("\u{feff}")),
    glued("invisible characters", |pieces| pieces.join("&shy;")),
    glued("invisible characters", |pieces| pieces.join("&#8203;")),
    glued("invisible characters", |pieces| pieces.join("\\u200b")),
    glued("RTF", |pieces| escaped(pieces, |byte| format!("\\'{byte:02x}"))),
    glued("RTF", |pieces| escaped(pieces, |byte| format!("\\u{byte}?"))),
    glued("named characters", |pieces| pieces.concat().replace('.', "\\N{FULL STOP}")),
    late("UTF-7", |pieces| pieces.concat().replace('.', "+AC4-")),
    late("UTF-7", |pieces| pieces.concat().replace('.', "+AC4")),
    late("RTF or TeX", |pieces| {
        format!("{{\\rtf1 {{{}}}}}", pieces.join("}{\\rtlch\\fcs1 \\af0 \\insrsid64 "))
    }),
    glued("RTF or TeX", |pieces| pieces.join("\\-")),
    glued("RTF or TeX", |pieces| pieces.join("\\allowbreak ")),
    glued("RTF or TeX", |pieces| pieces.join("%\n    ")),
    late("RTF or TeX", |pieces| pieces.join("}\\textbf{")),
    glued("doubled percent signs", |pieces| escaped(pieces, |byte| format!("%%{byte:02X}"))),
    late("syslog escapes", |pieces| escaped(pieces, |byte| format!("#{byte:03o}"))),
    late("syslog escapes", |pieces| pieces.join("#012")),
    glued("open entities", |pieces| escaped(pieces, |byte| format!("&#x{byte:02x}"))),
    glued("open entities", |pieces| escaped(pieces, |byte| format!("&#{byte};"))),
    glued("continued lines", |pieces| pieces.join("\\\n    \x1b[m")),
    glued("wrapped lines", |pieces| pieces.join("\n# \x1b[m")),
];

/// Each character by itself. Where it was to be cut says nothing then.
fn spelled(pieces: &[&str], joint: &str) -> String {
    pieces.concat().chars().map(String::from).collect::<Vec<_>>().join(joint)
}

/// The parts of a token between its dots, joined by dots that stand elsewhere. Where it
/// was to be cut says nothing then.
fn dotted(pieces: &[&str], before: &str, between: &str, after: &str) -> String {
    format!("{before}{}{after}", pieces.concat().replace('.', between))
}
