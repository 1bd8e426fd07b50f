//! What a run leaves behind it: its line in the audit, and a word on entries that
//! are about to expire.

use std::time::{SystemTime, UNIX_EPOCH};

use super::Outcome;
use super::terminal::Terminal;
use crate::audit::{Run, record};
use crate::policy::{Date, Judged, Policy};
use crate::report::{Role, Scope, sanitize};
use crate::scan::Scanned;
use crate::source::top_of_work_tree;

/// Records a run that came to `outcome`, as the policy wants it; what it comes to if
/// it has to be recorded and cannot be.
pub(super) fn leave(
    terminal: &Terminal,
    policy: &Policy,
    (scope, scanned): (Scope, &Scanned),
    judged: &Judged<'_>,
    outcome: Outcome,
) -> Outcome {
    leave_line(terminal, policy, (Some(scope), scanned), judged, (outcome, None))
}

/// As [`leave`], for a run that blocks nothing whatever it finds: it can only tell.
pub(super) fn leave_notice(
    terminal: &Terminal,
    policy: &Policy,
    (scope, scanned): (Scope, &Scanned),
    judged: &Judged<'_>,
) {
    let verdict = (!judged.blocking.is_empty()).then_some("told");
    leave_line(terminal, policy, (Some(scope), scanned), judged, (Outcome::Passes, verdict));
}

/// As [`leave`], for a run that came to an error before it came to a verdict, as far as
/// the layers above the repository's can be read.
pub(super) fn leave_error(terminal: &Terminal) {
    if let Ok(policy) = super::policy::without_own(None) {
        let (scanned, judged) = (Scanned::default(), Judged::default());
        leave_line(terminal, &policy, (None, &scanned), &judged, (Outcome::Incomplete, Some("error")));
    }
}

/// As [`leave`], for a push with what blocks that was let through for a reason.
pub(super) fn leave_break_glass(
    terminal: &Terminal,
    policy: &Policy,
    (scope, scanned): (Scope, &Scanned),
    judged: &Judged<'_>,
) -> Outcome {
    leave_line(terminal, policy, (Some(scope), scanned), judged, (Outcome::Passes, Some("break-glass")))
}

fn leave_line(
    terminal: &Terminal,
    policy: &Policy,
    (scope, scanned): (Option<Scope>, &Scanned),
    judged: &Judged<'_>,
    (outcome, verdict): (Outcome, Option<&'static str>),
) -> Outcome {
    tell_expiring(terminal, policy, judged);
    if policy.audits().is_empty() {
        return outcome;
    }
    let ended = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let here = top_of_work_tree().or_else(|_| std::env::current_dir()).unwrap_or_default();
    let failures = record(
        policy,
        &Run {
            ended: i64::try_from(ended).unwrap_or(i64::MAX),
            version: env!("CARGO_PKG_VERSION"),
            repository: &here,
            stage: terminal.stage,
            scope,
            coverage: scanned.coverage,
            gaps: scanned.gaps.len(),
            judged,
            outcome,
            verdict,
        },
    );
    for failure in &failures {
        terminal.tell(|page| {
            let (target, place) = (sanitize(failure.target.as_bytes()), sanitize(failure.place.as_bytes()));
            let role = if failure.required { Role::Alarm } else { Role::Notice };
            let why = format!("dtguard: cannot leave this run's line in {target}: {}", failure.error);
            page.text(0, role, &why)?;
            let wants = if failure.required { "requires" } else { "asks for" };
            page.text(4, Role::Plain, &format!("{place} {wants} it"))
        });
    }
    let required = failures.iter().any(|failure| failure.required);
    if required { outcome.max(Outcome::Incomplete) } else { outcome }
}

/// Entries that this run needed and that will soon allow nothing.
fn tell_expiring(terminal: &Terminal, policy: &Policy, judged: &Judged<'_>) {
    let used = judged.passing.iter().filter_map(|(_, entry)| *entry);
    let expiring = policy.expiring(used, Date::today());
    if expiring.is_empty() || terminal.quiet {
        return;
    }
    terminal.tell(|page| {
        for entry in expiring {
            let owner = entry.owner.as_ref().map(|owner| format!(" (owner: {owner})")).unwrap_or_default();
            let last = entry.expires.map(|last| last.to_string()).unwrap_or_default();
            let text =
                format!("dtguard: {}{owner} allows this until {last} only; then it blocks", entry.place);
            page.text(0, Role::Notice, &sanitize(text.as_bytes()))?;
        }
        Ok(())
    });
}
