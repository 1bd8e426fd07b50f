//! The audit line of a run: what was scanned, what was found and what blocked. It holds nothing
//! that a report would not show.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use serde_json::Value;

use crate::finding::Finding;
use crate::policy::{Entry, Policy, Target};
use crate::report::{Scope, sanitize, utc};
use crate::scan::Scanned;
use crate::verdict::Verdict;

/// The format's version. Fields may be added without raising it.
const VERSION: u32 = 1;
/// The longest line that system logs accept, in bytes.
const SYSLOG_LONGEST: usize = 8 * 1024;
/// The sockets of the system log on Linux, macOS and the BSDs.
const SYSLOG_SOCKETS: [&str; 3] = ["/dev/log", "/var/run/syslog", "/var/run/log"];

/// A finished run.
pub struct Run<'a> {
    /// When it ended, as seconds since 1970 in UTC.
    pub ended: i64,
    /// The version of dtguard.
    pub version: &'a str,
    /// The top of the repository, or the current folder outside a repository.
    pub repository: &'a Path,
    /// What ran: a hook's name, or a subcommand's.
    pub stage: &'a str,
    /// What it searched; none if it failed before.
    pub scope: Option<Scope>,
    /// What it found there.
    pub scanned: &'a Scanned,
    /// The policies that judged it.
    pub policies: &'a [&'a Policy],
    /// Their verdict.
    pub verdict: &'a Verdict<'a>,
}

/// A line that could not be written.
#[derive(Debug)]
pub struct Failure {
    /// Its target.
    pub target: String,
    /// Why it did not.
    pub error: io::Error,
    /// The file and line of the policy that ask for it.
    pub place: String,
    /// Whether the policy requires the line.
    pub required: bool,
}

/// Writes the audit line of `run` to every target of its policies. A repository's policy names
/// no targets, so all policies of a run have the same.
pub fn record(run: &Run<'_>) -> Vec<Failure> {
    let mut failures = Vec::new();
    for audit in run.policies.first().map(|policy| policy.audits()).unwrap_or_default() {
        let (target, result) = match &audit.target {
            Target::File(path) => (path.display().to_string(), append(path, run)),
            Target::Syslog => ("the system's log".to_owned(), send_to_syslog(&SYSLOG_SOCKETS, run)),
        };
        if let Err(error) = result {
            let (place, required) = (audit.stated_at.clone(), audit.required);
            failures.push(Failure { target, error, place, required });
        }
    }
    failures
}

