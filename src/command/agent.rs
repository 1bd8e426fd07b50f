//! `dtguard hook agent`: searches the event of a coding assistant, and answers in its way.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, IsTerminal as _, Read as _, Write as _};
use std::path::Path;

use super::context::Context;
use super::in_force::{self, InForce};
use super::run::Run;
use super::{audit, input};
use crate::assistant::{Answer, Assistant, Effect, Event};
use crate::error::Error;
use crate::policy::FILE_NAME;
use crate::report::{Page, Report, Role, Scope, noun, sanitize, write_agent_report, write_gaps};
use crate::scan::{Gap, Scanned, scan_event, scan_reader};
use crate::source::{SourceError, Watch, top_of_work_tree};
use crate::verdict::Outcome;

/// How much of a file that is about to be read is searched, in bytes.
const LARGEST_FILE: u64 = 256 << 20;
/// The name of an event that is about no file.
const EVENT: &str = "event";
/// The columns of a message.
const WIDTH: usize = 100;

/// Reads the event on standard input and answers it. `arguments` are the names of the assistant
/// and of the event, if they are known.
pub(super) fn run(context: &Context<'_>, arguments: &[OsString]) -> Result<Outcome, Error> {
    let (assistant, name) = named(arguments)?;
    let mut event = Event { assistant, name: name.unwrap_or_default(), value: None };
    let answer = match answer(context, &mut event) {
        Ok(answer) => answer,
        Err(error) => {
            audit::leave_error(context);
            let page = context.plain(WIDTH, |page| write_error(page, &error));
            event.answer(&page)
        }
    };
    Ok(give(&answer))
}

/// The assistant and the event that the configured command names.
fn named(arguments: &[OsString]) -> Result<(Option<Assistant>, Option<String>), Error> {
    let names = Assistant::ALL.map(Assistant::name).join(", ");
    let wrong = |message: String| Error::usage(message, format!("dtguard hook agent NAME\n({names})"));
    let text = |at: usize| arguments.get(at).map(|argument| argument.to_string_lossy().into_owned());
    let assistant = match text(0) {
        Some(name) => {
            Some(Assistant::named(&name).ok_or_else(|| wrong(format!("no assistant is known as `{name}`")))?)
        }
        None => None,
    };
    match arguments.len() {
        0..3 => Ok((assistant, text(1))),
        more => Err(wrong(format!("an event has one name, and here are {} words", more - 1))),
    }
}

fn answer(context: &Context<'_>, event: &mut Event) -> Result<Answer, Error> {
    let raw = if io::stdin().is_terminal() { Vec::new() } else { input::all()? };
    if raw.trim_ascii().is_empty() {
        let message = "no event of an assistant is on standard input";
        return Err(Error::usage(message, "dtguard hook agent <event.json"));
    }
    *event =
        Event::read(&raw, event.assistant, Some(&event.name).filter(|name| !name.is_empty()).map(|x| &**x));
    // git's environment, the policy and relative paths are those of the assistant's folder.
    if let Some(folder) = event.folder() {
        let _stays_where_it_is = std::env::set_current_dir(folder);
    }
    let top = top_of_work_tree().ok().and_then(|top| top.canonicalize().ok());
    let about =
        event.file().map_or_else(|| EVENT.to_owned(), |file| from_top(Path::new(&file), top.as_deref()));
    // The policy of HEAD: the assistant can write the one in the work tree, and stage it.
    let repository = context.repository()?;
    let own = || match &top {
        Some(_) => Ok(repository.head_file(FILE_NAME)?),
        None => Ok(None),
    };
    let policy = in_force::load_or_above(context, Some(repository), own)?;
    let mut scanned = scan_event(&raw, event.value.as_ref(), about.as_bytes());
    event.files_to_read().iter().for_each(|file| scanned.add(scan_file(Path::new(file), top.as_deref())));
    judge(context, event, scanned, policy)
}

/// The path from the `top` of the work tree for what is below it, else the path itself. A link
/// counts as the file behind it, which is what an assistant reads.
fn from_top(file: &Path, top: Option<&Path>) -> String {
    let new = || {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Some(folder.canonicalize().ok()?.join(file.file_name()?))
    };
    let real = || Some(file.canonicalize().ok().or_else(new)?.strip_prefix(top?).ok()?.to_path_buf());
    let path = real().unwrap_or_else(|| file.to_path_buf()).to_string_lossy().into_owned();
    if cfg!(windows) { path.replace('\\', "/") } else { path }
}

