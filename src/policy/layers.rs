//! Combines the layers of a policy. A lower layer may tighten what a higher one says, and
//! loosen what that grants.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::compile;
use super::settings::Effective;
use super::{Date, FILE_NAME, Grant, Layer, Level, Policy, PolicyError};
use crate::find::Rules;

impl Policy {
    /// The policy of `layers`, the highest first, on the day `today`. Fails if a layer has a
    /// mistake or loosens what is not granted to it.
    pub fn layered(layers: Vec<Layer>, today: Date) -> Result<Self, PolicyError> {
        let mut policy = Self { settings: Effective::built_in(), ..Self::default() };
        let mut below = Grant::default();
        for layer in &layers {
            let granted = below;
            below = compile::add(&mut policy, layer, &granted, today)?;
            policy.granted = granted;
        }
        if layers.last().is_none_or(|layer| layer.level < Level::Repository) {
            policy.granted = below;
        }
        policy.layers = layers;
        policy.rules = Rules::new(policy.forbidden.iter().map(|one| Arc::clone(one.rule())).collect());
        Ok(policy)
    }

    /// Like [`Policy::layered`]. If a layer has a mistake, returns the policy of the layers
    /// above it, because its grants to the layers below are unknown.
    pub fn of_sound(mut layers: Vec<Layer>, today: Date) -> (Self, Option<PolicyError>) {
        let mut mistake = None;
        loop {
            match Self::layered(layers.clone(), today) {
                Ok(policy) => return (policy, mistake),
                // The mistake of the highest layer is found first.
                Err(error) => drop(mistake.get_or_insert(error)),
            }
            layers.pop();
        }
    }

    /// The policy of `text` alone, as a repository's. `file` is its name in messages. Fails for
    /// any mistake.
    pub fn parse(file: &str, text: &str) -> Result<Self, PolicyError> {
        Self::parse_bytes(file, text.as_bytes())
    }

    /// Like [`Policy::parse`], from bytes. Fails for bytes that are not UTF-8, too.
    pub fn parse_bytes(file: &str, bytes: &[u8]) -> Result<Self, PolicyError> {
        Self::layered(vec![Layer::new(Level::Repository, file, bytes)?], Date::today())
    }

    /// This policy with `bytes` as its lowest layer.
    pub fn with_own(&self, bytes: &[u8], today: Date) -> Result<Self, PolicyError> {
        let own = |layer: &&Layer| layer.level >= Level::Repository;
        let level = self.layers.iter().find(own).map_or(Level::Repository, |layer| layer.level);
        let mut layers: Vec<Layer> = self.layers.iter().filter(|layer| !own(layer)).cloned().collect();
        layers.push(Layer::new(level, self.file(), bytes)?);
        Self::layered(layers, today)
    }

