//! What a GitHub workflow shows.

use dtguard::report::{Format, Scope};
use dtguard::verdict::Outcome;

use super::fixture::Fixture;
use super::{job_summary, write};
use crate::support::{DTGUARD, Ran, Repo, hermetic};

const SMALL: &str = r#"::error file=deploy/prod.env,line=2,col=10,title=Dynatrace token%3A Platform token::Platform token ID0 (issued), line 2, column 10. It opens: The platform's services (Grail, documents, automation, settings, identity and access) as the user or service user who owns it. It may never expire. How to revoke it: dtguard explain ID0
::warning file=backup.zip,title=Not scanned::backup.zip!/old/secrets.txt was not scanned: encrypted
::notice::dtguard: scanned 3 commits with 7 changed files and 42 added lines: 1 token blocked, 1 token allowed by policy, 1 filler
"#;

const SUMMARY: &str = r#"## dtguard: blocked

dtguard&#58; scanned 3 commits with 7 changed files and 42 added lines&#58; 1 token blocked, 1 token allowed by policy, 1 filler

| kind | severity | token | file | place |
|---|---|---|---|---|
| Platform token | high | <code>ID0</code> | <code>deploy/prod.env</code> | line 2, column 10 |

### Platform token

Opens: The platform&#39;s services (Grail, documents, automation, settings, identity and access) as the user or service user who owns it. It may never expire.

Revoke each one that ever left a machine:

- <code>DELETE https&#58;//api.dynatrace.com/iam/v1/accounts/&#123;accountUuid&#125;/platform-tokens/IDENTIFIER (with a token that has the scope account-idm-write)</code>
- <code>https&#58;//myaccount.dynatrace.com/platformTokens &#62; Delete</code>

### Not scanned

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
fn what_could_not_be_scanned_is_an_error_where_that_blocks() {
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

/// What GitHub reads back from a property of a command.
fn read_back(property: &str) -> String {
    let codes = [("%2C", ","), ("%3A", ":"), ("%0A", "\n"), ("%0D", "\r"), ("%25", "%")];
    codes.iter().fold(property.to_owned(), |text, (code, sign)| text.replace(code, sign))
}

#[test]
#[cfg(unix)]
fn an_annotation_names_the_file_as_it_is_called_whatever_stands_in_its_name() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1).text;
    for name in ["a\tb", "a\nb", "50%", "50%25", "a,b", "a:b,line=1", "a::error::x", " a ", "ä,\t%\n:"] {
        repo.stage(name, format!("x={token}\n"));
        let ran = repo.dtguard(&["scan", "--staged", "--format", "github"]);
        let line = ran.stdout.lines().find(|line| line.starts_with("::error file=")).unwrap();
        let (command, _) = line.strip_prefix("::error ").unwrap().split_once("::").unwrap();
        let properties: Vec<_> =
            command.split(',').map(|property| property.split_once('=').unwrap()).collect();
        let keys: Vec<_> = properties.iter().map(|(key, _)| *key).collect();
        assert_eq!(keys, ["file", "line", "col", "title"], "{line}");
        assert_eq!(read_back(properties[0].1), name, "{line}");
        repo.git(&["rm", "--quiet", "-f", "--", name]).succeeds();
    }
}

#[test]
fn a_byte_order_mark_moves_no_column_in_any_report() {
    let repo = Repo::new();
    let token = repo.token("dt0c01", 1).text;
    let text = format!("x={token}\ny={token}\n");
    let wide = |mark: &[u8], pair: fn(u8) -> [u8; 2]| {
        [mark, text.bytes().flat_map(pair).collect::<Vec<_>>().as_slice()].concat()
    };
    repo.stage("utf8", format!("\u{feff}{text}"));
    repo.stage("utf16le", wide(b"\xff\xfe", |byte| [byte, 0]));
    repo.stage("utf16be", wide(b"\xfe\xff", |byte| [0, byte]));
    for scan in [&["scan"][..], &["scan", "--staged"]] {
        let human = repo.dtguard(&[&["-v"], scan].concat()).stderr;
        assert!(!human.contains('\u{fffd}'), "{human}");
        let github = repo.dtguard(&[scan, &["--format", "github"]].concat()).stdout;
        let sarif = repo.dtguard(&[scan, &["--format", "sarif"]].concat()).stdout;
        let json = repo.dtguard(&[scan, &["--format", "json"]].concat()).stdout;
        for file in ["utf8", "utf16le", "utf16be"] {
            for line in 1..=2 {
                assert!(human.contains(&format!("{file}:{line}:3")), "{human}");
                assert!(github.contains(&format!("file={file},line={line},col=3,")), "{github}");
            }
        }
        let columns = |text: &str, key: &str| text.matches(&format!("\"{key}\": 3")).count();
        assert_eq!((columns(&sarif, "startColumn"), columns(&json, "column")), (6, 6), "{sarif}{json}");
    }
    // The harness would see a secret part in what git prints.
    let diff = hermetic("git", &repo.path).args(["diff", "--cached", "--", "utf8"]).output().unwrap();
    repo.write("a.diff", diff.stdout);
    let mut scan = hermetic(DTGUARD, &repo.path);
    scan.args(["scan", "--diff"]).stdin(std::fs::File::open(repo.path.join("a.diff")).unwrap());
    let ran = repo.check(Ran::of(scan.output().unwrap()));
    ran.says(" utf8:1:3").says(" utf8:2:3");
}
