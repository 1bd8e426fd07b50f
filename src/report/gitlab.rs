//! GitLab's report of secret detection. It holds no source text, because GitLab would show it
//! unmasked.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::safe_json::{self, Each, present};
use super::summary::summary;
use super::text::{
    advises, date_time, file_and_line, gap_line, headline, masked_text, opens, page, remarks, revocations,
    spot, titled, zulu,
};
use super::{Report, RunInfo};
use crate::finding::Finding;
use crate::token::Severity;

/// The version of GitLab's schema.
const VERSION: &str = "15.2.1";
/// Stands for the commit of uncommitted content: the schema requires one.
const NO_COMMIT: &str = "0000000000000000000000000000000000000000";

/// Writes the blocking findings of `report` as GitLab's JSON.
pub(super) fn write(out: &mut impl Write, report: &Report<'_>, run: &RunInfo<'_>) -> io::Result<()> {
    let document = Document {
        version: VERSION,
        scan: scan(report, run),
        vulnerabilities: Each(report.judged.blocking.iter().map(|(finding, _)| vulnerability(finding))),
    };
    safe_json::write(out, &document)
}

#[derive(Serialize)]
struct Document<V> {
    version: &'static str,
    scan: Value,
    vulnerabilities: V,
}

fn scan(report: &Report<'_>, run: &RunInfo<'_>) -> Value {
    let program = object! {
        "id": "dtguard",
        "name": "dtguard",
        "version": run.version,
        "vendor": object! { "name": "dtguard" },
    };
    let time = |seconds| date_time(seconds).unwrap_or_else(|| "1970-01-01T00:00:00".to_owned());
    let mut messages = vec![object! { "level": "info", "value": summary(report) }];
    let gaps = report.gaps.iter().map(|gap| (report.is_blocked_by(gap), gap_line(gap)));
    messages.extend(
        remarks(report).into_iter().chain(gaps).map(
            |(is_error, text)| object! { "level": if is_error { "fatal" } else { "warn" }, "value": text },
        ),
    );
    object! {
        "type": "secret_detection",
        "analyzer": program.clone(),
        "scanner": program,
        "start_time": time(run.started),
        "end_time": time(run.ended),
        "status": if report.is_complete(run.outcome) { "success" } else { "failure" },
        "messages": messages,
    }
}

fn vulnerability(finding: &Finding) -> Value {
    let Finding { kind, place, .. } = finding;
    let ways = revocations(kind, finding.identifier.as_deref());
    let solution = format!(
        "{} {}. Then take it out and let the program read it from the environment or a secret store.",
        advises(kind, "Revoke the token:"),
        ways.join("; or: ")
    );
    object! {
        "id": id(finding),
        "name": titled(kind, "Dynatrace"),
        "description": format!("{}. {}", headline(finding), opens(kind, "It opens:")),
        "severity": severity(kind.severity),
        "solution": solution,
        "identifiers": [
            present(object! {
                "type": "dtguard_kind",
                "name": format!("dtguard kind {}", kind.id),
                "value": kind.id,
                "url": page(kind),
            }),
            object! {
                "type": "dtguard_token",
                "name": format!("dtguard token {}", finding.allow_name()),
                "value": finding.fingerprint.to_string(),
            },
            object! {
                "type": "cwe",
                "name": "CWE-798",
                "value": "798",
                "url": "https://cwe.mitre.org/data/definitions/798.html",
            },
        ],
        "location": location(finding),
        "details": object! {
            "place": object! { "name": "Place", "type": "text", "value": spot(place, masked_text) },
            "fingerprint": object! { "name": "Fingerprint", "type": "text", "value": finding.fingerprint.to_string() },
        },
    }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "Critical",
        Severity::High => "High",
        Severity::Medium => "Medium",
        Severity::Low => "Low",
        Severity::Info => "Info",
    }
}

fn location(finding: &Finding) -> Value {
    let sha = finding.place.commit.map_or_else(|| NO_COMMIT.to_owned(), |commit| commit.to_string());
    let date = finding.history.as_ref().and_then(|history| zulu(history.author_date?));
    let (file, line) = match file_and_line(&finding.place) {
        Some((path, line)) => (Some(masked_text(path)), line.or(Some(1))),
        None => (None, None),
    };
    present(object! {
        "file": file,
        "start_line": line,
        "commit": present(object! { "sha": sha, "date": date }),
    })
}

/// An id that is the same for the same token at the same place in every run. It is a UUID of
/// version 8, whose content is free to choose.
fn id(finding: &Finding) -> String {
    let place = &finding.place;
    let mut digest = Sha256::new();
    let commit = place.commit.map(|commit| commit.to_string()).unwrap_or_default();
    let line = format!("{:?} {}:{}", place.part, place.line, place.column);
    let member = place.member.as_deref().unwrap_or_default();
    let fingerprint = finding.fingerprint.to_string();
    for part in [
        b"dtguard",
        finding.kind.id.as_bytes(),
        fingerprint.as_bytes(),
        &place.path,
        member,
        line.as_bytes(),
        commit.as_bytes(),
    ] {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(digest.finalize()).for_each(|(byte, drawn)| *byte = drawn);
    let number = u128::from_be_bytes(bytes);
    let number = number & !(0xf << 76) & !(0x3 << 62) | 0x8 << 76 | 0x2 << 62;
    let hex = format!("{number:032x}");
    let part = |from, to| hex.get(from..to).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}
