//! Glue: what people and programs write between the characters of a token.

/// A form of it.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Glue {
    /// Its name in messages: a token is found "in" it.
    pub name: &'static str,
    /// What it is, for docs/encodings.md.
    pub what: &'static str,
    /// How clearly it shows that its pieces belong together.
    pub evidence: Evidence,
    /// Whether it can show characters of the token too: then it is masked with them.
    pub shows: bool,
}

/// How clearly glue shows that its pieces belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Evidence {
    /// The pieces certainly belong together.
    Clear,
    /// The pieces may be unrelated: the token must be of the issued shape.
    Weak,
    /// As weak, and one of these words, which say that pieces are joined, must be near.
    Joined(&'static [&'static str]),
}
