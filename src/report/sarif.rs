//! SARIF 2.1.0, with what GitHub's code scanning requires.

use std::fmt::Write as _;
use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;

use super::safe_json::{self, Each, present};
use super::text::{
    advises, date_time, file_and_line, gap_line, headline, kinds, masked_bytes, masked_text, opens, page,
    remarks, revocations, spot, zulu,
};
use super::{Report, RunInfo};
use crate::find::mask;
use crate::finding::{Finding, Part, Place};
use crate::scan::Gap;
use crate::token::{Kind, Severity};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// The top of the repository.
const ROOT: &str = "%SRCROOT%";
/// The name of the fingerprint that identifies a token between runs, wherever it moves. The
/// number rises if its computation changes.
const TOKEN: &str = "dtguardToken/v1";

/// Writes `report` as SARIF. Allowed findings are only counted: GitHub ignores suppressions and
/// would open an alert for each.
pub(super) fn write(out: &mut impl Write, report: &Report<'_>, run: &RunInfo<'_>) -> io::Result<()> {
    let results = &report.judged.blocking;
    let level = if report.enforced_from.is_some() { "warning" } else { "error" };
    let kinds = kinds(report);
    let head = object! {
        "tool": object! { "driver": object! {
            "name": "dtguard",
            "version": run.version,
            "semanticVersion": run.version,
            "rules": kinds.iter().map(|kind| rule(kind)).collect::<Vec<_>>(),
        }},
        "invocations": [invocation(report, run)],
        "automationDetails": object! { "id": format!("dtguard/{}/", report.scope.name()) },
        "originalUriBaseIds": object! { ROOT: object! { "description": object! { "text": "The top of the repository." } } },
        "columnKind": "unicodeCodePoints",
        "properties": present(object! {
            "allowed": report.judged.allowed,
            "coverage": object! {
                "bytes": report.coverage.bytes,
                "files": report.coverage.files,
                "lines": report.coverage.lines,
            },
            "enforcedFrom": report.enforced_from.map(|day| day.to_string()),
            "fillers": report.judged.fillers,
            "passed": report.judged.passed,
            "policyFile": mask(report.policy_file),
        }),
    };
    let run = Run { head, results: Each(results.iter().map(|(finding, _)| result(&kinds, level, finding))) };
    safe_json::write(out, &Log { schema: SCHEMA, version: "2.1.0", runs: [run] })
}

#[derive(Serialize)]
struct Log<R> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<R>; 1],
}

#[derive(Serialize)]
struct Run<R> {
    #[serde(flatten)]
    head: Value,
    results: R,
}

fn rule(kind: &Kind) -> Value {
    let (level, severity) = match kind.severity {
        Severity::Critical => ("error", "9.5"),
        Severity::High => ("error", "8.0"),
        Severity::Medium => ("warning", "5.5"),
        Severity::Low => ("note", "2.0"),
        Severity::Info => ("note", "0.1"),
    };
    let ways = revocations(kind, None);
    let (opened, revoke) = (opens(kind, "Opens:"), advises(kind, "Revoke it:"));
    let text = format!("{opened} {revoke} {}", ways.join("; or: "));
    let list: String = ways.iter().map(|way| format!("\n- `{way}`")).collect();
    let markdown = format!("{}\n\n**{revoke}**\n{list}\n", opens(kind, "**Opens:**"));
    let full = if kind.is_rule() { ". " } else { " of Dynatrace. " };
    present(object! {
        "id": kind.id,
        "name": pascal(kind.id),
        "shortDescription": object! { "text": kind.name },
        "fullDescription": object! { "text": format!("{}{full}{}", kind.name, kind.opens) },
        "help": object! { "text": text, "markdown": markdown },
        "helpUri": page(kind),
        "defaultConfiguration": object! { "level": level },
        "properties": object! {
            "security-severity": severity,
            "precision": "high",
            "tags": ["security", "secret", "external/cwe/cwe-798"],
        },
    })
}

/// `dynatrace-platform-token` as `DynatracePlatformToken`.
fn pascal(id: &str) -> String {
    let words = id.split('-').filter_map(|word| {
        let mut letters = word.chars();
        Some(letters.next()?.to_ascii_uppercase().to_string() + letters.as_str())
    });
    words.collect()
}

