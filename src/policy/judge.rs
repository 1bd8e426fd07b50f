//! Judges findings by a compiled policy.

use super::settings::{Action, Effective, Setting, Value};
use super::{Audit, Date, Entry, Forbidden, Grant, Layer, StageDay};
use crate::find::{Certainty, Rules};
use crate::finding::Finding;

/// A compiled policy: all layers together.
#[derive(Debug, Default)]
pub struct Policy {
    pub(super) layers: Vec<Layer>,
    pub(super) entries: Vec<Entry>,
    pub(super) settings: Vec<Effective>,
    pub(super) audits: Vec<Audit>,
    /// The days of single stages.
    pub(super) stages: Vec<StageDay>,
    pub(super) forbidden: Vec<Forbidden>,
    pub(super) rules: Rules,
    /// What the lowest layer may do.
    pub(super) granted: Grant,
}

/// The ruling on a finding.
#[derive(Debug)]
pub enum Ruling<'p> {
    /// It blocks; with the expired entry that would have allowed it.
    Blocks(Option<&'p Entry>),
    /// An entry allows it.
    Allowed(&'p Entry),
    /// Its certainty lets it pass.
    Passes,
}

/// Findings, judged.
#[derive(Debug, Default)]
pub struct Judged<'a> {
    /// The blocking findings, each with the expired entry that would have allowed it.
    pub blocking: Vec<(&'a Finding, Option<&'a Entry>)>,
    /// The passing findings, each with its entry; none if the certainty lets it pass.
    pub passing: Vec<(&'a Finding, Option<&'a Entry>)>,
    /// How many pass by an entry.
    pub allowed: usize,
    /// How many fillers pass.
    pub fillers: usize,
    /// How many others pass by their certainty.
    pub passed: usize,
}

impl<'a> Judged<'a> {
    /// Adds `finding` with its `ruling`.
    pub fn add(&mut self, finding: &'a Finding, ruling: Ruling<'a>) {
        let entry = match ruling {
            Ruling::Blocks(expired) => return self.blocking.push((finding, expired)),
            Ruling::Allowed(entry) => Some(entry),
            Ruling::Passes => None,
        };
        self.passing.push((finding, entry));
        match entry {
            Some(_) => self.allowed += 1,
            None if finding.certainty == Certainty::Filler => self.fillers += 1,
            None => self.passed += 1,
        }
    }
}

impl Policy {
    /// Whether findings of this certainty block unless an entry allows them.
    pub fn blocks(&self, certainty: Certainty) -> bool {
        Setting::of(certainty).is_none_or(|setting| self.value(setting) == Value::Action(Action::Block))
    }

    /// Whether parts of archives that could not be scanned block.
    pub fn gaps_block(&self) -> bool {
        self.value(Setting::Unread) == Value::Action(Action::Block)
    }

    /// Whether a push may pass for a given reason, which is recorded.
    pub fn grants_break_glass(&self) -> bool {
        self.value(Setting::BreakGlass) == Value::Granted(true)
    }

    /// The first day on which findings block in `stage`; before it they are only reported.
    pub fn enforced_from(&self, stage: &str) -> Date {
        if let Some(own) = self.stages.iter().find(|day| day.stage.name() == stage) {
            return own.from;
        }
        let Value::From(day) = self.value(Setting::EnforceFrom) else { return Date::of_second(0) };
        day
    }

    /// Its own rules, those of the highest layer first.
    pub fn forbidden(&self) -> &[Forbidden] {
        &self.forbidden
    }

    /// The same, without the rest of the policy.
    pub fn into_forbidden(self) -> Vec<Forbidden> {
        self.forbidden
    }

    /// The same, for the finder.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Whether `finding` is one for this policy: what a rule finds is one only in the rule's
    /// paths, and if this policy has the rule.
    pub fn concerns(&self, finding: &Finding) -> bool {
        !finding.kind.is_rule() || self.forbidden.iter().any(|rule| rule.forbids(finding, &self.rules))
    }

