//! `dtguard explain`: prints the catalogue.

use super::context::{Context, print};
use super::in_force;
use crate::cli::ExplainArgs;
use crate::error::Error;
use crate::export::markdown;
use crate::find::find;
use crate::policy::Forbidden;
use crate::report::{Role, write_kind, write_kinds, write_rule};
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
        None => match by_name(asked) {
            Some(kind) => (kind, None),
            None => match rules_called(context, asked)?.as_slice() {
                [] => kind_and_identifier(asked)?,
                rules => {
                    return context.print(|page| {
                        rules.iter().for_each(|rule| write_rule(page, 0, rule));
                    });
                }
            },
        },
    };
    if !tokens.is_empty() {
        context.say(Role::Notice, "That is a whole token, with its secret part; it is in your shell's history now. The identifier is enough.");
    }
    context.print(|page| write_kind(page, kind, identifier.as_deref()))
}

/// The policy's rules of the id `asked`: several layers can have one. An identifier or
/// a prefix names none.
fn rules_called(context: &Context<'_>, asked: &str) -> Result<Vec<Forbidden>, Error> {
    if Identifier::parse(asked).is_some() || kind_of_prefix(asked.as_bytes()).is_some() {
        return Ok(Vec::new());
    }
    let rules = in_force::load(context, None, in_force::in_work_tree)?.into_forbidden().into_iter();
    Ok(rules.filter(|rule| rule.id() == asked).collect())
}

/// The kind that `asked` names, by its id, a prefix or an identifier; with the identifier.
fn kind_and_identifier(asked: &str) -> Result<(&'static Kind, Option<String>), Error> {
    if let Some(identifier) = Identifier::parse(asked) {
        return Ok((identifier.kind, Some(asked.to_owned())));
    }
    let kind = kind_of_prefix(asked.as_bytes()).ok_or_else(|| {
        let hint = format!("dtguard explain\n(known prefixes: {})", known_prefixes());
        Error::usage("that is no prefix, no token identifier and no id of a kind or a rule", hint)
    })?;
    Ok((kind, None))
}
