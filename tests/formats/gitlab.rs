//! GitLab's report of secret detection.

use std::collections::HashSet;

use dtguard::report::{Format, Scope};
use dtguard::verdict::Outcome;
use serde_json::Value;

use super::fixture::Fixture;
use super::write;

const SMALL: &str = r#"{
  "version": "15.2.1",
  "scan": {
    "type": "secret_detection",
    "analyzer": {
      "id": "dtguard",
      "name": "dtguard",
      "version": "1.2.3",
      "vendor": {
        "name": "dtguard"
      }
    },
    "scanner": {
      "id": "dtguard",
      "name": "dtguard",
      "version": "1.2.3",
      "vendor": {
        "name": "dtguard"
      }
    },
    "start_time": "2026-11-22T02:37:27",
    "end_time": "2026-11-22T02:37:29",
    "status": "success",
    "messages": [
      {
        "level": "info",
        "value": "dtguard: scanned 3 commits with 7 changed files and 42 added lines: 1 token blocked, 1 token allowed by policy, 1 filler"
      },
      {
        "level": "warn",
        "value": "Not scanned: backup.zip!/old/secrets.txt (encrypted)"
      }
    ]
  },
  "vulnerabilities": [
    {
      "id": "745c4c69-b455-84c3-954a-b9b83e19f289",
      "name": "Dynatrace: Platform token",
      "description": "Platform token ID0 (issued). It opens: The platform's services (Grail, documents, automation, settings, identity and access) as the user or service user who owns it. It may never expire.",
      "severity": "High",
      "solution": "Revoke the token: DELETE https://api.dynatrace.com/iam/v1/accounts/{accountUuid}/platform-tokens/ID0 (with a token that has the scope account-idm-write); or: https://myaccount.dynatrace.com/platformTokens > Delete. Then take it out and let the program read it from the environment or a secret store.",
      "identifiers": [
        {
          "type": "dtguard_kind",
          "name": "dtguard kind dynatrace-platform-token",
          "value": "dynatrace-platform-token",
          "url": "https://docs.dynatrace.com/docs/manage/identity-access-management/access-tokens-and-oauth-clients/access-tokens"
        },
        {
          "type": "dtguard_token",
          "name": "dtguard token ID0",
          "value": "FINGERPRINT0"
        },
        {
          "type": "cwe",
          "name": "CWE-798",
          "value": "798",
          "url": "https://cwe.mitre.org/data/definitions/798.html"
        }
      ],
      "location": {
        "file": "deploy/prod.env",
        "start_line": 2,
        "commit": {
          "sha": "0000000000000000000000000000000000000000"
        }
      },
      "details": {
        "place": {
          "name": "Place",
          "type": "text",
          "value": "line 2, column 10"
        },
        "fingerprint": {
          "name": "Fingerprint",
          "type": "text",
          "value": "FINGERPRINT0"
        }
      }
    }
  ]
}
"#;

#[test]
fn gitlab_gets_a_vulnerability_for_each_finding() {
    let fixture = Fixture::small();
    let text = write(Format::Gitlab, &fixture.report(Scope::Commits(3)), Outcome::Blocks);
    assert_eq!(fixture.anonymous(&text), SMALL);
}

fn gitlab(fixture: &Fixture, outcome: Outcome) -> Value {
    serde_json::from_str(&write(Format::Gitlab, &fixture.report(Scope::Files), outcome)).unwrap()
}

#[test]
fn gitlab_gets_all_that_it_requires() {
    let report = gitlab(&Fixture::hostile(), Outcome::Blocks);
    let found = report["vulnerabilities"].as_array().unwrap();
    assert_eq!(found.len(), 7);
    for vulnerability in found {
        let text = |pointer: &str| vulnerability.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        for pointer in [
            "/id",
            "/identifiers/0/type",
            "/identifiers/0/name",
            "/identifiers/0/value",
            "/location/commit/sha",
        ] {
            assert!(!text(pointer).is_empty(), "{pointer} in {vulnerability}");
        }
        assert!(["Info", "Low", "Medium", "High", "Critical"].contains(&text("/severity")));
        assert!(text("/name").chars().count() <= 255 && text("/solution").chars().count() <= 7000);
        assert_eq!(vulnerability.get("raw_source_code_extract"), None);
    }
}

#[test]
fn gitlab_knows_a_finding_again_and_two_findings_apart() {
    let ids = |fixture: &Fixture| {
        let report = gitlab(fixture, Outcome::Blocks);
        let found = report["vulnerabilities"].as_array().unwrap().clone();
        found.into_iter().map(|found| found["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let mut fixture = Fixture::hostile();
    let before = ids(&fixture);
    assert_eq!(before, ids(&Fixture::hostile()));
    assert_eq!(before.iter().collect::<HashSet<_>>().len(), before.len());
    for id in &before {
        let lengths: Vec<_> = id.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12], "{id}");
        assert!(id[14..].starts_with('8') && "89ab".contains(&id[19..20]), "{id} is a UUID of version 8");
    }
    fixture.findings[0].place.line = std::num::NonZeroUsize::new(99).unwrap();
    assert_ne!(before[0], ids(&fixture)[0]);
}

#[test]
fn gitlab_reports_a_scan_as_failed_that_could_not_scan_everything() {
    assert_eq!(gitlab(&Fixture::small(), Outcome::Passes)["scan"]["status"], "success");
    assert_eq!(gitlab(&Fixture::small(), Outcome::Incomplete)["scan"]["status"], "failure");
}
