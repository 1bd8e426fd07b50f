//! The end of every scanning run: judge, record, report.

use super::context::Context;
use super::in_force::InForce;
use super::{audit, in_force};
use crate::error::Error;
use crate::find::Rules;
use crate::policy::{Date, FILE_NAME};
use crate::report::{Page, Report, Scope, write_report};
use crate::scan::{Cause, Gap, Scanned};
use crate::source::ObjectId;
use crate::verdict::{Judge, Outcome, Verdict};

/// A scan, and the policies that judge it.
pub(super) struct Run {
    pub(super) scope: Scope,
    pub(super) scanned: Scanned,
    pub(super) judges: Vec<Judge>,
}

impl Run {
    /// A scan that one policy judges.
    pub(super) fn new(scope: Scope, scanned: Scanned, policy: impl Into<InForce>) -> Self {
        let InForce { policy, unread } = policy.into();
        let mut run = Self { scope, scanned, judges: vec![policy.into()] };
        unread.iter().for_each(|error| run.add_unread_policy(None, error));
        run
    }

    /// Adds a policy that failed with `error` as a gap. `commit` holds the repository's own
    /// policy.
    pub(super) fn add_unread_policy(&mut self, commit: Option<ObjectId>, error: &Error) {
        let gap = match error {
            Error::Source(error) => Gap::unreadable(FILE_NAME.as_bytes(), commit, error)
                .with("it allows nothing until it can be read"),
            error => {
                let file = if let Error::Policy(error) = error { error.file() } else { FILE_NAME };
                let message = error.to_string();
                let (reason, marked) = message.split_once('\n').unwrap_or((&message, ""));
                // Without the empty line above the marked one.
                let marked = marked.lines().skip(1).map(|line| format!("{line}\n")).collect::<String>();
                // The gap names the file, but not the place in it.
                let reason = reason.strip_prefix(&format!("{file}: ")).unwrap_or(reason).to_owned();
                let hint = marked + &error.hint();
                let cause = Cause::Unreadable { object: None, reason, hint };
                Gap::new(file.as_bytes(), commit.filter(|_| file == FILE_NAME), cause)
                    .with("it allows nothing until that is fixed")
            }
        };
        // The search may have reported the same file.
        let is_same = |other: &Gap| {
            let (object, other_object) = (gap.object(), other.object());
            other.path == gap.path
                && object == other_object
                && (object.is_some() || other.commit == gap.commit)
        };
        self.scanned.gaps.retain(|other| !is_same(other));
        self.scanned.add_gap(gap);
    }

    /// Judges, records and reports the scan. `waive` may let blocking findings pass; `show`
    /// writes the report.
    pub(super) fn conclude<'r>(
        &'r self,
        context: &Context<'_>,
        waive: impl FnOnce(Verdict<'r>) -> Result<Verdict<'r>, Error>,
        show: impl FnOnce(&Report<'_>, &Verdict<'r>) -> Result<(), Error>,
    ) -> Result<Outcome, Error> {
        let verdict = waive(Verdict::of(&self.scanned, &self.judges, Date::today(), context.stage))?;
        let verdict = audit::leave(context, (self.scope, &self.scanned), &self.judges, verdict);
        let report = Report::new(self.scope, &self.scanned, &verdict, self.policy_file());
        let (verbose, is_scan) = (context.global.verbose, context.stage == "scan");
        show(&Report { verbose, is_scan, ..report }, &verdict)?;
        Ok(verdict.outcome())
    }

    /// Like [`Run::conclude`], without a waiver. `write` writes the report for people, unless
    /// success is silent.
    pub(super) fn report(
        &self,
        context: &Context<'_>,
        write: impl FnOnce(&mut Page, &Report<'_>),
    ) -> Result<Outcome, Error> {
        self.conclude(context, Ok, |report, verdict| {
            if is_silent(context, verdict.outcome(), report) {
                return Ok(());
            }
            let unstaged_policy_allows =
                context.global.policy.is_none() && self.unstaged_policy_allows(context, verdict);
            context.show(|page| write(page, &Report { unstaged_policy_allows, ..report.clone() }));
            Ok(())
        })
    }

    /// Like [`Run::report`], with the usual report.
    pub(super) fn report_usual(&self, context: &Context<'_>) -> Result<Outcome, Error> {
        self.report(context, write_report)
    }

    /// The policy file's name in messages.
    fn policy_file(&self) -> &str {
        self.judges.first().map_or(FILE_NAME, |judge| judge.policy.file())
    }

    /// Whether staging the policy in the work tree would let the whole staged change pass.
    fn unstaged_policy_allows(&self, context: &Context<'_>, verdict: &Verdict<'_>) -> bool {
        let (blocking, today) = (verdict.blocking(), Date::today());
        if !matches!(self.scope, Scope::Staged | Scope::Merge) || blocking.is_empty() {
            return false;
        }
        // The rules that judge this run stay in force, and mask its report.
        let load = || in_force::load(context, None, in_force::in_work_tree);
        let Ok(policy) = Rules::in_force().during(load) else { return false };
        !blocking.is_empty() && blocking.iter().all(|finding| policy.lets_pass(finding, today))
    }
}

/// Whether a run that ended with `outcome` prints nothing.
pub(super) fn is_silent(context: &Context<'_>, outcome: Outcome, report: &Report<'_>) -> bool {
    let has_nothing = report.gaps.is_empty() && report.enforced_from.is_none();
    outcome == Outcome::Passes && has_nothing && context.is_quiet()
}
