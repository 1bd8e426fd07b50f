//! PDF files: the text of their pages is in streams, most of them compressed, and in many
//! files written in the codes of a font.

mod font;
mod syntax;
mod text;

use std::borrow::Cow;
use std::io::{self, Read};

use memchr::memmem;

use super::bytes::damaged;
use super::deflate::Inflate;
use super::visit::{Spent, Unread, Visit};
use super::zlib;
use font::Fonts;
use syntax::{ascii85, hex, names, number_after, object_number};
use text::Written;

/// The largest stream whose text is read in the codes of fonts, in bytes.
const LARGEST: u64 = 16 << 20;
/// How far before its content the description of a stream is searched, in bytes.
const DESCRIPTION: usize = 4096;
/// Filters of pictures and sounds, which hold no text.
const PICTURES: [&[u8]; 4] = [b"DCTDecode", b"JPXDecode", b"CCITTFaxDecode", b"JBIG2Decode"];

/// A stream: what describes it and its content, with what follows it in the file.
#[derive(Clone, Copy)]
struct Stream<'a> {
    number: usize,
    /// The number of the object that it is.
    object: Option<u32>,
    description: &'a [u8],
    content: &'a [u8],
}

/// Hands out each stream that is compressed; others are in the file as they are, or are
/// pictures. Of a page whose text is in pieces or in the codes of a font, that is handed out
/// as well.
pub(super) fn walk(bytes: &[u8], visit: &mut Visit<'_>) -> Result<(), Spent> {
    let encrypted = memmem::find(bytes, b"/Encrypt").is_some();
    if encrypted {
        visit.skip(None, Unread::Encrypted)?;
    }
    let fonts = fonts(bytes, visit);
    let mut unreadable = false;
    for stream in streams(bytes) {
        let name = match stream.object {
            Some(object) => format!("object {object}"),
            None => format!("stream {}", stream.number),
        };
        let name = Some(name.as_bytes());
        let Some(mut packed) = stream.packed() else {
            if !stream.is_picture() {
                visit.skip(name, Unread::Method)?;
            }
            continue;
        };
        // What is encrypted begins like nothing, and is reported already.
        packed.stated &= !encrypted;
        let written = packed.hand_out(stream.may_be_page(), &fonts, name, visit)?;
        unreadable |= written.unreadable;
        if !written.text.is_empty() {
            visit.member(name, &mut written.text.as_slice())?;
        }
    }
    if unreadable { visit.skip(None, Unread::Font) } else { Ok(()) }
}

/// All streams of a file.
fn streams(bytes: &[u8]) -> impl Iterator<Item = Stream<'_>> {
    const MARK: &[u8] = b"stream";
    let mut last = 0;
    memmem::find_iter(bytes, MARK).enumerate().filter_map(move |(number, at)| {
        // What describes it stands behind the stream before it, so that no byte is read twice.
        let from = last.max(at.saturating_sub(DESCRIPTION));
        last = at + MARK.len();
        let content = match bytes.get(last..) {
            Some([b'\r', b'\n', content @ ..] | [b'\n' | b'\r', content @ ..]) => content,
            _ => return None,
        };
        let before = bytes.get(from..at).filter(|before| !before.ends_with(b"end"))?;
        let (head, description) = before.split_at(memmem::rfind(before, b" obj").unwrap_or(0));
        Some(Stream { number, object: object_number(head), description, content })
    })
}

impl<'a> Stream<'a> {
    /// Its content without the filters that write bytes as text; none if what then remains is
    /// compressed in another way than deflate.
    fn packed(self) -> Option<Packed<'a>> {
        let end = || memmem::find(self.content, b"stream").unwrap_or(self.content.len());
        let mut packed = Packed { bytes: self.content.into(), filtered: false, stated: false };
        for filter in names(self.description, b"/Filter") {
            let decode = match filter {
                b"ASCII85Decode" | b"A85" => ascii85,
                b"ASCIIHexDecode" | b"AHx" => hex,
                b"FlateDecode" | b"Fl" => {
                    packed.stated = !self.is_picture() && !packed.is_empty();
                    break;
                }
                b"LZWDecode" | b"LZW" | b"RunLengthDecode" | b"RL" => return None,
                _ => break,
            };
            // What no end is written for ends with its stream.
            let written = if packed.filtered { &packed.bytes } else { self.content.get(..end())? };
            packed = Packed { bytes: decode(written).into(), filtered: true, stated: false };
        }
        Some(packed)
    }

    /// Whether it may be what is written on a page.
    fn may_be_page(self) -> bool {
        let kinds = names(self.description, b"/Type");
        let is_other = kinds.iter().any(|kind| matches!(*kind, b"ObjStm" | b"XRef" | b"Metadata"));
        let is_font = memmem::find(self.description, b"/Length1").is_some();
        !is_other && !is_font && !self.is_picture()
    }

    fn is_picture(self) -> bool {
        names(self.description, b"/Subtype") == [b"Image"]
            || PICTURES.iter().any(|filter| memmem::find(self.description, filter).is_some())
    }
}

