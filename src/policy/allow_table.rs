//! Compiles allow entries.

use globset::{GlobBuilder, GlobMatcher};
use toml::Spanned;

use super::document::Document;
use super::entry::Subject;
use super::file::{AllowTable, Requirement, Sort};
use super::{Date, Entry, Grant, PolicyError, Unwritten, Wants};
use crate::find::find;
use crate::source::ObjectId;
use crate::token::{Identifier, by_name};

/// How many lines a message lists.
const LISTED: usize = 20;

impl Document<'_> {
    /// The entry in `table`, if the grant allows it.
    pub(super) fn entry(&self, table: &Spanned<AllowTable>, granted: &Grant) -> Result<Entry, PolicyError> {
        let says = table.get_ref();
        let (sort, subject) = match (&says.id, &says.fingerprint, &says.path, &says.commit) {
            (Some(id), None, None, None) => (Sort::Id, self.identifier(id, granted)?),
            (None, Some(fingerprint), None, None) => (Sort::Fingerprint, self.fingerprint(fingerprint)?),
            (None, None, Some(path), None) => (Sort::Path, self.path(table, path)?),
            (None, None, None, Some(commit)) => (Sort::Commit, self.commit(table, commit)?),
            _ => {
                return Err(self.error(
                    table,
                    "an allow entry names one of `id`, `fingerprint`, `path` or `commit`",
                    "make one [[allow]] entry of each",
                ));
            }
        };
        if let (Some(kinds), Sort::Id | Sort::Fingerprint) = (&says.kinds, sort) {
            return Err(self.error(
                kinds,
                "`kinds` goes with `path` or `commit` only",
                "leave it out: an id or fingerprint names one token",
            ));
        }
        granted.allows_sort(sort).map_err(|limit| limit.error(self, table))?;
        if let Some(kinds) = &says.kinds {
            granted.allows_kinds(self, kinds)?;
        }
        let owner = says.owner.as_ref().map(|owner| owner.get_ref().clone());
        let owner = owner.filter(|owner| Unwritten::of(owner).is_none());
        if let (None, Some(stated_at)) = (&owner, granted.requires(Requirement::Owner)) {
            let help = format!("add: owner = \"<who is responsible>\"\n({stated_at} requires it)");
            let error = self.error(table, "this allow entry has no `owner`", &help);
            return Err(error.demanded(Wants::Owner, stated_at));
        }
        Ok(Entry {
            subject,
            level: self.level,
            limits: granted.kinds(),
            reason: says.reason.as_ref().map(|reason| reason.get_ref().clone()).unwrap_or_default(),
            owner,
            expires: self.expires(table, granted)?,
            stated_at: self.stated_at(table),
        })
    }

    /// Fails if one of `tables` has no reason. The error lists all of them at once.
    pub(super) fn reasons(&self, tables: &[Spanned<AllowTable>]) -> Result<(), PolicyError> {
        let unwritten = |table: &&Spanned<AllowTable>| {
            table.get_ref().reason.as_ref().is_none_or(|reason| Unwritten::of(reason.get_ref()).is_some())
        };
        let mut lacking = tables.iter().filter(unwritten);
        let Some(first) = lacking.next() else { return Ok(()) };
        let lines: Vec<_> = lacking.map(|table| self.line(table).to_string()).collect();
        let (listed, more) = lines.split_at(lines.len().min(LISTED));
        let others = match (listed, more.len()) {
            ([], _) => String::new(),
            ([line], 0) => format!(", and so is that of the entry on line {line}"),
            ([listed @ .., last], 0) => {
                format!(", and so are those of the entries on lines {} and {last}", listed.join(", "))
            }
            (listed, more) => {
                format!(", and so are those of the entries on lines {} and of {more} more", listed.join(", "))
            }
        };
        let help = "say why this token is no secret, or take the entry out and revoke the token";
        Err(match &first.get_ref().reason {
            None => self.error(
                first,
                &format!("this allow entry has no `reason`: it is still to be written{others}"),
                "add: reason = \"<why this is no secret>\"",
            ),
            Some(reason) => {
                let what = Unwritten::of(reason.get_ref()).map_or("", Unwritten::name);
                self.error(reason, &format!("this reason is {what}{others}"), help)
            }
        })
    }

    fn expires(&self, table: &Spanned<AllowTable>, granted: &Grant) -> Result<Option<Date>, PolicyError> {
        let longest = granted.longest().map(|(_, stated_at)| stated_at);
        let Some(expires) = &table.get_ref().expires else {
            let Some(stated_at) = granted.requires(Requirement::Expires).or(longest) else { return Ok(None) };
            let last = granted.last_day(self.today);
            let day = last.map_or("YYYY-MM-DD".to_owned(), |last| last.to_string());
            let help = format!("add: expires = {day}\n({stated_at} requires it)");
            let error = self.error(table, "this allow entry has no `expires`", &help);
            return Err(error.demanded(Wants::Expires(last), stated_at));
        };
        let date = self.date("expires", expires)?;
        if let (Some(last), Some((days, stated_at))) = (granted.last_day(self.today), granted.longest())
            && date > last
        {
            let help = format!("write at most: expires = {last}\n({stated_at} grants no more)");
            let error = self.error(expires, &format!("this is more than {days} days away"), &help);
            return Err(error.demanded(Wants::Sooner(last, days), stated_at));
        }
        Ok(Some(date))
    }

    fn identifier(&self, id: &Spanned<String>, granted: &Grant) -> Result<Subject, PolicyError> {
        let text = id.get_ref();
        if !find(text.as_bytes()).is_empty() {
            return Err(self.error(
                id,
                "this is a whole token, with its secret part",
                "write the identifier only, which ends before the second dot; the token has leaked if this file ever left the machine",
            ));
        }
        let Some(identifier) = Identifier::parse(text) else {
            let help = "write prefix and public part, such as dt0c01.<24 characters>";
            return Err(self.error(id, "this is not a token identifier", help));
        };
        if let Some(why) = identifier.why_not_one_token() {
            return Err(self.error(id, &why, "copy the fingerprint from the blocked commit's message"));
        }
        let prefix = text.split('.').next().unwrap_or_default().to_ascii_lowercase();
        let kind = if by_name(&prefix).is_some() { prefix.as_str() } else { identifier.kind.id };
        granted.allows_kind(self, id, kind)?;
        Ok(Subject::Identifier(text.clone()))
    }

    fn fingerprint(&self, fingerprint: &Spanned<String>) -> Result<Subject, PolicyError> {
        let help = "copy it from the blocked commit's message";
        let wrong = |()| self.error(fingerprint, "a fingerprint has 64 hex digits", help);
        fingerprint.get_ref().parse().map(Subject::Fingerprint).map_err(wrong)
    }

    fn path(&self, table: &Spanned<AllowTable>, path: &Spanned<String>) -> Result<Subject, PolicyError> {
        let glob = self.glob(path)?;
        let Some(kinds) = table.get_ref().kinds.as_ref().filter(|kinds| !kinds.get_ref().is_empty()) else {
            let help = "name what may stand there: kinds = [\"dt0c01\"]";
            return Err(self.error(path, "a `path` entry needs `kinds`", help));
        };
        Ok(Subject::Path { glob, kinds: self.kind_names(kinds)? })
    }

    /// The glob in `path`.
    pub(super) fn glob(&self, path: &Spanned<String>) -> Result<GlobMatcher, PolicyError> {
        let text = path.get_ref();
        if let Some((message, help)) = why_no_path(text) {
            return Err(self.error(path, message, help));
        }
        let glob = GlobBuilder::new(text).literal_separator(true).backslash_escape(true).build();
        let glob = glob.map_err(|error| {
            let help = "*, ?, [a-z] and {a,b} stay within a folder, ** crosses folders";
            self.error(path, &error.kind().to_string(), help)
        })?;
        Ok(glob.compile_matcher())
    }

    fn commit(&self, table: &Spanned<AllowTable>, commit: &Spanned<String>) -> Result<Subject, PolicyError> {
        let id = ObjectId::from_hex(commit.get_ref().as_bytes()).filter(|id| !id.is_zero());
        let help = "write all of its 40 or 64 hex digits: git rev-parse COMMIT";
        let id = id.ok_or_else(|| self.error(commit, "this is no whole commit id", help))?;
        let kinds = table.get_ref().kinds.as_ref().map(|kinds| self.kind_names(kinds)).transpose()?;
        Ok(Subject::Commit { id, kinds })
    }
}

