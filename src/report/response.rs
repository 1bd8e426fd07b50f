//! What to do about a leaked token, step by step.

use std::collections::HashSet;

use super::curl::Curl;
use super::human::past;
use super::mend::quoted;
use super::text::{count, masked_bytes, masked_text, opens, place};
use super::{Page, Role, sanitize};
use crate::finding::{Finding, History};
use crate::source::ObjectId;
use crate::token::{Host, Identifier, Kind, Revocation};

/// How many places are listed.
const LISTED: usize = 20;

/// The audit log of an environment. Its entries name the access token that was used.
const AUDIT: Revocation = Revocation::Call {
    request: "GET https://{environment}/api/v2/auditlogs?from=now-30d&filter=user(%22{id}%22)",
    scope: "auditLogs.read",
};

/// A host, and the file that names it.
pub struct Named {
    /// The host.
    pub host: Host,
    /// The path of the file, in git's bytes.
    pub path: Vec<u8>,
}

/// What is known about the token.
pub struct Response<'r> {
    /// Its kind.
    pub kind: &'static Kind,
    /// Its identifier.
    pub identifier: Option<String>,
    /// Where it is.
    pub findings: &'r [&'r Finding],
    /// The environments to which it may belong.
    pub hosts: &'r [Named],
    /// The files in `findings` that the index holds, in git's bytes.
    pub staged: &'r [&'r [u8]],
    /// HEAD's commit, and the reference that it is on.
    pub head: (Option<ObjectId>, Option<Vec<u8>>),
    /// Whether all of the history could be searched.
    pub complete: bool,
}

impl Response<'_> {
    /// What holds it beside the index.
    fn held(&self) -> Held {
        let committed: Vec<(&Finding, &History)> = self
            .findings
            .iter()
            .filter_map(|finding| Some((*finding, finding.history.as_deref()?)))
            .filter(|(_, history)| !history.is_only_staged())
            .collect();
        let (head, branch) = &self.head;
        let refs = || committed.iter().flat_map(|(_, history)| &history.refs);
        if !self.complete {
            Held::History
        } else if committed.is_empty() {
            Held::Nowhere
        } else if refs().next().is_none()
            && committed.iter().all(|(finding, history)| finding.place.commit.is_some() && !history.in_tip)
        {
            Held::Reflog
        } else if committed.iter().all(|(finding, _)| head.is_some() && finding.place.commit == *head)
            && refs().all(|name| Some(name) == branch.as_ref())
        {
            Held::LastCommit
        } else {
            Held::History
        }
    }
}

/// What holds a token beside the index.
enum Held {
    Nowhere,
    /// Only commits that no ref reaches.
    Reflog,
    /// Only the last commit, on a branch that this clone has not pushed.
    LastCommit,
    History,
}

/// Writes the steps. Commands begin at the first column, so that they can be copied and run.
pub fn write_response(page: &mut Page, response: &Response<'_>) {
    let Response { kind, identifier, .. } = response;
    let identifier = identifier.as_deref();
    let name =
        identifier.map_or_else(|| "A token without an identifier".to_owned(), |id| sanitize(id.as_bytes()));
    let name = if kind.is_rule() { String::new() } else { format!("{name}: ") };
    page.text(0, Role::Heading, &format!("{name}{} [{}]", kind.name, kind.severity));
    page.say(&opens(kind, "Opens:"));
    if kind.is_rule() {
        kind.revoke.iter().for_each(|way| page.say(&format!("What to do: {}", way.describe(None))));
        write_places(page, response);
        return write_removal(page, response);
    }
    let calls = kind.revoke.iter().filter_map(|way| Curl::of(*way, identifier));
    let audit =
        identifier.filter(|_| kind.id == "dynatrace-access-token").and_then(|id| Curl::of(AUDIT, Some(id)));
    write_variables(page, response, calls.chain(audit.clone()).flat_map(|call| call.variables));
    write_revocation(page, kind, identifier);
    write_use(page, response, audit.as_ref());
    write_places(page, response);
    write_removal(page, response);
}

/// Writes the variables that the commands need, with values where they are known.
fn write_variables(
    page: &mut Page,
    response: &Response<'_>,
    variables: impl Iterator<Item = (&'static str, &'static str)>,
) {
    let mut seen = HashSet::new();
    let variables: Vec<_> = variables.filter(|(variable, _)| seen.insert(*variable)).collect();
    if variables.is_empty() {
        return;
    }
    page.blank();
    page.text(0, Role::Heading, "Set what the commands below need");
    for (variable, what) in variables {
        let known: Vec<(String, &Named)> =
            response.hosts.iter().filter_map(|named| Some((value(variable, &named.host)?, named))).collect();
        if known.len() > 1 {
            page.say(&format!("One of these, {what}:"));
        }
        for (value, named) in &known {
            page.line(0, Role::Command, &format!("{variable}={value}"));
            let path = sanitize(masked_text(&named.path).as_bytes());
            page.text(2, Role::Dim, &format!("(named in {path})"));
            if !named.host.is_of_dynatrace() {
                page.text(2, Role::Notice, "Check that this host is yours before you send it a token.");
            }
        }
        if known.is_empty() && variable == "DT_TOKEN" {
            page.line(0, Role::Command, "read -rs DT_TOKEN");
            page.text(2, Role::Dim, "(in bash or zsh: type or paste the token that makes the calls; it is not shown and in no history)");
        } else if known.is_empty() {
            page.line(0, Role::Command, &format!("{variable}="));
            page.text(2, Role::Dim, &format!("({what})"));
        }
    }
}

