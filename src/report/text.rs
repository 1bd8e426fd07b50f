//! Texts that several formats share.

use super::{Report, sanitize};
use crate::find::{find, mask, masked};
use crate::finding::{Finding, Part, Place};
use crate::policy::Date;
use crate::scan::Gap;
use crate::token::Kind;

/// `bytes` with the secret part of every token masked, because a file may be named after one.
pub(super) fn masked_bytes(bytes: &[u8]) -> Vec<u8> {
    masked(bytes, 0..bytes.len(), &find(bytes))
}

/// [`masked_bytes`] as text. U+FFFD replaces bytes outside UTF-8.
pub(super) fn masked_text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&masked_bytes(bytes)).into_owned()
}

/// `1 file`, `2 files`, `2 entries`.
pub fn count(number: usize, noun: &str) -> String {
    match noun.strip_suffix('y') {
        _ if number == 1 => format!("1 {noun}"),
        Some(stem) => format!("{number} {stem}ies"),
        None => format!("{number} {noun}s"),
    }
}

/// `1,234,567`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Where a finding is, for people.
pub(super) fn place(finding: &Finding) -> String {
    let place = &finding.place;
    let encodings = &finding.encodings;
    let inside = shortened(&sanitize(place.inside.as_bytes()));
    let encoding = match (inside.is_empty(), encodings.is_plain()) {
        (true, true) => String::new(),
        (true, false) => format!(" (in {encodings})"),
        (false, true) => format!(" ({inside})"),
        (false, false) => format!(" ({inside}; in {encodings})"),
    };
    let commit = place.commit.map(|commit| format!("commit {:.12} ", commit.to_string())).unwrap_or_default();
    let path = sanitize(&place.path);
    let member = place.member.as_ref().filter(|member| !member.is_empty());
    let (line, column) = (place.line, place.column);
    match (place.part, member) {
        (Part::Path, _) if finding.encodings.is_plain() => format!("{commit}{path} (its name)"),
        // Such a path may be all mask.
        (Part::Path, _) => {
            let (length, encodings) = (place.path.len(), &finding.encodings);
            format!("{commit}{path} (its name of {length} bytes, in {encodings})")
        }
        (Part::CommitMessage, _) => format!("{commit}message:{line}:{column}{encoding}"),
        (Part::TagMessage, _) => format!("tag {path} message:{line}:{column}{encoding}"),
        (Part::Content, Some(member)) => {
            format!("{commit}{path}!/{}:{line}:{column}{encoding}", sanitize(member))
        }
        (Part::Content, None) => format!("{commit}{path}:{line}:{column}{encoding}"),
    }
}

/// `inside` with only its first and last parts if it has many, as in mails that forward mails.
fn shortened(inside: &str) -> String {
    let parts: Vec<&str> = inside.split(", ").collect();
    match (parts.first_chunk::<2>(), parts.last_chunk::<2>()) {
        (Some(first), Some(last)) if parts.len() > 6 => {
            format!("{}, ..., {}", first.join(", "), last.join(", "))
        }
        _ => inside.to_owned(),
    }
}

/// A finding in a few words, without its place. No text in it comes from the scanned file.
pub(super) fn headline(finding: &Finding) -> String {
    let identifier = finding.identifier.as_ref().map(|id| format!(" {id}")).unwrap_or_default();
    let encodings = &finding.encodings;
    let written = if encodings.is_plain() { String::new() } else { format!(", in {encodings}") };
    format!("{}{identifier} ({}{written})", finding.kind.name, finding.certainty)
}

/// The file that holds `place`, and its line. No line for a member or a path, no file for a
/// message.
pub(super) fn file_and_line(place: &Place) -> Option<(&[u8], Option<usize>)> {
    match place.part {
        Part::Content if place.member.is_none() => Some((&place.path, Some(place.line.get()))),
        Part::Content | Part::Path => Some((&place.path, None)),
        Part::CommitMessage | Part::TagMessage => None,
    }
}

