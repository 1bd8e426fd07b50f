//! `dtguard install` and `dtguard uninstall`.

use std::path::{Path, PathBuf};

use super::context::Context;
use super::install_agents;
use crate::cli::{InstallArgs, WhereArgs};
use crate::error::Error;
use crate::install::{
    ConfigScope, Hooks, InstallError, Installed, Proof, ProofResult, Removed, RemovedAll, RolledOut, Rollout,
    Route, Stage, Template, everybody_can_run, gits_left_out, listed, prove, prove_new_repository,
    submodules, unguarded,
};
use crate::report::{Page, Role, sanitize};
use crate::source::SourceError;
use crate::verdict::Outcome;

pub(super) fn install(context: &Context<'_>, arguments: &InstallArgs) -> Result<Outcome, Error> {
    let program = program()?;
    let place = &arguments.target;
    if !place.agent.is_empty() {
        return install_agents::install(context, place, &program);
    }
    let proof = match (&place.template, place.scope()) {
        (Some(folder), scope) => into_template(context, place, folder, scope, &program)?,
        (None, Some(scope)) => everywhere(context, arguments, scope, &program)?,
        (None, None) if arguments.no_hook => prove(&program)?,
        (None, None) => into_repository(context, place, &program)?,
    };
    context.mention(|page| write_proof(page, &proof));
    if !arguments.no_hook && is_in_a_cache(&program) {
        context.show(|page| {
            let text = format!("The hooks start {}, which is in a cache. Once the cache is emptied, they block every commit. Install dtguard permanently, for example with one of these, then install the hooks again:", shown(&program));
            page.text(0, Role::Alarm, &text);
            page.command("uv tool install dtguard");
            page.command("npm install --save-dev dtguard");
        });
    }
    Ok(Outcome::Passes)
}

/// Whether the program is in a cache of `uvx`, `npx` or `pipx run`, which may be emptied.
fn is_in_a_cache(program: &Path) -> bool {
    let caches = [".cache", "cache", "caches", "_npx"];
    program.components().any(|part| caches.iter().any(|cache| part.as_os_str().eq_ignore_ascii_case(cache)))
}

fn into_repository(context: &Context<'_>, place: &WhereArgs, program: &Path) -> Result<Proof, Error> {
    let stages = place.stages();
    for repository in repositories(place) {
        let hooks = Hooks::of(repository.as_deref())?;
        let is_there = hooks.folder().is_dir();
        install_into(context, &hooks, &stages, program, place.write)?;
        if hooks.is_shared() {
            context.show(|page| write_shared(page, &hooks, is_there));
        }
    }
    let left_out = unguarded(place.repo.as_deref(), program);
    if !left_out.is_empty() {
        let left_out = shown(Path::new(&listed(&left_out)));
        let text = format!("Submodules have hooks of their own; these are not guarded: {left_out}");
        context.show(|page| {
            page.text(0, Role::Notice, &text);
            page.command("dtguard install --recurse-submodules");
        });
    }
    Ok(prove(program)?)
}

/// The chosen repository, with its submodules if they are included.
fn repositories(place: &WhereArgs) -> Vec<Option<PathBuf>> {
    let inner = if place.recurse_submodules { submodules(place.repo.as_deref()) } else { Vec::new() };
    let inner = inner.into_iter().map(|submodule| Some(submodule.path));
    [place.repo.clone()].into_iter().chain(inner).collect()
}

fn write_shared(page: &mut Page, hooks: &Hooks, was_there: bool) {
    if hooks.is_linked() {
        let folder = shown(&hooks.folder().canonicalize().unwrap_or_default());
        let text = format!(
            "That folder is {folder}, outside of this repository: the hooks run wherever it is used."
        );
        return page.text(0, Role::Notice, &text);
    }
    page.text(0, Role::Notice, "core.hooksPath leads to that folder: the hooks run in every repository that uses it, and instead of this repository's own .git/hooks.");
    if !was_there {
        page.text(0, Role::Notice, "The folder did not exist. If that setting is a mistake:");
        page.command("dtguard uninstall && git config --unset-all core.hooksPath && dtguard install");
    }
}

fn into_template(
    context: &Context<'_>,
    place: &WhereArgs,
    folder: &Path,
    scope: Option<ConfigScope>,
    program: &Path,
) -> Result<Proof, Error> {
    let template = Template::of(folder)?;
    install_into(context, &template.hooks(), &place.stages(), program, false)?;
    let path = shown(template.folder());
    let Some(scope) = scope else {
        context.mention(|page| {
            page.say("git copies them with the option --template; to copy them always:");
            page.command(&format!("git config --global init.templateDir '{path}'"));
        });
        return Ok(prove_new_repository(&[format!("--template={}", template.folder().display())])?);
    };
    let set = template.make_default(scope)?;
    let config = shown(&scope.config_file()?);
    let text = if set { "Set init.templateDir in" } else { "Already there: init.templateDir in" };
    context.mention(|page| page.line(0, Role::Plain, &format!("{text} {config}")));
    Ok(prove_new_repository(&[])?)
}

