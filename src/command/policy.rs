//! `dtguard policy`: shows, checks and tries the policy.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::context::{Context, print};
use super::{in_force, input};
use crate::cli::{PolicyArgs, PolicyCommand};
use crate::error::Error;
use crate::find::blur;
use crate::finding::{Finding, Origin};
use crate::policy::{Date, Entry, FILE_NAME, Layer, Level, Policy, Question, read_named};
use crate::report::{
    Page, Role, count, sanitize, write_answer, write_entry, write_policy, write_policy_json,
};
use crate::scan::{Scanned, scan_files, scan_history, scan_listing};
use crate::source::{ObjectId, Others, Preference, Repository, SourceError, Watch, top_of_work_tree};
use crate::token::Identifier;
use crate::verdict::Outcome;

pub(super) fn run(context: &Context<'_>, arguments: &PolicyArgs) -> Result<Outcome, Error> {
    match &arguments.command {
        PolicyCommand::Show { json } => show(context, &in_force(context)?, *json),
        PolicyCommand::Check { file: None } => check(context, &in_force(context)?),
        PolicyCommand::Check { file: Some(file) } => check(context, &alone(context, file)?),
        PolicyCommand::Test { things } => test(context, &in_force(context)?, things),
        PolicyCommand::Unused { history } => unused(context, &in_force(context)?, *history),
    }
}

fn in_force(context: &Context<'_>) -> Result<Policy, Error> {
    in_force::load(context, None, in_force::in_work_tree)
}

fn show(context: &Context<'_>, policy: &Policy, json: bool) -> Result<Outcome, Error> {
    let today = Date::today();
    if !json {
        return context.print_rows(|page| write_policy(page, policy, today));
    }
    let mut out = Vec::new();
    write_policy_json(&mut out, policy, today)?;
    print(&out)
}

/// The policy in `file`: a repository's under the layers above it, any other file alone.
fn alone(context: &Context<'_>, file: &Path) -> Result<Policy, Error> {
    let name = file.display().to_string();
    let content = read_named(file).map_err(|error| SourceError::of_file(file, error))?;
    if file.file_name().is_some_and(|name| name == FILE_NAME) {
        return in_force::load(context, None, || Ok(Some(content)));
    }
    let layer = Layer::new(Level::Organisation, &name, &content)?;
    Ok(Policy::layered(vec![layer], Date::today())?)
}

fn check(context: &Context<'_>, policy: &Policy) -> Result<Outcome, Error> {
    let today = Date::today();
    let wide: Vec<&Entry> = policy.entries().iter().filter(|entry| entry.too_wide().is_some()).collect();
    let expired: Vec<&Entry> = policy.entries().iter().filter(|entry| entry.is_expired(today)).collect();
    let expiring = policy.expiring(policy.entries().iter(), today);
    let write = |page: &mut Page| {
        let files = count(policy.layers().len(), "file");
        let entries = count(policy.entries().len(), "allow entry");
        let rules = match policy.forbidden().len() {
            0 => String::new(),
            rules => format!(", {}", count(rules, "rule")),
        };
        page.say(&format!("dtguard: this policy is valid: {files}, {entries}{rules}"));
        for (heading, entries) in
            [("Too wide", &wide), ("Expired, so it blocks again", &expired), ("About to expire", &expiring)]
        {
            if !entries.is_empty() {
                page.blank();
                page.line(0, Role::Notice, heading);
                entries.iter().for_each(|entry| write_entry(page, 2, entry, today));
            }
        }
    };
    let has_nothing = wide.is_empty() && expired.is_empty() && expiring.is_empty();
    if has_nothing {
        context.mention(write)
    } else {
        context.show(write)
    }
    Ok(Outcome::Passes)
}

fn test(context: &Context<'_>, policy: &Policy, things: &[OsString]) -> Result<Outcome, Error> {
    let today = Date::today();
    let mut outcome = Outcome::Passes;
    for thing in things {
        let questions = questions(context, policy, thing)?;
        if questions.is_empty() {
            context.print(|page| page.say("standard input: no Dynatrace token"))?;
        }
        for (name, question) in &questions {
            let answer = policy.answer(question, today);
            // A path alone does not show whether the file holds a token.
            let has_token = !matches!(question, Question::Path(_));
            if answer.blocks() && has_token {
                outcome = Outcome::Blocks;
            }
            if has_token || !answer.blocks() {
                context.print(|page| write_answer(page, name, &answer, today))?;
            } else {
                let name = sanitize(name.as_bytes());
                let none = format!("{name}: no token found there, and no entry by path covers it");
                context.print(|page| page.say(&none))?;
            }
        }
    }
    Ok(outcome)
}