/// Why `text` is no useful glob, and what to write instead: it can never match, or matches more
/// than it seems to.
fn why_no_path(text: &str) -> Option<(&'static str, &'static str)> {
    let parts = || text.split('/');
    if text.is_empty()
        || text.starts_with(['/', ' ', '!', '~'])
        || parts().any(|part| matches!(part, "" | "." | ".."))
    {
        return Some((
            "a path begins at the top of the repository and names files",
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
        let message = "this path is too long or has too many special characters";
        return Some((message, "make several entries of it"));
    }
    any_class_crosses(text.as_bytes())
        .then_some(("this class of characters matches / too", "name the characters that you mean"))
}

/// Whether a character class in the glob `text` could match the / between folders.
fn any_class_crosses(mut text: &[u8]) -> bool {
    while let [first, rest @ ..] = text {
        text = match first {
            b'\\' => rest.get(1..).unwrap_or_default(),
            b'[' => {
                // A leading ] is one of the characters.
                let end =
                    rest.iter().skip(1).position(|byte| *byte == b']').map_or(rest.len(), |end| end + 1);
                let (class, behind) = rest.split_at(end);
                if crosses(class) {
                    return true;
                }
                behind
            }
            _ => rest,
        };
    }
    false
}

/// Whether `class` is negated, or contains /, alone or in a range.
fn crosses(class: &[u8]) -> bool {
    matches!(class, [b'!' | b'^', ..])
        || class.contains(&b'/')
        || class.windows(3).any(|range| matches!(range, [low, b'-', high] if (*low..=*high).contains(&b'/')))
}