fn install_into(
    context: &Context<'_>,
    hooks: &Hooks,
    stages: &[Stage],
    program: &Path,
    write: bool,
) -> Result<(), Error> {
    let all = hooks.install_all(stages, program, write);
    context.mention(|page| {
        for file in &all.wrote {
            page.line(0, Role::Plain, &format!("Wrote {}", shown(file)));
        }
        all.done.iter().for_each(|(stage, installed)| write_installed(page, hooks, *stage, installed));
    });
    refuse(context, all.refused)
}

/// Prints all refusals but the last, which becomes the error.
fn refuse(context: &Context<'_>, mut refused: Vec<InstallError>) -> Result<(), Error> {
    let Some(last) = refused.pop() else { return Ok(()) };
    refused.into_iter().for_each(|error| context.error(&error.into(), false));
    Err(last.into())
}

fn everywhere(
    context: &Context<'_>,
    arguments: &InstallArgs,
    scope: ConfigScope,
    program: &Path,
) -> Result<Proof, Error> {
    let rollout = Rollout::of(scope)?;
    let stages = arguments.target.stages();
    let done = rollout.install(&stages, program, arguments.hooks_path, arguments.beside)?;
    context.mention(|page| write_rolled_out(page, &rollout, &done));
    if scope == ConfigScope::System && !everybody_can_run(program) {
        context.show(|page| {
            let text = format!("Other users of this machine cannot run {}, so their commits would be refused. Copy it to a place where they can, and install from there:", shown(program));
            page.text(0, Role::Alarm, &text);
            page.command(&format!("sudo install -m 755 '{}' /usr/local/bin/dtguard", shown(program)));
            page.command("sudo /usr/local/bin/dtguard install --system");
        });
    }
    for problem in gits_left_out(&stages, program)? {
        context.show(|page| {
            page.text(0, Role::Alarm, &sanitize(problem.what.as_bytes()));
            page.command(&sanitize(problem.fix.as_bytes()));
        });
    }
    Ok(prove_new_repository(&[])?)
}

/// The absolute path of this program, for the hooks to call.
pub(super) fn program() -> Result<PathBuf, Error> {
    std::env::current_exe().map_err(|error| SourceError::of_file("dtguard", error).into())
}

fn shown(path: &Path) -> String {
    sanitize(path.as_os_str().as_encoded_bytes())
}

fn write_proof(page: &mut Page, proof: &Proof) {
    let identifier = &proof.identifier;
    page.say("Proof, in a temporary repository:");
    let was = match &proof.result {
        ProofResult::Postponed(day) => format!("reported; the policy blocks it from {day} on"),
        _ => "blocked".to_owned(),
    };
    page.text(2, Role::Plain, &format!("a commit with a generated token ({identifier}) was {was}"));
    page.text(2, Role::Plain, "a commit without one passed");
}

fn write_installed(page: &mut Page, hooks: &Hooks, stage: Stage, installed: &Installed) {
    let hook = shown(&hooks.folder().join(stage.name()));
    match installed {
        Installed::New(lfs) => {
            page.line(0, Role::Plain, &format!("Installed {hook}"));
            if let Some(lfs) = lfs.as_ref().filter(|_| has_git_lfs()) {
                page.line(2, Role::Plain, &format!("it runs this first: {}", shown(lfs)));
                page.text(4, Role::Plain, "(Git LFS, where the repository uses it, uploads its files in that hook; elsewhere it does nothing)");
            }
        }
        Installed::Updated => page.line(0, Role::Plain, &format!("Updated {hook}")),
        Installed::Unchanged => page.line(0, Role::Plain, &format!("Already there: {hook}")),
        Installed::Beside(kept) => {
            page.line(0, Role::Plain, &format!("Installed {hook}"));
            page.line(2, Role::Notice, &format!("the hook that was there runs first, as {}", shown(kept)));
        }
        Installed::Legacy(manager, legacy) => {
            page.line(0, Role::Plain, &format!("Installed {}", shown(legacy)));
            page.line(2, Role::Notice, &format!("{} runs it before its own hooks", manager.name()));
        }
        Installed::Through(file) => {
            page.line(0, Role::Plain, &format!("Nothing to do for {stage}: {} calls dtguard", shown(file)));
        }
    }
}

