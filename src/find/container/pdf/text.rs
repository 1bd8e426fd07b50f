//! What is written on a page.

use super::font::{CodeMap, Fonts};
use super::syntax::{hex, is_blank, literal, name_length};

/// A blank between pieces of a line that is wider than this is one between words, in
/// thousandths of the size of the font.
const BLANK: f32 = 180.0;
/// The most operands of one operator: more would take memory without end.
const MOST: usize = 1 << 14;

/// The text of a page, where it is written in pieces or in the codes of fonts.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub(super) text: Vec<u8>,
    /// Whether some of it is in a font of which nothing says what its codes stand for.
    pub(super) unreadable: bool,
}

/// Reads the `content` of a page; empty where its strings show the text as well.
pub(super) fn of(content: &[u8], fonts: &Fonts) -> Written {
    if memchr::memmem::find(content, b"BT").is_none() {
        return Written::default();
    }
    let mut page = Page {
        fonts,
        maps: Vec::new(),
        known: true,
        coded: false,
        shown: false,
        line: 0,
        out: vec![Vec::new()],
        unreadable: false,
    };
    page.read(content);
    let texts = if page.coded { page.out } else { Vec::new() };
    Written { text: texts.join(&b"\n"[..]), unreadable: page.unreadable }
}

/// A page that is being read.
struct Page<'f> {
    fonts: &'f Fonts,
    /// What the codes of the current font may stand for.
    maps: Vec<&'f CodeMap>,
    known: bool,
    /// Whether something is in the codes of a font, or in pieces.
    coded: bool,
    /// Whether the current line has text.
    shown: bool,
    /// The height of the current line.
    line: i64,
    /// The text, once for each way to read it.
    out: Vec<Vec<u8>>,
    unreadable: bool,
}

/// What stands before an operator.
enum Operand<'a> {
    Name(&'a [u8]),
    Number(f32),
    Text(Vec<u8>),
}

impl Page<'_> {
    fn read(&mut self, content: &[u8]) {
        let (mut rest, mut operands) = (content, Vec::new());
        while let Some((byte, after)) = rest.split_first() {
            if operands.len() == MOST {
                operands.clear();
            }
            rest = match byte {
                b'/' => {
                    let (name, after) = after.split_at(name_length(after));
                    operands.push(Operand::Name(name));
                    after
                }
                b'(' => {
                    let (text, after) = literal(after);
                    operands.push(Operand::Text(text));
                    after
                }
                b'<' if !after.starts_with(b"<") => {
                    operands.push(Operand::Text(hex(after)));
                    after.get(memchr::memchr(b'>', after).unwrap_or(after.len())..).unwrap_or_default()
                }
                b'%' => after
                    .get(memchr::memchr2(b'\n', b'\r', after).unwrap_or(after.len())..)
                    .unwrap_or_default(),
                byte if is_blank(*byte) || b"<>[]{})".contains(byte) => after,
                _ => {
                    let (word, after) = rest.split_at(name_length(rest).max(1));
                    match std::str::from_utf8(word).ok().and_then(|word| word.parse().ok()) {
                        Some(number) => operands.push(Operand::Number(number)),
                        None => {
                            self.operator(word, &operands);
                            operands.clear();
                        }
                    }
                    // A picture in the text, up to where it ends.
                    if word == b"ID" {
                        memchr::memmem::find(after, b"EI").and_then(|at| after.get(at..)).unwrap_or_default()
                    } else {
                        after
                    }
                }
            };
        }
    }

    fn operator(&mut self, operator: &[u8], operands: &[Operand<'_>]) {
        match operator {
            b"Tf" => {
                if let [Operand::Name(name), ..] = operands {
                    (self.maps, self.known) = self.fonts.of_name(name);
                }
            }
            b"Tj" | b"TJ" => self.show(operands),
            b"'" | b"\"" => {
                self.new_line();
                self.show(operands);
            }
            b"T*" => self.new_line(),
            b"Td" | b"TD" if number(operands, 1) != 0 => self.new_line(),
            b"Tm" if number(operands, 5) != self.line => {
                self.line = number(operands, 5);
                self.new_line();
            }
            _ => {}
        }
    }

    fn new_line(&mut self) {
        self.shown = false;
        self.out.iter_mut().filter(|out| !out.is_empty()).for_each(|out| out.push(b'\n'));
    }

    /// Writes the strings among `operands`.
    fn show(&mut self, operands: &[Operand<'_>]) {
        let pieces = operands.iter().filter(|operand| matches!(operand, Operand::Text(_)));
        self.coded |= self.shown || pieces.count() > 1;
        self.shown = true;
        // Where a name stands for several fonts, the text is read in each.
        let ways = self.maps.len().max(self.out.len());
        while self.out.len() < ways {
            self.out.extend_from_within(..1);
        }
        for operand in operands {
            match operand {
                Operand::Text(text) => {
                    self.unreadable |= !self.known && !text.is_empty();
                    for (way, out) in self.out.iter_mut().enumerate() {
                        match self.maps.get(way % self.maps.len().max(1)) {
                            Some(map) => self.coded |= map.write(text, out),
                            None => out.extend_from_slice(text),
                        }
                    }
                }
                Operand::Number(number) if *number < -BLANK => {
                    self.out.iter_mut().for_each(|out| out.push(b' '))
                }
                _ => {}
            }
        }
    }
}

/// The number at this place among `operands`, without what is behind its point.
fn number(operands: &[Operand<'_>], place: usize) -> i64 {
    match operands.get(place) {
        #[expect(clippy::cast_possible_truncation, reason = "it is only compared")]
        Some(Operand::Number(number)) => (*number * 10.0) as i64,
        _ => 0,
    }
}
