//! From what a policy file says to what it means. What is not understood to the
//! letter is an error with its place.

use globset::GlobBuilder;
use toml::Spanned;

use super::file::{Action, AllowTable, PolicyFile, parse};
use super::judge::Subject;
use super::{Date, Entry, Policy, PolicyError};
use crate::find::{Certainty, find};
use crate::token::{Identifier, by_name, known_prefixes};

impl Policy {
    /// The policy that `text` says; `file` is what messages call it.
    ///
    /// # Errors
    ///
    /// [`PolicyError`] for whatever is not understood to the letter.
    pub fn parse(file: &str, text: &str) -> Result<Self, PolicyError> {
        let source = Source { file, text, feeds: memchr::memchr_iter(b'\n', text.as_bytes()).collect() };
        let PolicyFile { version, certainty, coverage, server, allow } = parse(file, text)?;
        if *version.get_ref() != 1 {
            return Err(source.error(
                &version,
                "this dtguard knows policy version 1 only",
                "update dtguard, or write: version = 1",
            ));
        }
        if let Some(issued) = certainty.issued.as_ref().filter(|action| *action.get_ref() == Action::Pass) {
            return Err(source.error(
                issued,
                "issued tokens cannot be let through as a whole",
                "allow single tokens with [[allow]] entries",
            ));
        }
        let actions = [
            (Certainty::Issued, certainty.issued),
            (Certainty::Format, certainty.format),
            (Certainty::Context, certainty.context),
            (Certainty::Sample, certainty.sample),
            (Certainty::Filler, certainty.filler),
        ];
        let actions =
            actions.into_iter().filter_map(|(name, action)| Some((name, action?.into_inner()))).collect();
        let entries = allow.iter().map(|table| source.entry(table)).collect::<Result<_, _>>()?;
        let gaps_block = coverage.unread == Some(Action::Block);
        let break_glass = server.break_glass == Some(true);
        Ok(Self { file: file.to_owned(), entries, actions, gaps_block, break_glass })
    }

    /// The same, from bytes that may not be text.
    ///
    /// # Errors
    ///
    /// As [`Policy::parse`], and for bytes that are not UTF-8.
    pub fn parse_bytes(file: &str, bytes: &[u8]) -> Result<Self, PolicyError> {
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let valid = bytes
                .get(..error.valid_up_to())
                .and_then(|valid| std::str::from_utf8(valid).ok())
                .unwrap_or_default();
            PolicyError::new(
                file,
                valid,
                Some(valid.len()..valid.len()),
                "the file is not UTF-8 from here on",
                "save it as UTF-8",
            )
        })?;
        Self::parse(file, text)
    }
}

/// A policy file under way to its meaning.
struct Source<'a> {
    file: &'a str,
    text: &'a str,
    /// Where its line feeds are.
    feeds: Vec<usize>,
}

