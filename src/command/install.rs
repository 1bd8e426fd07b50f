//! `dtguard install` and `dtguard uninstall`.

use std::path::PathBuf;

use super::Outcome;
use super::terminal::{Page, Terminal};
use crate::cli::{InstallArgs, RepositoryArgs};
use crate::error::Error;
use crate::install::{Hooks, Installed, Proof, Removed, Stage, prove};
use crate::report::{Role, sanitize};
use crate::source::SourceError;

pub(super) fn install(terminal: &Terminal, arguments: &InstallArgs) -> Result<Outcome, Error> {
    let program = program()?;
    if !arguments.no_hook {
        let hooks = Hooks::of(arguments.repository.repo.as_deref())?;
        for stage in arguments.repository.stages() {
            let installed = hooks.install(stage, &program)?;
            if !terminal.quiet {
                terminal.tell(|page| tell_installed(page, &hooks, stage, &installed));
            }
        }
        if hooks.is_shared() {
            terminal.tell(|page| {
                page.text(0, Role::Notice, "core.hooksPath leads to that folder: the hooks run in every repository that uses it, and instead of this repository's own .git/hooks.")
            });
        }
    }
    let Proof { identifier } = prove(&program)?;
    if !terminal.quiet {
        terminal.tell(|page| {
            page.text(0, Role::Plain, "Proof, in a throw-away repository:")?;
            page.text(
                2,
                Role::Plain,
                &format!("a commit with a generated token ({identifier}) was blocked"),
            )?;
            page.text(2, Role::Plain, "a commit without one passed")
        });
    }
    Ok(Outcome::Passes)
}

/// The absolute path of this program, for the hooks to call.
fn program() -> Result<PathBuf, Error> {
    std::env::current_exe()
        .map_err(|error| Error::Source(SourceError::File { path: "dtguard".to_owned(), error }))
}

fn tell_installed(
    page: &mut Page<'_>,
    hooks: &Hooks,
    stage: Stage,
    installed: &Installed,
) -> std::io::Result<()> {
    let hook = sanitize(hooks.folder().join(stage.name()).as_os_str().as_encoded_bytes());
    match installed {
        Installed::New => page.line(0, Role::Plain, &format!("Installed {hook}")),
        Installed::Updated => page.line(0, Role::Plain, &format!("Updated {hook}")),
        Installed::Unchanged => page.line(0, Role::Plain, &format!("Already there: {hook}")),
        Installed::Beside(kept) => {
            page.line(0, Role::Plain, &format!("Installed {hook}"))?;
            let kept = sanitize(kept.as_os_str().as_encoded_bytes());
            page.line(2, Role::Notice, &format!("the hook that was there runs first, as {kept}"))
        }
    }
}

pub(super) fn uninstall(terminal: &Terminal, arguments: &RepositoryArgs) -> Result<Outcome, Error> {
    let hooks = Hooks::of(arguments.repo.as_deref())?;
    for stage in arguments.stages_to_remove() {
        let removed = hooks.uninstall(stage)?;
        let hook = sanitize(hooks.folder().join(stage.name()).as_os_str().as_encoded_bytes());
        terminal.tell(|page| {
            page.line(
                0,
                Role::Plain,
                &match removed {
                    Removed::Gone => format!("Took out {hook}"),
                    Removed::Restored => format!("Took out {hook}, the hook that was there before is back"),
                    Removed::Foreign => format!("Not dtguard's, left alone: {hook}"),
                    Removed::Absent => format!("Not there: {hook}"),
                },
            )
        });
    }
    Ok(Outcome::Passes)
}
