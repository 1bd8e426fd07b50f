//! The findings that all formats are tried with.

use std::num::NonZeroUsize;

use dtguard::find::{Missed, Position, Unread, find};
use dtguard::finding::{Finding, History, Origin, Part};
use dtguard::policy::Policy;
use dtguard::report::{Report, Scope};
use dtguard::scan::{Cause, Coverage, Gap, scan_name};
use dtguard::source::ObjectId;

use crate::support::token;

/// A path that is awkward wherever it is written: it breaks lines, closes quotes,
/// tags and sections, escapes, turns the writing direction and is not UTF-8.
pub const HOSTILE: &[u8] = b"a b/\n\r::error::x%0A,c:d;\"'<&>]]>\x1b[31m\x01\xe2\x80\xae\xff|`*.env";

/// What a run found, and the policy that judges it.
pub struct Fixture {
    pub policy: Policy,
    pub findings: Vec<Finding>,
    pub gaps: Vec<Gap>,
    /// How many further gaps there are.
    pub unlisted: usize,
    pub secrets: Vec<String>,
}

impl Fixture {
    /// A token that blocks, one that is allowed, a filler, and an archive's member
    /// that could not be read.
    pub fn small() -> Self {
        let mut fixture = Self::clean();
        fixture.find("dt0s16", 16, b"deploy/prod.env", None);
        let allowed = fixture.find("dt0s16", 1, b"docs/sample.md", None);
        let id = fixture.findings[allowed].identifier.clone().unwrap();
        fixture.policy = policy(&format!("id = \"{id}\"\nreason = \"from the manual\"\nowner = \"docs\""));
        let filler = format!("dt0c01.{}.{}", "X".repeat(24), "X".repeat(64));
        fixture.find_in(&format!("token: {filler}\n"), b"README.md", None);
        fixture.gaps.push(gap(b"backup.zip", b"old/secrets.txt", Unread::Encrypted));
        fixture
    }

    /// Nothing was found.
    pub fn clean() -> Self {
        Self {
            policy: Policy::default(),
            findings: Vec::new(),
            gaps: Vec::new(),
            unlisted: 0,
            secrets: Vec::new(),
        }
    }

    /// A token that an entry allowed until yesterday.
    pub fn expired() -> Self {
        let mut fixture = Self::clean();
        let index = fixture.find("dt0s16", 16, b"deploy/prod.env", None);
        let fingerprint = fixture.findings[index].fingerprint;
        fixture.policy =
            policy(&format!("fingerprint = \"{fingerprint}\"\nreason = \"r\"\nexpires = 2026-11-21"));
        fixture
    }

