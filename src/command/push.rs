//! `dtguard hook pre-push`, `pre-receive` and `update`: a push, where it leaves and
//! where it arrives.

use std::collections::HashSet;
use std::ffi::OsString;
use std::io::{self, IsTerminal as _, Read as _, Write as _};
use std::time::{SystemTime, UNIX_EPOCH};

use super::hook::{Done, judge};
use super::policy::PassedOver;
use super::terminal::{Page, Terminal};
use super::{Outcome, audit, policy};
use crate::cli::Global;
use crate::error::Error;
use crate::finding::Finding;
use crate::policy::{Date, FILE_NAME, Policy, Unwritten};
use crate::report::{
    Passage, Report, Role, Scope, sanitize, write_compact, write_push_mending, write_report,
};
use crate::scan::{Scanned, scan_commits, scan_tags};
use crate::source::{
    Asked, ObjectId, Preference, Pushed, Receiver, RefUpdate, Repository, SourceError, git_says, push_option,
    pushed, who,
};

/// What git puts before each line that a server says: `remote: `.
const MARGIN: usize = 8;
/// `git push -o dtguard.break-glass=REASON`
const BREAK_GLASS: &str = "dtguard.break-glass";
/// Where it is recorded, in the repository that receives.
const AUDIT_FILE: &str = "dtguard-audit.jsonl";

/// The outcome; none where git's own lines did not come through and a framework
/// says what is pushed.
pub(super) fn pre_push(
    terminal: &Terminal,
    global: &Global,
    preference: Preference,
    arguments: &[OsString],
) -> Result<Option<Outcome>, Error> {
    let asked = Asked::read(Vec::new());
    let framed = asked.in_framework || asked.from.is_some() || asked.to.is_some();
    let updates = RefUpdate::of_pre_push(&standard_input(framed)?)?;
    if updates.is_empty() && framed {
        return Ok(None);
    }
    let mut words = arguments.iter().map(|argument| argument.to_str().unwrap_or_default());
    let (name, url) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let repository = Repository::open(preference)?;
    let mut pushed = pushed(&repository, &updates, Receiver::Remote { name, url })?;
    let scanned = scan(&repository, &pushed, &updates)?;
    let unread = scanned.gaps.iter().map(|gap| gap.path.as_slice()).collect();
    pushed.note(scanned.findings.iter().filter_map(|finding| finding.place.commit), &unread);
    let mut outcome = Outcome::Passes;
    for done in by_policy(global, &repository, &pushed, scanned)? {
        outcome = outcome.max(judge(terminal, global, &done, |page, report| {
            write_report(page, report)?;
            let blocking: Vec<_> = report.judged.blocking.iter().map(|(finding, _)| *finding).collect();
            if blocking.is_empty() {
                return Ok(());
            }
            write_push_mending(page, &pushed, &blocking)?;
            let commit = blocking.iter().find_map(|finding| finding.place.commit);
            match commit.and_then(|commit| Some((repository.tracked_by(commit)?, commit))) {
                Some((branch, commit)) => page.text(0, Role::Notice, &about_tracked(&branch, commit)),
                None => Ok(()),
            }
        }));
    }
    Ok(Some(outcome))
}

/// Why a commit blocks that the remote may have.
fn about_tracked(branch: &str, commit: ObjectId) -> String {
    let short: String = commit.to_string().chars().take(12).collect();
    let branch = sanitize(branch.as_bytes());
    format!(
        "{branch} says that the remote has commit {short}, but the remote did not name it in this push, and such a branch can be stale. Where the remote has it, revoke the token and allow it."
    )
}

/// What git writes to the hook; nothing where a framework stands between and there is
/// nobody to ask.
fn standard_input(may_be_absent: bool) -> Result<Vec<u8>, Error> {
    let mut input = Vec::new();
    let stdin = io::stdin();
    if stdin.is_terminal() {
        if may_be_absent {
            return Ok(input);
        }
        let got = "a terminal".to_owned();
        return Err(SourceError::Told { wanted: "the pushed references on standard input", got }.into());
    }
    let failed = |error| SourceError::File { path: "standard input".to_owned(), error };
    stdin.lock().read_to_end(&mut input).map_err(failed)?;
    Ok(input)
}

/// All that is found in what is pushed and in the names of new references.
fn scan(repository: &Repository, pushed: &Pushed, updates: &[RefUpdate]) -> Result<Scanned, Error> {
    let mut scanned = scan_commits(repository, &pushed.commits)?;
    scanned.add(scan_tags(repository, pushed)?);
    let names = updates.iter().filter(|update| update.old.is_none() && update.new.is_some());
    scanned.findings.extend(names.flat_map(|update| Finding::in_path(&update.name, None)));
    Ok(scanned)
}

