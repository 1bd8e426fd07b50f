//! What was found and passes, for `--verbose`.

use super::summary::tokens;
use super::text::place;
use super::{Page, Report, Role, sanitize};
use crate::find::Certainty;

/// Writes each passing finding with its place and the reason why it passes.
pub(super) fn write_passing(page: &mut Page, report: &Report<'_>) {
    let passing = &report.judged.passing;
    if passing.is_empty() {
        return;
    }
    page.say(&format!("dtguard: {} let through:", tokens(passing.iter().map(|(finding, _)| *finding))));
    for (finding, entry) in passing {
        let name = finding.identifier.as_deref().unwrap_or(finding.kind.name);
        page.line(2, Role::Place, &format!("{} {}", place(finding), sanitize(name.as_bytes())));
        let why = match (entry, finding.certainty) {
            (Some(entry), _) => format!("allowed at {}: {}", entry.stated_at, entry.reason),
            (None, Certainty::Filler) => "its secret part was typed: [certainty] filler".to_owned(),
            (None, certainty) => format!("passes by the policy: [certainty] {certainty}"),
        };
        page.text(4, Role::Dim, &sanitize(why.as_bytes()));
    }
    page.blank();
}
