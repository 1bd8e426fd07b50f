//! Glue: what people and programs write between the characters of a token.

/// A form of it.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Glue {
    /// What messages call it: a token is found "in" that.
    pub name: &'static str,
    /// What it is, for docs/encodings.md.
    pub what: &'static str,
    /// How well it shows that what it joins belongs together.
    pub evidence: Evidence,
    /// Whether it can show characters of the token too: then it is masked with them.
    pub shows: bool,
}

/// How well glue shows that what it joins belongs together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Evidence {
    /// Nothing else could be meant.
    Clear,
    /// The pieces may belong to different things: the token has to show that it is one.
    Weak,
    /// As weak, and one of these words, which say that the pieces are joined, has to be near.
    Joined(&'static [&'static str]),
}
