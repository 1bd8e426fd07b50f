//! `dtguard allow`: writes an allow entry.

use super::terminal::Terminal;
use super::{Outcome, policy};
use crate::cli::{AllowArgs, Global};
use crate::error::Error;
use crate::find::find;
use crate::finding::allow_name;
use crate::policy::{Allowance, Date, FILE_NAME, add_entry, write};
use crate::report::{Role, sanitize};
use crate::token::{Fingerprint, Identifier};

pub(super) fn run(terminal: &Terminal, global: &Global, arguments: &AllowArgs) -> Result<Outcome, Error> {
    let token = token(&arguments.token)?;
    check_the_rest(arguments)?;
    let policy::OwnFile { path, name, text } = policy::own_file(global)?;
    let allowance = Allowance {
        token: &token,
        reason: &arguments.reason,
        owner: arguments.owner.as_deref(),
        expires: arguments.expires,
    };
    let edited = add_entry(&name, &text, &allowance)?;
    // Higher layers may not grant such an entry.
    policy::with(global, &edited.text)?;
    write(&path, &edited.text).map_err(|error| Error::Write { path: path.display().to_string(), error })?;
    terminal.tell(|page| {
        let done = if edited.replaced { "changed its entry" } else { "added an entry" };
        let done = format!("dtguard: {done} in {}.", sanitize(name.as_bytes()));
        if global.policy.is_some() {
            return page.text(0, Role::Plain, &done);
        }
        page.text(0, Role::Plain, &format!("{done} It holds once it is staged:"))?;
        page.line(4, Role::Command, &format!("git add :/{FILE_NAME}"))
    });
    Ok(Outcome::Passes)
}

/// Refuses what would be no sensible entry although it would be a valid one.
fn check_the_rest(arguments: &AllowArgs) -> Result<(), Error> {
    let texts = [Some(&arguments.reason), arguments.owner.as_ref()];
    if texts.into_iter().flatten().any(|text| !find(text.as_bytes()).is_empty()) {
        return Err(Error::Usage {
            message: "the reason or the owner holds a token, with its secret part".to_owned(),
            hint: "write it without the token; a policy is committed".to_owned(),
        });
    }
    if arguments.expires.is_some_and(|last| last < Date::today()) {
        return Err(Error::Usage {
            message: "that last day is over, so the entry would allow nothing".to_owned(),
            hint: "give a day to come with --expires YYYY-MM-DD".to_owned(),
        });
    }
    Ok(())
}

/// The identifier or fingerprint that was meant. What was typed is not repeated
/// where it is neither: it may be a secret of whatever kind.
fn token(typed: &str) -> Result<String, Error> {
    if let Some(found) = find(typed.as_bytes()).first() {
        let name = allow_name(found.identifier.as_deref(), found.fingerprint);
        return Err(Error::Usage {
            message: "that is a whole token, with its secret part; it is in your shell's history now"
                .to_owned(),
            hint: format!("dtguard allow {name} --reason \"...\""),
        });
    }
    if let Ok(fingerprint) = typed.parse::<Fingerprint>() {
        return Ok(fingerprint.to_string());
    }
    match Identifier::parse(typed) {
        Some(identifier) if identifier.names_one_token() => Ok(typed.to_owned()),
        Some(_) => Err(Error::Usage {
            message: "that identifier names an environment or a client, not one token: the entry would hide its next token too"
                .to_owned(),
            hint: "allow it by fingerprint; the blocked commit's message says which".to_owned(),
        }),
        None => Err(Error::Usage {
            message: "that is neither a token identifier nor a fingerprint".to_owned(),
            hint: "copy one from the blocked commit's message: dt0c01.<public part>, or 64 hex digits".to_owned(),
        }),
    }
}