/// Whether Git LFS is installed, so that the message mentions its upload.
fn has_git_lfs() -> bool {
    let name = if cfg!(windows) { "git-lfs.exe" } else { "git-lfs" };
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(name).is_file())
}

fn write_rolled_out(page: &mut Page, rollout: &Rollout, done: &RolledOut) {
    let stages = done.stages.iter().map(|stage| stage.name()).collect::<Vec<_>>().join(", ");
    let did = if done.changed { "Installed" } else { "Already there:" };
    let folder = match &done.route {
        Route::Beside(folder) => folder.as_path(),
        _ => rollout.folder(),
    };
    page.line(0, Role::Plain, &format!("{did} {} ({stages})", shown(folder)));
    let config = shown(rollout.config());
    match &done.route {
        Route::Configured => {
            let how = format!("as configured hooks in {config}, which run beside each repository's own");
            page.text(2, Role::Plain, &how);
        }
        Route::Beside(_) => page.text(2, Role::Plain, "beside the hooks to which core.hooksPath leads"),
        Route::HooksPath(git) => {
            let how = format!("as core.hooksPath in {config}; each repository's own hooks run too");
            page.text(2, Role::Plain, &how);
            if let Some(git) = git {
                let path = shown(&git.path);
                page.text(
                    2,
                    Role::Plain,
                    &format!("because git {} ({path}) has no configured hooks", git.version),
                );
            }
            page.text(2, Role::Notice, "A repository with a core.hooksPath of its own, as husky sets it, ignores them; dtguard doctor reports that there.");
        }
    }
}

pub(super) fn uninstall(context: &Context<'_>, arguments: &WhereArgs) -> Result<Outcome, Error> {
    if !arguments.agent.is_empty() {
        return install_agents::uninstall(context, arguments);
    }
    let stages = arguments.stages_to_remove();
    match (&arguments.template, arguments.scope()) {
        (Some(folder), scope) => {
            let template = Template::of(folder)?;
            if let Some(scope) = scope {
                let config = shown(&scope.config_file()?);
                let text = if template.make_no_default(scope)? {
                    "Removed init.templateDir from"
                } else {
                    "Not dtguard's, left alone: init.templateDir in"
                };
                context.mention(|page| page.line(0, Role::Plain, &format!("{text} {config}")));
            }
            uninstall_from(context, &template.hooks(), &stages, false)?;
        }
        (None, Some(scope)) => {
            let rollout = Rollout::of(scope)?;
            let gone = rollout.uninstall(&stages)?;
            let gone = gone.iter().map(|stage| stage.name()).collect::<Vec<_>>().join(", ");
            let folder = shown(rollout.folder());
            let text = match gone.as_str() {
                "" => format!("Not there: {folder}"),
                gone => format!("Removed {folder} ({gone})"),
            };
            context.mention(|page| page.line(0, Role::Plain, &text));
        }
        (None, None) => {
            for repository in repositories(arguments) {
                for hooks in Hooks::all_of(repository.as_deref())? {
                    uninstall_from(context, &hooks, &stages, arguments.write)?;
                }
            }
        }
    }
    Ok(Outcome::Passes)
}

fn uninstall_from(context: &Context<'_>, hooks: &Hooks, stages: &[Stage], write: bool) -> Result<(), Error> {
    let all = hooks.uninstall_all(stages, write);
    context.mention(|page| write_removed(page, hooks, &all));
    refuse(context, all.refused)
}

fn write_removed(page: &mut Page, hooks: &Hooks, all: &RemovedAll) {
    for (stage, removed) in &all.done {
        let hook = shown(&hooks.folder().join(stage.name()));
        let text = match removed {
            Removed::Gone => format!("Removed {hook}"),
            Removed::Restored => format!("Removed {hook}; the earlier hook is restored"),
            Removed::Foreign => format!("Not dtguard's, left alone: {hook}"),
            Removed::Absent => continue,
        };
        page.line(0, Role::Plain, &text);
    }
    if all.refused.is_empty() && all.done.iter().all(|(_, removed)| *removed == Removed::Absent) {
        page.line(0, Role::Plain, &format!("Not there: no such hook is in {}", shown(hooks.folder())));
    }
    for file in &all.wrote {
        page.line(0, Role::Plain, &format!("Removed it from {}", shown(file)));
    }
    if !all.callers.is_empty() {
        let files = all.callers.iter().map(|file| shown(file)).collect::<Vec<_>>().join(", ");
        let text = format!("Still called from {files}; to remove the lines that --write added:");
        page.text(0, Role::Notice, &text);
        page.command("dtguard uninstall --write");
    }
}