/// The questions that `thing` stands for, each with a name for messages. Names repeat nothing
/// that may be a secret.
fn questions(
    context: &Context<'_>,
    policy: &Policy,
    thing: &OsString,
) -> Result<Vec<(String, Question)>, Error> {
    if thing == "-" {
        let content = input::all()?;
        let alone = std::str::from_utf8(&content).ok().map(str::trim).and_then(name_question);
        return Ok(alone.map_or_else(|| tokens(&content), |question| vec![question]));
    }
    let typed = thing.as_encoded_bytes();
    let tokens = tokens(typed);
    if !tokens.is_empty() && !Path::new(thing).exists() {
        context.say(Role::Notice, "That is a whole token, with its secret part; it is in your shell's history now. The identifier is enough, or standard input: dtguard policy test -");
        return Ok(tokens);
    }
    if let Some(question) = thing.to_str().and_then(name_question) {
        return Ok(vec![question]);
    }
    let path = PathBuf::from(thing);
    if path.symlink_metadata().is_ok_and(|metadata| !metadata.is_dir()) {
        let mut found = scan_files(&[path], top_of_work_tree().ok().as_deref())?.findings;
        found.retain(|finding| policy.concerns(finding));
        if !found.is_empty() {
            return Ok(found.into_iter().map(token).collect());
        }
    }
    let path = thing.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
    let path = path.strip_prefix("./").unwrap_or(&path).as_bytes().to_vec();
    Ok(vec![(named(thing), Question::Path(path))])
}

/// An identifier, fingerprint or commit id.
fn name_question(text: &str) -> Option<(String, Question)> {
    let question = if let Ok(fingerprint) = text.parse() {
        Question::Fingerprint(fingerprint)
    } else if let Some(commit) = ObjectId::from_hex(text.as_bytes()) {
        Question::Commit(commit)
    } else {
        Question::Identifier(Identifier::parse(text)?.kind, text.to_owned())
    };
    Some((text.to_owned(), question))
}

fn tokens(content: &[u8]) -> Vec<(String, Question)> {
    Finding::of_text(content, &Origin::default()).into_iter().map(token).collect()
}

fn token(finding: Finding) -> (String, Question) {
    let path = String::from_utf8_lossy(&finding.place.path);
    let at = if path.is_empty() { String::new() } else { format!("{path}:{} ", finding.place.line) };
    let kind = match finding.kind.is_rule() {
        true => format!("rule {}", finding.kind.id),
        false => format!("{}, {}", finding.kind.name, finding.certainty),
    };
    let name = format!("{at}{} ({kind})", finding.allow_name());
    (name, Question::Token(Box::new(finding)))
}

/// The name of `thing` in messages. It may be any secret, so little of it is shown.
fn named(thing: &OsString) -> String {
    blur(&thing.to_string_lossy())
}

fn unused(context: &Context<'_>, policy: &Policy, history: bool) -> Result<Outcome, Error> {
    let today = Date::today();
    let scanned = scan_all(history)?;
    write_gaps(context, &scanned);
    let unused = policy.unused(&scanned.findings, history);
    let used = |entry: &&Entry| unused.iter().all(|one| !std::ptr::eq(*one, *entry));
    let expired = policy.entries().iter().filter(|entry| entry.is_expired(today));
    let expired: Vec<&Entry> = expired.filter(used).collect();
    let place = if history { "history" } else { "tracked files" };
    let heading = format!("Nothing in the {place} matches");
    for (heading, entries) in [(heading.as_str(), &unused), ("Expired", &expired)] {
        if !entries.is_empty() {
            context.print(|page| {
                page.line(0, Role::Heading, heading);
                entries.iter().for_each(|entry| write_entry(page, 2, entry, today))
            })?;
        }
    }
    context.show(|page| {
        let files = count(scanned.coverage.files, "file");
        let (unused, expired) = (unused.len(), expired.len());
        let summary = format!("dtguard: scanned {files} of the {place}: {unused} unused, {expired} expired");
        page.text(0, Role::Dim, &summary);
        if !history && policy.entries().iter().any(|entry| entry.subject().0 == "commit") {
            let hint = "Entries by commit need the history: dtguard policy unused --history";
            page.text(0, Role::Dim, hint);
        }
    });
    Ok(Outcome::Passes)
}

/// Reports what could not be scanned.
pub(super) fn write_gaps(context: &Context<'_>, scanned: &Scanned) {
    let gaps = scanned.gaps.len();
    if gaps > 0 {
        let text = format!("dtguard: {gaps} parts of files could not be searched; dtguard scan lists them");
        context.say(Role::Notice, &text);
    }
}

/// Scans the tracked files of the work tree, or the whole `history`.
pub(super) fn scan_all(history: bool) -> Result<Scanned, Error> {
    let repository = Repository::open(Preference::default())?;
    let watch = Watch::default();
    if history {
        return Ok(scan_history(&repository, &watch, false)?.0);
    }
    let top = top_of_work_tree()?;
    let listing = repository.list_files(&top, &top, Others::default())?;
    Ok(scan_listing(&listing, Some(&top), Some(&repository), &watch)?)
}
