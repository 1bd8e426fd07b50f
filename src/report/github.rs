//! Output for GitHub workflows: annotations on the lines of a change, and the summary of a job.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::sanitize::is_unsafe;
use super::summary::summary;
use super::text::{
    advises, file_and_line, gap_name, gap_reason, gap_title, gap_way_out, headline, kinds, masked_text,
    opens, remarks, revocations, spot, titled,
};
use super::{Report, RunInfo};
use crate::finding::Finding;
use crate::token::Kind;
use crate::verdict::Outcome;

/// How many findings and gaps a summary lists: GitHub drops one of more than 1 MiB.
const LISTED: usize = 200;

/// Writes an annotation for each blocking finding and each gap, then a notice with the summary.
pub(super) fn write(out: &mut impl Write, report: &Report<'_>) -> io::Result<()> {
    for (finding, _) in &report.judged.blocking {
        let place = &finding.place;
        let file = match file_and_line(place) {
            Some((path, Some(line))) => {
                format!("file={},line={line},col={},", property(&masked_text(path)), place.column)
            }
            Some((path, None)) => format!("file={},", property(&masked_text(path))),
            None => String::new(),
        };
        let title = property(&titled(finding.kind, "Dynatrace token"));
        let text = format!(
            "{}, {}. {} {} dtguard explain {}",
            headline(finding),
            spot(place, masked_text),
            opens(finding.kind, "It opens:"),
            advises(finding.kind, "How to revoke it:"),
            finding.identifier.as_deref().unwrap_or(finding.kind.id),
        );
        let level = if report.enforced_from.is_some() { "warning" } else { "error" };
        writeln!(out, "::{level} {file}title={title}::{}", data(&text))?;
    }
    for gap in report.gaps {
        let level = if report.is_blocked_by(gap) { "error" } else { "warning" };
        let file = match gap.path.as_slice() {
            [] => String::new(),
            path => format!("file={},", property(&masked_text(path))),
        };
        let what = if gap.is_unreadable() { "cannot be read" } else { "was not scanned" };
        let (name, way_out) = (masked_text(&gap_name(gap)), gap_way_out(gap));
        let text = format!("{name} {what}: {}{way_out}", gap_reason(gap));
        writeln!(out, "::{level} {file}title={}::{}", gap_title(gap), data(&text))?;
    }
    for (is_error, text) in remarks(report) {
        writeln!(out, "::{}::{}", if is_error { "error" } else { "warning" }, data(&text))?;
    }
    writeln!(out, "::notice::{}", data(&summary(report)))
}

/// `text` as the data of a workflow command. GitHub decodes `%25`, `%0D` and `%0A`; control
/// characters are escaped as in [`super::sanitize`].
fn data(text: &str) -> String {
    escape(text, &['%', '\r', '\n'])
}

/// `text` as a property of a workflow command, where `:` and `,` are special too.
fn property(text: &str) -> String {
    escape(text, &['%', '\r', '\n', ':', ','])
}

fn escape(text: &str, special: &[char]) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let code = u32::from(c);
        let _infallible = match c {
            c if special.contains(&c) => write!(out, "%{code:02X}"),
            // GitHub matches the path with a file of the repository.
            '\t' => out.write_char(c),
            c if is_unsafe(c) => write!(out, "\\u{{{code:x}}}"),
            c => out.write_char(c),
        };
    }
    out
}

/// Appends `report` as Markdown to the file that `$GITHUB_STEP_SUMMARY` names.
pub fn write_job_summary(out: &mut impl Write, report: &Report<'_>, run: &RunInfo<'_>) -> io::Result<()> {
    let blocking = &report.judged.blocking;
    let verdict = match run.outcome {
        Outcome::Passes if report.enforced_from.is_some() => "nothing blocks yet",
        Outcome::Passes => "nothing blocks",
        Outcome::Blocks => "blocked",
        Outcome::Incomplete => "blocked, could not scan everything",
        Outcome::Interrupted => "interrupted",
    };
    writeln!(out, "## dtguard: {verdict}\n\n{}\n", literal(&summary(report)))?;
    for (_, text) in remarks(report) {
        writeln!(out, "{}.\n", literal(&text))?;
    }
    if !blocking.is_empty() {
        writeln!(out, "| kind | severity | token | file | place |\n|---|---|---|---|---|")?;
        for (finding, _) in blocking.iter().take(LISTED) {
            writeln!(out, "{}", row(finding))?;
        }
        write_more(out, blocking.len())?;
        kinds(report).into_iter().try_for_each(|kind| write_kind(out, kind))?;
    }
    if !report.gaps.is_empty() {
        let unread = if report.count_unreadable() > 0 { "Not read or not scanned" } else { "Not scanned" };
        writeln!(out, "### {unread}\n")?;
        for gap in report.gaps.iter().take(LISTED) {
            writeln!(out, "- {} ({})", code(&masked_text(&gap_name(gap))), literal(&gap_reason(gap)))?;
        }
        write_more(out, report.count_gaps())?;
    }
    Ok(())
}

fn row(finding: &Finding) -> String {
    let file = file_and_line(&finding.place).map(|(path, _)| code(&masked_text(path))).unwrap_or_default();
    format!(
        "| {} | {} | {} | {file} | {} |",
        literal(finding.kind.name),
        finding.kind.severity,
        code(&finding.allow_name()),
        literal(&spot(&finding.place, masked_text)),
    )
}

fn write_kind(out: &mut impl Write, kind: &Kind) -> io::Result<()> {
    let (name, opens) = (literal(kind.name), literal(kind.opens));
    let opens = if kind.is_rule() { opens } else { format!("Opens: {opens}") };
    let revoke = advises(kind, "Revoke each one that ever left a machine:");
    writeln!(out, "### {name}\n\n{opens}\n\n{revoke}\n")?;
    for way in revocations(kind, None) {
        writeln!(out, "- {}", code(&way))?;
    }
    writeln!(out)
}

fn write_more(out: &mut impl Write, all: usize) -> io::Result<()> {
    match all.saturating_sub(LISTED) {
        0 => writeln!(out),
        more => writeln!(out, "\n... and {more} more.\n"),
    }
}

fn code(text: &str) -> String {
    format!("<code>{}</code>", literal(text))
}

/// `text` as literal Markdown: every special character becomes an entity.
fn literal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let code = u32::from(c);
        let _infallible = match c {
            // GitHub matches the path with a file of the repository, tabs included.
            ' ' | '/' | '.' | ',' | '-' | '(' | ')' | '\t' => out.write_char(c),
            c if is_unsafe(c) => write!(out, "&#92;u&#123;{code:x}&#125;"),
            c if c.is_ascii_punctuation() => write!(out, "&#{code};"),
            c => out.write_char(c),
        };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_of_a_file_ends_a_workflow_command_or_begins_another() {
        assert_eq!(property("a:b,c%0A\r\n::error::x"), "a%3Ab%2Cc%250A%0D%0A%3A%3Aerror%3A%3Ax");
        assert_eq!(data("a:b,c%\r\n\u{1b}"), "a:b,c%25%0D%0A\\u{1b}");
    }

    #[test]
    fn no_name_of_a_file_is_markdown() {
        assert_eq!(
            literal("a|b`c`<img>_d_\n[x](y)&"),
            "a&#124;b&#96;c&#96;&#60;img&#62;&#95;d&#95;&#92;u&#123;a&#125;&#91;x&#93;(y)&#38;"
        );
    }
}