impl Source<'_> {
    fn error<T>(&self, at: &Spanned<T>, message: &str, help: &str) -> PolicyError {
        PolicyError::new(self.file, self.text, Some(at.span()), message, help)
    }

    fn entry(&self, table: &Spanned<AllowTable>) -> Result<Entry, PolicyError> {
        let says = table.get_ref();
        let subject = match (&says.id, &says.fingerprint, &says.path) {
            (Some(id), None, None) => self.identifier(id)?,
            (None, Some(fingerprint), None) => self.fingerprint(fingerprint)?,
            (None, None, Some(path)) => self.path(table, path)?,
            _ => {
                return Err(self.error(
                    table,
                    "an allow entry names one of `id`, `fingerprint` or `path`",
                    "make one [[allow]] entry of each",
                ));
            }
        };
        if let (Some(kinds), None) = (&says.kinds, &says.path) {
            return Err(self.error(
                kinds,
                "`kinds` goes with `path` only",
                "leave it out: an id or fingerprint names one token",
            ));
        }
        let reason = match &says.reason {
            Some(reason) if !reason.get_ref().trim().is_empty() => reason.get_ref().clone(),
            Some(reason) => {
                return Err(self.error(reason, "the reason is empty", "say why this token is no secret"));
            }
            None => {
                return Err(self.error(
                    table,
                    "this allow entry has no `reason`",
                    "add: reason = \"why this is no secret\"",
                ));
            }
        };
        let line = 1 + self.feeds.partition_point(|feed| *feed < table.span().start);
        Ok(Entry {
            subject,
            reason,
            owner: says.owner.as_ref().map(|owner| owner.get_ref().clone()),
            expires: says.expires.as_ref().map(|expires| self.date(expires)).transpose()?,
            place: format!("{}:{line}", self.file),
        })
    }

    fn identifier(&self, id: &Spanned<String>) -> Result<Subject, PolicyError> {
        let text = id.get_ref();
        if !find(text.as_bytes()).is_empty() {
            return Err(self.error(
                id,
                "this is a whole token, with its secret part",
                "write the identifier only, which ends before the second dot; the token has leaked if this file ever left the machine",
            ));
        }
        let Some(identifier) = Identifier::parse(text) else {
            return Err(self.error(
                id,
                "this is not a token identifier",
                "write prefix and public part, such as dt0c01.<24 characters>",
            ));
        };
        if !identifier.names_one_token() {
            return Err(self.error(
                id,
                "this identifier names an environment or a client, not one token: the entry would hide its next token too",
                "allow it by fingerprint; the blocked commit's message says which",
            ));
        }
        Ok(Subject::Identifier(text.clone()))
    }

    fn fingerprint(&self, fingerprint: &Spanned<String>) -> Result<Subject, PolicyError> {
        fingerprint.get_ref().parse().map(Subject::Fingerprint).map_err(|()| {
            self.error(
                fingerprint,
                "a fingerprint has 64 hex digits",
                "copy it from the blocked commit's message",
            )
        })
    }

    fn path(&self, table: &Spanned<AllowTable>, path: &Spanned<String>) -> Result<Subject, PolicyError> {
        let text = path.get_ref();
        if let Some((message, help)) = why_no_path(text) {
            return Err(self.error(path, message, help));
        }
        let glob = GlobBuilder::new(text).literal_separator(true).backslash_escape(true).build();
        let glob = glob.map_err(|error| {
            self.error(
                path,
                &error.kind().to_string(),
                "*, ?, [a-z] and {a,b} stay within a folder, ** crosses folders",
            )
        })?;
        let Some(kinds) = table.get_ref().kinds.as_ref().filter(|kinds| !kinds.get_ref().is_empty()) else {
            return Err(self.error(
                path,
                "a `path` entry needs `kinds`",
                "name what may stand there: kinds = [\"dt0c01\"]",
            ));
        };
        for kind in kinds.get_ref() {
            if by_name(kind.get_ref()).is_none() {
                return Err(self.error(
                    kind,
                    "there is no such kind",
                    &format!("write a kind's id (see `dtguard explain`) or one of: {}", known_prefixes()),
                ));
            }
        }
        let kinds = kinds.get_ref().iter().map(|kind| kind.get_ref().clone()).collect();
        Ok(Subject::Path { glob: glob.compile_matcher(), kinds })
    }

    fn date(&self, expires: &Spanned<toml::value::Datetime>) -> Result<Date, PolicyError> {
        let datetime = expires.get_ref();
        let date = datetime.date.filter(|_| datetime.time.is_none());
        date.and_then(|date| Date::new(date.year, date.month, date.day)).ok_or_else(|| {
            self.error(expires, "`expires` is a date without a time", "write: expires = 2027-06-30")
        })
    }
}

