//! The verdict on a scan: what blocks, what passes, and the exit code.
//!
//! It depends on the scan, the policies and the day alone, not on a clock, a file or a report.

use std::collections::HashSet;

use crate::finding::Finding;
use crate::policy::{Date, Judged, Policy, Ruling};
use crate::scan::{Gap, Scanned};
use crate::source::ObjectId;

named! {
    /// How a run ends.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
    pub enum Outcome {
        /// Nothing blocks.
        Passes = "passes",
        /// Nothing is known to block, but something that must be scanned could not be read.
        Incomplete = "incomplete",
        /// At least one token blocks.
        Blocks = "blocks",
        /// The user stopped the run.
        Interrupted = "interrupted",
    }
}

impl Outcome {
    /// The exit code, the same for every subcommand and format.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Passes => 0,
            Self::Blocks => 1,
            Self::Incomplete => 2,
            Self::Interrupted => 130,
        }
    }

    /// The outcome of a run that could not do all of its work.
    #[must_use]
    pub fn incomplete(self) -> Self {
        match self {
            Self::Interrupted => self,
            _ => Self::Incomplete,
        }
    }

    /// Whether everything was searched that had to be.
    pub fn is_complete(self) -> bool {
        matches!(self, Self::Passes | Self::Blocks)
    }
}

/// A policy, and the part of a scan that it judges.
#[derive(Debug)]
pub struct Judge {
    /// The policy.
    pub policy: Policy,
    /// The commits that other policies judge.
    pub except: HashSet<ObjectId>,
}

impl Judge {
    fn judges(&self, commit: Option<ObjectId>) -> bool {
        commit.is_none_or(|commit| !self.except.contains(&commit))
    }
}

impl From<Policy> for Judge {
    fn from(policy: Policy) -> Self {
        Self { policy, except: HashSet::new() }
    }
}

/// The verdict on a scan.
#[derive(Debug)]
pub struct Verdict<'a> {
    /// The findings, judged.
    pub judged: Judged<'a>,
    /// Whether parts of containers that could not be searched block.
    pub unread_blocks: bool,
    /// If findings only block from a later day on: that day.
    pub enforced_from: Option<Date>,
    outcome: Outcome,
    /// The word in the audit, if it is not the outcome's name.
    word: Option<&'static str>,
}

impl<'a> Verdict<'a> {
    /// Judges what `stage` has `scanned` by all `judges` on the day `today`. A finding blocks if
    /// any of the policies that judge it blocks it.
    pub fn of(scanned: &'a Scanned, judges: &'a [Judge], today: Date, stage: &str) -> Self {
        let mut judged = Judged::default();
        for finding in &scanned.findings {
            if let Some(ruling) = rule(judges, finding, today) {
                judged.add(finding, ruling);
            }
        }
        let blocks =
            |gap: &Gap| judges.iter().any(|judge| judge.judges(gap.commit) && judge.policy.gaps_block());
        let unread_blocks = scanned.gaps.iter().any(|gap| !gap.is_unreadable() && blocks(gap));
        let unreadable = scanned.gaps.iter().any(Gap::is_unreadable);
        let from = judges.iter().map(|judge| judge.policy.enforced_from(stage)).min();
        let enforced_from = from.filter(|from| today < *from && !judged.blocking.is_empty());
        let outcome = match judged.blocking.is_empty() || enforced_from.is_some() {
            _ if scanned.interrupted => Outcome::Interrupted,
            false => Outcome::Blocks,
            true if unreadable || unread_blocks => Outcome::Incomplete,
            true => Outcome::Passes,
        };
        let word = enforced_from.filter(|_| outcome == Outcome::Passes).map(|_| "would block");
        Self { judged, unread_blocks, enforced_from, outcome, word }
    }

    /// The verdict on a run that failed before it could judge.
    pub fn failed() -> Self {
        let (judged, word) = (Judged::default(), Some("error"));
        Self { judged, unread_blocks: false, enforced_from: None, outcome: Outcome::Incomplete, word }
    }

    /// The verdict, changed so that everything passes. The audit calls that `word`.
    #[must_use]
    pub fn let_through(self, word: &'static str) -> Self {
        match self.outcome {
            Outcome::Passes => self,
            _ => Self { outcome: Outcome::Passes, word: Some(word), ..self },
        }
    }

    /// The verdict on a run whose required audit line could not be written.
    #[must_use]
    pub fn unrecorded(self) -> Self {
        Self { outcome: self.outcome.max(Outcome::Incomplete), ..self }
    }

    /// How the run ends.
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// The word for the verdict in the audit.
    pub fn word(&self) -> &'static str {
        self.word.unwrap_or(self.outcome.name())
    }

    /// Whether the verdict is worth a message although it passes.
    pub fn is_remarkable(&self) -> bool {
        self.outcome != Outcome::Passes || self.word.is_some()
    }

    /// The findings that block.
    pub fn blocking(&self) -> Vec<&'a Finding> {
        self.judged.blocking.iter().map(|(finding, _)| *finding).collect()
    }
}

