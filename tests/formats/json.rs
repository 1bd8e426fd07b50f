//! dtguard's own format.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dtguard::report::{Format, Scope};
use dtguard::verdict::Outcome;
use serde_json::Value;

use super::fixture::{Fixture, HOSTILE};
use super::write;

const SMALL: &str = r#"{
  "version": 1,
  "tool": {
    "name": "dtguard",
    "version": "1.2.3"
  },
  "started": "2026-11-22T02:37:27Z",
  "ended": "2026-11-22T02:37:29Z",
  "scope": {
    "kind": "commits",
    "commits": 3
  },
  "policy_file": ".dtguard.toml",
  "verdict": "blocks",
  "exit_code": 1,
  "counts": {
    "blocking": 1,
    "allowed": 1,
    "fillers": 1,
    "passed": 0,
    "gaps": 1,
    "unreadable": 0
  },
  "coverage": {
    "files": 7,
    "lines": 42,
    "lines_at_most": false,
    "bytes": 4711,
    "submodules": 0,
    "unreachable": 0,
    "gaps_block": false,
    "gaps": [
      {
        "path": "backup.zip",
        "member": "old/secrets.txt",
        "part": "content",
        "commit": null,
        "object": null,
        "unreadable": false,
        "reason": "encrypted",
        "hint": null
      }
    ]
  },
  "findings": [
    {
      "kind": "dynatrace-platform-token",
      "kind_name": "Platform token",
      "severity": "high",
      "certainty": "issued",
      "identifier": "ID0",
      "fingerprint": "FINGERPRINT0",
      "allow_name": "ID0",
      "part": "content",
      "path": "deploy/prod.env",
      "line": 2,
      "column": 10,
      "commit": null,
      "member": null,
      "inside": null,
      "encodings": [],
      "history": null,
      "allow_entry": null
    }
  ],
  "passing": [
    {
      "kind": "dynatrace-platform-token",
      "kind_name": "Platform token",
      "severity": "high",
      "certainty": "issued",
      "identifier": "ID1",
      "fingerprint": "FINGERPRINT1",
      "allow_name": "ID1",
      "part": "content",
      "path": "docs/sample.md",
      "line": 2,
      "column": 10,
      "commit": null,
      "member": null,
      "inside": null,
      "encodings": [],
      "history": null,
      "allow_entry": {
        "place": ".dtguard.toml:2",
        "reason": "from the manual",
        "owner": "docs",
        "expires": null
      }
    },
    {
      "kind": "dynatrace-access-token",
      "kind_name": "Access token (API token, personal access token, PaaS token)",
      "severity": "high",
      "certainty": "filler",
      "identifier": "ID2",
      "fingerprint": "FINGERPRINT2",
      "allow_name": "ID2",
      "part": "content",
      "path": "README.md",
      "line": 1,
      "column": 8,
      "commit": null,
      "member": null,
      "inside": null,
      "encodings": [],
      "history": null,
      "allow_entry": null
    }
  ]
}
"#;

#[test]
fn json_holds_all_that_is_known_of_a_run() {
    let fixture = Fixture::small();
    let text = write(Format::Json, &fixture.report(Scope::Commits(3)), Outcome::Blocks);
    assert_eq!(fixture.anonymous(&text), SMALL);
}

fn hostile() -> Value {
    let fixture = Fixture::hostile();
    serde_json::from_str(&write(Format::Json, &fixture.report(Scope::Files), Outcome::Blocks)).unwrap()
}

#[test]
fn json_gives_back_a_path_that_is_not_utf_8() {
    let json = hostile();
    for name in [&json["findings"][0]["path_bytes"], &json["findings"][1]["member_bytes"]] {
        assert_eq!(STANDARD.decode(name.as_str().unwrap()).unwrap(), HOSTILE);
    }
    assert_eq!(json["findings"][0]["path"], String::from_utf8_lossy(HOSTILE).as_ref());
    assert_eq!(json["findings"][4]["path_bytes"], Value::Null, "text needs no other form");
}

#[test]
fn json_distinguishes_a_message_and_a_path_from_content() {
    let json = hostile();
    let parts: Vec<_> = json["findings"].as_array().unwrap().iter().map(|f| f["part"].clone()).collect();
    assert_eq!(parts, ["content", "content", "commit-message", "tag-message", "content", "path", "path"]);
    assert_eq!(json["findings"][2]["path"], Value::Null);
    assert_eq!(json["findings"][3]["history"]["author_date"], "1969-12-31T23:59:59Z");
    assert_eq!(json["findings"][3]["history"]["refs"].as_array().unwrap().len(), 2);
}

#[test]
fn json_says_of_an_expired_entry_that_it_once_let_a_token_pass() {
    let fixture = Fixture::expired();
    let text = write(Format::Json, &fixture.report(Scope::Staged), Outcome::Blocks);
    let json: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json["findings"][0]["allow_entry"]["expires"], "2026-11-21");
    assert_eq!(json["passing"], Value::Array(Vec::new()));
}
