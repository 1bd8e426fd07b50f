//! From what a policy file says to what it means. What is not understood to the
//! letter is an error with its place.

use globset::GlobBuilder;
use toml::Spanned;

use super::audit::Audit;
use super::file::{AllowTable, AuditTable, PolicyFile, Requirement, Sort, parse};
use super::grant::Grant;
use super::judge::Subject;
use super::layers::{Layer, Level};
use super::settings::{Action, Setting, Value};
use super::{Date, Entry, Policy, PolicyError};
use crate::find::find;
use crate::source::ObjectId;
use crate::token::{Identifier, by_name, known_prefixes};

/// The longest time that a policy may speak of, in days: a century.
const LONGEST: i64 = 36_525;

/// Adds to `policy` what `layer` says, as far as it is granted to it; what the
/// layers below it may do.
pub(super) fn add(
    policy: &mut Policy,
    layer: &Layer,
    granted: &Grant,
    today: Date,
) -> Result<Grant, PolicyError> {
    let source = Source::new(layer, today);
    let file = parse(source.file, source.text)?;
    if *file.version.get_ref() != 1 {
        return Err(source.error(
            &file.version,
            "this dtguard knows policy version 1 only",
            "update dtguard, or write: version = 1",
        ));
    }
    if let Some(issued) = file.certainty.issued.as_ref().filter(|action| *action.get_ref() == Action::Pass) {
        return Err(source.error(
            issued,
            "issued tokens cannot be let through as a whole",
            "allow single tokens with [[allow]] entries",
        ));
    }
    for (setting, value) in source.settings(&file)? {
        source.set(policy, granted, setting, &value)?;
    }
    for table in &file.allow {
        policy.entries.push(source.entry(table, granted)?);
    }
    if let Some(table) = &file.audit {
        policy.audits.extend(source.audits(table)?);
    }
    granted.narrowed(&source, file.grant.as_ref())
}

/// A policy file under way to its meaning.
pub(super) struct Source<'a> {
    file: &'a str,
    text: &'a str,
    /// Where its line feeds are.
    feeds: Vec<usize>,
    level: Level,
    today: Date,
}

impl<'a> Source<'a> {
    fn new(layer: &'a Layer, today: Date) -> Self {
        let text = layer.text.as_str();
        let feeds = memchr::memchr_iter(b'\n', text.as_bytes()).collect();
        Self { file: &layer.file, text, feeds, level: layer.level, today }
    }

    pub(super) fn error<T>(&self, at: &Spanned<T>, message: &str, help: &str) -> PolicyError {
        PolicyError::new(self.file, self.text, Some(at.span()), message, help)
    }

    /// The file, and the line on which `at` begins.
    pub(super) fn place<T>(&self, at: &Spanned<T>) -> String {
        let line = 1 + self.feeds.partition_point(|feed| *feed < at.span().start);
        format!("{}:{line}", self.file)
    }

    /// The settings that the file names.
    fn settings(&self, file: &PolicyFile) -> Result<Vec<(Setting, Spanned<Value>)>, PolicyError> {
        let certainty = &file.certainty;
        let actions = [
            (Setting::Issued, &certainty.issued),
            (Setting::Format, &certainty.format),
            (Setting::Context, &certainty.context),
            (Setting::Sample, &certainty.sample),
            (Setting::Filler, &certainty.filler),
            (Setting::Unread, &file.coverage.unread),
        ];
        let mut settings: Vec<_> = actions
            .into_iter()
            .filter_map(|(setting, action)| {
                let action = action.as_ref()?;
                Some((setting, Spanned::new(action.span(), Value::Action(*action.get_ref()))))
            })
            .collect();
        if let Some(granted) = &file.server.break_glass {
            let value = Value::Granted(*granted.get_ref());
            settings.push((Setting::BreakGlass, Spanned::new(granted.span(), value)));
        }
        if let Some(days) = &file.expiry.warn_days {
            let value = Value::Days(self.days(days)?);
            settings.push((Setting::WarnDays, Spanned::new(days.span(), value)));
        }
        Ok(settings)
    }

