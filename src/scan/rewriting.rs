//! Finds what must be replaced in a history to remove tokens from it.

use std::collections::{HashMap, HashSet};

use super::history::read;
use super::stream::search_stream;
use crate::find::{Certainty, Match, SecretExpressions, search};
use crate::finding::{Finding, Part, Token};
use crate::source::{Content, ObjectId, ObjectKind, Repository, SourceError, Stored, Sweep, Watch};

/// How many bytes `git filter-repo` reads to recognise a binary file.
const HEAD: usize = 8192;

named! {
    /// Why no expression can remove a token from its place.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Beyond {
        /// The archive stores it in another form.
        Packed = "in an archive or a compressed file",
        /// `git filter-repo` replaces text only.
        Binary = "in a binary file",
        /// It is in an author's name or another header.
        Header = "in the header of a commit or a tag",
        /// It is in the name of a file, folder or ref.
        Name = "in a name",
        /// Other texts may contain the same placeholder.
        Filler = "a placeholder, which other text may hold too",
        /// Git LFS stores it, or it could not be read again.
        Elsewhere = "in a content that is not in git itself",
    }
}

/// What `git filter-repo` must replace.
#[derive(Default)]
pub struct Rewriting {
    /// The expressions, with secret parts.
    pub expressions: SecretExpressions,
    /// What the expressions leave: the name of the token in an allow entry, the object or path,
    /// and the reason.
    pub beyond: Vec<(String, Vec<u8>, Beyond)>,
}

/// Scans the objects of `repository` again for the tokens of `blocking`. If `watch` stops the
/// scan, the rest is [`Beyond::Elsewhere`].
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
    /// The names of the tokens to remove.
    names: &'n HashMap<Token, String>,
    rewriting: Rewriting,
}

impl Making<'_> {
    /// Scans an object that holds `tokens`, and removes those that it finds from the set.
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
                // After an error, the tokens that are left report it.
                let _broken_off = search_stream(&mut read, &mut |window, matches| {
                    if window.offset == 0 {
                        binary = is_binary(&window.bytes).then_some(Beyond::Binary);
                    }
                    self.text(id, &window.bytes, matches, binary, tokens);
                });
            }
        }
    }

    /// Handles a text of the object `id` with its `matches`; `beyond` says why none of it can
    /// be replaced.
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
