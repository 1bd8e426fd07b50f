//! Appends the audit line of a run, and warns of entries that are about to expire.

use super::context::Context;
use super::in_force;
use crate::audit::{self, record};
use crate::policy::{Date, Entry, Policy, now};
use crate::report::{Role, Scope, sanitize};
use crate::scan::Scanned;
use crate::source::top_of_work_tree;
use crate::verdict::{Judge, Verdict};

/// Records a run and its `verdict` where the policies of `judges` ask for it. If a required
/// record fails, the run does not pass.
pub(super) fn leave<'r>(
    context: &Context<'_>,
    (scope, scanned): (Scope, &Scanned),
    judges: &[Judge],
    verdict: Verdict<'r>,
) -> Verdict<'r> {
    let policies: Vec<&Policy> = judges.iter().map(|judge| &judge.policy).collect();
    write_expiring(context, &policies, &verdict);
    leave_line(context, &policies, Some(scope), scanned, verdict)
}

/// Like [`leave`], for a run that failed before its verdict. Uses the layers above the
/// repository that can be read.
pub(super) fn leave_error(context: &Context<'_>) {
    if let Ok(policy) = in_force::without_own(None) {
        leave_line(context, &[&policy], None, &Scanned::default(), Verdict::failed());
    }
}

fn leave_line<'r>(
    context: &Context<'_>,
    policies: &[&Policy],
    scope: Option<Scope>,
    scanned: &Scanned,
    verdict: Verdict<'r>,
) -> Verdict<'r> {
    if policies.iter().all(|policy| policy.audits().is_empty()) {
        return verdict;
    }
    let failures = record(&audit::Run {
        ended: now(),
        version: env!("CARGO_PKG_VERSION"),
        repository: &top_of_work_tree().or_else(|_| std::env::current_dir()).unwrap_or_default(),
        stage: context.stage,
        scope,
        scanned,
        policies,
        verdict: &verdict,
    });
    for failure in &failures {
        context.show(|page| {
            let (target, place) = (sanitize(failure.target.as_bytes()), sanitize(failure.place.as_bytes()));
            let role = if failure.required { Role::Alarm } else { Role::Notice };
            let why = format!("dtguard: cannot write this run's audit line to {target}: {}", failure.error);
            page.text(0, role, &why);
            let wants = if failure.required { "requires" } else { "asks for" };
            page.text(4, Role::Plain, &format!("{place} {wants} it"));
        });
    }
    if failures.iter().any(|failure| failure.required) { verdict.unrecorded() } else { verdict }
}

/// Warns of entries that this run used and that expire soon.
fn write_expiring(context: &Context<'_>, policies: &[&Policy], verdict: &Verdict<'_>) {
    let used: Vec<&Entry> = verdict.judged.passing.iter().filter_map(|(_, entry)| *entry).collect();
    let expiring = policies.iter().flat_map(|policy| {
        let own = |entry: &&Entry| policy.entries().iter().any(|own| std::ptr::eq(own, *entry));
        policy.expiring(used.iter().copied().filter(own), Date::today())
    });
    let expiring: Vec<&Entry> = expiring.collect();
    if expiring.is_empty() || context.global.quiet {
        return;
    }
    context.show(|page| {
        for entry in expiring {
            let owner = entry.owner.as_ref().map(|owner| format!(" (owner: {owner})")).unwrap_or_default();
            let last = entry.expires.map(|last| last.to_string()).unwrap_or_default();
            let text =
                format!("dtguard: {}{owner} allows this until {last} only; then it blocks", entry.stated_at);
            page.text(0, Role::Notice, &sanitize(text.as_bytes()));
        }
    });
}
