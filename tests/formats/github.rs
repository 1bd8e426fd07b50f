//! What a GitHub workflow shows.

use dtguard::report::{Format, Scope};
use dtguard::verdict::Outcome;

use super::fixture::Fixture;
use super::{job_summary, write};

const SMALL: &str = r#"::error file=deploy/prod.env,line=2,col=10,title=Dynatrace token%3A Platform token::Platform token ID0 (issued), line 2, column 10. It opens: The platform's services (Grail, documents, automation, settings, identity and access) as the user or service user who owns it. It may never expire. How to revoke it: dtguard explain ID0
::warning file=backup.zip,title=Not looked into::backup.zip!/old/secrets.txt was not looked into: encrypted
::notice::dtguard: looked at 3 commits with 7 changed files and 42 added lines: 1 finding blocked, 1 allowed by policy, 1 filler
"#;

const SUMMARY: &str = r#"## dtguard: blocked

dtguard&#58; looked at 3 commits with 7 changed files and 42 added lines&#58; 1 finding blocked, 1 allowed by policy, 1 filler

| kind | severity | token | file | place |
|---|---|---|---|---|
| Platform token | high | <code>ID0</code> | <code>deploy/prod.env</code> | line 2, column 10 |

### Platform token

Opens: The platform&#39;s services (Grail, documents, automation, settings, identity and access) as the user or service user who owns it. It may never expire.

Revoke each one that ever left a machine:

- <code>DELETE https&#58;//api.dynatrace.com/iam/v1/accounts/&#123;accountUuid&#125;/platform-tokens/IDENTIFIER (with a token that has the scope account-idm-write)</code>
- <code>https&#58;//myaccount.dynatrace.com/platformTokens &#62; Delete</code>

### Not looked into

- <code>backup.zip&#33;/old/secrets.txt</code> (encrypted)

"#;

#[test]
fn github_annotates_the_line_of_each_finding() {
    let fixture = Fixture::small();
    let text = write(Format::Github, &fixture.report(Scope::Commits(3)), Outcome::Blocks);
    assert_eq!(fixture.anonymous(&text), SMALL);
}

#[test]
fn the_jobs_summary_lists_each_finding_and_how_to_revoke_it() {
    let fixture = Fixture::small();
    let text = job_summary(&fixture.report(Scope::Commits(3)), Outcome::Blocks);
    assert_eq!(fixture.anonymous(&text), SUMMARY);
}

#[test]
fn no_name_of_a_file_gives_the_workflow_a_command() {
    let text = write(Format::Github, &Fixture::hostile().report(Scope::Files), Outcome::Blocks);
    let lines: Vec<_> = text.lines().collect();
    // Findings, gaps, that there are more of them, and what was searched.
    assert_eq!(lines.len(), 7 + 5 + 1 + 1);
    for line in lines {
        let (command, _) = line.strip_prefix("::").unwrap().split_once("::").unwrap();
        let (name, properties) = command.split_once(' ').unwrap_or((command, ""));
        assert!(["error", "warning", "notice"].contains(&name), "{line}");
        for property in properties.split(',').filter(|property| !property.is_empty()) {
            let (key, value) = property.split_once('=').unwrap();
            assert!(["file", "line", "col", "title"].contains(&key) && !value.contains(':'), "{line}");
        }
    }
    let path = "file=a b/%0A%0D%3A%3Aerror%3A%3Ax%250A%2Cc%3Ad;\"'<&>]]>";
    assert!(text.contains(path), "GitHub reads the path back from it: {text}");
}

#[test]
fn what_could_not_be_looked_into_is_an_error_where_that_blocks() {
    let fixture = Fixture::small();
    let mut report = fixture.report(Scope::Files);
    assert!(write(Format::Github, &report, Outcome::Blocks).contains("\n::warning file=backup.zip,"));
    report.unread_blocks = true;
    assert!(write(Format::Github, &report, Outcome::Blocks).contains("\n::error file=backup.zip,"));
}

#[test]
fn no_name_of_a_file_breaks_the_table_of_the_summary() {
    let text = job_summary(&Fixture::hostile().report(Scope::Files), Outcome::Blocks);
    let rows: Vec<_> = text.lines().filter(|line| line.starts_with("| ")).collect();
    assert_eq!(rows.len(), 1 + 7);
    for row in rows {
        assert_eq!(row.matches('|').count(), 6, "{row}");
        let plain = row.replace("<code>", "").replace("</code>", "");
        assert!(!plain.contains(['<', '>', '`', '*', '[', ']', '_']), "{row}");
    }
}

#[test]
fn the_summary_of_a_long_history_stays_below_githubs_limit() {
    let mut fixture = Fixture::small();
    let one = fixture.findings[0].clone();
    fixture.findings.extend(std::iter::repeat_n(one, 20_000));
    let text = job_summary(&fixture.report(Scope::Files), Outcome::Blocks);
    assert!(text.len() < 1 << 20 && text.contains("... and 19801 more.\n"), "{} bytes", text.len());
}
