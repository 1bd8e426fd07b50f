//! The XML of office documents: paragraphs, cells and shared strings.

use memchr::memmem;

/// A part of an office document, as far as it was read.
#[derive(Debug, Clone)]
pub(super) struct Markup {
    kind: &'static Kind,
    /// How many of its elements began.
    count: usize,
    /// The last reference to a cell.
    cell: String,
}

/// What begins with this tag, and has its text in elements of these names.
#[derive(Debug)]
struct Kind {
    root: &'static [u8],
    elements: &'static [&'static [u8]],
    word: &'static str,
}

const KINDS: [Kind; 11] = [
    Kind { root: b"<w:comments", elements: &[b"w:comment"], word: "comment" },
    Kind { root: b"<w:", elements: &[b"w:p"], word: "paragraph" },
    Kind { root: b"<p:", elements: &[b"a:p"], word: "paragraph" },
    Kind { root: b"<sst", elements: &[b"si"], word: "shared string" },
    Kind { root: b"<worksheet", elements: &[b"c"], word: "cell" },
    Kind { root: b"<comments", elements: &[b"comment"], word: "comment" },
    Kind { root: b"<ThreadedComments", elements: &[b"threadedComment"], word: "comment" },
    Kind { root: b"<xdr:", elements: &[b"a:p"], word: "paragraph" },
    Kind { root: b"<dgm:", elements: &[b"a:p"], word: "paragraph" },
    Kind { root: b"<c:chart", elements: &[b"a:p"], word: "paragraph" },
    Kind { root: b"<office:document", elements: &[b"text:p", b"text:h"], word: "paragraph" },
];

impl Markup {
    pub(super) fn of(head: &[u8]) -> Option<Self> {
        let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
        head.starts_with(b"<").then_some(())?;
        let root = memmem::find_iter(head, b"<")
            .find_map(|at| head.get(at..).filter(|tag| !tag.starts_with(b"<?") && !tag.starts_with(b"<!")))?;
        let kind = KINDS.iter().find(|kind| root.starts_with(kind.root))?;
        Some(Self { kind, count: 0, cell: String::new() })
    }

    /// Reads the whole tags of `text` and returns how long they are.
    pub(super) fn read(&mut self, text: &[u8]) -> usize {
        let open = memchr::memrchr(b'<', text)
            .filter(|at| memchr::memchr(b'>', text.get(*at..).unwrap_or_default()).is_none());
        let end = open.unwrap_or(text.len());
        let whole = text.get(..end).unwrap_or_default();
        for at in memchr::memchr_iter(b'<', whole) {
            self.tag(whole.get(at + 1..).unwrap_or_default());
        }
        end
    }

    fn tag(&mut self, tag: &[u8]) {
        let is_one = |name: &&[u8]| {
            tag.strip_prefix(*name)
                .is_some_and(|rest| matches!(rest, [b' ' | b'>' | b'/' | b'\n' | b'\r', ..]))
        };
        if !self.kind.elements.iter().any(is_one) {
            return;
        }
        self.count += 1;
        let tag = tag.get(..memchr::memchr(b'>', tag).unwrap_or(0)).unwrap_or_default();
        let cell = memmem::find(tag, b" r=\"").and_then(|at| tag.get(at + 4..)).unwrap_or_default();
        let cell = cell.iter().take(10).take_while(|byte| byte.is_ascii_alphanumeric());
        self.cell = cell.map(|byte| char::from(*byte)).collect();
    }

    pub(super) fn part(&self) -> Option<String> {
        let Self { kind, count, cell } = self;
        match (kind.word, *count) {
            (_, 0) => None,
            ("cell", _) if cell.is_empty() => None,
            ("cell", _) => Some(format!("cell {cell}")),
            (word, count) => Some(format!("{word} {count}")),
        }
    }
}
