//! What was found and passes, for people who ask for it.

use std::io::{self, Write};

use super::text::{count, place};
use super::{Layout, Report, Role, sanitize};
use crate::find::Certainty;

/// Writes what passes, each with its place and with what lets it pass.
///
/// # Errors
///
/// If it cannot be written.
pub(super) fn write_passing<W: Write>(layout: &mut Layout<W>, report: &Report<'_>) -> io::Result<()> {
    let passing = &report.judged.passing;
    if passing.is_empty() {
        return Ok(());
    }
    layout.text(0, Role::Plain, &format!("dtguard: {} let through:", count(passing.len(), "finding")))?;
    for (finding, entry) in passing {
        let name = finding.identifier.as_deref().unwrap_or(finding.kind.name);
        layout.line(2, Role::Place, &format!("{} {}", place(finding), sanitize(name.as_bytes())))?;
        let why = match (entry, finding.certainty) {
            (Some(entry), _) => format!("allowed at {}: {}", entry.place, entry.reason),
            (None, Certainty::Filler) => "its secret part was typed: [certainty] filler".to_owned(),
            (None, certainty) => format!("passes by the policy: [certainty] {certainty}"),
        };
        layout.text(4, Role::Dim, &sanitize(why.as_bytes()))?;
    }
    layout.gap()
}