    fn set(
        &self,
        policy: &mut Policy,
        granted: &Grant,
        setting: Setting,
        value: &Spanned<Value>,
    ) -> Result<(), PolicyError> {
        let Some(effective) = policy.settings.iter_mut().find(|one| one.setting == setting) else {
            return Ok(());
        };
        if value.get_ref().is_looser_than(effective.value) {
            granted.allows_setting(setting).map_err(|limit| limit.error(self, value))?;
        }
        // Said again it is still the higher layer that says it.
        if *value.get_ref() != effective.value || effective.place.is_none() {
            (effective.value, effective.place) = (*value.get_ref(), Some(self.place(value)));
        }
        Ok(())
    }

    pub(super) fn days(&self, days: &Spanned<i64>) -> Result<u16, PolicyError> {
        let number = Some(*days.get_ref()).filter(|days| (0..=LONGEST).contains(days));
        number.and_then(|days| u16::try_from(days).ok()).ok_or_else(|| {
            self.error(days, "this is no number of days", &format!("write a number from 0 to {LONGEST}"))
        })
    }

    fn audits(&self, table: &Spanned<AuditTable>) -> Result<Vec<Audit>, PolicyError> {
        if self.level == Level::Repository {
            return Err(self.error(
                table,
                "a repository does not say where its audit goes",
                "write [audit] into the system's, the organisation's or your own policy: else a repository could have any file of yours written to",
            ));
        }
        let AuditTable { file, syslog, required } = table.get_ref();
        let required = *required == Some(true);
        let mut audits = Vec::new();
        if let Some(file) = file {
            let path = super::locate::expanded(file.get_ref()).ok_or_else(|| {
                self.error(file, "this is no absolute path", "write it from / or ~/ on, or with its drive")
            })?;
            audits.push(Audit { target: super::Target::File(path), required, place: self.place(file) });
        }
        if let Some(syslog) = syslog.as_ref().filter(|syslog| *syslog.get_ref()) {
            if cfg!(not(unix)) {
                return Err(self.error(syslog, "there is no syslog on this system", "name a `file`"));
            }
            audits.push(Audit { target: super::Target::Syslog, required, place: self.place(syslog) });
        }
        if audits.is_empty() {
            return Err(self.error(
                table,
                "[audit] names no place",
                "write: file = \"/var/log/dtguard.jsonl\"",
            ));
        }
        Ok(audits)
    }

    fn entry(&self, table: &Spanned<AllowTable>, granted: &Grant) -> Result<Entry, PolicyError> {
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
        if let (None, Some(place)) = (&owner, granted.requires(Requirement::Owner)) {
            let help = format!("add: owner = \"who answers for it\"\n({place} requires it)");
            return Err(self.error(table, "this allow entry has no `owner`", &help));
        }
        Ok(Entry {
            subject,
            level: self.level,
            limits: granted.kinds(),
            reason: self.reason(table)?,
            owner,
            expires: self.expires(table, granted)?,
            place: self.place(table),
        })
    }

