//! What other programs read: one set of findings, written in every format.

mod command;
mod fixture;
mod github;
mod gitlab;
mod json;
mod junit;
mod sarif;
mod schema;

use clap::ValueEnum as _;
use dtguard::find::{Missed, Unread};
use dtguard::report::{Format, Report, RunInfo, Scope, write_as, write_job_summary};
use dtguard::scan::{Cause, Gap};
use dtguard::verdict::Outcome;

use fixture::Fixture;

/// A run at a fixed time, of a version that never was.
fn run(outcome: Outcome) -> RunInfo<'static> {
    RunInfo { version: "1.2.3", started: 1_795_315_047, ended: 1_795_315_049, outcome, repository: None }
}

fn write(format: Format, report: &Report<'_>, outcome: Outcome) -> String {
    let mut out = Vec::new();
    write_as(format, &mut out, report, &run(outcome)).unwrap();
    String::from_utf8(out).unwrap()
}

/// A file of the project.
fn read(name: &str) -> String {
    std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

fn job_summary(report: &Report<'_>, outcome: Outcome) -> String {
    let mut out = Vec::new();
    write_job_summary(&mut out, report, &run(outcome)).unwrap();
    String::from_utf8(out).unwrap()
}

const SCOPES: [Scope; 6] =
    [Scope::Staged, Scope::Merge, Scope::Commits(3), Scope::Files, Scope::Diff, Scope::History(3)];

#[test]
fn the_formats_are_called_what_their_page_calls_them() {
    let names = Format::value_variants()
        .iter()
        .map(|format| format.to_possible_value().unwrap().get_name().to_owned());
    let page = read("docs/formats.md");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` |"));
    let listed: Vec<_> = rows.map(|(name, _)| name.to_owned()).collect();
    assert_eq!(listed, names.collect::<Vec<_>>(), "the table in docs/formats.md");
    // Others parse them.
    assert_eq!(listed[..6], ["human", "json", "sarif", "github", "gitlab", "junit"]);
    let machines: Vec<_> = listed[1..].iter().map(|name| format!("`{name}`")).collect();
    let (last, others) = machines.split_last().unwrap();
    let list = format!("{} and {last} write reports for machines", others.join(", "));
    let list = list.replacen('`', "`--format ", 1);
    for page in ["README.md", "docs/scanning.md"] {
        let words = read(page).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(&list), "{page} does not say: {list}");
    }
}

#[test]
fn no_format_shows_a_secret_part() {
    for format in Format::value_variants() {
        for (fixture, scope) in [Fixture::small(), Fixture::hostile()].iter().zip(SCOPES) {
            let report = fixture.report(scope);
            let text = write(*format, &report, Outcome::Blocks) + &job_summary(&report, Outcome::Blocks);
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
fn every_format_says_that_a_run_was_stopped_and_what_else_it_left_out() {
    for format in Format::value_variants() {
        let fixture = Fixture::clean();
        let mut report = fixture.report(Scope::History(3));
        report.interrupted = true;
        report.coverage.unreachable = 17;
        let text = write(*format, &report, Outcome::Interrupted);
        let said = text.to_lowercase();
        assert!(said.contains("interrupted"), "{text}");
        assert!(text.contains("17"), "{format:?}: {text}");
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

#[test]
fn every_format_names_each_gap_and_how_much_was_scanned() {
    for format in Format::value_variants() {
        let mut fixture = Fixture::small();
        for name in ["one.zip", "other.zip"] {
            let missed = Missed { member: b"member".to_vec(), why: Unread::Damaged };
            fixture.gaps.push(Gap::new(name.as_bytes(), None, Cause::Unread(missed)));
        }
        let cause = Cause::Unreadable {
            object: None,
            reason: "it is damaged".into(),
            hint: "git fsck --full".into(),
        };
        fixture.gaps.push(Gap::new(b"object", None, cause));
        fixture.unlisted = 17;
        let text = write(*format, &fixture.report(Scope::Staged), Outcome::Blocks);
        for wanted in ["backup.zip", "one.zip", "other.zip", "object", "it is damaged", "42"] {
            assert!(text.contains(wanted), "{format:?} does not hold {wanted}: {text}");
        }
        // Of those that are not listed, or of all.
        assert!(text.contains("17") || text.contains("\"gaps\": 21"), "{format:?}: {text}");
    }
}

#[test]
fn every_format_says_from_which_day_on_a_finding_blocks() {
    for format in Format::value_variants() {
        let fixture = Fixture::small();
        let mut report = fixture.report(Scope::Staged);
        report.enforced_from = Some("2027-01-15".parse().unwrap());
        let text = write(*format, &report, Outcome::Passes);
        assert!(text.contains("2027-01-15"), "{format:?}: {text}");
    }
}
