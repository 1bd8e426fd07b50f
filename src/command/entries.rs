//! Writing allow entries into the policy of the lowest layer.

use std::path::PathBuf;

use super::context::Context;
use super::exit::{exit, whole};
use super::in_force;
use crate::error::Error;
use crate::find::find;
use crate::policy::{Changed, Date, FILE_NAME, Held, Layer, Level, PolicyError, Unwritten, Wants};
use crate::report::{Page, sanitize};
use crate::source::{SourceError, top_of_work_tree};

/// The file to write entries into: that of `--policy`, else the repository's in the work tree.
/// A lock keeps other writers out.
pub(super) struct OwnFile<'c> {
    context: &'c Context<'c>,
    path: PathBuf,
    held: Held,
    /// Its name in messages.
    pub name: String,
    /// Empty if there is no such file yet.
    pub text: String,
}

impl<'c> OwnFile<'c> {
    pub(super) fn open(context: &'c Context<'c>) -> Result<Self, Error> {
        let (path, name) = match &context.global.policy {
            Some(path) => (path.clone(), path.display().to_string()),
            None => (top_of_work_tree()?.join(FILE_NAME), FILE_NAME.to_owned()),
        };
        if context.global.policy.is_none() && path.is_symlink() {
            let message = format!(
                "{FILE_NAME} is a symbolic link: git commits its target's name, and that is no policy"
            );
            let hint = "put a file in its place, or name the policy with --policy FILE";
            return Err(Error::usage(message, hint));
        }
        let failed = |error| Error::Source(SourceError::of_file(&path, error));
        let held = Held::at(&path).map_err(failed)?;
        let content = held.read().map_err(failed)?;
        let text = Layer::new(Level::Repository, &name, &content)?.text;
        Ok(Self { context, path, held, name, text })
    }

    /// Fails if the layers above do not grant `text`. The error names the options that would
    /// satisfy them.
    pub(super) fn check(&self, text: &str) -> Result<(), Error> {
        match in_force::with(self.context, text) {
            Err(Error::Policy(error)) => {
                let stood_there =
                    !self.text.trim().is_empty() && in_force::with(self.context, &self.text).is_err();
                Err(if stood_there { error.into() } else { self.in_terms_of_options(error) })
            }
            checked => checked.map(drop),
        }
    }

    /// Writes `text` completely or not at all. Ctrl-C waits for it.
    pub(super) fn write(self, text: &str) -> Result<(), Error> {
        // Without a handler Ctrl-C ends the process, as usual.
        let _as_before = ctrlc::set_handler(|| exit(130));
        let _whole = whole();
        let path = self.path.display().to_string();
        self.held.replace(text).map_err(|error| Error::Write { path, error })
    }

    fn in_terms_of_options(&self, error: PolicyError) -> Error {
        let Some(demand) = error.demand() else { return error.into() };
        let place = sanitize(demand.stated_at.as_bytes());
        let (message, hint) = match &demand.wants {
            Wants::Owner => {
                ("this entry needs an owner".to_owned(), format!("add: --owner WHO\n({place} requires it)"))
            }
            Wants::Expires(last) => {
                let last = last.map_or("YYYY-MM-DD".to_owned(), |last| last.to_string());
                (
                    "this entry needs a last day".to_owned(),
                    format!("add: --expires {last}\n({place} requires it)"),
                )
            }
            Wants::Sooner(last, days) => (
                format!("that last day is more than {days} days away"),
                format!("give at most: --expires {last}\n({place} grants no more)"),
            ),
            Wants::Grant(what) => (
                format!("{what} is not granted to {}", self.name),
                format!("{place} would have to grant it; ask the owner of that file"),
            ),
        };
        Error::Usage { message, hint }
    }
}

/// Says that new entries count once they are staged. Files of `--policy` need no staging.
pub(super) fn remind_to_stage(context: &Context<'_>, page: &mut Page) {
    if context.global.policy.is_some() {
        return;
    }
    page.say("It counts once it is staged:");
    page.command(&format!("git add :/{FILE_NAME}"));
}

/// Fails for values that would make a valid but useless entry.
pub(super) fn check_values(
    reason: Option<&str>,
    owner: Option<&str>,
    expires: Option<Date>,
) -> Result<(), Error> {
    for (value, name, hint) in [
        (reason, "reason", "say why the token is no secret: --reason TEXT"),
        (owner, "owner", "say who is responsible for the entry: --owner WHO"),
    ] {
        let Some(value) = value else { continue };
        if !find(value.as_bytes()).is_empty() {
            let message =
                format!("the {name} holds a token, with its secret part; it is in your shell's history now");
            return Err(Error::usage(message, "write it without the token; a policy is committed"));
        }
        if let Some(unwritten) = Unwritten::of(value) {
            return Err(Error::usage(format!("the {name} is {}", unwritten.name()), hint));
        }
    }
    if expires.is_some_and(|last| last < Date::today()) {
        let message = "that last day is over, so the entry would allow nothing";
        return Err(Error::usage(message, "give a future day: --expires YYYY-MM-DD"));
    }
    Ok(())
}

/// Fails if the entry keeps a last day that is over.
pub(super) fn still_holds(values: &[Changed]) -> Result<(), Error> {
    let last = values.iter().find(|value| value.key == "expires").and_then(|value| value.now.parse().ok());
    let Some(over) = last.filter(|last: &Date| *last < Date::today()) else { return Ok(()) };
    let message = format!("the entry for it expired on {over}, so it would still allow nothing");
    Err(Error::usage(message, "give it a new last day: --expires YYYY-MM-DD"))
}
