//! `dtguard explain`: prints the catalogue.

use super::context::{Context, print};
use crate::cli::ExplainArgs;
use crate::error::Error;
use crate::export::markdown;
use crate::find::find;
use crate::report::{Role, write_kind, write_kinds};
use crate::token::{Identifier, KINDS, Kind, by_name, kind_of_prefix, known_prefixes};
use crate::verdict::Outcome;

pub(super) fn run(context: &Context<'_>, arguments: &ExplainArgs) -> Result<Outcome, Error> {
    if arguments.markdown {
        return print(markdown().as_bytes());
    }
    let Some(asked) = &arguments.kind else {
        return context.print_rows(|page| write_kinds(page, KINDS));
    };
    let tokens = find(asked.as_bytes());
    let (kind, identifier) = match tokens.first() {
        Some(found) => (found.kind, found.identifier.clone()),
        None => kind_and_identifier(asked)?,
    };
    if !tokens.is_empty() {
        context.say(Role::Notice, "That is a whole token, with its secret part; it is in your shell's history now. The identifier is enough.");
    }
    context.print(|page| write_kind(page, kind, identifier.as_deref()))
}

/// The kind that `asked` names, by its id, a prefix or an identifier; with the identifier.
fn kind_and_identifier(asked: &str) -> Result<(&'static Kind, Option<String>), Error> {
    if let Some(kind) = by_name(asked) {
        return Ok((kind, None));
    }
    if let Some(identifier) = Identifier::parse(asked) {
        return Ok((identifier.kind, Some(asked.to_owned())));
    }
    let kind = kind_of_prefix(asked.as_bytes()).ok_or_else(|| {
        let hint = format!("dtguard explain\n(known prefixes: {})", known_prefixes());
        Error::usage("that is no prefix, no token identifier and no kind's id", hint)
    })?;
    Ok((kind, None))
}
