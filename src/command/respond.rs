//! `dtguard respond`: what to do about a leaked token.

use std::collections::{BTreeSet, HashSet};

use super::context::Context;
use super::in_force;
use super::progress::Progress;
use crate::cli::RespondArgs;
use crate::error::Error;
use crate::find::find;
use crate::finding::{Finding, Part};
use crate::report::{Named, Response, Role, write_response};
use crate::scan::{Gap, Scanned, scan_history};
use crate::source::{ObjectId, Repository, SourceError};
use crate::token::{Fingerprint, Identifier, Kind, hosts};
use crate::verdict::Outcome;

/// In how many places to search for a host.
const ASKED: usize = 5;

pub(super) fn run(context: &Context<'_>, arguments: &RespondArgs) -> Result<Outcome, Error> {
    let policy = in_force::load(context, None, in_force::in_work_tree)?;
    let asked = Asked::of(context, &arguments.token)?;
    let progress = Progress::start("objects", context.global.quiet);
    let searched = search(context, &progress);
    let interrupted = progress.end();
    if interrupted {
        return Ok(Outcome::Interrupted);
    }
    let (repository, scanned) = match searched {
        Ok((repository, scanned)) => (Some(repository), scanned),
        Err(error) => {
            context.error(&Error::Source(error), false);
            (None, Scanned::default())
        }
    };
    let findings: Vec<&Finding> =
        scanned.findings.iter().filter(|finding| policy.concerns(finding) && asked.is(finding)).collect();
    let Some(kind) = asked.kind.or(findings.first().map(|finding| finding.kind)) else {
        let message = "no token with this fingerprint is in this repository, so its kind is not known";
        return Err(Error::usage(
            message,
            "dtguard explain\n(it lists the kinds, each with the way to revoke it)",
        ));
    };
    let hosts = repository.as_ref().map(|repository| named(repository, &findings)).unwrap_or_default();
    let complete = repository.is_some() && !scanned.gaps.iter().any(Gap::is_unreadable);
    let identifier = asked.identifier.or_else(|| findings.first().and_then(|found| found.identifier.clone()));
    let indexed = repository.map(|repository| repository.indexed().0).unwrap_or_default();
    let staged = staged(&indexed, &findings);
    let head = repository.map(|repository| (repository.head_commit(), repository.head_name()));
    let (hosts, head) = (&*hosts, head.unwrap_or_default());
    let response = Response { kind, identifier, findings: &findings, hosts, staged: &staged, head, complete };
    context.print(|page| write_response(page, &response))?;
    Ok(if complete { Outcome::Passes } else { Outcome::Incomplete })
}

/// The token in question.
struct Asked {
    /// Unknown for a fingerprint.
    kind: Option<&'static Kind>,
    identifier: Option<String>,
    fingerprint: Option<Fingerprint>,
}

impl Asked {
    fn of(context: &Context<'_>, typed: &str) -> Result<Self, Error> {
        if let Some(found) = find(typed.as_bytes()).first() {
            context.say(Role::Notice, "That is a whole token, with its secret part; it is in your shell's history now. The identifier is enough.");
            let fingerprint = Some(found.fingerprint);
            return Ok(Self { kind: Some(found.kind), identifier: found.identifier.clone(), fingerprint });
        }
        if let Ok(fingerprint) = typed.parse() {
            return Ok(Self { kind: None, identifier: None, fingerprint: Some(fingerprint) });
        }
        let Some(identifier) = Identifier::parse(typed) else {
            let hint = "copy it from the blocked commit's message: dt0c01.PUBLIC, or 64 hex digits";
            return Err(Error::usage("that is neither a token identifier nor a fingerprint", hint));
        };
        Ok(Self { kind: Some(identifier.kind), identifier: Some(typed.to_owned()), fingerprint: None })
    }

    fn is(&self, finding: &Finding) -> bool {
        let same =
            |other: &String| self.identifier.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(other));
        match self.fingerprint {
            Some(fingerprint) => finding.fingerprint == fingerprint,
            None => finding.identifier.as_ref().is_some_and(same),
        }
    }
}

fn search<'c>(
    context: &'c Context<'_>,
    progress: &Progress,
) -> Result<(&'c Repository, Scanned), SourceError> {
    let repository = context.repository()?;
    let (scanned, _) = scan_history(repository, progress.watch(), false)?;
    Ok((repository, scanned))
}

/// The files of the index, `indexed`, in which a finding is.
fn staged<'i>(indexed: &'i [(Vec<u8>, ObjectId)], findings: &[&Finding]) -> Vec<&'i [u8]> {
    let is_staged = |finding: &&&Finding| finding.history.as_ref().is_some_and(|history| history.staged);
    let found: HashSet<&[u8]> =
        findings.iter().filter(is_staged).map(|finding| finding.place.path.as_slice()).collect();
    let paths: BTreeSet<&[u8]> = indexed.iter().map(|(path, _)| path.as_slice()).collect();
    paths.into_iter().filter(|path| found.contains(path)).collect()
}

/// The hosts in the files that hold the token; if there are none, the hosts in the files beside
/// them.
fn named(repository: &Repository, findings: &[&Finding]) -> Vec<Named> {
    let (mut inside, mut beside): (Vec<Named>, Vec<Named>) = (Vec::new(), Vec::new());
    let files = findings.iter().filter(|finding| finding.place.part == Part::Content);
    for place in files.map(|finding| &finding.place).take(ASKED) {
        // Hosts are only a help: the search reported what cannot be read.
        for near in repository.beside(&place.path, place.commit).unwrap_or_default() {
            let all = if near.path == place.path { &mut inside } else { &mut beside };
            for host in hosts(&near.content) {
                if !all.iter().any(|known| known.host == host) {
                    all.push(Named { host, path: near.path.clone() });
                }
            }
        }
    }
    if inside.is_empty() { beside } else { inside }
}