/// The value of `variable` if `host` is the right one.
fn value(variable: &str, host: &Host) -> Option<String> {
    match variable {
        "DT_ENVIRONMENT" => Some(host.environment.clone()),
        "DT_APPS" => host.apps.clone(),
        // The cluster's own API is on the host of its environments.
        "DT_CLUSTER" if !host.is_of_dynatrace() => {
            host.environment.split_once("/e/").map(|(cluster, _)| cluster.to_owned())
        }
        _ => None,
    }
}

fn write_revocation(page: &mut Page, kind: &Kind, identifier: Option<&str>) {
    let is_rotated = kind.revoke.iter().any(|way| way.describe(None).ends_with("Rotation/finish"));
    page.blank();
    if is_rotated {
        page.text(0, Role::Heading, "Rotate it, without downtime");
        page.say(
            "The old token and the new one are both valid until the last step. Take the steps in this order:",
        );
    } else {
        page.text(0, Role::Heading, "Revoke it");
        page.say("If something important uses it, create a new token for that first. Any one of these ways is enough:");
    }
    for (number, way) in kind.revoke.iter().enumerate() {
        let step = if is_rotated { format!("{}. ", number + 1) } else { String::new() };
        match (way, Curl::of(*way, identifier)) {
            (Revocation::Call { scope, .. }, Some(call)) => {
                page.text(2, Role::Dim, &format!("{step}(with a token that has the scope {scope})"));
                call.lines.iter().for_each(|line| page.line(0, Role::Command, line));
            }
            (Revocation::Call { scope, .. }, None) => {
                let text =
                    format!("{step}{} (with a token that has the scope {scope})", way.describe(identifier));
                page.text(2, Role::Plain, &text);
            }
            (Revocation::Step(text), _) => page.text(2, Role::Plain, &format!("{step}{text}")),
        }
    }
}

/// Writes how to check what the token was used for.
fn write_use(page: &mut Page, response: &Response<'_>, audit: Option<&Curl>) {
    page.blank();
    page.text(0, Role::Heading, "Check what it was used for");
    if let Some(call) = audit {
        page.text(
            2,
            Role::Dim,
            "(changes of the last 30 days; with a token that has the scope auditLogs.read)",
        );
        call.lines.iter().for_each(|line| page.line(0, Role::Command, line));
    }
    let identifier = response.identifier.as_deref();
    let names_it = identifier.filter(|id| Identifier::parse(id).is_some_and(|id| id.names_one_token()));
    match names_it {
        Some(identifier) => {
            page.text(2, Role::Dim, "(reads and changes of the last year, as a query in a notebook; it needs storage:system:read)");
            page.line(0, Role::Command, "fetch dt.system.events, from: now()-365d");
            page.line(0, Role::Command, "| filter event.kind == \"AUDIT_EVENT\"");
            page.line(0, Role::Command, &format!("| filter authentication.token == \"{identifier}\""));
        }
        None => page.text(2, Role::Plain, "The audit log does not name a token of this kind: read all of its entries since the day on which the token leaked."),
    }
}

/// Writes where it is.
fn write_places(page: &mut Page, response: &Response<'_>) {
    page.blank();
    page.text(0, Role::Heading, "Where it is in this repository");
    let places = response.findings;
    if places.is_empty() {
        let text = match response.complete {
            true => "Nowhere: in no version of a file, in no message, and not staged.",
            false => {
                "It was not found, but not everything could be read: dtguard scan --history lists the rest."
            }
        };
        page.text(2, Role::Plain, text);
        if response.complete {
            page.text(2, Role::Plain, "For files that are not staged:");
            page.line(0, Role::Command, "dtguard scan --untracked");
        }
        return;
    }
    for finding in places.iter().take(LISTED) {
        page.line(2, Role::Place, &place(finding));
        if let Some(history) = &finding.history {
            page.text(4, Role::Dim, &past(history, true));
        }
    }
    if let Some(more) = places.len().checked_sub(LISTED).filter(|more| *more > 0) {
        page.text(2, Role::Plain, &format!("and {}", count(more, "more place")));
    }
    if !response.complete {
        page.text(2, Role::Notice, "Not everything could be read: dtguard scan --history lists the rest.");
    }
}

/// Writes how to remove it, the simplest way first.
fn write_removal(page: &mut Page, response: &Response<'_>) {
    let held = response.held();
    if response.staged.is_empty() && matches!(held, Held::Nowhere) {
        return;
    }
    page.blank();
    page.text(0, Role::Heading, "Take it out");
    let what = if response.kind.is_rule() { "text" } else { "token" };
    if !response.kind.is_rule() {
        page.say("Let the program read the token from the environment or a secret store.");
    }
    if !response.staged.is_empty() {
        page.say(&format!("Take the {what} out of the file, then stage the file:"));
    }
    for path in response.staged.iter().take(LISTED) {
        page.line(0, Role::Command, &format!("git add -- {}", quoted(&masked_bytes(path))));
    }
    match held {
        Held::Nowhere => page.say("No commit holds it."),
        Held::Reflog => page.say(
            "No branch or tag holds it, only the reflog of this clone. git pushes no reflog, and deletes old entries.",
        ),
        Held::LastCommit => {
            page.say(
                "Only the last commit holds it, and no remote branch has that commit. Replace the commit:",
            );
            page.line(0, Role::Command, "git commit --amend");
        }
        Held::History => {
            page.say(match response.kind.is_rule() {
                true => "To take it out of the history too, in a fresh clone:",
                false => "Once it is revoked, a copy in the history is useless; to take it out anyway, in a fresh clone:",
            });
            page.line(
                0,
                Role::Command,
                "dtguard scan --history --format filter-repo --output ../expressions.txt",
            );
        }
    }
}
