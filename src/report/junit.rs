//! JUnit's XML: a failed test for each finding, for CI systems that read no other format.

use std::io::{self, Write};

use super::markup::xml;
use super::summary::summary;
use super::text::{
    advises, date_time, file_and_line, gap_name, gap_reason, gap_way_out, headline, opens, remarks,
    revocations, spot,
};
use super::{Report, RunInfo, sanitize};
use crate::finding::Finding;
use crate::policy::Date;
use crate::scan::Gap;

/// Writes `report` as XML.
pub(super) fn write(out: &mut impl Write, report: &Report<'_>, run: &RunInfo<'_>) -> io::Result<()> {
    let (findings, gaps) = (report.judged.blocking.len(), report.gaps.len());
    let failures = if report.enforced_from.is_some() { 0 } else { findings };
    let remarks = remarks(report);
    let stopped = remarks.iter().filter(|(is_error, _)| *is_error).count();
    let errors = report.gaps.iter().filter(|gap| report.is_blocked_by(gap)).count();
    let skipped = gaps - errors + findings - failures;
    let (errors, skipped) = (errors + stopped, skipped + remarks.len() - stopped);
    let clean = usize::from(findings == 0 && errors == 0);
    let counts = format!(
        "tests=\"{}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\" time=\"{}\"",
        findings + clean + gaps + remarks.len(),
        run.ended.saturating_sub(run.started).max(0)
    );
    let timestamp = date_time(run.started).map(|time| format!(" timestamp=\"{time}\"")).unwrap_or_default();
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites name=\"dtguard\" {counts}>")?;
    writeln!(out, "  <testsuite name=\"dtguard {}\" {counts}{timestamp}>", report.scope.name())?;
    write_properties(out, report, run)?;
    for (finding, _) in &report.judged.blocking {
        write_finding(out, finding, report.enforced_from)?;
    }
    if clean > 0 {
        writeln!(out, "    <testcase classname=\"dtguard\" name=\"no Dynatrace token\"/>")?;
    }
    for (is_error, text) in &remarks {
        let result = if *is_error { "error" } else { "skipped" };
        writeln!(out, "    <testcase classname=\"dtguard\" name=\"everything was scanned\">")?;
        writeln!(out, "      <{result} message=\"{}\"/>\n    </testcase>", xml(text.as_bytes()))?;
    }
    for gap in report.gaps {
        write_gap(out, gap, if report.is_blocked_by(gap) { "error" } else { "skipped" })?;
    }
    writeln!(out, "    <system-out>{}</system-out>", xml(summary(report).as_bytes()))?;
    writeln!(out, "  </testsuite>\n</testsuites>")
}

fn write_properties(out: &mut impl Write, report: &Report<'_>, run: &RunInfo<'_>) -> io::Result<()> {
    let judged = &report.judged;
    writeln!(out, "    <properties>")?;
    for (name, value) in [
        ("version", run.version),
        ("policy", report.policy_file),
        ("verdict", run.outcome.name()),
        ("allowed", &judged.allowed.to_string()),
        ("fillers", &judged.fillers.to_string()),
        ("passed", &judged.passed.to_string()),
    ] {
        writeln!(out, "      <property name=\"{name}\" value=\"{}\"/>", xml(value.as_bytes()))?;
    }
    writeln!(out, "    </properties>")
}

fn write_finding(out: &mut impl Write, finding: &Finding, enforced_from: Option<Date>) -> io::Result<()> {
    let spot = spot(&finding.place, sanitize);
    let (class, file) = match file_and_line(&finding.place) {
        Some((path, line)) => {
            let line = line.map(|line| format!(" line=\"{line}\"")).unwrap_or_default();
            (xml(path), format!(" file=\"{}\"{line}", xml(path)))
        }
        None => ("message".to_owned(), String::new()),
    };
    let (headline, spot) = (xml(headline(finding).as_bytes()), xml(spot.as_bytes()));
    writeln!(out, "    <testcase classname=\"{class}\" name=\"{headline}, {spot}\"{file}>")?;
    if let Some(day) = enforced_from {
        return writeln!(out, "      <skipped message=\"would block from {day} on\"/>\n    </testcase>");
    }
    writeln!(out, "      <failure type=\"{}\" message=\"{headline}\">{class}: {spot}", finding.kind.id)?;
    writeln!(out, "Severity: {}", finding.kind.severity)?;
    writeln!(out, "Fingerprint: {}", finding.fingerprint)?;
    writeln!(out, "{}", xml(opens(finding.kind, "Opens:").as_bytes()))?;
    for way in revocations(finding.kind, finding.identifier.as_deref()) {
        writeln!(out, "{} {}", advises(finding.kind, "Revoke:"), xml(way.as_bytes()))?;
    }
    writeln!(out, "</failure>\n    </testcase>")
}

fn write_gap(out: &mut impl Write, gap: &Gap, unread: &str) -> io::Result<()> {
    let name = gap_name(gap);
    let class = if gap.path.is_empty() { xml(&name) } else { xml(&gap.path) };
    let can = if gap.is_unreadable() { "be read" } else { "be scanned" };
    writeln!(out, "    <testcase classname=\"{class}\" name=\"{} can {can}\">", xml(&name))?;
    let why = xml((gap_reason(gap) + &gap_way_out(gap)).as_bytes());
    writeln!(out, "      <{unread} message=\"{why}\"/>\n    </testcase>")
}