fn scope(pushed: &Pushed) -> Scope {
    Scope::Push { commits: pushed.commits.len(), tags: pushed.tags.len() }
}

/// What was found, by the policy that judges it: of the commits that a reference
/// brings the one at its tip, as if it were pushed alone. What is no commit's is
/// judged by each.
fn by_policy(
    global: &Global,
    repository: &Repository,
    pushed: &Pushed,
    scanned: Scanned,
) -> Result<Vec<Done>, Error> {
    let mut groups: Vec<(Option<Vec<u8>>, Vec<ObjectId>)> = Vec::new();
    let mut known = HashSet::new();
    // Where a file is named, that is the policy.
    for tip in pushed.tips.iter().filter(|tip| global.policy.is_none() && known.insert(tip.commit)) {
        let content = repository.file_of_commit(tip.commit, FILE_NAME)?;
        match groups.iter_mut().find(|(other, _)| *other == content) {
            Some((_, tips)) => tips.push(tip.commit),
            None => groups.push((content, vec![tip.commit])),
        }
    }
    let scope = scope(pushed);
    if groups.len() < 2 {
        let content = match groups.pop() {
            Some((content, _)) => content,
            None if global.policy.is_some() => None,
            None => repository.head_file(FILE_NAME)?,
        };
        return Ok(vec![Done {
            scope,
            scanned,
            policy: policy::load(global, Some(repository), || Ok(content))?,
        }]);
    }
    let judged_by = |(content, tips): (Option<Vec<u8>>, Vec<ObjectId>)| {
        let reached = pushed.reached_from(&tips);
        let is_new: HashSet<_> = pushed.commits.iter().map(|commit| commit.commit).collect();
        let mut scanned = scanned.clone();
        scanned.findings.retain(|finding| {
            finding.place.commit.is_none_or(|commit| !is_new.contains(&commit) || reached.contains(&commit))
        });
        Ok(Done { scope, scanned, policy: policy::load(global, Some(repository), || Ok(content))? })
    };
    groups.into_iter().map(judged_by).collect()
}

pub(super) fn pre_receive(
    terminal: &Terminal,
    global: &Global,
    preference: Preference,
) -> Result<Outcome, Error> {
    let updates = RefUpdate::of_pre_receive(&standard_input(false)?)?;
    receive(terminal, global, preference, &updates, terminal.quiet)
}

/// As pre-receive, for one reference of a push, of which others may have passed.
pub(super) fn update(
    terminal: &Terminal,
    global: &Global,
    preference: Preference,
    arguments: &[OsString],
) -> Result<Outcome, Error> {
    let update = RefUpdate::of_update(arguments)?;
    receive(terminal, global, preference, &[update], terminal.quiet || !global.verbose)
}

fn receive(
    terminal: &Terminal,
    global: &Global,
    preference: Preference,
    updates: &[RefUpdate],
    quiet: bool,
) -> Result<Outcome, Error> {
    let repository = Repository::open(preference)?;
    // Never what is pushed: the references are still the old ones.
    let (policy, passed_over) = policy::load_here(global, &repository)?;
    let pushed = pushed(&repository, updates, Receiver::Here)?;
    if let Some(passed_over) = &passed_over {
        terminal.tell_behind(MARGIN, |page| tell_passed_over(page, passed_over));
    }
    if global.policy.is_none() {
        let known = passed_over.map(|passed_over| passed_over.content);
        can_go_on_with(&policy, &repository, &pushed, known.as_deref())?;
    }
    let scanned = scan(&repository, &pushed, updates)?;
    let judged = policy.judge_all(&scanned.findings, Date::today());
    let gaps_block = policy.gaps_block() && !scanned.gaps.is_empty();
    let outcome = match judged.blocking.is_empty() {
        false => Outcome::Blocks,
        true if gaps_block => Outcome::Incomplete,
        true => Outcome::Passes,
    };
    let what = (scope(&pushed), &scanned);
    let asked = push_option(BREAK_GLASS).filter(|_| outcome != Outcome::Passes);
    let reason =
        asked.as_deref().filter(|reason| policy.grants_break_glass() && Unwritten::of(reason).is_none());
    let (outcome, let_through) = match reason {
        Some(reason) => {
            let blocking: Vec<_> = judged.blocking.iter().map(|(finding, _)| *finding).collect();
            record(reason, updates, &blocking)?;
            // One that has to leave its line elsewhere too is not let through without it.
            let left = audit::leave_break_glass(terminal, &policy, what, &judged);
            (left, left == Outcome::Passes)
        }
        None => (audit::leave(terminal, &policy, what, &judged, outcome), false),
    };
    let report = Report {
        scope: what.0,
        coverage: scanned.coverage,
        gaps: &scanned.gaps,
        gaps_block,
        judged,
        policy_file: policy.file(),
        verbose: global.verbose,
        interrupted: false,
    };
    tell_received(terminal, &policy, (&pushed, &report), quiet, (outcome, let_through, asked.is_some()));
    Ok(outcome)
}

