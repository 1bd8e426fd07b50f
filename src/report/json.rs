//! dtguard's own format, `docs/json.md`. What is written is decided here, apart
//! from what the program works with: a field that changes its meaning raises
//! [`VERSION`].

use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use super::safe_json::{self, Each};
use super::text::{date_time, masked_bytes, masked_text};
use super::{Report, RunInfo};
use crate::find::mask;
use crate::finding::{Finding, History, Part};
use crate::policy::Entry;
use crate::scan::Gap;

/// The format's version. Fields may be added without raising it.
const VERSION: u32 = 1;

/// Writes `report` as JSON.
pub(super) fn write(out: &mut impl Write, report: &Report<'_>, run: &RunInfo<'_>) -> io::Result<()> {
    let (coverage, judged) = (report.coverage, &report.judged);
    let document = Document {
        version: VERSION,
        tool: Tool { name: "dtguard", version: run.version },
        started: zulu(run.started),
        ended: zulu(run.ended),
        scope: ScopeObject { kind: report.scope.name(), commits: report.scope.commits() },
        policy_file: mask(report.policy_file),
        verdict: run.outcome.name(),
        exit_code: run.outcome.exit_code(),
        enforced_from: report.enforced_from.map(|day| day.to_string()),
        counts: Counts {
            blocking: judged.blocking.len(),
            allowed: judged.allowed,
            fillers: judged.fillers,
            passed: judged.passed,
            gaps: report.count_gaps(),
            unreadable: report.count_unreadable(),
        },
        coverage: CoverageObject {
            files: coverage.files,
            lines: coverage.lines,
            lines_at_most: coverage.lines_at_most,
            bytes: coverage.bytes,
            submodules: coverage.submodules,
            unreachable: coverage.unreachable,
            gaps_block: report.unread_blocks,
            gaps: Each(report.gaps.iter().map(GapObject::new)),
        },
        findings: Each(judged.blocking.iter().map(|(finding, entry)| FindingObject::new(finding, *entry))),
        passing: Each(judged.passing.iter().map(|(finding, entry)| FindingObject::new(finding, *entry))),
    };
    safe_json::write(out, &document)
}

#[derive(Serialize)]
struct Document<'a, G, F, P> {
    version: u32,
    tool: Tool<'a>,
    started: Option<String>,
    ended: Option<String>,
    scope: ScopeObject,
    policy_file: String,
    verdict: &'static str,
    exit_code: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    enforced_from: Option<String>,
    counts: Counts,
    coverage: CoverageObject<G>,
    findings: F,
    passing: P,
}

#[derive(Serialize)]
struct Tool<'a> {
    name: &'static str,
    version: &'a str,
}

#[derive(Serialize)]
struct ScopeObject {
    kind: &'static str,
    commits: Option<usize>,
}

#[derive(Serialize)]
struct Counts {
    blocking: usize,
    allowed: usize,
    fillers: usize,
    passed: usize,
    gaps: usize,
    unreadable: usize,
}

#[derive(Serialize)]
struct CoverageObject<G> {
    files: usize,
    lines: usize,
    lines_at_most: bool,
    bytes: u64,
    submodules: usize,
    unreachable: usize,
    gaps_block: bool,
    gaps: G,
}

#[derive(Serialize)]
struct GapObject {
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    path_bytes: Option<String>,
    member: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    member_bytes: Option<String>,
    part: &'static str,
    commit: Option<String>,
    object: Option<String>,
    unreadable: bool,
    reason: String,
    hint: Option<String>,
}

#[derive(Serialize)]
struct FindingObject<'a> {
    kind: &'static str,
    kind_name: &'static str,
    severity: String,
    certainty: &'static str,
    identifier: Option<&'a str>,
    fingerprint: String,
    allow_name: String,
    part: &'static str,
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path_bytes: Option<String>,
    line: usize,
    column: usize,
    commit: Option<String>,
    member: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    member_bytes: Option<String>,
    encodings: Vec<&'static str>,
    history: Option<HistoryObject>,
    allow_entry: Option<EntryObject>,
}

#[derive(Serialize)]
struct HistoryObject {
    author_date: Option<String>,
    versions: usize,
    in_tip: bool,
    staged: bool,
    refs: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refs_bytes: Option<Vec<String>>,
}

#[derive(Serialize)]
struct EntryObject {
    place: String,
    reason: String,
    owner: Option<String>,
    expires: Option<String>,
}

impl GapObject {
    fn new(gap: &Gap) -> Self {
        let member = Some(gap.member()).filter(|member| !member.is_empty());
        Self {
            path: masked_text(&gap.path),
            path_bytes: bytes_unless_text(&gap.path),
            member: member.map(masked_text),
            member_bytes: member.and_then(bytes_unless_text),
            part: part(gap.part),
            commit: gap.commit.map(|commit| commit.to_string()),
            object: gap.object().map(|object| object.to_string()),
            unreadable: gap.is_unreadable(),
            reason: mask(&gap.reason()),
            hint: Some(gap.hint()).filter(|hint| !hint.is_empty()).map(mask),
        }
    }
}

impl<'a> FindingObject<'a> {
    fn new(finding: &'a Finding, entry: Option<&Entry>) -> Self {
        let place = &finding.place;
        let path = Some(place.path.as_slice()).filter(|path| !path.is_empty());
        Self {
            kind: finding.kind.id,
            kind_name: finding.kind.name,
            severity: finding.kind.severity.to_string(),
            certainty: finding.certainty.name(),
            identifier: finding.identifier.as_deref(),
            fingerprint: finding.fingerprint.to_string(),
            allow_name: finding.allow_name(),
            part: part(place.part),
            path: path.map(masked_text),
            path_bytes: path.and_then(bytes_unless_text),
            line: place.line.get(),
            column: place.column.get(),
            commit: place.commit.map(|commit| commit.to_string()),
            member: place.member.as_deref().map(masked_text),
            member_bytes: place.member.as_deref().and_then(bytes_unless_text),
            encodings: finding.encodings.as_slice().iter().map(|encoding| encoding.name()).collect(),
            history: finding.history.as_deref().map(HistoryObject::new),
            allow_entry: entry.map(EntryObject::new),
        }
    }
}

impl HistoryObject {
    fn new(history: &History) -> Self {
        let all_text = history.refs.iter().all(|name| std::str::from_utf8(name).is_ok());
        Self {
            author_date: history.author_date.and_then(zulu),
            versions: history.versions,
            in_tip: history.in_tip,
            staged: history.staged,
            refs: history.refs.iter().map(|name| masked_text(name)).collect(),
            refs_bytes: (!all_text).then(|| history.refs.iter().map(|name| base64(name)).collect()),
        }
    }
}

impl EntryObject {
    fn new(entry: &Entry) -> Self {
        Self {
            place: mask(&entry.stated_at),
            reason: mask(&entry.reason),
            owner: entry.owner.as_deref().map(mask),
            expires: entry.expires.map(|last| last.to_string()),
        }
    }
}

fn part(part: Part) -> &'static str {
    match part {
        Part::Content => "content",
        Part::Path => "path",
        Part::CommitMessage => "commit-message",
        Part::TagMessage => "tag-message",
    }
}

/// With the `Z` of UTC.
fn zulu(seconds: i64) -> Option<String> {
    date_time(seconds).map(|text| text + "Z")
}

/// What text cannot say of `name`: its bytes, where they are not UTF-8.
fn bytes_unless_text(name: &[u8]) -> Option<String> {
    std::str::from_utf8(name).is_err().then(|| base64(name))
}

fn base64(name: &[u8]) -> String {
    STANDARD.encode(masked_bytes(name))
}