/// The ruling on `finding`: the first of the policies that judge it and block it, else the
/// first that judges it. A finding that no policy judges blocks. None for a match of
/// a rule that none of the policies has for that place.
fn rule<'a>(judges: &'a [Judge], finding: &Finding, today: Date) -> Option<Ruling<'a>> {
    if !judges.is_empty() && !judges.iter().any(|judge| judge.policy.concerns(finding)) {
        return None;
    }
    let mut first = None;
    let (mut judged, judges) = (false, judges.iter().filter(|judge| judge.judges(finding.place.commit)));
    for judge in judges {
        judged = true;
        if !judge.policy.concerns(finding) {
            continue;
        }
        let ruling = judge.policy.judge(finding, today);
        if matches!(ruling, Ruling::Blocks(_)) {
            return Some(ruling);
        }
        first.get_or_insert(ruling);
    }
    if judged { first } else { Some(Ruling::Blocks(None)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::find::{Missed, Unread};
    use crate::finding::Origin;
    use crate::policy::{Layer, Level};
    use crate::scan::Cause;
    use crate::token::{KINDS, specimen};

    fn id(digit: &str) -> ObjectId {
        ObjectId::from_hex(digit.repeat(40).as_bytes()).unwrap()
    }

    /// A finding of a token in `commit`.
    fn found(commit: Option<ObjectId>) -> Scanned {
        let text = specimen(&KINDS[0], 1).text;
        let findings = Finding::of_text(text.as_bytes(), &Origin { path: b"f", commit });
        Scanned { findings, ..Scanned::default() }
    }

    fn gap(cause: Cause) -> Scanned {
        Scanned::from(Gap::new(b"f", None, cause))
    }

    fn unread() -> Scanned {
        gap(Cause::Unread(Missed { member: Vec::new(), why: Unread::Encrypted }))
    }

    fn unreadable() -> Scanned {
        gap(Cause::Unreadable { object: None, reason: "missing".to_owned(), hint: String::new() })
    }

    fn policy(text: &str) -> Judge {
        Policy::parse("p.toml", &format!("version = 1\n{text}")).unwrap().into()
    }

    fn outcome(scanned: &Scanned, judges: &[Judge]) -> Outcome {
        Verdict::of(scanned, judges, "2026-01-01".parse().unwrap(), "scan").outcome()
    }

    #[test]
    fn what_cannot_be_read_never_passes_and_a_token_beside_it_still_blocks() {
        let usual = [policy("")];
        let strict = [policy("[coverage]\nunread = \"block\"")];
        let with = |mut scanned: Scanned, other: Scanned| {
            scanned.add(other);
            scanned
        };
        for (scanned, by_usual, by_strict) in [
            (Scanned::default(), Outcome::Passes, Outcome::Passes),
            (unread(), Outcome::Passes, Outcome::Incomplete),
            (unreadable(), Outcome::Incomplete, Outcome::Incomplete),
            (with(found(None), unreadable()), Outcome::Blocks, Outcome::Blocks),
            (Scanned { interrupted: true, ..found(None) }, Outcome::Interrupted, Outcome::Interrupted),
        ] {
            assert_eq!(outcome(&scanned, &usual), by_usual, "{scanned:?}");
            assert_eq!(outcome(&scanned, &strict), by_strict, "{scanned:?}");
        }
    }

    #[test]
    fn before_its_day_a_policy_only_reports_and_what_cannot_be_read_is_no_pass_even_then() {
        let text = b"version = 1\n[enforce]\nfrom = 2026-02-01\n";
        let later = || -> Judge {
            let layer = Layer::new(Level::Organisation, "o.toml", text).unwrap();
            Policy::layered(vec![layer], "2026-01-01".parse().unwrap()).unwrap().into()
        };
        let on = |day: &str, scanned: &Scanned, judges: &[Judge]| {
            let verdict = Verdict::of(scanned, judges, day.parse().unwrap(), "pre-commit");
            let blocking = verdict.blocking().len();
            (verdict.outcome(), verdict.word(), verdict.enforced_from.is_some(), blocking)
        };
        let found = || found(None);
        assert_eq!(on("2026-01-31", &found(), &[later()]), (Outcome::Passes, "would block", true, 1));
        assert_eq!(on("2026-02-01", &found(), &[later()]), (Outcome::Blocks, "blocks", false, 1));
        let mut both = found();
        both.add(unreadable());
        assert_eq!(on("2026-01-31", &both, &[later()]), (Outcome::Incomplete, "incomplete", true, 1));
        assert_eq!(on("2026-01-31", &Scanned::default(), &[later()]), (Outcome::Passes, "passes", false, 0));
        // The strictest policy counts.
        let judges = [later(), policy("")];
        assert_eq!(on("2026-01-31", &found(), &judges), (Outcome::Blocks, "blocks", false, 1));
    }

    #[test]
    fn a_commit_is_judged_by_the_policies_that_are_for_it_and_what_nobody_judges_blocks() {
        let (one, other) = (id("a"), id("b"));
        let allows = || {
            let kind = KINDS[0].id;
            policy(&format!("[[allow]]\npath = \"f\"\nkinds = [\"{kind}\"]\nreason = \"r\""))
        };
        let judges = [
            Judge { except: HashSet::from([other]), ..policy("") },
            Judge { except: HashSet::from([one]), ..allows() },
        ];
        assert_eq!(outcome(&found(Some(one)), &judges), Outcome::Blocks);
        assert_eq!(outcome(&found(Some(other)), &judges), Outcome::Passes);
        assert_eq!(outcome(&found(None), &judges), Outcome::Blocks, "each policy judges what is no commit's");
        let nobody = [Judge { except: HashSet::from([one]), ..allows() }];
        assert_eq!(outcome(&found(Some(one)), &nobody), Outcome::Blocks);
    }

    #[test]
    fn a_run_that_has_to_be_recorded_and_was_not_is_no_pass() {
        let scanned = Scanned::default();
        let verdict = || Verdict::of(&scanned, &[], "2026-01-01".parse().unwrap(), "scan");
        assert_eq!(verdict().unrecorded().outcome(), Outcome::Incomplete);
        assert_eq!(verdict().let_through("told").unrecorded().outcome(), Outcome::Incomplete);
        assert_eq!(Verdict::failed().outcome().exit_code(), 2);
    }
}
