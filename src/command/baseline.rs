//! `dtguard baseline`: entries for what is there already, each of which somebody
//! has to answer for before it allows anything.

use super::policy_command::count;
use super::terminal::Terminal;
use super::{Outcome, policy};
use crate::cli::{BaselineArgs, Global};
use crate::error::Error;
use crate::policy::{Allowance, Date, Draft, add_entries, entries_for, write};
use crate::report::{Role, sanitize};

pub(super) fn run(terminal: &Terminal, global: &Global, arguments: &BaselineArgs) -> Result<Outcome, Error> {
    let in_force = policy::load(global, None, policy::in_work_tree)?;
    let scanned = policy::scan_all(arguments.history)?;
    policy::tell_gaps(terminal, &scanned);
    let judged = in_force.judge_all(&scanned.findings, Date::today());
    let drafts = entries_for(judged.blocking.iter().map(|(finding, _)| *finding));
    if drafts.is_empty() {
        let files = count(scanned.coverage.files, "file", "files");
        terminal.tell(|page| {
            let nothing = format!("dtguard: nothing in {files} blocks: there is nothing to write.");
            page.text(0, Role::Plain, &nothing)
        });
        return Ok(Outcome::Passes);
    }
    let file = policy::own_file(global)?;
    let with_reasons = |written: Option<&'static str>| {
        let mut allowances = Vec::new();
        for Draft { token, placeholder } in &drafts {
            let (owner, expires) = (arguments.owner.as_deref(), arguments.expires);
            let reason = written.unwrap_or(placeholder);
            allowances.push(Allowance { token, reason, owner, expires });
        }
        add_entries(&file.name, &file.text, &allowances)
    };
    // Once the reasons are there it has to be a policy that higher layers grant.
    policy::with(global, &with_reasons(Some("some reason"))?.text)?;
    let text = with_reasons(None)?.text;
    write(&file.path, &text)
        .map_err(|error| Error::Write { path: file.path.display().to_string(), error })?;
    terminal.tell(|page| {
        let name = sanitize(file.name.as_bytes());
        let wrote = format!("dtguard: wrote {} into {name}.", count(drafts.len(), "entry", "entries"));
        page.text(0, Role::Plain, &wrote)?;
        page.text(
            0,
            Role::Notice,
            "Each needs its reason, written by somebody who knows: until then the policy is refused, and so is every commit. Take out the entries of tokens that are live, and revoke those.",
        )
    });
    Ok(Outcome::Passes)
}