    /// The allow entries, those of the highest layer first.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entries among `entries` that are still valid on the day `today` but expire soon,
    /// each once.
    pub fn expiring<'e>(&self, entries: impl Iterator<Item = &'e Entry>, today: Date) -> Vec<&'e Entry> {
        let Value::Days(days @ 1..) = self.value(Setting::WarnDays) else { return Vec::new() };
        let soon = today.plus(days);
        let mut expiring: Vec<&Entry> =
            entries.filter(|entry| entry.expires.is_some_and(|last| today <= last && last <= soon)).collect();
        expiring.sort_by(|a, b| (a.expires, &a.stated_at).cmp(&(b.expires, &b.stated_at)));
        expiring.dedup_by(|a, b| std::ptr::eq(*a, *b));
        expiring
    }

    /// Judges all `findings` on the day `today`.
    pub fn judge_all<'a>(&'a self, findings: &'a [Finding], today: Date) -> Judged<'a> {
        let mut judged = Judged::default();
        let concern = findings.iter().filter(|finding| self.concerns(finding));
        concern.for_each(|finding| judged.add(finding, self.judge(finding, today)));
        judged
    }

    /// Whether `finding` passes on the day `today`.
    pub fn lets_pass(&self, finding: &Finding, today: Date) -> bool {
        !matches!(self.judge(finding, today), Ruling::Blocks(_))
    }

    /// Judges `finding` on the day `today`.
    pub fn judge(&self, finding: &Finding, today: Date) -> Ruling<'_> {
        if !self.blocks(finding.certainty) {
            return Ruling::Passes;
        }
        let mut expired = None;
        for entry in self.entries.iter().filter(|entry| entry.covers(finding)) {
            if entry.is_expired(today) {
                expired = Some(entry);
            } else {
                return Ruling::Allowed(entry);
            }
        }
        Ruling::Blocks(expired)
    }

    /// The layers, the highest first.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// The audit targets.
    pub fn audits(&self) -> &[Audit] {
        &self.audits
    }

    /// The stages with a day of their own.
    pub fn stages(&self) -> &[StageDay] {
        &self.stages
    }

    /// All settings with their effective values.
    pub fn settings(&self) -> &[Effective] {
        &self.settings
    }

    /// The grant for the lowest layer, even if that does not exist.
    pub fn granted(&self) -> &Grant {
        &self.granted
    }

    pub(super) fn value(&self, setting: Setting) -> Value {
        let effective = self.settings.iter().find(|one| one.setting == setting);
        effective.map_or(setting.built_in(), |one| one.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Origin;
    use crate::policy::Level;
    use crate::source::ObjectId;
    use crate::token::{KINDS, Kind, by_name, specimen};

    const TODAY: &str = "2026-06-15";

    fn finding(kind: &Kind, seed: u64, path: &str) -> Finding {
        let text = format!("DT_API_TOKEN={}", specimen(kind, seed).text);
        Finding::of_text(text.as_bytes(), &Origin { path: path.as_bytes(), commit: None }).remove(0)
    }

    fn judged(policy: &str, finding: &Finding) -> &'static str {
        let policy = Policy::parse("p.toml", &format!("version = 1\n{policy}")).unwrap();
        match policy.judge(finding, TODAY.parse().unwrap()) {
            Ruling::Blocks(None) => "blocks",
            Ruling::Blocks(Some(_)) => "expired",
            Ruling::Allowed(_) => "allowed",
            Ruling::Passes => "passes",
        }
    }

    #[test]
    fn an_entry_by_identifier_allows_that_token_and_no_other() {
        let (one, other) = (finding(&KINDS[0], 1, "a"), finding(&KINDS[0], 2, "a"));
        let policy = format!("[[allow]]\nid = \"{}\"\nreason = \"r\"", one.identifier.as_ref().unwrap());
        assert_eq!((judged(&policy, &one), judged(&policy, &other)), ("allowed", "blocks"));
    }

    #[test]
    fn an_entry_by_fingerprint_allows_that_token_and_no_other() {
        for kind in KINDS.iter().filter(|kind| !kind.prefixes.is_empty()) {
            let (one, other) = (finding(kind, 1, "a"), finding(kind, 2, "a"));
            let policy = format!("[[allow]]\nfingerprint = \"{}\"\nreason = \"r\"", one.fingerprint);
            assert_eq!(
                (judged(&policy, &one), judged(&policy, &other)),
                ("allowed", "blocks"),
                "{}",
                kind.id
            );
        }
    }

    #[test]
    fn an_entry_by_path_allows_its_kinds_below_its_path_only() {
        let access = by_name("dt0c01").unwrap();
        let seed_token = (0..)
            .map(|seed| finding(by_name("dt0g01").unwrap(), seed, "t/f/x"))
            .find(|f| f.identifier.as_ref().unwrap().starts_with("dt0g01"));
        let policy = "[[allow]]\npath = \"t/**\"\nkinds = [\"dt0c01\", \"dt0g02\"]\nreason = \"r\"";
        assert_eq!(judged(policy, &finding(access, 1, "t/f/x.env")), "allowed");
        assert_eq!(judged(policy, &finding(access, 1, "src/t/x.env")), "blocks");
        assert_eq!(judged(policy, &finding(by_name("dt0s16").unwrap(), 1, "t/x.env")), "blocks");
        assert_eq!(
            judged(policy, &seed_token.unwrap()),
            "blocks",
            "a prefix means that prefix, not its whole kind"
        );
        let star = policy.replace("t/**", "t/*");
        assert_eq!(judged(&star, &finding(access, 1, "t/f/x.env")), "blocks", "* does not cross a folder");
    }

    #[test]
    fn an_entry_holds_through_its_last_day_and_blocks_again_after_it() {
        let token = finding(&KINDS[0], 1, "a");
        for (last, verdict) in
            [("2026-06-15", "allowed"), ("2026-06-14", "expired"), ("2027-01-01", "allowed")]
        {
            let policy = format!(
                "[[allow]]\nfingerprint = \"{}\"\nreason = \"r\"\nexpires = {last}",
                token.fingerprint
            );
            assert_eq!(judged(&policy, &token), verdict, "{last}");
        }
    }

    #[test]
    fn an_entry_by_commit_allows_what_that_commit_adds_of_its_kinds() {
        let (id, other) = ("ab".repeat(20), "cd".repeat(20));
        let of = |commit: &str, kind: &str| {
            let mut finding = finding(by_name(kind).unwrap(), 1, "a");
            finding.place.commit = ObjectId::from_hex(commit.as_bytes());
            finding
        };
        let entry = format!("[[allow]]\ncommit = \"{id}\"\nreason = \"r\"\n");
        assert_eq!(judged(&entry, &of(&id, "dt0c01")), "allowed");
        assert_eq!(judged(&entry, &of(&other, "dt0c01")), "blocks");
        assert_eq!(judged(&entry, &finding(&KINDS[0], 1, "a")), "blocks", "what is staged has no commit yet");
        let entry = format!("{entry}kinds = [\"dt0s16\"]\n");
        assert_eq!(judged(&entry, &of(&id, "dt0c01")), "blocks");
        assert_eq!(judged(&entry, &of(&id, "dt0s16")), "allowed");
    }

    #[test]
    fn an_entry_covers_no_kind_beyond_those_granted_whatever_it_names() {
        let (access, platform) =
            (finding(by_name("dt0c01").unwrap(), 1, "a"), finding(by_name("dt0s16").unwrap(), 1, "a"));
        let layer = |level, text: String| Layer::new(level, "p.toml", text.as_bytes()).unwrap();
        let entry = |finding: &Finding| {
            format!("[[allow]]\nfingerprint = \"{}\"\nreason = \"r\"\n", finding.fingerprint)
        };
        let layers = vec![
            layer(
                Level::System,
                "version = 1\n[grant]\nallow = [\"fingerprint\"]\nkinds = [\"dt0c01\"]\n".to_owned(),
            ),
            layer(Level::Repository, format!("version = 1\n{}{}", entry(&access), entry(&platform))),
        ];
        let policy = Policy::layered(layers, TODAY.parse().unwrap()).unwrap();
        assert!(policy.lets_pass(&access, TODAY.parse().unwrap()));
        assert!(!policy.lets_pass(&platform, TODAY.parse().unwrap()));
    }

    #[test]
    fn an_entry_is_reported_in_its_last_weeks_and_only_then() {
        let entry = |last: &str| {
            format!("[[allow]]\nfingerprint = \"{}\"\nreason = \"r\"\nexpires = {last}\n", "0".repeat(64))
        };
        for (last, settings, reported) in [
            ("2026-06-14", "", false),
            ("2026-06-15", "", true),
            ("2026-07-06", "", true),
            ("2026-07-07", "", false),
            ("2026-07-07", "[expiry]\nwarn_days = 22\n", true),
            ("2026-06-15", "[expiry]\nwarn_days = 0\n", false),
        ] {
            let policy = Policy::parse("p.toml", &format!("version = 1\n{}{settings}", entry(last))).unwrap();
            let twice = policy.entries().iter().chain(policy.entries());
            assert_eq!(policy.expiring(twice, TODAY.parse().unwrap()).len(), usize::from(reported), "{last}");
        }
    }

    #[test]
    fn an_entry_that_means_files_of_any_name_or_any_kind_is_too_wide() {
        let path = |path: &str, kinds: &str| format!("path = \"{path}\"\nkinds = [{kinds}]");
        let every: Vec<_> = KINDS.iter().map(|kind| format!("\"{}\"", kind.id)).collect();
        let commit = format!("commit = \"{}\"", "ab".repeat(20));
        for (entry, wide) in [
            (path("**", "\"dt0c01\""), true),
            (path("**/*", "\"dt0c01\""), true),
            (path("*", "\"dt0c01\""), true),
            (path("*/*", "\"dt0c01\""), true),
            (path("**/*.*", "\"dt0c01\""), true),
            (path("{a,**}", "\"dt0c01\""), true),
            (path("tests/**", "\"dt0c01\""), false),
            (path("**/*.env", "\"dt0c01\""), false),
            (path("tests/a", &every.join(", ")), true),
            (path("tests/a", &every[1..].join(", ")), false),
            (commit.clone(), true),
            (format!("{commit}\nkinds = [\"dt0c01\"]"), false),
            (format!("fingerprint = \"{}\"", "0".repeat(64)), false),
        ] {
            let policy =
                Policy::parse("p.toml", &format!("version = 1\n[[allow]]\n{entry}\nreason = \"r\"")).unwrap();
            assert_eq!(policy.entries()[0].too_wide().is_some(), wide, "{entry}");
        }
    }

    #[test]
    fn certainties_block_as_the_table_says() {
        let token = finding(&KINDS[0], 1, "a");
        let with = |certainty| Finding { certainty, ..token.clone() };
        for certainty in Certainty::ALL.into_iter().filter(|one| *one != Certainty::Rule) {
            let usual = if certainty == Certainty::Filler { "passes" } else { "blocks" };
            assert_eq!(judged("", &with(certainty)), usual);
            if certainty != Certainty::Issued {
                assert_eq!(
                    judged(&format!("[certainty]\n{certainty} = \"pass\""), &with(certainty)),
                    "passes"
                );
            }
            assert_eq!(judged(&format!("[certainty]\n{certainty} = \"block\""), &with(certainty)), "blocks");
        }
        // What a rule forbids has no setting.
        assert!(Policy::default().blocks(Certainty::Rule));
        let loose = "version = 1\n[certainty]\nrule = \"pass\"\n";
        assert!(Policy::parse("p.toml", loose).unwrap_err().to_string().contains("unknown field `rule`"));
    }
}
