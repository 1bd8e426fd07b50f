//! The expression of a rule: what is accepted, and what is refused before it can do harm.

use std::ops::Range;

use regex_automata::meta::{Builder, Config, Regex};
use regex_syntax::hir::{Class, Hir, HirKind};

use super::needle::{self, LONGEST_MATCH, Needle};
use super::portable::portable;

/// The group of an expression that is masked.
pub const SECRET_GROUP: &str = "secret";
/// The longest expression, in bytes.
const LONGEST: usize = 4 << 10;
/// The fewest bytes that a match has.
const SHORTEST_MATCH: usize = 3;
/// About how many states its automaton has at most.
const STATES: usize = 2_000;
/// How deep groups may nest.
const NEST: u32 = 50;
/// How many bytes all automata of one kind need at most.
const MEMORY: usize = 16 << 20;
/// How many bytes an automaton remembers of what it read, in each thread, and so many more for
/// each state. More would be faster for few patterns, and too much for a thousand.
const CACHE: usize = 32 << 10;
const CACHE_OF_STATE: usize = 1 << 10;

/// Text as every repository has it: what matches here matches practically everything.
const ORDINARY: [&str; 5] = [
    "The quick brown fox jumps over the lazy dog, and then it rests.\n\n",
    "fn main() { let value = config.get(\"name\").unwrap_or(0); }\n\tif (x == 1) return;\r\n",
    "  <p class=\"note\">See https://example.com/docs/index.html?page=12#top</p>\n",
    "key: value\nname = \"text\"\n# comment - 2026-01-31 12:00:00, 1.2.3, 0123456789, $100, 50%, a@b.c\n",
    "README, TODO: set HTTP_PORT -- ** == ... ______ //////\n",
];

/// An expression that was accepted.
#[derive(Debug, Clone)]
pub struct Expression {
    pattern: String,
    hir: Hir,
    needles: Vec<Needle>,
    /// Whether no match goes over a line break.
    is_of_lines: bool,
    secret_group: Option<usize>,
    states: usize,
}

/// Why an expression is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The part of the expression that is wrong, in bytes; `None` for all of it.
    pub at: Option<Range<usize>>,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: String,
}

impl Refusal {
    fn whole(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { at: None, message: message.into(), help: help.into() }
    }
}

impl Expression {
    /// Accepts `pattern`, in the syntax of the `regex` crate over bytes.
    pub fn parse(pattern: &str) -> Result<Self, Refusal> {
        if pattern.len() > LONGEST {
            let message = format!("this pattern has more than {LONGEST} bytes");
            return Err(Refusal::whole(message, "write several rules"));
        }
        let hir = parse(pattern)?;
        let properties = hir.properties();
        let Some(shortest) = properties.minimum_len() else {
            return Err(Refusal::whole(
                "this pattern matches no text at all",
                "remove the rule, or correct it",
            ));
        };
        if shortest < SHORTEST_MATCH {
            let message = match shortest {
                0 => "this pattern matches the empty text, which is everywhere".to_owned(),
                _ => format!("this pattern matches texts of fewer than {SHORTEST_MATCH} bytes"),
            };
            return Err(Refusal::whole(message, "name more of what is forbidden"));
        }
        let states = states(&hir);
        if states > STATES {
            let message = format!("this pattern needs more than {STATES} states");
            return Err(Refusal::whole(message, "repeat less, or write several rules"));
        }
        if shortest > LONGEST_MATCH {
            let message = format!("this pattern matches only texts of more than {LONGEST_MATCH} bytes");
            return Err(Refusal::whole(message, "match a part of that text"));
        }
        let expression = Self {
            pattern: pattern.to_owned(),
            needles: needle::of(&hir),
            is_of_lines: !has_line_break(&hir),
            secret_group: group_called(&hir, SECRET_GROUP),
            states,
            hir,
        };
        if let Some(text) = expression.ordinary() {
            let message = format!("this pattern matches ordinary text: `{text}`");
            let help = "name something that stands only in what is forbidden: a prefix, a domain, a name";
            return Err(Refusal::whole(message, help));
        }
        Ok(expression)
    }

    /// The pattern, as it was written.
    pub fn pattern(&self) -> &str {
        &self.pattern
    }

    pub(super) fn hir(&self) -> &Hir {
        &self.hir
    }

    /// The expression for `grep -E`, without captured groups; `None` if other tools read it in
    /// another way.
    pub fn for_grep(&self) -> Option<String> {
        portable(&self.hir, "(", None)
    }

    /// The expression for RE2, Python and Rust; the secret part is captured, or else all of it.
    /// `None` as for [`Expression::for_grep`].
    pub fn captured(&self) -> Option<String> {
        let written = portable(&self.hir, "(?:", self.secret_group)?;
        Some(if self.secret_group.is_some() { written } else { format!("({written})") })
    }

    /// The words of which each match has one, in small letters, if it has such words.
    pub fn keywords(&self) -> Vec<String> {
        let word = |needle: &Needle| {
            let is_word = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
            needle.bytes.split(|byte| !is_word(byte)).max_by_key(|word| word.len()).map(<[u8]>::to_vec)
        };
        let words: Vec<_> = self.needles.iter().filter_map(word).collect();
        let words: Vec<_> = words.into_iter().filter_map(|word| String::from_utf8(word).ok()).collect();
        if words.iter().any(|word| word.len() < 3) { Vec::new() } else { words }
    }