/// The position of a finding in its file or message. `escape` writes the member's name.
pub(super) fn spot(place: &Place, escape: impl Fn(&[u8]) -> String) -> String {
    let (line, column) = (place.line, place.column);
    let commit = place.commit.map(|commit| format!(" of {commit}")).unwrap_or_default();
    let inside = escape(place.inside.as_bytes());
    let inside = if inside.is_empty() { inside } else { format!(", {inside}") };
    match (place.part, &place.member) {
        (Part::Path, _) => "its name".to_owned(),
        (Part::CommitMessage, _) => format!("commit message{commit}, line {line}, column {column}"),
        (Part::TagMessage, _) => {
            format!("tag message of {}, line {line}, column {column}", escape(&place.path))
        }
        (Part::Content, Some(member)) if !member.is_empty() => {
            format!("member {}, line {line}, column {column}{inside}", escape(member))
        }
        (Part::Content, Some(_)) => format!("unpacked line {line}, column {column}{inside}"),
        (Part::Content, None) => format!("line {line}, column {column}{inside}"),
    }
}

/// The name of a gap: its file, and the member behind `!/`; a message by its commit; an object
/// without a path by its id.
pub(super) fn gap_name(gap: &Gap) -> Vec<u8> {
    let between: &[u8] = if gap.member().is_empty() { b"" } else { b"!/" };
    match (gap.part, gap.commit, gap.object()) {
        (Part::CommitMessage, Some(commit), _) if gap.is_unreadable() => {
            format!("commit {commit}").into_bytes()
        }
        (Part::CommitMessage, Some(commit), _) => format!("message of {commit}").into_bytes(),
        (Part::CommitMessage, None, _) => b"message".to_vec(),
        (Part::TagMessage, ..) => [b"message of ", gap.path.as_slice()].concat(),
        (Part::Content, _, Some(object)) if gap.path.is_empty() => format!("object {object}").into_bytes(),
        (Part::Content, ..) if gap.path.is_empty() && gap.member().is_empty() => b"the repository".to_vec(),
        _ => [&gap.path, between, gap.member()].concat(),
    }
}

/// A gap in one line: title, name, reason and way out.
pub(super) fn gap_line(gap: &Gap) -> String {
    let (title, name) = (gap_title(gap), masked_text(&gap_name(gap)));
    format!("{title}: {name} ({}){}", gap_reason(gap), gap_way_out(gap))
}

/// What kind of gap it is.
pub(super) fn gap_title(gap: &Gap) -> &'static str {
    if gap.is_unreadable() { "Not read" } else { "Not scanned" }
}

/// The reason of a gap: its commit and [`gap_cause`].
pub(super) fn gap_reason(gap: &Gap) -> String {
    let commit = gap.commit.filter(|_| gap.part != Part::CommitMessage);
    let commit = commit.map(|commit| format!("commit {:.12}, ", commit.to_string())).unwrap_or_default();
    commit + &gap_cause(gap)
}

/// How to fix a gap; appended to its reason.
pub(super) fn gap_way_out(gap: &Gap) -> String {
    let lines: Vec<&str> = gap.hint().lines().collect();
    if lines.is_empty() { String::new() } else { format!(". What to do: {}", mask(&lines.join(" "))) }
}

/// What could not be read, with the object if [`gap_name`] does not name it. Tokens in it are
/// masked.
pub(super) fn gap_cause(gap: &Gap) -> String {
    let name = if gap.part == Part::Path { "its name, " } else { "" };
    let object = gap.object().filter(|_| !gap.path.is_empty() || gap.part != Part::Content);
    let object = object.map(|object| format!("object {object}, ")).unwrap_or_default();
    format!("{name}{object}{}", mask(&gap.reason()))
}