fn append(path: &Path, run: &Run<'_>) -> io::Result<()> {
    // Opening a pipe without a reader would block for ever.
    match fs::metadata(path) {
        Ok(metadata) if !metadata.is_file() => return Err(io::Error::other("it is no file")),
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let line = line(run, usize::MAX);
    // One write: parallel runs append to the same file.
    let written = options.open(path)?.write(line.as_bytes())?;
    if written == line.len() { Ok(()) } else { Err(io::Error::other("only a part of the line was written")) }
}

#[cfg(unix)]
fn send_to_syslog(sockets: &[&str], run: &Run<'_>) -> io::Result<()> {
    let socket = std::os::unix::net::UnixDatagram::unbound()?;
    // A slow log must not delay the run.
    socket.set_nonblocking(true)?;
    let mut result = Err(io::Error::from(io::ErrorKind::NotFound));
    for path in sockets {
        result = socket.connect(path);
        if result.is_ok() {
            break;
        }
    }
    result?;
    socket.send(message(run).as_bytes()).map(|_| ())
}

#[cfg(not(unix))]
fn send_to_syslog(_: &[&str], _: &Run<'_>) -> io::Result<()> {
    Err(io::Error::from(io::ErrorKind::Unsupported))
}

/// The line with the priority of a system log: facility `auth`; a warning if something blocks
/// or would block, else a notice.
#[cfg_attr(not(unix), expect(dead_code, reason = "there is no system log"))]
fn message(run: &Run<'_>) -> String {
    let priority = if run.verdict.is_remarkable() { 36 } else { 37 };
    format!("<{priority}>dtguard[{}]: {}", std::process::id(), line(run, SYSLOG_LONGEST).trim_end())
}

/// The line, with as many findings as fit into `longest` bytes, blocking ones first.
fn line(run: &Run<'_>, longest: usize) -> String {
    let Run { scanned, verdict, .. } = run;
    let (judged, coverage) = (&verdict.judged, scanned.coverage);
    let digests: Vec<String> = run.policies.iter().map(|policy| policy.digest()).collect();
    let blocking = judged.blocking.iter().map(|(finding, entry)| item(finding, "blocks", *entry));
    let passing = judged
        .passing
        .iter()
        .map(|(finding, entry)| item(finding, if entry.is_some() { "allowed" } else { "passes" }, *entry));
    let mut findings: Vec<Value> = blocking.chain(passing).collect();
    let all = findings.len();
    loop {
        let line = object! {
            "version": VERSION,
            "time": utc(run.ended),
            "dtguard": run.version,
            "repository": sanitize(run.repository.as_os_str().as_encoded_bytes()),
            "stage": run.stage,
            "scope": run.scope.map(Scope::name),
            "commits": run.scope.and_then(Scope::commits),
            "files": coverage.files,
            "lines": coverage.lines,
            "bytes": coverage.bytes,
            "gaps": scanned.count_gaps(),
            "policy": digests.join(" "),
            "verdict": verdict.word(),
            "exit_code": verdict.outcome().exit_code(),
            "findings": findings,
            "left_out": all - findings.len(),
        };
        let text = line.to_string() + "\n";
        if text.len() <= longest || findings.is_empty() {
            return text;
        }
        findings.truncate(findings.len() / 2);
    }
}

fn item(finding: &Finding, verdict: &str, entry: Option<&Entry>) -> Value {
    object! {
        "kind": finding.kind.id,
        "identifier": finding.identifier,
        "fingerprint": finding.fingerprint.to_string(),
        "path": sanitize(&finding.place.path),
        "line": finding.place.line,
        "commit": finding.place.commit.map(|commit| commit.to_string()),
        "verdict": verdict,
        "entry": entry.map(|entry| sanitize(entry.stated_at.as_bytes())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Origin;
    use crate::policy::{Layer, Level};
    use crate::token::{KINDS, specimen};
    use crate::verdict::Judge;

    fn policy(audit: &str) -> Policy {
        let text = format!("version = 1\n[audit]\n{audit}\n");
        let layer = Layer::new(Level::System, "p.toml", text.as_bytes()).unwrap();
        Policy::layered(vec![layer], "2026-01-01".parse().unwrap()).unwrap()
    }

    fn findings(tokens: u64) -> Vec<Finding> {
        let text: String = (0..tokens).map(|seed| specimen(&KINDS[0], seed).text + "\n").collect();
        Finding::of_text(text.as_bytes(), &Origin { path: b"a.env", commit: None })
    }

    fn with_run<T>(policy: Policy, tokens: u64, test: impl FnOnce(&Run<'_>) -> T) -> T {
        let scanned = Scanned { findings: findings(tokens), ..Scanned::default() };
        let judges = [Judge::from(policy)];
        test(&Run {
            ended: 1_795_315_047,
            version: "0.1.0",
            repository: Path::new("/repo"),
            stage: "pre-commit",
            scope: Some(Scope::Staged),
            scanned: &scanned,
            policies: &[&judges[0].policy],
            verdict: &Verdict::of(&scanned, &judges, "2026-01-01".parse().unwrap(), "pre-commit"),
        })
    }

    #[test]
    fn each_run_adds_one_line_of_json_without_a_secret_part() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("audit.jsonl");
        let policy = || policy(&format!("file = '{}'", file.display()));
        for tokens in [2, 0] {
            let failures = with_run(policy(), tokens, record);
            assert!(failures.is_empty(), "{failures:?}");
        }
        let text = fs::read_to_string(&file).unwrap();
        let lines: Vec<serde_json::Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0]["time"], "2026-11-22T02:37:27Z");
        assert_eq!(lines[0]["verdict"], "blocks");
        assert_eq!((&lines[0]["stage"], &lines[0]["scope"]), (&"pre-commit".into(), &"staged".into()));
        assert_eq!(lines[0]["policy"], policy().digest());
        let token = specimen(&KINDS[0], 1);
        assert_eq!(lines[0]["findings"][1]["identifier"], token.identifier().unwrap());
        assert_eq!(lines[0]["findings"][1]["verdict"], "blocks");
        assert_eq!(lines[1]["findings"].as_array().unwrap().len(), 0);
        assert!(!text.contains(token.secret()));
    }

    #[test]
    fn what_cannot_be_written_is_reported_and_never_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        for path in [folder.path().to_path_buf(), folder.path().join("none/audit.jsonl")] {
            let policy = policy(&format!("file = '{}'\nrequired = true", path.display()));
            let failures = with_run(policy, 0, record);
            assert!(failures[0].required && failures[0].place == "p.toml:3", "{failures:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn the_systems_log_gets_the_line_in_one_datagram() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let log = std::os::unix::net::UnixDatagram::bind(&path).unwrap();
        let policy = || policy("syslog = true");
        let sockets = ["/nonexistent/log", path.to_str().unwrap()];
        with_run(policy(), 1, |run| send_to_syslog(&sockets, run).unwrap());
        let mut buffer = [0; SYSLOG_LONGEST];
        let length = log.recv(&mut buffer).unwrap();
        let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
        assert!(text.starts_with("<36>dtguard[") && text.ends_with('}'), "{text}");
        with_run(policy(), 1, |run| assert!(send_to_syslog(&sockets[..1], run).is_err()));
    }

    #[cfg(unix)]
    #[test]
    fn a_line_for_the_systems_log_is_cut_to_what_the_log_takes() {
        let policy = || policy("syslog = true");
        let message = with_run(policy(), 200, message);
        assert!(message.len() < SYSLOG_LONGEST + 40 && message.starts_with("<36>dtguard["), "{message}");
        let json: serde_json::Value = serde_json::from_str(message.split_once(": ").unwrap().1).unwrap();
        let kept = json["findings"].as_array().unwrap().len() as u64;
        assert!(kept > 5 && kept + json["left_out"].as_u64().unwrap() == 200);
        assert!(with_run(policy(), 0, super::message).starts_with("<37>"));
    }
}
