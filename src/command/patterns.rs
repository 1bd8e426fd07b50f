//! `dtguard patterns`: prints the catalogue as rules for another tool.

use super::context::print;
use crate::cli::PatternsArgs;
use crate::error::Error;
use crate::export::{Family, TOOLS};
use crate::verdict::Outcome;

pub(super) fn run(arguments: &PatternsArgs) -> Result<Outcome, Error> {
    print(arguments.tool.map_or_else(list, |tool| tool.rules()).as_bytes())
}

/// The tools of each family, a line each.
fn list() -> String {
    let mut text = String::new();
    for family in Family::ALL {
        text += &format!("{family}\n");
        for tool in TOOLS.iter().filter(|tool| tool.family == family) {
            let not_run = if tool.not_run.is_empty() { "" } else { " (not run by the tests)" };
            text += &format!("  {:<16}{}{not_run}\n", tool.name, tool.what);
        }
    }
    text
}
