//! `dtguard doctor`: reports which hooks guard a repository, and proves it.

use std::path::Path;

use super::context::{Context, print};
use super::in_force;
use super::install::program;
use crate::cli::DoctorArgs;
use crate::error::Error;
use crate::install::{Account, AgentHooks, ProofAccount, Stage, StageAccount, Status, diagnose};
use crate::policy::{FILE_NAME, Held};
use crate::report::{Page, Role};
use crate::source::Repository;
use crate::verdict::Outcome;

/// The columns of a label.
const LABEL: usize = 11;

pub(super) fn run(context: &Context<'_>, arguments: &DoctorArgs) -> Result<Outcome, Error> {
    let program = program()?;
    if let Some(top) = in_force::top_around(arguments.repo.as_deref()) {
        Held::tidy(&top.join(FILE_NAME));
    }
    let stages = Stage::usual(arguments.repo.as_deref());
    let diagnosis = diagnose(arguments.repo.as_deref(), stages, &program)?;
    let policy = policy_error(context, arguments.repo.as_deref(), diagnosis.repository.as_deref());
    let policy = policy.as_ref().map(|(error, fix)| (error.as_str(), fix.as_str()));
    let mut account = Account::new(&diagnosis, policy, &program);
    for hooks in AgentHooks::everywhere(arguments.repo.as_deref()) {
        account.add_assistant(&hooks, &program);
    }
    if arguments.json {
        print(&account.json())?;
    } else {
        let write = |page: &mut Page| write(page, &account);
        if account.status == Status::Guarded { context.mention(write) } else { context.show(write) }
    }
    Ok(match account.status {
        Status::Guarded => Outcome::Passes,
        Status::Partly => Outcome::Blocks,
        Status::Not => Outcome::Incomplete,
    })
}

/// Why the policy does not load, and how to fix it.
fn policy_error(
    context: &Context<'_>,
    named: Option<&Path>,
    git_dir: Option<&Path>,
) -> Option<(String, String)> {
    let Err(error) = in_force::load(context, None, || in_force::in_work_tree_of(named)) else {
        let error = git_dir.and_then(|git_dir| load_as_hooks_do(context, named, git_dir).err())?;
        let fix = format!(
            "git hash-object -w {FILE_NAME} && git add {FILE_NAME}\n(at the top of the work tree: what is staged or committed is what counts)"
        );
        return Some((error.to_string(), fix));
    };
    let fix = match error.hint() {
        hint if hint.is_empty() => {
            "dtguard policy check\n(after fixing that line: it lists further mistakes)".to_owned()
        }
        hint => hint,
    };
    Some((error.to_string(), fix))
}

/// Loads the policy that the hooks use: the staged one, or HEAD's in a bare repository.
fn load_as_hooks_do(context: &Context<'_>, named: Option<&Path>, git_dir: &Path) -> Result<(), Error> {
    let other = named.map(|_| Repository::in_folder(git_dir.to_path_buf(), context.reader));
    let repository = match &other {
        None => context.repository()?,
        Some(other) => other,
    };
    let own = || match Stage::usual(named) {
        [Stage::PreReceive] => Ok(repository.head_file(FILE_NAME)?),
        _ => Ok(repository.staged_file(FILE_NAME, &repository.staged()?)?),
    };
    in_force::load(context, Some(repository), own).map(|_| ())
}

fn write(page: &mut Page, account: &Account) {
    let role = if account.status == Status::Guarded { Role::Heading } else { Role::Alarm };
    page.text(0, role, &account.summary);
    for problem in &account.problems {
        let (role, mark) = if problem.open { (Role::Alarm, "open: ") } else { (Role::Notice, "note: ") };
        page.text(0, role, &format!("{mark}{}", problem.what));
        problem.fix.lines().for_each(|line| page.command(line));
    }
    page.blank();
    write_place(page, account);
    page.blank();
    let folder = account.hooks.folder.as_deref().map(Path::new);
    account.stages.iter().for_each(|stage| write_stage(page, stage, folder));
    for one in &account.assistants {
        page.row(one.assistant, 19, Role::Plain, &format!("{} ({})", one.state, one.file));
    }
    page.blank();
    write_proof(page, &account.proof, account.policy_error.is_some());
}