    /// SHA-256 over the content of all layers, in hex. It changes with any layer.
    pub fn digest(&self) -> String {
        let mut digest = Sha256::new();
        for layer in &self.layers {
            // With the length, so that no text can move between layers unnoticed.
            digest.update((layer.text.len() as u64).to_be_bytes());
            digest.update(&layer.text);
        }
        digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The name of the lowest layer's file in messages; the file may not exist yet.
    pub fn file(&self) -> &str {
        let own = self.layers.iter().find(|layer| layer.level >= Level::Repository);
        own.map_or(FILE_NAME, |layer| &layer.file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::find::Certainty;
    use crate::policy::file::Sort;
    use crate::policy::{Action, Setting, Value};

    const ID: &str = "dt0c01.ABCDEFGHIJKLMNOPQRSTUVWX";
    const LEVELS: [Level; 4] = [Level::System, Level::Organisation, Level::User, Level::Repository];

    fn today() -> Date {
        "2026-06-15".parse().unwrap()
    }

    fn layer(level: Level, text: &str) -> Layer {
        Layer::new(level, &format!("{}.toml", level.name()), format!("version = 1\n{text}").as_bytes())
            .unwrap()
    }

    fn layered(layers: &[(Level, &str)]) -> Result<Policy, String> {
        let layers = layers.iter().map(|(level, text)| layer(*level, text)).collect();
        Policy::layered(layers, today()).map_err(|error| format!("{error}\nhelp: {}", error.help()))
    }

    /// What a layer may write only if it is granted: the text, the grant, and what a higher
    /// layer must say for it to be looser.
    fn loosenings() -> Vec<(String, String, &'static str)> {
        let fingerprint = "0".repeat(64);
        let commit = "ab".repeat(20);
        let entry = |lines: String| format!("[[allow]]\n{lines}\nreason = \"r\"\n");
        let path = "path = \"t/*\"\nkinds = [\"dt0c01\"]".to_owned();
        let grants = |what: &str| format!("[grant]\n{what}\n");
        vec![
            (entry(format!("id = \"{ID}\"")), grants("allow = [\"id\"]"), ""),
            (entry(format!("fingerprint = \"{fingerprint}\"")), grants("allow = [\"fingerprint\"]"), ""),
            (entry(path), grants("allow = [\"path\"]"), ""),
            (entry(format!("commit = \"{commit}\"")), grants("allow = [\"commit\"]"), ""),
            ("[certainty]\nformat = \"pass\"\n".into(), grants("loosen = [\"certainty.format\"]"), ""),
            ("[certainty]\ncontext = \"pass\"\n".into(), grants("loosen = [\"certainty.context\"]"), ""),
            ("[certainty]\nsample = \"pass\"\n".into(), grants("loosen = [\"certainty.sample\"]"), ""),
            (
                "[certainty]\nfiller = \"pass\"\n".into(),
                grants("loosen = [\"certainty.filler\"]"),
                "[certainty]\nfiller = \"block\"\n",
            ),
            (
                "[coverage]\nunread = \"pass\"\n".into(),
                grants("loosen = [\"coverage.unread\"]"),
                "[coverage]\nunread = \"block\"\n",
            ),
            ("[server]\nbreak_glass = true\n".into(), grants("loosen = [\"server.break_glass\"]"), ""),
            ("[expiry]\nwarn_days = 1\n".into(), grants("loosen = [\"expiry.warn_days\"]"), ""),
        ]
    }

    #[test]
    fn a_lower_layer_loosens_what_is_granted_to_it_and_nothing_else() {
        for (loosening, grant, before) in loosenings() {
            for (above, higher) in LEVELS.iter().enumerate() {
                for lower in &LEVELS[above + 1..] {
                    let pair = format!("{} {} {loosening}", higher.name(), lower.name());
                    let refused = layered(&[(*higher, &format!("{before}[grant]\n")), (*lower, &loosening)]);
                    let message = refused.expect_err(&pair);
                    let line = 2 + before.lines().count();
                    let by = format!("help: {}.toml:{line} would have to grant it", higher.name());
                    assert!(message.starts_with(&format!("{}.toml:", lower.name())), "{message}");
                    assert!(
                        message.contains("is not granted to this file") && message.contains(&by),
                        "{message}"
                    );
                    assert!(message.contains("\n  | ") && message.contains('^'), "{message}");
                    layered(&[(*higher, &format!("{before}{grant}")), (*lower, &loosening)]).expect(&pair);
                    // A layer without `[grant]` passes on what it was granted.
                    layered(&[(*higher, before), (*lower, &loosening)]).expect(&pair);
                }
            }
            layered(&[(Level::Repository, &loosening)]).unwrap();
        }
    }

    #[test]
    fn the_table_of_loosenings_knows_all_that_can_be_granted() {
        let names = Sort::ALL.iter().map(|sort| format!("[\"{}\"]", sort.name()));
        // Only two layers may set the day of `[enforce]`; another test covers it.
        let others = [Setting::Issued, Setting::EnforceFrom];
        let settings = Setting::ALL.iter().filter(|setting| !others.contains(setting));
        let names: Vec<_> = names.chain(settings.map(|one| format!("[\"{}\"]", one.name()))).collect();
        let table = loosenings();
        assert_eq!(table.len(), names.len());
        for name in names {
            assert!(table.iter().any(|(_, grant, _)| grant.contains(&name)), "{name}");
        }
    }

    #[test]
    fn only_system_and_organisation_postpone_and_nobody_postpones_more_than_is_granted() {
        let from = |day: &str| format!("[enforce]\nfrom = {day}\n");
        let (soon, late) = (from("2027-01-15"), from("2027-02-01"));
        let day = |layers: &[(Level, &str)]| {
            layered(layers).map(|policy| policy.enforced_from("pre-commit").to_string())
        };
        let (system, organisation) = (Level::System, Level::Organisation);
        assert_eq!(day(&[]).unwrap(), "1970-01-01");
        assert_eq!(day(&[(system, &soon)]).unwrap(), "2027-01-15");
        assert_eq!(day(&[(system, &late), (organisation, &soon)]).unwrap(), "2027-01-15");
        assert_eq!(day(&[(system, &soon), (organisation, &late)]).unwrap(), "2027-02-01");
        let binding = format!("{soon}[grant]\n");
        let refused = day(&[(system, &binding), (organisation, &late)]).unwrap_err();
        assert!(refused.contains("a looser `enforce.from` is not granted"), "{refused}");
        assert_eq!(day(&[(system, &binding), (organisation, &soon)]).unwrap(), "2027-01-15");
        let granting = format!("{soon}[grant]\nloosen = [\"enforce.from\"]\n");
        assert_eq!(day(&[(system, &granting), (organisation, &late)]).unwrap(), "2027-02-01");
        for level in [Level::User, Level::Repository, Level::CommandLine] {
            for above in ["", &granting] {
                let refused = day(&[(system, above), (level, &soon)]).unwrap_err();
                assert!(refused.contains("only the system's and the organisation's policy"), "{refused}");
            }
        }
        let refused = day(&[(system, &from("2027-01-15T10:00:00"))]).unwrap_err();
        assert!(refused.contains("`from` is a date without a time"), "{refused}");
    }

    #[test]
    fn a_stage_has_its_own_day_and_no_layer_postpones_it_more_than_is_granted() {
        let (system, organisation) = (Level::System, Level::Organisation);
        let days = |layers: &[(Level, &str)]| {
            let policy = layered(layers)?;
            let day = |stage: &str| policy.enforced_from(stage).to_string();
            Ok::<_, String>([day("pre-commit"), day("pre-push"), day("agent")])
        };
        let from = |day: &str| format!("[enforce]\nfrom = {day}\n");
        let stage = |stage: &str, day: &str| format!("[enforce.stages]\n{stage} = {day}\n");
        let (early, late, later) = ("2027-01-15", "2027-02-01", "2027-03-01");
        let none = "1970-01-01";
        assert_eq!(days(&[(system, &stage("agent", late))]).unwrap(), [none, none, late]);
        let both = from(late) + &stage("pre-push", later) + "agent = 2027-01-15\n";
        assert_eq!(days(&[(system, &both)]).unwrap(), [late, later, early]);
        // `from` of a lower layer is for the stages without a day of their own.
        assert_eq!(days(&[(system, &both), (organisation, &from(early))]).unwrap(), [early, later, early]);
        let binding = both.clone() + "[grant]\n";
        for (below, wanted) in [
            (stage("pre-push", late), Ok([late, late, early])),
            (stage("pre-push", later), Ok([late, later, early])),
            // Not later than from above, though later than its own.
            (from(early) + &stage("pre-commit", late), Ok([late, later, early])),
            (stage("pre-commit", later), Err(())),
            (stage("agent", late), Err(())),
            (from(early) + &stage("commit-msg", later), Err(())),
        ] {
            let found = days(&[(system, &binding), (organisation, &below)]);
            if let Err(message) = &found {
                assert!(message.contains("a looser `enforce.from` is not granted"), "{message}");
            }
            assert_eq!(
                found.map_err(|_| ()),
                wanted.map(|days: [&str; 3]| days.map(str::to_owned)),
                "{below}"
            );
        }
        let granting = both + "[grant]\nloosen = [\"enforce.from\"]\n";
        let below = stage("agent", later);
        assert_eq!(days(&[(system, &granting), (organisation, &below)]).unwrap(), [late, later, later]);
        for level in [Level::User, Level::Repository, Level::CommandLine] {
            for day in [none, late] {
                let refused = days(&[(system, &granting), (level, &stage("agent", day))]).unwrap_err();
                assert!(refused.contains("only the system's and the organisation's policy"), "{refused}");
            }
        }
        let refused = days(&[(system, &stage("post-commit", late))]).unwrap_err();
        assert!(refused.contains("unknown value") && refused.contains("system.toml:3"), "{refused}");
        let refused = days(&[(system, &stage("agent", "2027-01-15T10:00:00"))]).unwrap_err();
        assert!(refused.contains("is a date without a time"), "{refused}");
    }

    #[test]
    fn no_layer_takes_out_or_weakens_a_rule_of_one_above_it_and_each_adds_its_own() {
        use crate::finding::{Finding, Origin};
        let rule = |id: &str, pattern: &str, more: &str| {
            format!("[[forbid]]\nid = \"{id}\"\npattern = '{pattern}'\n{more}")
        };
        let higher = format!("{}[grant]\n", rule("ours", "zebra", ""));
        for (above, level) in LEVELS.iter().enumerate() {
            for lower in &LEVELS[above + 1..] {
                for weaker in [
                    String::new(),
                    rule("ours", "lion", ""),
                    rule("ours", "zebra", "paths = [\"elsewhere/**\"]\n"),
                    rule("ours", "zebra", "severity = \"info\"\n"),
                ] {
                    let policy = layered(&[(*level, &higher), (*lower, &weaker)]).unwrap();
                    let origin = Origin { path: b"a", commit: None };
                    let found = policy.rules().clone().during(|| Finding::of_text(b"a zebra", &origin));
                    let ours =
                        |finding: &&Finding| policy.concerns(finding) && !policy.lets_pass(finding, today());
                    assert!(
                        found.iter().filter(ours).count() > 0,
                        "{} {}: {weaker}",
                        level.name(),
                        lower.name()
                    );
                }
                // An entry needs a grant, as for a token.
                let entry = "[[allow]]\npath = \"**\"\nkinds = [\"ours\"]\nreason = \"r\"\n";
                let refused = layered(&[(*level, &higher), (*lower, entry)]).unwrap_err();
                assert!(refused.contains("`path` is not granted to this file"), "{refused}");
                let both = layered(&[(*level, &higher), (*lower, &rule("theirs", "lion", ""))]).unwrap();
                assert_eq!(both.rules().all().len(), 2);
            }
        }
    }

    #[test]
    fn each_grant_grants_only_what_it_says() {
        let all = loosenings();
        for (number, (_, grant, _)) in all.iter().enumerate() {
            for (other, (loosening, _, before)) in all.iter().enumerate() {
                let policy =
                    layered(&[(Level::System, &format!("{before}{grant}")), (Level::Repository, loosening)]);
                assert_eq!(policy.is_ok(), number == other, "{grant} {loosening}");
            }
        }
    }

    #[test]
    fn no_layer_grants_more_than_it_was_granted() {
        for (loosening, grant, before) in loosenings() {
            let message = layered(&[
                (Level::System, &format!("{before}[grant]\n")),
                (Level::Organisation, &grant),
                (Level::Repository, &loosening),
            ])
            .unwrap_err();
            assert!(message.starts_with("organisation.toml:3:"), "{message}");
            assert!(message.contains("help: system.toml:"), "{message}");
            // A grant in the middle that omits it is reported too.
            let message = layered(&[
                (Level::System, &format!("{before}[grant]\n")),
                (Level::Organisation, "[grant]\n"),
                (Level::Repository, &loosening),
            ])
            .unwrap_err();
            assert!(message.contains("and organisation.toml:2 would have to"), "{message}");
        }
    }

    #[test]
    fn every_layer_may_tighten_and_the_tightest_counts() {
        let strict = "[certainty]\nfiller = \"block\"\nsample = \"block\"\n[coverage]\nunread = \"block\"\n[expiry]\nwarn_days = 90\n";
        for level in LEVELS {
            let rest = LEVELS.iter().filter(|other| **other != level).map(|other| (*other, "[grant]\n"));
            let mut layers: Vec<_> = rest.chain([(level, strict)]).collect();
            layers.sort_by_key(|(level, _)| *level);
            let policy = layered(&layers).unwrap();
            assert!(policy.gaps_block() && policy.blocks(Certainty::Filler));
            let days = policy.settings().iter().find(|one| one.setting == Setting::WarnDays).unwrap();
            assert_eq!(days.value, Value::Days(90));
            assert_eq!(days.stated_at, Some(format!("{}.toml:8", level.name())));
        }
        let tightened = layered(&[
            (Level::System, "[certainty]\nsample = \"pass\"\n[grant]\n"),
            (Level::User, "[certainty]\nsample = \"block\"\n"),
        ])
        .unwrap();
        assert_eq!(tightened.value(Setting::Sample), Value::Action(Action::Block));
        // Repeating a looser value that is in force already loosens nothing.
        layered(&[
            (Level::System, "[certainty]\nsample = \"pass\"\n[grant]\n"),
            (Level::Repository, "[certainty]\nsample = \"pass\"\n"),
        ])
        .unwrap();
    }

    #[test]
    fn entries_below_a_demand_meet_it() {
        let entry = |more: &str| format!("[[allow]]\nid = \"{ID}\"\nreason = \"r\"\n{more}");
        for (grant, more, says) in [
            ("require = [\"owner\"]", "", "repository.toml:2:1: this allow entry has no `owner`"),
            ("require = [\"owner\"]", "owner = \"qa\"", ""),
            ("require = [\"owner\"]", "owner = \" \"", "this allow entry has no `owner`"),
            ("require = [\"expires\"]", "", "repository.toml:2:1: this allow entry has no `expires`"),
            ("require = [\"expires\"]", "expires = 2999-12-31", ""),
            ("longest_days = 90", "", "add: expires = 2026-09-13\n(system.toml:4 requires it)"),
            ("longest_days = 90", "expires = 2026-09-14", "repository.toml:5:11: this is more than 90 days"),
            ("longest_days = 90", "expires = 2026-09-13", ""),
            ("longest_days = 90", "expires = 2020-01-01", ""),
            ("kinds = [\"dt0s16\", \"dt0s02\"]", "", "an allow entry for `dt0c01` is not granted"),
            ("kinds = [\"dynatrace-access-token\"]", "", ""),
            ("kinds = [\"dt0c01\"]", "", ""),
        ] {
            let grant = format!("[grant]\nallow = [\"id\"]\n{grant}\n");
            let policy = layered(&[(Level::System, &grant), (Level::Repository, &entry(more))]);
            match policy {
                Ok(_) => assert_eq!(says, "", "{grant}{more}"),
                Err(message) => assert!(!says.is_empty() && message.contains(says), "{message}"),
            }
            // The layer that makes a demand is not bound by it.
            layered(&[(Level::System, &format!("{grant}{}", entry("")))]).unwrap();
        }
    }

    #[test]
    fn demands_add_up_from_layer_to_layer() {
        let layers = |organisation| {
            layered(&[
                (Level::System, "[grant]\nallow = [\"id\"]\nkinds = [\"dt0c01\"]\nrequire = [\"owner\"]\nlongest_days = 30\n"),
                (Level::Organisation, organisation),
                (Level::Repository, &format!("[[allow]]\nid = \"{ID}\"\nreason = \"r\"\n")),
            ])
            .unwrap_err()
        };
        assert!(layers("[grant]\nallow = [\"id\"]\n").contains("no `owner`"));
        assert!(
            layers("[grant]\nallow = [\"id\"]\nkinds = [\"dt0s16\"]\n").contains("`dt0s16` is not granted")
        );
        assert!(
            layers("[grant]\nallow = [\"id\"]\nlongest_days = 31\n").contains("more than 30 days is not")
        );
    }

    #[test]
    fn the_lowest_layer_can_be_replaced_and_stays_as_bound() {
        let policy = layered(&[(Level::System, "[grant]\n"), (Level::Repository, "")]).unwrap();
        assert_eq!(policy.file(), "repository.toml");
        assert!(policy.with_own(b"version = 1\n[certainty]\nsample = \"pass\"\n", today()).is_err());
        assert!(policy.with_own(b"version = 1\n", today()).is_ok());
        assert!(policy.granted().limits().len() > 5);
    }
}
