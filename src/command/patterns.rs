//! `dtguard patterns`: prints the catalogue as rules for another tool.

use super::context::print;
use crate::cli::PatternsArgs;
use crate::error::Error;
use crate::export::patterns;
use crate::verdict::Outcome;

pub(super) fn run(arguments: &PatternsArgs) -> Result<Outcome, Error> {
    print(patterns(arguments.tool).as_bytes())
}