/// What keeps `text` from being a glob that can match and matches no more than it
/// says, and what to write instead.
fn why_no_path(text: &str) -> Option<(&'static str, &'static str)> {
    let parts = || text.split('/');
    if text.is_empty()
        || text.starts_with(['/', ' ', '!', '~'])
        || parts().any(|part| matches!(part, "" | "." | ".."))
    {
        return Some((
            "a path begins at the top of the repository and means files",
            "write it without a leading /, ./ or !, without .., and a folder as folder/**",
        ));
    }
    let letter_escaped =
        text.as_bytes().windows(2).any(|pair| matches!(pair, [b'\\', next] if next.is_ascii_alphanumeric()));
    if letter_escaped {
        return Some((
            "a path has / between its parts on every system",
            "write it with / in the place of \\",
        ));
    }
    if text.len() > 1024 || text.matches(['{', '[']).count() > 16 || text.matches('*').count() > 32 {
        return Some((
            "this path is too long or has too many signs with a meaning",
            "make several entries of it",
        ));
    }
    // A class that is negated, or a range in one, could match the / between folders.
    let crossing = text.match_indices('[').any(|(at, _)| {
        let class = text.get(at + 1..).and_then(|rest| rest.split(']').next()).unwrap_or_default().as_bytes();
        class.first().is_some_and(|first| matches!(first, b'!' | b'^'))
            || class.contains(&b'/')
            || class
                .windows(3)
                .any(|range| matches!(range, [low, b'-', high] if (*low..=*high).contains(&b'/')))
    });
    crossing.then_some(("this class of characters matches / too", "name the characters that you mean"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::{KINDS, specimen};

    fn error(policy: &str) -> String {
        let error = Policy::parse("p.toml", policy).unwrap_err();
        format!("{error}\nhelp: {}", error.help())
    }

    #[test]
    fn a_mistake_is_shown_with_file_line_column_and_caret() {
        assert_eq!(
            error("version = 1\n\n[[allow]]\nid = \"dt0c01.ABCDEFGHIJKLMNOPQRSTUVWX\"\nraeson = \"typo\"\n")
                .lines()
                .take(4)
                .collect::<Vec<_>>()
                .join("\n"),
            "p.toml:5:1: unknown field `raeson`, expected one of `id`, `fingerprint`, `path`, `kinds`, `reason`, `owner`, `expires`\n  |\n5 | raeson = \"typo\"\n  | ^^^^^^"
        );
    }

    #[test]
    fn whatever_is_not_understood_is_an_error() {
        let entry = |lines: &str| format!("version = 1\n[[allow]]\n{lines}\n");
        let id = "id = \"dt0c01.ABCDEFGHIJKLMNOPQRSTUVWX\"";
        for (policy, says) in [
            (String::new(), "version = 1"),
            ("version = 2".to_owned(), "version 1 only"),
            ("version = \"1\"".to_owned(), "invalid type"),
            ("version = 1\nallow = 3".to_owned(), "invalid type"),
            ("version = 1\n[certainty]\nsampel = \"pass\"".to_owned(), "sampel"),
            ("version = 1\n[certainty]\nsample = \"allow\"".to_owned(), "allow"),
            ("version = 1\n[[allow]\n".to_owned(), "p.toml:2"),
            ("version = 1\n[certainty]\nissued = \"pass\"".to_owned(), "p.toml:3:10"),
            (entry(id), "has no `reason`"),
            (entry(&format!("{id}\nreason = \" \"")), "reason is empty"),
            (entry(&format!("{id}\nreason = 1")), "invalid type"),
            (entry("reason = \"r\""), "names one of"),
            (entry(&format!("{id}\npath = \"a\"\nkinds = [\"dt0c01\"]\nreason = \"r\"")), "names one of"),
            (entry(&format!("{id}\nkinds = [\"dt0c01\"]\nreason = \"r\"")), "goes with `path`"),
            (entry("path = \"a/*\"\nreason = \"r\""), "needs `kinds`"),
            (entry("path = \"a/*\"\nkinds = []\nreason = \"r\""), "needs `kinds`"),
            (entry("path = \"a/*\"\nkinds = [\"dt0c02\"]\nreason = \"r\""), "no such kind"),
            (entry("path = \"/a\"\nkinds = [\"dt0c01\"]\nreason = \"r\""), "top of the repository"),
            (entry("path = \"../x\"\nkinds = [\"dt0c01\"]\nreason = \"r\""), "top of the repository"),
            (entry("path = \"a//b\"\nkinds = [\"dt0c01\"]\nreason = \"r\""), "top of the repository"),
            (entry("path = \"!a\"\nkinds = [\"dt0c01\"]\nreason = \"r\""), "top of the repository"),
            (entry("path = 'a\\fix'\nkinds = [\"dt0c01\"]\nreason = \"r\""), "/ between"),
            (entry("path = \"t[!a]x\"\nkinds = [\"dt0c01\"]\nreason = \"r\""), "matches / too"),
            (entry("path = \"t[+-9]x\"\nkinds = [\"dt0c01\"]\nreason = \"r\""), "matches / too"),
            (
                entry(&format!("path = \"{}\"\nkinds = [\"dt0c01\"]\nreason = \"r\"", "{".repeat(20_000))),
                "too long",
            ),
            (
                entry(&format!("path = \"{}\"\nkinds = [\"dt0c01\"]\nreason = \"r\"", "*".repeat(100))),
                "too many signs",
            ),
            (entry("path = \"a[\"\nkinds = [\"dt0c01\"]\nreason = \"r\""), "unclosed"),
            (entry("id = \"dt0c01\"\nreason = \"r\""), "not a token identifier"),
            (entry("id = \"dt0a01.abc12345\"\nreason = \"r\""), "next token too"),
            (entry("fingerprint = \"abc\"\nreason = \"r\""), "64 hex digits"),
            (entry(&format!("{id}\nreason = \"r\"\nexpires = 2026-02-30")), "p.toml:5"),
            (entry(&format!("{id}\nreason = \"r\"\nexpires = \"2026-02-20\"")), "p.toml:5"),
            (entry(&format!("{id}\nreason = \"r\"\nexpires = 2026-02-20T10:00:00")), "without a time"),
        ] {
            let error = error(&policy);
            assert!(error.contains(says), "{policy}\n---\n{error}");
        }
    }

    #[test]
    fn a_whole_token_pasted_into_a_policy_is_not_repeated_in_the_message() {
        for kind in KINDS.iter().filter(|kind| !kind.prefixes.is_empty()) {
            let token = specimen(kind, 3);
            for lines in [
                format!("id = \"{}\"\nreason = \"r\"", token.text),
                format!("{} = 1", token.text),
                format!("id = {}", token.text),
                format!("id = \"x\"\nreason = 1 # {}", token.text),
                format!("path = \"{}\"", token.text),
            ] {
                let error = error(&format!("version = 1\n[[allow]]\n{lines}\n"));
                assert!(!error.contains(token.secret()), "{}: {lines}", kind.id);
            }
        }
    }
}
