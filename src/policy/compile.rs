//! Compiles a policy file. Anything unknown or wrong is an error with its place.

use toml::Spanned;
use toml::value::Datetime;

use super::document::Document;
use super::file::{AuditTable, PolicyFile, parse};
use super::settings::{Action, Setting, Value};
use super::{Audit, Date, Grant, Layer, Level, Policy, PolicyError, StageDay, Target};

/// Adds the granted parts of `layer` to `policy`. Returns what the layers below may do.
pub(super) fn add(
    policy: &mut Policy,
    layer: &Layer,
    granted: &Grant,
    today: Date,
) -> Result<Grant, PolicyError> {
    let mut source = Document::new(layer, today);
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
    let settings = source.settings(&file)?;
    // What the layers above say, before this one says `from`.
    let stages = source.stages(&file, policy, granted)?;
    for (setting, value) in settings {
        source.set(policy, granted, setting, &value)?;
    }
    for day in stages {
        policy.stages.retain(|known| known.stage != day.stage);
        policy.stages.push(day);
    }
    policy.forbidden.extend(source.forbidden(&file.forbid, &policy.forbidden)?);
    source.rules = policy.forbidden.iter().map(|rule| rule.id().to_owned()).collect();
    source.reasons(&file.allow)?;
    for table in &file.allow {
        policy.entries.push(source.entry(table, granted)?);
    }
    if let Some(table) = &file.audit {
        policy.audits.extend(source.audits(table)?);
    }
    granted.narrowed(&source, file.grant.as_ref())
}

