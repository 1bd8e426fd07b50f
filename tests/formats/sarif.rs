//! SARIF 2.1.0.

use dtguard::report::{Format, Scope};
use dtguard::verdict::Outcome;
use serde_json::Value;

use super::fixture::{Fixture, HOSTILE};
use super::write;

const SMALL: &str = r#"{
  "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
  "version": "2.1.0",
  "runs": [
    {
      "tool": {
        "driver": {
          "name": "dtguard",
          "version": "1.2.3",
          "semanticVersion": "1.2.3",
          "rules": [
            {
              "id": "dynatrace-platform-token",
              "name": "DynatracePlatformToken",
              "shortDescription": {
                "text": "Platform token"
              },
              "fullDescription": {
                "text": "Platform token of Dynatrace. The platform's services (Grail, documents, automation, settings, identity and access) as the user or service user who owns it. It may never expire."
              },
              "help": {
                "text": "Opens: The platform's services (Grail, documents, automation, settings, identity and access) as the user or service user who owns it. It may never expire. Revoke it: DELETE https://api.dynatrace.com/iam/v1/accounts/{accountUuid}/platform-tokens/IDENTIFIER (with a token that has the scope account-idm-write); or: https://myaccount.dynatrace.com/platformTokens > Delete",
                "markdown": "**Opens:** The platform's services (Grail, documents, automation, settings, identity and access) as the user or service user who owns it. It may never expire.\n\n**Revoke it:**\n\n- `DELETE https://api.dynatrace.com/iam/v1/accounts/{accountUuid}/platform-tokens/IDENTIFIER (with a token that has the scope account-idm-write)`\n- `https://myaccount.dynatrace.com/platformTokens > Delete`\n"
              },
              "helpUri": "https://docs.dynatrace.com/docs/manage/identity-access-management/access-tokens-and-oauth-clients/access-tokens",
              "defaultConfiguration": {
                "level": "error"
              },
              "properties": {
                "security-severity": "8.0",
                "precision": "high",
                "tags": [
                  "security",
                  "secret",
                  "external/cwe/cwe-798"
                ]
              }
            }
          ]
        }
      },
      "invocations": [
        {
          "executionSuccessful": true,
          "exitCode": 1,
          "exitCodeDescription": "blocks",
          "startTimeUtc": "2026-11-22T02:37:27Z",
          "endTimeUtc": "2026-11-22T02:37:29Z",
          "toolExecutionNotifications": [
            {
              "level": "warning",
              "message": {
                "text": "Not scanned: backup.zip!/old/secrets.txt (encrypted)"
              },
              "locations": [
                {
                  "physicalLocation": {
                    "artifactLocation": {
                      "uri": "backup.zip",
                      "uriBaseId": "%SRCROOT%"
                    }
                  }
                }
              ]
            }
          ]
        }
      ],
      "automationDetails": {
        "id": "dtguard/commits/"
      },
      "originalUriBaseIds": {
        "%SRCROOT%": {
          "description": {
            "text": "The top of the repository."
          }
        }
      },
      "columnKind": "unicodeCodePoints",
      "properties": {
        "allowed": 1,
        "coverage": {
          "bytes": 4711,
          "files": 7,
          "lines": 42
        },
        "fillers": 1,
        "passed": 0,
        "policyFile": ".dtguard.toml"
      },
      "results": [
        {
          "ruleId": "dynatrace-platform-token",
          "ruleIndex": 0,
          "level": "error",
          "message": {
            "text": "Platform token ID0 (issued)."
          },
          "locations": [
            {
              "physicalLocation": {
                "artifactLocation": {
                  "uri": "deploy/prod.env",
                  "uriBaseId": "%SRCROOT%"
                },
                "region": {
                  "startLine": 2,
                  "startColumn": 10
                }
              }
            }
          ],
          "partialFingerprints": {
            "dtguardToken/v1": "dynatrace-platform-token:FINGERPRINT0"
          },
          "properties": {
            "certainty": "issued",
            "identifier": "ID0",
            "fingerprint": "FINGERPRINT0",
            "allowName": "ID0"
          }
        }
      ]
    }
  ]
}
"#;

#[test]
fn sarif_has_a_rule_for_each_kind_and_a_result_for_each_finding() {
    let fixture = Fixture::small();
    let text = write(Format::Sarif, &fixture.report(Scope::Commits(3)), Outcome::Blocks);
    assert_eq!(fixture.anonymous(&text), SMALL);
}

fn sarif(fixture: &Fixture, outcome: Outcome) -> Value {
    let text = write(Format::Sarif, &fixture.report(Scope::Files), outcome);
    serde_json::from_str::<Value>(&text).unwrap()["runs"][0].clone()
}

#[test]
fn code_scanning_finds_a_file_and_a_line_in_every_result() {
    let run = sarif(&Fixture::hostile(), Outcome::Blocks);
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 7);
    for result in results {
        let place = &result["locations"][0]["physicalLocation"];
        let uri = place["artifactLocation"]["uri"].as_str().unwrap();
        assert!(uri.bytes().all(|b| b.is_ascii_alphanumeric() || b"/-._~%".contains(&b)), "{uri}");
        assert!(place["region"]["startLine"].as_u64() > Some(0));
        let rule = result["ruleIndex"].as_u64().unwrap() as usize;
        assert_eq!(run["tool"]["driver"]["rules"][rule]["id"], result["ruleId"]);
    }
}

#[test]
fn a_uri_gives_back_the_path() {
    let run = sarif(&Fixture::hostile(), Outcome::Blocks);
    let location = &run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"];
    assert_eq!(location["uriBaseId"], "%SRCROOT%");
    let mut bytes = location["uri"].as_str().unwrap().bytes();
    let mut path = Vec::new();
    while let Some(byte) = bytes.next() {
        let mut digit = || (bytes.next().unwrap() as char).to_digit(16).unwrap() as u8;
        path.push(if byte == b'%' { digit() * 16 + digit() } else { byte });
    }
    assert_eq!(path, HOSTILE);
}

#[test]
fn a_token_that_moves_keeps_its_fingerprint() {
    let before = Fixture::small();
    let mut after = Fixture::small();
    after.findings[0].place.path = b"elsewhere.env".to_vec();
    after.findings[0].place.line = std::num::NonZeroUsize::new(99).unwrap();
    let prints = |fixture: &Fixture| {
        let results = sarif(fixture, Outcome::Blocks)["results"].as_array().unwrap().clone();
        results.into_iter().map(|result| result["partialFingerprints"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(prints(&before), prints(&after));
    let many = prints(&Fixture::hostile());
    assert_ne!(many[0], many[1], "two tokens are two");
}

#[test]
fn a_run_that_could_not_scan_everything_did_not_succeed() {
    let fixture = Fixture::small();
    for (outcome, succeeded) in [
        (Outcome::Passes, true),
        (Outcome::Blocks, true),
        (Outcome::Incomplete, false),
        (Outcome::Interrupted, false),
    ] {
        let invocation = &sarif(&fixture, outcome)["invocations"][0];
        assert_eq!(invocation["executionSuccessful"], succeeded);
        assert_eq!(invocation["exitCode"], outcome.exit_code());
        assert_eq!(invocation["toolExecutionNotifications"].as_array().unwrap().len(), 1);
    }
}
