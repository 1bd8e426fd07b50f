//! The table of glue: what can be between the characters of a token, and what can replace one
//! of them.

use super::super::super::glue::{Evidence, Glue};
use super::cursor::{Cursor, Joint, Step};
use super::{code, dump, log, markup, terminal, written};

/// A form of glue, and who reads it.
pub(super) struct Form {
    pub(super) glue: Glue,
    /// The bytes with which it begins.
    pub(super) begins: &'static [u8],
    pub(super) read: Read,
}

pub(super) type Read = fn(&mut Cursor<'_>, &Joint<'_>) -> Option<Step>;

/// Words which say that the items of a list are joined.
const LISTS: &[&str] = &[
    "join", "Join", "JOIN", "concat", "CONCAT", "Concat", "paste", "append", "format", "Format", "printf",
    "implode", " % ",
];
/// Words which say that variables are joined.
const VARIABLES: &[&str] = &["join", "concat", "format", "+", "}{", "}$", " . ", " & "];

/// The most specific first: the first that fits a place is taken.
pub(super) static FORMS: [Form; 29] = [
    form(
        "terminal codes",
        "colours and other codes of a terminal, links among them, as they are or written as `\\u001b`, `\\033`, `\\e` or `^[`",
        b"\x1b\\^",
        terminal::codes,
    ),
    form(
            "overstrikes",
            "letters that are typed twice or underlined, as in manual pages",
            b"\x08_\\^",
            terminal::overstrike,
        ).showing(),
    form("carriage returns", "the wraps of readline, zsh and `script`", b" \r", terminal::carriage_return),
    form("a terminal recording", "the events of an asciicast file", b"\"", terminal::asciicast),
    form("log records", "records of Docker's JSON logs over which a line is spread", b"\"\\", log::docker),
    form(
            "a dump",
            "the text column of `hexdump -C`, `od -tx1z`, `xxd` and `tcpdump -X`",
            b"|<\n\r ",
            dump::text_column,
        ).with(Evidence::Weak).showing(),
    form("chunks", "the sizes between the chunks of an HTTP body", b"\r", written::chunk),
    form("mail header words", "encoded words of a mail's header", b"?", written::header_word),
    form(
        "log lines",
        "lines that begin with the same time, name or sign as the one before: CRI, syslog, Kubernetes, patches",
        b"\n\r",
        log::line_head,
    ).with(Evidence::Weak),
    form("RTF", "characters written as `\\'hh` or `\\uN?`", b"\\", written::rtf),
    form(
        "joined literals",
        "string literals joined by `+`, `.`, `..`, `&`, `~`, `||`, `++`, `^`, `<>`, `<<`, `,` in a call of `concat` or `append`, or by nothing, with comments between them, and in code that is a comment",
        b"\"'`\\\n\r",
        code::joined,
    ),
    form(
        "appended literals",
        "literals that one statement after the other appends: `+=`, `.=`, `<<`, `||=`",
        b"\"'`",
        code::appended,
    ),
    form("single characters", "the items of a list of which each is one: `'d', 't', '0'`", b"\"'", code::single),
    form(
            "a joined list",
            "the items of a list that `join`, `concat`, `format`, `paste` and the like put together, dots between them too",
            b"\"',\n\r",
            code::listed,
        ).with(Evidence::Joined(LISTS)),
    form(
            "joined variables",
            "variables that are joined nearby, dots between them too",
            b"\"'\r\n",
            code::assigned,
        ).with(Evidence::Joined(VARIABLES)),
    form("shell quotes", "quotes that open or close within a word: `A\"b\"'c'`", b"\"'", code::quotes),
    form(
        "empty expansions",
        "what a shell, make or a template puts nothing for: `$(D)`, `${D}`, `${\"\"}`",
        b"$#",
        code::expansion,
    ),
    form(
        "markup",
        "tags and comments of HTML, SVG, docx, xlsx, pptx, odt and other XML, but for those that begin a paragraph or a cell",
        b"<]",
        markup::tags,
    ),
    form("Markdown", "signs of emphasis and code: `**`, `__`, `~~`, a backtick", b"*_~`", markup::emphasis),
    form("PDF strings", "the strings of which a PDF page puts a line together", b")", markup::pdf),
    form(
        "invisible characters",
        "soft hyphens, joiners, blanks of no width or that do not break, byte order marks, as they are, as entities or escapes",
        b"\xc2\xe2\xef&\\",
        written::invisible,
    ),
    form("named characters", "`\\N{FULL STOP}`", b"\\", written::named),
    form("UTF-7", "`+AC4-` for a dot", b"+", written::utf7),
    form(
        "RTF or TeX",
        "groups and control words of RTF and TeX, discretionary hyphens, `%` at the end of a line",
        b"{}\\%",
        markup::groups,
    ),
    form("doubled percent signs", "`%%2E`, as batch files write it", b"%", written::doubled_percent),
    form("syslog escapes", "`#056`, and line breaks written as `#012`", b"#", written::syslog),
    form(
        "continued lines",
        "lines that end with `\\`, `^`, a backtick or `=`, with other glue",
        b"\\^`= ",
        code::continued,
    ),
    form("wrapped lines", "lines that were broken at some width, with other glue", b"\n\r\\ ", code::wrapped).with(Evidence::Weak),
    form("open entities", "entities without a semicolon", b"&", written::entity),
];

/// A form that joins what belongs together.
const fn form(name: &'static str, what: &'static str, begins: &'static [u8], read: Read) -> Form {
    Form { glue: Glue { name, what, evidence: Evidence::Clear, shows: false }, begins, read }
}

impl Form {
    /// The same, where what it joins may belong to different things.
    const fn with(self, evidence: Evidence) -> Self {
        let Self { glue, begins, read } = self;
        Self { glue: Glue { evidence, ..glue }, begins, read }
    }

    /// The same, where it shows characters of the token.
    const fn showing(self) -> Self {
        let Self { glue, begins, read } = self;
        Self { glue: Glue { shows: true, ..glue }, begins, read }
    }
}
