//! What has to be replaced in a history so that tokens are gone from it.

use std::collections::{HashMap, HashSet};

use super::history::read;
use super::stream::search_stream;
use crate::find::{Certainty, Match, SecretExpressions, search};
use crate::finding::{Finding, Part, Token};
use crate::source::{Content, ObjectId, ObjectKind, Repository, SourceError, Stored, Sweep, Watch};

/// How many bytes of a file `git filter-repo` reads to know it for binary.
const HEAD: usize = 8192;

named! {
    /// Why no expression takes a token out of the place where it is.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Beyond {
        /// The bytes of the archive hold it in another form.
        Packed = "in an archive or a compressed file",
        /// `git filter-repo` replaces text only.
        Binary = "in a binary file",
        /// As the name of an author.
        Header = "in the header of a commit or a tag",
        /// Of a file, a folder or a ref.
        Name = "in a name",
        /// What was typed stands in other texts too.
        Filler = "a placeholder, which other text may hold too",
        /// Git LFS keeps it, or it could not be read again.
        Elsewhere = "in a content that is not in git itself",
    }
}

/// What `git filter-repo` has to replace.
#[derive(Default)]
pub struct Rewriting {
    /// The expressions, which hold secret parts.
    pub expressions: SecretExpressions,
    /// What they leave where it is: by what an allow entry would name the token, the object or
    /// the path, and why.
    pub beyond: Vec<(String, Vec<u8>, Beyond)>,
}

/// Searches the objects of `repository` again, for what takes the tokens of `blocking` out of
/// them. If `watch` says to stop, what is not searched yet is [`Beyond::Elsewhere`].
pub fn rewriting(
    repository: &Repository,
    blocking: &[&Finding],
    watch: &Watch,
) -> Result<Rewriting, SourceError> {
    let names: HashMap<Token, String> =
        blocking.iter().map(|finding| (finding.token(), finding.allow_name())).collect();
    let database = repository.database()?;
    let (seen, _) = read(repository, &database, watch)?;
    let holders = seen.holders.into_iter().map(|(id, holder)| {
        let tokens = holder.findings.iter().map(Finding::token);
        (id, tokens.filter(|token| names.contains_key(token)).collect::<HashSet<_>>())
    });
    let mut left: HashMap<ObjectId, HashSet<Token>> =
        holders.filter(|(_, tokens)| !tokens.is_empty()).collect();
    let mut made = Making { names: &names, rewriting: Rewriting::default() };
    let mut visit = |stored: Stored<'_>| {
        if let Some(mut tokens) = left.remove(&stored.id) {
            let id = stored.id;
            made.object(stored, &mut tokens);
            tokens.iter().for_each(|token| made.beyond(token, id, Beyond::Elsewhere));
        }
        false
    };
    let sweep = Sweep::of(&database, watch);
    sweep.share(&mut visit);
    sweep.rest(repository, &mut visit);
    for (id, tokens) in left {
        tokens.iter().for_each(|token| made.beyond(token, id, Beyond::Elsewhere));
    }
    let mut rewriting = made.rewriting;
    for finding in blocking.iter().filter(|finding| finding.place.part == Part::Path) {
        rewriting.beyond.push((finding.allow_name(), finding.place.path.clone(), Beyond::Name));
    }
    rewriting.beyond.sort();
    rewriting.beyond.dedup();
    Ok(rewriting)
}

struct Making<'n> {
    /// What the tokens are called that have to go.
    names: &'n HashMap<Token, String>,
    rewriting: Rewriting,
}

impl Making<'_> {
    /// Takes an object that holds `tokens`, and of them those that it finds there.
    fn object(&mut self, stored: Stored<'_>, tokens: &mut HashSet<Token>) {
        let Stored { kind, id, content, .. } = stored;
        let is_binary = |text: &[u8]| text.get(..HEAD).unwrap_or(text).contains(&0);
        match (kind, content) {
            (ObjectKind::Commit | ObjectKind::Tag, Content::Whole(text)) => {
                let end = memchr::memmem::find(&text, b"\n\n").map_or(text.len(), |at| at + 2);
                let (header, message) = text.split_at_checked(end).unwrap_or((&text, b""));
                self.text(id, header, &search(header).matches, Some(Beyond::Header), tokens);
                self.text(id, message, &search(message).matches, None, tokens);
            }
            (_, Content::Whole(text)) => {
                let binary = is_binary(&text).then_some(Beyond::Binary);
                self.text(id, &text, &search(&text).matches, binary, tokens);
            }
            (_, Content::Stream { mut read, .. }) => {
                let mut binary = None;
                // Where it breaks off, the tokens that are left say so.
                let _broken_off = search_stream(&mut read, &mut |window, matches| {
                    if window.offset == 0 {
                        binary = is_binary(&window.bytes).then_some(Beyond::Binary);
                    }
                    self.text(id, &window.bytes, matches, binary, tokens);
                });
            }
        }
    }

    /// Takes a text of the object `id` with its `matches`; `beyond` is why none of it can be
    /// replaced.
    fn text(
        &mut self,
        id: ObjectId,
        text: &[u8],
        matches: &[Match],
        beyond: Option<Beyond>,
        tokens: &mut HashSet<Token>,
    ) {
        for found in matches {
            let token = found.key();
            if !self.names.contains_key(&token) {
                continue;
            }
            tokens.remove(&token);
            let beyond = match beyond {
                _ if found.encodings.is_packed() => Some(Beyond::Packed),
                _ if found.certainty == Certainty::Filler => Some(Beyond::Filler),
                beyond => beyond,
            };
            match beyond {
                Some(beyond) => self.beyond(&token, id, beyond),
                None => self.rewriting.expressions.add(text, found),
            }
        }
    }

    fn beyond(&mut self, token: &Token, object: ObjectId, why: Beyond) {
        let name = self.names.get(token).cloned().unwrap_or_default();
        self.rewriting.beyond.push((name, format!("object {object}").into_bytes(), why));
    }
}
