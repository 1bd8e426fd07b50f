//! What can stand between the characters of a token.

/// A form of it.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Glue {
    /// What messages call it: a token is found "in" that.
    pub name: &'static str,
    /// What it is, for the page that lists all forms.
    pub what: &'static str,
    /// How far it shows that what it joins belongs together.
    pub sign: Sign,
    /// Whether it can show characters of the token too: then it is masked with them.
    pub shows: bool,
}

/// How far glue shows that what it joins belongs together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sign {
    /// Nothing else could be meant.
    Clear,
    /// The pieces may belong to different things: the token has to show that it is one.
    Weak,
    /// As weak, and one of these has to stand nearby, which say that they are joined.
    Joined(&'static [&'static str]),
}