    /// Everything that a finding can be, at places that are hard to write down.
    pub fn hostile() -> Self {
        let mut fixture = Self::clean();
        let commit = ObjectId::from_hex(b"0123456789abcdef0123456789abcdef01234567");
        fixture.find("dt0c01", 1, HOSTILE, commit);
        let member = fixture.find("dt0s02", 2, HOSTILE, None);
        fixture.findings[member].place.member = Some(HOSTILE.to_vec());
        let message = fixture.find("dt0s16", 3, b"", commit);
        fixture.findings[message].place.part = Part::CommitMessage;
        let tag = fixture.find("dt0s16", 4, b"refs/tags/\xff\xe2\x80\xae", commit);
        fixture.findings[tag].place.part = Part::TagMessage;
        fixture.findings[tag].history = Some(Box::new(History {
            author_date: Some(-1),
            versions: 3,
            in_tip: true,
            staged: true,
            refs: vec![b"refs/heads/main".to_vec(), b"refs/tags/\xff\xe2\x80\xae".to_vec()],
        }));
        let far = fixture.find("dt0a01", 5, b"--option", None);
        fixture.findings[far].place.line = NonZeroUsize::MAX;
        fixture.findings[far].history = Some(Box::new(History {
            author_date: None,
            versions: 0,
            in_tip: false,
            staged: false,
            refs: Vec::new(),
        }));
        // A file that is named after a token, in UTF-8 and not.
        let named = fixture.token("dt0c01", 6);
        fixture.findings.extend(scan_name(format!("keys/{named}.txt").as_bytes(), None).findings);
        let path = [b"\xff/".as_slice(), named.as_bytes()].concat();
        fixture.findings.extend(scan_name(&path, None).findings);
        fixture.gaps.push(gap(HOSTILE, HOSTILE, Unread::Damaged));
        fixture.gaps.push(gap(&path, b"", Unread::TooDeep));
        // What git says quotes names that others chose.
        let reason = format!("{}{}", String::from_utf8_lossy(HOSTILE), fixture.token("dt0s16", 9));
        let cause = Cause::Unreadable { object: commit, reason: reason.clone(), hint: reason };
        fixture.gaps.push(Gap::new(HOSTILE, commit, cause.clone()));
        fixture.gaps.push(Gap::new(b"", commit, cause.clone()).of(Part::CommitMessage));
        fixture.gaps.push(Gap::new(b"", None, cause));
        fixture.unlisted = 17;
        // Allowed for a reason that should not have been written.
        let allowed = fixture.find("dt0e01", 7, HOSTILE, None);
        let fingerprint = fixture.findings[allowed].fingerprint;
        let typed = fixture.token("dt0e01", 8);
        fixture.policy = policy(&format!(
            "fingerprint = \"{fingerprint}\"\nreason = \"]]> \\u0001\\u202e\\n {typed}\"\nowner = \"{typed}\""
        ));
        fixture
    }

    fn token(&mut self, name: &str, seed: u64) -> String {
        let token = token(name, seed);
        self.secrets.push(token.secret().to_owned());
        token.text
    }

    /// Adds the finding of a generated token on the second line; gives its index.
    fn find(&mut self, name: &str, seed: u64, path: &[u8], commit: Option<ObjectId>) -> usize {
        let token = self.token(name, seed);
        self.find_in(&format!("# context that is no machine's business\nDT_TOKEN={token}\n"), path, commit)
    }

    fn find_in(&mut self, text: &str, path: &[u8], commit: Option<ObjectId>) -> usize {
        let all = find(text.as_bytes());
        let origin = Origin { path, commit };
        self.findings.extend(Finding::all(text.as_bytes(), Position::default(), &origin, &all, &all));
        self.findings.len() - 1
    }

    /// `text` with the number of its finding in place of what was generated.
    pub fn anonymous(&self, text: &str) -> String {
        self.findings.iter().enumerate().fold(text.to_owned(), |text, (number, finding)| {
            text.replace(&finding.fingerprint.to_string(), &format!("FINGERPRINT{number}"))
                .replace(finding.identifier.as_deref().unwrap(), &format!("ID{number}"))
        })
    }

    pub fn report(&self, scope: Scope) -> Report<'_> {
        let judged = self.policy.judge_all(&self.findings, "2026-11-22".parse().unwrap());
        Report {
            is_scan: false,
            unstaged_policy_allows: false,
            scope,
            coverage: Coverage { files: 7, lines: 42, bytes: 4711, ..Coverage::default() },
            gaps: &self.gaps,
            unlisted: self.unlisted,
            unread_blocks: false,
            // It is small and lives as long as the tests.
            judged: Box::leak(Box::new(judged)),
            policy_file: ".dtguard.toml",
            verbose: false,
            interrupted: false,
            enforced_from: None,
        }
    }
}

fn policy(entry: &str) -> Policy {
    Policy::parse(".dtguard.toml", &format!("version = 1\n[[allow]]\n{entry}\n")).unwrap()
}

fn gap(path: &[u8], member: &[u8], why: Unread) -> Gap {
    Gap::new(path, None, Cause::Unread(Missed { member: member.to_vec(), why }))
}
