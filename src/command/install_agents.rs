//! `dtguard install --agent` and `dtguard uninstall --agent`.

use std::path::Path;

use super::context::Context;
use crate::assistant::Assistant;
use crate::cli::WhereArgs;
use crate::error::Error;
use crate::install::AgentHooks;
use crate::report::{Page, Role, sanitize};
use crate::verdict::Outcome;

/// The configurations that `place` names.
fn all(place: &WhereArgs) -> Result<Vec<AgentHooks>, Error> {
    let one = |assistant: &Assistant| match place.user {
        true => AgentHooks::of_user(*assistant),
        false => AgentHooks::in_project(*assistant, place.repo.as_deref()),
    };
    Ok(place.agent.iter().map(one).collect::<Result<_, _>>()?)
}

pub(super) fn install(context: &Context<'_>, place: &WhereArgs, program: &Path) -> Result<Outcome, Error> {
    for hooks in all(place)? {
        let did = if hooks.install(program)? { "Installed" } else { "Already there:" };
        context.mention(|page| {
            page.line(0, Role::Plain, &format!("{did} {} in {}", hooks.assistant, shown(&hooks.file)));
        });
        context.mention(|page| write_notes(page, hooks.assistant, !place.user));
    }
    if !place.user && !is_on_path(program) {
        let text = "These files start dtguard by its name, because others share them, and this dtguard is not the one on PATH. Install it there, or only for yourself:";
        context.show(|page| {
            page.text(0, Role::Alarm, text);
            let names = place.agent.iter().map(|agent| format!(" --agent {agent}")).collect::<String>();
            page.command(&format!("dtguard install --user{names}"));
        });
    }
    Ok(Outcome::Passes)
}

fn write_notes(page: &mut Page, assistant: Assistant, is_shared: bool) {
    let note = match assistant {
        Assistant::Codex => "Codex runs new hooks once you trust them: /hooks",
        Assistant::Copilot if is_shared => {
            "Copilot refuses every tool where dtguard is not on PATH, for others and in the cloud too."
        }
        _ => return,
    };
    page.text(2, Role::Notice, note);
}

/// Whether the shell finds this `program` as dtguard.
fn is_on_path(program: &Path) -> bool {
    let name = if cfg!(windows) { "dtguard.exe" } else { "dtguard" };
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file());
    found.and_then(|found| found.canonicalize().ok()) == program.canonicalize().ok()
}

pub(super) fn uninstall(context: &Context<'_>, place: &WhereArgs) -> Result<Outcome, Error> {
    for hooks in all(place)? {
        let did = if hooks.uninstall()? { "Removed" } else { "Not there:" };
        context.mention(|page| {
            page.line(0, Role::Plain, &format!("{did} {} in {}", hooks.assistant, shown(&hooks.file)));
        });
    }
    Ok(Outcome::Passes)
}

fn shown(path: &Path) -> String {
    sanitize(path.as_os_str().as_encoded_bytes())
}
