//! `dtguard man`: prints manual pages.

use std::io::{self, Write};

use clap::Command;
use clap_mangen::Man;

use super::context::print;
use crate::cli::{self, ManArgs};
use crate::error::Error;
use crate::find::mask;
use crate::verdict::Outcome;

/// The FILES section: policies, and what else each run reads.
const FILES: &[(&str, &str)] = &[
    (".dtguard.toml", "The policy of the repository, at the top of its work tree."),
    ("/etc/dtguard/policy.toml", r"The policy of the machine; on Windows %PROGRAMDATA%\dtguard\policy.toml."),
    ("~/.config/dtguard/policy.toml", "The policy of the user; XDG_CONFIG_HOME moves it."),
];

/// What `git config` sets for dtguard.
const SETTINGS: &[(&str, &str)] = &[
    ("dtguard.policy", "A policy file that stands above the user's, in system or global scope."),
    ("dtguard.quiet", "Whether success is silent; -v overrides it."),
];

const ENVIRONMENT: &[(&str, &str)] = &[
    ("NO_COLOR, CLICOLOR_FORCE, TERM", "Whether --color auto means colour."),
    ("XDG_CONFIG_HOME", "Where the policy of the user is, instead of in ~/.config."),
];

/// Only for `dtguard mask`.
const MASK_KEY: (&str, &str) = ("DTGUARD_MASK_KEY", "The key for --hash, unless --key-file names one.");

/// Only for `dtguard report merge`.
const MERGED_AT: (&str, &str) =
    ("SOURCE_DATE_EPOCH", "The time of the merge, in seconds since 1970; by default now.");

pub(super) fn run(arguments: &ManArgs) -> Result<Outcome, Error> {
    let mut dtguard = cli::command().disable_help_subcommand(true);
    dtguard.build();
    let usual = written_behind(&dtguard, "Exit codes: ").unwrap_or_default();
    let mut page = &dtguard;
    for name in &arguments.command {
        page = page.find_subcommand(name).ok_or_else(|| {
            Error::usage(format!("there is no subcommand `{}`", mask(name)), "dtguard --help")
        })?;
    }
    let mut text = Vec::new();
    write_page(&mut text, page, &usual)?;
    print(&text)
}

/// Writes the page of `command`. `usual` are the exit codes if its help has none.
fn write_page(out: &mut Vec<u8>, command: &Command, usual: &str) -> io::Result<()> {
    let man = Man::new(command.clone());
    man.render_title(out)?;
    man.render_name_section(out)?;
    man.render_synopsis_section(out)?;
    man.render_description_section(out)?;
    man.render_options_section(out)?;
    if command.has_subcommands() {
        man.render_subcommands_section(out)?;
    }
    let name = command.get_name();
    // These read neither a repository nor its policy.
    let alone = ["completions", "man", "patterns", "explain", "mask", "report", "merge"].contains(&name);
    let codes = written_behind(command, "Exit codes: ");
    writeln!(out, ".SH \"EXIT STATUS\"\n{}", roff(codes.as_deref().unwrap_or(usual)))?;
    if !alone {
        write_list(out, "FILES", FILES.iter())?;
        write_list(out, "\"GIT SETTINGS\"", SETTINGS.iter())?;
    }
    let own = match name {
        "mask" => Some(&MASK_KEY),
        "merge" => Some(&MERGED_AT),
        _ => None,
    };
    let read = ENVIRONMENT.iter().take(if alone { 1 } else { ENVIRONMENT.len() });
    write_list(out, "ENVIRONMENT", read.chain(own))?;
    if let Some(examples) = written_behind(command, "Examples:\n") {
        writeln!(out, ".SH EXAMPLES\n.nf\n{}\n.fi", roff(&examples))?;
    }
    if command.get_version().is_some() { man.render_version_section(out) } else { Ok(()) }
}

/// The paragraph after the help that begins with `start`.
fn written_behind(command: &Command, start: &str) -> Option<String> {
    let help = command.get_after_help()?.to_string();
    help.split("\n\n").find_map(|paragraph| paragraph.strip_prefix(start)).map(str::to_owned)
}

fn write_list<'t>(
    out: &mut Vec<u8>,
    title: &str,
    entries: impl Iterator<Item = &'t (&'t str, &'t str)>,
) -> io::Result<()> {
    writeln!(out, ".SH {title}")?;
    entries.into_iter().try_for_each(|(name, what)| writeln!(out, ".TP\n{}\n{}", roff(name), roff(what)))
}

/// Escapes what roff would read as a request or a hyphen.
fn roff(text: &str) -> String {
    let plain = |line: &str| format!(r"\&{}", line.replace('\\', r"\e").replace('-', r"\-"));
    text.lines().map(plain).collect::<Vec<_>>().join("\n")
}