/// Scans what an assistant is about to read, if the text names a file.
fn scan_file(file: &Path, top: Option<&Path>) -> Scanned {
    // A pipe or a device could make it wait for ever.
    if !file.metadata().is_ok_and(|metadata| metadata.is_file()) {
        return Scanned::default();
    }
    let name = from_top(file, top);
    match File::open(file) {
        Ok(open) => scan_reader(open.take(LARGEST_FILE), &name, &Watch::default()),
        // What dtguard may not read, the assistant may not either.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Scanned::default(),
        Err(error) => Gap::unreadable(name.as_bytes(), None, &SourceError::of_file(file, error)).into(),
    }
}

/// Judges what was `scanned` by the `policy`.
fn judge(context: &Context<'_>, event: &Event, scanned: Scanned, policy: InForce) -> Result<Answer, Error> {
    // A mistake in the repository's policy would stop an assistant at each step, those that mend
    // it too; it judges what is committed.
    let is_clean = scanned.findings.is_empty() && scanned.gaps.is_empty();
    let policy = match is_clean && !policy.unread.is_empty() {
        true => in_force::without_own(Some(context.repository()?))?.into(),
        false => policy,
    };
    let run = Run::new(Scope::Event, scanned, policy);
    let mut answer = Answer::none(event.assistant);
    let effect = event.effect();
    run.conclude(context, Ok, |report, verdict| {
        let outcome = verdict.outcome();
        let page = || context.plain(WIDTH, |page| write(page, report, effect, event.is_about_reading()));
        if outcome != Outcome::Passes {
            answer = event.answer(&page());
        } else if report.enforced_from.is_some() {
            answer = Answer::note(event.assistant, &page());
        }
        Ok(())
    })?;
    Ok(answer)
}

fn write(page: &mut Page, report: &Report<'_>, effect: Effect, is_about_reading: bool) {
    let headline = match (effect, report.enforced_from) {
        (_, Some(day)) => format!("dtguard would block this from {day} on, it holds {{}}"),
        (Effect::Prevents, None) => "dtguard blocked this, it holds {}".to_owned(),
        (Effect::Masks, None) => "dtguard kept {} from the model".to_owned(),
        (Effect::Reports, None) => "dtguard found {} in what has happened already".to_owned(),
    };
    if report.judged.blocking.is_empty() {
        let why = match report.count_gaps() {
            0 => "its audit line could not be written",
            _ => "it could not be searched to its end",
        };
        let did = if effect == Effect::Prevents { "dtguard blocked this" } else { "dtguard" };
        page.text(0, Role::Alarm, &format!("{did}: {why}"));
        return write_gaps(page, report);
    }
    write_agent_report(page, &headline, report);
    if is_about_reading && effect == Effect::Prevents {
        page.say("dtguard mask FILE prints a file with every secret part masked.");
    }
    let is_token = noun(report.judged.blocking.iter().map(|(finding, _)| *finding)) == "token";
    match (effect, report.enforced_from) {
        (Effect::Reports, None) if is_token => page.say("Nothing could stop it: revoke the token."),
        (Effect::Reports, None) => page.say("Nothing could stop it."),
        _ if is_token => {
            page.say("Put a token into an environment variable or a secret store, and write only its name.")
        }
        // A rule has its own advice.
        _ => {}
    }
}

fn write_error(page: &mut Page, error: &Error) {
    // Paths and what git said come from others.
    page.line(0, Role::Alarm, &format!("dtguard blocked this: {}", sanitize(error.to_string().as_bytes())));
    error.hint().lines().for_each(|line| page.command(&sanitize(line.as_bytes())));
}

/// Writes the answer. Its exit code is the assistant's, not that of a verdict.
fn give(answer: &Answer) -> Outcome {
    let _nobody_listens = io::stderr().lock().write_all(answer.message.as_bytes());
    let mut out = io::stdout().lock();
    let given = out.write_all(answer.output.as_bytes()).and_then(|()| out.flush());
    if answer.code == 0 && given.is_ok() { Outcome::Passes } else { Outcome::Incomplete }
}