/// A stream's content, perhaps compressed.
struct Packed<'a> {
    bytes: Cow<'a, [u8]>,
    /// Whether it was written as text.
    filtered: bool,
    /// Whether its description says that it is in zlib: then it is damaged if it does not begin
    /// so.
    stated: bool,
}

impl Packed<'_> {
    fn is_deflated(&self) -> bool {
        self.stated || zlib::begins(&self.bytes)
    }

    /// Whether nothing stands before the end of the stream.
    fn is_empty(&self) -> bool {
        let start = self.bytes.trim_ascii_start();
        start.is_empty() || start.starts_with(b"endstream")
    }

    /// Hands it out, unless it is in the file as it is; of what may be a `page` returns the
    /// text.
    fn hand_out(
        &self,
        page: bool,
        fonts: &Fonts,
        name: Option<&[u8]>,
        visit: &mut Visit<'_>,
    ) -> Result<Written, Spent> {
        let deflated = self.is_deflated();
        let content = if page { self.content(deflated, visit.allowance.bytes) } else { None };
        match content {
            Some((content, whole)) => {
                let written = text::of(&content, fonts);
                if deflated || self.filtered {
                    visit.member(name, &mut content.chain(Broken(!whole)))?;
                }
                return Ok(written);
            }
            None if deflated => visit.member(name, &mut Inflate::zlib(&self.bytes))?,
            None if self.filtered => visit.member(name, &mut &*self.bytes)?,
            None => {}
        }
        Ok(Written::default())
    }

    /// As much of it as can be read, and whether that is all; none if it takes more memory
    /// than is `left` or useful.
    fn content(&self, deflated: bool, left: u64) -> Option<(Vec<u8>, bool)> {
        let most = LARGEST.min(left);
        let mut content = Vec::new();
        let mut whole = true;
        if deflated {
            whole = Inflate::zlib(&self.bytes).take(most + 1).read_to_end(&mut content).is_ok();
        } else {
            let end = memmem::find(&self.bytes, b"stream").unwrap_or(self.bytes.len());
            content.extend(self.bytes.iter().take(end).take(usize::try_from(most + 1).unwrap_or(usize::MAX)));
        }
        (content.len() as u64 <= most).then_some((content, whole))
    }

    /// The same, counted.
    fn spend(&self, visit: &mut Visit<'_>) -> Vec<u8> {
        let (content, _) = self.content(self.is_deflated(), visit.allowance.bytes).unwrap_or_default();
        visit.charge(content.len());
        content
    }
}

/// Fails if something is broken, else has nothing.
struct Broken(bool);

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        if self.0 { Err(damaged()) } else { Ok(0) }
    }
}

/// The fonts of a file whose codes are described.
fn fonts(bytes: &[u8], visit: &mut Visit<'_>) -> Fonts {
    let mut fonts = Fonts::default();
    fonts.read(bytes);
    for stream in streams(bytes).filter(|stream| memmem::find(stream.description, b"/ObjStm").is_some()) {
        let number = |key| number_after(stream.description, key).unwrap_or_default();
        if let Some(packed) = stream.packed() {
            fonts.read_list(&packed.spend(visit), number(b"/N"), number(b"/First"));
        }
    }
    for stream in streams(bytes) {
        if let Some(object) = stream.object.filter(|object| fonts.has_map(*object))
            && let Some(packed) = stream.packed()
        {
            fonts.add_map(object, &packed.spend(visit));
        }
    }
    fonts
}
