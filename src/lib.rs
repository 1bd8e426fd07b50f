//! dtguard keeps Dynatrace tokens out of git.
//!
//! One flow, left to right; nothing on the left knows what is on its right:
//!
//! [`source`] reads the bytes that a change adds, [`find`] says which tokens
//! stand in them, [`scan`] joins the two into [`finding`]s and an account of
//! what was searched and what could not be read, [`policy`] rules on each finding,
//! [`verdict`] makes the exit code of that, [`audit`] records and [`report`] reports
//! it, and [`command`] calls them in this order. Under all of them lies [`token`], the
//! catalogue of what a Dynatrace token is.

#![cfg_attr(test, expect(clippy::string_slice, reason = "tests slice text that they made"))]

#[macro_use]
mod json;
#[macro_use]
mod named;

pub mod assistant;
pub mod audit;
pub mod cli;
pub mod command;
pub mod error;
pub mod export;
pub mod find;
pub mod finding;
mod hex;
pub mod import;
pub mod install;
mod packed;
pub mod policy;
pub mod report;
pub mod scan;
pub mod source;
pub mod text;
mod threads;
pub mod token;
pub mod verdict;

// What `fuzz/` tries at length is tried with the inputs that it kept on each run
// of the tests too.
#[cfg(test)]
extern crate self as dtguard;
#[cfg(test)]
#[path = "../fuzz/src/lib.rs"]
mod fuzz;

#[cfg(test)]
#[path = "../tests/support/effort.rs"]
mod effort;
