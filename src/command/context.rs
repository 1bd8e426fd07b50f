//! What every subcommand uses: the output streams and the common options.

use std::cell::OnceCell;
use std::env;
use std::io::{self, IsTerminal, Write};

use terminal_size::{Width, terminal_size_of};

use crate::cli::{Cli, ColorChoice, Command, Global};
use crate::error::Error;
use crate::report::{Page, Role, sanitize};
use crate::source::{Preference, Repository, SourceError};
use crate::verdict::Outcome;

/// The columns where no terminal says how wide it is.
const USUAL_WIDTH: usize = 80;
/// The most columns: longer lines are hard to read.
const WIDEST: usize = 100;

/// What begins a message about an error.
const NAME: &str = "dtguard: ";
/// git's setting that makes success silent.
const QUIET: &str = "dtguard.quiet";

/// Messages go to standard error, results to standard output.
pub(super) struct Context<'c> {
    pub(super) global: &'c Global,
    /// The name of the run in the audit: a hook's name, or a subcommand's.
    pub(super) stage: &'static str,
    /// What reads the repository.
    pub(super) reader: Preference,
    /// The repository, once it was opened.
    repository: OnceCell<Repository>,
    /// Whether git's configuration makes success silent, once it was read.
    configured_quiet: OnceCell<bool>,
}

impl<'c> Context<'c> {
    pub(super) fn of(cli: &'c Cli) -> Self {
        let (stage, reader) = match &cli.command {
            Command::Hook(arguments) => (arguments.stage.name(), arguments.reader),
            Command::Scan(arguments) => ("scan", arguments.reader),
            _ => ("scan", Preference::default()),
        };
        Self {
            global: &cli.global,
            stage,
            reader,
            repository: OnceCell::new(),
            configured_quiet: OnceCell::new(),
        }
    }

    /// The repository that git's environment or the current folder names. Fails if there is
    /// none.
    pub(super) fn repository(&self) -> Result<&Repository, SourceError> {
        if let Some(repository) = self.repository.get() {
            return Ok(repository);
        }
        let repository = Repository::open(self.reader)?;
        Ok(self.repository.get_or_init(|| repository))
    }

    /// Writes a message for people in one piece, so that no parallel hook's lines get in
    /// between. Errors end here: a closed stream changes no verdict.
    pub(super) fn show(&self, write: impl FnOnce(&mut Page)) {
        self.show_behind(0, write);
    }

    /// As [`Context::show`], unless success is silent.
    pub(super) fn mention(&self, write: impl FnOnce(&mut Page)) {
        if !self.is_quiet() {
            self.show(write);
        }
    }

    /// Whether success is silent: with `--quiet`, or if git's configuration says so and
    /// `--verbose` is not given. A value that is no boolean is reported and counts as unset,
    /// because it must not change how a run ends.
    pub(super) fn is_quiet(&self) -> bool {
        self.global.quiet
            || (!self.global.verbose && *self.configured_quiet.get_or_init(|| self.configured()))
    }

    fn configured(&self) -> bool {
        let flag = self.repository().and_then(|repository| repository.flag(QUIET));
        flag.unwrap_or_else(|error| {
            self.show(|page| {
                page.text(0, Role::Notice, &format!("dtguard: {}", sanitize(error.to_string().as_bytes())));
                page.command(&format!("git config --show-origin --get-all {QUIET}"));
                page.text(4, Role::Plain, "(set it to true or false)");
            });
            None
        }) == Some(true)
    }

    /// Writes one sentence for people.
    pub(super) fn say(&self, role: Role, text: &str) {
        self.show(|page| page.text(0, role, text));
    }

    /// Like [`Context::show`], for lines that something `margin` columns wide stands before.
    pub(super) fn show_behind(&self, margin: usize, write: impl FnOnce(&mut Page)) {
        colored::control::set_override(self.colors(io::stderr().is_terminal()));
        let width = columns(terminal_size_of(io::stderr()).map(|(width, _)| width));
        let text = page(width.saturating_sub(margin), write);
        let _nobody_listens = io::stderr().lock().write_all(text.as_bytes());
    }

