//! Values after a name: where they are, and whether they are random.

use std::ops::Range;

use regex::bytes::Regex;

use super::super::decode::{decode_base64, is_value, runs};
use crate::token::{Kind, Shape};

/// Whether `text` has the length and the characters of a token of `kind`.
pub(super) fn is_value_of(kind: &Kind, text: &[u8]) -> bool {
    kind.shape.is_issued(b"", text)
}

/// What `written` holds in base64, without the line break that `echo` adds.
pub(super) fn decoded(written: &[u8]) -> Vec<u8> {
    let digits = written.split(|byte| *byte == b'=').next().unwrap_or_default();
    let mut text = decode_base64(digits);
    text.pop_if(|last| *last == b'\n');
    text
}

/// Whether `byte` occurs in values, in plain text or in base64.
fn is_part(byte: &u8) -> bool {
    is_value(*byte) && *byte != b'.'
}

/// How many bytes a value has at least, in plain text or in base64.
pub(super) const SHORTEST_ROW: usize = 16;

/// The rows of bytes in `text` that are long enough for a value.
pub(super) fn rows(text: &[u8]) -> impl Iterator<Item = Range<usize>> {
    runs(text.len(), SHORTEST_ROW, |at| text.get(at).is_some_and(is_part))
}

/// What stands behind a name, and the places in it at which a value may end.
pub(super) struct Behind<'a> {
    after: &'a [u8],
    ends: Vec<usize>,
}

impl<'a> Behind<'a> {
    /// The text `after` a name; none if no row in it is long enough for a value.
    pub(super) fn name(after: &'a [u8]) -> Option<Self> {
        let mut ends = Vec::new();
        for row in rows(after) {
            // What ends a value ends its row, or joins it to another one.
            let bytes = after.get(row.clone()).unwrap_or_default();
            ends.extend(memchr::memchr2_iter(b'+', b'/', bytes).map(|at| row.start + at).chain([row.end]));
        }
        (!ends.is_empty()).then_some(Self { after, ends })
    }

    /// The value after one operator of assignment or blanks, quoted or not, or as the `value`
    /// that follows a `name` (Kubernetes, CloudFormation, XML attributes).
    pub(super) fn value(&self, kind: &Kind) -> Option<Range<usize>> {
        match is_of_16(kind) {
            true => self.first(u8::is_ascii_alphanumeric, &[(16, "")]),
            false => self.first(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(byte), &[(21, "")]),
        }
    }

    /// Where the value stands in base64, as Kubernetes has it in a Secret: of its length, or
    /// one more for the line break that `echo` adds.
    pub(super) fn encoded(&self, kind: &Kind) -> Option<Range<usize>> {
        let written = if is_of_16(kind) { [(22, "=="), (23, "=")] } else { [(28, ""), (30, "==")] };
        self.first(|byte| byte.is_ascii_alphanumeric() || b"+/".contains(byte), &written)
    }

    /// The first place at which one of the values of `written` stands: so many bytes that
    /// `fit`, and what ends them.
    fn first(&self, fits: fn(&u8) -> bool, written: &[(usize, &str)]) -> Option<Range<usize>> {
        let after = self.after;
        let value = |end: usize, (length, padding): &(usize, &str)| {
            let start = end.checked_sub(*length)?;
            let rest = after.get(end..)?.strip_prefix(padding.as_bytes()).filter(|rest| ends_value(rest))?;
            after.get(start..end)?.iter().all(fits).then_some(start..after.len() - rest.len())
        };
        let values =
            || written.iter().flat_map(|written| self.ends.iter().filter_map(|end| value(*end, written)));
        // Behind what one may begin. To ask for that first only saves time.
        let may_begin = |value: &Range<usize>| {
            let before = after.get(..value.start).unwrap_or_default();
            matches!(before, [] | [.., b'%', _, _])
                || before.last().is_some_and(|last| is_space(last) || b"\\\"'`])=:->,(+|.".contains(last))
        };
        if !values().any(|value| may_begin(&value)) {
            return None;
        }
        let places = Reading { text: after, places: vec![0] }.value().places;
        places.into_iter().find_map(|place| values().find(|value| value.start == place))
    }
}

fn is_of_16(kind: &Kind) -> bool {
    matches!(kind.shape, Shape::Bare { length: 16, .. })
}

/// Whether a value ends before `rest`. A digit of base64 with more behind it makes it the
/// start of another value.
fn ends_value(rest: &[u8]) -> bool {
    match rest {
        [] | [b'.' | b'+' | b'/'] => true,
        [b'.', next, ..] => is_space(next),
        [b'+' | b'/', next, ..] => !next.is_ascii_alphanumeric(),
        [next, ..] => !next.is_ascii_alphanumeric() && !b"_-".contains(next),
    }
}