fn result(kinds: &[&Kind], level: &str, finding: &Finding) -> Value {
    let place = &finding.place;
    let history = finding.history.as_deref().map(|history| {
        object! { "authorDate": history.author_date.and_then(date_time), "versions": history.versions, "inTip": history.in_tip }
    });
    present(object! {
        "ruleId": finding.kind.id,
        "ruleIndex": kinds.iter().position(|kind| *kind == finding.kind),
        "level": level,
        "message": object! { "text": headline(finding) + "." },
        "locations": [location(place)],
        "partialFingerprints": object! { TOKEN: format!("{}:{}", finding.kind.id, finding.fingerprint) },
        "properties": present(object! {
            "certainty": finding.certainty.name(),
            "identifier": finding.identifier,
            "fingerprint": finding.fingerprint.to_string(),
            "allowName": finding.allow_name(),
            "commit": place.commit.map(|commit| commit.to_string()),
            "member": place.member.as_deref().map(masked_text),
            "history": history,
        }),
    })
}

fn location(place: &Place) -> Value {
    let file = file_and_line(place);
    let artifact = artifact(match (file, place.part) {
        (Some((path, _)), _) => path,
        // Code scanning refuses a log that has a result without a file. git's own message file
        // stands for messages.
        (None, Part::TagMessage) => b".git/TAG_EDITMSG",
        (None, _) => b".git/COMMIT_EDITMSG",
    });
    let region = match file {
        // The file as a whole.
        Some((_, None)) => object! { "startLine": 1 },
        _ => object! { "startLine": place.line, "startColumn": place.column },
    };
    let whole = matches!(file, Some((_, Some(_)))) && place.inside.is_empty();
    present(object! {
        "physicalLocation": object! { "artifactLocation": artifact, "region": region },
        "message": (!whole).then(|| object! { "text": unlinked(&spot(place, masked_text)) }),
    })
}

/// A file, by its path from the top of the repository, or by its own path if it is elsewhere.
fn artifact(path: &[u8]) -> Value {
    let uri = percent(&masked_bytes(path));
    match path {
        [b'/', ..] => object! { "uri": format!("file://{uri}") },
        [drive, b':', b'/', ..] if drive.is_ascii_alphabetic() => {
            object! { "uri": format!("file:///{uri}") }
        }
        _ => object! { "uri": uri, "uriBaseId": ROOT },
    }
}

/// `path` as the path of a URI.
fn percent(path: &[u8]) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(byte) {
            out.push(char::from(*byte));
        } else {
            let _infallible = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// `text` for a message. Brackets would begin a link.
fn unlinked(text: &str) -> String {
    text.replace('\\', r"\\").replace('[', r"\[").replace(']', r"\]")
}

fn invocation(report: &Report<'_>, run: &RunInfo<'_>) -> Value {
    let remarks = remarks(report).into_iter().map(|(is_error, text)| {
        object! { "level": if is_error { "error" } else { "warning" }, "message": object! { "text": text + "." } }
    });
    let gaps = report.gaps.iter().map(|gap| notification(gap, report.is_blocked_by(gap)));
    let notifications: Vec<Value> = remarks.chain(gaps).collect();
    present(object! {
        "executionSuccessful": report.is_complete(run.outcome),
        "exitCode": run.outcome.exit_code(),
        "exitCodeDescription": run.outcome.name(),
        "startTimeUtc": zulu(run.started),
        "endTimeUtc": zulu(run.ended),
        "toolExecutionNotifications": notifications,
    })
}

fn notification(gap: &Gap, blocks: bool) -> Value {
    let location = || object! { "physicalLocation": object! { "artifactLocation": artifact(&gap.path) } };
    present(object! {
        "level": if blocks { "error" } else { "warning" },
        "message": object! { "text": unlinked(&gap_line(gap)) },
        "locations": (!gap.path.is_empty()).then(|| [location()]),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_uri_whatever_bytes_it_has() {
        let uri = |path: &[u8]| artifact(path)["uri"].as_str().unwrap().to_owned();
        assert_eq!(uri("a b/\u{e4}%c:d?#.env".as_bytes()), "a%20b/%C3%A4%25c%3Ad%3F%23.env");
        assert_eq!(uri(b"\xff\n"), "%FF%0A");
        assert_eq!(uri(b"/tmp/x"), "file:///tmp/x");
        assert_eq!(uri(b"C:/x"), "file:///C%3A/x");
        assert_eq!(artifact(b"/tmp/x")["uriBaseId"], Value::Null);
    }

    #[test]
    fn no_name_of_a_file_is_a_link() {
        assert_eq!(unlinked(r"app/[id](1)\x"), r"app/\[id\](1)\\x");
    }
}
