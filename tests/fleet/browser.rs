//! The page in a real browser.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::made::{Reports, finding, report};
use super::page::{HOSTILE, hostile};

/// The page of `findings` findings, among them hostile ones, in reports of at most a thousand.
fn page_of(reports: &Reports, findings: u64) -> i32 {
    let mut list = String::new();
    for (number, start) in (1..=findings).step_by(1_000).enumerate() {
        let one = |seed: u64| {
            let mut one = match HOSTILE.get(seed as usize % 97) {
                Some(name) if findings > 1 => hostile(seed, name),
                _ => finding(seed),
            };
            one["history"]["in_tip"] = seed.is_multiple_of(3).into();
            one["history"]["author_date"] =
                format!("{}-{:02}-11T00:00:00Z", 2020 + seed % 7, 1 + seed % 12).into();
            one["line"] = (seed % 20).into();
            one["kind"] = ["dynatrace-platform-token", "dynatrace-access-token"][seed as usize % 2].into();
            one
        };
        let (passing, blocking): (Vec<Value>, Vec<Value>) =
            (start..(start + 1_000).min(findings + 1)).map(one).partition(|one| one["line"] == 3);
        let name = format!("git.example.com/team/service-{number}{}", HOSTILE[number % HOSTILE.len()]);
        let name = if findings > 1 { name } else { "git.example.com/team/app".to_owned() };
        reports.put(&format!("{number}.json"), report(&name, &blocking, &passing));
        list += &format!("{number}.json\n");
    }
    reports.put("list", list + if findings > 1 { "absent.json\n" } else { "" });
    reports.merge(&["--files-from", "list", "--format", "html", "--output", "fleet.html"]).code
}

#[test]
#[ignore = "runs Chromium by node, and needs playwright-core and axe-core in NODE_PATH"]
fn the_page_is_usable_in_a_browser_with_any_number_of_findings() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fleet/browser.cjs");
    for findings in [0, 1, 1_000, 50_000] {
        let reports = Reports::new();
        assert_eq!(page_of(&reports, findings), if findings == 1 { 1 } else { 2 });
        let mut node = Command::new("node");
        node.arg(&script).arg(reports.path("fleet.html")).arg(findings.to_string());
        // Who wants to see it names a folder for the pictures.
        node.args(std::env::var_os("DTGUARD_PICTURES"));
        let output = node.output().unwrap_or_else(|error| panic!("node has to be on PATH: {error}"));
        let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{findings} findings:\n{said}");
    }
}
