//! Reports that no scan wrote, and where they are merged.

use std::fs;

use dtguard::token::Fingerprint;
use serde_json::{Value, json};

use crate::support::{DTGUARD, Ran, Repo, hermetic};

/// A folder with reports.
pub struct Reports {
    repo: Repo,
}

impl Reports {
    pub fn new() -> Self {
        Self { repo: Repo::unborn() }
    }

    pub fn put(&self, name: &str, content: impl AsRef<[u8]>) {
        self.repo.write(name, content);
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.repo.path.join(name)).unwrap()
    }

    pub fn path(&self, name: &str) -> std::path::PathBuf {
        self.repo.path.join(name)
    }

    /// Merges, always at the same time.
    pub fn merge(&self, arguments: &[&str]) -> Ran {
        self.with_input(arguments, "")
    }

    pub fn with_input(&self, arguments: &[&str], input: &str) -> Ran {
        let mut merge = hermetic(DTGUARD, &self.repo.path);
        merge.args(["report", "merge"]).args(arguments).env("SOURCE_DATE_EPOCH", "1795315047");
        Ran::fed(&mut merge, input)
    }

    /// The exit code and the merged document.
    pub fn json(&self, arguments: &[&str]) -> (i32, Value) {
        let ran = self.merge(&[&["--format", "json"], arguments].concat());
        (ran.code, serde_json::from_str(&ran.stdout).unwrap())
    }
}

/// A finding that was committed and is only in the history.
pub fn finding(seed: u64) -> Value {
    json!({
        "kind": "dynatrace-platform-token",
        "kind_name": "Platform token",
        "severity": "high",
        "certainty": "issued",
        "identifier": "dt0s16.ABCDEFGH",
        "fingerprint": Fingerprint::of(&seed.to_le_bytes()).to_string(),
        "allow_name": "dt0s16.ABCDEFGH",
        "part": "content",
        "path": "deploy/prod.env",
        "line": 2,
        "column": 3,
        "commit": "0123456789abcdef0123456789abcdef01234567",
        "member": null,
        "inside": null,
        "encodings": [],
        "history": { "author_date": "2025-03-04T05:06:07Z", "versions": 1, "in_tip": false, "staged": false, "refs": [] },
        "allow_entry": null
    })
}

/// The report on the repository `name`.
pub fn report(name: &str, findings: &[Value], passing: &[Value]) -> String {
    let verdict = if findings.is_empty() { "passes" } else { "blocks" };
    let report = json!({
        "version": 1,
        "tool": { "name": "dtguard", "version": "0.2.0" },
        "started": "2026-11-22T02:37:27Z",
        "ended": "2026-11-22T02:37:29Z",
        "repository": { "name": name, "head": null },
        "scope": { "kind": "history", "commits": 3 },
        "policy_file": ".dtguard.toml",
        "verdict": verdict,
        "exit_code": i32::from(!findings.is_empty()),
        "counts": { "blocking": findings.len(), "allowed": 0, "fillers": 0, "passed": passing.len(), "gaps": 0, "unreadable": 0 },
        "coverage": { "files": 7, "lines": 42, "lines_at_most": false, "bytes": 4711, "submodules": 0, "unreachable": 0, "gaps_block": false, "gaps": [] },
        "findings": findings,
        "passing": passing,
    });
    serde_json::to_string_pretty(&report).unwrap()
}
