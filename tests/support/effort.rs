//! How many cases the tests of many cases try.
//!
//! `cargo test` is what somebody waits for who has just cloned the project, so it
//! tries a few of each. `DTGUARD_TESTS=all`, which `.ci/run` sets, tries all of them,
//! and `DTGUARD_CASES=n` this many.

/// Whether every case is wanted.
pub fn all() -> bool {
    std::env::var("DTGUARD_TESTS").is_ok_and(|which| which == "all")
}

/// The number of cases: `few`, or `many` where all are wanted.
pub fn cases(few: u64, many: u64) -> u64 {
    match number("DTGUARD_CASES") {
        Some(cases) => cases,
        None if all() => many,
        None => few,
    }
}

/// The number in an environment variable, if it is set.
///
/// # Panics
///
/// If it is no number: a run of other cases than those that were asked for would
/// prove nothing.
pub fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|error| panic!("{name}={text}: {error}")))
}