    /// Whether each match has a literal by which it is found fast.
    pub fn has_needle(&self) -> bool {
        !self.needles.is_empty()
    }

    pub(super) fn needles(&self) -> &[Needle] {
        &self.needles
    }

    pub(super) fn is_of_lines(&self) -> bool {
        self.is_of_lines
    }

    pub(super) fn secret_group(&self) -> Option<usize> {
        self.secret_group
    }

    /// About how many states its automaton has.
    pub fn states(&self) -> usize {
        self.states
    }

    /// What it matches in ordinary text, if anything.
    fn ordinary(&self) -> Option<String> {
        let folded = |text: &str| text.bytes().map(|byte| byte | 0x20).collect::<Vec<u8>>();
        let has = |text: &str| {
            let text = folded(text);
            self.needles.iter().any(|needle| memchr::memmem::find(&text, &needle.bytes).is_some())
        };
        let mut regex = None;
        ORDINARY.iter().filter(|text| self.needles.is_empty() || has(text)).find_map(|text| {
            let regex = regex.get_or_insert_with(|| compile(&[&self.hir]));
            let range = regex.as_ref()?.find(text.as_bytes())?.range();
            // A word or a name may be forbidden although ordinary text has it by chance.
            (!self.is_literal()).then(|| text.get(range).unwrap_or_default().trim().to_owned())
        })
    }

    /// Whether it matches one text alone, in any letter case.
    fn is_literal(&self) -> bool {
        let properties = self.hir.properties();
        properties.minimum_len() == properties.maximum_len()
            && self.needles.len() == 1
            && self.needles.iter().any(|needle| Some(needle.bytes.len()) == properties.maximum_len())
    }
}

fn parse(pattern: &str) -> Result<Hir, Refusal> {
    let mut parser = regex_syntax::ParserBuilder::new().unicode(false).utf8(false).nest_limit(NEST).build();
    parser.parse(pattern).map_err(|error| {
        let (span, message) = match &error {
            regex_syntax::Error::Parse(error) => (Some(*error.span()), error.kind().to_string()),
            regex_syntax::Error::Translate(error) => (Some(*error.span()), error.kind().to_string()),
            other => (None, other.to_string()),
        };
        let at = span.map(|span| span.start.offset..span.end.offset);
        let help = match message.contains("Unicode") || message.contains("UTF-8") {
            true => {
                "patterns match bytes: \\w, \\d, \\s and \\b are those of ASCII, and there is no \\p{...}"
            }
            false => "write it in the syntax of the `regex` crate: no look-around, no back-references",
        };
        Refusal { at, message: format!("this is no pattern: {message}"), help: help.to_owned() }
    })
}

/// The automaton of these expressions.
pub(super) fn compile(all: &[&Hir]) -> Option<Regex> {
    let cache = all.iter().map(|hir| states(hir) * CACHE_OF_STATE).sum::<usize>() + CACHE;
    let config = Config::new().utf8_empty(false).nfa_size_limit(Some(MEMORY)).hybrid_cache_capacity(cache);
    Builder::new().configure(config).build_many_from_hir(all).ok()
}

/// About how many states an automaton for it has.
fn states(hir: &Hir) -> usize {
    let sum = |all: &[Hir]| all.iter().map(states).fold(0, usize::saturating_add);
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 1,
        HirKind::Literal(literal) => literal.0.len(),
        HirKind::Class(Class::Bytes(class)) => class.ranges().len().div_ceil(8).max(1),
        HirKind::Class(Class::Unicode(class)) => class.ranges().len().max(1) * 2,
        HirKind::Repetition(repetition) => {
            let times = repetition.max.unwrap_or(repetition.min.saturating_add(1)).max(1);
            states(&repetition.sub).saturating_add(1).saturating_mul(times as usize)
        }
        HirKind::Capture(group) => states(&group.sub).saturating_add(2),
        HirKind::Concat(all) => sum(all),
        HirKind::Alternation(all) => sum(all).saturating_add(all.len()),
    }
}

/// Whether a match can have a line break.
fn has_line_break(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => false,
        HirKind::Literal(literal) => literal.0.contains(&b'\n'),
        HirKind::Class(Class::Bytes(class)) => {
            class.ranges().iter().any(|range| (range.start()..=range.end()).contains(&b'\n'))
        }
        HirKind::Class(Class::Unicode(class)) => {
            class.ranges().iter().any(|range| (range.start()..=range.end()).contains(&'\n'))
        }
        HirKind::Repetition(repetition) => has_line_break(&repetition.sub),
        HirKind::Capture(group) => has_line_break(&group.sub),
        HirKind::Concat(all) | HirKind::Alternation(all) => all.iter().any(has_line_break),
    }
}

/// The number of the group of this name.
fn group_called(hir: &Hir, name: &str) -> Option<usize> {
    match hir.kind() {
        HirKind::Capture(group) if group.name.as_deref() == Some(name) => usize::try_from(group.index).ok(),
        HirKind::Capture(group) => group_called(&group.sub, name),
        HirKind::Repetition(repetition) => group_called(&repetition.sub, name),
        HirKind::Concat(all) | HirKind::Alternation(all) => {
            all.iter().find_map(|one| group_called(one, name))
        }
        _ => None,
    }
}
