//! `dtguard patterns`: prints the catalogue as rules for another tool.

use std::io::Write as _;

use crate::cli::PatternsArgs;
use crate::error::Error;
use crate::export::patterns;
use crate::verdict::Outcome;

pub(super) fn run(arguments: &PatternsArgs) -> Result<Outcome, Error> {
    let mut out = std::io::stdout().lock();
    out.write_all(patterns(arguments.tool).as_bytes())?;
    out.flush()?;
    Ok(Outcome::Passes)
}
