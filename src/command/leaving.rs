//! `dtguard hook pre-push`: a push where it leaves.

use std::collections::HashSet;
use std::ffi::OsString;

use super::context::Context;
use super::in_force::{self, InForce};
use super::input;
use super::run::Run;
use crate::error::Error;
use crate::policy::FILE_NAME;
use crate::report::{Role, Scope, sanitize, write_push_mending, write_report_with};
use crate::scan::{Scanned, scan_push};
use crate::source::{
    Invocation, ObjectId, Pushed, Receiver, RefUpdate, Repository, SourceError, Watch, pushed,
};
use crate::verdict::{Judge, Outcome};

/// So many commits take a second or two and more: nobody waits that long without a word.
const MANY: usize = 10_000;

/// The outcome; none where git's own lines did not come through and a framework
/// says what is pushed.
pub(super) fn pre_push(context: &Context<'_>, arguments: &[OsString]) -> Result<Option<Outcome>, Error> {
    let invocation = Invocation::read(Vec::new());
    let framed = invocation.in_framework || invocation.from.is_some() || invocation.to.is_some();
    let updates = RefUpdate::of_pre_push(&input::of_hook(framed)?)?;
    if updates.is_empty() && framed {
        return Ok(None);
    }
    let mut words = arguments.iter().map(|argument| argument.to_str().unwrap_or_default());
    let (name, url) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let repository = Repository::open(context.reader)?;
    let receiver = Receiver::Remote { name, url };
    let mut pushed =
        pushed(&repository, &updates, receiver, |commits, once| announce(context, commits, once))?;
    let scanned = scan_push(&repository, &pushed, &updates, &Watch::default())?;
    note(&mut pushed, &scanned);
    let (judges, unread) = judges(context, &repository, &pushed)?;
    let scope = Scope::Push { commits: pushed.commits.len(), tags: pushed.tags.len() };
    let mut run = Run { scope, scanned, judges };
    unread.iter().for_each(|(commit, error)| run.add_unread_policy(*commit, error));
    let outcome = run.report(context, |page, report| {
        let blocking: Vec<_> = report.judged.blocking.iter().map(|(finding, _)| *finding).collect();
        write_report_with(page, report, |page| {
            write_push_mending(page, &pushed, &blocking);
            let commit = blocking.iter().find_map(|finding| finding.place.commit);
            if let Some((branch, commit)) = commit.and_then(|id| Some((repository.tracked_by(id)?, id))) {
                page.text(0, Role::Notice, &about_tracked(&branch, commit));
            }
        });
    })?;
    Ok(Some(outcome))
}

/// Says that a push takes long where it brings so many `commits`, and whether only this
/// `once`.
fn announce(context: &Context<'_>, commits: usize, once: bool) {
    if commits < MANY || context.is_quiet() {
        return;
    }
    let once = if once { " for the first time; later pushes skip them" } else { "" };
    let text = format!("dtguard: searching {commits} commits{once}");
    context.say(Role::Plain, &text);
}

/// Keeps for the next push what this one searched. What belongs to no commit and could not
/// be read is to be read again, and so are the commits in which there is something.
fn note(pushed: &mut Pushed, scanned: &Scanned) {
    let found = scanned.findings.iter().filter_map(|finding| finding.place.commit);
    let unread = scanned.gaps.iter().map(|gap| gap.commit);
    if scanned.unlisted == 0
        && let Some(unread) = unread.collect::<Option<Vec<_>>>()
    {
        pushed.note(found.chain(unread));
    }
}

/// Why a commit blocks that the remote may have.
fn about_tracked(branch: &str, commit: ObjectId) -> String {
    let short: String = commit.to_string().chars().take(12).collect();
    let branch = sanitize(branch.as_bytes());
    format!(
        "{branch} says that the remote has commit {short}, but the remote did not name it in this push, and such a branch can be stale. Where the remote has it, revoke the token and allow it."
    )
}

/// Policies that cannot be read, each with its commit; HEAD's without one.
type UnreadPolicies = Vec<(Option<ObjectId>, Error)>;

/// The policies that judge a push: the commits that a reference brings are judged by the
/// policy at its tip, as if it were pushed alone, and what is no commit's by each. Where
/// one cannot be read or has a mistake, those above it judge.
fn judges(
    context: &Context<'_>,
    repository: &Repository,
    pushed: &Pushed,
) -> Result<(Vec<Judge>, UnreadPolicies), Error> {
    let mut groups: Vec<(Option<Vec<u8>>, Vec<ObjectId>)> = Vec::new();
    let mut known = HashSet::new();
    let mut unread = Vec::new();
    let mut readable = |commit, content: Result<Option<Vec<u8>>, SourceError>| {
        content.map_err(|error| unread.push((commit, error.into()))).unwrap_or_default()
    };
    // Where a file is named, that is the policy.
    for tip in pushed.tips.iter().filter(|tip| context.global.policy.is_none() && known.insert(tip.commit)) {
        let content = readable(Some(tip.commit), repository.file_of_commit(tip.commit, FILE_NAME));
        match groups.iter_mut().find(|(other, _)| *other == content) {
            Some((_, tips)) => tips.push(tip.commit),
            None => groups.push((content, vec![tip.commit])),
        }
    }
    if groups.is_empty() {
        let content = match context.global.policy {
            Some(_) => None,
            None => readable(None, repository.head_file(FILE_NAME)),
        };
        groups.push((content, Vec::new()));
    }
    let reached: Vec<_> = groups.iter().map(|(_, tips)| pushed.reached_from(tips)).collect();
    let mut judge = |(number, (content, tips)): (usize, (Option<Vec<u8>>, Vec<ObjectId>))| {
        let InForce { policy, unread: errors } =
            in_force::load_or_above(context, Some(repository), || Ok(content))?;
        unread.extend(errors.into_iter().map(|error| (tips.first().copied(), error)));
        let own = reached.get(number);
        // What no tip is known to reach is judged by each.
        let others = reached.iter().flatten().filter(|commit| own.is_none_or(|own| !own.contains(commit)));
        Ok(Judge { policy, except: others.copied().collect() })
    };
    let judges = groups.into_iter().enumerate().map(&mut judge).collect::<Result<_, Error>>()?;
    Ok((judges, unread))
}
