//! `dtguard patterns`: prints the catalogue as rules for another tool.

use super::context::{Context, print};
use super::in_force;
use crate::cli::PatternsArgs;
use crate::error::Error;
use crate::export::{Family, TOOLS};
use crate::report::{Page, Role};
use crate::verdict::Outcome;

/// The columns of a tool's name.
const NAME: usize = 18;

pub(super) fn run(context: &Context<'_>, arguments: &PatternsArgs) -> Result<Outcome, Error> {
    match arguments.tool {
        Some(tool) => {
            let policy = in_force::load(context, None, in_force::in_work_tree)?;
            let (rules, lacking) = tool.rules(policy.rules().all());
            if !lacking.is_empty() {
                let text =
                    format!("dtguard: left out for {}: the policy's rules {}", tool.name, lacking.join(", "));
                context.say(Role::Notice, &text);
            }
            print(rules.as_bytes())
        }
        None => context.print_rows(write_list),
    }
}

/// Writes the tools of each family, a row each.
fn write_list(page: &mut Page) {
    for family in Family::ALL {
        page.text(0, Role::Heading, &family.to_string());
        for tool in TOOLS.iter().filter(|tool| tool.family == family) {
            let not_run = if tool.not_run.is_empty() { "" } else { " (not run by the tests)" };
            page.row(&format!("  {}", tool.name), NAME, Role::Plain, &format!("{}{not_run}", tool.what));
        }
    }
}