    /// Writes a result.
    pub(super) fn print(&self, write: impl FnOnce(&mut Page)) -> Result<Outcome, Error> {
        colored::control::set_override(self.colors(io::stdout().is_terminal()));
        let width = columns(terminal_size_of(io::stdout()).map(|(width, _)| width));
        print(page(width, write).as_bytes())
    }

    /// Like [`Context::print`], but breaks no line in a pipe, so that programs get whole rows.
    pub(super) fn print_rows(&self, write: impl FnOnce(&mut Page)) -> Result<Outcome, Error> {
        if io::stdout().is_terminal() {
            return self.print(write);
        }
        colored::control::set_override(self.colors(false));
        print(page(usize::MAX, write).as_bytes())
    }

    /// A text without colour, `width` columns wide.
    pub(super) fn plain(&self, width: usize, write: impl FnOnce(&mut Page)) -> String {
        colored::control::set_override(false);
        page(width, write)
    }

    /// Writes an error and how to fix it. With `guard`, also says that nothing passed.
    pub(super) fn error(&self, error: &Error, guard: bool) {
        self.show(|page| {
            // Paths and what git said come from others.
            let (message, hint) = (error.to_string(), error.hint());
            let mut lines = message.lines().map(|line| sanitize(line.as_bytes()));
            let first = lines.next().unwrap_or_default();
            // In a log a line is read by programs too, and stays whole.
            if io::stderr().is_terminal() && first.chars().count() > page.room(NAME.len()) {
                page.row(NAME, NAME.len(), Role::Alarm, &first);
            } else {
                page.pieces(0, &[(Role::Alarm, NAME), (Role::Heading, &first)]);
            }
            lines.for_each(|line| page.line(0, Role::Plain, &line));
            for line in hint.lines().map(|line| sanitize(line.as_bytes())) {
                // Only a note can be broken: the rest is to be copied.
                match line.starts_with('(') && io::stderr().is_terminal() {
                    true => page.text(4, Role::Command, &line),
                    false => page.command(&line),
                }
            }
            if guard {
                page.line(0, Role::Plain, "Nothing was let through.");
            }
        });
    }

    fn colors(&self, is_terminal: bool) -> bool {
        let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
        match self.global.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto if set("NO_COLOR") => false,
            ColorChoice::Auto
                if env::var_os("CLICOLOR_FORCE").is_some_and(|value| !value.is_empty() && value != "0") =>
            {
                true
            }
            ColorChoice::Auto => is_terminal && env::var_os("TERM").is_none_or(|term| term != "dumb"),
        }
    }
}

/// Writes a result for machines.
pub(super) fn print(result: &[u8]) -> Result<Outcome, Error> {
    let mut out = io::stdout().lock();
    out.write_all(result).and_then(|()| out.flush())?;
    Ok(Outcome::Passes)
}

/// `text` for standard error. If that is a terminal, lines that do not fit are broken at blanks.
pub(super) fn fitted(text: String) -> String {
    let Some((width, _)) = terminal_size_of(io::stderr()) else { return text };
    colored::control::set_override(false);
    let width = columns(Some(width));
    page(width, |page| {
        for line in text.lines() {
            match line.trim_start() {
                words if line.chars().count() > width => {
                    page.text(line.len() - words.len(), Role::Plain, words);
                }
                _ => page.line(0, Role::Plain, line),
            }
        }
    })
}

pub(super) fn page(width: usize, write: impl FnOnce(&mut Page)) -> String {
    let mut page = Page::new(width);
    write(&mut page);
    page.into_text()
}

fn columns(width: Option<Width>) -> usize {
    width.map_or(USUAL_WIDTH, |Width(width)| usize::from(width)).min(WIDEST)
}
