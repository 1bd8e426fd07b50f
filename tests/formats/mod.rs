//! What other programs read: one set of findings, written in every format.

mod fixture;
mod json;

use clap::ValueEnum as _;
use dtguard::report::{Format, Outcome, Report, RunInfo, Scope, write_as};

use fixture::Fixture;

/// A run at a fixed time, of a version that never was.
fn run(outcome: Outcome) -> RunInfo<'static> {
    RunInfo { version: "1.2.3", started: 1_795_315_047, ended: 1_795_315_049, outcome }
}

fn write(format: Format, report: &Report<'_>, outcome: Outcome) -> String {
    let mut out = Vec::new();
    write_as(format, &mut out, report, &run(outcome)).unwrap();
    String::from_utf8(out).unwrap()
}

const SCOPES: [Scope; 4] = [Scope::Staged, Scope::Merge, Scope::Commits(3), Scope::Files];

#[test]
fn no_format_shows_a_secret_part() {
    for format in Format::value_variants() {
        for (fixture, scope) in [Fixture::small(), Fixture::hostile()].iter().zip(SCOPES) {
            let text = write(*format, &fixture.report(scope), Outcome::Blocks);
            assert!(!fixture.secrets.is_empty());
            for secret in &fixture.secrets {
                assert!(!text.contains(&secret[..12]), "{format:?}");
            }
        }
    }
}

#[test]
fn no_machine_format_shows_the_line_around_a_token() {
    for format in Format::value_variants().iter().filter(|format| **format != Format::Human) {
        let text = write(*format, &Fixture::small().report(Scope::Staged), Outcome::Blocks);
        assert!(!text.contains("DT_TOKEN") && !text.contains("business"), "{format:?}: {text}");
    }
}

#[test]
fn no_format_holds_what_a_terminal_obeys() {
    for format in Format::value_variants() {
        let text = write(*format, &Fixture::hostile().report(Scope::Staged), Outcome::Blocks);
        let obeyed =
            text.chars().find(|c| c.is_control() && *c != '\n' || ('\u{202a}'..='\u{202e}').contains(c));
        assert_eq!(obeyed, None, "{format:?}");
    }
}
