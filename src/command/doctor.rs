//! `dtguard doctor`: what guards here, where a token could pass, and the proof.

use std::io;
use std::path::Path;

use super::install::program;
use super::terminal::{Page, Terminal};
use super::{Outcome, policy};
use crate::cli::{DoctorArgs, Global};
use crate::error::Error;
use crate::install::{Account, ProofAccount, Stage, Status, diagnose};
use crate::report::Role;

pub(super) fn run(terminal: &Terminal, global: &Global, arguments: &DoctorArgs) -> Result<Outcome, Error> {
    let program = program()?;
    let stages = Stage::usual(arguments.repo.as_deref());
    let diagnosis = diagnose(arguments.repo.as_deref(), stages, &program)?;
    let policy_error = policy_error(global, arguments.repo.as_deref());
    let account = Account::new(&diagnosis, policy_error.as_deref(), &program);
    if arguments.json {
        terminal.print_bytes(&account.json())?;
    } else {
        terminal.tell(|page| tell(page, &account));
    }
    Ok(match account.status {
        Status::Guarded => Outcome::Passes,
        Status::Open => Outcome::Blocks,
        Status::Unknown => Outcome::Incomplete,
    })
}

/// Why the policy does not load, if it does not.
fn policy_error(global: &Global, repository: Option<&Path>) -> Option<String> {
    let error = policy::load(global, None, || policy::in_work_tree_of(repository)).err()?;
    Some(error.to_string())
}

fn tell(page: &mut Page<'_>, account: &Account) -> io::Result<()> {
    for (number, git) in account.git.iter().enumerate() {
        let also = if number == 0 { "" } else { "also on PATH: " };
        page.line(0, Role::Plain, &format!("git        {also}{}, version {}", git.path, git.version))?;
    }
    let repository = account.repository.as_deref().unwrap_or("none here: what a new one would get");
    page.line(0, Role::Plain, &format!("repository {repository}"))?;
    let hooks = account.hooks.folder.as_deref().unwrap_or("where git init puts them");
    let why = match (&account.hooks.scope, &account.hooks.set_in) {
        (Some(scope), Some(file)) => format!(" (core.hooksPath, {scope}: {file})"),
        _ => String::new(),
    };
    page.line(0, Role::Plain, &format!("hooks      {hooks}{why}"))?;
    let program = &account.program;
    page.line(0, Role::Plain, &format!("dtguard    {}, version {}", program.path, program.version))?;
    match &account.policy_error {
        None => page.line(0, Role::Plain, "policy     loads")?,
        Some(error) => {
            page.line(0, Role::Alarm, "policy     does not load, so nothing passes:")?;
            error.lines().try_for_each(|line| page.line(4, Role::Plain, line))?;
        }
    }
    page.gap()?;
    for stage in &account.stages {
        let by = match (&stage.file, &stage.configured_in, stage.through) {
            (None, ..) => "OPEN".to_owned(),
            (Some(file), Some(config), _) => format!("{file} (configured in {config})"),
            (Some(file), None, Some(manager)) => format!("{file} (run by {manager})"),
            (Some(file), None, None) => file.clone(),
        };
        let role = if stage.covered { Role::Plain } else { Role::Alarm };
        page.line(0, role, &format!("{:<18} {by}", stage.stage))?;
    }
    for door in &account.doors {
        page.gap()?;
        let (role, mark) = if door.open { (Role::Alarm, "open: ") } else { (Role::Notice, "note: ") };
        page.text(0, role, &format!("{mark}{}", door.what))?;
        door.shut.lines().try_for_each(|line| page.line(4, Role::Command, line))?;
    }
    page.gap()?;
    tell_proof(page, &account.proof)
}

fn tell_proof(page: &mut Page<'_>, proof: &ProofAccount) -> io::Result<()> {
    let identifier = proof.identifier.as_deref().unwrap_or_default();
    match proof.verdict {
        "held" => {
            page.text(0, Role::Plain, &format!("Proof, with these hooks in a throw-away repository: a change with a generated token ({identifier}) was blocked by dtguard, one without was not."))?;
            if proof.why.is_some() {
                page.text(0, Role::Notice, "Another hook refused that one; it said:")?;
            }
        }
        "failed" => page.text(0, Role::Alarm, "NOT GUARDED. With these hooks in a throw-away repository:")?,
        _ => page.text(0, Role::Alarm, "NOT PROVEN. With these hooks in a throw-away repository:")?,
    }
    proof.why.iter().flat_map(|why| why.lines()).try_for_each(|line| page.line(4, Role::Plain, line))
}
