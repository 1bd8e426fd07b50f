//! Calls of Dynatrace's API as commands to paste.

use crate::token::Revocation;

/// What the user has to fill in, each with its shell variable.
const VARIABLES: [(&str, &str, &str); 6] = [
    ("{environment}", "DT_ENVIRONMENT", "host of the environment; for Managed HOST/e/ENVIRONMENT-ID"),
    ("{apps}", "DT_APPS", "host of the environment's apps, such as abc12345.apps.dynatrace.com"),
    ("{cluster}", "DT_CLUSTER", "host of the Managed cluster"),
    ("{accountUuid}", "DT_ACCOUNT", "UUID of the account: Account Management > Identity & access management"),
    ("{tokenId}", "DT_TOKEN_ID", "id of the token, not the token itself"),
    ("{edgeConnectId}", "DT_EDGE_CONNECT", "id of the EdgeConnect"),
];

/// The longest line: with the indent of `explain` it fits 80 columns.
const LONGEST: usize = 74;

/// A call as a curl command.
#[derive(Clone)]
pub(super) struct Curl {
    /// The lines of the command, joined by backslashes.
    pub(super) lines: Vec<String>,
    /// The variables in it, each with its meaning.
    pub(super) variables: Vec<(&'static str, &'static str)>,
}

impl Curl {
    /// The command for `way`. None if it is no call, or if the call needs the secret itself:
    /// that belongs in no command line.
    pub(super) fn of(way: Revocation, identifier: Option<&str>) -> Option<Self> {
        let Revocation::Call { request, .. } = way else { return None };
        let (method, rest) = request.split_once(' ')?;
        let (address, body) = rest.split_once(' ').unwrap_or((rest, ""));
        if body.contains('…') || request.contains("{id}") && identifier.is_none() {
            return None;
        }
        // Platform and account calls need OAuth tokens; environments and clusters have tokens
        // of their own.
        let scheme = if address.contains("{apps}") || address.starts_with("https://api.") {
            "Bearer"
        } else {
            "Api-Token"
        };
        let mut address = address.replace("{id}", identifier.unwrap_or_default());
        let mut variables = vec![("DT_TOKEN", "the token that makes the call")];
        for (part, variable, what) in VARIABLES {
            if address.contains(part) {
                address = address.replace(part, &format!("${variable}"));
                variables.push((variable, what));
            }
        }
        let (url, address) = split(&address);
        let mut lines: Vec<String> = url.map(|url| format!("url=\"{url}\"")).into_iter().collect();
        lines.push(format!("curl -fX {method} -H \"Authorization: {scheme} $DT_TOKEN\" \\"));
        if !body.is_empty() {
            lines.push(format!("  -H 'Content-Type: application/json' -d '{body}' \\"));
        }
        lines.push(format!("  \"{address}\""));
        Some(Self { lines, variables })
    }
}

/// Splits a long address: the variable `url` gets the first part.
fn split(address: &str) -> (Option<&str>, String) {
    // Two blanks and two quotes surround it.
    if address.len() + 4 <= LONGEST {
        return (None, address.to_owned());
    }
    let fits = |at: &usize| at + "url=\"\"".len() <= LONGEST;
    let at = address.rmatch_indices(['/', '&']).map(|(at, _)| at).find(fits).unwrap_or_default();
    let (url, rest) = address.split_at_checked(at).unwrap_or(("", address));
    (Some(url), format!("$url{rest}"))
}