    fn reason(&self, table: &Spanned<AllowTable>) -> Result<String, PolicyError> {
        let Some(reason) = &table.get_ref().reason else {
            return Err(self.error(
                table,
                "this allow entry has no `reason`",
                "add: reason = \"why this is no secret\"",
            ));
        };
        let text = reason.get_ref().trim();
        if text.is_empty() {
            return Err(self.error(reason, "the reason is empty", "say why this token is no secret"));
        }
        let begins = text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("todo"));
        if begins && !text.get(4..).is_some_and(|rest| rest.starts_with(char::is_alphanumeric)) {
            return Err(self.error(
                reason,
                "this reason is still to be written",
                "say why this token is no secret, or take the entry out and revoke the token",
            ));
        }
        Ok(reason.get_ref().clone())
    }

    fn expires(&self, table: &Spanned<AllowTable>, granted: &Grant) -> Result<Option<Date>, PolicyError> {
        let longest = granted.longest().map(|(_, place)| place);
        let Some(expires) = &table.get_ref().expires else {
            let Some(place) = granted.requires(Requirement::Expires).or(longest) else { return Ok(None) };
            let last = granted.last_day(self.today).map_or("YYYY-MM-DD".to_owned(), |last| last.to_string());
            let help = format!("add: expires = {last}\n({place} requires it)");
            return Err(self.error(table, "this allow entry has no `expires`", &help));
        };
        let date = self.date(expires)?;
        if let (Some(last), Some((days, place))) = (granted.last_day(self.today), granted.longest())
            && date > last
        {
            let help = format!("write at most: expires = {last}\n({place} grants no more)");
            return Err(self.error(expires, &format!("this is more than {days} days away"), &help));
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
        let prefix = text.split('.').next().unwrap_or_default().to_ascii_lowercase();
        let kind = if by_name(&prefix).is_some() { prefix.as_str() } else { identifier.kind.id };
        granted.allows_kind(self, id, kind)?;
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
        Ok(Subject::Path { glob: glob.compile_matcher(), kinds: self.kind_names(kinds)? })
    }

    fn commit(&self, table: &Spanned<AllowTable>, commit: &Spanned<String>) -> Result<Subject, PolicyError> {
        let id = ObjectId::from_hex(commit.get_ref().as_bytes()).filter(|id| !id.is_zero());
        let id = id.ok_or_else(|| {
            self.error(
                commit,
                "this is no whole commit id",
                "write all of its 40 or 64 hex digits: git rev-parse COMMIT",
            )
        })?;
        let kinds = table.get_ref().kinds.as_ref().map(|kinds| self.kind_names(kinds)).transpose()?;
        Ok(Subject::Commit { id, kinds })
    }

    /// `kinds`, of which each is one and there is at least one.
    pub(super) fn kind_names(
        &self,
        kinds: &Spanned<Vec<Spanned<String>>>,
    ) -> Result<Vec<String>, PolicyError> {
        if kinds.get_ref().is_empty() {
            return Err(self.error(kinds, "`kinds` is empty", "name kinds, or leave it out"));
        }
        if let Some(kind) = kinds.get_ref().iter().find(|kind| by_name(kind.get_ref()).is_none()) {
            return Err(self.error(
                kind,
                "there is no such kind",
                &format!("write a kind's id (see `dtguard explain`) or one of: {}", known_prefixes()),
            ));
        }
        Ok(kinds.get_ref().iter().map(|kind| kind.get_ref().clone()).collect())
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
            "p.toml:5:1: unknown field `raeson`, expected one of `id`, `fingerprint`, `path`, `commit`, `kinds`, `reason`, `owner`, `expires`\n  |\n5 | raeson = \"typo\"\n  | ^^^^^^"
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
            (entry(&format!("{id}\nreason = \"TODO: why\"")), "still to be written"),
            (entry(&format!("{id}\nreason = \" todo\"")), "still to be written"),
            (entry("commit = \"abcdef1\"\nreason = \"r\""), "no whole commit id"),
            (entry(&format!("commit = \"{}\"\nreason = \"r\"", "0".repeat(40))), "no whole commit id"),
            (entry(&format!("commit = \"{}\"", "ab".repeat(20))), "has no `reason`"),
            (entry(&format!("{id}\ncommit = \"{}\"\nreason = \"r\"", "ab".repeat(20))), "names one of"),
            (
                entry(&format!("commit = \"{}\"\nkinds = []\nreason = \"r\"", "ab".repeat(20))),
                "`kinds` is empty",
            ),
            ("version = 1\n[expiry]\nwarn_days = -1".to_owned(), "p.toml:3:13: this is no number of days"),
            ("version = 1\n[expiry]\nwarn_days = 99999".to_owned(), "no number of days"),
            ("version = 1\n[grant]\nlongest_days = -1".to_owned(), "no number of days"),
            ("version = 1\n[grant]\nloosen = [\"certainty.issued\"]".to_owned(), "unknown variant"),
            ("version = 1\n[grant]\nallow = [\"ids\"]".to_owned(), "unknown variant"),
            ("version = 1\n[grant]\nkinds = [\"dt0c02\"]".to_owned(), "no such kind"),
            ("version = 1\n[grant]\nallows = []".to_owned(), "unknown field"),
            ("version = 1\n[audit]\nsyslog = true".to_owned(), "p.toml:2:1: a repository does not say"),
            ("version = 1\n[audit]\nfile = \"/x\"".to_owned(), "have any file of yours written to"),
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