/// The text between a name and its value, parsed in all possible ways.
struct Reading<'a> {
    text: &'a [u8],
    /// Up to where it may have been read, what was read first before what was left out.
    places: Vec<usize>,
}

impl Reading<'_> {
    /// Passes over all that may stand before a value.
    fn value(self) -> Self {
        // An operator of assignment (also a type before it, or a shell's default value) ...
        self.many(0, 3, |byte| b"\\\"'`])".contains(byte))
            .blanks()
            .maybe(|here| here.any(&[Self::typed, Self::operator]))
            .blanks()
            .maybe(|here| here.words(&["%20"]))
            // ... or a string that is joined to the next one ...
            .maybe(|here| here.many(1, 2, is_quote).blanks().many(1, 1, |byte| b"+.".contains(byte)).blanks())
            // ... or the `value` of what was a `name` ...
            .maybe(Self::named)
            // ... and then the value, in quotes of any sort or without.
            .maybe(|here| here.many(0, 2, u8::is_ascii_alphabetic).many(1, 3, is_quote))
    }

    fn typed(&self) -> Self {
        let letters = |byte: &u8| byte.is_ascii_alphabetic() || b"_.&".contains(byte);
        self.words(&[":"]).blanks().many(1, 24, letters).blanks().words(&["="])
    }

    fn operator(&self) -> Self {
        self.words(&[":-", "=>", ":=", "?=", "=", ":", ",", ">", "(", "+", "|", "%20", "%3a", "%3d"])
    }

    fn named(&self) -> Self {
        let quotes = |byte: &u8| b"\\\"'".contains(byte);
        self.many(0, usize::MAX, |byte| b"\\\"',;".contains(byte))
            .many(0, usize::MAX, is_space)
            .maybe(|here| {
                let tag = here.words(&["<"]).many(0, usize::MAX, u8::is_ascii_alphabetic);
                tag.maybe(|here| here.words(&[">"]))
            })
            .many(0, usize::MAX, quotes)
            .maybe(|here| here.words(&["parameter"]))
            .words(&["value"])
            .many(0, usize::MAX, quotes)
            .blanks()
            .words(&[":", "=", ">"])
            .blanks()
    }

    /// The places to which `next` leads from each of these.
    fn each<I: Iterator<Item = usize>>(&self, next: impl Fn(usize) -> I) -> Self {
        let mut places = Vec::new();
        for place in self.places.iter().flat_map(|place| next(*place)) {
            if !places.contains(&place) {
                places.push(place);
            }
        }
        Self { text: self.text, places }
    }

    /// Passes over `least` to `most` bytes that fit, over as many as there are first.
    fn many(&self, least: usize, most: usize, fits: impl Fn(&u8) -> bool) -> Self {
        self.each(|place| {
            let rest = self.text.get(place..).unwrap_or_default();
            let length = rest.iter().take(most).take_while(|byte| fits(byte)).count();
            (least..=length).rev().map(move |length| place + length)
        })
    }

    fn blanks(&self) -> Self {
        self.many(0, usize::MAX, |byte| b" \t".contains(byte))
    }

    /// Passes over each of `words` that stands here, in any letter case.
    fn words(&self, words: &[&str]) -> Self {
        let stands = |place: usize, word: &str| {
            let here = self.text.get(place..place + word.len());
            here.is_some_and(|here| here.eq_ignore_ascii_case(word.as_bytes()))
        };
        self.each(|place| {
            words.iter().filter(move |word| stands(place, word)).map(move |word| place + word.len())
        })
    }

    /// Passes over what each of `all` does.
    fn any(&self, all: &[fn(&Self) -> Self]) -> Self {
        let each = |place| {
            let here = Self { text: self.text, places: vec![place] };
            all.iter().flat_map(|next| next(&here).places).collect::<Vec<_>>().into_iter()
        };
        self.each(each)
    }

    /// Passes over what `next` does, or over nothing.
    fn maybe(&self, next: impl Fn(&Self) -> Self) -> Self {
        self.each(|place| {
            let here = Self { text: self.text, places: vec![place] };
            next(&here).places.into_iter().chain([place])
        })
    }
}

fn is_quote(byte: &u8) -> bool {
    b"\\\"'`".contains(byte)
}

/// As regular expressions have it.
fn is_space(byte: &u8) -> bool {
    byte.is_ascii_whitespace() || *byte == 0x0b
}

#[expect(clippy::expect_used, reason = "the expressions are constants; each is used by a test")]
pub(super) fn regex(expression: &str) -> Regex {
    Regex::new(expression).expect("the expression compiles")
}

