//! The encodings of a token, other than plain text.

use std::fmt;

use super::container::Container;
use super::glue::Glue;

/// One encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// base64 or base64url.
    Base64,
    /// base32.
    Base32,
    /// base85, as ascii85, git and Python write it.
    Base85,
    /// uuencode.
    Uuencode,
    /// EBCDIC, of any code page.
    Ebcdic,
    /// Two hexadecimal digits a byte, with separators or without.
    Hex,
    /// Decimal or octal numbers.
    Numbers,
    /// The characters of a dump.
    Characters,
    /// UTF-16 of either byte order.
    Utf16,
    /// UTF-32 of either byte order.
    Utf32,
    /// `%2E`, as in a URL.
    Percent,
    /// `\u002e`, `\x2e`, `\056`, `\.`, as in JSON, YAML, C or a shell.
    Backslash,
    /// `&#46;`, `&#x2e;`, `&period;`, as in HTML and XML.
    Entities,
    /// `=2E`, as in mail.
    QuotedPrintable,
    /// `\2e ` or `\00002e`, as in CSS.
    Css,
    /// String literals beside each other, or lines that go on after a backslash or the like.
    Pieces,
    /// Lines that were wrapped.
    Lines,
    /// With glue between its characters.
    Glued(&'static Glue),
    /// A compressed file or an archive.
    Packed(Container),
}

impl Encoding {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Base64 => "base64",
            Self::Base32 => "base32",
            Self::Base85 => "base85",
            Self::Uuencode => "uuencode",
            Self::Ebcdic => "EBCDIC",
            Self::Hex => "hex",
            Self::Numbers => "numbers",
            Self::Characters => "a dump of characters",
            Self::Utf16 => "UTF-16",
            Self::Utf32 => "UTF-32",
            Self::Percent => "percent-encoding",
            Self::Backslash => "backslash escapes",
            Self::Entities => "HTML entities",
            Self::QuotedPrintable => "quoted-printable",
            Self::Css => "CSS escapes",
            Self::Pieces => "pieces",
            Self::Lines => "wrapped lines",
            Self::Glued(glue) => glue.name,
            Self::Packed(container) => container.name(),
        }
    }

    /// Whether it only separates the characters of the text and changes none.
    pub(super) fn parts(self) -> bool {
        matches!(self, Self::Pieces | Self::Lines | Self::Glued(_))
    }

    /// Whether it leaves most characters as they are.
    pub(super) fn keeps_most(self) -> bool {
        self.parts()
            || matches!(
                self,
                Self::Percent | Self::Backslash | Self::Entities | Self::QuotedPrintable | Self::Css
            )
    }
}

/// The encodings of a token, the outermost first. Empty for plain text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Encodings(Vec<Encoding>);

impl Encodings {
    /// Whether it is plain text.
    pub fn is_plain(&self) -> bool {
        self.0.is_empty()
    }

    /// The encodings, the outermost first.
    pub fn as_slice(&self) -> &[Encoding] {
        &self.0
    }

    /// How many bytes a character of the text around it takes.
    pub fn width(&self) -> usize {
        match self.0.first() {
            Some(Encoding::Utf16) => 2,
            Some(Encoding::Utf32) => 4,
            _ => 1,
        }
    }

    /// Whether the content itself is a container, and not something written in it.
    pub fn is_packed(&self) -> bool {
        matches!(self.0.first(), Some(Encoding::Packed(_)))
    }

    /// The encodings within `outer`.
    pub(super) fn within(mut self, outer: Encoding) -> Self {
        self.0.insert(0, outer);
        self
    }
}

impl fmt::Display for Encodings {
    /// `base64 of UTF-16`; pieces and glue are named only where nothing else is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut names: Vec<_> =
            self.0.iter().filter(|encoding| !encoding.parts()).map(|encoding| encoding.name()).collect();
        if names.is_empty() {
            names.extend(self.0.first().map(|encoding| encoding.name()));
        }
        f.write_str(&names.join(" of "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_outermost_encoding_says_how_wide_a_character_is() {
        let written = |encodings: &[Encoding]| {
            encodings.iter().fold(Encodings::default(), |inner, outer| inner.within(*outer)).width()
        };
        assert_eq!([written(&[]), written(&[Encoding::Utf16]), written(&[Encoding::Utf32])], [1, 2, 4]);
        assert_eq!(written(&[Encoding::Utf16, Encoding::Base64]), 1);
    }
}
