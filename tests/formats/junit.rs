//! JUnit's XML.

use dtguard::report::{Format, Scope};
use dtguard::verdict::Outcome;

use super::fixture::Fixture;
use super::write;
use crate::support::hermetic;

const SMALL: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="dtguard" tests="2" failures="1" errors="0" skipped="1" time="2">
  <testsuite name="dtguard commits" tests="2" failures="1" errors="0" skipped="1" time="2" timestamp="2026-11-22T02:37:27">
    <properties>
      <property name="version" value="1.2.3"/>
      <property name="policy" value=".dtguard.toml"/>
      <property name="verdict" value="blocks"/>
      <property name="allowed" value="1"/>
      <property name="fillers" value="1"/>
      <property name="passed" value="0"/>
    </properties>
    <testcase classname="deploy/prod.env" name="Platform token ID0 (issued), line 2, column 10" file="deploy/prod.env" line="2">
      <failure type="dynatrace-platform-token" message="Platform token ID0 (issued)">deploy/prod.env: line 2, column 10
Severity: high
Fingerprint: FINGERPRINT0
Opens: The platform&apos;s services (Grail, documents, automation, settings, identity and access) as the user or service user who owns it. It may never expire.
Revoke: DELETE https://api.dynatrace.com/iam/v1/accounts/{accountUuid}/platform-tokens/ID0 (with a token that has the scope account-idm-write)
Revoke: https://myaccount.dynatrace.com/platformTokens &gt; Delete
</failure>
    </testcase>
    <testcase classname="backup.zip" name="backup.zip!/old/secrets.txt can be scanned">
      <skipped message="encrypted"/>
    </testcase>
    <system-out>dtguard: scanned 3 commits with 7 changed files and 42 added lines: 1 token blocked, 1 token allowed by policy, 1 filler</system-out>
  </testsuite>
</testsuites>
"#;

#[test]
fn junit_has_a_failed_test_for_each_finding() {
    let fixture = Fixture::small();
    let text = write(Format::Junit, &fixture.report(Scope::Commits(3)), Outcome::Blocks);
    assert_eq!(fixture.anonymous(&text), SMALL);
}

#[test]
fn junit_of_a_clean_run_has_a_test_that_passed() {
    let text = write(Format::Junit, &Fixture::clean().report(Scope::Files), Outcome::Passes);
    assert!(text.contains("<testcase classname=\"dtguard\" name=\"no Dynatrace token\"/>\n"), "{text}");
    assert!(text.contains(" tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"0\" "), "{text}");
}

#[test]
fn junit_counts_what_could_not_be_scanned_as_an_error_where_that_blocks() {
    let fixture = Fixture::small();
    let mut report = fixture.report(Scope::Files);
    report.unread_blocks = true;
    let text = write(Format::Junit, &report, Outcome::Blocks);
    assert!(text.contains(" tests=\"2\" failures=\"1\" errors=\"1\" skipped=\"0\" "), "{text}");
    assert!(text.contains("<error message=\"encrypted\"/>") && !text.contains("<skipped"), "{text}");
}

#[test]
fn junit_of_a_run_that_was_stopped_has_no_test_that_passed() {
    let fixture = Fixture::clean();
    let mut report = fixture.report(Scope::Files);
    report.interrupted = true;
    let text = write(Format::Junit, &report, Outcome::Interrupted);
    assert!(text.contains(" tests=\"1\" failures=\"0\" errors=\"1\" skipped=\"0\" "), "{text}");
    assert!(!text.contains("no Dynatrace token\"/>"), "{text}");
}

#[test]
fn a_parser_reads_junit_whatever_the_names_of_files() {
    let folder = tempfile::tempdir().unwrap();
    let fixture = Fixture::hostile();
    let text = write(Format::Junit, &fixture.report(Scope::Files), Outcome::Blocks);
    std::fs::write(folder.path().join("report.xml"), text).unwrap();
    let script = "import xml.etree.ElementTree as E\n\
                  suite = E.parse('report.xml').getroot()[0]\n\
                  cases = suite.findall('testcase')\n\
                  print(len(cases), len(suite.findall('testcase/failure')), suite.get('tests'))\n\
                  print(ascii(cases[0].get('file')))";
    let output = hermetic("python3", folder.path()).args(["-c", script]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let path = r#"'a b/\\n\\r::error::x%0A,c:d;"\'<&>]]>\\u{1b}[31m\\u{1}\\u{202e}\\xff|`*.env'"#;
    assert_eq!(said, format!("13 7 13\n{path}\n"));
}
