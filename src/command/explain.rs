//! `dtguard explain`: prints the catalogue.

use std::io::Write as _;

use super::Outcome;
use super::terminal::Terminal;
use crate::cli::ExplainArgs;
use crate::error::Error;
use crate::export::markdown;
use crate::find::find;
use crate::report::{Role, write_kind, write_kinds};
use crate::token::{KINDS, Kind, UNKNOWN, by_name, by_prefix};

pub(super) fn run(terminal: &Terminal, arguments: &ExplainArgs) -> Result<Outcome, Error> {
    if arguments.markdown {
        std::io::stdout().lock().write_all(markdown().as_bytes())?;
        return Ok(Outcome::Passes);
    }
    let Some(asked) = &arguments.kind else {
        terminal.print(|page| write_kinds(page, KINDS))?;
        return Ok(Outcome::Passes);
    };
    let tokens = find(asked.as_bytes());
    let (kind, identifier) = match tokens.first() {
        Some(found) => (found.kind, found.identifier.clone()),
        None => kind_and_identifier(asked)?,
    };
    if !tokens.is_empty() {
        terminal.tell(|page| {
            page.text(0, Role::Notice, "That is a whole token, with its secret part; it is in your shell's history now. The identifier is enough.")
        });
    }
    terminal.print(|page| write_kind(page, kind, identifier.as_deref()))?;
    Ok(Outcome::Passes)
}

/// What `asked` means: a kind's id or prefix, or an identifier.
fn kind_and_identifier(asked: &str) -> Result<(&'static Kind, Option<String>), Error> {
    if let Some(kind) = by_name(asked) {
        return Ok((kind, None));
    }
    let (prefix, public) = asked.split_once('.').unwrap_or((asked, ""));
    let prefix = prefix.to_ascii_lowercase();
    let family = matches!(prefix.as_bytes(), [b'd', b't', b'0', letter, a, b]
        if letter.is_ascii_alphabetic() && a.is_ascii_digit() && b.is_ascii_digit());
    let public_fits = public.len() <= 128 && public.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if !family || !public_fits {
        let known: Vec<&str> = KINDS.iter().flat_map(|kind| kind.prefixes.iter().copied()).collect();
        return Err(Error::Usage {
            message: "that is no prefix, no token identifier and no kind's id".to_owned(),
            hint: format!("dtguard explain\n(known prefixes: {})", known.join(", ")),
        });
    }
    let kind = by_prefix(prefix.as_bytes()).unwrap_or(&UNKNOWN);
    Ok((kind, (!public.is_empty()).then(|| asked.to_owned())))
}
