//! What a compiled policy says about findings.

use globset::GlobMatcher;

use super::Date;
use super::file::Action;
use crate::find::Certainty;
use crate::finding::Finding;
use crate::token::Fingerprint;

/// A compiled policy.
#[derive(Debug, Default)]
pub struct Policy {
    pub(super) file: String,
    pub(super) entries: Vec<Entry>,
    /// Certainties whose action the file names.
    pub(super) actions: Vec<(Certainty, Action)>,
    /// Whether what could not be looked at blocks.
    pub(super) gaps_block: bool,
    /// Whether a push option lets a push through.
    pub(super) break_glass: bool,
}

/// An allow entry.
#[derive(Debug)]
pub struct Entry {
    pub(super) subject: Subject,
    /// Why it is allowed.
    pub reason: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The last day, in UTC, on which it holds.
    pub expires: Option<Date>,
    /// The file and line in which it stands.
    pub place: String,
}

/// What an entry allows.
#[derive(Debug)]
pub(super) enum Subject {
    Identifier(String),
    Fingerprint(Fingerprint),
    Path { glob: GlobMatcher, kinds: Vec<String> },
}

/// What a policy says about a finding.
#[derive(Debug)]
pub enum Verdict<'p> {
    /// It blocks; the entry that would have allowed it, had it not expired.
    Blocks(Option<&'p Entry>),
    /// An entry allows it.
    Allowed(&'p Entry),
    /// Its certainty passes.
    Passes,
}

/// Findings, judged.
#[derive(Debug, Default)]
pub struct Judged<'a> {
    /// What blocks, each with the expired entry that would have allowed it.
    pub blocking: Vec<(&'a Finding, Option<&'a Entry>)>,
    /// What passes, each with the entry that allows it; none where its certainty
    /// passes.
    pub passing: Vec<(&'a Finding, Option<&'a Entry>)>,
    /// How many an entry allows.
    pub allowed: usize,
    /// How many fillers pass.
    pub fillers: usize,
    /// How many others pass by their certainty.
    pub passed: usize,
}

impl Policy {
    /// What messages call the file.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Whether findings of this certainty block unless an entry allows them.
    pub fn blocks(&self, certainty: Certainty) -> bool {
        let action = self.actions.iter().find(|(named, _)| *named == certainty);
        action.map_or(certainty != Certainty::Filler, |(_, action)| *action == Action::Block)
    }

    /// Whether parts of archives that could not be looked at block.
    pub fn gaps_block(&self) -> bool {
        self.gaps_block
    }

    /// Whether whoever pushes here may have the push let through by giving a reason,
    /// which is recorded.
    pub fn grants_break_glass(&self) -> bool {
        self.break_glass
    }

    /// What the policy says about each of `findings` on the day `today`.
    pub fn judge_all<'a>(&'a self, findings: &'a [Finding], today: Date) -> Judged<'a> {
        let mut judged = Judged::default();
        for finding in findings {
            let entry = match self.judge(finding, today) {
                Verdict::Blocks(expired) => {
                    judged.blocking.push((finding, expired));
                    continue;
                }
                Verdict::Allowed(entry) => Some(entry),
                Verdict::Passes => None,
            };
            judged.passing.push((finding, entry));
            match entry {
                Some(_) => judged.allowed += 1,
                None if finding.certainty == Certainty::Filler => judged.fillers += 1,
                None => judged.passed += 1,
            }
        }
        judged
    }

    /// Whether `finding` does not block on the day `today`.
    pub fn lets_pass(&self, finding: &Finding, today: Date) -> bool {
        !matches!(self.judge(finding, today), Verdict::Blocks(_))
    }

    /// What the policy says about `finding` on the day `today`.
    pub fn judge(&self, finding: &Finding, today: Date) -> Verdict<'_> {
        if !self.blocks(finding.certainty) {
            return Verdict::Passes;
        }
        let mut expired = None;
        for entry in self.entries.iter().filter(|entry| entry.covers(finding)) {
            if entry.expires.is_some_and(|last| last < today) {
                expired = Some(entry);
            } else {
                return Verdict::Allowed(entry);
            }
        }
        Verdict::Blocks(expired)
    }
}

impl Entry {
    fn covers(&self, finding: &Finding) -> bool {
        match &self.subject {
            Subject::Identifier(id) => finding.identifier.as_ref() == Some(id),
            Subject::Fingerprint(fingerprint) => finding.fingerprint == *fingerprint,
            Subject::Path { glob, kinds } => {
                glob.is_match(as_path(&finding.place.path)) && kinds.iter().any(|name| means(finding, name))
            }
        }
    }
}

/// Whether a policy's `name` means the finding's kind: its id, or the prefix it has.
fn means(finding: &Finding, name: &str) -> bool {
    let other_prefix = finding
        .identifier
        .as_ref()
        .is_some_and(|identifier| !identifier.to_ascii_lowercase().starts_with(name));
    finding.kind.id == name || finding.kind.prefixes.contains(&name) && !other_prefix
}

