//! dtguard's own format, `docs/json.md`. It is defined here, apart from the program's own
//! types. A field that changes its meaning raises [`VERSION`].

use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::Value;

use super::safe_json::{self, Each};
use super::text::{masked_bytes, masked_text, zulu};
use super::{Report, RepositoryInfo, RunInfo};
use crate::find::mask;
use crate::finding::{Finding, History};
use crate::policy::Entry;
use crate::scan::Gap;

/// The format's version. Fields may be added without raising it.
const VERSION: u32 = 1;

/// Writes `report` as JSON.
pub(super) fn write(out: &mut impl Write, report: &Report<'_>, run: &RunInfo<'_>) -> io::Result<()> {
    let (coverage, judged) = (report.coverage, &report.judged);
    let head = object! {
        "version": VERSION,
        "tool": object! { "name": "dtguard", "version": run.version },
        "started": zulu(run.started),
        "ended": zulu(run.ended),
        "repository": run.repository.map(repository),
        "scope": object! { "kind": report.scope.name(), "commits": report.scope.commits() },
        "policy_file": mask(report.policy_file),
        "verdict": run.outcome.name(),
        "exit_code": run.outcome.exit_code(),
        "enforced_from": report.enforced_from.map(|day| day.to_string()),
        "counts": object! {
            "blocking": judged.blocking.len(),
            "allowed": judged.allowed,
            "fillers": judged.fillers,
            "passed": judged.passed,
            "gaps": report.count_gaps(),
            "unreadable": report.count_unreadable(),
        },
        "coverage": object! {
            "files": coverage.files,
            "lines": coverage.lines,
            "lines_at_most": coverage.lines_at_most,
            "bytes": coverage.bytes,
            "submodules": coverage.submodules,
            "unreachable": coverage.unreachable,
            "gaps_block": report.unread_blocks,
            "gaps": report.gaps.iter().map(gap).collect::<Vec<_>>(),
        },
    };
    let document = Document {
        head: optional(optional(head, "enforced_from"), "repository"),
        findings: Each(judged.blocking.iter().map(|(one, entry)| finding(one, *entry))),
        passing: Each(judged.passing.iter().map(|(one, entry)| finding(one, *entry))),
    };
    safe_json::write(out, &document)
}

fn repository(repository: &RepositoryInfo) -> Value {
    object! { "name": mask(&repository.name), "head": repository.head.map(|id| id.to_string()) }
}

#[derive(Serialize)]
struct Document<F, P> {
    #[serde(flatten)]
    head: Value,
    findings: F,
    passing: P,
}

fn gap(gap: &Gap) -> Value {
    let member = Some(gap.member()).filter(|member| !member.is_empty());
    let object = object! {
        "path": masked_text(&gap.path),
        "path_bytes": bytes_unless_text(&gap.path),
        "member": member.map(masked_text),
        "member_bytes": member.and_then(bytes_unless_text),
        "part": gap.part.name(),
        "commit": gap.commit.map(|commit| commit.to_string()),
        "object": gap.object().map(|object| object.to_string()),
        "unreadable": gap.is_unreadable(),
        "reason": mask(&gap.reason()),
        "hint": Some(gap.hint()).filter(|hint| !hint.is_empty()).map(mask),
    };
    optional(object, "_bytes")
}

fn finding(finding: &Finding, entry: Option<&Entry>) -> Value {
    let Finding { kind, place, .. } = finding;
    let path = Some(place.path.as_slice()).filter(|path| !path.is_empty());
    let object = object! {
        "kind": kind.id,
        "kind_name": kind.name,
        "severity": kind.severity.to_string(),
        "certainty": finding.certainty.name(),
        "identifier": finding.identifier,
        "fingerprint": finding.fingerprint.to_string(),
        "allow_name": finding.allow_name(),
        "part": place.part.name(),
        "path": path.map(masked_text),
        "path_bytes": path.and_then(bytes_unless_text),
        "line": place.line,
        "column": place.column,
        "commit": place.commit.map(|commit| commit.to_string()),
        "member": place.member.as_deref().map(masked_text),
        "member_bytes": place.member.as_deref().and_then(bytes_unless_text),
        "inside": Some(place.inside.as_bytes()).filter(|inside| !inside.is_empty()).map(masked_text),
        "encodings": finding.encodings.as_slice().iter().map(|one| one.name()).collect::<Vec<_>>(),
        "history": finding.history.as_deref().map(history),
        "allow_entry": entry.map(allow_entry),
    };
    optional(object, "_bytes")
}

fn history(history: &History) -> Value {
    let refs = &history.refs;
    let all_text = refs.iter().all(|name| std::str::from_utf8(name).is_ok());
    let object = object! {
        "author_date": history.author_date.and_then(zulu),
        "versions": history.versions,
        "in_tip": history.in_tip,
        "staged": history.staged,
        "refs": refs.iter().map(|name| masked_text(name)).collect::<Vec<_>>(),
        "refs_bytes": (!all_text).then(|| refs.iter().map(|name| base64(name)).collect::<Vec<_>>()),
    };
    optional(object, "_bytes")
}

fn allow_entry(entry: &Entry) -> Value {
    object! {
        "place": mask(&entry.stated_at),
        "reason": mask(&entry.reason),
        "owner": entry.owner.as_deref().map(mask),
        "expires": entry.expires.map(|last| last.to_string()),
    }
}

/// `object` without the null fields whose names end in `ending`.
fn optional(mut object: Value, ending: &str) -> Value {
    if let Value::Object(fields) = &mut object {
        fields.retain(|name, value| !value.is_null() || !name.ends_with(ending));
    }
    object
}

/// `name` in base64 if it is not UTF-8, since JSON text cannot hold it.
fn bytes_unless_text(name: &[u8]) -> Option<String> {
    std::str::from_utf8(name).is_err().then(|| base64(name))
}

fn base64(name: &[u8]) -> String {
    STANDARD.encode(masked_bytes(name))
}