/// Says what a push came to: whether it passes, was let through by break-glass, and
/// whether that was asked for.
fn tell_received(
    terminal: &Terminal,
    policy: &Policy,
    (pushed, report): (&Pushed, &Report<'_>),
    quiet: bool,
    (outcome, let_through, asked): (Outcome, bool, bool),
) {
    if let_through {
        terminal.tell_behind(MARGIN, |page| {
            write_compact(page, "dtguard: let through by break-glass: {}", report)?;
            page.text(0, Role::Notice, &format!("This push, its reason and these findings were recorded in {AUDIT_FILE} of the repository."))
        });
    } else if outcome == Outcome::Passes {
        if !quiet || !report.gaps.is_empty() {
            terminal.tell_behind(MARGIN, |page| write_compact(page, "", report));
        }
    } else {
        let blocking: Vec<_> = report.judged.blocking.iter().map(|(finding, _)| *finding).collect();
        terminal.tell_behind(MARGIN, |page| {
            write_compact(page, "dtguard: push blocked, it brings {}", report)?;
            if !blocking.is_empty() {
                write_push_mending(page, pushed, &blocking)?;
            }
            page.text(0, Role::Notice, &about_break_glass(policy, asked))
        });
    }
}

/// Says that the repository's own policy does not count, and why.
fn tell_passed_over(page: &mut Page<'_>, passed_over: &PassedOver) -> io::Result<()> {
    page.text(0, Role::Notice, &format!("dtguard: {FILE_NAME} of this repository is passed over, since a policy above it no longer grants what it says. The policies above alone count until one that is granted is pushed:"))?;
    for line in passed_over.error.to_string().lines().chain(passed_over.error.help().lines()) {
        page.line(4, Role::Plain, &sanitize(line.as_bytes()))?;
    }
    Ok(())
}

/// Fails if the policy here would be one that cannot be read: it would let nothing in
/// any more, not even its own correction. One that is `known` and passed over already
/// may stay.
fn can_go_on_with(
    policy: &Policy,
    repository: &Repository,
    pushed: &Pushed,
    known: Option<&[u8]>,
) -> Result<(), Error> {
    for tip in &pushed.tips {
        let content = repository.file_of_commit(tip.commit, FILE_NAME)?;
        let content = content.filter(|content| known != Some(content));
        let read = content.map(|content| policy.with_own(&content, Date::today()));
        if let Some(Err(error)) = read
            && repository.head_name().is_some_and(|name| name == tip.name)
        {
            return Err(error.into());
        }
    }
    Ok(())
}

/// What to say of break-glass to somebody whose push is blocked.
fn about_break_glass(policy: &Policy, asked: bool) -> String {
    let file = sanitize(policy.file().as_bytes());
    match (policy.grants_break_glass(), asked) {
        (true, true) => {
            format!("Break-glass needs a reason: git push -o {BREAK_GLASS}=\"<why>\"")
        }
        (true, false) => {
            format!(
                "If it must be now: git push -o {BREAK_GLASS}=\"<why>\" (it is recorded who, what and why)"
            )
        }
        (false, true) => {
            format!("Break-glass is not granted here: {file} of this repository does not say so.")
        }
        (false, false) => String::new(),
    }
}

/// Appends to the audit file what is let through and why.
fn record(reason: &str, updates: &[RefUpdate], findings: &[&Finding]) -> Result<(), Error> {
    let file = git_says(None, &["rev-parse", "--absolute-git-dir"])?.join(AUDIT_FILE);
    let who = who(&["REMOTE_USER", "GL_USER", "GL_USERNAME", "SSH_USER", "USER", "USERNAME"]);
    let second = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let line = Passage { second, who: &who, reason, updates, findings }.to_line();
    std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(&file)
        .and_then(|mut open| open.write_all(line.as_bytes()).and_then(|()| open.sync_all()))
        .map_err(|error| Error::Write { path: file.display().to_string(), error })
}
