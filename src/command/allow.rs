//! `dtguard allow`: writes an allow entry.

use super::context::Context;
use super::entries::{OwnFile, check_values, remind_to_stage, still_holds};
use crate::cli::AllowArgs;
use crate::error::Error;
use crate::find::{find, mask};
use crate::finding::allow_name;
use crate::policy::{Allowance, Change, Changed, add_entry};
use crate::report::{Role, sanitize};
use crate::token::{Fingerprint, Identifier};
use crate::verdict::Outcome;

pub(super) fn run(context: &Context<'_>, arguments: &AllowArgs) -> Result<Outcome, Error> {
    let token = token(&arguments.token)?;
    let AllowArgs { reason, owner, expires, .. } = arguments;
    check_values(Some(reason), owner.as_deref(), *expires)?;
    let file = OwnFile::open(context)?;
    let allowance = Allowance { token: &token, reason, owner: owner.as_deref(), expires: *expires };
    let edited = add_entry(&file.name, &file.text, &allowance)?;
    if let Change::Changed(values) = &edited.change {
        still_holds(values)?;
    }
    let name = sanitize(file.name.as_bytes());
    if edited.change.is_none() {
        context
            .mention(|page| page.say(&format!("dtguard: nothing to change: {name} has this entry already.")));
        return Ok(Outcome::Passes);
    }
    file.check(&edited.text)?;
    file.write(&edited.text)?;
    context.mention(|page| {
        match &edited.change {
            Change::Added => page.say(&format!("dtguard: added an entry in {name}.")),
            Change::Changed(values) => {
                page.say(&format!("dtguard: changed the entry for it in {name}:"));
                values.iter().for_each(|value| page.line(4, Role::Plain, &said(value)));
            }
        }
        remind_to_stage(context, page)
    });
    Ok(Outcome::Passes)
}

/// Says what `dtguard allow` changed in a value.
fn said(Changed { key, before, now }: &Changed) -> String {
    let shown = |text: &String| sanitize(mask(text).as_bytes());
    match before {
        Some(before) if before == now => format!("{key}: {}, as before", shown(now)),
        Some(before) => format!("{key}: {}, before {}", shown(now), shown(before)),
        None => format!("{key}: {}, new", shown(now)),
    }
}

/// The identifier or fingerprint in `typed`. An error does not repeat what was typed, because
/// it may be any secret.
fn token(typed: &str) -> Result<String, Error> {
    if let Some(found) = find(typed.as_bytes()).first() {
        let name = allow_name(found.identifier.as_deref(), found.fingerprint);
        let message = "that is a whole token, with its secret part; it is in your shell's history now";
        return Err(Error::usage(message, format!("dtguard allow {name} --reason \"<why>\"")));
    }
    if let Ok(fingerprint) = typed.parse::<Fingerprint>() {
        return Ok(fingerprint.to_string());
    }
    let Some(identifier) = Identifier::parse(typed) else {
        let hint = "copy it from the blocked commit's message: dt0c01.PUBLIC, or 64 hex digits";
        return Err(Error::usage("that is neither a token identifier nor a fingerprint", hint));
    };
    match identifier.why_not_one_token() {
        None => Ok(typed.to_owned()),
        Some(message) => Err(Error::usage(message, "copy the fingerprint from the blocked commit's message")),
    }
}