fn row(page: &mut Page, label: &str, text: &str) {
    page.row(label, LABEL, Role::Plain, text);
}

fn write_place(page: &mut Page, account: &Account) {
    for (number, git) in account.git.iter().enumerate() {
        let also = if number == 0 { "" } else { "also on PATH: " };
        row(page, "git", &format!("{also}{}, version {}", git.path, git.version));
    }
    let repository = account.repository.as_deref().unwrap_or("none here; this is what a new one would get");
    row(page, "repository", repository);
    let hooks = account.hooks.folder.as_deref().unwrap_or("where git init puts them");
    let why = match (&account.hooks.scope, &account.hooks.set_in) {
        (Some(scope), Some(file)) => format!(" (core.hooksPath, {scope}: {file})"),
        _ => String::new(),
    };
    row(page, "hooks", &format!("{hooks}{why}"));
    let program = &account.program;
    row(page, "dtguard", &format!("{}, version {}", program.path, program.version));
    let Some(error) = &account.policy_error else {
        return row(page, "policy", "loads");
    };
    page.row("policy", LABEL, Role::Alarm, "does not load, so nothing passes:");
    let mut lines = error.lines();
    page.text(4, Role::Plain, lines.next().unwrap_or_default());
    lines.for_each(|line| page.line(4, Role::Plain, line));
    let fix = account.policy_fix.as_deref().unwrap_or_default();
    fix.lines().for_each(|line| page.command(line))
}

/// Writes what runs dtguard for a stage. A file in the hooks' `folder` is shown by its name
/// only.
fn write_stage(page: &mut Page, stage: &StageAccount, folder: Option<&Path>) {
    let name = |file: &String| match folder.and_then(|folder| Path::new(file).strip_prefix(folder).ok()) {
        Some(name) if name == Path::new(stage.stage) => "installed".to_owned(),
        Some(name) => name.display().to_string(),
        None => file.clone(),
    };
    let by = match (&stage.file, &stage.configured_in, stage.through) {
        (None, ..) if stage.stops => "OPEN".to_owned(),
        (None, ..) => "none (it would only report)".to_owned(),
        (Some(file), Some(config), _) => format!("{} (configured in {config})", name(file)),
        (Some(file), None, Some(manager)) => format!("{} (run by {manager})", name(file)),
        (Some(file), None, None) => name(file),
    };
    let role = if stage.covered || !stage.stops { Role::Plain } else { Role::Alarm };
    page.row(stage.stage, 19, role, &by);
}

/// Writes the proof. If the policy's error is shown already, the reason is cut to its first
/// line.
fn write_proof(page: &mut Page, proof: &ProofAccount, is_explained: bool) {
    let identifier = proof.identifier.as_deref().unwrap_or_default();
    let text = match proof.verdict {
        "held" => format!(
            "Proof, with these hooks in a temporary repository: a change with a generated token ({identifier}) was blocked by dtguard, one without was not."
        ),
        "postponed" => format!(
            "Proof, with these hooks in a temporary repository: a change with a generated token ({identifier}) was reported by dtguard. The policy lets it through before this day:"
        ),
        _ => "Proof, with these hooks in a temporary repository:".to_owned(),
    };
    page.say(&text);
    if proof.verdict == "held" && proof.why.is_some() {
        page.text(0, Role::Notice, "Another hook refused the second one; its output:");
    }
    let why = proof.why.iter().flat_map(|why| why.lines());
    why.take(if is_explained { 1 } else { usize::MAX }).for_each(|line| page.line(4, Role::Plain, line));
    if !proof.ran.is_empty() {
        page.say("The proof ran these hooks of the repository:");
    }
    proof.ran.iter().for_each(|hook| page.line(4, Role::Plain, hook))
}