#[cfg(unix)]
fn as_path(bytes: &[u8]) -> &std::path::Path {
    use std::os::unix::ffi::OsStrExt as _;
    std::path::Path::new(std::ffi::OsStr::from_bytes(bytes))
}

#[cfg(not(unix))]
fn as_path(bytes: &[u8]) -> std::path::PathBuf {
    String::from_utf8_lossy(bytes).into_owned().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::find::{Position, find};
    use crate::finding::Of;
    use crate::token::{KINDS, Kind, by_name, specimen};

    const TODAY: &str = "2026-06-15";

    fn finding(kind: &Kind, seed: u64, path: &str) -> Finding {
        let text = format!("DT_API_TOKEN={}", specimen(kind, seed).text);
        let all = find(text.as_bytes());
        let of = Of { path: path.as_bytes(), commit: None };
        Finding::all(text.as_bytes(), Position::default(), &of, &all, &all).remove(0)
    }

    fn judged(policy: &str, finding: &Finding) -> &'static str {
        let policy = Policy::parse("p.toml", &format!("version = 1\n{policy}")).unwrap();
        match policy.judge(finding, TODAY.parse().unwrap()) {
            Verdict::Blocks(None) => "blocks",
            Verdict::Blocks(Some(_)) => "expired",
            Verdict::Allowed(_) => "allowed",
            Verdict::Passes => "passes",
        }
    }

    #[test]
    fn an_entry_by_identifier_allows_that_token_and_no_other() {
        let (one, other) = (finding(&KINDS[0], 1, "a"), finding(&KINDS[0], 2, "a"));
        let policy = format!("[[allow]]\nid = \"{}\"\nreason = \"r\"", one.identifier.as_ref().unwrap());
        assert_eq!((judged(&policy, &one), judged(&policy, &other)), ("allowed", "blocks"));
    }

    #[test]
    fn an_entry_by_fingerprint_allows_that_token_and_no_other() {
        for kind in KINDS.iter().filter(|kind| !kind.prefixes.is_empty()) {
            let (one, other) = (finding(kind, 1, "a"), finding(kind, 2, "a"));
            let policy = format!("[[allow]]\nfingerprint = \"{}\"\nreason = \"r\"", one.fingerprint);
            assert_eq!(
                (judged(&policy, &one), judged(&policy, &other)),
                ("allowed", "blocks"),
                "{}",
                kind.id
            );
        }
    }

    #[test]
    fn an_entry_by_path_allows_its_kinds_below_its_path_only() {
        let access = by_name("dt0c01").unwrap();
        let seed_token = (0..)
            .map(|seed| finding(by_name("dt0g01").unwrap(), seed, "t/f/x"))
            .find(|f| f.identifier.as_ref().unwrap().starts_with("dt0g01"));
        let policy = "[[allow]]\npath = \"t/**\"\nkinds = [\"dt0c01\", \"dt0g02\"]\nreason = \"r\"";
        assert_eq!(judged(policy, &finding(access, 1, "t/f/x.env")), "allowed");
        assert_eq!(judged(policy, &finding(access, 1, "src/t/x.env")), "blocks");
        assert_eq!(judged(policy, &finding(by_name("dt0s16").unwrap(), 1, "t/x.env")), "blocks");
        assert_eq!(
            judged(policy, &seed_token.unwrap()),
            "blocks",
            "a prefix means that prefix, not its whole kind"
        );
        let star = policy.replace("t/**", "t/*");
        assert_eq!(judged(&star, &finding(access, 1, "t/f/x.env")), "blocks", "* does not cross a folder");
    }

    #[test]
    fn an_entry_holds_through_its_last_day_and_blocks_again_after_it() {
        let token = finding(&KINDS[0], 1, "a");
        for (last, verdict) in
            [("2026-06-15", "allowed"), ("2026-06-14", "expired"), ("2027-01-01", "allowed")]
        {
            let policy = format!(
                "[[allow]]\nfingerprint = \"{}\"\nreason = \"r\"\nexpires = {last}",
                token.fingerprint
            );
            assert_eq!(judged(&policy, &token), verdict, "{last}");
        }
    }

    #[test]
    fn certainties_block_as_the_table_says() {
        let token = finding(&KINDS[0], 1, "a");
        let with = |certainty| Finding { certainty, ..token.clone() };
        for certainty in Certainty::ALL {
            let usual = if certainty == Certainty::Filler { "passes" } else { "blocks" };
            assert_eq!(judged("", &with(certainty)), usual);
            if certainty != Certainty::Issued {
                assert_eq!(
                    judged(&format!("[certainty]\n{certainty} = \"pass\""), &with(certainty)),
                    "passes"
                );
            }
            assert_eq!(judged(&format!("[certainty]\n{certainty} = \"block\""), &with(certainty)), "blocks");
        }
    }
}
