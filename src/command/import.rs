//! `dtguard import`: turns what other tools allow into allow entries.

use std::io::Write as _;

use super::policy;
use super::terminal::Terminal;
use crate::cli::{Global, ImportArgs};
use crate::error::Error;
use crate::find::find;
use crate::import::{Meaning, apply, known, named};
use crate::policy::{FILE_NAME, write};
use crate::report::{Outcome, Role, write_imported};
use crate::source::top_of_work_tree;

pub(super) fn run(terminal: &Terminal, global: &Global, arguments: &ImportArgs) -> Result<Outcome, Error> {
    if arguments.reason.as_ref().is_some_and(|reason| !find(reason.as_bytes()).is_empty()) {
        return Err(Error::Usage {
            message: "the reason holds a token, with its secret part".to_owned(),
            hint: "write it without the token; a policy is committed".to_owned(),
        });
    }
    let top = top_of_work_tree()?;
    let items = if arguments.files.is_empty() { known(&top)? } else { named(&top, &arguments.files)? };
    let policy::OwnFile { path, name, text } = policy::own_file(global)?;
    let applied = apply(&name, &text, &items, arguments.reason.as_deref())?;
    if !applied.added.is_empty() {
        // Higher layers may not grant such entries.
        policy::with(global, &applied.text)?;
    }
    if arguments.dry_run {
        std::io::stdout().lock().write_all(applied.text.as_bytes())?;
    } else if !applied.added.is_empty() {
        write(&path, &applied.text)
            .map_err(|error| Error::Write { path: path.display().to_string(), error })?;
    }
    let to_stage = !applied.added.is_empty() && !arguments.dry_run && global.policy.is_none();
    terminal.tell(|page| {
        write_imported(page, &items, &applied, &name, arguments.dry_run)?;
        if to_stage {
            page.text(0, Role::Plain, "The entries hold once they are staged:")?;
            page.line(4, Role::Command, &format!("git add :/{FILE_NAME}"))?;
        }
        Ok(())
    });
    let all = items.iter().all(|placed| !matches!(placed.item.meaning, Meaning::Cannot(_)));
    Ok(if all { Outcome::Passes } else { Outcome::Incomplete })
}