/// Whether `text` was drawn, not worded: it has both letter cases, and is not
/// words written together (`getDynatraceApiToken`, `My_Tenant_Token_1`). Of the
/// tokens of 21 characters 4 in 10,000 read as such words, of 16 characters 24.
pub(in crate::find) fn is_random(text: &[u8]) -> bool {
    let upper = text.iter().any(u8::is_ascii_uppercase);
    let lower = text.iter().any(u8::is_ascii_lowercase);
    upper && lower && !is_worded(text)
}

/// Whether `text` consists of words: each is one capital and small letters or
/// capitals alone, they are joined by case, `_` or `-`, and only the last may
/// end in up to two digits.
fn is_worded(text: &[u8]) -> bool {
    let digits = text.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let letters = text.get(..text.len() - digits).unwrap_or_default();
    digits <= 2
        && letters.split(|byte| matches!(byte, b'_' | b'-')).all(|word| {
            word.iter().all(u8::is_ascii_alphabetic)
                && (word.iter().all(u8::is_ascii_uppercase)
                    || word.windows(2).all(|pair| !pair.iter().all(u8::is_ascii_uppercase)))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::KINDS;

    #[test]
    fn a_token_that_ends_in_digits_is_no_row_of_words() {
        assert!(is_random(b"aBcDeFGhIjKLmNoPQrs7") && is_random(b"Qzmkplwrt_vbncQXYza12"));
        assert!(!is_random(b"TokenOfTheTeam12"));
    }

    /// What [`Behind`] reads, as expressions.
    fn expression(characters: &str) -> Regex {
        let assigned = r#"[\\"'`\])]{0,3}[ \t]*(?::[ \t]*[A-Za-z_.&]{1,24}[ \t]*=|:-|=>|:=|\?=|[=:,>(+|]|%20|%3[AaDd])?[ \t]*(?:%20)?"#;
        let joined = r#"(?:[\\"'`]{1,2}[ \t]*[+.][ \t]*)?"#;
        let named =
            r#"(?:[\\"',;]*\s*(?:<[A-Za-z]*>?)?[\\"']*(?i:parameter)?(?i:value)[\\"']*[ \t]*[:=>][ \t]*)?"#;
        let quoted = r#"(?:[A-Za-z]{0,2}[\\"'`]{1,3})?"#;
        let end = r"(?:[^A-Za-z0-9_.+/-]|[+/](?:[^A-Za-z0-9]|$)|\.\s|\.?$)";
        regex(&format!(r#"(?-u)^{assigned}{joined}{named}{quoted}({characters}){end}"#))
    }

    /// Of what the text behind a name is drawn; of blanks, too.
    const PARTS: &str = r#"\ " ' ` ] ) : &str = :- => := ?= , > ( + | %20 %3A %3d . ; < / _ x b Qr String
        parameter Value VALUE 0123456789abcDEF 0123456789abcDEFghijk 0123456789abcDEFghij-_
        QUJDREVGR0hJSktMTU5PUA== QUJDREVGR0hJSktMTU5PUAo= QUJDREVGR0hJSktMTU5PUFFSU1RV
        QUJDREVGR0hJSktMTU5PUFFSU1RVCg=="#;

    #[test]
    fn a_value_stands_where_an_expression_finds_it() {
        let kind = |length: usize| {
            KINDS
                .iter()
                .find(|kind| matches!(kind.shape, Shape::Bare { length: of, .. } if of == length))
                .unwrap()
        };
        let all = [
            (16, expression(r"[A-Za-z0-9]{16}"), expression(r"[A-Za-z0-9+/]{22}==|[A-Za-z0-9+/]{23}=")),
            (21, expression(r"[A-Za-z0-9_-]{21}"), expression(r"[A-Za-z0-9+/]{28}|[A-Za-z0-9+/]{30}==")),
        ];
        let found =
            |expression: &Regex, text: &[u8]| expression.captures(text)?.get(1).map(|found| found.range());
        let parts: Vec<&str> = PARTS.split_whitespace().chain([" ", "\t", "\n", "\x0b"]).collect();
        let (mut state, mut values) = (1_u64, 0);
        for _ in 0..4000 {
            let mut draw = |below: usize| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 33) as usize % below
            };
            let text: String = (0..draw(9) + 1).map(|_| parts[draw(parts.len())]).collect();
            for (length, plain, encoded) in &all {
                let text = text.as_bytes();
                let wanted = (found(plain, text), found(encoded, text));
                values += usize::from(wanted.0.is_some()) + usize::from(wanted.1.is_some());
                let behind = Behind::name(text);
                let read = |encoded: bool| {
                    let (behind, kind) = (behind.as_ref()?, kind(*length));
                    if encoded { behind.encoded(kind) } else { behind.value(kind) }
                };
                assert_eq!((read(false), read(true)), wanted, "{}", text.escape_ascii());
            }
        }
        assert!(values > 500, "{values} values");
    }
}