/// The kinds of all blocking findings, each once.
pub(super) fn kinds(report: &Report<'_>) -> Vec<&'static Kind> {
    let mut kinds: Vec<&Kind> = Vec::new();
    for (finding, _) in &report.judged.blocking {
        if !kinds.contains(&finding.kind) {
            kinds.push(finding.kind);
        }
    }
    kinds
}

/// Remarks on what was not scanned, each with whether it is an error.
pub(super) fn remarks(report: &Report<'_>) -> Vec<(bool, String)> {
    let mut remarks = Vec::new();
    if report.interrupted {
        remarks.push((true, "Interrupted: only part of the input was scanned".to_owned()));
    }
    if report.unlisted > 0 {
        remarks.push((true, format!("Further objects and files that cannot be read: {}", report.unlisted)));
    }
    if report.coverage.unreachable > 0 {
        remarks.push((false, format!("Tokens in objects that no ref and no reflog reaches, which dtguard scan --history --unreachable lists: {}", report.coverage.unreachable)));
    }
    remarks
}

/// How many findings of these kinds there are: tokens of Dynatrace, each a `noun`, and what the
/// policy's rules forbid.
pub(super) fn count_kinds<'k>(kinds: impl IntoIterator<Item = &'k Kind>, noun: &str) -> String {
    let (mut tokens, mut forbidden) = (0, 0);
    kinds.into_iter().for_each(|kind| *(if kind.is_rule() { &mut forbidden } else { &mut tokens }) += 1);
    match (tokens, forbidden) {
        (_, 0) => count(tokens, noun),
        (0, _) => count(forbidden, "forbidden text"),
        _ => format!("{} and {}", count(tokens, noun), count(forbidden, "forbidden text")),
    }
}

/// What advice about `findings` calls them: a `text` if all are what rules forbid, else a `token`.
pub fn noun<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> &'static str {
    if findings.into_iter().all(|finding| finding.kind.is_rule()) { "text" } else { "token" }
}

/// The title of a finding of `kind`; a token is a `noun`.
pub(super) fn titled(kind: &Kind, noun: &str) -> String {
    format!("{}: {}", if kind.is_rule() { "Forbidden" } else { noun }, kind.name)
}

/// What a token of `kind` opens, or which rule forbids it. `says` introduces the former.
pub(super) fn opens(kind: &Kind, says: &str) -> String {
    if kind.is_rule() { kind.opens.to_owned() } else { format!("{says} {}", kind.opens) }
}

/// The words before the ways to revoke a token, `revoke`, or before a rule's advice.
pub(super) fn advises<'t>(kind: &Kind, revoke: &'t str) -> &'t str {
    if kind.is_rule() { "What to do:" } else { revoke }
}

/// The ways to revoke a token of `kind`, best first.
pub(super) fn revocations(kind: &Kind, identifier: Option<&str>) -> Vec<String> {
    let ways = kind.revoke.iter().map(|way| match way.scope() {
        Some(scope) => format!("{} (with a token that has the scope {scope})", way.describe(identifier)),
        None => way.describe(identifier),
    });
    ways.collect()
}

/// The page that best documents `kind`, if there is one.
pub(super) fn page(kind: &Kind) -> Option<String> {
    let source = kind.sources.iter().find(|source| !source.address.is_empty())?;
    Some(format!("https://{}", source.address))
}

/// The time `seconds` after the start of 1970, in UTC, in the form of RFC 3339:
/// `YYYY-MM-DDThh:mm:ssZ`.
pub fn utc(seconds: i64) -> String {
    let (date, second) = (Date::of_second(seconds), seconds.rem_euclid(86_400));
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{date}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Like [`utc`]; none for years that do not have four digits.
pub(super) fn zulu(seconds: i64) -> Option<String> {
    Some(utc(seconds)).filter(|text| text.len() == 20 && !text.starts_with('-'))
}

/// Like [`zulu`], without the `Z`.
pub(super) fn date_time(seconds: i64) -> Option<String> {
    zulu(seconds).and_then(|text| text.strip_suffix('Z').map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_become_date_and_time_where_four_digits_hold_the_year() {
        for (seconds, text) in [
            (0, Some("1970-01-01T00:00:00")),
            (-1, Some("1969-12-31T23:59:59")),
            (1_795_315_047, Some("2026-11-22T02:37:27")),
            (253_402_300_799, Some("9999-12-31T23:59:59")),
            (253_402_300_800, None),
            (-62_167_219_201, None),
            (i64::MAX, None),
            (i64::MIN, None),
        ] {
            assert_eq!(date_time(seconds).as_deref(), text, "{seconds}");
        }
    }
}