impl Document<'_> {
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
        let stated = |(setting, action): (Setting, &Option<Spanned<Action>>)| {
            let action = action.as_ref()?;
            Some((setting, Spanned::new(action.span(), Value::Action(*action.get_ref()))))
        };
        let mut settings: Vec<_> = actions.into_iter().filter_map(stated).collect();
        if let Some(granted) = &file.server.break_glass {
            let value = Value::Granted(*granted.get_ref());
            settings.push((Setting::BreakGlass, Spanned::new(granted.span(), value)));
        }
        if let Some(days) = &file.expiry.warn_days {
            let value = Value::Days(self.days(days)?);
            settings.push((Setting::WarnDays, Spanned::new(days.span(), value)));
        }
        if let Some(from) = &file.enforce.from {
            let day = self.enforced_from(from)?;
            settings.push((Setting::EnforceFrom, Spanned::new(from.span(), Value::From(day))));
        }
        Ok(settings)
    }

    /// The days in `[enforce.stages]` that differ from what `above` says.
    fn stages(
        &self,
        file: &PolicyFile,
        above: &Policy,
        granted: &Grant,
    ) -> Result<Vec<StageDay>, PolicyError> {
        let mut days = Vec::new();
        for (stage, day) in &file.enforce.stages {
            let (from, known) = (self.enforced_from(day)?, above.enforced_from(stage.name()));
            if from > known {
                let setting = Setting::EnforceFrom;
                granted.allows_setting(setting).map_err(|limit| limit.error(self, day))?;
            }
            let is_stated = above.stages.iter().any(|known| known.stage == *stage);
            if from != known || !is_stated {
                days.push(StageDay { stage: *stage, from, stated_at: self.stated_at(day) });
            }
        }
        Ok(days)
    }

    /// The day in `[enforce] from`, or of a stage, if this layer may set one.
    fn enforced_from(&self, from: &Spanned<Datetime>) -> Result<Date, PolicyError> {
        if !matches!(self.level, Level::System | Level::Organisation) {
            return Err(self.error(
                from,
                "only the system's and the organisation's policy say from when findings block",
                "remove [enforce] here: otherwise those whom it blocks could choose the day",
            ));
        }
        self.date("from", from)
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
        // If a lower layer repeats the value, the higher layer still counts as its source.
        if *value.get_ref() != effective.value || effective.stated_at.is_none() {
            (effective.value, effective.stated_at) = (*value.get_ref(), Some(self.stated_at(value)));
        }
        Ok(())
    }

    fn audits(&self, table: &Spanned<AuditTable>) -> Result<Vec<Audit>, PolicyError> {
        if self.level == Level::Repository {
            return Err(self.error(
                table,
                "a repository cannot set its own audit",
                "write [audit] into the system's, the organisation's or your own policy: a repository could make dtguard write to any of your files",
            ));
        }
        let AuditTable { file, syslog, required } = table.get_ref();
        let required = *required == Some(true);
        let mut audits = Vec::new();
        if let Some(file) = file {
            let path = super::locate::expanded(file.get_ref()).ok_or_else(|| {
                self.error(file, "this is no absolute path", "begin it with /, ~/ or a drive")
            })?;
            audits.push(Audit { target: Target::File(path), required, stated_at: self.stated_at(file) });
        }
        if let Some(syslog) = syslog.as_ref().filter(|syslog| *syslog.get_ref()) {
            if cfg!(not(unix)) {
                return Err(self.error(syslog, "there is no syslog on this system", "name a `file`"));
            }
            audits.push(Audit { target: Target::Syslog, required, stated_at: self.stated_at(syslog) });
        }
        if audits.is_empty() {
            let help = "write: file = \"/var/log/dtguard.jsonl\"";
            return Err(self.error(table, "[audit] names no place", help));
        }
        Ok(audits)
    }
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
            error("version = 1\n\n[[allow]]\nid = \"dt0c01.ABCDEFGHIJKLMNOPQRSTUVWX\"\nraeson = \"typo\"\n"),
            "p.toml:5:1: unknown field `raeson`\n  |\n5 | raeson = \"typo\"\n  | ^^^^^^\nhelp: write one of `id`, `fingerprint`, `path`, `commit`, `kinds`, `reason`, `owner`, `expires`"
        );
    }

    #[test]
    fn whatever_is_not_understood_is_an_error() {
        let entry = |lines: &str| format!("version = 1\n[[allow]]\n{lines}\n");
        let id = "id = \"dt0c01.ABCDEFGHIJKLMNOPQRSTUVWX\"";
        let commit = "ab".repeat(20);
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
            (entry(&format!("commit = \"{commit}\"")), "has no `reason`"),
            (entry(&format!("{id}\ncommit = \"{commit}\"\nreason = \"r\"")), "names one of"),
            (entry(&format!("commit = \"{commit}\"\nkinds = []\nreason = \"r\"")), "`kinds` is empty"),
            ("version = 1\n[expiry]\nwarn_days = -1".to_owned(), "p.toml:3:13: this is no number of days"),
            ("version = 1\n[expiry]\nwarn_days = 99999".to_owned(), "no number of days"),
            ("version = 1\n[grant]\nlongest_days = -1".to_owned(), "no number of days"),
            ("version = 1\n[grant]\nloosen = [\"certainty.issued\"]".to_owned(), "unknown value"),
            ("version = 1\n[grant]\nallow = [\"ids\"]".to_owned(), "unknown value"),
            ("version = 1\n[grant]\nkinds = [\"dt0c02\"]".to_owned(), "no such kind"),
            ("version = 1\n[grant]\nallows = []".to_owned(), "unknown field"),
            (
                "version = 1\n[audit]\nsyslog = true".to_owned(),
                "p.toml:2:1: a repository cannot set its own audit",
            ),
            ("version = 1\n[audit]\nfile = \"/x\"".to_owned(), "write to any of your files"),
            (entry("reason = \"r\""), "names one of"),
            (entry(&format!("{id}\npath = \"a\"\nkinds = [\"dt0c01\"]\nreason = \"r\"")), "names one of"),
            (entry(&format!("{id}\nkinds = [\"dt0c01\"]\nreason = \"r\"")), "goes with `path`"),
            (entry("path = \"a/*\"\nreason = \"r\""), "needs `kinds`"),
            (entry("path = \"a/*\"\nkinds = []\nreason = \"r\""), "needs `kinds`"),
            (entry("path = \"a/*\"\nkinds = [\"dt0c02\"]\nreason = \"r\""), "no such kind"),
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
    fn a_path_that_matches_nothing_or_more_than_it_says_is_an_error() {
        for (path, says) in [
            ("/a".to_owned(), "top of the repository"),
            ("../x".to_owned(), "top of the repository"),
            ("a//b".to_owned(), "top of the repository"),
            ("!a".to_owned(), "top of the repository"),
            (r"a\fix".to_owned(), "/ between"),
            ("t[!a]x".to_owned(), "matches / too"),
            ("t[+-9]x".to_owned(), "matches / too"),
            ("{".repeat(20_000), "too long"),
            ("*".repeat(100), "too many special"),
            ("a[".to_owned(), "unclosed"),
        ] {
            let policy =
                format!("version = 1\n[[allow]]\npath = '{path}'\nkinds = [\"dt0c01\"]\nreason = \"r\"\n");
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
