//! `dtguard hook pre-push`: checks a push before it is sent.

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

/// From this many commits on a push takes a second or two, so it is announced.
const MANY: usize = 10_000;

/// Returns no outcome if git's lines did not reach the hook and a framework says what is
/// pushed.
pub(super) fn pre_push(context: &Context<'_>, arguments: &[OsString]) -> Result<Option<Outcome>, Error> {
    let invocation = Invocation::read(Vec::new());
    let framed = invocation.in_framework || invocation.from.is_some() || invocation.to.is_some();
    let updates = RefUpdate::of_pre_push(&input::of_hook(framed)?)?;
    if updates.is_empty() && framed {
        return Ok(None);
    }
    let mut words = arguments.iter().map(|argument| argument.to_str().unwrap_or_default());
    let (name, url) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let repository = context.repository()?;
    let receiver = Receiver::Remote { name, url };
    let rules = in_force::of_pushed(context, repository, &updates)?;
    let mut pushed =
        pushed(repository, &updates, receiver, &rules, |commits, once| announce(context, commits, once))?;
    let (judges, unread) = judges(context, repository, &pushed)?;
    in_force::hold_all(judges.iter().map(|judge| &judge.policy));
    let scanned = scan_push(repository, &pushed, &updates, &Watch::default())?;
    note(&mut pushed, &scanned);
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

/// Announces the search of so many `commits`; `once` if later pushes skip them.
fn announce(context: &Context<'_>, commits: usize, once: bool) {
    if commits < MANY || context.is_quiet() {
        return;
    }
    let once = if once { " for the first time; later pushes skip them" } else { "" };
    let text = format!("dtguard: searching {commits} commits{once}");
    context.say(Role::Plain, &text);
}

/// Records what was searched, so that the next push skips it. Commits with findings or gaps are
/// searched again, and so is everything if a gap has no commit.
fn note(pushed: &mut Pushed, scanned: &Scanned) {
    let found = scanned.findings.iter().filter_map(|finding| finding.place.commit);
    let unread = scanned.gaps.iter().map(|gap| gap.commit);
    if scanned.unlisted == 0
        && let Some(unread) = unread.collect::<Option<Vec<_>>>()
    {
        pushed.note(found.chain(unread));
    }
}

/// Explains a block on a commit that the remote may have.
fn about_tracked(branch: &str, commit: ObjectId) -> String {
    let short: String = commit.to_string().chars().take(12).collect();
    let branch = sanitize(branch.as_bytes());
    format!(
        "{branch} says that the remote has commit {short}, but the remote did not name it in this push, and such a branch can be stale. Where the remote has it, revoke the token and allow it."
    )
}

/// Policies that cannot be read, each with its commit; without one it is HEAD's.
type UnreadPolicies = Vec<(Option<ObjectId>, Error)>;

/// The policies that judge a push. The policy at the tip of a reference judges the commits that
/// the reference brings, as if it were pushed alone; all of them judge what belongs to no
/// commit. If one cannot be read, the layers above it judge.
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
    // `--policy` replaces the policies of all tips.
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
        // All policies judge a commit that no tip is known to reach.
        let others = reached.iter().flatten().filter(|commit| own.is_none_or(|own| !own.contains(commit)));
        Ok(Judge { policy, except: others.copied().collect() })
    };
    let judges = groups.into_iter().enumerate().map(&mut judge).collect::<Result<_, Error>>()?;
    Ok((judges, unread))
}
